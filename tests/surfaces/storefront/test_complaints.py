"""Complaints on pages: begun at the order, answered by the shop, decided in the console; the API says the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO

import pytest
from django.contrib.auth import get_user_model

from tests.builders import complaints
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.complaints import queries
from wuyou.domains.complaints.types import ComplaintState
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import queries as orders
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def lin(committed: Market) -> Person:
    return make_person(utc_now(), "Lin")


@pytest.fixture
def order_no(committed: Market, lin: Person) -> str:
    return complaints.buy(utc_now(), lin, committed.product)


def staff() -> Person:
    gu = make_person(utc_now(), "Gu")
    get_user_model().objects.filter(pk=gu.id).update(is_staff=True)
    return gu


def test_from_the_order_to_the_decision(committed: Market, lin: Person, order_no: str) -> None:
    buyer, seller, console = browser(lin), browser(committed.owner), browser(staff())
    assert f"/orders/{order_no}/complain" in buyer.get(f"/orders/{order_no}").content.decode()
    assert "48 hours" in buyer.get(f"/orders/{order_no}/complain").content.decode()
    photo = BytesIO(make_photo(seed=1))
    photo.name = "broken.jpg"
    form = {"reason": "DAMAGED", "text": "The jar is broken", "pictures": photo, **key()}
    page = buyer.post(f"/orders/{order_no}/complain", form)["Location"]
    for client in (buyer, seller):
        text = client.get(page).content.decode()
        assert "The jar is broken" in text
        assert "The seller has to answer" in text
        assert "countdown" in text
    assert page in seller.get(f"/seller/{committed.shop.id}/complaints").content.decode()
    assert page in buyer.get("/complaints").content.decode()
    assert "Your complaint" in buyer.get(f"/orders/{order_no}").content.decode()
    (step,) = queries.list_steps(int(page.rsplit("/", 1)[1]))
    picture = f"/complaints/photos/{step.photos[0].id}/320"
    assert seller.get(picture).status_code == 200
    assert browser(make_person(utc_now())).get(picture).status_code == 404

    assert seller.post(f"{page}/say", {"text": "We send another", **key()}).status_code == 302
    assert "Answered: is it solved?" in buyer.get(page).content.decode()
    assert buyer.post(f"{page}/pass-on", {"text": "It did not come", **key()}).status_code == 302
    number = page.rsplit("/", 1)[1]
    assert "It did not come" in console.get(f"/staff/complaints/{number}").content.decode()
    assert order_no in console.get("/staff/complaints?state=WITH_STAFF").content.decode()
    refused = console.post(
        f"/staff/complaints/{number}/decide", {"decision": "refund", "amount": "59.01", "text": "x", **key()}
    )
    assert refused.status_code != 302
    assert orders.list_orders_of(lin.id).items[0].refunded_minor == 0
    decided = console.post(
        f"/staff/complaints/{number}/decide",
        {"decision": "refund", "amount": "20.5", "text": "The photo shows it", **key()},
    )
    assert decided.status_code == 302
    assert orders.list_orders_of(lin.id).items[0].refunded_minor == 2_050
    for client in (buyer, seller):
        text = client.get(page).content.decode()
        assert "The photo shows it" in text
        assert "Decided: money back" in text


def test_strangers_and_bad_forms_change_nothing(committed: Market, lin: Person, order_no: str) -> None:
    complaint_id = complaints.complain(utc_now(), lin, order_no)
    stranger, buyer, seller = browser(make_person(utc_now())), browser(lin), browser(committed.owner)
    before = footprint()
    for path in (f"/complaints/{complaint_id}", f"/orders/{order_no}/complain"):
        assert stranger.get(path).status_code == 404
    for client, path, form, status in (
        (stranger, f"/complaints/{complaint_id}/say", {"text": "x"}, 404),
        (seller, f"/complaints/{complaint_id}/pass-on", {"text": "x"}, 404),
        (seller, f"/complaints/{complaint_id}/say", {"text": " "}, 422),
        (buyer, f"/complaints/{complaint_id}/pass-on", {"text": "x"}, 409),
        (buyer, f"/orders/{order_no}/complain", {"reason": "DAMAGED", "text": "again"}, 409),
        (buyer, f"/orders/{order_no}/complain", {"reason": "NO SUCH", "text": "x"}, 422),
        (buyer, f"/staff/complaints/{complaint_id}/decide", {"decision": "reject", "text": "x"}, 404),
    ):
        assert client.post(path, {**form, **key()}).status_code == status, path
    assert footprint() == before


def test_both_sides_by_the_api(committed: Market, lin: Person, order_no: str) -> None:
    buyer, seller = browser(lin), browser(committed.owner)
    made = buyer.post(
        f"/api/v1/orders/{order_no}/complaints",
        {"reason": "POOR_QUALITY", "text": "Thin"},
        content_type="application/json",
    )
    assert made.status_code == 201, made.content
    number = made.json()["complaint"]["id"]
    (listed,) = seller.get(f"/api/v1/shops/{committed.shop.id}/complaints").json()["items"]
    assert listed == made.json()["complaint"]
    answered = seller.post(
        f"/api/v1/complaints/{number}/words", {"text": "We take it back"}, content_type="application/json"
    )
    assert answered.json()["side"] == "SELLER"
    assert buyer.post(f"/api/v1/complaints/{number}/solution").json()["complaint"]["state"] == "SOLVED"
    assert queries.count_by_state()[ComplaintState.SOLVED] == 1
    assert browser(make_person(utc_now())).get(f"/api/v1/complaints/{number}").status_code == 404


def test_queries_of_a_complaint(
    committed: Market, lin: Person, order_no: str, django_assert_num_queries: Budget
) -> None:
    complaint_id = complaints.complain(utc_now(), lin, order_no)
    client = browser(lin)
    client.get(f"/complaints/{complaint_id}")
    with django_assert_num_queries(11):
        client.get(f"/complaints/{complaint_id}")
