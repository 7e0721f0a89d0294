"""Shops, goods, stock and campaigns for tests, made through operations only, by the platform: the logs of shops are
empty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.builders.people import make_person
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance.types import Plan
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.catalog.operations import VariantDraft
from wuyou.domains.catalog.types import Product, Shop
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.groupbuy.types import Campaign
from wuyou.domains.inventory import operations as inventory
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.money import Currency, Money


def yuan(amount_minor: int) -> Money:
    """So many fen."""
    return Money(amount_minor, Currency.CNY)


def make_shop(now: datetime, *, owner_id: int | None = None, name: str = "小店", name_en: str = "Small shop") -> Shop:
    """A shop, of a new person unless an owner is given."""
    owner = owner_id or make_person(now).id
    return db.in_transaction(lambda: catalog.open_shop(owner_id=owner, name=name, name_en=name_en, now=now))


def make_product(
    now: datetime,
    *,
    shop: Shop | None = None,
    price: int = 5_900,
    team_price: int | None = 3_900,
    stock: int = 100,
    title: str = "山里的蜂蜜",
    title_en: str = "Mountain honey",
    picture: str = "honey",
    variants: Sequence[VariantDraft] = (),
) -> Product:
    """A listed product with stock of every variant; prices in fen. One variant unless others are given."""
    shop = shop or make_shop(now)
    drafts = variants or [
        VariantDraft("一瓶", "One jar", yuan(price), yuan(team_price) if team_price is not None else None)
    ]

    def entry() -> Product:
        product = catalog.add_product(
            actor=PLATFORM,
            shop_id=shop.id,
            title=title,
            title_en=title_en,
            brief="秦岭的农家土蜂蜜，一年只取一次。",
            brief_en="From farm hives in the Qinling mountains, taken once a year.",
            picture=picture,
            variants=drafts,
            now=now,
        )
        for variant in product.variants:
            if stock:
                inventory.add_stock(actor=PLATFORM, variant_id=variant.id, quantity=stock, now=now)
        return product

    return db.in_transaction(entry)


def make_campaign(
    now: datetime,
    product: Product,
    *,
    size: int = 3,
    team_ttl: timedelta = timedelta(hours=24),
    max_per_order: int = 5,
    max_per_person: int | None = None,
    total_limit: int | None = None,
    new_buyers_only: bool = False,
    closes_at: datetime | None = None,
) -> Campaign:
    """Sell a product to teams from now on."""

    def entry() -> Campaign:
        return groupbuy.open_campaign(
            actor=PLATFORM,
            product_id=product.id,
            size=size,
            team_ttl=team_ttl,
            max_per_order=max_per_order,
            max_per_person=max_per_person,
            total_limit=total_limit,
            new_buyers_only=new_buyers_only,
            closes_at=closes_at,
            now=now,
        )

    return db.in_transaction(entry)


def make_plan(now: datetime, shop: Shop, *, rate_bps: int = 1_000) -> Plan:
    """Let a shop pay for sales brought to it: 70 % of the commission to the publisher, 20 % to a partner."""

    def entry() -> Plan:
        return alliance.set_plan(
            actor=PLATFORM,
            shop_id=shop.id,
            product_id=None,
            rate_bps=rate_bps,
            publisher_share_bps=7_000,
            partner_share_bps=2_000,
            platform_share_bps=1_000,
            from_=now,
            until=None,
            now=now,
        )

    return db.in_transaction(entry)
