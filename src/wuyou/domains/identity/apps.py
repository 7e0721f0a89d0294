"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "wuyou.domains.identity"
    label = "identity"
