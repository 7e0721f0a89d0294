"""Django's registration of this surface."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "wuyou.surfaces.webhooks"
    label = "webhooks"
