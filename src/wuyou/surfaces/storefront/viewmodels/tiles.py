"""Things and copies as tiles of a grid, each with its cover."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Holding, HoldingState, Thing
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.viewmodels import covers
from wuyou.surfaces.storefront.viewmodels.covers import Cover

_STORY_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Tile:
    """A thing, or somebody's copy of it, as pages show it in a grid."""

    id: int
    """Of the thing."""
    cover: Cover
    href: str
    note: str = ""
    """What its owner says of the copy, or how it stands."""
    is_shared: bool = False
    """The reader has it too."""


def of_things(viewer: Viewer, seen: Iterable[Thing]) -> tuple[Tile, ...]:
    """Things as tiles, in their order. Cost: as `covers.of_things`."""
    seen = tuple(seen)
    found = covers.of_things(viewer, seen)
    return tuple(Tile(thing.id, found[thing.id], covers.href_of(thing.id)) for thing in seen)


def by_thing(viewer: Viewer, seen: Iterable[Thing]) -> dict[int, Tile]:
    """The tile of each of these things. Cost: as `of_things`."""
    return {tile.id: tile for tile in of_things(viewer, {thing.id: thing for thing in seen}.values())}


def of_copies(viewer: Viewer, seen: Iterable[Holding], shared: Collection[int] = ()) -> tuple[Tile, ...]:
    """Copies as tiles, in their order.

    Args: shared: the things that the reader has in common with the owner, as `things_in_common` names them.
    Cost: one query for photos, up to three for pictures of products.
    """
    seen = tuple(seen)
    found = covers.of_copies(seen, things.covers_by_holding(viewer, [holding.id for holding in seen]))
    return tuple(
        Tile(
            holding.thing.id,
            found[holding.id],
            reverse("storefront:copy", args=[holding.id]),
            _note(holding),
            holding.thing.id in shared or holding.thing.parent_id in shared,
        )
        for holding in seen
    )


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
