"""The composer as its page shows it: pictures in their order, what lies on them, and what may be pointed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.domains.content import queries
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import HoldingState, Thing
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront import composing
from wuyou.surfaces.storefront.composing import Shown, Written
from wuyou.surfaces.storefront.taken import Taken
from wuyou.surfaces.storefront.viewmodels import covers, films, lines
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.storefront.viewmodels.films import FilmShown
from wuyou.surfaces.ui.parts import Choice

_OFFERED = 12


@dataclass(frozen=True, slots=True)
class Dot:
    """Where something lies on a picture."""

    number: int
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in its place."""

    value: str
    place: int
    """Counted from 0, as the form says it."""
    number: int
    """Counted from 1, as people do."""
    cover: Cover
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A thing that is pointed at, and where."""

    what: str
    place: int
    number: int
    title: str
    cover: Cover | None
    is_sold: bool
    photo: int | None
    x: str
    y: str
    begins: str
    ends: str
    words: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A thing that can be pointed at."""

    what: str
    title: str
    note: str
    cover: Cover


@dataclass(frozen=True, slots=True)
class Composer:
    """What the composer's page shows."""

    kind: str
    title: str
    text: str
    photos: tuple[Picture, ...]
    film: FilmShown | None
    film_value: str
    poster_value: str
    poster_at: str
    rows: tuple[Row, ...]
    offers: tuple[Offer, ...]
    find: str
    topics: str
    series: tuple[Choice, ...]
    new_series: str
    earns: bool
    sells: bool
    at: str


def composer_of(viewer: Viewer, written: Written, post_id: int | None) -> Composer:
    """What is being written, for its author. Args: post_id: of what is there already.

    Cost: one query for series, up to eight for what is offered, up to seven for what is pointed at.
    """
    rows = _rows(viewer, written)
    poster = _cover(written.poster) if written.poster else None
    return Composer(
        written.kind.value,
        written.title,
        written.text,
        tuple(
            Picture(
                photo.value,
                place,
                place + 1,
                _cover(photo),
                tuple(dot for row in rows if row.photo == place and (dot := _dot(row))),
            )
            for place, photo in enumerate(written.photos)
        ),
        films.of_composer(written.film, post_id, poster) if written.film else None,
        written.film_value,
        written.poster.value if written.poster else "",
        written.poster_at,
        rows,
        tuple(_offers(viewer, written)),
        written.find,
        written.topics,
        _series(viewer, written),
        written.new_series,
        written.earns,
        any(row.is_sold for row in rows),
        written.at,
    )


def _dot(row: Row) -> Dot | None:
    return Dot(row.number, f"{row.x}%", f"{row.y}%") if row.x and row.y else None


def _cover(photo: Shown) -> Cover:
    return covers.of_taken(photo.picture) if isinstance(photo.picture, Taken) else covers.of_post_photo(photo.picture)


def _rows(viewer: Viewer, written: Written) -> tuple[Row, ...]:
    named = {tag.id for tag in written.tags if tag.kind == "thing"}
    sold = {tag.id for tag in written.tags if tag.kind == "product"}
    known = things.known_by_id(viewer, named) if named else {}
    products = catalog.products_by_id(sold) if sold else {}
    looks = covers.of_things(viewer, known.values()) if known else {}
    rows = []
    for place, tag in enumerate(written.tags):
        product, thing = (products.get(tag.id), None) if tag.kind == "product" else (None, known.get(tag.id))
        rows.append(
            Row(
                f"{tag.kind}:{tag.id}",
                place,
                place + 1,
                _title(product, thing),
                covers.of_product(product) if product else looks.get(tag.id) if thing else None,
                tag.kind == "product",
                tag.photo,
                tag.x,
                tag.y,
                tag.begins,
                tag.ends,
                tag.words,
            )
        )
    return tuple(rows)


def _title(product: Product | None, thing: Thing | None) -> str:
    if product is not None:
        return lines.title_of(product)
    return covers.name_of(thing) if thing is not None else _("Something that is not there any more")


def _offers(viewer: Viewer, written: Written) -> Sequence[Offer]:
    """One's own things, newest first, and goods by the words that are looked for; what is pointed at is left out."""
    chosen = {f"{tag.kind}:{tag.id}" for tag in written.tags}
    page = things.list_holdings_of(
        viewer,
        viewer.person_id or 0,
        states=(HoldingState.OWN, HoldingState.LENT, HoldingState.HAD),
        words=written.find,
        limit=_OFFERED,
    )
    looks = covers.of_copies(page.items, things.covers_by_holding(viewer, [copy.id for copy in page.items]))
    found = [
        Offer(f"thing:{copy.thing.id}", covers.name_of(copy.thing), _("Yours"), looks[copy.id]) for copy in page.items
    ]
    if written.find:
        goods = catalog.list_products(words=written.find, limit=_OFFERED).items
        found += [
            Offer(f"product:{one.id}", lines.title_of(one), _("Sold here"), covers.of_product(one)) for one in goods
        ]
    by_what = {offer.what: offer for offer in found if offer.what not in chosen}
    return tuple(by_what.values())


def _series(viewer: Viewer, written: Written) -> tuple[Choice, ...]:
    own = queries.list_series_of(viewer.person_id or 0)
    return (
        Choice("", _("No series"), chosen=not written.series),
        *(Choice(str(one.id), one.title, chosen=written.series == str(one.id)) for one in own),
        Choice(composing.NEW_SERIES, _("Begin a series"), chosen=written.series == composing.NEW_SERIES),
    )
