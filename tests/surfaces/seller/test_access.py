"""Who runs the shop comes in, strangers sign in, and everybody else finds no such shop."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.builders.people import make_person
from tests.surfaces.seller.conftest import another_owner
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.seller.urls import urlpatterns

ARGUMENTS: dict[str, list[object]] = {
    "order": ["26030100000012"],
    "ship": ["26030100000012"],
    "correct-parcel": ["26030100000012"],
    "scan": ["26030100000012"],
    "refund": ["26030100000012"],
    "refund-unsent": ["26030100000012"],
    "product": [1],
    "describe-product": [1],
    "set-product-keywords": [1],
    "save-variants": [1],
    "add-variant": [1],
    "shelve-product": [1],
    "add-product-photos": [1],
    "take-up-photos": [1],
    "photo": [1, 160],
    "change-photo": [1],
    "end-clerk": [1],
    "stop-campaign": [1],
    "change-campaign": [1],
    "statement": ["merchant_payable", "CNY"],
    "collaboration": [1],
    "invite": [1],
    "close-collaboration": [1],
    "answer-application": [1],
    "end-participation": [1],
    "enrol": [1],
    "withdraw": [1],
    "waive": [1],
    "dissolve": [1],
}
PAGES = [str(pattern.name) for pattern in urlpatterns if pattern.name not in {"enter", "invitations"}]
SENTENCE = "We could not find this shop."


def address(page: str, shop_id: int) -> str:
    return reverse(f"seller:{page}", args=[shop_id, *ARGUMENTS.get(page, [])])


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_sent_to_sign_in(committed: Market, page: str) -> None:
    answer = browser().get(address(page, committed.shop.id))
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{reverse('storefront:sign-in')}?next=/seller/{committed.shop.id}")
    assert browser().post(address(page, committed.shop.id), key())["Location"].endswith("next=/seller/")


@pytest.mark.parametrize("page", PAGES)
def test_everybody_else_finds_what_who_asks_for_no_shop_finds(committed: Market, page: str) -> None:
    people = (make_person(utc_now()), another_owner(), make_person(utc_now(), is_staff=True))
    others = [browser(person) for person in people]
    before = footprint()
    for other in others:
        for ask in (other.get, other.post):
            denied, absent = ask(address(page, committed.shop.id)), ask(address(page, 999_999))
            assert denied.status_code == absent.status_code == 404
            assert SENTENCE in denied.content.decode()
            assert SENTENCE in absent.content.decode()
    assert footprint() == before


def test_entering_leads_to_ones_shop(committed: Market) -> None:
    assert browser(committed.owner).get("/seller/")["Location"] == f"/seller/{committed.shop.id}"
    assert browser(make_person(utc_now())).get("/seller/").status_code == 404
    assert browser().get("/seller/")["Location"].endswith("next=/seller/")


def test_form_needs_its_token(committed: Market) -> None:
    client = browser(committed.owner)
    client.handler.enforce_csrf_checks = True
    assert client.post(f"/seller/{committed.shop.id}/orders/ship", key()).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_no_cache_keeps_a_page(committed: Market, page: str) -> None:
    answer = browser(committed.owner).get(address(page, committed.shop.id))
    assert answer.status_code in {200, 404, 405}
    if answer.status_code == 200:
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["0", "x", "9" * 19, "1%00", "orders", "{shop}/orders?state=%00", "{shop}/orders?after=99999999999999999999",
     "{shop}/orders?q=%00", "{shop}/orders/%00", "{shop}/teams/0/waive", "{shop}/complaints?after=x"],
)  # fmt: skip
def test_addresses_that_make_no_sense_are_never_our_fault(committed: Market, path: str) -> None:
    path = path.format(shop=committed.shop.id)
    assert browser(committed.owner).get(f"/seller/{path}").status_code in {200, 404, 422}
