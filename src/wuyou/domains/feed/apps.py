"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class FeedConfig(AppConfig):
    name = "wuyou.domains.feed"
    label = "feed"
