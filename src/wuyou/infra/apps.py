"""Django's registration of the plumbing's tables."""

from django.apps import AppConfig


class InfraConfig(AppConfig):
    name = "wuyou.infra"
    label = "infra"
