"""Django's registration of this surface."""

from django.apps import AppConfig


class SellerConfig(AppConfig):
    name = "wuyou.surfaces.seller"
    label = "seller"
