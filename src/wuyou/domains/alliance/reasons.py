"""Why the books of payees change when an order settles or is refunded: what each statement computes again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wuyou.domains.alliance import queries, rules
from wuyou.domains.alliance.rules import Standing
from wuyou.domains.alliance.types import PartyRole
from wuyou.domains.ledger import reasons as ledger
from wuyou.domains.ledger.types import AccountRef, ReasonDraft, TransferDraft
from wuyou.engines.statements.formulas import COMMISSION, SUBSIDY
from wuyou.kernel.money import BPS


def reasons_of(
    old: Sequence[Standing],
    new: Sequence[Standing],
    transfers: Sequence[TransferDraft],
    shop: AccountRef,
    order_no: str,
    net_minor: int,
    kept: Mapping[str, int],
) -> tuple[ReasonDraft, ...]:
    """Each party's part by its conversion's snapshot, and the shop's: what it is paid, less what the parties get.

    Args: net_minor: what the shop is paid by this journal before any commission; nothing when it is a reversal. kept:
        by how much grows what escrow keeps for conversions that are held.
    """
    moved = ledger.changes(transfers)
    reasons: list[ReasonDraft] = []
    plus = {"paid_less_refunds": net_minor} | {name: -minor for name, minor in kept.items() if minor < 0}
    minus = {name: minor for name, minor in kept.items() if minor > 0}
    for before, after in zip(old, new, strict=True):
        commission = _divided(after, rules.commission_weights(after.terms))
        for role, part in after.parts.items():
            change = part.settled_minor - before.parts[role].settled_minor
            source = f"conversion:{after.id}:{role.value}"
            if not role.is_subsidy:
                (minus if change > 0 else plus)[source] = abs(change)
            account = queries.account_of(part.publisher_id, shop.currency)
            if change and account in moved:
                formula, inputs = _why(after, role, before.parts[role].settled_minor, commission)
                reasons.append(ReasonDraft(account, source, formula, inputs, change))
    if moved.get(shop):
        reasons.append(ledger.sum_reason(shop, f"order:{order_no}", plus, minus))
    return tuple(reasons)


def _why(
    standing: Standing, role: PartyRole, before_minor: int, commission: dict[str, object]
) -> tuple[str, dict[str, object]]:
    """By which published formula a part is computed again, and from what.

    Args: commission: how the commission is divided, the same for all who have a part of it.
    """
    terms = standing.terms
    common: dict[str, object] = {
        "rule_version": rules.RULE_VERSION,
        "lines_minor": list(standing.line_amounts_minor),
        "line": standing.line_position,
        "refunded_minor": standing.order_refunded_minor,
        "party": role.value,
        "before_minor": before_minor,
    }
    if role is PartyRole.RECRUITER:
        return COMMISSION, common | {"rate_bps": terms.service_bps} | _divided(standing, {role: 1})
    if role is PartyRole.SPECIAL:
        return COMMISSION, common | {"rate_bps": terms.special_bps} | _divided(standing, {role: 1})
    if role.is_subsidy:
        subsidies = [[each.rate_bps, each.cap_minor] for each in terms.subsidies]
        return SUBSIDY, common | {"subsidies": subsidies} | _divided(standing, rules.subsidy_weights(terms))
    return COMMISSION, common | {"rate_bps": terms.rate_bps} | commission


def _divided(standing: Standing, weights: Mapping[PartyRole, int]) -> dict[str, object]:
    """How a sum is divided, and what all parties have of it; whole basis points are written as such."""
    divisor = BPS if all(weight % BPS == 0 for weight in weights.values()) else 1
    return {
        "parties": [role.value for role in weights],
        "shares_bps": [weight // divisor for weight in weights.values()],
        "parts_minor": [standing.parts[role].settled_minor if role in standing.parts else 0 for role in weights],
    }
