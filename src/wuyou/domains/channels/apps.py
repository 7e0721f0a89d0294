"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "wuyou.domains.channels"
    label = "channels"
