"""A lake of a test's own, and behaviour in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from wuyou.infra import db
from wuyou.infra.behaviour import Event, Kind, ObjectKind, Source, Whose, append, liner, partitions
from wuyou.infra.behaviour.types import ms_of


def happened(at: datetime, kind: Kind, what: ObjectKind | None, number: int | None, **facts: Any) -> Event:
    """An event, with an id of its own."""
    return Event(id=str(uuid4()), kind=kind, at=ms_of(at), object_kind=what, object_id=number, **facts)


def write(at: datetime, whose: Whose, *events: Event) -> None:
    """Append events as they come: all of them now."""
    ms = ms_of(at)
    lines = "".join(map(liner(whose, ms, ms), events)).encode()
    db.in_transaction(lambda: append(lines))


def person(person_id: int) -> Whose:
    """Somebody who is signed in."""
    return Whose(Source.PAGE, person_id)


def drop_days() -> None:
    """Leave no partition of other tests' days."""
    for day in partitions.days():
        db.execute(f"DROP TABLE {partitions.name_of(day)}")
