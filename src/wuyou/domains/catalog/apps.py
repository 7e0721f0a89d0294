"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "wuyou.domains.catalog"
    label = "catalog"
