"""Statements that the hot path costs, counted exactly: they are most of what a checkout burns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import payments as build
from wuyou.domains.payments import operations
from wuyou.domains.payments.providers import sandbox
from wuyou.domains.payments.providers.sandbox import Faults, SandboxBank

pytestmark = pytest.mark.django_db


def _statements(call: Callable[[], object]) -> int:
    """How many statements a call sends, savepoints apart (the test's own transaction makes them of transactions)."""
    with CaptureQueriesContext(connection) as captured:
        call()
    return sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries)


@pytest.fixture
def open_books(now: datetime) -> None:
    """Books whose accounts exist, as they do after the first payment ever."""
    build.pay(build.open_intent(now), now)


def test_a_payment_costs_seven_statements(open_books: None, now: datetime) -> None:
    payer_id, number = build.make_payer(now), build.new_number()
    sandbox.set_faults(Faults(late_s=5))
    bank = SandboxBank()
    opened = _statements(
        lambda: build.open_intent(now, intent_no=number, payer_id=payer_id, is_handed_over=False),
    )
    handed = _statements(lambda: operations.hand_over(intent_no=number, now=now))
    charged = _statements(lambda: bank.charge(intent_no=number, amount=build.PRICE, now=now))
    result = bank.query_charge(intent_no=number, now=now)
    assert result is not None
    applied = _statements(lambda: operations.apply_charge(result=result, now=now))
    assert (opened, handed, charged, applied) == (1, 1, 2, 3)


def test_hearing_of_a_capture_again_costs_two_statements(open_books: None, now: datetime) -> None:
    result = build.charge_result(build.open_intent(now), now)
    build.apply(result, now)
    assert _statements(lambda: operations.apply_charge(result=result, now=now)) == 2


def test_charging_again_costs_one_statement_more(now: datetime) -> None:
    number = build.new_number()
    bank = SandboxBank()
    bank.charge(intent_no=number, amount=build.PRICE, now=now)
    assert _statements(lambda: bank.charge(intent_no=number, amount=build.PRICE, now=now)) == 3


def test_a_refund_costs_three_statements_to_promise_and_three_to_book(open_books: None, now: datetime) -> None:
    intent_no = build.open_intent(now)
    build.pay(intent_no, now)
    first = build.request_refund(intent_no, 100, now)
    operations.apply_refund(result=build.refund_result(first, intent_no, 100, now), now=now)
    number = build.new_number("R")
    assert _statements(lambda: build.request_refund(intent_no, 100, now, number)) == 3
    result = build.refund_result(number, intent_no, 100, now)
    assert _statements(lambda: operations.apply_refund(result=result, now=now)) == 3
    assert _statements(lambda: operations.apply_refund(result=result, now=now)) == 2
