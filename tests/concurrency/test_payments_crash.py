"""A process dies by SIGKILL between the bank and our books: asking repairs what it left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.builders import payments as build
from tests.domains.payments import books
from wuyou.domains.payments import queries, tasks
from wuyou.domains.payments.types import IntentState, RefundState
from wuyou.infra import db

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]

_PROLOGUE = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from tests.builders import payments as build
from wuyou.domains.payments import operations, tasks
from wuyou.infra import db
number, now = sys.argv[1], datetime.fromisoformat(sys.argv[2])
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
"""

_AFTER_THE_CHARGE = """
build.PERFECT.charge(intent_no=number, amount=build.PRICE, now=now)
die()
"""

_BEFORE_THE_COMMIT = """
result = build.PERFECT.charge(intent_no=number, amount=build.PRICE, now=now)
with db.transaction():
    operations.apply_charge(result=result, now=now)
    die()
"""

_AFTER_THE_REFUND = """
build.PERFECT.refund(refund_no="R-crash", intent_no=number, amount=build.yuan(900), now=now)
die()
"""

_AFTER_THE_CLAIM = """
with db.transaction():
    assert tasks._claim_refund(now)
die()
"""


def _run_and_die(script: str, number: str, now: datetime) -> None:
    environment = dict(os.environ)
    address = urlsplit(environment["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment |= {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "wuyou.config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", _PROLOGUE + script, number, now.isoformat()],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("script", [_AFTER_THE_CHARGE, _BEFORE_THE_COMMIT])
def test_a_payment_whose_process_died_is_captured_by_the_poll(now: datetime, script: str) -> None:
    number = build.open_intent(now)
    _run_and_die(script, number, now)
    assert queries.get_intent(number).state is IntentState.CREATED
    assert books.balances() == {"clearing": 0, "held": 0, "due": 0}
    assert books.published(number) == []

    assert tasks.reconcile_due_charges(now + timedelta(seconds=5)) == 1
    assert queries.get_intent(number).state is IntentState.CAPTURED
    assert books.balances() == {"clearing": 12_900, "held": 12_900, "due": 0}
    assert books.published(number) == [("payment_captured", number)]


@pytest.mark.parametrize("script", [_AFTER_THE_REFUND, _AFTER_THE_CLAIM])
def test_a_refund_whose_process_died_is_returned_once(now: datetime, script: str) -> None:
    number = build.open_intent(now)
    build.pay(number, now)
    build.request_refund(number, 900, now, "R-crash")
    _run_and_die(script, number, now)
    assert queries.get_refund("R-crash").state is RefundState.PENDING
    assert books.balances()["clearing"] == 12_900

    tasks.submit_due_refunds(now + timedelta(seconds=10))
    assert queries.get_refund("R-crash").state is RefundState.SUCCEEDED
    assert books.balances() == {"clearing": 12_000, "held": 12_900, "due": -900}
    assert db.rows("SELECT submissions FROM payments_sandbox_refund") == [(1,)]
