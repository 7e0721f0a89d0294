"""Things and copies as tiles: a picture where there is one, else a cover that bears the name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Holding, HoldingState, Thing
from wuyou.surfaces.storefront.viewmodels.texts import in_language
from wuyou.surfaces.ui import pictures

_STORY_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Tile:
    """A thing, or somebody's copy of it, as pages show it in a grid."""

    id: int
    """Of the thing; it chooses the colour of its ground."""
    title: str
    maker: str
    picture: str = ""
    """Empty: a cover with title and maker stands instead."""
    href: str = ""
    note: str = ""
    """What its owner says of the copy, or how it stands."""
    is_shared: bool = False
    """The reader has it too."""


def name_of(thing: Thing) -> str:
    """A thing's name in the reader's language."""
    return in_language(thing.name, thing.name_en)


def of_things(seen: Iterable[Thing]) -> tuple[Tile, ...]:
    """Things as tiles, in their order. Cost: up to four queries for the pictures of those that shops sell."""
    seen = tuple(seen)
    found = _pictures(seen)
    return tuple(_tile(thing, found) for thing in seen)


def by_thing(seen: Iterable[Thing]) -> dict[int, Tile]:
    """The tile of each of these things. Cost: as `of_things`."""
    return {tile.id: tile for tile in of_things({thing.id: thing for thing in seen}.values())}


def of_copies(seen: Iterable[Holding], shared: Collection[int] = ()) -> tuple[Tile, ...]:
    """Copies as tiles, in their order.

    Args: shared: the things that the reader has in common with the owner, as `things_in_common` names them.
    Cost: as `of_things`.
    """
    seen = tuple(seen)
    found = _pictures([holding.thing for holding in seen])
    return tuple(
        _tile(
            holding.thing,
            found,
            note=_note(holding),
            is_shared=holding.thing.id in shared or holding.thing.parent_id in shared,
        )
        for holding in seen
    )


def _tile(thing: Thing, found: Mapping[int, str], note: str = "", is_shared: bool = False) -> Tile:
    href = reverse("storefront:thing", args=[thing.id])
    return Tile(thing.id, name_of(thing), thing.brand, found.get(thing.id, ""), href, note, is_shared)


def _note(holding: Holding) -> str:
    story = " ".join(holding.story.split())
    if story:
        return story if len(story) <= _STORY_SHOWN else f"{story[: _STORY_SHOWN - 1]}…"
    return _STANDS[holding.state]() if holding.state in _STANDS else ""


_STANDS = {
    HoldingState.WANT: lambda: _("A wish"),
    HoldingState.LENT: lambda: _("Lent to somebody"),
    HoldingState.HAD: lambda: _("Once had"),
    HoldingState.GIVEN: lambda: _("Given away"),
}


def _pictures(seen: Collection[Thing]) -> dict[int, str]:
    """The pictures of things that shops sell; of a form of one, that of its model."""
    above = (
        things.things_by_id({t.parent_id for t in seen if t.product_id is None and t.parent_id is not None})
        if any(t.product_id is None and t.parent_id is not None for t in seen)
        else {}
    )
    sold = {}
    for thing in seen:
        model = thing if thing.product_id is not None else above.get(thing.parent_id or 0)
        if model is not None and model.product_id is not None:
            sold[thing.id] = model.product_id
    products = catalog.products_by_id(set(sold.values())) if sold else {}
    named = {thing_id: products[product_id].picture for thing_id, product_id in sold.items() if product_id in products}
    return {thing_id: name for thing_id, name in named.items() if name in pictures.PICTURES}
