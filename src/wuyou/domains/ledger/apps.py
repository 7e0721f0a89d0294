"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "wuyou.domains.ledger"
    label = "ledger"
