"""The payment providers of this installation, by name: those it has an account with, else the sandbox bank alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.conf import settings

from wuyou.domains.payments import errors
from wuyou.domains.payments.providers import accounts
from wuyou.domains.payments.providers.alipay import Alipay
from wuyou.domains.payments.providers.base import PaymentProvider
from wuyou.domains.payments.providers.sandbox import SandboxBank
from wuyou.domains.payments.providers.stripe import Stripe
from wuyou.domains.payments.providers.wechat_pay import WechatPay
from wuyou.kernel.money import Currency

_SANDBOX = SandboxBank()


def get_provider(name: str) -> PaymentProvider:
    """The driver of a provider, also of one that is not offered: what was begun there ends there.

    Raises: `ProviderUnknown`.
    """
    provider = _SANDBOX if name == _SANDBOX.name else _accounts().get(name)
    if provider is None:
        raise errors.ProviderUnknown(provider=name[:40])
    return provider


def get_offered(name: str = "") -> PaymentProvider:
    """The driver of a provider that payers may choose; without a name the first of them. Raises `ProviderUnknown`."""
    for provider in _offered():
        if name in ("", provider.name):
            return provider
    raise errors.ProviderUnknown(provider=name[:40])


def list_offered(currency: Currency) -> tuple[PaymentProvider, ...]:
    """Whom a payer may choose between. The sandbox bank, where nobody pays for real, is offered beside nobody."""
    return tuple(provider for provider in _offered() if currency in provider.currencies)


def list_known() -> tuple[PaymentProvider, ...]:
    """Those with accounts, and the sandbox bank."""
    return (*_accounts().values(), _SANDBOX)


def load() -> None:
    """Read the file of accounts, so that a start fails and not a payment. Raises `SystemExit` with one line."""
    _accounts()


def _offered() -> tuple[PaymentProvider, ...]:
    return tuple(_accounts().values()) or (_SANDBOX,)


def _accounts() -> Mapping[str, PaymentProvider]:
    return _read(settings.PAYMENT_ACCOUNTS)


def _notice_url(name: str) -> str:
    return f"{settings.BASE_URL}/webhooks/payments/{name}"


@cache
def _read(path: Path | None) -> Mapping[str, PaymentProvider]:
    if path is None:
        return {}
    found = accounts.read(path)
    drivers: list[PaymentProvider] = []
    if found.alipay:
        drivers.append(Alipay(found.alipay, _notice_url(Alipay.name)))
    if found.wechat_pay:
        drivers.append(WechatPay(found.wechat_pay, _notice_url(WechatPay.name)))
    if found.stripe:
        drivers.append(Stripe(found.stripe))
    return {driver.name: driver for driver in drivers}
