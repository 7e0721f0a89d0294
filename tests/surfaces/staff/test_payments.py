"""What providers reported: mismatches and notices."""

from __future__ import annotations

from datetime import datetime

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.surfaces.staff import scenes
from tests.surfaces.staff.reading import rows_of, words_of
from wuyou.domains.payments import queries
from wuyou.domains.payments.types import DisputeState
from wuyou.surfaces.staff.access import new_key

RECEIVED, DISPUTES = reverse("staff:notices"), reverse("staff:disputes")
BILLS = reverse("staff:discrepancies")
MISMATCHES, NOTICES = reverse("staff:mismatches"), reverse("staff:bank-notices")


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


def test_what_came_to_the_door_is_listed_by_provider_and_outcome_and_leads_to_its_payment(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    market = scenes.make_market(present)
    order = scenes.paid_order(present, market)
    scenes.bring_notices(order.order_no)

    with django_assert_num_queries(6):
        text = words_of(client.get(RECEIVED))

    for word in ("No news in it", "Heard before", "Not signed", "Sandbox bank", order.order_no, "¥59.00"):
        assert word in text
    refused = words_of(client.get(RECEIVED, {"outcome": "refused"}))
    assert "Not signed" in refused
    assert order.order_no not in refused
    (late, again) = rows_of(client.get(RECEIVED, {"outcome": "known", "q": order.order_no, "format": "csv"}))[::-1]
    assert (late["outcome"], again["outcome"], late["amount"]) == ("late", "duplicate", "59.00")
    assert late["digest"] == again["digest"]
    assert rows_of(client.get(RECEIVED, {"provider": "stripe", "format": "csv"})) != [], "of no known provider: all"

    kept = queries.list_received_notices(number=order.order_no).items
    with django_assert_num_queries(7):
        answer = client.get(reverse("staff:notice", args=[kept[0].id]))
    assert "The provider sent the same notice before" in words_of(answer)
    assert reverse("staff:order", args=[order.order_no]) in answer.content.decode()
    assert reverse("staff:notice", args=[kept[1].id]) in answer.content.decode()
    assert client.get(reverse("staff:notice", args=[999_999])).status_code == 404


def test_a_dispute_shows_its_clock_its_money_and_its_order(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order, other = (scenes.paid_order(present, scenes.make_market(present)) for _ in range(2))
    scenes.disputed(present, order)
    scenes.disputed(present, other, DisputeState.LOST)

    with django_assert_num_queries(6):
        text = words_of(client.get(DISPUTES))
    for word in ("Money taken back", "Lost", "¥59.00", order.order_no, other.order_no, "fraudulent"):
        assert word in text
    assert other.order_no not in words_of(client.get(DISPUTES, {"state": "open"}))
    (row,) = rows_of(client.get(DISPUTES, {"q": other.order_no, "format": "csv"}))
    assert (row["state"], row["withdrawn"], row["stands_for_refunds"]) == ("lost", "59.00", "59.00")

    running, ended = (queries.list_disputes(intent_no=each.order_no).items[0] for each in (order, other))
    with django_assert_num_queries(6):
        answer = client.get(reverse("staff:dispute", args=[running.id]))
    assert "6 days and 23 hours are left" in words_of(answer)
    assert "Disputed by the payer’s bank" in words_of(answer)
    assert reverse("staff:order", args=[order.order_no]) in answer.content.decode()
    assert "are left" not in words_of(client.get(reverse("staff:dispute", args=[ended.id])))
    assert "1 payment is disputed" in words_of(client.get(reverse("staff:overview")))
    assert client.get(reverse("staff:dispute", args=[999_999])).status_code == 404


def test_what_a_bill_says_otherwise_is_resolved_with_a_reason(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order = scenes.paid_order(present, scenes.make_market(present))
    scenes.billed(present, order, 5_901)

    with django_assert_num_queries(6):
        text = words_of(client.get(BILLS))
    for word in ("Another sum", "¥59.00", "¥59.01", order.order_no):
        assert word in text
    assert "Read" in words_of(client.get(reverse("staff:bills")))
    (row,) = rows_of(client.get(BILLS, {"format": "csv"}))
    assert (row["reason"], row["ours"], row["theirs"]) == ("amount", "59.00", "59.01")
    assert "1 line of a bill differs" in words_of(client.get(reverse("staff:overview")))
    (found,) = queries.list_discrepancies().items
    page, send = (reverse(f"staff:{name}", args=[found.id]) for name in ("discrepancy", "resolve-discrepancy"))
    refused = client.post(send, {"text": " ", "idempotency_key": new_key()})
    assert (refused.status_code, queries.count_discrepancies()) == (422, (1, 0))
    client.post(send, {"text": "A coupon of the bank.", "idempotency_key": new_key()})
    assert "A coupon of the bank." in words_of(client.get(page))
    assert "Nothing differs" in words_of(client.get(BILLS))
    assert client.post(send, {"text": "Again.", "idempotency_key": new_key()}).status_code == 409
    assert client.get(reverse("staff:discrepancy", args=[999_999])).status_code == 404


def test_without_reports_the_lists_say_when_one_comes(client: Client) -> None:
    assert "Reports and books agree" in words_of(client.get(MISMATCHES))
    assert "Nothing is disputed" in words_of(client.get(DISPUTES))
    assert "No such notice" in words_of(client.get(RECEIVED))
    assert "No notices yet" in words_of(client.get(NOTICES))
