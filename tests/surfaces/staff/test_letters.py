"""Dead letters: what was never taken in, and trying again."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from tests.surfaces.staff import scenes
from tests.surfaces.staff.reading import words_of
from wuyou.infra import event_log, events
from wuyou.infra.event_log import Letter, LetterState

LETTERS = reverse("staff:letters")


@pytest.fixture(autouse=True)
def with_printer(settings: Settings) -> None:
    """A subscriber that prints labels and may be jammed."""
    settings.EVENT_SUBSCRIBERS = scenes.WITH_PRINTER


@pytest.fixture
def dead(present: datetime) -> Letter:
    """A letter that the printer gave up."""
    return scenes.letter(present, scenes.paid_order(present, scenes.make_market(present)))


def test_the_list_shows_what_needs_somebody(
    dead: Letter, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert dead.state is LetterState.DEAD

    with django_assert_num_queries(6):
        text = words_of(client.get(LETTERS))

    assert "orders.order_shipped labels Needs you 6 RuntimeError: no paper for" in text
    assert "Every event was taken in" not in text


def test_a_letter_shows_its_error_and_its_event(
    dead: Letter, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):
        text = words_of(client.get(reverse("staff:letter", args=[dead.id])))

    assert "Traceback (most recent call last)" in text
    assert '"order_no"' in text
    assert "Try again" in text


def test_a_retry_that_succeeds_handles_the_event(dead: Letter, client: Client) -> None:
    scenes.PRINTER.is_jammed = False

    answer = client.post(reverse("staff:retry-letter", args=[dead.id]), follow=True)

    assert "The event was handled." in answer.content.decode()
    assert len(scenes.PRINTER.printed) == 1
    after = event_log.find_letter(dead.id)
    assert after is not None
    assert after.state is LetterState.HANDLED
    assert "Every event was taken in" in words_of(client.get(LETTERS))


def test_a_retry_sent_twice_handles_the_event_once(dead: Letter, client: Client) -> None:
    scenes.PRINTER.is_jammed = False

    answers = [client.post(reverse("staff:retry-letter", args=[dead.id]), follow=True) for _ in range(2)]

    assert all("The event was handled." in answer.content.decode() for answer in answers)
    assert len(scenes.PRINTER.printed) == 1


def test_a_retry_that_fails_keeps_the_letter_with_its_new_error(dead: Letter, client: Client) -> None:
    answer = client.post(reverse("staff:retry-letter", args=[dead.id]), follow=True)

    assert "It failed again." in answer.content.decode()
    after = event_log.find_letter(dead.id)
    assert after is not None
    assert (after.state, after.attempts) == (LetterState.DEAD, 7)


def test_an_event_that_is_still_tried_is_not_offered_for_a_retry(present: datetime, client: Client) -> None:
    trying = scenes.letter(present, scenes.paid_order(present, scenes.make_market(present)), failures=2)

    assert trying.state is LetterState.TRYING
    assert "Try again" not in words_of(client.get(reverse("staff:letter", args=[trying.id])))
    client.post(reverse("staff:retry-letter", args=[trying.id]))
    assert event_log.find_letter(trying.id) == trying


def test_an_event_that_recovered_by_itself_counts_as_handled(present: datetime, client: Client) -> None:
    trying = scenes.letter(present, scenes.paid_order(present, scenes.make_market(present)), failures=2)
    scenes.PRINTER.is_jammed = False
    events.drain(scenes.SUBSCRIBERS, present)

    after = event_log.find_letter(trying.id)

    assert after is not None
    assert after.state is LetterState.HANDLED
    assert event_log.count_letters() == {LetterState.TRYING: 0, LetterState.DEAD: 0, LetterState.HANDLED: 1}


def test_tabs_show_the_letters_of_their_state(dead: Letter, client: Client) -> None:
    shown = {
        state: "orders.order_shipped" in words_of(client.get(LETTERS, {"state": state}))
        for state in ("dead", "trying", "handled", "all")
    }

    assert shown == {"dead": True, "trying": False, "handled": False, "all": True}


def test_an_unknown_letter_is_not_found(client: Client) -> None:
    assert client.get(reverse("staff:letter", args=[1])).status_code == 404
    assert client.post(reverse("staff:retry-letter", args=[1])).status_code == 404
