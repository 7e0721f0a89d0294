"""Whether people grow closer, in figures of everybody together."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.builders import social
from tests.builders.people import make_person
from tests.surfaces.staff.reading import words_of

TIES = reverse("staff:ties")


def test_gifts_and_new_ties_of_this_week_are_counted(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    giver, receiver = make_person(present - timedelta(days=30)), make_person(present - timedelta(days=30))
    social.befriend(present, giver, receiver)
    social.give(present, giver, receiver)

    with django_assert_num_queries(5):
        text = words_of(client.get(TIES))

    assert "New ties What this counts" in text or "New ties" in text
    figures = text[text.index("New ties") : text.index("Week of")]
    assert figures.count(" 1 ") >= 2
    assert "0 last week" in figures


def test_weeks_without_anything_are_there(client: Client) -> None:
    assert words_of(client.get(TIES)).count("last week") == 4
