"""What a post points at: a dot where it lies on a picture, and a line below with what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.domains.content.types import WHOLE, Tag
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.kernel.money import Money
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.viewmodels import covers, films, goods, lines
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.ui.hrefs import href


@dataclass(frozen=True, slots=True)
class Pointed:
    """A thing that a post points at, perhaps sold here."""

    id: int
    seen: str
    """What its mark shows: `product:7`, or `thing:12`."""
    title: str
    href: str
    is_sold: bool
    """Whether it is bought where it leads: then that opens over the post."""
    words: str
    cover: Cover
    price: Money | None
    price_team: Money | None
    photo_id: int | None
    x: str
    """Where on the picture, `25.5%` from its left; empty where it lies at no place of it."""
    y: str
    is_right: bool
    """Whether it lies in the right half: then its name stands left of the dot."""
    from_ms: int | None
    """When it comes into view in the film; None: at no moment of it."""
    until_ms: int | None
    """When it goes; None: it stays."""
    moment: str
    """As people read it, `0:12`; empty without one."""

    @property
    def second(self) -> int:
        """At which a player begins to show it."""
        return (self.from_ms or 0) // 1000


def pointed_at(viewer: Viewer, tags: Sequence[Tag], now: datetime) -> tuple[Pointed, ...]:
    """What tags point at, with what it costs now where it is sold.

    Cost: none without tags; three queries for what is sold here, up to four for what is not.
    """
    sold = {tag.product_id for tag in tags if tag.product_id is not None}
    products = catalog.products_by_id(sold) if sold else {}
    in_teams = groupbuy.campaigns_by_product(sold, now).keys() if sold else ()
    unsold = {tag.thing.id: tag.thing for tag in tags if tag.product_id not in products}
    looks = covers.of_things(viewer, unsold.values()) if unsold else {}

    def pointed(tag: Tag) -> Pointed:
        product = products.get(tag.product_id or 0)
        cover = covers.of_product(product, tag.thing.brand) if product else looks[tag.thing.id]
        return _pointed(tag, cover, product, tag.product_id in in_teams)

    return tuple(map(pointed, tags))


def percent(part: int) -> str:
    """A place on a picture as pages write it: 2,550 of `WHOLE` is `25.5%`."""
    return f"{part * 100 / WHOLE:g}%"


def _pointed(tag: Tag, cover: Cover, product: Product | None, in_teams: bool) -> Pointed:
    variant = goods.first_choice(product, {}) if product else None
    is_placed = tag.photo_id is not None and tag.x is not None and tag.y is not None
    return Pointed(
        tag.id,
        f"product:{product.id}" if product else f"thing:{tag.thing.id}",
        lines.title_of(product) if product else covers.name_of(tag.thing),
        _href(tag, product),
        product is not None,
        tag.words,
        cover,
        variant.price if variant else None,
        variant.team_price if variant and in_teams else None,
        tag.photo_id,
        percent(tag.x or 0) if is_placed else "",
        percent(tag.y or 0) if is_placed else "",
        (tag.x or 0) * 2 > WHOLE,
        tag.from_ms,
        tag.until_ms,
        films.clock(tag.from_ms) if tag.from_ms is not None else "",
    )


def _href(tag: Tag, product: Product | None) -> str:
    """Where a tag leads: to buying it by way of the tag, so that its author is known."""
    if product is None:
        return covers.href_of(tag.thing.id)
    return href("storefront:follow-tag", tag.post_id, tag.id)
