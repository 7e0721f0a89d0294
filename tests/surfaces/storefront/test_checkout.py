"""The review and placing an order: once, at the price shown, or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from tests.builders import goods, teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.groupbuy import queries as groupbuy_queries
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import operations as orders_operations
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import Order, OrderKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]
Form = dict[str, object]

BEGIN_AND_COMMIT = 2


def alone(market: Market, quantity: int = 1, **other: object) -> Form:
    return {
        "way": "alone",
        "variant": market.variant_id,
        "quantity": quantity,
        "total": 5_900 * quantity,
        **key(),
        **other,
    }


def together(market: Market, quantity: int = 1, **other: object) -> Form:
    return alone(market, quantity, **{"way": "team", "total": 3_900 * quantity, **other})


def orders_of(person: Person) -> tuple[Order, ...]:
    return orders.list_orders_of(person.id).items


@pytest.fixture
def mei(market: Market) -> Person:
    return make_person(utc_now(), "Mei")


@pytest.fixture
def client(mei: Person) -> Client:
    return browser(mei)


# ------------------------------------------------------------------------------------------------- review


def test_review_of_a_purchase_alone(market: Market, client: Client) -> None:
    page = client.get("/checkout", {"way": "alone", "variant": market.variant_id, "quantity": 2}).content.decode()
    assert "¥118.00" in page
    assert "accepts_reroute" not in page


def test_review_of_a_new_team_shows_the_saving_and_the_agreement(market: Market, client: Client) -> None:
    page = client.get("/checkout", {"way": "team", "variant": market.variant_id, "quantity": 2}).content.decode()
    assert "¥78.00" in page
    assert "¥118.00" in page
    assert "¥40.00" in page
    assert "You open a team of 2 and lead it." in page
    assert 'name="accepts_reroute"' in page
    assert 'name="accepts_reroute" value="on" checked' not in page


def test_review_changes_nothing(market: Market, client: Client) -> None:
    before = footprint()
    client.get("/checkout", {"way": "team", "variant": market.variant_id, "quantity": 1})
    assert footprint() == before


def test_stranger_signs_in_and_comes_back_to_the_review(market: Market) -> None:
    answer = browser().get("/checkout", {"way": "team", "variant": market.variant_id, "quantity": 1})
    assert (
        answer["Location"] == f"/sign-in?next=%2Fcheckout%3Fway%3Dteam%26variant%3D{market.variant_id}%26quantity%3D1"
    )


# ------------------------------------------------------------------------------------------------- placing


def test_order_alone_goes_to_the_cashier(market: Market, client: Client, mei: Person) -> None:
    answer = client.post("/checkout", alone(market, 2))
    (order,) = orders_of(mei)
    assert answer["Location"] == f"/pay/{order.order_no}"
    assert (order.kind, order.total_minor) == (OrderKind.ALONE, 11_800)


def test_opening_a_team(market: Market, client: Client, mei: Person) -> None:
    client.post("/checkout", together(market, accepts_reroute="on"))
    (order,) = orders_of(mei)
    team = groupbuy_queries.find_team_of_order(order.id)
    assert (order.kind, order.total_minor) == (OrderKind.TEAM, 3_900)
    assert team is not None
    assert team.leader_id == mei.id
    assert db.rows("SELECT accepts_reroute FROM groupbuy_seat") == [(True,)]


def test_reroute_is_only_accepted_by_who_ticks_it(market: Market, client: Client) -> None:
    client.post("/checkout", together(market))
    assert db.rows("SELECT accepts_reroute FROM groupbuy_seat") == [(False,)]


def test_joining_a_team(committed: Market) -> None:
    team = teams.open_and_pay(utc_now(), make_person(utc_now(), "Mei"), committed.campaign, committed.product)
    lin = make_person(utc_now(), "Lin")
    client = browser(lin)
    query = {"way": "team", "team": team.token, "variant": committed.variant_id, "quantity": 1}
    assert "You join Mei’s team." in client.get("/checkout", query).content.decode()
    client.post("/checkout", together(committed, team=team.token))
    (order,) = orders_of(lin)
    joined = groupbuy_queries.find_team_of_order(order.id)
    assert joined is not None
    assert joined.id == team.id


def test_cart_of_one_shop_becomes_one_order_and_the_rest_stays(market: Market, client: Client, mei: Person) -> None:
    second, foreign = goods.make_product(utc_now(), shop=market.shop), goods.make_product(utc_now())
    for variant_id in (market.variant_id, second.variants[0].id, foreign.variants[0].id):
        db.in_transaction(
            lambda v=variant_id: orders_operations.put_in_cart(  # type: ignore[misc]
                actor=Actor(mei.id), variant_id=v, quantity=2, now=utc_now()
            )
        )
    page = client.get("/checkout", {"way": "cart", "shop": market.shop.id}).content.decode()
    assert "¥236.00" in page
    client.post("/checkout", {"way": "cart", "shop": market.shop.id, "total": 23_600, **key()})
    (order,) = orders_of(mei)
    assert order.total_minor == 23_600
    assert [line.variant_id for line in orders.list_cart(mei.id)] == [foreign.variants[0].id]


# ------------------------------------------------------------------------------------------------- once


def test_form_sent_twice_orders_once(market: Market, client: Client, mei: Person) -> None:
    form = together(market)
    first, second = client.post("/checkout", form), client.post("/checkout", form)
    assert first["Location"] == second["Location"]
    assert len(orders_of(mei)) == 1


def test_new_form_orders_again(market: Market, client: Client, mei: Person) -> None:
    client.post("/checkout", alone(market))
    client.post("/checkout", alone(market))
    assert len(orders_of(mei)) == 2


def test_key_of_another_request_is_refused_and_changes_nothing(market: Market, client: Client) -> None:
    form = alone(market)
    client.post("/checkout", form)
    before = footprint()
    answer = client.post("/checkout", form | {"quantity": 2, "total": 11_800})
    assert answer.status_code == 422
    assert footprint() == before


def test_key_of_somebody_else_is_free_for_me(market: Market, client: Client, mei: Person) -> None:
    form = alone(market)
    lin = make_person(utc_now(), "Lin")
    browser(lin).post("/checkout", form)
    client.post("/checkout", form)
    assert len(orders_of(mei)) == len(orders_of(lin)) == 1


def test_refused_form_may_be_sent_again(market: Market, client: Client, mei: Person) -> None:
    form = alone(market, total=1)
    assert client.post("/checkout", form).status_code == 409
    client.post("/checkout", form | {"total": 5_900})
    assert len(orders_of(mei)) == 1


@pytest.mark.concurrency
@pytest.mark.parametrize(("is_same_form", "order_count"), [(True, 1), (False, 4)])
def test_form_sent_four_times_at_once_orders_once(committed: Market, is_same_form: bool, order_count: int) -> None:
    mei, form = make_person(utc_now(), "Mei"), together(committed)
    clients = [browser(mei) for _ in range(4)]
    forms = [form if is_same_form else together(committed) for _ in clients]

    def send(client: Client, sent: Form) -> str:
        try:
            return client.post("/checkout", sent)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        places = set(pool.map(send, clients, forms))
    assert len(places) == len(orders_of(mei)) == order_count


# ------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "wrong",
    [
        {"idempotency_key": ""},
        {"idempotency_key": "x" * 201},
        {"idempotency_key": "名"},
        {"idempotency_key": "\x00"},
        {"way": "gift"},
        {"way": ""},
        {"variant": ""},
        {"variant": "0"},
        {"variant": "9" * 30},
        {"variant": "'; DROP TABLE orders_order"},
        {"quantity": "0"},
        {"quantity": "-5"},
        {"quantity": "1000"},
        {"quantity": "9" * 5000},
        {"quantity": "1.5"},
        {"total": "x"},
        {"total": "-1"},
        {"total": str(10**20)},
        {"team": "somebody’s", "way": "team"},
        {"team": "abc", "way": "alone"},
        {"way": "cart", "shop": "x"},
        {"way": "cart", "shop": ""},
        {"way": "cart", "shop": "999999"},
    ],
)
def test_malformed_order_is_refused_and_changes_nothing(market: Market, client: Client, wrong: Form) -> None:
    before = footprint()
    answer = client.post("/checkout", alone(market) | wrong)
    assert answer.status_code == 422
    assert footprint() == before


def test_total_that_was_never_shown_is_refused(market: Market, client: Client) -> None:
    before = footprint()
    answer = client.post("/checkout", {name: value for name, value in alone(market).items() if name != "total"})
    assert answer.status_code == 409
    assert footprint() == before


def test_changed_price_is_shown_again_before_it_is_ordered(market: Market, client: Client) -> None:
    form = alone(market)
    db.in_transaction(
        lambda: catalog.set_prices(
            actor=Actor(market.owner.id),
            variant_id=market.variant_id,
            price=goods.yuan(9_900),
            team_price=None,
            now=utc_now(),
        )
    )
    before = footprint()
    answer = client.post("/checkout", form)
    assert answer.status_code == 409
    assert "The price has changed." in answer.content.decode()
    assert 'name="total" value="9900"' in answer.content.decode()
    assert footprint() == before


def test_more_than_there_is(market: Market, client: Client) -> None:
    before = footprint()
    answer = client.post("/checkout", alone(market, 101))
    assert answer.status_code == 409
    assert "Sold out: fewer are left than you asked for." in answer.content.decode()
    assert footprint() == before


def test_more_than_a_team_order_may_hold(market: Market, client: Client) -> None:
    before = footprint()
    answer = client.post("/checkout", together(market, 6))
    assert answer.status_code == 422
    assert "At most 5 in one team order." in answer.content.decode()
    assert footprint() == before


def test_unknown_variant(market: Market, client: Client) -> None:
    before = footprint()
    assert client.get("/checkout", {"way": "alone", "variant": 999_999, "quantity": 1}).status_code == 404
    assert client.post("/checkout", alone(market, variant=999_999)).status_code == 404
    assert footprint() == before


def test_product_that_is_not_sold_to_teams(market: Market, client: Client) -> None:
    product = goods.make_product(utc_now(), shop=market.shop)
    before = footprint()
    answer = client.post("/checkout", together(market, variant=product.variants[0].id))
    assert answer.status_code == 404
    assert "This product is not sold to teams." in answer.content.decode()
    assert footprint() == before


def test_closed_group_buy(market: Market, client: Client) -> None:
    actor, later = Actor(market.owner.id), utc_now()
    db.in_transaction(lambda: groupbuy.close_campaign(actor=actor, campaign_id=market.campaign.id, now=later))
    before = footprint()
    assert client.post("/checkout", together(market)).status_code == 404
    assert footprint() == before


def test_unknown_team(market: Market, client: Client) -> None:
    before = footprint()
    assert client.post("/checkout", together(market, team="nobody-knows")).status_code == 404
    assert footprint() == before


def test_full_team(committed: Market) -> None:
    now = utc_now()
    team = teams.open_and_pay(now, make_person(now), committed.campaign, committed.product)
    teams.join_team(now, make_person(now), team.token, committed.product)
    client = browser(make_person(now))
    before = footprint()
    answer = client.post("/checkout", together(committed, team=team.token))
    assert answer.status_code == 409
    assert "This team is full." in answer.content.decode()
    assert footprint() == before


def test_expired_team(committed: Market) -> None:
    past = utc_now()
    product = goods.make_product(past, shop=committed.shop)
    campaign = goods.make_campaign(past, product, size=2, team_ttl=timedelta(seconds=1))
    team = teams.open_and_pay(past, make_person(past), campaign, product)
    assert team.expires_at is not None
    while utc_now() < team.expires_at:
        time.sleep(0.05)
    client = browser(make_person(past))
    before = footprint()
    answer = client.post("/checkout", together(committed, variant=product.variants[0].id, team=team.token))
    assert answer.status_code == 409
    assert "This team has already ended." in answer.content.decode()
    assert footprint() == before


def test_team_of_another_product(committed: Market) -> None:
    now = utc_now()
    team = teams.open_and_pay(now, make_person(now), committed.campaign, committed.product)
    other = goods.make_product(now, shop=committed.shop)
    client = browser(make_person(now))
    before = footprint()
    answer = client.post("/checkout", together(committed, variant=other.variants[0].id, team=team.token))
    assert answer.status_code == 422
    assert footprint() == before


def test_who_is_in_already_is_led_to_the_team(committed: Market) -> None:
    now = utc_now()
    mei = make_person(now, "Mei")
    product = goods.make_product(now, shop=committed.shop)
    team = teams.open_and_pay(now, mei, goods.make_campaign(now, product, size=3), product)
    client = browser(mei)
    before = footprint()
    answer = client.post("/checkout", together(committed, variant=product.variants[0].id, team=team.token))
    assert answer["Location"] == f"/t/{team.token}"
    assert footprint() == before


def test_who_bought_before_may_not_join_a_team_for_new_buyers(committed: Market) -> None:
    now = utc_now()
    product = goods.make_product(now, shop=committed.shop)
    campaign = goods.make_campaign(now, product, size=3, new_buyers_only=True)
    team = teams.open_and_pay(now, make_person(now), campaign, product)
    lin = make_person(now)
    order = teams.buy_alone(now, lin, product)
    teams.pay(now, lin, order.order_no)
    teams.settle_down(now)
    client = browser(lin)
    before = footprint()
    answer = client.post("/checkout", together(committed, variant=product.variants[0].id, team=team.token))
    assert answer.status_code == 409
    assert "Only people who have never bought here may join this team." in answer.content.decode()
    assert footprint() == before


def test_stranger_orders_nothing(market: Market) -> None:
    before = footprint()
    assert browser().post("/checkout", alone(market))["Location"].startswith("/sign-in")
    assert footprint() == before


def test_forged_form_is_refused(market: Market, mei: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = browser(mei).cookies["sessionid"].value
    before = footprint()
    assert client.post("/checkout", alone(market)).status_code == 403
    assert footprint() == before


# ------------------------------------------------------------------------------------------------- budgets


def test_budgets(committed: Market, django_assert_num_queries: Budget) -> None:
    now = utc_now()
    team = teams.open_and_pay(now, make_person(now, "Mei"), committed.campaign, committed.product)
    client = browser(make_person(now, "Lin"))
    query = {"way": "team", "team": team.token, "variant": committed.variant_id, "quantity": 1}
    with django_assert_num_queries(11):
        client.get("/checkout", query)
    with django_assert_num_queries(10 + BEGIN_AND_COMMIT):
        client.post("/checkout", together(committed, team=team.token))
    with django_assert_num_queries(8 + BEGIN_AND_COMMIT):
        client.post("/checkout", alone(committed))
