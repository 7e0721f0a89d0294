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
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.studio.urls import urlpatterns

ARGUMENTS: dict[str, list[object]] = {
    "take-link": [1],
    "apply": [1],
    "answer": [1],
    "leave": [1],
    "activity": [1],
    "close-activity": [1],
    "decide": [1],
    "hold": [1],
    "appeal-hold": [1],
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
    for query in ({"q": "nothing such"}, {"origin": "RECRUITER"}):
        assert line.link.token not in client.get(reverse("studio:library"), query).content.decode()
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
    said = {"title": "春茶季", "brief": "新茶", "tags": "茶，春天", "least_rate": "15", "service": "2.5"}
    home = post(recruiter, "studio:open-activity", **said, enrol_days=7, days=30)
    (activity,) = queries.list_activities(publisher.id)
    assert (activity.tags, activity.least_rate_bps, activity.service_bps) == (("茶", "春天"), 1_500, 250)

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


@pytest.mark.parametrize(("page", "budget"), [("overview", 14), ("library", 14), ("collaborations", 12), ("slots", 10)])
def test_budgets(market: Market, lin: Person, page: str, budget: int, django_assert_max_num_queries: object) -> None:
    client = browser(lin)
    post(client, "studio:take-link", market.product.id)
    client.get(reverse(f"studio:{page}"))
    with django_assert_max_num_queries(budget):  # type: ignore[operator]
        client.get(reverse(f"studio:{page}"))
