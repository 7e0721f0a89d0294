"""Coupons of a shop, packets of a publisher and of the platform, at their desks."""

from __future__ import annotations

import pytest

from tests.builders import goods, teams
from tests.builders.people import make_person
from tests.surfaces.seller.conftest import Bench
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, TransferDraft
from wuyou.domains.promotions import queries
from wuyou.domains.promotions.types import Funder, Layer, Promotion, PromotionKind
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency

COUPON = {"name": "春日券", "kind": "COUPON", "off": "5", "threshold": "30", "per_person": 1, "days": 30}


def opened(funder: Funder, **who: int) -> tuple[Promotion, ...]:
    return queries.list_promotions(funder=funder, **who).items


def test_a_shop_opens_watches_and_stops(bench: Bench, committed: Market) -> None:
    form = COUPON | key() | {"combines": ["ITEM", "PACKET"], "product": committed.product.id, "budget": "100"}
    for _ in range(2):  # the same form again is obeyed once
        assert bench.client.post(f"{bench.home}/coupons", form).status_code == 302
    (made,) = opened(Funder.SHOP, shop_id=committed.shop.id)
    assert (made.off_minor, made.threshold_minor, made.budget_minor) == (500, 3_000, 10_000)
    assert made.combines == {Layer.ITEM, Layer.PACKET}
    assert made.product_id == committed.product.id
    page = bench.page("/coupons")
    assert "春日券" in page
    assert bench.client.post(f"{bench.home}/coupons", key() | {"stop": made.id}).status_code == 302
    assert queries.get_promotion(made.id).until <= utc_now()


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"off": ""}, 422),
        ({"threshold": "5"}, 422),
        ({"rate": "10"}, 422),
        ({"off": "-1"}, 422),
        ({"kind": "PACKET", "count": ""}, 422),
        ({"kind": "PACKET", "count": "3"}, 409),
        ({"channel": "nobody_here"}, 404),
        ({"product": "999999"}, 422),
    ],
)
def test_what_makes_no_sense_opens_nothing(bench: Bench, wrong: dict[str, str], status: int) -> None:
    before = footprint()
    assert bench.client.post(f"{bench.home}/coupons", COUPON | key() | wrong).status_code == status
    assert footprint() == before


def test_others_find_nothing_and_stop_nothing(bench: Bench, committed: Market) -> None:
    assert bench.client.post(f"{bench.home}/coupons", COUPON | key()).status_code == 302
    (made,) = opened(Funder.SHOP, shop_id=committed.shop.id)
    other = make_person(utc_now())
    foreign = goods.make_shop(utc_now(), owner_id=other.id)
    client, before = browser(other), footprint()
    assert client.get(f"{bench.home}/coupons").status_code == 404
    assert client.post(f"/seller/{foreign.id}/coupons", key() | {"stop": made.id}).status_code == 404
    assert client.post("/studio/packets", key() | {"stop": made.id}).status_code == 404
    assert {name: digest for name, digest in footprint().items() if "promotions" in name} == {
        name: digest for name, digest in before.items() if "promotions" in name
    }


def earn(publisher_id: int, amount_minor: int) -> None:
    """Money that a publisher has earned, from the platform."""
    accounts = (
        AccountRef(AccountKind.PLATFORM_REVENUE, "", Currency.CNY),
        AccountRef(AccountKind.PROMOTER_PAYABLE, f"publisher:{publisher_id}", Currency.CNY),
    )
    draft = JournalDraft("bonus:1", "bonus", "", utc_now(), (TransferDraft(*accounts, amount_minor, "bonus"),))
    db.in_transaction(lambda: ledger.post(journals=[draft], now=utc_now()))


def test_a_publisher_pays_for_who_comes_by_their_links(committed: Market) -> None:
    now, lin = utc_now(), make_person(utc_now(), "Lin")
    client = browser(lin)
    assert "Take a link to a product first." in client.get("/studio/packets").content.decode()
    publisher = db.in_transaction(lambda: alliance.ensure_publisher(user_id=lin.id, now=now))
    db.in_transaction(
        lambda: alliance.ensure_link(
            publisher_id=publisher.id, slot_name="home", product_id=committed.product.id, path="/", now=now
        )
    )
    form = {"name": "林的红包", "product": committed.product.id, "off": "3", "count": 5, "per_person": 1, "days": 7}
    before = footprint()
    assert client.post("/studio/packets", form | key()).status_code == 409
    assert footprint() == before
    earn(publisher.id, 2_000)
    assert client.post("/studio/packets", form | key()).status_code == 302
    (made,) = opened(Funder.PUBLISHER, publisher_id=publisher.id)
    assert (made.kind, made.off_minor, made.budget_minor) == (PromotionKind.PACKET, 300, 1_500)
    page = client.get("/studio/packets").content.decode()
    assert "林的红包" in page
    assert "¥5.00" in page
    assert client.post("/studio/packets", key() | {"stop": made.id}).status_code == 302
    assert queries.get_promotion(made.id).closed_at is not None


def test_the_platform_pays_and_stops(committed: Market) -> None:
    staff = browser(make_person(utc_now(), is_staff=True))
    form = {"name": "平台红包", "off": "2", "count": 10, "per_person": 2, "days": 7, "for_teams": "on"}
    assert staff.post("/staff/packets", form | key() | {"number": committed.product.id}).status_code == 302
    assert staff.post("/staff/packets", form | key()).status_code == 302
    everywhere, here = opened(Funder.PLATFORM)
    assert (here.shop_id, here.product_id) == (committed.shop.id, committed.product.id)
    assert (everywhere.shop_id, everywhere.product_id, everywhere.for_teams) == (None, None, True)
    page = staff.get("/staff/packets").content.decode()
    assert page.count("平台红包") == 2
    assert staff.post("/staff/packets", key() | {"stop": here.id}).status_code == 302
    assert queries.get_promotion(here.id).closed_at is not None
    proof = staff.get("/staff/books", {"prove": "promotions"}).content.decode()
    assert "Red packets are what the books hold for them" in proof
    teams.settle_down(utc_now())
