"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "wuyou.domains.notifications"
    label = "notifications"
