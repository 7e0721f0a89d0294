"""Django's registration of this domain's tables."""

from django.apps import AppConfig


class PromotionsConfig(AppConfig):
    name = "wuyou.domains.promotions"
    label = "promotions"
