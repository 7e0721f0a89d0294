"""Home: people first, both prices, search, and going on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.builders import content, goods, social, teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import ONLY_ME
from wuyou.surfaces.storefront.pages import home

Budget = Callable[[int], AbstractContextManager[object]]


def test_card_shows_both_prices(market: Market) -> None:
    page = browser().get("/").content.decode()
    assert "Mountain honey" in page
    assert "39" in page
    assert "Alone ¥59" in page


def test_titles_and_words_are_in_the_readers_language(market: Market) -> None:
    assert "山里的蜂蜜" in browser(language="zh-hans").get("/").content.decode()
    assert "Mountain honey" in browser(language="en").get("/").content.decode()


def test_running_team_shows_who_leads_who_is_missing_and_one_tap_to_join(committed: Market) -> None:
    mei = make_person(utc_now(), "Mei")
    team = teams.open_and_pay(utc_now(), mei, committed.campaign, committed.product)
    page = browser().get("/").content.decode()
    assert "Mei" in page
    assert "1 more needed" in page
    assert f"/checkout?way=team&amp;team={team.token}&amp;variant={committed.variant_id}&amp;quantity=1" in page


def test_own_team_offers_no_second_place(committed: Market) -> None:
    mei = make_person(utc_now(), "Mei")
    team = teams.open_and_pay(utc_now(), mei, committed.campaign, committed.product)
    page = browser(mei).get("/").content.decode()
    assert "You are in" in page
    assert f"team={team.token}" not in page


def test_unpaid_team_is_not_shown(market: Market) -> None:
    teams.open_team(utc_now(), make_person(utc_now(), "Mei"), market.campaign, market.product)
    assert "People are teaming up" not in browser().get("/").content.decode()


@pytest.mark.parametrize("words", ["honey", "蜂蜜", "HONEY"])
def test_search_finds_titles_of_both_languages(market: Market, words: str) -> None:
    goods.make_product(utc_now(), shop=market.shop, title="茶", title_en="Tea")
    page = browser().get("/", {"q": words}).content.decode()
    assert "Mountain honey" in page
    assert ">Tea<" not in page


@pytest.mark.parametrize("words", ["nothing like it", "100%", "_", "\\"])
def test_search_without_result_says_so(market: Market, words: str) -> None:
    assert "Nothing is called" in browser().get("/", {"q": words}).content.decode()


@pytest.mark.parametrize("words", ["\x00", "x" * 5000])
def test_search_that_is_no_search_shows_everything(market: Market, words: str) -> None:
    answer = browser().get("/", {"q": words})
    assert answer.status_code == 200
    assert "Mountain honey" in answer.content.decode()


@pytest.mark.parametrize("path", ["/t/abcdefgh1234", "/s/abcdefgh1234"])
def test_pasted_pass_phrase_leads_to_what_it_names(market: Market, path: str) -> None:
    answer = browser().get("/", {"q": f"[Wuyou] Honey: ¥39 together, come: https://example.org{path}"})
    assert (answer.status_code, answer["Location"]) == (302, path)


def test_empty_shelves_say_so(db: None) -> None:
    assert "The shelves are still empty" in browser().get("/").content.decode()


def test_more_goods_follow_and_the_end_is_marked(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "PAGE_SIZE", 2)
    made = [market.product, *(goods.make_product(utc_now(), shop=market.shop, title_en=f"Tea {i}") for i in range(2))]
    first = browser().get("/").content.decode()
    assert f'href="/?after={made[1].id}"' in first
    second = browser().get("/", {"after": made[1].id}).content.decode()
    assert "Mountain honey" in second
    assert "That is all for now" in second


@pytest.mark.parametrize("after", ["-1", "abc", "9" * 30, "1.5", "１２", "\x00"])
def test_malformed_place_in_the_list_is_refused(market: Market, after: str) -> None:
    answer = browser().get("/", {"after": after})
    assert answer.status_code == 422
    assert "Please check what you entered." in answer.content.decode()


def test_who_knows_people_sees_what_those_published_and_everybody_else_what_is_newest(committed: Market) -> None:
    now = utc_now()
    reader, known, stranger = (make_person(now, name) for name in ("Reader", "Known", "Stranger"))
    content.make_post(now, known, text="Of somebody known")
    content.make_post(now, stranger, text="Of a stranger")
    before = browser(reader).get("/").content.decode()
    social.follow(now, reader, known)

    after = browser(reader).get("/").content.decode()

    for page in (before, browser().get("/").content.decode()):
        assert "What people show" in page
        assert "Of somebody known" in page
        assert "Of a stranger" in page
        assert "From people you know" not in page
    assert "From people you know" in after
    assert "Of somebody known" in after
    assert "Of a stranger" not in after
    assert "大家在晒" not in browser(reader, language="zh-hans").get("/").content.decode()


def test_who_knows_only_the_silent_sees_what_is_newest(committed: Market) -> None:
    now = utc_now()
    reader, silent, stranger = (make_person(now, name) for name in ("Reader", "Silent", "Stranger"))
    social.follow(now, reader, silent)
    content.make_post(now, stranger, text="Of a stranger")
    hidden = content.make_post(now, silent, text="For nobody", audience=ONLY_ME)

    page = browser(reader).get("/").content.decode()

    assert "Of a stranger" in page
    assert f"/posts/{hidden}" not in page
    assert "For nobody" not in page


@pytest.mark.parametrize("count", [1, 5])
def test_budget_does_not_grow_with_goods_and_teams(
    committed: Market, django_assert_num_queries: Budget, count: int
) -> None:
    now = utc_now()
    for _ in range(count):
        product = goods.make_product(now, shop=committed.shop)
        campaign = goods.make_campaign(now, product, size=2)
        teams.open_and_pay(now, make_person(now), campaign, product)
    reader = make_person(now)
    stranger, friend = browser(), browser(make_person(now))
    with django_assert_num_queries(9):
        assert stranger.get("/").status_code == 200
    with django_assert_num_queries(15):
        assert friend.get("/").status_code == 200
    for _ in range(count):
        author = make_person(now)
        social.follow(now, reader, author)
        content.make_post(now, author)
    reading = browser(reader)
    with django_assert_num_queries(18):
        assert reading.get("/").status_code == 200
