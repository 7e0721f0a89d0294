"""Staff name awards, end them, and withdraw what somebody won; they choose no winner."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.builders import awards
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import footprint, key
from wuyou.domains.awards import queries
from wuyou.domains.awards.types import HonourState, Rule
from wuyou.domains.ledger.statements import months

FORM = {"title": "月度好文", "title_en": "Read of the month", "rule": "MOST_READ", "least": "100", "least_reads": "0",
        "winner_count": "3"}  # fmt: skip


def form(now: datetime, **other: str) -> dict[str, str]:
    return FORM | {"first_month": f"{months.month_of(now):%Y-%m}"} | key() | other


def test_award_is_named_once_and_ended(client: Client, present: datetime) -> None:
    sent = form(present)

    for _ in range(2):
        assert client.post(reverse("staff:add-award"), sent).status_code == 302

    (award,) = queries.list_awards()
    assert (award.title, award.rule, award.least, award.winner_count) == ("月度好文", Rule.MOST_READ, 100, 3)
    page = client.get(reverse("staff:awards")).content.decode()
    assert "Read of the month" in page
    assert "100 reads at least ·" in page
    assert client.post(reverse("staff:end-award", args=[award.id]), key()).status_code == 302
    assert queries.get_award(award.id).last_month == months.month_of(present)
    assert "End it with this month" not in client.get(reverse("staff:awards")).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"title_en": "x" * 31}, {"rule": "MOST_HANDSOME"}, {"least": "0"}, {"least": "-1"}, {"least": "x"},
     {"least_reads": "9" * 19}, {"winner_count": "0"}, {"winner_count": "21"}, {"first_month": "2020-01"},
     {"first_month": "soon"}, {"first_month": ""}],
    ids=str,
)  # fmt: skip
def test_award_that_makes_no_sense_changes_nothing(client: Client, present: datetime, wrong: dict[str, str]) -> None:
    before = footprint()

    answer = client.post(reverse("staff:add-award"), form(present, **wrong))

    assert answer.status_code == 422
    assert footprint() == before


def test_withdrawn_with_a_reason_and_not_without(client: Client, present: datetime) -> None:
    mei = make_person(present, "Mei")
    honour = awards.won_by(present, mei)
    page = client.get(reverse("staff:awards")).content.decode()
    assert all(text in page for text in ("Mei", "100 reads", "Given"))
    withdraw = reverse("staff:withdraw-honour", args=[honour.id])
    before = footprint()
    refused = client.post(withdraw, key() | {"reason": " "})
    assert (refused.status_code, "Please say why" in refused.content.decode()) == (422, True)
    assert (
        client.post(reverse("staff:withdraw-honour", args=[honour.id + 1]), key() | {"reason": "x"}).status_code == 404
    )
    assert footprint() == before

    assert client.post(withdraw, key() | {"reason": "The pictures are not theirs."}).status_code == 302

    (ended,) = queries.list_own_honours(mei.id)
    assert (ended.state, ended.reason) == (HonourState.WITHDRAWN, "The pictures are not theirs.")
    assert client.post(withdraw, key() | {"reason": "Again."}).status_code == 409


def test_page_costs_the_same_for_more(
    client: Client, present: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        awards.won_by(present, make_person(present))

    with django_assert_max_num_queries(10):
        client.get(reverse("staff:awards"))
