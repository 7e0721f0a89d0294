"""Coupons and red packets, made through operations only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from tests.builders.alliance import Market
from wuyou.domains.alliance.types import Publisher
from wuyou.domains.catalog.types import Product
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders.types import LineDraft, Order, OrderKind, PlacedOrder
from wuyou.domains.promotions import operations
from wuyou.domains.promotions.types import Funder, Layer, Promotion, PromotionDraft, PromotionKind, Voucher
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.money import Currency

EVERYTHING = frozenset(Layer)
DAYS = timedelta(days=30)


def coupon_draft(market: Market, off_minor: int | None = 1_000, **given: object) -> PromotionDraft:
    terms: dict[str, object] = {
        "kind": PromotionKind.COUPON,
        "funder": Funder.SHOP,
        "name": "优惠券",
        "currency": Currency.CNY,
        "from_": market.now,
        "until": market.now + DAYS,
        "shop_id": market.shop.id,
        "off_minor": off_minor,
        "threshold_minor": (off_minor or 0) + 1 if off_minor else 0,
        "combines": EVERYTHING,
    }
    return PromotionDraft(**(terms | given))  # type: ignore[arg-type]


def coupon(
    market: Market, off_minor: int | None = 1_000, *, product: Product | None = None, **given: object
) -> Promotion:
    draft = coupon_draft(market, off_minor, product_id=product.id if product else None, **given)
    return operations.open_promotion(actor=Actor(market.shop.owner_id), draft=draft, now=market.now)


def packet(
    market: Market,
    face_minor: int = 500,
    total_count: int = 3,
    *,
    publisher: Publisher | None = None,
    funder: Funder = Funder.PLATFORM,
    product: Product | None = None,
    **given: object,
) -> Promotion:
    """A red packet: of the platform, unless a publisher or the shop pays."""
    is_publishers = publisher is not None
    draft = coupon_draft(
        market,
        face_minor,
        kind=PromotionKind.PACKET,
        funder=Funder.PUBLISHER if is_publishers else funder,
        shop_id=market.shop.id if is_publishers or funder is Funder.SHOP or product else None,
        product_id=product.id if product else None,
        publisher_id=publisher.id if publisher else None,
        total_count=total_count,
        **given,
    )
    actor = Actor(market.shop.owner_id) if funder is Funder.SHOP else PLATFORM
    return operations.open_promotion(
        actor=actor, draft=draft, now=market.now, as_publisher=publisher.id if publisher else None
    )


def claim(market: Market, promotion: Promotion, person_id: int, **given: object) -> Voucher:
    came_by = [promotion.publisher_id] if promotion.publisher_id else []
    return operations.claim(
        person_id=person_id,
        promotion_id=promotion.id,
        now=market.now,
        came_by=came_by,
        **given,  # type: ignore[arg-type]
    )


def place(
    market: Market, buyer_id: int, products: Iterable[Product], *vouchers: Voucher, quantity: int = 1
) -> PlacedOrder:
    return orders.place_order(
        actor=Actor(buyer_id),
        lines=[LineDraft(product.variants[0].id, quantity) for product in products],
        kind=OrderKind.ALONE,
        now=market.now,
        voucher_ids=[voucher.id for voucher in vouchers],
    )


def order_of(placed: PlacedOrder) -> Order:
    return orders_queries.get_order(placed.id)


def fund_minor(promotion: Promotion) -> int:
    return balance(AccountKind.PROMOTION_FUND, f"packet:{promotion.id}")


def balance(kind: AccountKind, owner: str = "") -> int:
    return ledger.get_balance(AccountRef(kind, owner, Currency.CNY)).amount_minor
