"""The app of complaints."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "wuyou.domains.complaints"
    label = "complaints"
