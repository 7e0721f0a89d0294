"""Refunds: where each is, and sending a failed one again."""

from __future__ import annotations

from datetime import datetime

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.builders import teams
from tests.surfaces.staff import scenes
from tests.surfaces.staff.reading import rows_of, words_of
from wuyou.domains.payments import queries
from wuyou.domains.payments.types import RefundState

REFUNDS = reverse("staff:refunds")


def test_the_list_costs_six_queries_however_many_refunds(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    market = scenes.make_market(present)
    made = [scenes.refund(present, scenes.paid_order(present, market)) for _ in range(3)]

    with django_assert_num_queries(6):
        text = words_of(client.get(REFUNDS))

    assert all(refund_no in text for refund_no in made)
    assert text.count("Money on its way") == 3 + 1


def test_tabs_and_search_narrow_the_list(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    failed = scenes.failed_refund(present, market)
    order = scenes.paid_order(present, market)
    pending = scenes.refund(present, order)

    only_failed = words_of(client.get(REFUNDS, {"state": "failed"}))
    of_order = words_of(client.get(REFUNDS, {"q": order.order_no}))

    assert failed in only_failed
    assert pending not in only_failed
    assert pending in of_order
    assert failed not in of_order
    assert f"No refund of order “{pending}”" in words_of(client.get(REFUNDS, {"q": pending}))


def test_the_file_holds_the_refunds_of_the_filter(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    failed = scenes.failed_refund(present, market)
    scenes.refund(present, scenes.paid_order(present, market))

    (row,) = rows_of(client.get(REFUNDS, {"format": "csv", "state": "failed"}))

    assert (row["refund_no"], row["amount"], row["failures"], row["state"]) == (failed, "59.00", "6", "failed")


def test_a_failed_refund_tells_why_and_offers_another_try(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    refund_no = scenes.failed_refund(present, scenes.make_market(present))

    with django_assert_num_queries(8):
        answer = client.get(reverse("staff:refund", args=[refund_no]))

    text = words_of(answer)
    assert "insufficient_balance" in text
    assert "Failures 6" in text
    assert "Send it again" in text
    assert f"refund:{refund_no}" in text


def test_a_refund_sent_again_comes_back(present: datetime, client: Client) -> None:
    refund_no = scenes.failed_refund(present, scenes.make_market(present))
    page = reverse("staff:refund", args=[refund_no])

    answer = client.post(reverse("staff:retry-refund", args=[refund_no]), {"idempotency_key": "once"})

    assert answer["Location"] == page
    assert queries.get_refund(refund_no).state is RefundState.PENDING
    assert "Send it again" not in words_of(client.get(page))
    teams.send_refunds(queries.get_refund(refund_no).next_attempt_at or present)
    assert queries.get_refund(refund_no).state is RefundState.SUCCEEDED
    assert f"refunded:{refund_no}" in words_of(client.get(page))


def test_a_retry_sent_twice_is_obeyed_once(present: datetime, client: Client) -> None:
    refund_no = scenes.failed_refund(present, scenes.make_market(present))
    retry = reverse("staff:retry-refund", args=[refund_no])

    first = client.post(retry, {"idempotency_key": "once"})
    after_first = queries.get_refund(refund_no)
    second = client.post(retry, {"idempotency_key": "once"})

    assert first["Location"] == second["Location"]
    assert queries.get_refund(refund_no) == after_first


def test_only_a_failed_refund_is_sent_again(present: datetime, client: Client) -> None:
    refund_no = scenes.refund(present, scenes.paid_order(present, scenes.make_market(present)))
    before = queries.get_refund(refund_no)

    answer = client.post(reverse("staff:retry-refund", args=[refund_no]), {"idempotency_key": "once"})

    assert answer.status_code == 409
    assert queries.get_refund(refund_no) == before
    assert "note--accent" in answer.content.decode()


def test_an_unknown_refund_is_not_found(client: Client) -> None:
    assert client.get(reverse("staff:refund", args=["R1"])).status_code == 404
    assert client.post(reverse("staff:retry-refund", args=["R1"]), {"idempotency_key": "x"}).status_code == 404


def test_a_retry_is_never_a_link(client: Client) -> None:
    assert client.get(reverse("staff:retry-refund", args=["R1"])).status_code == 405


def test_without_refunds_the_list_says_how_one_comes(client: Client) -> None:
    assert "No refunds yet" in words_of(client.get(REFUNDS))
    assert "No refund has failed" in words_of(client.get(REFUNDS, {"state": "failed"}))
