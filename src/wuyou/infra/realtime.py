"""Waking streams: PostgreSQL carries the ids of people about whom something is new, and nothing of what it is.

A stream reads what is new from a cursor. So a wake-up that is lost (the process died between the commit and it, nobody
listened) costs a delay until the next sweep, and never a message.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import psycopg
import structlog
from django.db import Error

from wuyou.infra import db

log = structlog.get_logger(__name__)

CHANNEL = "wuyou_wake"
_IDS_A_NOTICE = 400
"""A notice carries less than 8,000 bytes; an id has at most 19 digits."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What came over the channel: people to look after, and perhaps something that is gone when nobody hears it."""

    person_ids: tuple[int, ...]
    whisper: dict[str, object] | None = None


def notify(person_ids: Iterable[int]) -> None:
    """Wake the streams of these people once the open transaction has committed.

    Afterwards and not in it: a transaction that notifies holds a lock of the whole server while it commits, and all
    that notify would wait for each other's disks.
    """
    ids = sorted(set(person_ids))
    notices = [json.dumps({"p": ids[at : at + _IDS_A_NOTICE]}) for at in range(0, len(ids), _IDS_A_NOTICE)]
    if notices:
        db.after_commit(lambda: _send(notices))


def whisper(person_ids: Iterable[int], what: dict[str, object]) -> None:
    """Tell open streams something that nobody needs to hear later, such as who is typing. Facts are keys only."""
    ids = sorted(set(person_ids))
    _send([json.dumps({"p": ids[at : at + _IDS_A_NOTICE], "w": what}) for at in range(0, len(ids), _IDS_A_NOTICE)])


async def listen(conninfo: str) -> AsyncIterator[Notice | None]:
    """Listen on a connection of one's own: None once it stands, then each notice.

    Who just got a connection has perhaps missed notices, and looks after everybody. Raises what psycopg raises when the
    server is lost; the caller tries again.
    """
    connection = await psycopg.AsyncConnection.connect(conninfo, autocommit=True, application_name="wuyou stream")
    async with connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        yield None
        async for notice in connection.notifies():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                said = json.loads(notice.payload)
                yield Notice(tuple(int(person_id) for person_id in said["p"]), said.get("w"))


def _send(notices: list[str]) -> None:
    try:
        for notice in notices:
            db.rows("SELECT pg_notify(%s, %s)", [CHANNEL, notice])
    except Error:
        # What was to be told is committed: streams find it with their next sweep.
        log.warning("wake_up_lost", exc_info=True)
