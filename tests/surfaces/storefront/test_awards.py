"""Everybody reads who shows that they won, and how winners are found; nobody reads a figure."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.builders import awards, social
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import browser
from wuyou.domains.awards.types import Rule
from wuyou.domains.identity.types import Person
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.usefixtures("world", "plain_static_files")


@pytest.fixture
def mei() -> Person:
    return make_person(utc_now(), "梅小雨")


def page(reader: Person | None = None, query: str = "", language: str = "en") -> str:
    answer = browser(reader, language).get(reverse("storefront:awards") + query)
    assert answer.status_code == 200
    return answer.content.decode()


def profile(of: Person, reader: Person | None = None) -> str:
    return browser(reader, "en").get(f"/u/{of.handle}").content.decode()


def test_winner_is_read_where_they_show_it_by_who_may_meet_them(mei: Person) -> None:
    now, lin = utc_now(), make_person(utc_now(), "Lin")
    honour = awards.won_by(now, mei)
    assert "梅小雨" not in page()
    assert "Nobody shows it to you." in page()
    assert "Read of the month" not in profile(mei)

    awards.show(honour)
    assert all("梅小雨" in page(reader) for reader in (None, lin, mei))
    assert all("Read of the month" in profile(mei, reader) for reader in (None, lin, mei))

    social.block(now, mei, lin)
    assert "梅小雨" not in page(lin)
    awards.withdraw(now, honour)
    assert "梅小雨" not in page()
    assert "Read of the month" not in profile(mei)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_figure_is_on_the_page_of_awards(mei: Person, language: str) -> None:
    then, month = awards.last_months(utc_now())
    award = awards.make_award(then, winner_count=1, least=1)
    awards.read_posts(then, {mei: 98_765})
    awards.give(award, month, utc_now())
    awards.show(awards.honours_of(mei)[0])

    said = page(language=language)

    assert "梅小雨" in said
    assert not any(figure in said for figure in ("98,765", "98765"))


def test_rules_are_told_in_plain_words_and_few_people_to_nobody(mei: Person) -> None:
    now = utc_now()
    assert "No awards yet" in page()
    awards.make_award(now, Rule.MOST_THANKED, least=19)
    awards.make_award(now, Rule.MOST_SOLD, least=20, least_reads=1_000)

    said = page()

    assert "people who thanked somebody" in said
    assert "19" not in said.split('id="running"')[1].split("</ul>")[0]
    assert "Asked for is 20 people at least." in said
    assert "1,000 times at least" in said


def test_month_is_chosen_and_what_is_none_is_the_latest(mei: Person) -> None:
    honour = awards.won_by(utc_now(), mei)
    awards.show(honour)

    for query in ("", f"?month={honour.round.month:%Y-%m}", "?month=1999-01", "?month=%00"):
        assert "梅小雨" in page(query=query)


def test_page_costs_the_same_for_more(mei: Person, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(3):
        awards.show(awards.won_by(utc_now(), make_person(utc_now())))

    with django_assert_max_num_queries(8):
        page()
