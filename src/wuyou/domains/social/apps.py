"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class SocialConfig(AppConfig):
    name = "wuyou.domains.social"
    label = "social"
