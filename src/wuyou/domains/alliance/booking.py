"""What conversions come to in the books, and the writing back of it.

Called by operations that hold the conversions of the order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from wuyou.domains.alliance import granting, queries
from wuyou.domains.alliance.rules import Standing
from wuyou.domains.alliance.types import PartyRole
from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger.types import AccountRef, JournalDraft, ReasonDraft, TransferDraft
from wuyou.infra import db


def commission_transfers(old: Iterable[Standing], new: Iterable[Standing], shop: AccountRef) -> list[TransferDraft]:
    """What to book so that the settled parts of the parties become the new ones: between an account of the shop, or
    the platform for what it adds, and each party.
    """
    moved: dict[tuple[int | None, PartyRole], int] = {}
    for before, after in zip(old, new, strict=True):
        for role, part in after.parts.items():
            key = part.publisher_id, role
            moved[key] = moved.get(key, 0) + part.settled_minor - before.parts[role].settled_minor
    platform = queries.account_of(None, shop.currency)
    transfers = []
    for (publisher_id, role), minor in moved.items():
        party = queries.account_of(publisher_id, shop.currency)
        payer = platform if role.is_subsidy else shop
        kind = f"commission_{role.value.lower()}"
        # Of a smaller whole, the largest remainder can give a party one unit more: then the payer pays that unit.
        if minor > 0:
            transfers.append(TransferDraft(payer, party, minor, kind))
        elif minor < 0:
            transfers.append(TransferDraft(party, payer, -minor, kind))
    return transfers


def draft(
    kind: str,
    number: str,
    order_no: str,
    transfers: Sequence[TransferDraft],
    why: tuple[ReasonDraft, ...],
    occurred_at: datetime,
) -> JournalDraft:
    """One journal of an order, by the number of what it comes from."""
    return JournalDraft(f"{kind}:{number}", kind, f"order:{order_no}", occurred_at, tuple(transfers), why)


def book(
    kind: str,
    number: str,
    order_no: str,
    transfers: Sequence[TransferDraft],
    why: tuple[ReasonDraft, ...],
    occurred_at: datetime,
    now: datetime,
) -> None:
    """Post one `draft`."""
    ledger.post(journals=[draft(kind, number, order_no, transfers, why, occurred_at)], now=now)


def store(old: Iterable[Standing], standings: Sequence[Standing], now: datetime) -> None:
    """Write back what restating may change. Cost: one statement, and one more where subsidies shrink."""
    granting.give_back(zip(old, standings, strict=True))
    conversions = [
        {
            "id": s.id,
            "state": s.state.value,
            "order_refunded": s.order_refunded_minor,
            "refunded": s.refunded_minor,
            "held": s.is_held,
            "void": s.is_void,
            "completed": s.is_completed,
            "kept": s.kept_minor,
        }
        for s in standings
    ]
    parts = [
        {"id": s.id, "role": role.value, "estimated": part.estimated_minor, "settled": part.settled_minor}
        for s in standings
        for role, part in s.parts.items()
    ]
    db.execute(
        """
        WITH parts AS (
            UPDATE alliance_commission m SET estimated_minor = p.estimated, settled_minor = p.settled
            FROM jsonb_to_recordset(%(parts)s::jsonb) AS p(id bigint, role text, estimated bigint, settled bigint)
            WHERE m.conversion_id = p.id AND m.role = p.role)
        UPDATE alliance_conversion v
        SET state = c.state, order_refunded_minor = c.order_refunded, refunded_minor = c.refunded,
            is_held = c.held, is_void = c.void, kept_minor = c.kept,
            completed_at = CASE WHEN c.completed THEN coalesce(v.completed_at, %(now)s::timestamptz) END,
            settled_at = CASE WHEN c.state = 'SETTLED' THEN coalesce(v.settled_at, %(now)s::timestamptz) END
        FROM jsonb_to_recordset(%(conversions)s::jsonb)
             AS c(id bigint, state text, order_refunded bigint, refunded bigint, held boolean, void boolean,
                  completed boolean, kept bigint)
        WHERE v.id = c.id
        """,
        {"parts": json.dumps(parts), "conversions": json.dumps(conversions), "now": now},
    )
