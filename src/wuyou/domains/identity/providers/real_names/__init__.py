"""Who proves real names, by name. `REAL_NAME_PROVIDER` in the settings says who is asked."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings

from wuyou.domains.identity.providers.real_names.base import Checked, RealNameProvider
from wuyou.domains.identity.providers.real_names.sandbox import SandboxRegister

__all__ = ["Checked", "RealNameProvider", "get_provider"]

_PROVIDERS: Mapping[str, RealNameProvider] = {provider.name: provider for provider in (SandboxRegister(),)}


def get_provider() -> RealNameProvider:
    """The provider of this installation."""
    return _PROVIDERS[settings.REAL_NAME_PROVIDER]
