"""Django's registration of this surface."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "wuyou.surfaces.api"
    label = "api"
