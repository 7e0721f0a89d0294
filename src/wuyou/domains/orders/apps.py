"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "wuyou.domains.orders"
    label = "orders"
