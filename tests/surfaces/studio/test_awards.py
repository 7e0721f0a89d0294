"""Who won reads by what it was decided, and decides who sees it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.builders import awards
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import browser, footprint, key
from wuyou.domains.awards import queries
from wuyou.domains.awards.types import HonourState
from wuyou.domains.identity.types import Person
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def without_built_names(plain_static_files: None) -> None:
    """No page here needs a collected manifest."""


@pytest.fixture
def mei() -> Person:
    return make_person(utc_now(), "Mei")


def shown(person: Person) -> int:
    return len(queries.honours_of_person(get_viewer(None), person.id))


def test_figures_and_how_they_were_computed_are_the_winners_to_read(mei: Person) -> None:
    awards.won_by(utc_now(), mei)

    page = browser(mei).get(reverse("studio:awards")).content.decode()

    assert all(text in page for text in ("Read of the month", "100 reads", "Asked for is 20 reads at least.", "Given"))
    assert "No award yet" in browser(make_person(utc_now())).get(reverse("studio:awards")).content.decode()


def test_shown_hidden_and_declined_by_its_winner_alone(mei: Person) -> None:
    honour = awards.won_by(utc_now(), mei)
    show, decline = (reverse(f"studio:{name}-honour", args=[honour.id]) for name in ("show", "decline"))
    client, other = browser(mei), browser(make_person(utc_now()))
    before = footprint()
    assert other.post(show, key() | {"show": "yes"}).status_code == 404
    assert other.post(decline, key()).status_code == 404
    assert footprint() == before

    assert client.post(show, key() | {"show": "yes"}).status_code == 302
    assert shown(mei) == 1
    assert client.post(show, key() | {"show": "no"}).status_code == 302
    assert shown(mei) == 0
    client.post(show, key() | {"show": "yes"})
    assert client.post(decline, key()).status_code == 302
    assert (shown(mei), queries.get_honour(honour.id).state) == (0, HonourState.DECLINED)
    before = footprint()
    assert client.post(show, key() | {"show": "yes"}).status_code == 409
    assert footprint() == before
    assert "Show it on my page" not in client.get(reverse("studio:awards")).content.decode()


def test_reason_of_a_withdrawn_one_is_told(mei: Person) -> None:
    awards.withdraw(utc_now(), awards.won_by(utc_now(), mei), "The pictures are not theirs.")

    page = browser(mei).get(reverse("studio:awards")).content.decode()

    assert "The pictures are not theirs." in page
    assert "Withdrawn" in page


def test_page_costs_the_same_for_more(mei: Person, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(3):
        awards.won_by(utc_now(), mei)

    client = browser(mei)

    with django_assert_max_num_queries(6):
        client.get(reverse("studio:awards"))
