"""Whatever the clicks, plans and refunds: who wins, and how a commission divides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wuyou.domains.alliance import rules
from wuyou.domains.alliance.rules import PlanTerms, Standing, StandingPart, TracedClick
from wuyou.domains.alliance.types import CommissionState, PartyRole, Plan, Shares

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
    partner = draw(st.sampled_from([None, 11, 12]))
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
    )


@st.composite
def plan_terms(draw: st.DrawFn) -> list[PlanTerms]:
    """Periods of the shop and of the product, each scope's without overlap."""
    terms = []
    for product_id in (None, PRODUCT):
        cuts = sorted(draw(st.lists(minutes, unique=True, max_size=5)))
        for start, end in zip(cuts, [*cuts[1:], None], strict=False):
            if draw(st.booleans()):
                plan = Plan(
                    id=len(terms) + 1,
                    shop_id=SHOP,
                    product_id=product_id,
                    rate_bps=draw(st.sampled_from([0, 500, 1_000])),
                    shares=EVEN,
                    from_=PLACED_AT + timedelta(minutes=start),
                    until=None if end is None else PLACED_AT + timedelta(minutes=end),
                    recruiter_id=draw(st.sampled_from([None, 21])),
                )
                terms.append(PlanTerms(plan, recruiter_user_id=draw(st.sampled_from([BUYER, 21]))))
    return terms


def win(clicks: list[TracedClick], terms: list[PlanTerms]) -> rules.Win | None:
    return rules.find_win(clicks, terms, buyer_id=BUYER, shop_id=SHOP, product_id=PRODUCT, placed_at=PLACED_AT)


def click(at: datetime = PLACED_AT, **changes: int | None) -> TracedClick:
    facts = {"id": 1, "publisher_id": 102, "publisher_user_id": 2, "product_id": PRODUCT, "shop_id": SHOP}
    facts |= {"partner_id": None, "partner_user_id": None, **changes}  # type: ignore[dict-item]
    return TracedClick(clicked_at=at, known_at=at, link_id=1, **facts)


def always(rate_bps: int = 1_000, recruiter: int | None = None) -> list[PlanTerms]:
    plan = Plan(1, SHOP, None, rate_bps, EVEN, PLACED_AT - timedelta(days=400), None, recruiter)
    return [PlanTerms(plan, recruiter)]


# ---------------------------------------------------------------- who wins


@given(st.lists(traced_clicks(), max_size=8, unique_by=lambda each: each.id), plan_terms())
def test_winner_is_the_last_of_the_clicks_that_may_earn(clicks: list[TracedClick], terms: list[PlanTerms]) -> None:
    """Against the rule written down a second time, from the end instead of from the beginning."""

    def rate_at(moment: datetime) -> int:
        for scope in (PRODUCT, None):
            for each in terms:
                end = each.plan.until or datetime.max.replace(tzinfo=UTC)
                if each.plan.product_id == scope and each.plan.from_ <= moment < end:
                    return each.plan.rate_bps
        return 0

    expected = None
    for each in sorted(clicks, key=lambda c: (c.clicked_at, c.id), reverse=True):
        is_in_window = timedelta(0) <= PLACED_AT - each.clicked_at <= timedelta(days=15)
        is_known = each.known_at <= PLACED_AT
        is_others = each.shop_id == SHOP and each.publisher_user_id != BUYER
        if is_in_window and is_known and is_others and rate_at(each.clicked_at):
            expected = each
            break
    found = win(clicks, terms)
    assert (found and found.click) == expected
    if found:
        assert found.plan.rate_bps == rate_at(found.click.clicked_at) > 0
        assert found.is_direct is (found.click.product_id == PRODUCT)


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
    late = TracedClick(1, PLACED_AT - timedelta(days=1), PLACED_AT + timedelta(seconds=1), 1, PRODUCT, SHOP, 102, 2,
                       None, None)  # fmt: skip
    assert win([late], always()) is None


def test_plan_holds_from_its_first_moment_to_before_its_last() -> None:
    start, end = PLACED_AT - timedelta(days=3), PLACED_AT - timedelta(days=1)
    terms = [PlanTerms(Plan(1, SHOP, None, 1_000, EVEN, start, end, None))]

    def holds(at: datetime) -> bool:
        return rules.terms_in_force(terms, shop_id=SHOP, product_id=PRODUCT, at=at) is not None

    moment = timedelta(microseconds=1)
    assert [holds(at) for at in (start - moment, start, end - moment, end)] == [False, True, True, False]


def test_at_the_moment_of_change_the_new_plan_holds_alone() -> None:
    change = PLACED_AT - timedelta(days=1)
    old = PlanTerms(Plan(1, SHOP, None, 1_000, EVEN, change - timedelta(days=9), change, None))
    new = PlanTerms(Plan(2, SHOP, None, 2_000, EVEN, change, None, None))
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
    ("tool", "tool_user", "recruiter", "partner"),
    [
        (11, 11, 21, 11),
        (None, None, 21, 21),
        (None, None, None, None),
        (11, BUYER, 21, None),
        (None, None, BUYER, None),
    ],
    ids=["tool", "recruiter", "nobody", "tool is the buyer", "recruiter is the buyer"],
)
def test_partner_is_the_tool_else_the_recruiter_and_never_the_buyer(
    tool: int | None, tool_user: int | None, recruiter: int | None, partner: int | None
) -> None:
    found = win([click(partner_id=tool, partner_user_id=tool_user)], always(recruiter=recruiter))
    assert found is not None
    assert found.partner_id == partner
    assert found.shares == (EVEN if partner else Shares(9_000, 0, 1_000))


# ---------------------------------------------------------------- how a commission divides


@given(st.integers(0, 10**12), st.integers(0, 9_000), shares)
def test_parts_sum_to_the_commission_and_are_within_one_unit_of_their_share(
    base: int, rate_bps: int, cut: Shares
) -> None:
    split = rules.split_commission(base, rate_bps, cut)
    parts = (split.publisher_minor, split.partner_minor, split.platform_minor)
    commission = split.total_minor
    assert abs(10_000 * commission - base * rate_bps) <= 5_000
    for part, share_bps in zip(parts, (cut.publisher_bps, cut.partner_bps, cut.platform_bps), strict=True):
        assert part >= 0
        assert abs(10_000 * part - commission * share_bps) < 10_000


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
    split = rules.split_commission(base, rate_bps, cut)
    assert (split.publisher_minor, split.partner_minor, split.platform_minor) == parts


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
    cut = draw(shares)
    if not draw(st.booleans()):
        cut = Shares(cut.publisher_bps + cut.partner_bps, 0, cut.platform_bps)
    owners = {PartyRole.PUBLISHER: 1, PartyRole.PARTNER: 2, PartyRole.PLATFORM: None}
    fresh = Standing(
        1,
        CommissionState.ESTIMATED,
        draw(st.integers(1, 9_000)),
        cut,
        amounts,
        draw(st.integers(0, len(amounts) - 1)),
        sum(amounts) + draw(st.integers(0, 5_000)),
        0,
        0,
        {
            role: StandingPart(owner, 0, 0)
            for role, owner in owners.items()
            if role is not PartyRole.PARTNER or cut.partner_bps
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
        assert sum(parts) == rules.split_commission(base, standing.rate_bps, standing.shares).total_minor


@given(st.data(), standings())
def test_restating_again_changes_nothing(data: st.DataObject, fresh: Standing) -> None:
    once = rules.restate(fresh, data.draw(st.integers(0, fresh.order_total_minor)), settles=data.draw(st.booleans()))
    assert rules.restate(once, once.order_refunded_minor) == once


def test_estimate_keeps_what_was_booked_when_a_refund_comes_after_settlement() -> None:
    parts = {PartyRole.PUBLISHER: StandingPart(1, 0, 0), PartyRole.PLATFORM: StandingPart(None, 0, 0)}
    fresh = Standing(1, CommissionState.CONFIRMED, 1_000, Shares(9_000, 0, 1_000), (10_000,), 0, 10_000, 0, 0, parts)
    after = rules.restate(rules.restate(fresh, 0, settles=True), 2_500)
    assert after.parts[PartyRole.PUBLISHER] == StandingPart(1, estimated_minor=900, settled_minor=675)
    assert after.parts[PartyRole.PLATFORM] == StandingPart(None, estimated_minor=100, settled_minor=75)


def test_smaller_whole_can_give_a_line_one_unit_more_back() -> None:
    """Largest remainders are not monotone: why states and books follow the sum of refunds and not their steps."""
    assert rules.spread_refund(3, [1, 3, 3]) == [1, 1, 1]
    assert rules.spread_refund(4, [1, 3, 3]) == [0, 2, 2]
