"""Who works in a shop sees and does what their role says; the rest is not there, and all is gone when it ends."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.builders import erasure, social
from tests.builders.people import make_person
from tests.surfaces.seller.conftest import Bench
from tests.surfaces.seller.test_access import PAGES, SENTENCE, address
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.catalog import operations, queries
from wuyou.domains.catalog.types import ROLES, Permission, Role
from wuyou.domains.identity.types import Person
from wuyou.domains.orders.types import PlacedOrder
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.seller.pages.clerks import DONE
from wuyou.surfaces.seller.urls import urlpatterns

NEEDS = {str(each.name): each.callback.needs for each in urlpatterns if each.name in PAGES}  # type: ignore[attr-defined]


def clerk(market: Market, role: Role) -> Person:
    """Somebody who works in the market's shop."""
    person, now = make_person(utc_now()), utc_now()
    db.in_transaction(
        lambda: operations.invite_clerk(
            actor=Actor(market.owner.id), shop_id=market.shop.id, person_id=person.id, role=role, now=now
        )
    )
    db.in_transaction(
        lambda: operations.answer_invitation(actor=Actor(person.id), shop_id=market.shop.id, accepts=True, now=now)
    )
    return person


@pytest.mark.parametrize("role", list(Role))
def test_every_page_is_there_for_the_roles_that_may_and_for_nobody_else(committed: Market, role: Role) -> None:
    client, before = browser(clerk(committed, role)), footprint()
    closed = [page for page in PAGES if not NEEDS[page] <= ROLES[role]]
    assert {"clerks", "end-clerk"} <= set(closed)
    for page in closed:
        for ask in (client.get, client.post):
            denied, absent = ask(address(page, committed.shop.id)), ask(address(page, 999_999))
            assert denied.status_code == absent.status_code == 404, page
            assert SENTENCE in denied.content.decode(), page
    assert footprint() == before
    for page in set(PAGES) - set(closed):
        assert SENTENCE not in client.get(address(page, committed.shop.id)).content.decode(), page


def test_every_page_of_a_shop_asks_for_one_permission_or_says_that_it_asks_for_none() -> None:
    assert {page for page, needs in NEEDS.items() if not needs} == {"overview", "photo", "leave"}
    assert all(len(needs) <= 1 for needs in NEEDS.values())
    assert {Role.MANAGER, *Role} == set(ROLES)
    assert all(Permission.CLERKS not in may for may in ROLES.values())


def test_the_navigation_leads_only_to_what_one_may(committed: Market) -> None:
    home = f"/seller/{committed.shop.id}"
    page = browser(clerk(committed, Role.GOODS)).get(home).content.decode()
    assert f'href="{home}/products"' in page
    for closed in ("/orders", "/coupons", "/money/", "/clerks"):
        assert f'href="{home}{closed}' not in page
    assert "In escrow" not in page
    assert "In escrow" in browser(clerk(committed, Role.FINANCE)).get(home).content.decode()


def test_asked_answered_and_ended_at_once(bench: Bench, committed: Market, order: PlacedOrder) -> None:
    helper = make_person(utc_now(), "Lin")
    theirs, ship = browser(helper), f"{bench.home}/orders/{order.order_no}/ship"
    asked = {"handle": f"@{helper.handle}", "role": "ORDERS", **key()}
    assert bench.client.post(f"{bench.home}/clerks", asked).status_code == 302
    assert "Work in a shop" in theirs.get("/me").content.decode()
    assert theirs.post(ship, {"carrier": "LOCAL", **key()}).status_code == 404  # asked is not yet working there
    answer = theirs.post("/seller/invitations", {"shop": committed.shop.id, "answer": "yes", **key()})
    assert answer["Location"] == bench.home

    assert theirs.post(ship, {"carrier": "LOCAL", **key()}).status_code == 302
    page = bench.page("/clerks")
    assert "sent an order" in page
    assert order.order_no in page
    assert "Lin" in page

    assert bench.client.post(f"{bench.home}/clerks/{helper.id}/end", key()).status_code == 302
    before = footprint()
    assert theirs.get(f"{bench.home}/orders").status_code == 404
    assert theirs.post(f"{bench.home}/orders/{order.order_no}/refund", key()).status_code == 404
    assert theirs.post("/seller/invitations", {"shop": committed.shop.id, "answer": "yes", **key()}).status_code == 404
    assert footprint() == before


def test_declining_and_leaving(bench: Bench, committed: Market) -> None:
    helper = make_person(utc_now())
    theirs = browser(helper)
    for answer in ("no", "yes"):
        asked = {"handle": helper.handle, "role": "GOODS", **key()}
        assert bench.client.post(f"{bench.home}/clerks", asked).status_code == 302
        theirs.post("/seller/invitations", {"shop": committed.shop.id, "answer": answer, **key()})
        assert theirs.get(f"{bench.home}/products").status_code == (200 if answer == "yes" else 404)
    assert theirs.post(f"{bench.home}/clerks/leave", key()).status_code == 302
    assert theirs.get(bench.home).status_code == 404
    assert bench.client.post(f"{bench.home}/clerks/leave", key()).status_code == 404


def test_who_cannot_be_asked_is_not_there_and_nothing_changes(bench: Bench, committed: Market) -> None:
    blocked, there = make_person(utc_now()), clerk(committed, Role.GOODS)
    social.block(utc_now(), blocked, committed.owner)
    before = footprint()
    for handle, role, status in (
        ("nobody_here", "ORDERS", 404),
        (blocked.handle, "ORDERS", 404),
        (there.handle, "ORDERS", 409),
        (committed.owner.handle, "ORDERS", 409),
        (make_person.__name__, "OWNER", 422),
        ("\x00", "ORDERS", 404),
    ):
        answer = bench.client.post(f"{bench.home}/clerks", {"handle": handle, "role": role, **key()})
        assert answer.status_code == status, handle
    assert bench.client.post(f"{bench.home}/clerks/999999/end", key()).status_code == 404
    assert footprint() == before


def test_a_form_that_is_sent_again_is_written_down_once(bench: Bench, committed: Market) -> None:
    path, form = f"{bench.home}/products/{committed.product.id}/shelf", {"listed": "no", **key()}
    for _ in range(2):
        assert bench.client.post(path, form).status_code == 302
    (act,) = queries.list_acts(committed.shop.id).items
    assert (act.what, act.about, act.person_id) == ("shelve-product", str(committed.product.id), committed.owner.id)
    assert bench.client.post(path, {"listed": "perhaps", **key()}).status_code == 422
    assert len(queries.list_acts(committed.shop.id).items) == 1


def test_every_form_of_the_workbench_has_words_for_what_it_does() -> None:
    only_read = {
        "overview", "orders", "order", "claims", "products", "product", "complaints", "statement", "effect", "creators",
        "promotion", "collaboration", "activities", "teams", "photo", "seeding",
    }  # fmt: skip
    by_operations = {"claim-agreed", "claim-refused", "claim-arrived", "claim-objected", "complaint-words"}
    assert set(PAGES) | {"invitations"} | by_operations == only_read | set(DONE)


def test_erasure_ends_the_work_and_keeps_what_was_done(committed: Market) -> None:
    helper = clerk(committed, Role.GOODS)
    path = reverse("seller:shelve-product", args=[committed.shop.id, committed.product.id])
    assert browser(helper).post(path, {"listed": "no", **key()}).status_code == 302
    exported = dict(queries.export_person(helper.id))
    assert [row["role"] for row in exported["clerk_of"]] == ["GOODS"]
    assert [row["what"] for row in exported["done_in_shops"]] == ["invitations", "shelve-product"]

    erasure.erase(utc_now(), helper.id)

    assert queries.list_clerks(committed.shop.id) == ()
    assert queries.get_shop(committed.shop.id).clerks == ()
    acts = [(act.person_id, act.what) for act in queries.list_acts(committed.shop.id).items]
    assert acts == [(helper.id, "shelve-product"), (helper.id, "invitations"), (committed.owner.id, "clerks")]
