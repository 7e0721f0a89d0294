"""A process dies by SIGKILL between a provider and our books: asking repairs what it left, with each of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as present
from django.db import connection
from pytest_django import Settings

from tests.builders import payments as build
from tests.builders import providers
from tests.domains.payments import books
from tests.doubles.alipay import AlipayDouble
from tests.doubles.server import Double
from tests.doubles.stripe import StripeDouble
from tests.doubles.wechat_pay import WechatPayDouble
from wuyou.domains.payments import queries, tasks
from wuyou.domains.payments.types import IntentState, RefundState
from wuyou.kernel.clock import utc_now

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]

_PROLOGUE = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from tests.builders import providers
from wuyou.domains.payments import tasks
provider, number, now = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
"""

_AFTER_IT_BEGAN = """
providers.build.apply = die
providers.begin(provider, number, now)
"""

_AFTER_THE_REFUND = """
tasks._apply_refund = die
tasks.submit_due_refunds(now)
"""

_AFTER_THE_QUESTION = """
tasks._apply_charge = die
tasks.reconcile_due_charges(now)
"""


@pytest.fixture(params=[AlipayDouble, WechatPayDouble, StripeDouble], ids=lambda kind: kind.name)
def double(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Double]:
    made = request.param()
    with providers.accounts_with(settings, tmp_path, made):
        yield made


def run_and_die(script: str, double: Double, number: str, now: datetime) -> None:
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = os.environ | {
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "wuyou.config.settings",
        "WUYOU_PAYMENT_ACCOUNTS": str(present.PAYMENT_ACCOUNTS),
    }
    done = subprocess.run(
        [sys.executable, "-c", _PROLOGUE + script, double.name, number, now.isoformat()],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def at(double: Double, moment: datetime) -> datetime:
    double.ahead = moment - utc_now()
    return moment


def test_a_life_in_which_every_process_dies_ends_with_the_same_books(double: Double) -> None:
    now = utc_now()
    number = build.open_intent(now, intent_no=build.new_number("26113000"), provider=double.name)
    run_and_die(_AFTER_IT_BEGAN, double, number, now)
    target = providers.onward_to(double.name, number, now)
    double.pay(target)

    run_and_die(_AFTER_THE_QUESTION, double, number, at(double, now + timedelta(seconds=5)))
    assert queries.get_intent(number).state is IntentState.CREATED
    tasks.reconcile_due_charges(at(double, now + timedelta(seconds=30)))
    assert queries.get_intent(number).state is IntentState.CAPTURED
    assert books.balances(double.name)["clearing"] == double.held_minor() == 12_900

    build.request_refund(number, 900, now, f"{number}R1")
    run_and_die(_AFTER_THE_REFUND, double, number, at(double, now + timedelta(seconds=40)))
    assert queries.get_refund(f"{number}R1").state is RefundState.PENDING
    assert books.balances(double.name)["clearing"] == 12_900
    tasks.submit_due_refunds(at(double, now + timedelta(seconds=60)))
    assert queries.get_refund(f"{number}R1").state is RefundState.SUCCEEDED
    assert books.balances(double.name)["clearing"] == double.held_minor() == 12_000
    assert books.published(number) == [("payment_captured", number)]
