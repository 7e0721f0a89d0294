"""Who wins a sale and how its commission is divided: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wuyou.domains.alliance.types import CommissionState, PartyRole, Plan, Shares
from wuyou.kernel.money import allocate, apply_bps

WINDOW = timedelta(days=15)
"""How long a click is remembered (the field's usual window)."""

RULE_VERSION = 1
"""Kept on every conversion. A change of any rule below is a new version; old conversions keep theirs."""


@dataclass(frozen=True, slots=True)
class TracedClick:
    """A click with what decides whether it can win."""

    id: int
    clicked_at: datetime
    known_at: datetime
    """When the visitor was first known to be the buyer: at the click, or at the sign-in that followed."""
    link_id: int
    product_id: int
    shop_id: int
    publisher_id: int
    publisher_user_id: int
    partner_id: int | None
    partner_user_id: int | None


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """A plan, and the person behind its recruiter."""

    plan: Plan
    recruiter_user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Win:
    """The click that brought a line, under which plan, and who the partner is."""

    click: TracedClick
    plan: Plan
    partner_id: int | None
    is_direct: bool

    @property
    def shares(self) -> Shares:
        """The plan's shares; where there is no partner, the partner's share is the publisher's."""
        shares = self.plan.shares
        if self.partner_id is not None:
            return shares
        return Shares(shares.publisher_bps + shares.partner_bps, 0, shares.platform_bps)


@dataclass(frozen=True, slots=True)
class Split:
    """A commission in its three parts."""

    publisher_minor: int
    partner_minor: int
    platform_minor: int

    @property
    def total_minor(self) -> int:
        return self.publisher_minor + self.partner_minor + self.platform_minor


def terms_in_force(terms: Iterable[PlanTerms], *, shop_id: int, product_id: int, at: datetime) -> PlanTerms | None:
    """The plan that holds for a product at a moment of `[from_, until)`: its own before the whole shop's."""
    holding = [
        each
        for each in terms
        if each.plan.shop_id == shop_id
        and each.plan.product_id in (None, product_id)
        and each.plan.from_ <= at
        and (each.plan.until is None or at < each.plan.until)
    ]
    return min(holding, key=lambda each: each.plan.product_id is None, default=None)


def find_win(
    clicks: Iterable[TracedClick],
    terms: Sequence[PlanTerms],
    *,
    buyer_id: int,
    shop_id: int,
    product_id: int,
    placed_at: datetime,
) -> Win | None:
    """The last click that may earn on a line, or None.

    A click competes when it leads to the shop of the product bought (to the product itself: direct; to another one:
    indirect), lies in `[placed_at - 15 days, placed_at]`, was known to be the buyer's by then, is not the buyer's own
    (nobody earns by buying themselves: an earlier click of someone else may win), and a plan with a rate above zero
    held for the product bought when it was made. That plan, not today's, gives the rate. Of two clicks of one moment
    the later recorded wins.
    """
    last: tuple[TracedClick, PlanTerms] | None = None
    for click in clicks:
        if click.shop_id != shop_id or click.publisher_user_id == buyer_id:
            continue
        if not placed_at - WINDOW <= click.clicked_at <= placed_at or click.known_at > placed_at:
            continue
        if last is not None and (click.clicked_at, click.id) <= (last[0].clicked_at, last[0].id):
            continue
        held = terms_in_force(terms, shop_id=shop_id, product_id=product_id, at=click.clicked_at)
        if held is not None and held.plan.rate_bps > 0:
            last = click, held
    if last is None:
        return None
    click, held = last
    return Win(click, held.plan, _partner_of(click, held, buyer_id), is_direct=click.product_id == product_id)


def _partner_of(click: TracedClick, terms: PlanTerms, buyer_id: int) -> int | None:
    """The tool provider of the link, else the recruiter of the shop; nobody when that is the buyer."""
    if click.partner_id is not None:
        return click.partner_id if click.partner_user_id != buyer_id else None
    return terms.plan.recruiter_id if terms.recruiter_user_id != buyer_id else None


def spread_refund(refunded_minor: int, line_amounts_minor: Sequence[int]) -> list[int]:
    """What of an order's refunds falls on each line: goods first, by their amounts; what is left over was shipping.

    Args: refunded_minor: all refunds of the order so far. It is spread as one sum, so the way that it came about does
    not matter. `spread_refund(100, [200, 100]) == [67, 33]`; `spread_refund(999, [200, 100]) == [200, 100]`.
    """
    return allocate(min(refunded_minor, sum(line_amounts_minor)), line_amounts_minor)


def split_commission(base_minor: int, rate_bps: int, shares: Shares) -> Split:
    """Take the rate of the base, rounded once, and divide it so that the parts sum to it.

    `split_commission(2150, 3000, Shares(3000, 0, 7000)) == Split(194, 0, 451)`: 645 is not 193 + 451.
    """
    return Split(
        *allocate(apply_bps(base_minor, rate_bps), (shares.publisher_bps, shares.partner_bps, shares.platform_bps))
    )


@dataclass(frozen=True, slots=True)
class StandingPart:
    """One party's part as it stands; `publisher_id` is None for the platform."""

    publisher_id: int | None
    estimated_minor: int
    settled_minor: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A conversion's frozen snapshot, and what it has come to."""

    id: int
    state: CommissionState
    rate_bps: int
    shares: Shares
    line_amounts_minor: tuple[int, ...]
    """All lines of the order; this conversion's is at `line_position`."""
    line_position: int
    order_total_minor: int
    order_refunded_minor: int
    refunded_minor: int
    parts: Mapping[PartyRole, StandingPart]

    @property
    def publisher_id(self) -> int:
        """Whose link it was."""
        owner = self.parts[PartyRole.PUBLISHER].publisher_id
        assert owner is not None  # noqa: S101  (a constraint of the table)
        return owner

    @property
    def publisher_minor(self) -> int:
        """The publisher's part as it counts in this state."""
        part = self.parts[PartyRole.PUBLISHER]
        return part.settled_minor if self.state is CommissionState.SETTLED else part.estimated_minor


def restate(standing: Standing, order_refunded_minor: int, *, settles: bool = False) -> Standing:
    """What a conversion comes to when that much of its order is refunded in all.

    It follows from the snapshot and that one sum alone, so refunds one by one and one refund of their sum agree, and a
    full refund leaves every party 0. Once settled, the estimate keeps what was booked then. Goods that are all given
    back before settlement make it invalid.

    Args: settles: the return window is over, so the parts are owed from now on.
    """
    refunded = spread_refund(order_refunded_minor, standing.line_amounts_minor)[standing.line_position]
    base = standing.line_amounts_minor[standing.line_position] - refunded
    split = split_commission(base, standing.rate_bps, standing.shares)
    minor = {
        PartyRole.PUBLISHER: split.publisher_minor,
        PartyRole.PARTNER: split.partner_minor,
        PartyRole.PLATFORM: split.platform_minor,
    }
    was_settled = standing.state is CommissionState.SETTLED
    if was_settled:
        state = CommissionState.SETTLED
    elif order_refunded_minor >= sum(standing.line_amounts_minor):
        state = CommissionState.INVALID
    else:
        state = CommissionState.SETTLED if settles else standing.state
    return replace(
        standing,
        state=state,
        order_refunded_minor=order_refunded_minor,
        refunded_minor=refunded,
        parts={
            role: StandingPart(
                part.publisher_id,
                part.estimated_minor if was_settled else minor[role],
                minor[role] if state is CommissionState.SETTLED else 0,
            )
            for role, part in standing.parts.items()
        },
    )
