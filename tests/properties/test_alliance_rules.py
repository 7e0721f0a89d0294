"""Whatever the clicks, plans and refunds: who wins, and how a commission divides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wuyou.domains.alliance import rules
from wuyou.domains.alliance.rules import PlanTerms, Standing, StandingPart, Stay, TracedClick
from wuyou.domains.alliance.types import CommissionState, PartyRole, Plan, Shares, SubsidyTerms, Terms
from wuyou.kernel.money import apply_bps

PLACED_AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
BUYER, SHOP, PRODUCT = 1, 1, 1
EVEN = Shares(7_000, 2_000, 1_000)

minutes = st.integers(-30 * 24 * 60, 24 * 60)
"""Around the window: from 15 days before it to a day after the order."""

shares = st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)).map(
    lambda cuts: Shares(min(cuts), max(cuts) - min(cuts), 10_000 - max(cuts))
)


@st.composite
def traced_clicks(draw: st.DrawFn) -> TracedClick:
    clicked_at = PLACED_AT + timedelta(minutes=draw(minutes))
    partner, third = draw(st.sampled_from([None, 11, 12])), draw(st.sampled_from([None, 31, 32]))
    publisher = draw(st.integers(1, 4))
    return TracedClick(
        id=draw(st.integers(1, 10**6)),
        clicked_at=clicked_at,
        known_at=clicked_at + timedelta(minutes=draw(st.sampled_from([0, 0, 60, 60 * 24 * 20]))),
        link_id=1,
        product_id=draw(st.sampled_from([PRODUCT, 2])),
        shop_id=draw(st.sampled_from([SHOP, SHOP, 2])),
        publisher_id=publisher + 100,
        publisher_user_id=publisher,
        partner_id=partner,
        partner_user_id=BUYER if partner == 11 else partner,
        third_id=third,
        third_user_id=BUYER if third == 31 else third,
        third_share_bps=2_500 if third else 0,
        promoting_since=min(clicked_at, PLACED_AT + timedelta(minutes=draw(minutes))),
    )


@st.composite
def plan_terms(draw: st.DrawFn) -> list[PlanTerms]:
    """Plans of the shop, of the product, of a collaboration and of an activity, one set over the other, each with the
    notice that the rules give it.
    """
    terms: list[PlanTerms] = []
    for number, start in enumerate(sorted(draw(st.lists(minutes, max_size=6))), 1):
        length = draw(st.none() | st.integers(1, 20 * 24 * 60))
        scope = draw(
            st.sampled_from([(None, None, None), (PRODUCT, None, None), (None, 51, None), (PRODUCT, None, 61)])
        )
        from_ = PLACED_AT + timedelta(minutes=start + draw(st.sampled_from([0, 0, 24 * 60])))
        plan = Plan(
            id=number,
            shop_id=SHOP,
            product_id=scope[0],
            rate_bps=draw(st.sampled_from([0, 500, 1_000, 1_500])),
            shares=EVEN,
            from_=from_,
            until=None if length is None else from_ + timedelta(minutes=length),
            recruiter_id=draw(st.sampled_from([None, 21])),
            set_at=PLACED_AT + timedelta(minutes=start),
            collaboration_id=scope[1],
            enrolment_id=scope[2],
        )
        notice = rules.notice_of(plan, [each.plan for each in terms], plan.set_at) or (None, None)
        plan = replace(plan, notice_before=notice[0], notice_until=notice[1])
        stays = tuple(
            Stay(
                publisher,
                PLACED_AT + timedelta(minutes=draw(minutes)),
                draw(st.none() | minutes.map(lambda m: PLACED_AT + timedelta(minutes=m))),
            )
            for publisher in draw(st.sets(st.integers(101, 104)))
        )
        terms.append(PlanTerms(plan, draw(st.sampled_from([BUYER, 21])), stays if scope[1] else ()))
    return terms


def win(clicks: list[TracedClick], terms: list[PlanTerms]) -> rules.Win | None:
    return rules.find_win(clicks, terms, buyer_id=BUYER, shop_id=SHOP, product_id=PRODUCT, placed_at=PLACED_AT)


def click(at: datetime = PLACED_AT, **changes: int | datetime | None) -> TracedClick:
    facts = {"id": 1, "publisher_id": 102, "publisher_user_id": 2, "product_id": PRODUCT, "shop_id": SHOP}
    facts |= {"partner_id": None, "partner_user_id": None, "third_id": None, "third_user_id": None}  # type: ignore[dict-item]
    facts |= {"third_share_bps": 0, "promoting_since": at, **changes}  # type: ignore[dict-item]
    return TracedClick(clicked_at=at, known_at=at, link_id=1, **facts)  # type: ignore[arg-type]


def plan_of(plan_id: int, rate_bps: int, from_: datetime, *, until: datetime | None = None, **changes: object) -> Plan:
    """A plan that was set when it begins."""
    return replace(Plan(plan_id, SHOP, None, rate_bps, EVEN, from_, until, None, from_), **changes)  # type: ignore[arg-type]


def always(rate_bps: int = 1_000, recruiter: int | None = None) -> list[PlanTerms]:
    plan = plan_of(
        1, rate_bps, PLACED_AT - timedelta(days=400), recruiter_id=recruiter, service_bps=100 if recruiter else 0
    )
    return [PlanTerms(plan, recruiter)]


# ---------------------------------------------------------------- who wins


def best_plan(terms: list[PlanTerms], click: TracedClick) -> Plan | None:
    """The rule of which plan holds, written down a second time: by what a plan is beaten."""

    def has_begun(plan: Plan) -> bool:
        is_kept = plan.notice_until is not None and click.promoting_since < (
            plan.notice_before or click.promoting_since
        )
        start = plan.notice_until if is_kept else plan.from_
        return start is not None and start <= click.clicked_at and (plan.until is None or click.clicked_at < plan.until)

    def may_hold(each: PlanTerms) -> bool:
        if each.plan.collaboration_id and not any(
            stay.publisher_id == click.publisher_id
            and stay.from_ <= click.clicked_at < (stay.until or datetime.max.replace(tzinfo=UTC))
            for stay in each.stays
        ):
            return False
        return has_begun(each.plan)

    plans = [each.plan for each in terms if may_hold(each)]
    plans = [
        plan
        for plan in plans
        if not any(other.scope == plan.scope and (other.set_at, other.id) > (plan.set_at, plan.id) for other in plans)
    ]
    if any(plan.scope == (PRODUCT, None, None) for plan in plans):
        plans = [plan for plan in plans if plan.scope != (None, None, None)]
    return next(
        iter(sorted(plans, key=lambda p: (-p.worth, p.collaboration_id is None, p.enrolment_id is None, p.id))), None
    )


@given(st.lists(traced_clicks(), max_size=8, unique_by=lambda each: each.id), plan_terms())
def test_winner_is_the_last_of_the_clicks_that_may_earn(clicks: list[TracedClick], terms: list[PlanTerms]) -> None:
    """Against the rule written down a second time, from the end instead of from the beginning."""
    expected, plan = None, None
    for each in sorted(clicks, key=lambda c: (c.clicked_at, c.id), reverse=True):
        is_in_window = timedelta(0) <= PLACED_AT - each.clicked_at <= timedelta(days=15)
        is_known = each.known_at <= PLACED_AT
        is_others = each.shop_id == SHOP and each.publisher_user_id != BUYER
        plan = best_plan(terms, each)
        if is_in_window and is_known and is_others and plan is not None and plan.rate_bps:
            expected = each
            break
    found = win(clicks, terms)
    assert (found and found.click) == expected
    if found:
        assert plan is not None
        assert found.plan.rate_bps == plan.rate_bps > 0
        assert found.is_direct is (found.click.product_id == PRODUCT)


@given(st.lists(st.tuples(st.integers(1, 60), st.sampled_from([0, 500, 1_000, 1_500])), min_size=1, max_size=6))
def test_rate_of_who_promotes_a_shop_never_falls_within_thirty_days_of_its_announcement(
    changes: list[tuple[int, int]],
) -> None:
    """Whatever the shop sets, day by day: what one has today holds for 30 days, or what is set pays more."""
    begin = PLACED_AT - timedelta(days=400)
    terms = [PlanTerms(plan_of(1, 1_000, begin))]
    since, at = begin + timedelta(hours=1), begin
    for days, rate_bps in changes:
        at += timedelta(days=days)
        before = [_worth_on(terms, since, at + timedelta(days=day)) for day in range(30)]
        plan = plan_of(len(terms) + 1, rate_bps, at)
        notice = rules.notice_of(plan, [each.plan for each in terms], at) or (None, None)
        terms.append(PlanTerms(replace(plan, notice_before=notice[0], notice_until=notice[1])))
        after = [_worth_on(terms, since, at + timedelta(days=day)) for day in range(30)]
        assert all(new >= old for old, new in zip(before, after, strict=True))
        assert _worth_on(terms, None, at) == rate_bps


def _worth_on(terms: list[PlanTerms], since: datetime | None, at: datetime) -> int:
    held = rules.terms_in_force(terms, shop_id=SHOP, product_id=PRODUCT, at=at, publisher_id=102, promoting_since=since)
    return held.plan.rate_bps if held else 0


@given(st.lists(traced_clicks(), max_size=6, unique_by=lambda each: each.id), plan_terms(), st.randoms())
def test_winner_does_not_depend_on_the_order_of_reading(
    clicks: list[TracedClick], terms: list[PlanTerms], random: object
) -> None:
    shuffled = list(clicks)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert win(shuffled, terms) == win(clicks, terms)


@given(st.lists(traced_clicks(), max_size=6, unique_by=lambda each: each.id), plan_terms(), traced_clicks())
def test_click_that_may_not_earn_changes_nothing(
    clicks: list[TracedClick], terms: list[PlanTerms], stranger: TracedClick
) -> None:
    assume(stranger.id not in {each.id for each in clicks})
    is_out = not timedelta(0) <= PLACED_AT - stranger.clicked_at <= rules.WINDOW
    assume(is_out or stranger.publisher_user_id == BUYER or stranger.known_at > PLACED_AT)
    assert win([*clicks, stranger], terms) == win(clicks, terms)


def test_click_after_the_order_never_wins() -> None:
    assert win([click(PLACED_AT + timedelta(microseconds=1))], always()) is None
    assert win([click(PLACED_AT)], always()) is not None


def test_click_older_than_the_window_never_wins() -> None:
    assert win([click(PLACED_AT - rules.WINDOW - timedelta(microseconds=1))], always()) is None
    assert win([click(PLACED_AT - rules.WINDOW)], always()) is not None


def test_click_that_became_known_after_the_order_never_wins() -> None:
    late = replace(click(PLACED_AT - timedelta(days=1)), known_at=PLACED_AT + timedelta(seconds=1))
    assert win([late], always()) is None


def test_plan_holds_from_its_first_moment_to_before_its_last() -> None:
    start, end = PLACED_AT - timedelta(days=3), PLACED_AT - timedelta(days=1)
    terms = [PlanTerms(plan_of(1, 1_000, start, until=end))]

    def holds(at: datetime) -> bool:
        return rules.terms_in_force(terms, shop_id=SHOP, product_id=PRODUCT, at=at) is not None

    moment = timedelta(microseconds=1)
    assert [holds(at) for at in (start - moment, start, end - moment, end)] == [False, True, True, False]


def test_at_the_moment_of_change_the_new_plan_holds_alone() -> None:
    change = PLACED_AT - timedelta(days=1)
    old = PlanTerms(plan_of(1, 1_000, change - timedelta(days=9)))
    new = PlanTerms(plan_of(2, 2_000, change))
    assert [
        found.plan.id
        for at in (change - timedelta(microseconds=1), change)
        if (found := rules.terms_in_force([new, old], shop_id=SHOP, product_id=PRODUCT, at=at))
    ] == [1, 2]


def test_own_click_gives_way_to_an_earlier_one_of_somebody_else() -> None:
    own = click(PLACED_AT, id=2, publisher_user_id=BUYER, publisher_id=101)
    other = click(PLACED_AT - timedelta(days=1))
    found = win([own, other], always())
    assert found is not None
    assert found.click == other
    assert win([own], always()) is None


@pytest.mark.parametrize(
    ("tool", "tool_user", "partner", "shares"),
    [(11, 11, 11, EVEN), (None, None, None, Shares(9_000, 0, 1_000)), (11, BUYER, None, Shares(9_000, 0, 1_000))],
    ids=["tool", "nobody", "tool is the buyer"],
)
def test_partner_is_the_tool_and_never_the_buyer(
    tool: int | None, tool_user: int | None, partner: int | None, shares: Shares
) -> None:
    found = win([click(partner_id=tool, partner_user_id=tool_user)], always())
    assert found is not None
    assert found.partner_id == partner
    assert found.terms().shares == shares


def test_recruiter_and_third_party_are_never_the_buyer() -> None:
    third = {"third_id": 31, "third_share_bps": 2_500}
    found = win([click(third_user_id=31, **third)], always(recruiter=21))
    assert found is not None
    assert (found.terms().third_share_bps, found.terms().service_bps) == (2_500, 100)
    found = win([click(third_user_id=BUYER, **third)], always(recruiter=BUYER))
    assert found is not None
    assert (found.terms().third_share_bps, found.terms().service_bps) == (0, 0)


# ---------------------------------------------------------------- how a commission divides


@st.composite
def all_terms(draw: st.DrawFn) -> Terms:
    fees = draw(st.tuples(st.sampled_from([0, 1, 300]), st.sampled_from([0, 50])))
    return Terms(
        draw(st.integers(1, 9_000 - sum(fees))),
        draw(shares),
        draw(st.sampled_from([0, 0, 1, 2_500, 9_999])),
        *fees,
        tuple(
            SubsidyTerms(number, rate_bps, cap)
            for number, (rate_bps, cap) in enumerate(
                draw(st.lists(st.tuples(st.integers(1, 10_000), st.integers(1, 10_000)), max_size=2))
            )
        ),
    )


@given(st.integers(0, 10**12), all_terms())
def test_parts_sum_to_what_is_paid_and_are_within_one_unit_of_their_share(base: int, terms: Terms) -> None:
    parts = rules.split_sale(base, terms)
    assert min(parts.values()) >= 0
    commission = sum(minor for role, minor in parts.items() if role.is_commission)
    assert abs(10_000 * commission - base * terms.rate_bps) <= 5_000
    third = Fraction(terms.third_share_bps, 10_000)
    for role, share in (
        (PartyRole.PUBLISHER, terms.shares.publisher_bps * (1 - third)),
        (PartyRole.THIRD, terms.shares.publisher_bps * third),
        (PartyRole.PARTNER, Fraction(terms.shares.partner_bps)),
        (PartyRole.PLATFORM, Fraction(terms.shares.platform_bps)),
    ):
        assert abs(parts.get(role, 0) - commission * share / 10_000) < 1
    assert abs(10_000 * parts.get(PartyRole.RECRUITER, 0) - base * terms.service_bps) <= 5_000
    assert abs(10_000 * parts.get(PartyRole.SPECIAL, 0) - base * terms.special_bps) <= 5_000
    added = sum(minor for role, minor in parts.items() if role.is_subsidy)
    assert added == sum(min(apply_bps(base, each.rate_bps), each.cap_minor) for each in terms.subsidies)
    paid_by_shop = sum(minor for role, minor in parts.items() if not role.is_subsidy)
    assert paid_by_shop <= base


@pytest.mark.parametrize(
    ("base", "rate_bps", "cut", "parts"),
    [
        (2_150, 3_000, Shares(3_000, 0, 7_000), (194, 0, 451)),  # 6.45: not 1.93 + 4.51
        (500, 290, Shares(10_000, 0, 0), (15, 0, 0)),  # 14.5: not the 14 of a float
        (144, 750, Shares(10_000, 0, 0), (11, 0, 0)),  # 10.8: not the 10 of an integer division
        (6, 1_000, Shares(10_000, 0, 0), (1, 0, 0)),  # 0.6: not nothing
        (4, 1_000, Shares(10_000, 0, 0), (0, 0, 0)),
        (100, 100, Shares(3_333, 3_333, 3_334), (0, 0, 1)),
    ],
)
def test_shares_are_divided_together_and_never_rounded_one_by_one(
    base: int, rate_bps: int, cut: Shares, parts: tuple[int, int, int]
) -> None:
    split = rules.split_sale(base, Terms(rate_bps, cut))
    assert (split[PartyRole.PUBLISHER], split[PartyRole.PARTNER], split[PartyRole.PLATFORM]) == parts


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=8), st.integers(0, 10**10))
def test_refund_falls_on_goods_first_and_never_on_a_line_more_than_it_cost(amounts: list[int], refunded: int) -> None:
    spread = rules.spread_refund(refunded, amounts)
    assert sum(spread) == min(refunded, sum(amounts))
    assert all(0 <= part <= amount for part, amount in zip(spread, amounts, strict=True))


def test_refund_is_spread_by_the_amounts_of_the_lines() -> None:
    assert rules.spread_refund(100, [200, 100]) == [67, 33]
    assert rules.spread_refund(999, [200, 100]) == [200, 100]


# ---------------------------------------------------------------- refunds, one by one or at once


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    amounts = tuple(draw(st.lists(st.integers(1, 10**7), min_size=1, max_size=5)))
    terms = draw(all_terms())
    fresh = Standing(
        1,
        1,
        CommissionState.ESTIMATED,
        terms,
        amounts,
        draw(st.integers(0, len(amounts) - 1)),
        sum(amounts) + draw(st.integers(0, 5_000)),
        0,
        0,
        {
            role: StandingPart(None if role.is_platforms else number, 0, 0)
            for number, role in enumerate(rules.split_sale(1, terms), 1)
        },
    )
    return rules.restate(fresh, 0)


@st.composite
def refund_sequences(draw: st.DrawFn, total: int) -> list[int]:
    """Cumulative sums of refunds, ending anywhere up to the order's total."""
    parts = draw(st.lists(st.integers(1, max(1, total)), max_size=6))
    return [each for each in accumulate(parts) if each <= total]


@given(st.data(), standings(), st.integers(0, 6))
def test_refunds_one_by_one_come_to_the_same_as_at_once(
    data: st.DataObject, fresh: Standing, settles_after: int
) -> None:
    """Whenever settlement falls between them, and whichever of them come before it."""
    steps = data.draw(refund_sequences(fresh.order_total_minor))
    standing = fresh
    for number, refunded in enumerate(steps):
        if number == settles_after:
            standing = rules.restate(standing, standing.order_refunded_minor, settles=True)
        standing = rules.restate(standing, refunded)
    if len(steps) <= settles_after:
        standing = rules.restate(standing, standing.order_refunded_minor, settles=True)
    at_once = rules.restate(fresh, steps[-1] if steps else 0, settles=True)
    assert {role: part.settled_minor for role, part in standing.parts.items()} == {
        role: part.settled_minor for role, part in at_once.parts.items()
    }
    assert standing.refunded_minor == at_once.refunded_minor


@given(standings(), st.booleans())
def test_full_refund_leaves_every_party_nothing(fresh: Standing, was_settled: bool) -> None:
    standing = rules.restate(fresh, 0, settles=was_settled)
    standing = rules.restate(standing, standing.order_total_minor)
    assert all(part.settled_minor == 0 for part in standing.parts.values())
    assert standing.state is (CommissionState.SETTLED if was_settled else CommissionState.INVALID)
    assert was_settled or all(part.estimated_minor == 0 for part in standing.parts.values())


@given(st.data(), standings())
def test_no_part_is_ever_negative_and_all_parts_make_the_commission(data: st.DataObject, fresh: Standing) -> None:
    standing = rules.restate(fresh, data.draw(st.integers(0, fresh.order_total_minor)), settles=True)
    base = standing.line_amounts_minor[standing.line_position] - standing.refunded_minor
    parts = [part.settled_minor for part in standing.parts.values()]
    assert min(parts) >= 0
    if standing.state is CommissionState.SETTLED:
        assert sum(parts) == sum(rules.split_sale(base, standing.terms).values())


@given(st.data(), standings())
def test_restating_again_changes_nothing(data: st.DataObject, fresh: Standing) -> None:
    once = rules.restate(fresh, data.draw(st.integers(0, fresh.order_total_minor)), settles=data.draw(st.booleans()))
    assert rules.restate(once, once.order_refunded_minor) == once


def test_estimate_keeps_what_was_booked_when_a_refund_comes_after_settlement() -> None:
    parts = {PartyRole.PUBLISHER: StandingPart(1, 0, 0), PartyRole.PLATFORM: StandingPart(None, 0, 0)}
    terms = Terms(1_000, Shares(9_000, 0, 1_000))
    fresh = Standing(1, 1, CommissionState.CONFIRMED, terms, (10_000,), 0, 10_000, 0, 0, parts)
    after = rules.restate(rules.restate(fresh, 0, settles=True), 2_500)
    assert after.parts[PartyRole.PUBLISHER] == StandingPart(1, estimated_minor=900, settled_minor=675)
    assert after.parts[PartyRole.PLATFORM] == StandingPart(None, estimated_minor=100, settled_minor=75)


def test_smaller_whole_can_give_a_line_one_unit_more_back() -> None:
    """Largest remainders are not monotone: why states and books follow the sum of refunds and not their steps."""
    assert rules.spread_refund(3, [1, 3, 3]) == [1, 1, 1]
    assert rules.spread_refund(4, [1, 3, 3]) == [0, 2, 2]
