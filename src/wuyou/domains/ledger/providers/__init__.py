"""Who pays out, by name."""

from __future__ import annotations

from collections.abc import Mapping

from wuyou.domains.ledger.errors import PayoutProviderUnknown
from wuyou.domains.ledger.providers.base import PayoutProvider
from wuyou.domains.ledger.providers.sandbox import SandboxPayouts

_PROVIDERS: Mapping[str, PayoutProvider] = {provider.name: provider for provider in (SandboxPayouts(),)}


def get_provider(name: str) -> PayoutProvider:
    """The driver of a provider. Raises: `PayoutProviderUnknown`."""
    provider = _PROVIDERS.get(name)
    if provider is None:
        raise PayoutProviderUnknown(provider=name[:40])
    return provider
