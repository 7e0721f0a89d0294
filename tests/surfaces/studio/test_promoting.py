"""Shops and publishers agree on what is paid, each at their own desk, and a sale is paid by it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint, key, make_market
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import EnrolmentState, ParticipantState
from wuyou.domains.identity.types import Person
from wuyou.domains.inventory import operations as stock
from wuyou.domains.inventory import queries as inventory
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.studio.urls import urlpatterns
from wuyou.surfaces.ui import codes

ARGUMENTS: dict[str, list[object]] = {
    "take-link": [1],
    "pick": [1],
    "set-slot-keywords": [1],
    "share": ["x"],
    "apply": [1],
    "answer": [1],
    "leave": [1],
    "activity": [1],
    "close-activity": [1],
    "decide": [1],
    "hold": [1],
    "appeal-hold": [1],
    "show-honour": [1],
    "decline-honour": [1],
}
PAGES = [str(pattern.name) for pattern in urlpatterns]


@pytest.fixture(autouse=True)
def without_built_names(plain_static_files: None) -> None:
    """No page here needs a collected manifest."""


@pytest.fixture
def market(world: None) -> Market:
    return make_market()


@pytest.fixture
def lin(market: Market) -> Person:
    return make_person(utc_now(), "Lin")


def text(client: Client, page: str, *arguments: object) -> str:
    answer = client.get(reverse(page, args=arguments))
    assert answer.status_code == 200, page
    return answer.content.decode()


def post(client: Client, page: str, *arguments: object, **said: object) -> str:
    """Send a form; returns where it leads."""
    answer = client.post(reverse(page, args=arguments), key() | said)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_sent_to_sign_in_and_no_cache_keeps_a_page(market: Market, lin: Person, page: str) -> None:
    address = reverse(f"studio:{page}", args=ARGUMENTS.get(page, []))
    assert browser().get(address)["Location"].startswith(f"{reverse('storefront:sign-in')}?next=/studio/")
    answer = browser(lin).get(address)
    assert answer.status_code in {200, 404, 405}
    if answer.status_code == 200:
        assert "no-store" in answer["Cache-Control"]


def test_library_shows_what_one_sale_pays_and_gives_a_link(market: Market, lin: Person) -> None:
    client = browser(lin)
    page = text(client, "studio:library")
    assert "10%" in page
    assert "¥5.31" in page  # 59.00 × 10 %, of which nine tenths are whose link no tool served
    assert queries.find_publisher(lin.id) is None
    post(client, "studio:add-slot", name="阳台小报")
    post(client, "studio:take-link", market.product.id, slot="阳台小报")
    (line,) = queries.list_links(lin.id).items
    assert (line.slot_name, line.link.product_id) == ("阳台小报", market.product.id)
    assert line.link.token in text(client, "studio:library")
    assert line.link.token in client.get(reverse("studio:library"), {"stock": "1"}).content.decode()
    for query in ({"q": "nothing such"}, {"origin": "RECRUITER"}, {"origin": "MINE"}):
        assert line.link.token not in client.get(reverse("studio:library"), query).content.decode()
    sell_out(market)
    assert line.link.token not in client.get(reverse("studio:library"), {"stock": "1"}).content.decode()
    for query in ({"sort": "x"}, {"origin": "%00"}, {"q": "\0"}):
        assert client.get(reverse("studio:library"), query).status_code in {200, 422}


def test_shop_invites_and_takes_in_and_pays_who_takes_part_more(market: Market, lin: Person) -> None:
    shop, publisher, shop_id = browser(market.owner), browser(lin), market.shop.id
    post(shop, "seller:open-collaboration", shop_id, name="老朋友", terms="每月两篇", takes_applications="on")
    (circle,) = queries.list_collaborations(shop_id)
    post(shop, "seller:set-plan", shop_id, rate="25", collaboration=circle.id, product="")
    assert "老朋友" in text(publisher, "studio:collaborations")
    post(publisher, "studio:apply", circle.id, words="我写茶")
    (applied,) = queries.list_participants(circle.id)
    assert "我写茶" in text(shop, "seller:collaboration", shop_id, circle.id)
    post(shop, "seller:answer-application", shop_id, applied.id, takes="yes")
    assert "25%" in text(publisher, "studio:library")
    assert "25%" not in text(browser(make_person(utc_now())), "studio:library")

    mo = make_person(utc_now(), "Mo")
    post(shop, "seller:invite", shop_id, circle.id, handle=mo.handle, words="一起吧")
    (invited, _) = queries.list_participants(circle.id)
    guest = browser(mo)
    assert "1 invitation" in text(guest, "studio:overview")
    post(guest, "studio:answer", invited.id, takes="yes")
    assert queries.get_participant(invited.id).state is ParticipantState.JOINED
    post(guest, "studio:leave", invited.id)
    post(shop, "seller:end-participation", shop_id, applied.id)
    assert "25%" in text(publisher, "studio:library")  # for 30 days
    post(shop, "seller:close-collaboration", shop_id, circle.id)
    assert "老朋友" not in text(browser(make_person(utc_now())), "studio:collaborations")


def test_recruiter_calls_a_shop_enrols_and_a_sale_pays_three(market: Market, lin: Person) -> None:
    host = make_person(utc_now(), "Hou")
    recruiter = browser(host)
    assert "let to by the staff" in text(recruiter, "studio:activities")
    publisher = db.in_transaction(lambda: alliance.ensure_publisher(user_id=host.id, now=utc_now()))
    db.in_transaction(lambda: alliance.let_recruit(actor=PLATFORM, publisher_id=publisher.id, now=utc_now()))
    said = {"title": "春茶季", "brief": "新茶", "least_rate": "15", "service": "2.5"}
    home = post(recruiter, "studio:open-activity", **said, enrol_days=7, days=30)
    (activity,) = queries.list_activities(publisher.id)
    assert (activity.only_id, activity.least_rate_bps, activity.service_bps) == (None, 1_500, 250)

    shop = browser(market.owner)
    assert "春茶季" in text(shop, "seller:activities", market.shop.id)
    post(shop, "seller:enrol", market.shop.id, activity.id, product=market.product.id, rate="20")
    (enrolled,) = queries.list_enrolments(activity.id)
    assert "1 enrolment to decide" in text(recruiter, "studio:overview")
    assert market.product.title_en in recruiter.get(home).content.decode()
    post(recruiter, "studio:decide", enrolled.id, accepts="yes")
    assert queries.get_enrolment(enrolled.id).state is EnrolmentState.ACCEPTED

    client = browser(lin)
    assert "By recruiters" in text(client, "studio:library")
    post(client, "studio:take-link", market.product.id)
    (line,) = queries.list_links(lin.id).items
    buyer = make_person(utc_now())
    browser(buyer).get(reverse("storefront:link", args=[line.link.token]))
    placed = teams.buy_alone(utc_now(), buyer, market.product)
    teams.pay(utc_now(), buyer, placed.order_no)
    teams.settle_down(utc_now())
    (conversion,) = queries.list_conversions(host.id).items
    assert {part.role.value: part.estimated_minor for part in conversion.parts} == {
        "PUBLISHER": 1_062,  # 59.00 × 20 %, nine tenths
        "PLATFORM": 118,
        "RECRUITER": 148,  # 59.00 × 2.5 %
    }
    post(recruiter, "studio:close-activity", activity.id)


def test_what_is_not_ones_own_is_not_there_and_bad_forms_change_nothing(market: Market, lin: Person) -> None:
    shop, stranger, shop_id = browser(market.owner), browser(lin), market.shop.id
    post(shop, "seller:open-collaboration", shop_id, name="老朋友", terms="")
    (circle,) = queries.list_collaborations(shop_id)
    post(shop, "seller:invite", shop_id, circle.id, handle=make_person(utc_now()).handle)
    (invited,) = queries.list_participants(circle.id)
    other = make_market()
    rival = browser(other.owner)
    before = footprint()
    refused = [
        (stranger, "studio:answer", [invited.id], {"takes": "yes"}, 404),
        (stranger, "studio:apply", [circle.id], {}, 409),
        (stranger, "studio:open-activity", [], {"title": "", "least_rate": "x"}, 422),
        (stranger, "studio:add-slot", [], {"name": "post:1"}, 422),
        (stranger, "studio:add-slot", [], {"name": "a", "third": "nobody_here", "share": "10"}, 404),
        (stranger, "studio:take-link", [10**9], {}, 404),
        (shop, "seller:set-plan", [shop_id], {"rate": "91"}, 422),
        (shop, "seller:set-plan", [shop_id], {"rate": "10", "product": str(other.product.id)}, 422),
        (shop, "seller:set-plan", [shop_id], {"rate": "10", "first_rate": "5", "first_count": "3"}, 422),
        (shop, "seller:invite", [shop_id, circle.id], {"handle": "nobody_here"}, 404),
        (shop, "seller:open-collaboration", [shop_id], {"name": ""}, 422),
        (shop, "seller:enrol", [shop_id, 10**9], {"product": str(market.product.id), "rate": "10"}, 404),
        (rival, "seller:collaboration", [other.shop.id, circle.id], {}, 405),
        (rival, "seller:invite", [other.shop.id, circle.id], {"handle": lin.handle}, 404),
    ]
    for client, page, arguments, said, status in refused:
        answer = client.post(reverse(page, args=arguments), key() | said)
        assert answer.status_code == status, (page, said, answer.status_code)
    assert rival.get(reverse("seller:collaboration", args=[other.shop.id, circle.id])).status_code == 404
    assert footprint() == before


@pytest.mark.parametrize(("page", "budget"), [("overview", 15), ("library", 16), ("collaborations", 12), ("slots", 10)])
def test_budgets(market: Market, lin: Person, page: str, budget: int, django_assert_max_num_queries: object) -> None:
    client = browser(lin)
    post(client, "studio:take-link", market.product.id)
    client.get(reverse(f"studio:{page}"))
    with django_assert_max_num_queries(budget):  # type: ignore[operator]
        client.get(reverse(f"studio:{page}"))


def sell_out(market: Market) -> None:
    """Take everything off stock."""
    left = inventory.available_by_variant([market.variant_id])[market.variant_id]
    db.in_transaction(lambda: stock.change_stock(actor=PLATFORM, variant_id=market.variant_id, by=-left, now=utc_now()))


def test_link_is_shared_as_an_address_as_words_and_as_a_code_and_each_is_the_same_click(
    market: Market, lin: Person
) -> None:
    client, buyer = browser(lin), make_person(utc_now())
    home = post(client, "studio:take-link", market.product.id)
    (line,) = queries.list_links(lin.id).items
    token = line.link.token
    page = client.get(home).content.decode()
    phrase = codes.phrase_of(token, market.product.title_en)
    assert f"/s/{token}" in page
    assert phrase.splitlines()[0] in page
    assert browser(buyer).get(home).status_code == 404  # another's link is not there at their desk
    answer = browser(buyer).get(reverse("storefront:link-code", args=[token]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert browser(buyer).get(reverse("storefront:link-code", args=["nothing"])).status_code == 404

    shopper = browser(buyer)
    pasted = shopper.get(reverse("storefront:search"), {"q": phrase})
    assert pasted["Location"] == reverse("storefront:link", args=[token])
    assert queries.list_links(lin.id).items[0].click_count == 0  # looking for it is no visit yet
    assert shopper.get(pasted["Location"])["Location"].startswith(f"/p/{market.product.id}?via={token}")
    assert queries.list_links(lin.id).items[0].click_count == 1
    for words in ("￥aaaaaaaaaaaa￥", "￥59.00￥", f"￥{token}"):
        assert shopper.get(reverse("storefront:search"), {"q": words}).status_code == 200

    placed = teams.buy_alone(utc_now(), buyer, market.product)
    teams.pay(utc_now(), buyer, placed.order_no)
    teams.settle_down(utc_now())
    assert [sale.order_no for sale in queries.list_conversions(lin.id).items] == [placed.order_no]


def test_what_one_keeps_is_in_a_first_list_and_then_in_the_one_that_one_chooses(market: Market, lin: Person) -> None:
    client = browser(lin)
    post(client, "studio:pick", market.product.id)
    (first,) = queries.list_selections(lin.id)
    assert (first.name, first.count) == ("Favourites", 1)
    assert "In a list" in text(client, "studio:library")
    second = db.in_transaction(lambda: alliance.make_selection(actor=Actor(lin.id), name="茶", now=utc_now()))
    post(client, "studio:pick", market.product.id, list=second)
    assert [each.count for each in queries.list_selections(lin.id)] == [1, 1]
    other = browser(make_person(utc_now()))
    before = footprint()
    answer = other.post(reverse("studio:pick", args=[market.product.id]), key() | {"list": second})
    assert answer.status_code == 404
    assert footprint() == before


def test_shop_offers_goods_to_one_alone_and_they_find_them_under_for_you(market: Market, lin: Person) -> None:
    shop, publisher = browser(market.owner), browser(lin)
    said = {"handle": lin.handle, "name": "专供", "goods": [market.product.id], "rate": "35", "words": "只给你"}
    before = footprint()
    refused = shop.post(reverse("seller:open-library", args=[market.shop.id]), key() | {**said, "goods": [9_999]})
    assert refused.status_code == 422
    assert footprint() == before
    where = post(shop, "seller:open-library", market.shop.id, **said)
    assert "For one alone" in shop.get(where).content.decode()
    assert "For you alone" in text(publisher, "studio:collaborations")
    (invited,) = queries.list_participations(publisher_id(lin))
    post(publisher, "studio:answer", invited.id, takes="yes")
    assert "35%" in publisher.get(reverse("studio:library"), {"origin": "MINE"}).content.decode()
    stranger = browser(make_person(utc_now()))
    assert "35%" not in text(stranger, "studio:library")
    assert "专供" not in text(stranger, "studio:collaborations")


def publisher_id(person: Person) -> int:
    found = queries.find_publisher(person.id)
    assert found is not None
    return found.id
