"""Publishers choose goods by keywords, coupons and who follows them; shops and staff say the keywords."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import goods, social
from tests.builders.keywords import make_keyword
from tests.builders.people import make_person
from tests.surfaces.staff.conftest import signed_in
from tests.surfaces.storefront.conftest import Market, browser, footprint, key, make_market
from tests.surfaces.studio.test_promoting import post, text
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import KeywordKind
from wuyou.domains.identity.types import Person
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.studio import choosing


@pytest.fixture(autouse=True)
def without_built_names(plain_static_files: None) -> None:
    """No page here needs a collected manifest."""


@pytest.fixture
def market(world: None) -> Market:
    return make_market()


@pytest.fixture
def lin(market: Market) -> Person:
    return make_person(utc_now(), "Lin")


def shows(client: Client, market: Market, **query: str | int) -> bool:
    """Whether the library shows the market's goods for what is asked."""
    answer = client.get(reverse("studio:library"), query)
    assert answer.status_code == 200
    return f'id="goods-{market.product.id}"' in answer.content.decode()


def test_shop_says_what_goods_are_and_the_library_is_narrowed_by_it(market: Market, lin: Person) -> None:
    tea, gift = make_keyword(utc_now(), name="茶", name_en="Tea"), make_keyword(utc_now(), KeywordKind.USERS)
    shop, client = browser(market.owner), browser(lin)
    assert "Tea" in text(shop, "seller:product", market.shop.id, market.product.id)
    assert "Tea" not in text(client, "studio:library")  # nothing there carries it
    address = reverse("seller:set-product-keywords", args=[market.shop.id, market.product.id])
    before = footprint()
    for said, status in (([10**12], 404), (["x"], 422)):
        assert shop.post(address, key() | {"keywords": said}).status_code == status
    assert client.post(address, key() | {"keywords": [tea.id]}).status_code == 404
    assert footprint() == before
    post(shop, "seller:set-product-keywords", market.shop.id, market.product.id, keywords=[tea.id])
    assert catalog.get_product(market.product.id).keyword_ids == (tea.id,)
    page = text(client, "studio:library")
    assert f"keywords={tea.id}" in page
    assert [shows(client, market, keywords=said) for said in (tea.id, gift.id, f"{tea.id}-{gift.id}", 10**12)] == [
        True, False, False, True,  # an address that names what is not there asks for nothing
    ]  # fmt: skip
    assert client.get(reverse("studio:library"), {"keywords": "x"}).status_code == 422


def test_library_goes_on_for_as_long_as_there_are_goods(
    market: Market, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "SHOWN", 2)
    more = [
        goods.make_product(utc_now(), shop=market.shop, price=each, team_price=None) for each in (100, 300, 200, 200)
    ]
    client, shown = browser(lin), []
    address = f"{reverse('studio:library')}?sort=price"
    for page in ("Page 1", "Page 2", "Page 3"):
        said = client.get(address).content.decode()
        assert "5 products pay a commission here." in said
        assert page in said
        shown += [int(number) for number in re.findall(r'id="goods-(\d+)"', said)]
        address = html.unescape("".join(re.findall(r'href="([^"]+)" rel="next"', said)))
    assert not address
    assert shown == [more[0].id, more[2].id, more[3].id, more[1].id, market.product.id]
    for nonsense in ("1", "1.2.3", "x.1", "9" * 19 + ".1"):
        assert "Page 1" in client.get(reverse("studio:library"), {"after": nonsense}).content.decode()


def test_link_is_marked_however_many_newer_ones_there_are(market: Market, lin: Person) -> None:
    client, other = browser(lin), goods.make_product(utc_now(), shop=market.shop)
    post(client, "studio:take-link", market.product.id)
    (line,) = queries.list_links(lin.id).items

    def take(slot_name: str) -> None:
        for number in range(101):
            path = f"/teams/{number + 1}"
            alliance.ensure_link(
                publisher_id=line.link.publisher_id, slot_name=slot_name, product_id=other.id, path=path, now=utc_now()
            )

    db.in_transaction(lambda: take(line.slot_name))
    assert line.link.token in text(client, "studio:library")
    newest = queries.list_links(lin.id).items[0].link.token
    assert newest in text(client, "studio:library")


def test_coupons_and_who_follows_one_narrow_the_library(market: Market, lin: Person) -> None:
    client, shop = browser(lin), browser(market.owner)
    assert [shows(client, market, **query) for query in ({}, {"coupon": 1}, {"fit": 1})] == [True, False, False]
    assert "From 20 people on" in client.get(reverse("studio:library"), {"fit": 1}).content.decode()
    said = {"name": "春天", "kind": "COUPON", "off": "5", "threshold": "50", "per_person": 1, "days": 7}
    post(shop, "seller:coupons", market.shop.id, **said)
    assert shows(client, market, coupon=1)
    assert "¥5 off" in text(client, "studio:library")


def test_places_say_what_they_are_and_goods_for_such_places_are_marked(market: Market, lin: Person) -> None:
    blog = make_keyword(utc_now(), KeywordKind.MEDIA, "公众号", "Blog")
    client, stranger = browser(lin), browser(make_person(utc_now()))
    post(client, "studio:add-slot", name="阳台小报", keywords=[blog.id])
    (slot,) = queries.list_slots(publisher_of(lin))
    assert slot.keyword_ids == (blog.id,)
    assert "Blog" in text(client, "studio:slots")
    before = footprint()
    answer = stranger.post(reverse("studio:set-slot-keywords", args=[slot.id]), key())
    assert answer.status_code == 404
    assert footprint() == before

    host = make_person(utc_now(), "Hou")
    recruiter, shop = browser(host), browser(market.owner)
    number = publisher_of(host)
    db.in_transaction(lambda: alliance.let_recruit(actor=PLATFORM, publisher_id=number, now=utc_now()))
    terms = {"least_rate": "15", "enrol_days": 7, "days": 30}
    post(recruiter, "studio:open-activity", title="博客季", only=f"@{lin.handle}", keywords=[blog.id], **terms)
    (activity,) = queries.list_activities(number)
    assert (activity.only_id, activity.keyword_ids) == (slot.publisher_id, (blog.id,))
    assert "Lin" in text(recruiter, "studio:activity", activity.id)
    page = text(shop, "seller:activities", market.shop.id)
    assert "For one publisher alone" in page
    assert "Blog" in page
    assert lin.handle not in page
    post(shop, "seller:enrol", market.shop.id, activity.id, product=market.product.id, rate="40")
    (enrolled,) = queries.list_enrolments(activity.id)
    post(recruiter, "studio:decide", enrolled.id, accepts="yes")
    page = text(client, "studio:library")
    assert "Fits your places" in page
    assert "40%" in page
    assert shows(client, market, origin="MINE")
    assert shows(client, market, keywords=blog.id)
    assert not shows(stranger, market, origin="MINE")
    assert not shows(stranger, market, keywords=blog.id)
    assert "40%" not in text(stranger, "studio:library")
    post(client, "studio:set-slot-keywords", slot.id)
    assert "Fits your places" not in text(client, "studio:library")
    assert "/studio/library?origin=MINE" in client.get("/notifications").content.decode()
    shut = make_person(utc_now())
    social.block(utc_now(), shut, host)
    before = footprint()
    for nobody in ("nobody_here", shut.handle):
        answer = recruiter.post(reverse("studio:open-activity"), key() | terms | {"title": "x", "only": nobody})
        assert answer.status_code == 404
    assert footprint() == before


def test_staff_define_rename_and_retire_keywords(market: Market, lin: Person) -> None:
    staff = signed_in(make_person(utc_now(), is_staff=True))

    def send(page: str, *arguments: object, **said: object) -> int:
        return staff.post(reverse(f"staff:{page}", args=arguments), key() | said).status_code

    assert send("add-keyword", kind="INDUSTRY", name="茶业", name_en="Tea trade") == 302
    (made,) = catalog.list_keywords()
    assert (made.kind, made.name, made.name_en) == (KeywordKind.INDUSTRY, "茶业", "Tea trade")
    before = footprint()
    refused = [
        ("add-keyword", [], {"kind": "INDUSTRY", "name": "茶业", "name_en": "x"}, 409),
        ("add-keyword", [], {"kind": "PEOPLE", "name": "x", "name_en": "x"}, 422),
        ("change-keyword", [made.id], {"do": "rename", "name": "", "name_en": "x"}, 422),
        ("change-keyword", [made.id], {"do": "burn"}, 422),
        ("change-keyword", [10**12], {"do": "retire"}, 404),
    ]
    for page, arguments, said, status in refused:
        assert send(page, *arguments, **said) == status, (page, said)
    assert footprint() == before
    assert send("change-keyword", made.id, do="rename", name="茶行业", name_en="Tea") == 302
    assert send("change-keyword", made.id, do="retire") == 302
    assert "茶行业" in staff.get(reverse("staff:keywords")).content.decode()
    assert catalog.list_keywords() == ()
    assert send("change-keyword", made.id, do="restore") == 302
    assert [each.name for each in catalog.list_keywords()] == ["茶行业"]


def publisher_of(person: Person) -> int:
    return db.in_transaction(lambda: alliance.ensure_publisher(user_id=person.id, now=utc_now())).id
