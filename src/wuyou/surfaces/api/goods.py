"""Goods to look at: everybody may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Keyword, KeywordKind, Product, Variant
from wuyou.domains.catalog.types import Photo as ShopPhoto
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.groupbuy.types import Campaign, Team
from wuyou.domains.inventory import queries as inventory
from wuyou.infra import pictures
from wuyou.surfaces.api.amounts import Amount, amount_of
from wuyou.surfaces.api.copy_lines import Rendition
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import MAX_BIGINT, ONE_LINE, Draft, Id, PageQuery

router = Router(tags=["goods"])

MAX_OPEN_TEAMS = 10
_WIDTH = 480


class KeywordQuery(Draft):
    """Which keywords."""

    kind: Annotated[KeywordKind, Field(strict=False)] | None = None
    """Null is of every kind."""


class ProductQuery(PageQuery):
    """Which products."""

    words: Annotated[str, StringConstraints(max_length=60, pattern=ONE_LINE)] = ""
    """Must occur in the title, in either language."""
    shop_id: Annotated[int | None, Field(ge=1, le=MAX_BIGINT)] = None
    """Only what this shop sells."""


@dataclass(frozen=True, slots=True)
class GoodsPhoto:
    """A shop's photograph of a product."""

    __pydantic_config__ = DOCUMENTED

    id: int
    variant_id: int | None
    """The one form that it shows; null where it shows the product."""
    name: str
    """What its file was called."""
    alt: str
    """What is to be seen on it, in Chinese."""
    alt_en: str
    width: int
    """Of the largest rendition."""
    height: int
    blurhash: str
    """A blurred preview (blurha.sh)."""
    renditions: tuple[Rendition, ...]
    """WebP, from narrow to wide."""


@dataclass(frozen=True, slots=True)
class KeywordLine:
    """A word of the operator's for what goods are, whom they are for, and what is around them."""

    __pydantic_config__ = DOCUMENTED

    id: int
    kind: KeywordKind
    name: str
    """In Chinese."""
    name_en: str


@dataclass(frozen=True, slots=True)
class KeywordList:
    """Keywords, kind by kind."""

    __pydantic_config__ = DOCUMENTED

    items: tuple[KeywordLine, ...]


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A product as a list shows it."""

    __pydantic_config__ = DOCUMENTED

    id: int
    shop_id: int
    title: str
    """In Chinese."""
    title_en: str
    picture: str
    """Name of a picture in the interface's set, for what has no photograph."""
    photo: str | None
    """Where the cover is on this server, the shop's first photograph; null without any."""
    price: Amount
    """Of the first variant, alone."""
    team_price: Amount | None
    """Of the first variant, with a team; null when it is not sold to teams now."""
    team_size: int | None
    """People in a team; null when it is not sold to teams now."""
    open_team_count: int
    """Teams that can be joined now."""


@dataclass(frozen=True, slots=True)
class ProductList:
    """Listed products, newest first."""

    __pydantic_config__ = DOCUMENTED

    items: tuple[ProductLine, ...]
    next_cursor: int | None
    """Give this as `cursor` for the next page; null at the end."""


@dataclass(frozen=True, slots=True)
class VariantForm:
    """One buyable form of a product."""

    __pydantic_config__ = DOCUMENTED

    id: int
    name: str
    name_en: str
    price: Amount
    """Buying alone."""
    team_price: Amount | None
    """Buying with a team."""
    available: int
    """Pieces that can be bought now."""


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    """How the product is sold to teams now."""

    __pydantic_config__ = DOCUMENTED

    id: int
    product_id: int
    size: int
    """People in a team, the leader included."""
    team_ttl_s: int
    """Seconds that a team may form, from the leader's payment."""
    max_per_order: int
    max_per_person: int | None
    """Pieces for one person in all; null is no limit."""
    total_limit: int | None
    """Pieces in all; null is no limit."""
    new_buyers_only: bool
    """Who joins must never have bought here before; leaders may be anyone."""
    opens_at: datetime
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenTeam:
    """A team that can be joined."""

    __pydantic_config__ = DOCUMENTED

    token: str
    size: int
    taken: int
    """Seats held or paid."""
    paid: int
    missing: int
    """People who must still pay."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A product with everything that is needed to buy it."""

    __pydantic_config__ = DOCUMENTED

    id: int
    shop_id: int
    title: str
    title_en: str
    brief: str
    brief_en: str
    picture: str
    photos: tuple[GoodsPhoto, ...]
    """The shop's own, in their order; the first is the cover."""
    keywords: tuple[KeywordLine, ...]
    """What it is, whom it is for, and of which industry."""
    variants: tuple[VariantForm, ...]
    campaign: OpenCampaign | None
    """Null when it is not sold to teams now."""
    open_teams: tuple[OpenTeam, ...]
    """The most urgent first, at most ten."""


@operation(router, "GET", "/products", entry=Entry.READ, who=Who.ANYONE)
def list_products(
    call: Call,
    query: Query[ProductQuery],
) -> ProductList:
    """List products, newest first."""
    page = catalog.list_products(cursor=query.cursor, limit=query.limit, words=query.words, shop_id=query.shop_id)
    ids = [product.id for product in page.items]
    campaigns = groupbuy.campaigns_by_product(ids, call.now)
    teams = groupbuy.count_open_teams(campaigns, call.now) if campaigns else {}
    lines = (_line(product, campaigns.get(product.id), teams.get(product.id, 0)) for product in page.items)
    return ProductList(tuple(lines), page.next_cursor)


@operation(router, "GET", "/keywords", entry=Entry.READ, who=Who.ANYONE)
def list_keywords(call: Call, query: Query[KeywordQuery]) -> KeywordList:
    """List the words by which goods, places of links and activities are told apart."""
    kinds = [query.kind] if query.kind else list(KeywordKind)
    return KeywordList(tuple(map(keyword_of, catalog.list_keywords(kinds))))


@operation(
    router,
    "GET",
    "/products/{product_id}",
    entry=Entry.READ,
    who=Who.ANYONE,
    refuses=[catalog_errors.ProductNotFound],
)
def show_product(call: Call, product_id: Id) -> ProductPage:
    """Show a product: both prices of each variant, what is left, the open campaign and the teams to join."""
    return product_of(catalog.get_product(product_id), call.now)


def product_of(product: Product, now: datetime) -> ProductPage:
    """A product as the API says it.

    Cost: two queries; one more with photographs, one with keywords, two when a campaign is open.
    """
    left = inventory.available_by_variant(variant.id for variant in product.variants)
    campaign = groupbuy.campaigns_by_product([product.id], now).get(product.id)
    teams = groupbuy.list_open_teams(product.id, now, limit=MAX_OPEN_TEAMS) if campaign else ()
    return ProductPage(
        product.id,
        product.shop_id,
        product.title,
        product.title_en,
        product.brief,
        product.brief_en,
        product.picture,
        tuple(map(photo_of, catalog.photos_of(product.id))) if product.photo_id else (),
        tuple(map(keyword_of, catalog.keywords_by_id(product.keyword_ids).values())),
        tuple(_variant(variant, left[variant.id]) for variant in product.variants),
        campaign_of(campaign) if campaign else None,
        tuple(_open_team(team) for team in teams),
    )


def keyword_of(keyword: Keyword) -> KeywordLine:
    """A keyword as the API says it. Cost: none."""
    return KeywordLine(keyword.id, keyword.kind, keyword.name, keyword.name_en)


def photo_of(photo: ShopPhoto) -> GoodsPhoto:
    """A shop's photograph as the API says it. Cost: none."""
    renditions = tuple(
        Rendition(width, f"/p/photos/{photo.id}/{width}") for width in sorted(pictures.widths_of(photo.key))
    )
    return GoodsPhoto(
        photo.id,
        photo.variant_id,
        photo.name,
        photo.alt,
        photo.alt_en,
        photo.width,
        photo.height,
        photo.blurhash,
        renditions,
    )


def photo_path(photo_id: int | None) -> str | None:
    """Where a photograph is on this server, in one width."""
    return f"/p/photos/{photo_id}/{_WIDTH}" if photo_id else None


def campaign_of(campaign: Campaign) -> OpenCampaign:
    """A campaign as the API says it."""
    return OpenCampaign(
        campaign.id,
        campaign.product_id,
        campaign.size,
        int(campaign.team_ttl.total_seconds()),
        campaign.max_per_order,
        campaign.max_per_person,
        campaign.total_limit,
        campaign.new_buyers_only,
        campaign.opens_at,
        campaign.closes_at,
    )


def _line(product: Product, campaign: Campaign | None, open_team_count: int) -> ProductLine:
    first = product.variants[0]
    return ProductLine(
        product.id,
        product.shop_id,
        product.title,
        product.title_en,
        product.picture,
        photo_path(product.photo_id),
        amount_of(first.price),
        amount_of(first.team_price) if campaign and first.team_price else None,
        campaign.size if campaign else None,
        open_team_count,
    )


def _variant(variant: Variant, available: int) -> VariantForm:
    team_price = amount_of(variant.team_price) if variant.team_price else None
    return VariantForm(variant.id, variant.name, variant.name_en, amount_of(variant.price), team_price, available)


def _open_team(team: Team) -> OpenTeam:
    assert team.expires_at is not None  # noqa: S101  (only a team whose clock runs can be joined)
    return OpenTeam(team.token, team.size, team.taken, team.paid, team.missing, team.expires_at)
