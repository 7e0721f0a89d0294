"""Who wins a sale and how its commission is divided: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wuyou.domains.alliance import fan_types
from wuyou.domains.alliance.types import CommissionState, PartyRole, Plan, Shares, Terms
from wuyou.kernel.money import BPS, allocate, apply_bps

WINDOW = timedelta(days=15)
"""How long a click is remembered (the field's usual window)."""

NOTICE = timedelta(days=30)
"""How long who already promotes a shop keeps a rate that it lowers (the field's best term)."""

RULE_VERSION = 2
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
    third_id: int | None
    third_user_id: int | None
    third_share_bps: int
    promoting_since: datetime
    """When the publisher first had a link to the shop."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A publisher takes part in a plan's collaboration during `[from_, until)`."""

    publisher_id: int
    from_: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """A plan, the person behind its recruiter, and whom it is for when it is not for everybody."""

    plan: Plan
    recruiter_user_id: int | None = None
    stays: tuple[Stay, ...] = ()

    def is_for(self, publisher_id: int | None, at: datetime) -> bool:
        """Whether a publisher may be paid by it at a moment. None is whoever promotes nothing yet."""
        if self.plan.only_id is not None and self.plan.only_id != publisher_id:
            return False
        return self.plan.collaboration_id is None or any(
            stay.publisher_id == publisher_id and stay.from_ <= at and (stay.until is None or at < stay.until)
            for stay in self.stays
        )


@dataclass(frozen=True, slots=True)
class Win:
    """The click that brought a line, under which plan, and who else has a part in it."""

    click: TracedClick
    plan: Plan
    partner_id: int | None
    third_id: int | None
    recruiter_id: int | None
    is_direct: bool

    def terms(self) -> Terms:
        """What the line pays, without subsidies and the higher rate of first pieces.

        Where there is no partner, the partner's share is the publisher's; where there is no recruiter, nobody is paid
        the service fee.
        """
        shares = self.plan.shares
        if self.partner_id is None:
            shares = Shares(shares.publisher_bps + shares.partner_bps, 0, shares.platform_bps)
        return Terms(
            self.plan.rate_bps,
            shares,
            third_share_bps=self.click.third_share_bps if self.third_id is not None else 0,
            service_bps=self.plan.service_bps if self.recruiter_id is not None else 0,
            special_bps=self.plan.special_bps,
        )


def begins_for(plan: Plan, promoting_since: datetime | None) -> datetime:
    """When a plan begins for a publisher: one that pays less, later for who already promoted the shop.

    Args: promoting_since: None for who has no link to the shop yet.
    """
    if plan.notice_before is None or plan.notice_until is None or promoting_since is None:
        return plan.from_
    return plan.notice_until if promoting_since < plan.notice_before else plan.from_


def terms_in_force(
    terms: Iterable[PlanTerms],
    *,
    shop_id: int,
    product_id: int,
    at: datetime,
    publisher_id: int | None = None,
    promoting_since: datetime | None = None,
) -> PlanTerms | None:
    """The plan by which a publisher is paid for a product at a moment.

    In each scope the last plan that was set and has begun for this publisher holds. Of those that are for everybody,
    the product's own comes before the whole shop's. It, the plans of collaborations that the publisher takes part in
    and what was enrolled in activities compete, and the one that is worth most to the publisher wins; of several that
    are worth the same, a collaboration's, then an activity's, then the earliest.
    """
    held: dict[tuple[int | None, int | None, int | None], PlanTerms] = {}
    for each in terms:
        plan = each.plan
        if plan.shop_id != shop_id or plan.product_id not in (None, product_id) or not each.is_for(publisher_id, at):
            continue
        if not begins_for(plan, promoting_since) <= at or (plan.until is not None and plan.until <= at):
            continue
        rival = held.get(plan.scope)
        if rival is None or (rival.plan.set_at, rival.plan.id) < (plan.set_at, plan.id):
            held[plan.scope] = each
    if (product_id, None, None) in held:
        held.pop((None, None, None), None)
    return max(held.values(), key=_preference, default=None)


def _preference(terms: PlanTerms) -> tuple[int, bool, bool, int]:
    plan = terms.plan
    return plan.worth, plan.collaboration_id is not None, plan.enrolment_id is not None, -plan.id


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
        held = terms_in_force(
            terms,
            shop_id=shop_id,
            product_id=product_id,
            at=click.clicked_at,
            publisher_id=click.publisher_id,
            promoting_since=click.promoting_since,
        )
        if held is not None and held.plan.rate_bps > 0:
            last = click, held
    if last is None:
        return None
    click, held = last
    return Win(
        click,
        held.plan,
        partner_id=click.partner_id if click.partner_user_id != buyer_id else None,
        third_id=click.third_id if click.third_user_id != buyer_id else None,
        recruiter_id=held.plan.recruiter_id if held.recruiter_user_id != buyer_id else None,
        is_direct=click.product_id == product_id,
    )


def notice_of(plan: Plan, others: Sequence[Plan], now: datetime) -> tuple[datetime, datetime] | None:
    """Who gets notice of a new plan, and until when they keep what they have: `(promoting before, until)`, or None.

    A plan that is worth less than what it takes the place of is a cut: who promoted the shop before it was announced
    keeps the rate for 30 days. A plan that is a raise over a cut whose notice still runs, but less than what was before
    the cut, begins for them when that notice ends; of several, the last.

    Args: others: all plans that were set before for the same shop and the same product, or the whole shop.
    """
    rival = held_before(plan, others, at=plan.from_)
    if rival is not None and plan.worth < rival.worth:
        return now, max(plan.from_, now + NOTICE)
    running = []
    for cut in others:
        if cut.scope != plan.scope or cut.notice_before is None or cut.notice_until is None:
            continue
        earlier = [each for each in others if (each.set_at, each.id) < (cut.set_at, cut.id)]
        kept = held_before(cut, earlier, at=cut.from_)
        if cut.notice_until > plan.from_ and kept is not None and plan.worth < kept.worth:
            running.append((cut.notice_before, cut.notice_until))
    # Of several cuts the latest was announced to everybody whom the earlier were announced to.
    return (max(before for before, _ in running), max(until for _, until in running)) if running else None


def held_before(plan: Plan, others: Sequence[Plan], *, at: datetime) -> Plan | None:
    """What would be paid, without a plan, for the goods that it is for, to who promotes nothing yet.

    For a collaboration or an activity: what that paid alone. For goods without a plan of their own: what the shop pays.
    """
    scopes = {plan.scope} if plan.collaboration_id or plan.enrolment_id else {plan.scope, (None, None, None)}
    terms = [
        PlanTerms(replace(each, collaboration_id=None, enrolment_id=None, only_id=None))
        for each in others
        if each.scope in scopes
    ]
    held = terms_in_force(terms, shop_id=plan.shop_id, product_id=plan.product_id or 0, at=at)
    return held.plan if held else None


def spread_refund(refunded_minor: int, line_amounts_minor: Sequence[int]) -> list[int]:
    """What of an order's refunds falls on each line: goods first, by their amounts; what is left over was shipping.

    Args: refunded_minor: all refunds of the order so far. It is spread as one sum, so the way that it came about does
    not matter. `spread_refund(100, [200, 100]) == [67, 33]`; `spread_refund(999, [200, 100]) == [200, 100]`.
    """
    return allocate(min(refunded_minor, sum(line_amounts_minor)), line_amounts_minor)


def split_sale(base_minor: int, terms: Terms) -> dict[PartyRole, int]:
    """What each role gets of a line with that base. The roles are those of the terms, whatever the base.

    * The commission is the rate of the base, rounded once, and divided by the shares with the largest remainder; the
      publisher's share is divided with a third party in the same step, so nothing is rounded twice.
    * The service fee and the special fee are each a rate of the base, rounded once. The shop pays all these.
    * Each subsidy is a rate of the base up to its cap; their sum is divided between publisher and third party. The
      platform pays them, and takes no fee of them.

    `split_sale(2150, Terms(3000, Shares(3000, 0, 7000)))` gives 194 and 451: 645 is not 193 + 451.
    """
    weights = commission_weights(terms)
    commission = apply_bps(base_minor, terms.rate_bps)
    parts = dict(zip(weights, allocate(commission, list(weights.values())), strict=True))
    if terms.service_bps:
        parts[PartyRole.RECRUITER] = apply_bps(base_minor, terms.service_bps)
    if terms.special_bps:
        parts[PartyRole.SPECIAL] = apply_bps(base_minor, terms.special_bps)
    if terms.subsidies:
        added = sum(subsidy_minor(base_minor, each.rate_bps, each.cap_minor) for each in terms.subsidies)
        weights = subsidy_weights(terms)
        parts |= zip(weights, allocate(added, list(weights.values())), strict=True)
    return parts


def commission_weights(terms: Terms) -> dict[PartyRole, int]:
    """By what the commission is divided: the publisher's share is divided with a third party in the same step."""
    shares, third = terms.shares, terms.third_share_bps
    weights = {
        PartyRole.PUBLISHER: shares.publisher_bps * (BPS - third),
        PartyRole.THIRD: shares.publisher_bps * third,
        PartyRole.PARTNER: shares.partner_bps * BPS,
        PartyRole.PLATFORM: shares.platform_bps * BPS,
    }
    if not third:
        del weights[PartyRole.THIRD]
    return weights


def subsidy_weights(terms: Terms) -> dict[PartyRole, int]:
    """By what the subsidies are divided."""
    third = terms.third_share_bps
    weights = {PartyRole.SUBSIDY: BPS - third}
    return weights | {PartyRole.THIRD_SUBSIDY: third} if third else weights


def subsidy_minor(base_minor: int, rate_bps: int, cap_minor: int) -> int:
    """What one subsidy adds to a line."""
    return min(apply_bps(base_minor, rate_bps), cap_minor)


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
    order_id: int
    state: CommissionState
    terms: Terms
    line_amounts_minor: tuple[int, ...]
    """All lines of the order; this conversion's is at `line_position`."""
    line_position: int
    order_total_minor: int
    order_refunded_minor: int
    refunded_minor: int
    parts: Mapping[PartyRole, StandingPart]
    is_held: bool = False
    """It is not settled while it is looked at."""
    is_void: bool = False
    """It was found to be no sale: every part is 0, whatever is refunded."""
    is_completed: bool = False
    """Its order was completed while it was held."""
    kept_minor: int = 0
    """What the shop pays for it, and lies in escrow since."""

    @property
    def is_all_back(self) -> bool:
        """All goods of the order were given back; more refunds change nothing."""
        return self.order_refunded_minor >= sum(self.line_amounts_minor)

    @property
    def is_over(self) -> bool:
        """Nothing will be paid for it any more, so what it was granted is free."""
        return self.is_void or self.is_all_back

    @property
    def shop_pays_minor(self) -> int:
        """What the shop is to pay for it; subsidies are the platform's."""
        return sum(part.estimated_minor for role, part in self.parts.items() if not role.is_subsidy)

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
    back before settlement make it invalid, and so does being void.

    Args: settles: the return window is over, so the parts are owed from now on; of what is held, what the shop pays is
        kept instead.
    """
    refunded = spread_refund(order_refunded_minor, standing.line_amounts_minor)[standing.line_position]
    base = standing.line_amounts_minor[standing.line_position] - refunded
    minor = {} if standing.is_void else split_sale(base, standing.terms)
    was_settled = standing.state is CommissionState.SETTLED
    if was_settled:
        state = CommissionState.SETTLED
    elif standing.is_void or order_refunded_minor >= sum(standing.line_amounts_minor):
        state = CommissionState.INVALID
    else:
        state = CommissionState.SETTLED if settles and not standing.is_held else standing.state
    new = replace(
        standing,
        state=state,
        order_refunded_minor=order_refunded_minor,
        refunded_minor=refunded,
        parts={
            role: StandingPart(
                part.publisher_id,
                part.estimated_minor if was_settled else minor.get(role, 0),
                minor.get(role, 0) if state is CommissionState.SETTLED else 0,
            )
            for role, part in standing.parts.items()
        },
        is_completed=standing.is_completed or (settles and standing.is_held),
    )
    is_kept = new.is_completed and new.is_held and not was_settled
    return replace(new, kept_minor=new.shop_pays_minor if is_kept else 0)


def standing_of(reads: int, creator_reads: int) -> fan_types.Standing:
    """The level of who is read so often a month: a creator from `creator_reads` on, on the way from a tenth of it."""
    rises_at = -(-creator_reads // 10)
    if reads >= creator_reads:
        return fan_types.Standing(reads, fan_types.Level.CREATOR, None)
    if reads >= rises_at:
        return fan_types.Standing(reads, fan_types.Level.RISES, creator_reads)
    return fan_types.Standing(reads, fan_types.Level.BEGINS, rises_at)
