"""Copies as the API says them: what everybody who sees one reads, and what its owner alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from wuyou.domains.identity import queries as identity
from wuyou.domains.things import queries
from wuyou.domains.things.types import Cause, Condition, Holding, HoldingSource, HoldingState, Photo
from wuyou.infra import pictures
from wuyou.kernel.paging import Page
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.api.audiences import RulePage, rule_page
from wuyou.surfaces.api.lines import Someone, ThingLine, someone, thing_line
from wuyou.surfaces.api.problems import DOCUMENTED


@dataclass(frozen=True, slots=True)
class CopyField:
    """Something that the owner notes."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture in one width."""

    __pydantic_config__ = DOCUMENTED

    width: int
    path: str
    """On this server; whoever sees the copy is given it."""


@dataclass(frozen=True, slots=True)
class PhotoLine:
    """A photo of a copy."""

    __pydantic_config__ = DOCUMENTED

    id: int
    width: int
    """Of the largest rendition."""
    height: int
    blurhash: str
    """A blurred preview (blurha.sh)."""
    renditions: tuple[Rendition, ...]
    """WebP, from narrow to wide."""


@dataclass(frozen=True, slots=True)
class OwnFacts:
    """What a copy's owner alone reads."""

    __pydantic_config__ = DOCUMENTED

    labels: tuple[str, ...]
    shelf_id: int | None
    audience: RulePage
    """To whom it is open."""


@dataclass(frozen=True, slots=True)
class CopyLine:
    """One person's copy of a thing, or their wish for one."""

    __pydantic_config__ = DOCUMENTED

    id: int
    owner: Someone
    thing: ThingLine
    state: HoldingState
    source: HoldingSource
    condition: Condition
    since_on: date | None
    story: str
    rating: int | None
    """1 to 5."""
    fields: tuple[CopyField, ...]
    arrived_at: datetime
    cover: PhotoLine | None
    """Its first photo."""
    own: OwnFacts | None
    """Null for everyone but its owner."""


@dataclass(frozen=True, slots=True)
class CopyList:
    """Copies, as far as you may see them."""

    items: tuple[CopyLine, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """From then on it stood so."""

    __pydantic_config__ = DOCUMENTED

    state: HoldingState
    cause: Cause
    other: Someone | None
    """From whom it came, or to whom it went, if you may meet them."""
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class CopyPage:
    """A copy with all its photos."""

    __pydantic_config__ = DOCUMENTED

    copy: CopyLine
    photos: tuple[PhotoLine, ...]
    """In their order."""
    history: tuple[HistoryLine, ...]
    """Oldest first; empty for everyone but its owner."""


def copy_page(viewer: Viewer, holding: Holding) -> CopyPage:
    """A copy that the viewer sees. Cost: two queries for others; four for its owner."""
    photos = queries.photos_by_holding(viewer, [holding.id]).get(holding.id, ())
    is_own = holding.owner_id == viewer.person_id
    history = queries.list_provenance(holding.owner_id, holding.id) if is_own else ()
    named = {line.other_id for line in history if line.other_id is not None}
    persons = identity.persons_met(viewer, {holding.owner_id, *named})
    rules = queries.rules_by_holding(holding.owner_id, [holding.id]) if is_own else {}
    return CopyPage(
        _line(
            holding,
            someone(persons[holding.owner_id]),
            photos[0] if photos else None,
            OwnFacts(holding.labels, holding.shelf_id, rule_page(rules[holding.id])) if is_own else None,
        ),
        tuple(map(photo_line, photos)),
        tuple(
            HistoryLine(
                line.state,
                line.cause,
                someone(persons[line.other_id]) if line.other_id in persons else None,
                line.happened_at,
            )
            for line in history
        ),
    )


def copy_list(viewer: Viewer, page: Page[Holding]) -> CopyList:
    """A page of copies that the viewer sees. Cost: two queries; one more when some are the viewer's own."""
    holdings: Sequence[Holding] = page.items
    persons = identity.persons_met(viewer, {holding.owner_id for holding in holdings})
    covers = queries.covers_by_holding(viewer, [holding.id for holding in holdings])
    own = [holding.id for holding in holdings if holding.owner_id == viewer.person_id]
    rules = queries.rules_by_holding(viewer.person_id, own) if viewer.person_id is not None and own else {}
    return CopyList(
        tuple(
            _line(
                holding,
                someone(persons[holding.owner_id]),
                covers.get(holding.id),
                OwnFacts(holding.labels, holding.shelf_id, rule_page(rules[holding.id]))
                if holding.id in rules
                else None,
            )
            for holding in holdings
            if holding.owner_id in persons
        ),
        page.next_cursor,
    )


def photo_line(photo: Photo) -> PhotoLine:
    """A photo as the API says it. Cost: none."""
    renditions = tuple(
        Rendition(width, f"/things/photos/{photo.id}/{width}.webp") for width in sorted(pictures.widths_of(photo.key))
    )
    return PhotoLine(photo.id, photo.width, photo.height, photo.blurhash, renditions)


def _line(holding: Holding, owner: Someone, cover: Photo | None, own: OwnFacts | None) -> CopyLine:
    return CopyLine(
        holding.id,
        owner,
        thing_line(holding.thing),
        holding.state,
        holding.source,
        holding.condition,
        holding.since_on,
        holding.story,
        holding.rating,
        tuple(CopyField(name, text) for name, text in holding.fields),
        holding.arrived_at,
        photo_line(cover) if cover else None,
        own,
    )
