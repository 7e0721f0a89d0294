"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class AllianceConfig(AppConfig):
    name = "wuyou.domains.alliance"
    label = "alliance"
