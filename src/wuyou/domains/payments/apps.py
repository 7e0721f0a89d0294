"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "wuyou.domains.payments"
    label = "payments"

    def ready(self) -> None:
        """Read the accounts at providers."""
        from wuyou.domains.payments import providers

        providers.load()
