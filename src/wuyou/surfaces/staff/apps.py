"""Django's registration of this surface."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "wuyou.surfaces.staff"
    label = "staff"
