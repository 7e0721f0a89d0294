"""Why the books of payees change when an order settles or is refunded: what each statement computes again."""

from __future__ import annotations

from collections.abc import Sequence

from wuyou.domains.alliance import queries, rules
from wuyou.domains.alliance.rules import Standing
from wuyou.domains.alliance.types import PartyRole
from wuyou.domains.ledger import reasons as ledger
from wuyou.domains.ledger.types import AccountRef, ReasonDraft, TransferDraft
from wuyou.engines.statements.formulas import COMMISSION


def reasons_of(
    old: Sequence[Standing],
    new: Sequence[Standing],
    transfers: Sequence[TransferDraft],
    shop: AccountRef,
    order_no: str,
    net_minor: int,
) -> tuple[ReasonDraft, ...]:
    """Each party's part by its conversion's snapshot, and the shop's: what it is paid, less what the parties get.

    Args: net_minor: what the shop is paid by this journal before any commission; nothing when it is a reversal.
    """
    moved = ledger.changes(transfers)
    reasons: list[ReasonDraft] = []
    plus, minus = {"paid_less_refunds": net_minor}, dict[str, int]()
    for before, after in zip(old, new, strict=True):
        for role, part in after.parts.items():
            change = part.settled_minor - before.parts[role].settled_minor
            source = f"conversion:{after.id}:{role.value}"
            (minus if change > 0 else plus)[source] = abs(change)
            account = queries.account_of(part.publisher_id, shop.currency)
            if change and account in moved:
                inputs = _inputs(after, role, before.parts[role].settled_minor)
                reasons.append(ReasonDraft(account, source, COMMISSION, inputs, change))
    if moved.get(shop):
        reasons.append(ledger.sum_reason(shop, f"order:{order_no}", plus, minus))
    return tuple(reasons)


def _inputs(standing: Standing, role: PartyRole, before_minor: int) -> dict[str, object]:
    parties = {
        PartyRole.PUBLISHER: standing.shares.publisher_bps,
        PartyRole.PARTNER: standing.shares.partner_bps,
        PartyRole.PLATFORM: standing.shares.platform_bps,
    }
    parts = [standing.parts[each].settled_minor if each in standing.parts else 0 for each in parties]
    return {
        "rule_version": rules.RULE_VERSION,
        "lines_minor": list(standing.line_amounts_minor),
        "line": standing.line_position,
        "refunded_minor": standing.order_refunded_minor,
        "rate_bps": standing.rate_bps,
        "parties": [each.value for each in parties],
        "shares_bps": list(parties.values()),
        "parts_minor": parts,
        "party": role.value,
        "before_minor": before_minor,
    }
