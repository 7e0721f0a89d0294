"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "wuyou.domains.inventory"
    label = "inventory"
