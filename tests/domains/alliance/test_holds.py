"""Sales that do not look like sales are held, decided by people, and settled or void: to the cent, in any order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest

from tests.builders import holds
from tests.builders.alliance import RETURN_WINDOW, Market, published
from wuyou.domains.alliance import errors, events, operations, queries, tasks
from wuyou.domains.alliance.hold_types import FlagRule, HoldState
from wuyou.domains.alliance.types import CommissionState, PartyRole
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountKind
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders.types import PlacedOrder
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError

WEEK = timedelta(days=7)


def assert_proven() -> None:
    assert [check for check in (*queries.verify(), *ledger.verify()) if check.breach_count] == []


def parts_of(market: Market, order: PlacedOrder) -> list[int]:
    """What publisher, tool and platform have of an order, and then the shop."""
    by_role = {part.role: part.settled_minor for each in market.conversions(order) for part in each.parts}
    return [by_role[PartyRole.PUBLISHER], by_role[PartyRole.PARTNER], by_role[PartyRole.PLATFORM]]


def footprint() -> list[tuple[object, ...]]:
    return [
        *db.rows("SELECT id, state, reason, appeal, answer, due_at FROM alliance_hold ORDER BY id"),
        *db.rows("SELECT id, state, is_held, is_void, kept_minor FROM alliance_conversion ORDER BY id"),
        *db.rows("SELECT count(*) FROM ledger_journal"),
        *db.rows("SELECT count(*) FROM notifications_notification"),
    ]


# ---------------------------------------------------------------- what is found


def test_ordinary_sale_is_left_alone(market: Market) -> None:
    product, publisher, buyer = market.product(), market.publisher(), market.person()
    market.plan()
    market.click(market.link(publisher, product), buyer)
    order = market.buy(buyer, product)
    assert holds.found_in(market, order) == set()
    assert tasks.flag_conversions(market.now) == 0
    assert queries.list_holds().items == ()


def test_owner_who_buys_in_their_own_shop_is_found(market: Market) -> None:
    assert holds.found_in(market, holds.self_bought(market)) == {FlagRule.SELF_BUY}


def test_browser_of_who_is_paid_is_found_within_thirty_days(market: Market) -> None:
    product, publisher, buyer, other = market.product(), market.publisher(), market.person(), market.publisher()
    market.plan()
    market.click(market.link(publisher, product), buyer)
    order = market.buy(buyer, product)
    own = market.link(other, product)
    market.click(own, publisher.user_id, at=market.now - timedelta(days=31))
    assert holds.found_in(market, order) == set()
    market.click(own, publisher.user_id, at=market.now - timedelta(days=29))
    assert holds.found_in(market, order) == {FlagRule.SAME_BROWSER}


def test_shop_and_publisher_of_one_hand_are_found(market: Market) -> None:
    product, buyer = market.product(), market.person()
    market.plan()
    publisher = market.publisher()
    market.click(market.link(publisher, product), buyer)
    order = market.buy(buyer, product)
    for owner, reference in ((f"shop:{market.shop.id}", "6222"), (f"publisher:{publisher.id}", "6223")):
        statements.name_payee(owner=owner, provider="sandbox", reference=reference, now=market.now)
    assert holds.found_in(market, order) == set()
    statements.name_payee(owner=f"publisher:{publisher.id}", provider="sandbox", reference="6222", now=market.now)
    assert holds.found_in(market, order) == {FlagRule.SAME_HANDS}
    own = market.publisher(market.shop.owner_id)
    market.click(market.link(own, product), buyer)
    assert holds.found_in(market, market.buy(buyer, product)) == {FlagRule.SAME_HANDS}


@pytest.mark.parametrize(("orders", "strangers", "is_found"), [(9, 0, False), (10, 10, False), (10, 9, True)])
def test_more_orders_than_half_of_the_visitors_of_a_day_are_found(
    market: Market, orders: int, strangers: int, is_found: bool
) -> None:
    product, publisher = market.product(), market.publisher()
    market.plan()
    link = market.link(publisher, product)
    for number in range(strangers):
        operations.record_click(token=link.token, visitor=f"v{number}", user_id=None, now=market.now)
    for number in range(orders):
        buyer = market.person()
        operations.record_click(token=link.token, visitor=f"b{number}", user_id=buyer, now=market.now)
        order = market.buy(buyer, product)
    assert (FlagRule.RATE in holds.found_in(market, order)) is is_found


@pytest.mark.parametrize(("bought", "returned", "is_found"), [(3, 3, False), (4, 2, False), (4, 3, True)])
def test_buyer_who_gives_most_back_is_found(market: Market, bought: int, returned: int, is_found: bool) -> None:
    product, publisher, buyer = market.product(), market.publisher(), market.person()
    market.plan()
    market.click(market.link(publisher, product), buyer)
    orders = [market.buy(buyer, product) for _ in range(bought)]
    last = market.buy(buyer, product) if returned == bought else orders[-1]
    for order in orders[:returned]:
        market.refund(order)
    if returned == bought:
        is_found = (returned * 10_000 >= (bought + 1) * 7_500) and bought + 1 >= 4
    assert (FlagRule.RETURNS in holds.found_in(market, last)) is is_found


def test_goods_received_before_they_could_travel_are_found(market: Market) -> None:
    product, publisher, buyer = market.product(), market.publisher(), market.person()
    market.plan()
    market.click(market.link(publisher, product), buyer)
    order = market.buy(buyer, product)
    assert holds.found_in(market, order) == set()
    market.receive(order)
    assert holds.found_in(market, order) == {FlagRule.NO_MOVEMENT}


@pytest.mark.parametrize(("buyers", "is_found"), [(2, True), (3, False)])
def test_many_sales_to_two_buyers_are_found(market: Market, buyers: int, is_found: bool) -> None:
    product, publisher = market.product(), market.publisher()
    market.plan()
    link = market.link(publisher, product)
    people = [market.person() for _ in range(buyers)]
    for person_id in people:
        market.click(link, person_id)
    for number in range(8):
        order = market.buy(people[number % buyers], product)
    assert (FlagRule.RING in holds.found_in(market, order)) is is_found


def test_findings_are_the_same_each_time_and_hold_once(market: Market) -> None:
    order = holds.self_bought(market)
    assert tasks.flag_conversions(market.now) == 1
    assert tasks.flag_conversions(market.now) == 0
    (hold,) = queries.list_holds().items
    (finding,) = queries.findings_by_hold([hold.id])[hold.id]
    assert (finding.found.rule, finding.found.version) == (FlagRule.SELF_BUY, 1)
    assert finding.found.evidence["roles"] == ["SHOP"]
    operations.release_hold(actor=holds.staff(market), hold_id=hold.id, reason="a gift", now=market.now)
    assert tasks.flag_conversions(market.now) == 0  # what was let go is not held again for the same
    assert market.conversion(order).state is CommissionState.ESTIMATED


# ---------------------------------------------------------------- money


def test_shop_is_paid_and_the_shares_wait_until_they_are_released(market: Market) -> None:
    order = holds.self_bought(market)
    hold = holds.hold(market, order)
    market.complete(order)
    assert parts_of(market, order) == [0, 0, 0]
    assert market.shop_balance() == 9_000
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == 1_000
    assert_proven()
    market.hear_again(market.now)  # news that comes twice changes nothing
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == 1_000

    operations.release_hold(
        actor=holds.staff(market), hold_id=hold.id, reason="a gift to a friend", now=market.now + RETURN_WINDOW
    )
    assert parts_of(market, order) == [700, 200, 100]
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == 0
    assert len(published(events.CommissionSettled)) == 1
    assert_proven()


def test_only_the_line_that_was_found_is_held(market: Market) -> None:
    order = holds.self_bought(market, lines=2)
    holds.hold(market, order)
    market.complete(order)
    assert [each.state for each in market.conversions(order)] == [CommissionState.CONFIRMED, CommissionState.SETTLED]
    assert market.shop_balance() == 18_000
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == 1_000
    assert_proven()


def test_what_was_settled_before_is_taken_back_when_it_is_void(market: Market) -> None:
    order = holds.self_bought(market)
    market.complete(order)
    hold = holds.hold(market, order)
    assert parts_of(market, order) == [700, 200, 100]
    operations.punish_hold(actor=holds.staff(market), hold_id=hold.id, reason="no sale", now=market.now)
    assert parts_of(market, order) == [700, 200, 100]
    assert operations.end_hold_by_time(hold_id=hold.id, now=market.now + WEEK)
    assert parts_of(market, order) == [0, 0, 0]
    assert market.shop_balance() == 10_000
    assert_proven()


STEPS = ("refund", "complete", "hold", "decide")
ORDERS = [order for order in permutations(STEPS) if order.index("hold") < order.index("decide")]


@pytest.mark.parametrize("releases", [True, False], ids=["released", "void"])
@pytest.mark.parametrize("steps", ORDERS, ids="-".join)
def test_any_order_of_refund_completion_and_decision_comes_to_the_same(
    market: Market, steps: tuple[str, ...], releases: bool
) -> None:
    order, staff, later = holds.self_bought(market), holds.staff(market), market.now + RETURN_WINDOW
    hold = None
    for step in steps:
        match step:
            case "refund":
                market.refund(order, 2_500)
            case "complete":
                market.complete(order)
            case "hold":
                hold = holds.hold(market, order, at=later + WEEK)
            case "decide":
                assert hold is not None
                if releases:
                    operations.release_hold(actor=staff, hold_id=hold.id, reason="fine", now=later + WEEK)
                else:
                    operations.punish_hold(actor=staff, hold_id=hold.id, reason="no sale", now=later + WEEK)
                    operations.end_hold_by_time(hold_id=hold.id, now=later + 2 * WEEK)
        assert_proven()
    assert parts_of(market, order) == ([525, 150, 75] if releases else [0, 0, 0])
    assert market.shop_balance() == 7_500 - (750 if releases else 0)
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == 0


def test_subsidy_of_a_void_sale_is_free_for_others(market: Market) -> None:
    market.subsidy(rate_bps=100, cap_minor=1_000, budget_minor=10_000)
    order = holds.self_bought(market)
    assert queries.list_subsidies()[0].spent.amount_minor == 100
    hold = holds.hold(market, order)
    operations.punish_hold(actor=holds.staff(market), hold_id=hold.id, reason="no sale", now=market.now)
    operations.end_hold_by_time(hold_id=hold.id, now=market.now + WEEK)
    assert queries.list_subsidies()[0].spent.amount_minor == 0
    market.refund(order)  # and is not given back twice
    assert queries.list_subsidies()[0].spent.amount_minor == 0
    assert_proven()


# ---------------------------------------------------------------- who decides


def test_appeal_is_made_once_and_answered_by_somebody_else(market: Market) -> None:
    order = holds.self_bought(market)
    hold, first, second = holds.hold(market, order), holds.staff(market), holds.staff(market)
    publisher = Actor(hold.publisher_user_id)
    operations.punish_hold(actor=first, hold_id=hold.id, reason="no sale", now=market.now)
    operations.appeal_hold(actor=publisher, hold_id=hold.id, words="it was a present", now=market.now)
    assert not operations.end_hold_by_time(hold_id=hold.id, now=market.now + WEEK)
    before = footprint()
    again = lambda: operations.appeal_hold(actor=publisher, hold_id=hold.id, words="again", now=market.now)  # noqa: E731
    same = lambda: operations.answer_hold_appeal(  # noqa: E731
        actor=first, hold_id=hold.id, is_granted=False, words="no", now=market.now
    )
    late = lambda: operations.release_hold(actor=second, hold_id=hold.id, reason="fine", now=market.now)  # noqa: E731
    attempts: list[tuple[type[DomainError], Callable[[], None]]] = [
        (errors.HoldDecided, again),
        (errors.SecondPersonNeeded, same),
        (errors.HoldDecided, late),
    ]
    for refused, act in attempts:
        with pytest.raises(refused):
            act()
    assert footprint() == before
    operations.answer_hold_appeal(actor=second, hold_id=hold.id, is_granted=True, words="it was", now=market.now)
    hold = queries.get_hold(hold.id)
    assert (hold.state, hold.reason, hold.answer, hold.due_at) == (HoldState.RELEASED, "no sale", "it was", None)
    market.complete(order)
    assert parts_of(market, order) == [700, 200, 100]
    kinds = [group.kind for group in notifications.list_groups(get_viewer(hold.publisher_user_id)).items]
    assert kinds == [Kind.COMMISSION_ANSWERED, Kind.COMMISSION_DECIDED, Kind.COMMISSION_HELD]


@pytest.mark.parametrize(
    ("decide", "after", "ends"),
    [
        (None, timedelta(days=30), HoldState.RELEASED),
        ("punish", WEEK, HoldState.VOID),
        ("appeal", timedelta(days=30), HoldState.RELEASED),
    ],
)
def test_time_decides_for_who_waits(market: Market, decide: str | None, after: timedelta, ends: HoldState) -> None:
    hold = holds.hold(market, holds.self_bought(market))
    if decide:
        operations.punish_hold(actor=holds.staff(market), hold_id=hold.id, reason="no sale", now=market.now)
    if decide == "appeal":
        operations.appeal_hold(actor=Actor(hold.publisher_user_id), hold_id=hold.id, words="no", now=market.now)
    second = timedelta(seconds=1)
    assert not operations.end_hold_by_time(hold_id=hold.id, now=market.now + after - second)
    assert operations.end_hold_by_time(hold_id=hold.id, now=market.now + after)
    assert not operations.end_hold_by_time(hold_id=hold.id, now=market.now + after)
    assert queries.get_hold(hold.id).state is ends


def refusals(market: Market) -> list[tuple[type[DomainError], Callable[[int, str], object]]]:
    staff, member = holds.staff(market), Actor(market.person())
    now = market.now
    own = Actor(market.shop.owner_id, is_staff=True)
    return [
        (errors.StaffOnly, lambda i, t: operations.release_hold(actor=member, hold_id=i, reason=t, now=now)),
        (errors.StaffOnly, lambda i, t: operations.punish_hold(actor=member, hold_id=i, reason=t, now=now)),
        (errors.SecondPersonNeeded, lambda i, t: operations.release_hold(actor=own, hold_id=i, reason=t, now=now)),
        (errors.WordsMalformed, lambda i, t: operations.punish_hold(actor=staff, hold_id=i, reason=" ", now=now)),
        (errors.HoldNotFound, lambda i, t: operations.punish_hold(actor=staff, hold_id=i + 9, reason=t, now=now)),
        (errors.HoldNotFound, lambda i, t: operations.appeal_hold(actor=member, hold_id=i, words=t, now=now)),
    ]


@pytest.mark.parametrize("number", range(6))
def test_who_may_not_changes_nothing(market: Market, number: int) -> None:
    hold = holds.hold(market, holds.self_bought(market))
    refused, act = refusals(market)[number]
    before = footprint()
    with pytest.raises(refused), db.savepoint():
        act(hold.id, "because")
    assert footprint() == before


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE alliance_conversion SET state = 'SETTLED', settled_at = now() + interval '1 year'",
        "UPDATE alliance_conversion SET is_held = false, kept_minor = 0",
        "UPDATE alliance_conversion SET kept_minor = kept_minor - 1",
        "UPDATE alliance_conversion SET is_void = true",
    ],
)
def test_proof_finds_what_was_settled_while_it_was_held(market: Market, damage: str) -> None:
    order = holds.self_bought(market)
    holds.hold(market, order)
    market.complete(order)
    assert_proven()
    db.execute(damage)
    broken = {check.name for check in queries.verify() if check.breach_count}
    assert "nothing_held_is_settled" in broken
