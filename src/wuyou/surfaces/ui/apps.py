from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, tags and static files that every surface shares; no models."""

    name = "wuyou.surfaces.ui"
    label = "ui"
