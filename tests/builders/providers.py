"""Accounts at payment providers, played by the doubles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from tests.builders import payments as build
from tests.doubles.server import Double, serving
from wuyou.domains.payments.providers import get_provider
from wuyou.domains.payments.providers.base import Bill, ChargeResult
from wuyou.domains.payments.types import Onward
from wuyou.kernel.money import Money


@contextmanager
def accounts_with(settings: Settings, folder: Path, *doubles: Double) -> Iterator[None]:
    """An installation that has accounts at these providers, which answer."""
    with ExitStack() as stack:
        for double in doubles:
            stack.enter_context(serving(double))
        file = folder / "payment_accounts.toml"
        file.write_text("\n".join(double.account(folder) for double in doubles))
        settings.PAYMENT_ACCOUNTS = file
        yield


def bill(number: str, now: datetime, amount: Money = build.PRICE, *, is_on_phone: bool = False) -> Bill:
    """A bill that can be paid for a quarter of an hour."""
    return Bill(
        intent_no=number,
        amount=amount,
        subject="Order",
        payable_until=now + timedelta(minutes=15),
        return_url=f"http://127.0.0.1:9/orders/{number}",
        is_on_phone=is_on_phone,
        payer_ip="203.0.113.7",
    )


def begin(provider: str, number: str, now: datetime, *, is_on_phone: bool = False) -> ChargeResult:
    """Send the payer of an intent to a provider, and take in what it says."""
    result = get_provider(provider).begin(bill=bill(number, now, is_on_phone=is_on_phone), now=now)
    build.apply(result, now)
    return result


def onward_to(provider: str, number: str, now: datetime) -> str:
    """Where the payer goes on: the address, or the text of the code."""
    onward = begin(provider, number, now).onward
    assert isinstance(onward, Onward)
    return onward.target


def deliver(provider: str, body: bytes, headers: dict[str, str]) -> HttpResponse:
    """Bring a notice to the door."""
    given = {name: value for name, value in headers.items() if name != "Content-Type"}
    address = f"/webhooks/payments/{provider}"
    return Client().generic("POST", address, body, content_type=headers["Content-Type"], headers=given)
