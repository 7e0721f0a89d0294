"""The last seat and the last piece under real simultaneous buyers, and what happens when the guard is taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from unittest import mock

import pytest

from tests.builders.goods import make_campaign, make_product
from tests.builders.people import make_person
from tests.builders.teams import buy_alone, join_team, open_and_pay, open_team, pay, send_refunds, settle_down
from wuyou.domains.groupbuy import errors, queries
from wuyou.domains.groupbuy import tasks as groupbuy_tasks
from wuyou.domains.groupbuy.types import SeatState, TeamState
from wuyou.domains.inventory import errors as inventory_errors
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.inventory import queries as inventory_queries
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import PlacedOrder, RefundState
from wuyou.infra import db

pytestmark = pytest.mark.concurrency

Rush = Callable[[Sequence[Callable[[], Any]]], list[Any]]


def test_twenty_buyers_of_five_units_at_once_buy_exactly_five(rush: Rush, now: datetime) -> None:
    product = make_product(now, stock=5)
    people = [make_person(now) for _ in range(20)]

    results = rush([lambda person=person: buy_alone(now, person, product) for person in people])

    sold = [result for result in results if isinstance(result, PlacedOrder)]
    assert len(sold) == 5
    assert sum(isinstance(result, inventory_errors.OutOfStock) for result in results) == 15
    assert inventory_queries.available_by_variant([product.variants[0].id]) == {product.variants[0].id: 0}
    assert inventory_queries.list_imbalances() == ()
    assert db.row("SELECT count(*) FROM orders_order") == (5,)


def test_control_without_the_guard_oversells(rush: Rush, now: datetime) -> None:
    """The same rush against stock that is read, decided upon and then written: more than five are sold."""
    product = make_product(now, stock=5)
    people = [make_person(now) for _ in range(20)]

    with mock.patch.object(inventory, "reserve", _reserve_by_reading_first):
        results = rush([lambda person=person: buy_alone(now, person, product) for person in people])

    assert sum(isinstance(result, PlacedOrder) for result in results) > 5


def test_hundred_teams_of_five_with_eight_joiners_each_are_exactly_full(rush: Rush, now: datetime) -> None:
    product = make_product(now, stock=1_000)
    campaign = make_campaign(now, product, size=5)
    joiners = [make_person(now) for _ in range(8)]
    leaders = [make_person(now) for _ in range(100)]
    seats = [open_team(now, leader, campaign, product) for leader in leaders]
    for leader, seat in zip(leaders, seats, strict=True):
        pay(now, leader, seat.order_no)
    settle_down(now)

    def join_all(person: Any) -> list[Any]:
        results = []
        for seat in seats:
            try:
                joined = join_team(now, person, seat.team_token, product)
                pay(now, person, joined.order_no)
                results.append(joined)
            except (errors.TeamFull, errors.TeamClosed) as refused:
                results.append(refused)
        return results

    rush([lambda person=person: join_all(person) for person in joiners])
    settle_down(now)

    teams = [queries.get_team(seat.team_token) for seat in seats]
    assert {(team.state, team.taken, team.paid) for team in teams} == {(TeamState.FORMED, 5, 5)}
    assert all(sum(s.state is SeatState.CONFIRMED for s in team.seats) == 5 for team in teams)
    assert db.row("SELECT count(*) FROM orders_order WHERE payment = 'PAID'") == (500,)
    assert all(check.holds for check in ledger.verify())


def test_eight_joiners_of_one_team_at_the_same_moment_take_exactly_its_seats(rush: Rush, now: datetime) -> None:
    product = make_product(now)
    campaign = make_campaign(now, product, size=5)
    for _ in range(10):
        team = open_and_pay(now, make_person(now), campaign, product)
        people = [make_person(now) for _ in range(8)]

        results = rush([lambda p=person, t=team: join_team(now, p, t.token, product) for person in people])

        assert sum(isinstance(result, errors.TeamFull) for result in results) == 4
        assert queries.get_team(team.token).taken == 5


def test_control_without_the_seat_guard_overfills_or_is_stopped_by_the_constraint(rush: Rush, now: datetime) -> None:
    """Reading `taken` first and then writing lets everyone pass; only the table's own constraint stands in the way."""
    product = make_product(now)
    campaign = make_campaign(now, product, size=5)
    team = open_and_pay(now, make_person(now), campaign, product)

    def join_by_reading_first() -> int:
        def entry() -> int:
            (taken,) = db.rows("SELECT taken FROM groupbuy_team WHERE id = %s", [team.id])[0]
            if taken >= team.size:
                raise errors.TeamFull()
            db.rows("SELECT pg_sleep(0.05)")
            return db.execute("UPDATE groupbuy_team SET taken = taken + 1 WHERE id = %s", [team.id])

        return db.in_transaction(entry)

    db.execute("ALTER TABLE groupbuy_team DROP CONSTRAINT team_is_never_over_full")
    try:
        rush([join_by_reading_first for _ in range(8)])
        assert queries.get_team(team.token).taken == 9
    finally:
        db.execute("UPDATE groupbuy_team SET taken = 5 WHERE id = %s", [team.id])
        db.execute("ALTER TABLE groupbuy_team ADD CONSTRAINT team_is_never_over_full CHECK (taken <= size)")


def test_payment_against_expiry_ends_seated_or_refunded(rush: Rush, now: datetime) -> None:
    """Members pay at the very moment their team runs out of time: nobody is left paid without a seat or a refund."""
    product = make_product(now, stock=1_000)
    campaign = make_campaign(now, product, size=2)
    for _ in range(15):
        leader, joiner = make_person(now), make_person(now)
        team = open_and_pay(now, leader, campaign, product)
        seat = join_team(now, joiner, team.token, product)
        assert team.expires_at is not None
        end = team.expires_at

        rush(
            [
                lambda p=joiner, s=seat: (pay(now, p, s.order_no), settle_down(now)),
                lambda at=end: groupbuy_tasks.expire_due_teams(at),
            ]
        )
        settle_down(end)
        send_refunds(end)

        team = queries.get_team(team.token)
        paid = [orders.get_order(s.order_id) for s in team.seats if orders.get_order(s.order_id).paid_at]
        if team.state is TeamState.FORMED:
            assert {s.state for s in team.seats} == {SeatState.CONFIRMED}
        else:
            assert {order.refund for order in paid} == {RefundState.FULL}
            assert {s.state for s in team.seats} <= {SeatState.REFUNDED, SeatState.RELEASED}
    assert all(check.holds for check in ledger.verify())


def test_one_person_joining_one_team_many_times_at_once_gets_one_seat(rush: Rush, now: datetime) -> None:
    product = make_product(now)
    team = open_and_pay(now, make_person(now), make_campaign(now, product, size=9), product)
    person = make_person(now)

    results = rush([lambda: join_team(now, person, team.token, product) for _ in range(8)])

    assert sum(isinstance(result, errors.AlreadyMember) for result in results) == 7
    assert queries.get_team(team.token).taken == 2
    assert inventory_queries.list_imbalances() == ()


def test_person_limit_holds_under_simultaneous_orders(rush: Rush, now: datetime) -> None:
    product = make_product(now)
    campaign = make_campaign(now, product, max_per_person=3)
    person = make_person(now)

    results = rush([lambda: open_team(now, person, campaign, product) for _ in range(10)])

    assert sum(isinstance(result, errors.PersonLimitReached) for result in results) == 7


def test_total_limit_holds_under_simultaneous_orders(rush: Rush, now: datetime) -> None:
    product = make_product(now)
    campaign = make_campaign(now, product, total_limit=4)
    people = [make_person(now) for _ in range(10)]

    results = rush([lambda p=person: open_team(now, p, campaign, product) for person in people])

    assert sum(isinstance(result, errors.CampaignSoldOut) for result in results) == 6


def _reserve_by_reading_first(*, ref: str, quantities: dict[int, int], now: datetime) -> None:
    for variant_id, quantity in quantities.items():
        available = inventory_queries.available_by_variant([variant_id])[variant_id]
        if available < quantity:
            raise inventory_errors.OutOfStock()
        db.rows("SELECT pg_sleep(0.05)")
        db.execute(
            "UPDATE inventory_stock_item SET reserved = LEAST(reserved + %s, on_hand) WHERE variant_id = %s",
            [quantity, variant_id],
        )
