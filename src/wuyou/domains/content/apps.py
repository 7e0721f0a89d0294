"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "wuyou.domains.content"
    label = "content"
