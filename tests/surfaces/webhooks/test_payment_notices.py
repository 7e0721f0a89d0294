"""The door for payment providers: signed words are taken in, everything else changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.builders import payments as build
from tests.builders.payments import PERFECT, PRICE
from tests.domains.payments import books
from wuyou.domains.payments import operations, queries
from wuyou.domains.payments.providers.sandbox import notices
from wuyou.domains.payments.types import IntentState, RefundState
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.webhooks.receive import MAX_BODY_BYTES

pytestmark = pytest.mark.django_db

ADDRESS = "/webhooks/payments/sandbox"


@pytest.fixture
def now() -> datetime:
    """The door reads the clock, so the present is the only time that it believes."""
    return utc_now()


def _post(client: Client, body: bytes, headers: Mapping[str, str], address: str = ADDRESS) -> HttpResponse:
    return client.post(address, data=body, content_type="application/json", headers=dict(headers))


def _charged(now: datetime) -> tuple[str, bytes]:
    """An intent whose money the bank has taken, and the notice of it."""
    number = build.open_intent(now)
    PERFECT.charge(intent_no=number, amount=PRICE, now=now)
    (notice,) = queries.list_notices(number=number).items
    return number, notice.body.encode()


def test_the_address_is_where_the_bank_sends_to() -> None:
    assert reverse("webhooks:payment-notice", args=["sandbox"]) == ADDRESS


def test_a_signed_notice_is_taken_in_and_acknowledged_with_exactly_success(now: datetime) -> None:
    number, body = _charged(now)
    # No session, no token in a form: the signature is all that counts.
    answer = _post(Client(enforce_csrf_checks=True), body, notices.sign_notice(body, now))
    assert (answer.status_code, answer.content) == (200, b"success")
    assert answer["Content-Type"].startswith("text/plain")
    assert queries.get_intent(number).state is IntentState.CAPTURED
    assert books.balances() == {"clearing": 12_900, "held": 12_900, "due": 0}


def test_the_same_notice_ten_times_is_acknowledged_ten_times_and_booked_once(client: Client, now: datetime) -> None:
    number, body = _charged(now)
    _post(client, body, notices.sign_notice(body, now))
    before = books.payment_rows()
    for second in range(9):
        answer = _post(client, body, notices.sign_notice(body, now + timedelta(seconds=second)))
        assert (answer.status_code, answer.content) == (200, b"success")
    assert books.payment_rows() == before
    assert books.published(number) == [("payment_captured", number)]


def test_a_refund_notice_is_taken_in(client: Client, now: datetime) -> None:
    number, body = _charged(now)
    _post(client, body, notices.sign_notice(body, now))
    refund_no = build.request_refund(number, 900, now)
    PERFECT.refund(refund_no=refund_no, intent_no=number, amount=build.yuan(900), now=now)
    (notice,) = queries.list_notices(number=refund_no).items
    answer = _post(client, notice.body.encode(), notices.sign_notice(notice.body.encode(), now))
    assert answer.content == b"success"
    assert queries.get_refund(refund_no).state is RefundState.SUCCEEDED


def test_a_wrong_sum_is_heard_kept_and_not_booked(client: Client, now: datetime) -> None:
    number, body = _charged(now)
    intent, balances = queries.get_intent(number), books.balances()
    wrong = json.dumps(json.loads(body) | {"amount_minor": 1}).encode()
    answer = _post(client, wrong, notices.sign_notice(wrong, now))
    assert answer.content == b"success"
    assert queries.get_intent(number) == intent
    assert books.balances() == balances
    assert len(queries.list_mismatches().items) == 1


def test_a_forged_notice_changes_nothing(client: Client, now: datetime) -> None:
    _, body = _charged(now)
    headers = notices.sign_notice(body, now)
    forged = body.replace(b"12900", b"12901")
    before = books.payment_rows()
    for sent, signed in (
        (forged, headers),
        (body, {}),
        (body, headers | {notices.SIGNATURE: "0" * 64}),
        (body, headers | {notices.SIGNATURE: "\xff"}),
        (body, headers | {notices.TIMESTAMP: str(int(now.timestamp()) + 1)}),
    ):
        answer = _post(client, sent, signed)
        assert (answer.status_code, answer.content) == (403, b"payments.notice_forged")
    assert books.payment_rows() == before


@pytest.mark.parametrize("age_s", [-310, 310, 86_400])
def test_an_overheard_notice_is_refused_once_it_is_old(client: Client, now: datetime, age_s: int) -> None:
    _, body = _charged(now)
    before = books.payment_rows()
    answer = _post(client, body, notices.sign_notice(body, now - timedelta(seconds=age_s)))
    assert (answer.status_code, answer.content) == (403, b"payments.notice_stale")
    assert books.payment_rows() == before


GARBAGE = [b"", b"{}", b"null", b"\x00", b"\xff" * 100, b"[" * 10_000, b'{"type":"charge"}']


@pytest.mark.parametrize("body", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_refused_signed_or_not(client: Client, now: datetime, body: bytes) -> None:
    _charged(now)
    before = books.payment_rows()
    assert _post(client, body, {}).status_code == 403
    answer = _post(client, body, notices.sign_notice(body, now))
    assert (answer.status_code, answer.content) == (400, b"payments.notice_malformed")
    assert books.payment_rows() == before


def test_an_unknown_number_is_not_found_and_changes_nothing(client: Client, now: datetime) -> None:
    number, body = _charged(now)
    before = books.payment_rows()
    stranger = body.replace(number.encode(), b"nobody")
    answer = _post(client, stranger, notices.sign_notice(stranger, now))
    assert (answer.status_code, answer.content) == (404, b"payments.intent_not_found")
    assert books.payment_rows() == before


def test_an_unknown_provider_is_not_found(client: Client, now: datetime) -> None:
    _, body = _charged(now)
    before = books.payment_rows()
    answer = _post(client, body, notices.sign_notice(body, now), "/webhooks/payments/moon")
    assert (answer.status_code, answer.content) == (404, b"payments.provider_unknown")
    assert books.payment_rows() == before


def test_a_body_beyond_the_limit_is_refused_before_it_is_looked_at(client: Client, now: datetime) -> None:
    _, body = _charged(now)
    padded = body + b" " * (MAX_BODY_BYTES - len(body))
    assert _post(client, padded, notices.sign_notice(padded, now)).status_code == 200
    before = books.payment_rows()
    too_long = padded + b" "
    assert _post(client, too_long, notices.sign_notice(too_long, now)).status_code == 413
    assert books.payment_rows() == before


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_only_posting_is_allowed(client: Client, method: str) -> None:
    assert getattr(client, method)(ADDRESS).status_code == 405


def test_a_repeated_notice_costs_four_statements(client: Client, now: datetime) -> None:
    _, body = _charged(now)
    _post(client, body, notices.sign_notice(body, now))
    with CaptureQueriesContext(connection) as captured:
        _post(client, body, notices.sign_notice(body, now))
    assert sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries) == 4


def test_news_of_a_closed_intent_is_still_taken_in(client: Client, now: datetime) -> None:
    number, body = _charged(now)
    operations.close_intent(intent_no=number, now=now)
    _post(client, body, notices.sign_notice(body, now))
    assert queries.get_intent(number).state is IntentState.CAPTURED
