"""What providers reported: mismatches and notices."""

from __future__ import annotations

from datetime import datetime

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.surfaces.staff import scenes
from tests.surfaces.staff.reading import rows_of, words_of

MISMATCHES, NOTICES = reverse("staff:mismatches"), reverse("staff:notices")


def test_a_mismatch_shows_both_amounts_and_leads_to_its_order(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    market = scenes.make_market(present)
    order, other = scenes.paid_order(present, market), scenes.paid_order(present, market)
    scenes.mismatch(present, order)
    scenes.mismatch(present, other)

    with django_assert_num_queries(5):
        answer = client.get(MISMATCHES)

    text = words_of(answer)
    assert f"{order.order_no} Another amount than asked for ¥59.00 ¥0.01" in text
    assert reverse("staff:order", args=[order.order_no]) in answer.content.decode()
    assert other.order_no not in words_of(client.get(MISMATCHES, {"q": order.order_no}))
    (row,) = rows_of(client.get(MISMATCHES, {"q": order.order_no, "format": "csv"}))
    assert (row["expected"], row["received"], row["provider_ref"]) == ("59.00", "0.01", "SB-77")


def test_notices_tell_how_they_fare(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    market = scenes.make_market(present)
    order, other = scenes.paid_order(present, market), scenes.paid_order(present, market)

    with django_assert_num_queries(5):
        text = words_of(client.get(NOTICES))

    assert order.order_no in text
    assert "Waiting to be sent" in text
    assert other.order_no not in words_of(client.get(NOTICES, {"q": order.order_no}))


def test_without_reports_the_lists_say_when_one_comes(client: Client) -> None:
    assert "Reports and books agree" in words_of(client.get(MISMATCHES))
    assert "No notices yet" in words_of(client.get(NOTICES))
