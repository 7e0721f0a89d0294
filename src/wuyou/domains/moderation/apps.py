"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "wuyou.domains.moderation"
    label = "moderation"
