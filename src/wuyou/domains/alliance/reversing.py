"""What a refund takes back, from whom, and who has not given it yet: the field's second machine beside settlement.

Called by operations that hold the conversions of the order. Locks: waiting parts of an account, the newest first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from wuyou.domains.alliance import queries
from wuyou.domains.alliance.reversal_types import MAY_FOLLOW, ReversalPartState, ReversalSide, ReversalState
from wuyou.domains.alliance.rules import Standing
from wuyou.domains.alliance.types import CommissionState
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountRef
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db


@dataclass(frozen=True, slots=True)
class Taken:
    """What a refund changes of one conversion. Signed: largest remainders can move a unit the other way."""

    refunded_minor: int
    by_publisher: dict[int, int]
    platform_minor: int
    seller_minor: int
    """What the buyer got back of this line, less what comes back to the shop."""

    @property
    def is_any(self) -> bool:
        """Whether it changes anything; a refund of shipping does not."""
        return any((self.refunded_minor, self.platform_minor, *self.by_publisher.values()))

    @property
    def promoters_minor(self) -> int:
        return sum(self.by_publisher.values())


def taken_of(before: Standing, after: Standing) -> Taken:
    """The difference of a conversion before and after a refund: of what is booked, or of what is expected."""
    was_settled = before.state is CommissionState.SETTLED
    by_publisher: dict[int, int] = {}
    platform = to_shop = 0
    for role, part in before.parts.items():
        now = after.parts[role]
        minor = part.settled_minor - now.settled_minor if was_settled else part.estimated_minor - now.estimated_minor
        if part.publisher_id is None:
            platform += minor
        else:
            by_publisher[part.publisher_id] = by_publisher.get(part.publisher_id, 0) + minor
        if not role.is_subsidy:
            to_shop += minor
    refunded = after.refunded_minor - before.refunded_minor
    return Taken(refunded, by_publisher, platform, refunded - to_shop)


def waits(debt_minor: int, amounts_minor: Sequence[int]) -> list[int]:
    """What of each amount later earnings have to come up for, when an account owes so much.

    The oldest is paid first, so the newest waits longest. `waits(70, [50, 30, 40]) == [50, 20, 0]`.

    Args: amounts_minor: the newest first.
    """
    left, waiting = max(debt_minor, 0), []
    for amount in amounts_minor:
        waiting.append(min(amount, left))
        left -= waiting[-1]
    return waiting


def record(old: Iterable[Standing], new: Iterable[Standing], refund_no: str, shop: AccountRef, now: datetime) -> None:
    """Keep what a refund took back of the conversions of an order, and from whom. Twice is once.

    Cost: one statement when nothing was settled; four more and two of the ledger when it was.
    """
    rows: list[dict[str, object]] = []
    parts: list[dict[str, object]] = []
    told = set[int]()
    for before, after in zip(old, new, strict=True):
        taken = taken_of(before, after)
        if before.state is CommissionState.INVALID or before.is_void or not taken.is_any:
            continue
        settled = before.state is CommissionState.SETTLED
        rows.append(
            {
                "conversion": before.id,
                "state": (ReversalState.COLLECTING if settled else ReversalState.REDUCED).value,
                "settled": settled,
                "refunded": taken.refunded_minor,
                "promoters": taken.promoters_minor,
                "platform": taken.platform_minor,
            }
        )
        if settled:
            sides = [
                (ReversalSide.PROMOTER, queries.account_of(publisher_id, shop.currency), minor)
                for publisher_id, minor in taken.by_publisher.items()
            ]
            sides.append((ReversalSide.SELLER, shop, taken.seller_minor))
            parts += [
                {"conversion": before.id, "side": side.value, "account": account.code, "minor": minor}
                for side, account, minor in sides
                if minor > 0
            ]
            told |= {publisher_id for publisher_id, minor in taken.by_publisher.items() if minor > 0}
    if not rows:
        return
    _write(rows, refund_no, now)
    if parts:
        _write_parts(parts, refund_no, now)
    collect([str(part["account"]) for part in parts], now)
    _tell(told, refund_no, [int(str(row["conversion"])) for row in rows], now)


def collect(codes: Iterable[str], now: datetime) -> int:
    """See whether accounts stand above zero again, and end what waited for that; returns how many parts have ended."""
    accounts = {code: AccountRef.parse(code) for code in sorted(set(codes))}
    waiting = db.rows(
        """
        SELECT id, account, amount_minor, forgiven_before_minor FROM alliance_reversal_part
        WHERE account = ANY(%s) AND state = 'WAITING' ORDER BY account, id DESC FOR UPDATE
        """,
        [list(accounts)],
    )
    balances = ledger.balances(list(accounts.values()))
    changes = []
    for code, account in accounts.items():
        mine = [row for row in waiting if row[1] == code]
        left = waits(-balances[account].amount_minor, [amount for _, _, amount, _ in mine])
        forgiven = statements.written_off(account).amount_minor if mine and not all(left) else 0
        for (part_id, _, _, before), minor in zip(mine, left, strict=True):
            ended = ReversalPartState.FORGIVEN if forgiven > before else ReversalPartState.TAKEN
            state = ReversalPartState.WAITING if minor else ended
            changes.append({"id": part_id, "waits": minor, "state": state.value})
    db.execute(
        """
        UPDATE alliance_reversal_part p SET waits_minor = c.waits, state = c.state,
               ended_at = CASE WHEN c.state <> 'WAITING' THEN %(now)s::timestamptz END
        FROM jsonb_to_recordset(%(changes)s::jsonb) AS c(id bigint, waits bigint, state text)
        WHERE p.id = c.id AND (p.waits_minor, p.state) IS DISTINCT FROM (c.waits, c.state)
        """,
        {"changes": json.dumps(changes), "now": now},
    )
    db.execute(
        """
        UPDATE alliance_reversal r SET ended_at = %(now)s, state = CASE
            WHEN EXISTS (SELECT FROM alliance_reversal_part p WHERE p.reversal_id = r.id AND p.state = 'FORGIVEN')
            THEN 'FORGIVEN' ELSE 'COLLECTED' END
        WHERE r.state = 'COLLECTING'
          AND NOT EXISTS (SELECT FROM alliance_reversal_part p WHERE p.reversal_id = r.id AND p.state = 'WAITING')
        """,
        {"now": now},
    )
    return sum(change["state"] != ReversalPartState.WAITING.value for change in changes)


def _write(rows: Sequence[dict[str, object]], refund_no: str, now: datetime) -> None:
    db.execute(
        """
        WITH said AS (
            SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS s(
                conversion bigint, state text, settled boolean, refunded bigint, promoters bigint, platform bigint)),
        asked AS (
            UPDATE alliance_reversal r
            SET refund_no = %(refund)s, state = s.state, was_settled = s.settled, refunded_minor = s.refunded,
                promoters_minor = s.promoters, platform_minor = s.platform,
                ended_at = CASE WHEN s.state = 'REDUCED' THEN %(now)s::timestamptz END
            FROM said s WHERE r.conversion_id = s.conversion AND r.state = 'OPEN' RETURNING r.conversion_id)
        INSERT INTO alliance_reversal (conversion_id, refund_no, state, was_settled, refunded_minor, promoters_minor,
                                       platform_minor, opened_at, ended_at)
        SELECT s.conversion, %(refund)s, s.state, s.settled, s.refunded, s.promoters, s.platform, %(now)s::timestamptz,
               CASE WHEN s.state = 'REDUCED' THEN %(now)s::timestamptz END
        FROM said s WHERE s.conversion NOT IN (SELECT conversion_id FROM asked) ORDER BY s.conversion
        """,
        {"rows": json.dumps(rows), "refund": refund_no, "now": now},
    )


def _write_parts(parts: Sequence[dict[str, object]], refund_no: str, now: datetime) -> None:
    forgiven = {
        code: statements.written_off(AccountRef.parse(code)).amount_minor
        for code in {str(part["account"]) for part in parts}
    }
    db.execute(
        """
        INSERT INTO alliance_reversal_part (reversal_id, side, account, amount_minor, waits_minor,
                                            forgiven_before_minor, state)
        SELECT r.id, s.side, s.account, s.minor, s.minor, s.forgiven, 'WAITING'
        FROM jsonb_to_recordset(%(parts)s::jsonb)
             AS s(conversion bigint, side text, account text, minor bigint, forgiven bigint)
        JOIN alliance_reversal r ON r.conversion_id = s.conversion AND r.refund_no = %(refund)s
        ORDER BY r.id, s.account
        """,
        {
            "parts": json.dumps([part | {"forgiven": forgiven[str(part["account"])]} for part in parts]),
            "refund": refund_no,
        },
    )


def _tell(publisher_ids: set[int], refund_no: str, conversion_ids: Sequence[int], now: datetime) -> None:
    if not publisher_ids:
        return
    first = db.row(
        "SELECT min(id) FROM alliance_reversal WHERE refund_no = %s AND conversion_id = ANY(%s)",
        [refund_no, list(conversion_ids)],
    )
    notifications.notify_all(
        person_ids=[each.user_id for each in queries.publishers_by_id(publisher_ids).values()],
        kind=Kind.COMMISSION_REVERSED,
        object_id=first[0] if first else None,
        now=now,
    )


def check_step(before: ReversalState | None, after: ReversalState) -> bool:
    """Whether the table of transitions has it."""
    return after in MAY_FOLLOW[before]
