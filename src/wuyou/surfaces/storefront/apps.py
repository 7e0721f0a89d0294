"""Django's registration of this surface."""

from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    name = "wuyou.surfaces.storefront"
    label = "storefront"
