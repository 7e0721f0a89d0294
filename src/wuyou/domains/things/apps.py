"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class ThingsConfig(AppConfig):
    name = "wuyou.domains.things"
    label = "things"
