"""Django's registration of this surface."""

from django.apps import AppConfig


class StudioConfig(AppConfig):
    name = "wuyou.surfaces.studio"
    label = "studio"
