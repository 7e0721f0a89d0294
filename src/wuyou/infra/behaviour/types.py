"""What an event of behaviour is, what makes one suspicious, and the line that it becomes.

The types are msgspec's: they are read from JSON by the hundred thousand in a second, and refused by name.
"""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Annotated, Final, NamedTuple

from msgspec import Meta, Struct

RESEND_DAYS = 7
"""What is older than that is refused: so one event can come twice within eight days of our clock, and no later."""
AHEAD_MS = 5 * 60_000
"""So far ahead of its own sending an event may be before it is marked; it happened when it came, at the latest."""
_OLDEST_MS = RESEND_DAYS * 86_400_000
LONGEST_MS = 4 * 3_600_000
"""Nobody looks at one thing longer than that in one go."""
MOST = 2**53 - 1
"""Whole numbers that every reader of JSON reads exactly."""

UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z"
Id = Annotated[str, Meta(pattern=UUID)]
Word = Annotated[str, Meta(max_length=24)]
"""Letters, digits, `_` and `-`, a letter first: asked once of each word, in `liner`."""
Number = Annotated[int, Meta(ge=1, le=MOST)]


class Kind(StrEnum):
    """What happened."""

    EXPOSURE = "exposure"
    """At least half of it was on the screen for a second without a break; of a video, two seconds."""
    DWELL = "dwell"
    """`value` milliseconds in which somebody looked: visible, in front, and somebody moved within half a minute."""
    CLICK = "click"
    VIDEO_VIEW = "video_view"
    """`value` milliseconds were played."""
    LIKE = "like"
    COMMENT = "comment"
    REPOST = "repost"
    SHARE = "share"
    SAVE = "save"
    FOLLOW = "follow"
    THANK = "thank"
    SEARCH = "search"
    """`value` results were found."""
    ADD_TO_CART = "add_to_cart"
    ORDER = "order"
    """Paid for; `value` is the price in minor units."""
    JOIN_TEAM = "join_team"
    """A seat in a team was paid for."""


class ObjectKind(StrEnum):
    """To what it happened; the id is the number that its domain gave it."""

    POST = "post"
    PRODUCT = "product"
    THING = "thing"
    COPY = "copy"
    PERSON = "person"
    SHOP = "shop"
    TEAM = "team"
    CHANNEL = "channel"
    TOPIC = "topic"
    SERIES = "series"
    CIRCLE = "circle"


class Source(StrEnum):
    """Who said so."""

    PAGE = "page"
    OUTLET = "outlet"
    """A publisher outside, by an access token."""
    SERVER = "server"
    """The platform itself, in the transaction that made it true."""


class Mark(StrEnum):
    """Why an event is kept and not counted; the first reason that holds."""

    BOT = "bot"
    """The program says of itself that it is no browser, or nothing at all."""
    RATE = "rate"
    """More a minute than a person does."""
    VALUE = "value"
    """Longer than anybody looks."""
    CLOCK = "clock"
    """From the future by the sender's clock."""


SEEN = frozenset({Kind.EXPOSURE, Kind.DWELL, Kind.CLICK, Kind.VIDEO_VIEW})
"""These happen to something."""
TIMED = frozenset({Kind.DWELL, Kind.VIDEO_VIEW})
"""These take so many milliseconds."""


class Event(Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """One event, as a sender says it. Who it is about stands apart, in `Whose`."""

    id: Id
    """Made by the sender, and the same when it is sent again; one that begins with the time (version 7) is cheapest."""
    kind: Kind
    at: Annotated[int, Meta(ge=0, le=MOST)]
    """Milliseconds since 1970 by the sender's clock."""
    object_kind: ObjectKind | None = None
    object_id: Number | None = None
    surface: Word | None = None
    """The page: home, thing, product, post …"""
    list: Word | None = None
    """Which list on it."""
    position: Annotated[int, Meta(ge=0, le=32_767)] | None = None
    """Its place in that list, the first is 1."""
    origin_kind: ObjectKind | None = None
    origin_id: Number | None = None
    """From what it was reached, such as the post in which a product was pressed."""
    value: Annotated[int, Meta(ge=0, le=MOST)] | None = None


class Whose(NamedTuple):
    """What is the same for all events of a batch: who, and how we know."""

    source: Source
    person_id: int | None = None
    """From the session or token, never from what was sent."""
    visitor: str | None = None
    """A random id in a cookie of ours, or made of what an outlet calls its visitor; of nobody's device."""
    session: str | None = None
    """One visit to the pages."""
    outlet_id: int | None = None
    """The person whose token an outlet shows."""
    mark: Mark | None = None
    """Holds for the whole batch."""


class MalformedError(ValueError):
    """What types alone cannot say of an event is not so."""


class TooOldError(ValueError):
    """It happened so long ago that it could be there already, and nobody would know."""


COLUMNS: Final = {
    "event_id": "uuid",
    "happened_at_ms": "bigint",
    "kind": "text",
    "object_kind": "text",
    "object_id": "bigint",
    "surface": "text",
    "list": "text",
    "position": "smallint",
    "origin_kind": "text",
    "origin_id": "bigint",
    "value": "bigint",
    "mark": "text",
    "day": "date",
    "received_at_ms": "bigint",
    "source": "text",
    "person_id": "bigint",
    "visitor": "uuid",
    "session": "uuid",
    "outlet_id": "bigint",
}
"""The parts of a line and their types, in order: first those of the event, then those that all of a batch share."""
_NONE: Final = "\\N"
_NONE_TWICE: Final = "\\N\t\\N"


def liner(whose: Whose, sent_at_ms: int, now_ms: int) -> Callable[[Event], str]:
    """What makes an event of a batch a line for COPY. Every part is a number, a known word or an id by its type:
    nothing needs to be escaped.

    It happened as long before `now` as the sender says it happened before sending: so a wrong clock does no harm that
    is merely wrong, and one that goes while the batch waits is seen.

    Raises (when called): `MalformedError`, and `TooOldError` unless the server itself says it.
    Cost: this is run for every event that comes; half a microsecond here is seen in `bench/behaviour.py`.
    """
    shared = (
        day_of(now_ms),
        now_ms,
        whose.source.value,
        whose.person_id,
        whose.visitor,
        whose.session,
        whose.outlet_id,
    )
    end = "\t".join(_NONE if part is None else str(part) for part in shared) + "\n"
    mark_of_all = whose.mark
    # What the server itself knows to be true is told once its event is handled, however late that is.
    oldest_ms = sys.maxsize if whose.source is Source.SERVER else _OLDEST_MS

    def line(event: Event) -> str:
        kind, value, mark = event.kind, event.value, mark_of_all
        object_id, origin_id, position = event.object_id, event.origin_id, event.position
        _check(event)
        age = sent_at_ms - event.at
        if age > oldest_ms:
            raise TooOldError(f"older than {RESEND_DAYS} days")
        if mark is None:
            if value is not None and value > LONGEST_MS and kind in TIMED:
                mark = Mark.VALUE
            elif age < -AHEAD_MS:
                mark = Mark.CLOCK
        what = _NONE_TWICE if event.object_kind is None else f"{event.object_kind._value_}\t{object_id}"
        origin = _NONE_TWICE if event.origin_kind is None else f"{event.origin_kind._value_}\t{origin_id}"
        return (
            f"{event.id}\t{now_ms - age if age > 0 else now_ms}\t{kind._value_}\t{what}\t{event.surface or _NONE}\t"
            f"{event.list or _NONE}\t{_NONE if position is None else position}\t{origin}\t"
            f"{_NONE if value is None else value}\t{_NONE if mark is None else mark._value_}\t{end}"
        )

    return line


def _check(event: Event) -> None:
    if (event.object_kind is None) != (event.object_id is None):
        raise MalformedError("`object_kind` and `object_id` come together")
    if (event.origin_kind is None) != (event.origin_id is None):
        raise MalformedError("`origin_kind` and `origin_id` come together")
    if event.object_id is None and event.kind in SEEN:
        raise MalformedError(f"`{event.kind.value}` needs an object")
    if event.value is None and event.kind in TIMED:
        raise MalformedError(f"`{event.kind.value}` needs a `value` in milliseconds")
    if event.surface is not None and not _is_word(event.surface):
        raise MalformedError("`surface` is no word")
    if event.list is not None and not _is_word(event.list):
        raise MalformedError("`list` is no word")


@lru_cache(maxsize=5_000)
def _is_word(text: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9_-]*", text) is not None


@lru_cache(maxsize=20_000)
def visitor_of_outlet(outlet_id: int, name: str) -> str:
    """A visitor's id made of what an outlet calls them: no outlet can name a visitor of ours, or of another's."""
    return str(uuid.UUID(bytes=blake2b(f"{outlet_id}:{name}".encode(), digest_size=16).digest()))


def day_of(ms: int) -> str:
    """The day of a moment, in UTC, as in the names of partitions and folders."""
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


def ms_of(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)
