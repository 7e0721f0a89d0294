"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "wuyou.domains.messaging"
    label = "messaging"
