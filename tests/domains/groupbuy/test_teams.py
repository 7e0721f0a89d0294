"""A team from its opening to its end, and everything that it refuses."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders.goods import make_campaign, make_product, make_shop, yuan
from tests.builders.payments import pay_at_the_bank
from tests.builders.people import actor_for, make_person
from tests.builders.teams import (
    buy_alone,
    form_team,
    join_and_pay,
    join_team,
    open_and_pay,
    open_team,
    pay,
    send_refunds,
    settle_down,
)
from wuyou.domains.catalog.operations import VariantDraft
from wuyou.domains.groupbuy import errors, operations, queries, tasks
from wuyou.domains.groupbuy.types import SeatState, TeamState
from wuyou.domains.inventory import errors as inventory_errors
from wuyou.domains.inventory import queries as inventory
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders import tasks as orders_tasks
from wuyou.domains.orders.types import FulfilmentState, PaymentState, RefundState
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import Currency

pytestmark = pytest.mark.usefixtures("world")

DAY = timedelta(hours=24)


def held_for_buyers() -> int:
    return ledger.get_balance(AccountRef(AccountKind.BUYERS_HELD, "", Currency.CNY)).amount_minor


def counts() -> tuple[object, ...]:
    """Everything that an attempt could change."""
    return tuple(
        db.row(f"SELECT count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM {table} t")
        for table in (
            "groupbuy_team",
            "groupbuy_seat",
            "groupbuy_campaign",
            "groupbuy_campaign_use",
            "orders_order",
            "orders_refund",
            "inventory_stock_item",
            "inventory_reservation",
            "payments_intent",
            "ledger_transfer",
            "event",
        )
    )


def test_open_team_holds_a_seat_and_starts_no_clock_before_the_leader_pays(now: datetime) -> None:
    product = make_product(now)
    campaign = make_campaign(now, product)

    seat = open_team(now, make_person(now), campaign, product)

    team = queries.get_team(seat.team_token)
    assert (team.state, team.taken, team.paid, team.expires_at) == (TeamState.FORMING, 1, 0, None)
    assert [s.state for s in team.seats] == [SeatState.HELD]
    assert seat.amount_minor == 3_900
    assert queries.list_open_teams(product.id, now) == ()


def test_leader_payment_starts_the_clock_and_gives_a_link(now: datetime) -> None:
    product = make_product(now)

    team = open_and_pay(now, make_person(now), make_campaign(now, product), product)

    assert team.expires_at == now + DAY
    assert team.link_token is not None
    assert [s.state for s in team.seats] == [SeatState.PAID]
    assert held_for_buyers() == 3_900


def test_last_seat_forms_the_team_and_releases_its_orders(now: datetime) -> None:
    product = make_product(now)
    people = [make_person(now) for _ in range(3)]

    team = form_team(now, people[0], people[1:], make_campaign(now, product, size=3), product)

    assert (team.state, team.paid, team.was_waived) == (TeamState.FORMED, 3, False)
    assert {s.state for s in team.seats} == {SeatState.CONFIRMED}
    assert {orders.get_order(s.order_id).fulfilment for s in team.seats} == {FulfilmentState.READY}
    assert held_for_buyers() == 0
    escrow = AccountRef(AccountKind.MERCHANT_ESCROW, f"shop:{product.shop_id}", Currency.CNY)
    assert ledger.get_balance(escrow) == yuan(3 * 3_900)


def test_team_out_of_time_refunds_who_paid_and_frees_stock(now: datetime) -> None:
    product = make_product(now, stock=10)
    team = open_and_pay(now, make_person(now), make_campaign(now, product), product)
    unpaid = join_team(now, make_person(now), team.token, product)

    assert tasks.expire_due_teams(now + DAY - timedelta(microseconds=1)) == 0
    assert tasks.expire_due_teams(now + DAY) == 1
    settle_down(now + DAY)
    send_refunds(now + DAY)

    team = queries.get_team(team.token)
    assert team.state is TeamState.EXPIRED
    assert [s.state for s in team.seats] == [SeatState.REFUNDED, SeatState.RELEASED]
    paid, given_up = (orders.get_order(s.order_id) for s in team.seats)
    assert (paid.payment, paid.refund, paid.fulfilment) == (
        PaymentState.PAID,
        RefundState.FULL,
        FulfilmentState.CANCELLED,
    )
    assert (given_up.order_no, given_up.payment) == (unpaid.order_no, PaymentState.CLOSED)
    assert inventory.available_by_variant([product.variants[0].id]) == {product.variants[0].id: 10}
    assert held_for_buyers() == 0
    assert ledger.get_balance(AccountRef(AccountKind.CLEARING, "sandbox", Currency.CNY)) == yuan(0)


def test_unpaid_seat_is_free_again_after_its_deadline(now: datetime) -> None:
    product = make_product(now)
    team = open_and_pay(now, make_person(now), make_campaign(now, product, size=2), product)
    join_team(now, make_person(now), team.token, product)
    late = now + timedelta(minutes=15)

    assert orders_tasks.close_unpaid_orders(late) == 1
    settle_down(late)

    team = queries.get_team(team.token)
    assert (team.taken, team.paid, team.state) == (1, 1, TeamState.FORMING)
    assert join_and_pay(late, make_person(now), team, product).state is TeamState.FORMED


def test_leader_who_never_pays_ends_the_team(now: datetime) -> None:
    product = make_product(now)
    seat = open_team(now, make_person(now), make_campaign(now, product), product)

    orders_tasks.close_unpaid_orders(now + timedelta(minutes=15))
    settle_down(now + timedelta(minutes=15))

    team = queries.get_team(seat.team_token)
    assert (team.state, team.taken) == (TeamState.CANCELLED, 0)


def test_money_after_the_deadline_goes_to_another_team_when_the_buyer_agreed(now: datetime) -> None:
    product = make_product(now)
    campaign = make_campaign(now, product, size=2)
    first = open_and_pay(now, make_person(now), campaign, product)
    second = open_and_pay(now + timedelta(minutes=1), make_person(now), campaign, product)
    late_payer = make_person(now)
    seat = join_team(now, late_payer, first.token, product, accepts_reroute=True)
    late = now + timedelta(minutes=20)
    orders_tasks.close_unpaid_orders(late)
    settle_down(late)
    join_and_pay(late, make_person(now), first, product)

    pay_at_the_bank(seat.order_no, late)
    settle_down(late)

    team = queries.find_team_of_order(seat.order_id)
    assert team is not None
    assert (team.token, team.state) == (second.token, TeamState.FORMED)
    assert orders.get_order(seat.order_id).fulfilment is FulfilmentState.READY


def test_money_after_the_deadline_opens_a_new_team_when_no_other_is_open(now: datetime) -> None:
    product = make_product(now)
    campaign = make_campaign(now, product, size=2)
    first = open_and_pay(now, make_person(now), campaign, product)
    late_payer = make_person(now)
    seat = join_team(now, late_payer, first.token, product, accepts_reroute=True)
    late = now + timedelta(minutes=20)
    orders_tasks.close_unpaid_orders(late)
    settle_down(late)
    join_and_pay(late, make_person(now), first, product)

    pay_at_the_bank(seat.order_no, late)
    settle_down(late)

    team = queries.find_team_of_order(seat.order_id)
    assert team is not None
    assert (team.state, team.leader_id, team.paid) == (TeamState.FORMING, late_payer.id, 1)
    assert team.expires_at == late + DAY
    assert team.link_token is not None


def test_money_after_the_deadline_goes_back_by_itself_when_the_buyer_did_not_agree(now: datetime) -> None:
    product = make_product(now)
    first = open_and_pay(now, make_person(now), make_campaign(now, product, size=2), product)
    seat = join_team(now, make_person(now), first.token, product)
    late = now + timedelta(minutes=20)
    orders_tasks.close_unpaid_orders(late)
    settle_down(late)

    pay_at_the_bank(seat.order_no, late)
    settle_down(late)
    send_refunds(late)

    order = orders.get_order(seat.order_id)
    assert (order.payment, order.refund) == (PaymentState.PAID, RefundState.FULL)
    (late_seat,) = [s for s in queries.get_team(first.token).seats if s.order_id == seat.order_id]
    assert late_seat.state is SeatState.REFUNDED


def test_money_after_the_deadline_goes_back_when_the_stock_is_gone(now: datetime) -> None:
    product = make_product(now, stock=2)
    campaign = make_campaign(now, product, size=2)
    first = open_and_pay(now, make_person(now), campaign, product)
    seat = join_team(now, make_person(now), first.token, product, accepts_reroute=True)
    late = now + timedelta(minutes=20)
    orders_tasks.close_unpaid_orders(late)
    settle_down(late)
    buy_alone(late, make_person(now), product)

    pay_at_the_bank(seat.order_no, late)
    settle_down(late)

    assert orders.get_order(seat.order_id).refund is RefundState.FULL
    assert queries.get_team(first.token).taken == 1


def test_seller_waives_the_rest_openly_and_a_held_seat_may_still_be_paid(now: datetime) -> None:
    shop = make_shop(now)
    product = make_product(now, shop=shop)
    team = open_and_pay(now, make_person(now), make_campaign(now, product, size=5), product)
    held_by = make_person(now)
    held = join_team(now, held_by, team.token, product)

    db.in_transaction(lambda: operations.waive_rest(actor=Actor(shop.owner_id), team_id=team.id, now=now))
    waived = queries.get_team(team.token)
    pay(now, held_by, held.order_no)
    settle_down(now)

    assert (waived.state, waived.was_waived, waived.paid) == (TeamState.FORMED, True, 1)
    team = queries.get_team(team.token)
    assert (team.paid, team.size, {s.state for s in team.seats}) == (2, 5, {SeatState.CONFIRMED})
    assert orders.get_order(held.order_id).fulfilment is FulfilmentState.READY


def test_waive_rest_by_a_stranger_is_not_found_and_changes_nothing(now: datetime) -> None:
    product = make_product(now)
    team = open_and_pay(now, make_person(now), make_campaign(now, product), product)
    before = counts()

    with pytest.raises(errors.TeamNotFound):
        db.in_transaction(
            lambda: operations.waive_rest(actor=actor_for(make_person_quietly(now)), team_id=team.id, now=now)
        )

    assert counts() == before


def test_shop_dissolves_a_team_and_everyone_is_refunded(now: datetime) -> None:
    shop = make_shop(now)
    product = make_product(now, shop=shop)
    team = open_and_pay(now, make_person(now), make_campaign(now, product), product)

    db.in_transaction(lambda: operations.cancel_team(actor=Actor(shop.owner_id), team_id=team.id, now=now))
    settle_down(now)

    team = queries.get_team(team.token)
    assert (team.state, [s.state for s in team.seats]) == (TeamState.CANCELLED, [SeatState.REFUND_DUE])
    assert orders.get_order(team.seats[0].order_id).refund is RefundState.FULL


def test_refunded_leader_hands_the_lead_to_the_longest_standing_member(now: datetime) -> None:
    from wuyou.domains.orders import operations as orders_operations

    product = make_product(now)
    leader, second, third = (make_person(now) for _ in range(3))
    team = open_and_pay(now, leader, make_campaign(now, product, size=5), product)
    team = join_and_pay(now + timedelta(minutes=1), second, team, product)
    team = join_and_pay(now + timedelta(minutes=2), third, team, product)

    db.in_transaction(
        lambda: orders_operations.request_refund(
            seller=None, order_id=team.seats[0].order_id, amount_minor=None, reason="asked", now=now
        )
    )
    settle_down(now)

    team = queries.get_team(team.token)
    assert (team.leader_id, team.taken, team.paid, team.state) == (second.id, 2, 2, TeamState.FORMING)
    assert [s.is_leader for s in team.seats] == [False, True, False]


@pytest.mark.parametrize(
    ("quantity", "error"), [(0, errors.TooManyPieces), (-1, errors.TooManyPieces), (6, errors.TooManyPieces)]
)
def test_open_team_with_a_wrong_quantity_refuses_and_changes_nothing(
    now: datetime, quantity: int, error: type[Exception]
) -> None:
    product = make_product(now)
    campaign = make_campaign(now, product, max_per_order=5)
    person = make_person(now)
    before = counts()

    with pytest.raises(error):
        open_team(now, person, campaign, product, quantity=quantity)

    assert counts() == before


def test_person_limit_counts_held_paid_and_shipped_pieces(now: datetime) -> None:
    product = make_product(now)
    campaign = make_campaign(now, product, max_per_person=2)
    person = make_person(now)
    open_team(now, person, campaign, product, quantity=2)
    before = counts()

    with pytest.raises(errors.PersonLimitReached):
        open_team(now, person, campaign, product)
    assert counts() == before

    orders_tasks.close_unpaid_orders(now + timedelta(minutes=15))
    settle_down(now)
    assert open_team(now, person, campaign, product).order_no


def test_total_limit_is_never_passed(now: datetime) -> None:
    product = make_product(now)
    campaign = make_campaign(now, product, size=2, total_limit=2)
    open_team(now, make_person(now), campaign, product)
    open_team(now, make_person(now), campaign, product)
    person = make_person(now)
    before = counts()

    with pytest.raises(errors.CampaignSoldOut):
        open_team(now, person, campaign, product)

    assert counts() == before


def test_new_buyers_only_lets_old_buyers_lead_but_not_join(now: datetime) -> None:
    product = make_product(now)
    campaign = make_campaign(now, product, size=3, new_buyers_only=True)
    old, new = make_person(now), make_person(now)
    team = open_and_pay(now, old, campaign, product)
    other = open_and_pay(now, make_person(now), campaign, product)
    before = counts()

    with pytest.raises(errors.NewBuyersOnly):
        join_team(now, old, other.token, product)

    assert counts() == before
    assert join_and_pay(now, new, team, product).paid == 2


def test_join_twice_refuses_and_keeps_the_seats(now: datetime) -> None:
    product = make_product(now)
    person = make_person(now)
    team = open_and_pay(now, person, make_campaign(now, product), product)
    before = counts()

    with pytest.raises(errors.AlreadyMember):
        join_team(now, person, team.token, product)

    assert counts() == before


def test_join_full_team_refuses_and_keeps_the_seats(now: datetime) -> None:
    product = make_product(now)
    team = open_and_pay(now, make_person(now), make_campaign(now, product, size=2), product)
    join_team(now, make_person(now), team.token, product)
    person = make_person(now)
    before = counts()

    with pytest.raises(errors.TeamFull):
        join_team(now, person, team.token, product)

    assert counts() == before


def test_join_at_the_moment_of_expiry_refuses_though_nobody_has_ended_the_team_yet(now: datetime) -> None:
    product = make_product(now)
    team = open_and_pay(now, make_person(now), make_campaign(now, product), product)
    person = make_person(now)
    before = counts()

    with pytest.raises(errors.TeamClosed):
        join_team(now + DAY, person, team.token, product)

    assert counts() == before


def test_join_before_the_leader_paid_finds_no_team(now: datetime) -> None:
    product = make_product(now)
    seat = open_team(now, make_person(now), make_campaign(now, product), product)
    person = make_person(now)
    before = counts()

    with pytest.raises(errors.TeamNotFound):
        join_team(now, person, seat.team_token, product)

    assert counts() == before


def test_join_with_another_product_refuses_and_changes_nothing(now: datetime) -> None:
    product, other = make_product(now), make_product(now)
    team = open_and_pay(now, make_person(now), make_campaign(now, product), product)
    person = make_person(now)
    before = counts()

    with pytest.raises(errors.WrongProduct):
        join_team(now, person, team.token, other)

    assert counts() == before


def test_open_team_without_stock_refuses_and_changes_nothing(now: datetime) -> None:
    product = make_product(now, stock=1)
    campaign = make_campaign(now, product)
    person = make_person(now)
    before = counts()

    with pytest.raises(inventory_errors.OutOfStock):
        open_team(now, person, campaign, product, quantity=2)

    assert counts() == before


def test_campaign_out_of_its_time_is_closed(now: datetime) -> None:
    product = make_product(now)
    campaign = make_campaign(now, product, closes_at=now + DAY)
    person = make_person(now)

    for moment in (now - timedelta(seconds=1), now + DAY):
        before = counts()
        with pytest.raises(errors.CampaignClosed):
            open_team(moment, person, campaign, product)
        assert counts() == before


def test_campaigns_of_one_product_never_overlap(now: datetime) -> None:
    product = make_product(now)
    make_campaign(now, product, closes_at=now + DAY)
    before = counts()

    with pytest.raises(errors.CampaignOverlaps):
        make_campaign(now + DAY - timedelta(seconds=1), product)
    assert counts() == before

    assert make_campaign(now + DAY, product).opens_at == now + DAY


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("size", {"size": 1}),
        ("size", {"size": 201}),
        ("team_ttl", {"team_ttl": timedelta(0)}),
        ("team_ttl", {"team_ttl": timedelta(days=31)}),
        ("max_per_order", {"max_per_order": 0}),
        ("max_per_person", {"max_per_person": 0}),
        ("total_limit", {"total_limit": 1}),
    ],
)
def test_malformed_campaign_names_its_field_and_changes_nothing(
    now: datetime, field: str, changes: dict[str, object]
) -> None:
    product = make_product(now)
    before = counts()

    with pytest.raises(errors.CampaignMalformed) as refused:
        make_campaign(now, product, **changes)  # type: ignore[arg-type]

    assert refused.value.facts == {"field": field}
    assert counts() == before


def test_campaign_needs_a_team_price_on_every_variant(now: datetime) -> None:
    product = make_product(
        now, variants=[VariantDraft("大", "L", yuan(900), yuan(800)), VariantDraft("小", "S", yuan(500))]
    )

    with pytest.raises(errors.CampaignMalformed) as refused:
        make_campaign(now, product)

    assert refused.value.facts == {"field": "team_price"}


def test_handlers_repeated_change_nothing(now: datetime) -> None:
    product = make_product(now)
    team = open_and_pay(now, make_person(now), make_campaign(now, product), product)
    before = counts()

    for _ in range(3):
        db.in_transaction(lambda: operations.pay_seat(order_id=team.seats[0].order_id, now=now))
        db.in_transaction(lambda: operations.release_seat(order_id=team.seats[0].order_id))
        db.in_transaction(lambda: operations.place_late_payer(order_id=team.seats[0].order_id, now=now))
        db.in_transaction(lambda: operations.mark_refunded(order_id=team.seats[0].order_id))

    assert counts() == before


def make_person_quietly(now: datetime):
    from wuyou.domains.identity import operations as identity

    return identity.register(handle="passer_by", display_name="Passer-by", now=now)


def test_money_that_came_in_time_is_not_late_because_its_event_is(now: datetime) -> None:
    """The payer paid before the deadline; the handler sleeps through it. The order stays open."""
    product = make_product(now)
    team = open_and_pay(now, make_person(now), make_campaign(now, product, size=2), product)
    member = make_person(now)
    seat = join_team(now, member, team.token, product)
    pay(now + timedelta(minutes=14), member, seat.order_no)

    assert orders_tasks.close_unpaid_orders(now + timedelta(minutes=15)) == 0
    settle_down(now + timedelta(minutes=20))

    assert queries.get_team(team.token).state is TeamState.FORMED


def test_team_that_ends_before_the_event_of_a_payment_refunds_it(now: datetime) -> None:
    product = make_product(now)
    team = open_and_pay(now, make_person(now), make_campaign(now, product, size=3), product)
    member = make_person(now)
    seat = join_team(now, member, team.token, product)
    pay(now, member, seat.order_no)

    assert tasks.expire_due_teams(now + DAY) == 1
    settle_down(now + DAY)
    send_refunds(now + DAY)

    assert {s.state for s in queries.get_team(team.token).seats} == {SeatState.REFUNDED}
    assert {orders.get_order(s.order_id).refund for s in queries.get_team(team.token).seats} == {RefundState.FULL}
    assert held_for_buyers() == 0


def test_team_that_ends_before_the_event_of_a_closed_order_releases_its_seat(now: datetime) -> None:
    product = make_product(now)
    team = open_and_pay(now, make_person(now), make_campaign(now, product, size=3), product)
    join_team(now, make_person(now), team.token, product)
    orders_tasks.close_unpaid_orders(now + timedelta(minutes=15))

    assert tasks.expire_due_teams(now + DAY) == 1
    settle_down(now + DAY)

    assert [s.state for s in queries.get_team(team.token).seats] == [SeatState.REFUND_DUE, SeatState.RELEASED]


def test_team_that_ends_before_the_event_of_a_refund_ends_all_the_same(now: datetime) -> None:
    from wuyou.domains.orders import operations as orders_operations

    product = make_product(now)
    team = open_and_pay(now, make_person(now), make_campaign(now, product, size=3), product)
    order_id = team.seats[0].order_id
    db.in_transaction(
        lambda: orders_operations.request_refund(
            seller=None, order_id=order_id, amount_minor=None, reason="asked", now=now
        )
    )

    assert tasks.expire_due_teams(now + DAY) == 1
    settle_down(now + DAY)
    send_refunds(now + DAY)

    assert [s.state for s in queries.get_team(team.token).seats] == [SeatState.REFUNDED]
    assert len(orders.list_refunds(order_id)) == 1
