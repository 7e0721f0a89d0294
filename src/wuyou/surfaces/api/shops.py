"""For sellers: shops, products, stock, campaigns, orders to send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from ninja import Query, Router
from pydantic import AfterValidator, Field

from wuyou.domains.catalog import errors, operations, policies, queries
from wuyou.domains.catalog.types import Permission
from wuyou.domains.groupbuy import errors as groupbuy_errors
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.inventory import errors as inventory_errors
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.inventory import queries as inventory_queries
from wuyou.domains.orders import queries as orders
from wuyou.surfaces.api.amounts import PriceDraft
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.goods import OpenCampaign, ProductPage, campaign_of, product_of
from wuyou.surfaces.api.judging import SCREENED
from wuyou.surfaces.api.orders import OrderList, orders_of
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import MAX_INT, Draft, Id, Line, Lines, Moment, PageQuery, one_of
from wuyou.surfaces.ui.pictures import THINGS

router = Router(tags=["shops"])

Picture = Annotated[str, AfterValidator(one_of(THINGS)), Field(json_schema_extra={"enum": list(THINGS)})]


class ShopDraft(Draft):
    """A shop to open."""

    name: Line
    """In Chinese."""
    name_en: Line


class VariantDraft(Draft):
    """One buyable form of a product."""

    name: Line
    name_en: Line
    price: PriceDraft
    """Buying alone."""
    team_price: PriceDraft | None = None
    """Buying with a team, below the price alone; null is not sold to teams."""


class ProductDraft(Draft):
    """A product to sell."""

    title: Line
    """In Chinese."""
    title_en: Line
    brief: Lines = ""
    """In Chinese."""
    brief_en: Lines = ""
    picture: Picture = "gift"
    """Name of a picture in the interface's set."""
    variants: Annotated[list[VariantDraft], Field(min_length=1, max_length=50)]


class StockDraft(Draft):
    """How many more there are."""

    quantity: Annotated[int, Field(ge=1, le=1_000_000, examples=[100])]


class CampaignDraft(Draft):
    """How to sell a product to teams."""

    size: Annotated[int, Field(ge=2, le=200, examples=[3])]
    """People in a team, the leader included."""
    team_ttl_s: Annotated[int, Field(ge=1, le=30 * 86_400)] = 86_400
    """Seconds that a team may form, from the leader's payment."""
    max_per_order: Annotated[int, Field(ge=1, le=999)] = 1
    max_per_person: Annotated[int, Field(ge=1, le=MAX_INT)] | None = None
    """Pieces for one person in all; null is no limit."""
    total_limit: Annotated[int, Field(ge=1, le=MAX_INT)] | None = None
    """Pieces in all; null is no limit."""
    new_buyers_only: bool = False
    """Who joins must never have bought here before; leaders may be anyone."""
    opens_at: Moment | None = None
    """Null is now."""
    closes_at: Moment | None = None
    """Null is open-ended."""


@dataclass(frozen=True, slots=True)
class ShopPage:
    """A shop."""

    __pydantic_config__ = DOCUMENTED

    id: int
    name: str
    name_en: str
    return_window_s: int
    """Seconds from receipt in which a buyer may send things back; the shop is paid after it."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What is left of a variant."""

    __pydantic_config__ = DOCUMENTED

    variant_id: int
    available: int
    """Pieces that can be bought now."""


def draft_of(draft: VariantDraft) -> operations.VariantDraft:
    """A variant as the domain takes it."""
    team_price = draft.team_price.money() if draft.team_price else None
    return operations.VariantDraft(draft.name, draft.name_en, draft.price.money(), team_price)


@operation(router, "POST", "/shops", entry=Entry.ONCE_IF_KEYED, status=201, refuses=[errors.TextMalformed, *SCREENED])
def open_shop(call: Call, body: ShopDraft) -> ShopPage:
    """Open a shop of your own."""
    shop = operations.open_shop(owner_id=call.actor.person_id, name=body.name, name_en=body.name_en, now=call.now)
    return ShopPage(shop.id, shop.name, shop.name_en, int(shop.return_window.total_seconds()))


@operation(router, "GET", "/shops/{shop_id}/orders", entry=Entry.READ, refuses=[errors.ShopNotFound])
def list_shop_orders(call: Call, shop_id: Id, query: Query[PageQuery]) -> OrderList:
    """List what your shop sold, newest first."""
    policies.require(call.actor, queries.get_shop(shop_id), Permission.ORDERS)
    return orders_of(orders.list_orders_of_shop(shop_id, cursor=query.cursor, limit=query.limit))


@operation(
    router,
    "POST",
    "/shops/{shop_id}/products",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[errors.ShopNotFound, errors.TextMalformed, errors.PriceOutOfRange, *SCREENED],
)
def add_product(call: Call, shop_id: Id, body: ProductDraft) -> ProductPage:
    """List a product in your shop. It has no stock yet; what a rule holds is listed once staff have looked."""
    product = operations.add_product(
        actor=call.actor,
        shop_id=shop_id,
        title=body.title,
        title_en=body.title_en,
        brief=body.brief,
        brief_en=body.brief_en,
        picture=body.picture,
        variants=[draft_of(draft) for draft in body.variants],
        now=call.now,
    )
    return product_of(product, call.now)


@operation(
    router,
    "POST",
    "/variants/{variant_id}/stock",
    entry=Entry.ONCE,
    status=201,
    refuses=[errors.VariantNotFound, inventory_errors.QuantityOutOfRange],
)
def add_stock(call: Call, variant_id: Id, body: StockDraft) -> Stock:
    """Put more of a variant of your shop on the shelf."""
    inventory.add_stock(actor=call.actor, variant_id=variant_id, quantity=body.quantity, now=call.now)
    return Stock(variant_id, inventory_queries.available_by_variant([variant_id])[variant_id])


@operation(
    router,
    "POST",
    "/products/{product_id}/campaigns",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[
        errors.ProductNotFound,
        groupbuy_errors.CampaignNotFound,
        groupbuy_errors.CampaignMalformed,
        groupbuy_errors.CampaignOverlaps,
    ],
)
def open_campaign(call: Call, product_id: Id, body: CampaignDraft) -> OpenCampaign:
    """Sell a product of your shop to teams."""
    campaign = groupbuy.open_campaign(
        actor=call.actor,
        product_id=product_id,
        size=body.size,
        team_ttl=timedelta(seconds=body.team_ttl_s),
        max_per_order=body.max_per_order,
        max_per_person=body.max_per_person,
        total_limit=body.total_limit,
        new_buyers_only=body.new_buyers_only,
        opens_at=body.opens_at,
        closes_at=body.closes_at,
        now=call.now,
    )
    return campaign_of(campaign)
