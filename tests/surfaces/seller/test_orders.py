"""A shop sees what it sold, sends it, gives money back and decides on teams; nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from tests.builders import goods, teams
from tests.builders.people import make_person
from tests.surfaces.seller.conftest import Bench, another_owner, paid
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.groupbuy.types import Team, TeamState
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import operations, queries
from wuyou.domains.orders.types import FulfilmentState, PlacedOrder, ScanKind
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]

ACTIONS = ("/orders/{order}/ship", "/orders/{order}/refund", "/teams/{team}/waive", "/teams/{team}/dissolve")


@pytest.fixture
def team(committed: Market, mei: Person) -> Team:
    return teams.open_and_pay(utc_now(), mei, committed.campaign, committed.product)


def state(order: PlacedOrder) -> FulfilmentState:
    return queries.get_order(order.id).fulfilment


# ---------------------------------------------------------------- what was sold


def test_what_waits_to_be_sent_comes_first(bench: Bench, order: PlacedOrder, committed: Market, mei: Person) -> None:
    unpaid = teams.buy_alone(utc_now(), mei, committed.product)
    page = bench.page("/orders")
    assert order.order_no in page
    assert "Mei" in page
    assert unpaid.order_no not in page
    assert unpaid.order_no in bench.page("/orders", state="unpaid")
    assert "1 order to send" in bench.page()
    everything = bench.page("/orders", state="all")
    assert order.order_no in everything
    assert unpaid.order_no in everything


def test_search_by_order_and_by_parcel(bench: Bench, order: PlacedOrder, committed: Market, mei: Person) -> None:
    other = paid(committed, mei)
    bench.client.post(
        f"{bench.home}/orders/{other.order_no}/ship", {"carrier": "SF", "number": "sf 1234-567890", **key()}
    )
    assert order.order_no in bench.page("/orders", q=order.order_no, state="all")
    found = bench.page("/orders", q="sf1234567890", state="all")
    assert other.order_no in found
    assert order.order_no not in found
    assert "Nothing with" in bench.page("/orders", q="NOTHING123", state="all")


def test_what_is_late_is_said(bench: Bench, order: PlacedOrder) -> None:
    db.in_transaction(
        lambda: db.execute("UPDATE orders_order SET ship_by = ship_by - interval '49 hours' WHERE id = %s", [order.id])
    )
    assert "1 order should have been sent by now." in bench.page("/orders")
    assert "Late" in bench.page(f"/orders/{order.order_no}")
    assert "1 of them should be on its way already." in bench.page()


# ---------------------------------------------------------------- sending


def test_sending_with_a_label_of_the_local_delivery(bench: Bench, order: PlacedOrder, mei: Person) -> None:
    bench.client.post(f"{bench.home}/orders/{order.order_no}/ship", {"carrier": "LOCAL", **key()})
    assert state(order) is FulfilmentState.SHIPPED
    (parcel,) = queries.list_parcels(order.id)
    assert parcel.number.startswith(f"WY{order.order_no}")
    assert "Nothing waits to be sent" in bench.page("/orders")
    bench.client.post(f"{bench.home}/orders/{order.order_no}/scan", {"kind": "PICKED_UP", "place": "西安", **key()})
    for page in (bench.page(f"/orders/{order.order_no}"), browser(mei).get(f"/orders/{order.order_no}").content):
        text = page if isinstance(page, str) else page.decode()
        for said in (parcel.number, "Picked up", "西安", "Handed to the carrier"):
            assert said in text


def test_sending_by_a_carrier_of_ones_own(bench: Bench, order: PlacedOrder, mei: Person) -> None:
    form = {"carrier": "ZTO", "number": " zt-7551 2345 ", **key()}
    bench.client.post(f"{bench.home}/orders/{order.order_no}/ship", form)
    (parcel,) = queries.list_parcels(order.id)
    assert (parcel.carrier, parcel.number, parcel.scans) == ("ZTO", "ZT75512345", ())
    assert "ZT75512345" in browser(mei).get(f"/orders/{order.order_no}").content.decode()
    before = footprint()
    refused = bench.client.post(f"{bench.home}/orders/{order.order_no}/scan", {"kind": "DELIVERED", **key()})
    assert refused.status_code == 404
    assert footprint() == before
    bench.client.post(f"{bench.home}/orders/{order.order_no}/parcel", {"carrier": "YTO", "number": "YT0001", **key()})
    (corrected,) = queries.list_parcels(order.id)
    assert (corrected.carrier, corrected.number) == ("YTO", "YT0001")


def test_sending_in_parts_and_taking_the_rest_off(bench: Bench, committed: Market, mei: Person) -> None:
    order = paid(committed, mei, quantity=4)
    path, (line,) = f"{bench.home}/orders/{order.order_no}", queries.get_order(order.id).lines
    field = f"pieces-{line.id}"
    assert f'name="{field}"' in bench.page(f"/orders/{order.order_no}")
    bench.client.post(f"{path}/ship", {"carrier": "LOCAL", field: "1", **key()})
    bench.client.post(f"{path}/ship", {"carrier": "SF", "number": "SF0001112", field: "1", **key()})
    first, second = queries.list_parcels(order.id)
    before = footprint()
    for post, form, status in (
        ("ship", {"carrier": "SF", "number": "SF0001113", field: "3"}, 422),
        ("ship", {"carrier": "SF", "number": "SF0001113", field: "0"}, 422),
        ("ship", {"carrier": "SF", "number": "SF0001113", field: "-1"}, 422),
        ("ship", {"carrier": "SF", "number": "SF0001112", field: "1"}, 409),
        ("unsent", {field: "3"}, 422),
        ("unsent", {}, 422),
        ("scan", {"kind": "DELIVERED", "parcel": str(second.id)}, 404),
        ("parcel", {"carrier": "SF", "number": "SF0001114"}, 404),
    ):
        assert bench.client.post(f"{path}/{post}", {**form, **key()}).status_code == status, (post, form)
    assert footprint() == before
    bench.client.post(f"{path}/scan", {"kind": "PICKED_UP", "place": "西安", "parcel": str(first.id), **key()})
    bench.client.post(f"{path}/unsent", {field: "1", **key()})
    seller, buyer = bench.page(f"/orders/{order.order_no}"), browser(mei)
    seen = buyer.get(f"/orders/{order.order_no}").content.decode()
    for page in (seller, seen):
        for said in (first.number, "SF0001112", "Sent in part", "西安", "One jar × 1", "1 not sent, paid back"):
            assert said in page, said
    assert "Refund me the rest" in seen
    buyer.post(f"/orders/{order.order_no}/refund/unsent", key())
    assert state(order) is FulfilmentState.SHIPPED
    assert queries.get_order(order.id).refunded_minor == 2 * 5_900
    assert "took goods off an order" in bench.page("/clerks")


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"carrier": "SF", "number": "12345"}, 422, "6 to 32 letters and digits"),
        ({"carrier": "SF", "number": ""}, 422, "6 to 32 letters and digits"),
        ({"carrier": "SF", "number": "<b>12345678</b>"}, 422, "6 to 32 letters and digits"),
        ({"carrier": "PIGEON", "number": "12345678"}, 422, "We know no carrier of this name"),
    ],
)
def test_wrong_number_is_refused_and_changes_nothing(
    bench: Bench, order: PlacedOrder, form: dict[str, str], status: int, said: str
) -> None:
    before = footprint()
    answer = bench.client.post(f"{bench.home}/orders/{order.order_no}/ship", {**form, **key()})
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert footprint() == before


def test_sending_many_at_once(bench: Bench, committed: Market, mei: Person) -> None:
    sold = [paid(committed, mei) for _ in range(3)]
    bench.client.post(f"{bench.home}/orders/ship", {"order": [each.order_no for each in sold[:2]], **key()})
    assert [state(each) for each in sold] == [FulfilmentState.SHIPPED, FulfilmentState.SHIPPED, FulfilmentState.READY]
    numbers = {queries.list_parcels(each.id)[0].number for each in sold[:2]}
    assert len(numbers) == 2
    assert [act.what for act in catalog.list_acts(committed.shop.id).items] == ["ship-many"]


def test_of_many_one_that_cannot_go_keeps_all(bench: Bench, committed: Market, mei: Person) -> None:
    first, second = paid(committed, mei), paid(committed, mei)
    db.in_transaction(lambda: operations.ship_order(actor=PLATFORM, order_id=second.id, now=utc_now()))
    for chosen, status in (
        ([first.order_no, second.order_no], 409),
        ([first.order_no, "26030100000012"], 404),
        ([], 422),
    ):
        before = footprint()
        assert bench.client.post(f"{bench.home}/orders/ship", {"order": chosen, **key()}).status_code == status
        assert footprint() == before
    assert state(first) is FulfilmentState.READY


def test_orders_of_ones_other_shop_are_not_here(bench: Bench, order: PlacedOrder, committed: Market) -> None:
    second = goods.make_shop(utc_now(), owner_id=committed.owner.id, name_en="Second shop")
    assert "Second shop" in bench.page()
    before = footprint()
    for path in (f"/orders/{order.order_no}/ship", f"/orders/{order.order_no}/refund"):
        assert bench.client.post(f"/seller/{second.id}{path}", {"amount": "1", **key()}).status_code == 404
    assert bench.client.get(f"/seller/{second.id}/orders/{order.order_no}").status_code == 404
    assert (
        bench.client.post(f"/seller/{second.id}/orders/ship", {"order": [order.order_no], **key()}).status_code == 404
    )
    assert footprint() == before


# ---------------------------------------------------------------- money back


@pytest.mark.parametrize(("amount", "minor"), [("", 5_900), ("59", 5_900), ("0.01", 1), ("12.5", 1_250)])
def test_refunding(bench: Bench, order: PlacedOrder, amount: str, minor: int) -> None:
    bench.client.post(f"{bench.home}/orders/{order.order_no}/refund", {"amount": amount, **key()})
    assert queries.get_order(order.id).refunded_minor == minor
    assert "You gave it" in bench.page(f"/orders/{order.order_no}")


@pytest.mark.parametrize(
    "amount", ["0", "-1", "59.01", "0.001", "1e3", "nan", "Infinity", "all", "9" * 30, "1,5", "\x00"]
)
def test_refund_of_a_wrong_amount_is_refused_and_changes_nothing(bench: Bench, order: PlacedOrder, amount: str) -> None:
    before = footprint()
    answer = bench.client.post(f"{bench.home}/orders/{order.order_no}/refund", {"amount": amount, **key()})
    assert answer.status_code == 422
    assert "A refund must be above zero" in answer.content.decode()
    assert footprint() == before


# ---------------------------------------------------------------- teams


def test_letting_a_team_pass(bench: Bench, team: Team) -> None:
    assert "Let this team pass" in bench.page("/teams")
    bench.client.post(f"{bench.home}/teams/{team.id}/waive", key())
    after = groupbuy.get_team(team.token)
    assert (after.state, after.was_waived) == (TeamState.FORMED, True)


def test_dissolving_a_team(bench: Bench, team: Team) -> None:
    bench.client.post(f"{bench.home}/teams/{team.id}/dissolve", key())
    assert groupbuy.get_team(team.token).state is TeamState.CANCELLED
    assert "No team is filling now" in bench.page("/teams")


# ---------------------------------------------------------------- whatever is done


@pytest.mark.parametrize("action", ACTIONS)
def test_form_sent_twice_does_it_once(bench: Bench, order: PlacedOrder, team: Team, action: str) -> None:
    path = f"{bench.home}{action.format(order=order.order_no, team=team.id)}"
    form = {"amount": "1", "carrier": "LOCAL", **key()}
    first = bench.client.post(path, form)
    before = footprint()
    assert bench.client.post(path, form)["Location"] == first["Location"]
    assert footprint() == before


@pytest.mark.parametrize("action", [ACTIONS[0], *ACTIONS[2:]])
def test_what_is_no_longer_possible_is_refused_and_changes_nothing(
    bench: Bench, order: PlacedOrder, team: Team, action: str
) -> None:
    path = f"{bench.home}{action.format(order=order.order_no, team=team.id)}"
    bench.client.post(path, {"carrier": "LOCAL", **key()})
    before = footprint()
    assert bench.client.post(path, {"carrier": "LOCAL", **key()}).status_code == 409
    assert footprint() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_else_may(bench: Bench, order: PlacedOrder, team: Team, mei: Person, action: str) -> None:
    path = f"{bench.home}{action.format(order=order.order_no, team=team.id)}"
    others = [browser(mei), browser(another_owner()), browser(make_person(utc_now(), is_staff=True))]
    before = footprint()
    for other in others:
        assert other.post(path, {"amount": "1", **key()}).status_code == 404
    assert browser().post(path, key())["Location"].startswith("/sign-in")
    assert footprint() == before


def test_team_of_another_shop_is_none_of_ones_own(bench: Bench, mei: Person) -> None:
    now, rival = utc_now(), another_owner()
    product = goods.make_product(now, shop=goods.make_shop(now, owner_id=rival.id))
    theirs = teams.open_and_pay(now, mei, goods.make_campaign(now, product), product)
    before = footprint()
    for action in ("waive", "dissolve"):
        assert bench.client.post(f"{bench.home}/teams/{theirs.id}/{action}", key()).status_code == 404
        assert bench.client.post(f"{bench.home}/teams/999999/{action}", key()).status_code == 404
    assert footprint() == before


def test_only_owners_see_the_place(bench: Bench, mei: Person) -> None:
    assert "My shop" in bench.client.get("/me").content.decode()
    assert "My shop" not in browser(mei).get("/me").content.decode()


def test_budgets(
    bench: Bench, order: PlacedOrder, committed: Market, team: Team, django_assert_num_queries: Budget
) -> None:
    def measured() -> None:
        with django_assert_num_queries(9):
            bench.page("/orders", state="all")
        with django_assert_num_queries(8):
            bench.page("/teams")

    measured()
    for _ in range(3):
        paid(committed, make_person(utc_now()))
        teams.open_and_pay(utc_now(), make_person(utc_now()), committed.campaign, committed.product)
    measured()


def test_scans_end_with_the_delivery(bench: Bench, order: PlacedOrder) -> None:
    path = f"{bench.home}/orders/{order.order_no}"
    bench.client.post(f"{path}/ship", {"carrier": "LOCAL", **key()})
    for kind in (ScanKind.PICKED_UP, ScanKind.NOT_MET, ScanKind.DELIVERED):
        bench.client.post(f"{path}/scan", {"kind": kind.value, **key()})
    (parcel,) = queries.list_parcels(order.id)
    assert parcel.is_delivered
    before = footprint()
    assert bench.client.post(f"{path}/scan", {"kind": "PICKED_UP", **key()}).status_code == 422
    assert bench.client.post(f"{path}/scan", {"kind": "LOST", **key()}).status_code == 422
    assert footprint() == before
    assert timedelta(0) <= utc_now() - parcel.sent_at
