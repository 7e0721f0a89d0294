"""The payment providers that this installation knows, by name."""

from __future__ import annotations

from collections.abc import Mapping

from wuyou.domains.payments import errors
from wuyou.domains.payments.providers.base import PaymentProvider
from wuyou.domains.payments.providers.sandbox import SandboxBank

_PROVIDERS: Mapping[str, PaymentProvider] = {provider.name: provider for provider in (SandboxBank(),)}


def get_provider(name: str) -> PaymentProvider:
    """The driver of a provider. Raises `ProviderUnknown`."""
    provider = _PROVIDERS.get(name)
    if provider is None:
        raise errors.ProviderUnknown(provider=name[:40])
    return provider
