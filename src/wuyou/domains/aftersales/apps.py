"""The app of aftersales."""

from django.apps import AppConfig


class AftersalesConfig(AppConfig):
    name = "wuyou.domains.aftersales"
    label = "aftersales"
