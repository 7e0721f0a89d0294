"""Refunds and returns through the pages: asked, answered, sent, decided; nobody else sees anything."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO

import pytest

from tests.builders import claims, teams
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.aftersales import queries
from wuyou.domains.aftersales.types import ClaimState
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import PlacedOrder
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def lin(committed: Market) -> Person:
    return make_person(utc_now(), "Lin")


@pytest.fixture
def placed(committed: Market, lin: Person) -> PlacedOrder:
    """Two jars at 5,900 that have come."""
    order = teams.buy_alone(utc_now(), lin, committed.product, quantity=2)
    teams.pay(utc_now(), lin, order.order_no)
    teams.settle_down(utc_now())
    teams.receive(utc_now(), order.id)
    return order


def form(order: PlacedOrder, pieces: int = 2, **more: str) -> dict[str, object]:
    line = orders.get_order(order.id).lines[0]
    return {
        "kind": "RETURN",
        "reason": "DAMAGED",
        f"line-{line.id}": str(pieces),
        "text": "The jar broke",
        **more,
        **key(),
    }


def test_from_asking_to_the_money(committed: Market, lin: Person, placed: PlacedOrder) -> None:
    buyer, seller = browser(lin), browser(committed.owner)
    assert f"/orders/{placed.order_no}/return" in buyer.get(f"/orders/{placed.order_no}").content.decode()
    assert "48 hours" in buyer.get(f"/orders/{placed.order_no}/return").content.decode()
    photo = BytesIO(make_photo(seed=1))
    photo.name = "broken.jpg"
    page = buyer.post(f"/orders/{placed.order_no}/return", {**form(placed, 1), "pictures": photo})["Location"]
    claim_id = int(page.rsplit("/", 1)[1])
    for client in (buyer, seller):
        text = client.get(page).content.decode()
        for said in ("The jar broke", "The shop has to answer", "it has agreed", "¥59.00"):
            assert said in text
    assert page in seller.get(f"/seller/{committed.shop.id}/claims").content.decode()
    assert "1 refund or return to answer" in seller.get(f"/seller/{committed.shop.id}").content.decode()
    assert page in buyer.get("/returns").content.decode()
    assert page in buyer.get(f"/orders/{placed.order_no}").content.decode()
    seller.post(f"{page}/agree", {"text": "To 1 Peach Lane", **key()})
    assert "To 1 Peach Lane" in buyer.get(page).content.decode()
    buyer.post(f"{page}/send", {"carrier": "SF", "number": "sf1234567", **key()})
    assert "SF1234567" in seller.get(page).content.decode()
    seller.post(f"{page}/confirm", key())
    claim = queries.find_claim(claim_id)
    assert claim is not None
    assert claim.state is ClaimState.REFUNDED
    assert orders.get_order(placed.id).refunded_minor == 5_900
    assert "Money goes back" in buyer.get(page).content.decode()


def test_from_the_refusal_to_the_decision(committed: Market, lin: Person, placed: PlacedOrder) -> None:
    buyer, seller = browser(lin), browser(committed.owner)
    console = browser(make_person(utc_now(), "Gu", is_staff=True))
    page = buyer.post(f"/orders/{placed.order_no}/return", form(placed, kind="REFUND"))["Location"]
    claim_id = int(page.rsplit("/", 1)[1])
    seller.post(f"{page}/refuse", {"text": "It was whole", **key()})
    buyer.post(f"{page}/pass-on", {"text": "It was not", **key()})
    assert f"/staff/claims/{claim_id}" in console.get("/staff/claims?state=WITH_STAFF").content.decode()
    text = console.get(f"/staff/claims/{claim_id}").content.decode()
    assert "It was whole" in text
    assert "It was not" in text
    before = footprint()
    for amount in ("118.01", "0", "-1", "x", "1e400"):
        answer = console.post(
            f"/staff/claims/{claim_id}/decide", {"decision": "refund", "amount": amount, "text": "so", **key()}
        )
        assert answer.status_code == 422
    assert footprint() == before
    console.post(f"/staff/claims/{claim_id}/decide", {"decision": "refund", "amount": "10", "text": "so", **key()})
    assert orders.get_order(placed.id).refunded_minor == 1_000
    assert "Staff decided: money goes back" in buyer.get(page).content.decode()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"kind": "EXCHANGE"}, 422),
        ({"reason": ""}, 422),
        ({"text": " "}, 422),
        ({"amount": "118.01"}, 422),
        ({"amount": "0"}, 422),
        ({"amount": "1e1"}, 422),
        ({"amount": "0.001"}, 422),
        ({"amount": "."}, 422),
    ],
)
def test_wrong_forms_are_refused_and_change_nothing(
    lin: Person, placed: PlacedOrder, change: dict[str, str], status: int
) -> None:
    client, before = browser(lin), footprint()
    answer = client.post(f"/orders/{placed.order_no}/return", form(placed, **change))
    assert answer.status_code == status
    assert footprint() == before


@pytest.mark.parametrize("pieces", ["-1", "3", "x", "1.5", "99999"])
def test_wrong_pieces_are_refused_and_change_nothing(lin: Person, placed: PlacedOrder, pieces: str) -> None:
    line = orders.get_order(placed.id).lines[0]
    client, before = browser(lin), footprint()
    answer = client.post(f"/orders/{placed.order_no}/return", {**form(placed), f"line-{line.id}": pieces})
    assert answer.status_code == 422
    assert footprint() == before


def test_nobody_else_sees_or_does_anything(committed: Market, lin: Person, placed: PlacedOrder) -> None:
    claim_id = claims.ask(utc_now(), lin, placed.order_no)
    other = browser(make_person(utc_now(), "Other"))
    before = footprint()
    assert other.get(f"/returns/{claim_id}").status_code == 404
    for act in ("agree", "refuse", "send", "confirm", "object", "pass-on", "withdraw"):
        assert other.post(f"/returns/{claim_id}/{act}", {"text": "x", "carrier": "SF", **key()}).status_code == 404
        assert browser().post(f"/returns/{claim_id}/{act}", key())["Location"].startswith("/sign-in")
    assert other.get(f"/orders/{placed.order_no}/return").status_code == 404
    assert other.post(f"/orders/{placed.order_no}/return", form(placed)).status_code == 404
    assert footprint() == before


def test_form_sent_twice_asks_once(lin: Person, placed: PlacedOrder) -> None:
    client, sent = browser(lin), form(placed)
    first = client.post(f"/orders/{placed.order_no}/return", sent)
    before = footprint()
    assert client.post(f"/orders/{placed.order_no}/return", sent)["Location"] == first["Location"]
    assert footprint() == before
