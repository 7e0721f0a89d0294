"""Copies of things as pages show them: a cover, what it is, how it stands, and for its owner to whom it is open."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

import blurhash
from django.urls import reverse
from django.utils.translation import gettext_lazy
from PIL import Image

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.social import queries as social
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Condition, Holding, HoldingSource, HoldingState, Photo, Thing
from wuyou.infra import pictures
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront import audience
from wuyou.surfaces.storefront.viewmodels import lines
from wuyou.surfaces.storefront.viewmodels.texts import in_language
from wuyou.surfaces.ui.parts import AudienceChip, Chip

STATES: Mapping[HoldingState, tuple[object, str]] = {
    HoldingState.OWN: (gettext_lazy("Own"), "packages"),
    HoldingState.WANT: (gettext_lazy("Want"), "heart"),
    HoldingState.LENT: (gettext_lazy("Lent"), "arrow-right"),
    HoldingState.HAD: (gettext_lazy("Had"), "history"),
    HoldingState.GIVEN: (gettext_lazy("Given away"), "gift"),
}
CONDITIONS: Mapping[Condition, object] = {
    Condition.UNSAID: gettext_lazy("Not said"),
    Condition.NEW: gettext_lazy("Like new"),
    Condition.GOOD: gettext_lazy("Good"),
    Condition.WORN: gettext_lazy("Worn"),
    Condition.BROKEN: gettext_lazy("Broken"),
}
SOURCES: Mapping[HoldingSource, object] = {
    HoldingSource.ORDER: gettext_lazy("Bought here"),
    HoldingSource.GIFT: gettext_lazy("A gift"),
    HoldingSource.IMPORT: gettext_lazy("From an import"),
    HoldingSource.HAND: gettext_lazy("Added by hand"),
}


@dataclass(frozen=True, slots=True)
class Cover:
    """What a copy looks like: a photo, else the picture of the product that it is, else its name on a ground."""

    key: int
    """Chooses the ground."""
    title: str
    brand: str
    photo: str = ""
    """Address of a rendition; empty where there is no photo."""
    srcset: str = ""
    blur: str = ""
    """A preview of a few pixels, inside the page."""
    width: int = 0
    height: int = 0
    art: str = ""
    """Name of a shipped picture."""


@dataclass(frozen=True, slots=True)
class CopyCard:
    """A copy in a grid."""

    id: int
    href: str
    title: str
    brand: str
    cover: Cover
    state: Chip | None
    """None for what is simply owned."""
    audience: AudienceChip | None
    """For its owner alone."""


def title_of(thing: Thing) -> str:
    """A thing's name in the reader's language."""
    return in_language(thing.name, thing.name_en)


def state_chip(state: HoldingState) -> Chip | None:
    """How it stands; nothing for what is simply owned."""
    text, icon = STATES[state]
    return None if state is HoldingState.OWN else Chip(str(text), icon=icon)


def photo_cover(photo: Photo, title: str = "", brand: str = "") -> Cover:
    """A photo with its renditions and its blurred preview. Cost: none."""
    widths = pictures.widths_of(photo.key)
    addresses = {width: reverse("storefront:photo", args=[photo.id, width]) for width in widths}
    return Cover(
        photo.id,
        title,
        brand,
        photo=addresses[next((width for width in widths if width >= 480), widths[-1])],
        srcset=", ".join(f"{address} {width}w" for width, address in addresses.items()),
        blur=blurred(photo.blurhash),
        width=photo.width,
        height=photo.height,
    )


def covers(holdings: Sequence[Holding], photos: Mapping[int, Photo]) -> dict[int, Cover]:
    """A cover for each copy. Cost: none to three queries, by which of them are sold here."""
    art = art_by_thing(holding.thing for holding in holdings if holding.id not in photos)
    return {
        holding.id: photo_cover(photos[holding.id], title_of(holding.thing), holding.thing.brand)
        if holding.id in photos
        else cover_of(holding.thing, art)
        for holding in holdings
    }


def cover_of(thing: Thing, art: Mapping[int, str]) -> Cover:
    """What a thing looks like where there is no photo."""
    return Cover(thing.id, title_of(thing), thing.brand, art=art.get(thing.id, ""))


def art_by_thing(wanted: Iterable[Thing]) -> dict[int, str]:
    """The pictures of the products that things are; others are left out. Cost: none, two or three queries."""
    linked = [thing for thing in wanted if thing.product_id or thing.variant_id]
    variant_ids = [thing.variant_id for thing in linked if thing.variant_id]
    variants = catalog.variants_by_id(variant_ids) if variant_ids else {}
    product_of = {
        thing.id: thing.product_id or variants[thing.variant_id].product_id  # type: ignore[index]
        for thing in linked
    }
    products = catalog.products_by_id(product_of.values())
    return {thing_id: lines.picture_of(products[product_id].picture) for thing_id, product_id in product_of.items()}


def cards(viewer: Viewer, holdings: Sequence[Holding], *, is_own: bool = False) -> tuple[CopyCard, ...]:
    """Cards for a grid, in the order of the copies.

    Args: is_own: all of them are the viewer's, who is told to whom each is open.
    Cost: one query for photos, up to three for pictures of products, and for one's own two more.
    """
    if not holdings:
        return ()
    ids = [holding.id for holding in holdings]
    covers_of = covers(holdings, things.covers_by_holding(viewer, ids))
    chips = audience_chips(viewer.person_id, ids) if is_own and viewer.person_id else {}
    return tuple(
        CopyCard(
            holding.id,
            reverse("storefront:copy", args=[holding.id]),
            title_of(holding.thing),
            holding.thing.brand,
            covers_of[holding.id],
            state_chip(holding.state),
            chips.get(holding.id),
        )
        for holding in holdings
    )


def audience_chips(owner_id: int, holding_ids: Iterable[int]) -> dict[int, AudienceChip]:
    """To whom one's own copies are open. Cost: two queries."""
    rules = things.rules_by_holding(owner_id, holding_ids)
    labels = (
        {label.id: label.name for label in social.list_labels(owner_id)}
        if any(rule.to.labels or rule.minus.labels for rule in rules.values())
        else {}
    )
    return {holding_id: audience.chip_of(rule, labels) for holding_id, rule in rules.items()}


def split_cards(found: Sequence[CopyCard], sizes: Iterable[int]) -> list[tuple[CopyCard, ...]]:
    """Cards that were made together, apart again."""
    rest = iter(found)
    return [tuple(islice(rest, size)) for size in sizes]


def flat(groups: Iterable[Sequence[Holding]]) -> list[Holding]:
    """Copies of several groups one after the other."""
    return list(chain.from_iterable(groups))


@lru_cache(maxsize=4096)
def blurred(text: str) -> str:
    """A picture of eight by eight pixels inside an address, drawn from a blurhash; empty for none. Cost: a millisecond,
    once a photo and process."""
    if not text:
        return ""
    rows = blurhash.decode(text, 8, 8)  # type: ignore[no-untyped-call]
    image = Image.frombytes("RGB", (8, 8), bytes(int(part) for row in rows for pixel in row for part in pixel))
    written = io.BytesIO()
    image.save(written, "PNG")
    return f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode()}"
