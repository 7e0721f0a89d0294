"""For sellers: what a product says, whether it is on the shelves, its forms and their prices."""

from __future__ import annotations

from typing import Annotated

from ninja import Router
from pydantic import Field

from wuyou.domains.catalog import errors, operations, queries
from wuyou.domains.catalog.types import MOST_KEYWORDS
from wuyou.surfaces.api.amounts import PriceDraft
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.goods import ProductPage, product_of
from wuyou.surfaces.api.judging import SCREENED
from wuyou.surfaces.api.scalars import Draft, Id, Line, Lines
from wuyou.surfaces.api.shops import Picture, VariantDraft, draft_of

router = Router(tags=["shops"])


class ProductWords(Draft):
    """What a product's page says, all of it."""

    title: Line
    """In Chinese."""
    title_en: Line
    brief: Lines = ""
    """In Chinese."""
    brief_en: Lines = ""
    picture: Picture = "gift"
    """Name of a picture in the interface's set, for what has no photograph."""


class ProductKeywords(Draft):
    """By which keywords a product is found, all of them."""

    keyword_ids: Annotated[list[Id], Field(max_length=MOST_KEYWORDS)]
    """Of the kinds GOODS, USERS and INDUSTRY."""


class ShelfPlace(Draft):
    """Where a product shall be."""

    is_listed: bool
    """On the shelves; what is withheld waits for staff."""


class VariantPrices(Draft):
    """What a variant costs from now on, in its currency."""

    price: PriceDraft
    """Buying alone."""
    team_price: PriceDraft | None = None
    """Buying with a team, below the price alone; null is not sold to teams."""


@operation(
    router,
    "PUT",
    "/products/{product_id}/words",
    entry=Entry.WRITE,
    refuses=[errors.ProductNotFound, errors.TextMalformed, *SCREENED],
)
def describe_product(call: Call, product_id: Id, body: ProductWords) -> ProductPage:
    """Change what the page of a product of your shop says; what a rule holds waits for staff, off the shelves."""
    operations.describe_product(actor=call.actor, product_id=product_id, now=call.now, **body.model_dump())
    return _page(call, product_id)


@operation(
    router,
    "PUT",
    "/products/{product_id}/keywords",
    entry=Entry.WRITE,
    refuses=[errors.ProductNotFound, errors.KeywordNotFound],
)
def set_product_keywords(call: Call, product_id: Id, body: ProductKeywords) -> ProductPage:
    """Say what a product of your shop is, whom it is for and of which industry, by the keywords of this site."""
    operations.set_product_keywords(actor=call.actor, product_id=product_id, keyword_ids=body.keyword_ids, now=call.now)
    return _page(call, product_id)


@operation(router, "PUT", "/products/{product_id}/shelf", entry=Entry.WRITE, refuses=[errors.ProductNotFound])
def shelve_product(call: Call, product_id: Id, body: ShelfPlace) -> ProductPage:
    """Put a product of your shop on the shelves, or take it off; placed orders go on."""
    if body.is_listed:
        operations.list_product(actor=call.actor, product_id=product_id, now=call.now)
    else:
        operations.unlist_product(actor=call.actor, product_id=product_id, now=call.now)
    return _page(call, product_id)


@operation(
    router,
    "POST",
    "/products/{product_id}/variants",
    entry=Entry.ONCE,
    status=201,
    refuses=[
        errors.ProductNotFound,
        errors.TooManyVariants,
        errors.TextMalformed,
        errors.PriceOutOfRange,
        SCREENED[0],
    ],
)
def add_variant(call: Call, product_id: Id, body: VariantDraft) -> ProductPage:
    """Sell a product of your shop in one more form. It has no stock yet."""
    operations.add_variant(actor=call.actor, product_id=product_id, draft=draft_of(body), now=call.now)
    return _page(call, product_id)


@operation(
    router,
    "PUT",
    "/variants/{variant_id}/price",
    entry=Entry.WRITE,
    refuses=[errors.VariantNotFound, errors.PriceOutOfRange],
)
def set_prices(call: Call, variant_id: Id, body: VariantPrices) -> ProductPage:
    """Change what a variant of your shop costs from now on; placed orders keep their prices."""
    variant = operations.set_prices(
        actor=call.actor,
        variant_id=variant_id,
        price=body.price.money(),
        team_price=body.team_price.money() if body.team_price else None,
        now=call.now,
    )
    return _page(call, variant.product_id)


def _page(call: Call, product_id: int) -> ProductPage:
    return product_of(queries.products_by_id([product_id])[product_id], call.now)
