"""All open streams of a process: one connection listens, one reads for everybody who was woken, none is held a stream.

What a stream has been told is a number, its cursor. Waking says only that somebody should look; what there is to tell
is always read from the cursor. So a wake-up that was lost is made up for by the next sweep; a client that comes again
goes on from its last number, and a client that reads slowly is read for again once it has taken what it was sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

import psycopg
import structlog

from wuyou.domains.messaging.types import Changes
from wuyou.infra import realtime
from wuyou.infra.metrics import STREAM_EVENTS, STREAM_READ_SECONDS, STREAMS_OPEN
from wuyou.surfaces.stream import events
from wuyou.surfaces.stream.callers import Caller

log = structlog.get_logger(__name__)

Counts = Mapping[str, int]
R = TypeVar("R")

TICK_S = 0.02
"""How long wake-ups are gathered before one read answers all of them."""
SWEEP_S = 3.0
"""How often everybody is looked after, woken or not."""
COUNTS_S = 30.0
"""How often everybody's counts are read anew."""
CHECK_S = 3.0
"""How often it is asked whether callers still may listen."""
HEARTBEAT_S = 25.0
FULL_BYTES = 128 * 1024
"""More than this is not kept for a client that does not take it; it is read again later."""
MAX_A_PERSON = 8
RETRY_MS = 1_500
_LISTEN_AGAIN_S = (0.1, 0.3, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Sources:
    """What streams tell, read for many people at once, in a thread."""

    changes: Callable[[Mapping[int, int]], dict[int, Changes]]
    counts: Callable[[list[int]], dict[int, Counts]]
    gone: Callable[[set[Caller], datetime], set[Caller]]
    now: Callable[[], datetime]


@dataclass(eq=False, slots=True)
class Stream:
    """One open stream."""

    caller: Caller
    cursor: int
    """The number of the last change that was handed to it."""
    counts: Counts | None = None
    is_over: bool = False
    _waiting: list[bytes] = field(default_factory=list)
    _size: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_full(self) -> bool:
        return self._size >= FULL_BYTES

    def hand(self, said: bytes) -> None:
        """Keep something to send."""
        self._waiting.append(said)
        self._size += len(said)
        self._news.set()

    def end(self) -> None:
        """Say what is kept, and no more."""
        self.is_over = True
        self._news.set()

    async def take(self) -> bytes:
        """What is to be sent next; a heartbeat when nothing is for long; empty when it is over."""
        if not self._waiting and not self.is_over:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), HEARTBEAT_S)
        said = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        return said or (b"" if self.is_over else events.HEARTBEAT)


class Hub:
    """The streams of one process, and the three loops that feed them."""

    def __init__(self, sources: Sources, conninfo: str) -> None:
        self._sources = sources
        self._conninfo = conninfo
        self._streams: dict[int, set[Stream]] = defaultdict(set)
        self._woken: set[int] = set()
        self._to_count: set[int] = set()
        self._has_woken = asyncio.Event()
        # One thread: one connection to the database reads for everybody.
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="read")
        self.is_draining = False

    def open(self, caller: Caller, cursor: int) -> Stream | None:
        """A stream that goes on after this number; None when the person has as many as they may."""
        of_person = self._streams[caller.person_id]
        if len(of_person) >= MAX_A_PERSON:
            return None
        stream = Stream(caller, cursor)
        stream.hand(events.retry(RETRY_MS) + events.place(cursor))
        of_person.add(stream)
        STREAMS_OPEN.inc()
        self._wake([caller.person_id])
        return stream

    def close(self, stream: Stream) -> None:
        """Forget a stream."""
        of_person = self._streams[stream.caller.person_id]
        if stream in of_person:
            STREAMS_OPEN.dec()
        of_person.discard(stream)
        if not of_person:
            del self._streams[stream.caller.person_id]

    def wants_more(self, stream: Stream) -> None:
        """The client has taken what it was sent: if it was full, there may be more to tell."""
        self._wake([stream.caller.person_id])

    async def run(self) -> None:
        """Feed streams until cancelled."""
        loops = (self._listen(), self._tell(), self._sweep(), self._check())
        await asyncio.gather(*loops)

    def drain(self) -> None:
        """End all streams; their clients come again, not all at once, and go on from where they were."""
        self.is_draining = True
        for stream in [stream for of_person in self._streams.values() for stream in of_person]:
            stream.hand(events.retry(random.randint(300, 3_000)))  # noqa: S311  (spreads clients, guards no secret)
            stream.end()

    # ------------------------------------------------------------------ loops

    async def _listen(self) -> None:
        tries = 0
        while True:
            try:
                async for notice in realtime.listen(self._conninfo):
                    if notice is None:
                        tries = 0
                        self._wake(list(self._streams))
                    elif notice.whisper is not None:
                        self._pass_on(notice)
                    else:
                        self._wake(notice.person_ids)
            except (psycopg.Error, OSError) as lost:
                log.warning("listening_lost", reason=str(lost).strip().split("\n")[0])
            await asyncio.sleep(_LISTEN_AGAIN_S[min(tries, len(_LISTEN_AGAIN_S) - 1)])
            tries += 1

    async def _tell(self) -> None:
        while True:
            await self._has_woken.wait()
            await asyncio.sleep(TICK_S)
            self._has_woken.clear()
            people = {person_id for person_id in self._woken if person_id in self._streams}
            counted = {person_id for person_id in self._to_count if person_id in self._streams}
            self._woken.clear()
            self._to_count.clear()
            cursors = {
                person_id: min(places)
                for person_id in people
                if (places := [s.cursor for s in self._streams[person_id] if not s.is_full])
            }
            try:
                with STREAM_READ_SECONDS.time():
                    changes, counts = await self._in_thread(partial(self._read, cursors, counted))
            except Exception:
                # The database is away: the same people are looked after again.
                log.exception("reading_failed")
                self._woken |= people
                self._to_count |= counted
                await asyncio.sleep(0.5)
                self._has_woken.set()
                continue
            for person_id, news in changes.items():
                self._hand_out(person_id, news)
            for person_id, count in counts.items():
                self._hand_counts(person_id, count)

    async def _sweep(self) -> None:
        rounds = 0
        while True:
            await asyncio.sleep(SWEEP_S)
            rounds += 1
            self._woken |= set(self._streams)
            if rounds % round(COUNTS_S / SWEEP_S) == 0:
                self._to_count |= set(self._streams)
            self._has_woken.set()

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            held = {stream.caller for of_person in self._streams.values() for stream in of_person}
            if not held:
                continue
            try:
                left = await self._in_thread(partial(self._sources.gone, held, self._sources.now()))
            except Exception:
                log.exception("checking_failed")
                continue
            for stream in [s for caller in left for s in self._streams.get(caller.person_id, ()) if s.caller == caller]:
                stream.hand(events.event("signed_out", {}))
                stream.end()

    # ------------------------------------------------------------------ their parts

    def _read(self, cursors: Mapping[int, int], counted: set[int]) -> tuple[dict[int, Changes], dict[int, Counts]]:
        changes = self._sources.changes(cursors) if cursors else {}
        people = sorted(counted | changes.keys())
        return changes, self._sources.counts(people) if people else {}

    async def _in_thread(self, call: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._reading, call)

    def _wake(self, person_ids: Iterable[int]) -> None:
        here = [person_id for person_id in person_ids if person_id in self._streams]
        if here:
            self._woken.update(here)
            self._to_count.update(here)
            self._has_woken.set()

    def _hand_out(self, person_id: int, news: Changes) -> None:
        for stream in self._streams.get(person_id, ()):
            if stream.is_full or stream.cursor >= news.upto:
                continue
            if news.is_behind:
                stream.hand(events.event("reset", {}, news.upto))
            else:
                told = [events.of_change(change) for change in news.lines if change.number > stream.cursor]
                STREAM_EVENTS.inc(len(told))
                stream.hand(b"".join(told) + events.place(news.upto))
            stream.cursor = news.upto
        if news.has_more:
            self._wake([person_id])

    def _hand_counts(self, person_id: int, counts: Counts) -> None:
        for stream in self._streams.get(person_id, ()):
            if stream.counts != counts and not stream.is_full:
                stream.counts = counts
                stream.hand(events.event("counts", dict(counts)))

    def _pass_on(self, notice: realtime.Notice) -> None:
        for person_id in notice.person_ids:
            for stream in self._streams.get(person_id, ()):
                if not stream.is_full:
                    stream.hand(events.event("whisper", notice.whisper))


async def said_by(hub: Hub, stream: Stream) -> AsyncIterator[bytes]:
    """What a stream says, piece by piece, until it is over."""
    while True:
        was_full = stream.is_full
        said = await stream.take()
        if not said:
            return
        if was_full:
            hub.wants_more(stream)
        yield said
