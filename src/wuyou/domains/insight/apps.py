"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "wuyou.domains.insight"
    label = "insight"
