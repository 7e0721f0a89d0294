"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class GroupbuyConfig(AppConfig):
    name = "wuyou.domains.groupbuy"
    label = "groupbuy"
