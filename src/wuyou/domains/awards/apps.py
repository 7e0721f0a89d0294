"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class AwardsConfig(AppConfig):
    name = "wuyou.domains.awards"
    label = "awards"
