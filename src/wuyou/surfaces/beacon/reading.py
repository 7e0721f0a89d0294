"""What is handed in, read: batches of pages as one JSON object, those of outlets as JSON Lines.

Read as a whole first, by the types alone. Only when something in it is wrong, piece by piece: what is right is taken,
what is wrong is named.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from wuyou.infra.behaviour import Event, MalformedError, TooOldError, Whose, liner, visitor_of_outlet
from wuyou.infra.behaviour.types import MOST, Id

PAGE_BYTES = 64 * 1024
"""What a browser lets a page send while it goes."""
PAGE_EVENTS = 500
OUTLET_BYTES = 1_000_000
OUTLET_PLAIN_BYTES = 8_000_000
OUTLET_EVENTS = 10_000
_MOST_SAID = 50
"""So many refused events are named; more are counted."""


class BatchRefusedError(Exception):
    """Nothing of it was taken. `status` is HTTP's."""

    def __init__(self, status: int, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail


class Refusal(Struct, frozen=True):
    """An event that was not taken."""

    index: int
    id: str | None
    code: str
    detail: str


@dataclass
class Read:
    """What of a batch goes into the log, and what does not."""

    lines: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    refused_count: int = 0

    def refuse(self, index: int, event_id: str | None, code: str, detail: str) -> None:
        """Leave an event out, by name."""
        self.refused_count += 1
        if len(self.refused) < _MOST_SAID:
            self.refused.append(Refusal(index, event_id, code, detail))


class PageBatch(Struct, frozen=True, forbid_unknown_fields=True):
    """A batch of a page."""

    session: Id
    sent_at: Annotated[int, Meta(ge=0, le=MOST)]
    events: list[Event]


class _Envelope(Struct, frozen=True, forbid_unknown_fields=True):
    session: Id
    sent_at: Annotated[int, Meta(ge=0, le=MOST)]
    events: list[msgspec.Raw]


class OutletEvent(Event, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """A line of an outlet: an event, and whom it calls what."""

    visitor: Annotated[str, Meta(min_length=1, max_length=64)]
    session: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    agent: Annotated[str, Meta(max_length=400)] | None = None
    """The visitor's `User-Agent`: looked at, and kept nowhere."""


class _Named(Struct, frozen=True):
    id: str | None = None


_page, _envelope = msgspec.json.Decoder(PageBatch), msgspec.json.Decoder(_Envelope)
_event, _line, _named = msgspec.json.Decoder(Event), msgspec.json.Decoder(OutletEvent), msgspec.json.Decoder(_Named)


def read_page(body: bytes, whose: Callable[[str, int], Whose], now_ms: int) -> Read:
    """A batch of a page.

    Args: whose: given the session that the page names and the number of events.
    Raises: `BatchRefusedError` when it is no batch.
    """
    read = Read()
    try:
        batch = _page.decode(body)
    except msgspec.DecodeError:
        return _read_piece_by_piece(body, whose, now_ms, read)
    _check_count(len(batch.events), PAGE_EVENTS)
    line = liner(whose(batch.session, len(batch.events)), batch.sent_at, now_ms)
    for index, event in enumerate(batch.events):
        _take(read, index, event, line)
    return read


def read_outlet(body: bytes, whose: Callable[[str | None, int], Whose], outlet_id: int, now_ms: int) -> Read:
    """Lines of an outlet. Its clock stands for the moment of sending.

    Args: whose: given the agent that a line names and the number of its events, one.
    """
    read = Read()
    lines = [line for line in body.split(b"\n") if line.strip()]
    _check_count(len(lines), OUTLET_EVENTS)
    for index, line in enumerate(lines):
        try:
            event = _line.decode(line)
        except msgspec.DecodeError as error:
            read.refuse(index, _id_of(line), "behaviour.malformed", str(error))
            continue
        of = whose(event.agent, 1)._replace(
            visitor=visitor_of_outlet(outlet_id, event.visitor),
            session=event.session and visitor_of_outlet(outlet_id, event.session),
        )
        _take(read, index, event, liner(of, now_ms, now_ms))
    return read


def unpack(body: bytes) -> bytes:
    """What was packed with gzip, up to the size that is taken. Raises: `BatchRefusedError`."""
    opened = zlib.decompressobj(wbits=31)
    try:
        plain = opened.decompress(body, OUTLET_PLAIN_BYTES)
    except zlib.error as error:
        raise BatchRefusedError(400, "behaviour.not_gzip") from error
    if opened.unconsumed_tail:
        raise BatchRefusedError(413, "behaviour.too_large")
    if not opened.eof or opened.unused_data:
        raise BatchRefusedError(400, "behaviour.not_gzip")
    return plain


def _read_piece_by_piece(body: bytes, whose: Callable[[str, int], Whose], now_ms: int, read: Read) -> Read:
    try:
        batch = _envelope.decode(body)
    except msgspec.DecodeError as error:
        raise BatchRefusedError(400, "behaviour.batch_malformed", str(error)) from error
    _check_count(len(batch.events), PAGE_EVENTS)
    line = liner(whose(batch.session, len(batch.events)), batch.sent_at, now_ms)
    for index, raw in enumerate(batch.events):
        try:
            event = _event.decode(raw)
        except msgspec.DecodeError as error:
            read.refuse(index, _id_of(raw), "behaviour.malformed", str(error))
            continue
        _take(read, index, event, line)
    return read


def _check_count(count: int, most: int) -> None:
    if count > most:
        raise BatchRefusedError(413, "behaviour.too_many", f"at most {most}")
    if not count:
        raise BatchRefusedError(400, "behaviour.empty")


def _take(read: Read, index: int, event: Event, line: Callable[[Event], str]) -> None:
    try:
        read.lines.append(line(event))
    except MalformedError as error:
        read.refuse(index, event.id, "behaviour.malformed", str(error))
    except TooOldError as error:
        read.refuse(index, event.id, "behaviour.too_old", str(error))


def _id_of(raw: bytes | msgspec.Raw) -> str | None:
    try:
        return (_named.decode(raw).id or "")[:36] or None
    except msgspec.DecodeError:
        return None
