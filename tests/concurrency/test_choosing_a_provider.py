"""Two windows of one payer choose two providers at once: one of them is asked, and the other is told so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from tests.builders import payments as build
from tests.builders import providers
from tests.builders.waiting import wait_for_waiters
from tests.doubles.alipay import AlipayDouble
from tests.doubles.wechat_pay import WechatPayDouble
from wuyou.domains.payments import errors, operations, queries
from wuyou.infra import db

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]

PATIENCE_S = 20


@pytest.fixture(autouse=True)
def accounts(settings: Settings, tmp_path: Path) -> Iterator[None]:
    with providers.accounts_with(settings, tmp_path, AlipayDouble(), WechatPayDouble()):
        yield


def first_and_second(hand_over: Callable[[str], None]) -> list[str]:
    """Alipay is chosen in a transaction that is still open while WeChat Pay is chosen; what became of each."""
    is_chosen, other_waits = threading.Event(), threading.Event()
    outcomes = {"alipay": "never ran", "wechat_pay": "never ran"}

    def choose(provider: str, before: threading.Event | None, after: Callable[[], None]) -> None:
        def entry() -> None:
            if before:
                assert before.wait(PATIENCE_S)
            hand_over(provider)
            after()

        try:
            db.in_transaction(entry)
            outcomes[provider] = "chosen"
        except errors.IntentHandedOver as refused:
            outcomes[provider] = f"refused for {refused.facts['provider']}"
        finally:
            connection.close()

    def hold_until_the_other_waits() -> None:
        is_chosen.set()
        assert other_waits.wait(PATIENCE_S)

    threads = [
        threading.Thread(target=choose, args=("alipay", None, hold_until_the_other_waits)),
        threading.Thread(target=choose, args=("wechat_pay", is_chosen, lambda: None)),
    ]
    for thread in threads:
        thread.start()
    wait_for_waiters()
    other_waits.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    return [outcomes["alipay"], outcomes["wechat_pay"]]


def test_the_second_choice_waits_for_the_first_and_is_refused(now: datetime) -> None:
    number = build.open_intent(now, is_handed_over=False, provider="alipay")

    def choose(provider: str) -> None:
        operations.hand_over(intent_no=number, provider=provider, now=now)

    outcomes = first_and_second(choose)
    assert outcomes == ["chosen", "refused for alipay"]
    assert queries.get_intent(number).provider == "alipay"


def test_control_without_the_guard_both_are_asked(now: datetime) -> None:
    number = build.open_intent(now, is_handed_over=False, provider="alipay")

    def choose_carelessly(provider: str) -> None:
        if queries.get_intent(number).handed_over_at is None:
            db.execute(
                "UPDATE payments_intent SET provider = %s, handed_over_at = %s WHERE intent_no = %s",
                [provider, now, number],
            )

    outcomes = first_and_second(choose_carelessly)
    assert outcomes == ["chosen", "chosen"]
    assert queries.get_intent(number).provider == "wechat_pay"
