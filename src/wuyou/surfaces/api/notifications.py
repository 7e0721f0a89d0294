"""Notifications: what happened to one, looked at again each time it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field

from wuyou.domains.identity import queries as identity
from wuyou.domains.notifications import errors, operations, queries
from wuyou.domains.notifications.types import Fact, Kind
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.lines import Someone, someone
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import Draft, Id, PageQuery

router = Router(tags=["notifications"])


class ReadDraft(Draft):
    """What you have read."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=operations.MOST_MARKED)]


@dataclass(frozen=True, slots=True)
class NotificationLine:
    """What happened, told in one sentence: one fact, or several of the same kind."""

    __pydantic_config__ = DOCUMENTED

    kind: Kind
    ids: tuple[int, ...]
    """Of its facts, newest first; with them it is marked as read."""
    actors: tuple[Someone, ...]
    """Who did it, newest first."""
    object_id: int | None
    """What the newest fact is about."""
    facts: dict[str, Fact]
    """Small facts of the newest, as in the number of an order or a conversation."""
    is_read: bool
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class NotificationList:
    """What you were told and may still hear of, newest first. A page may hold fewer than its limit."""

    items: tuple[NotificationLine, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class NotificationCount:
    """How many you have not read and may still hear of."""

    __pydantic_config__ = DOCUMENTED

    count: int
    """At most 100, which says «many»."""


@operation(router, "GET", "/notifications", entry=Entry.READ)
def list_notifications(call: Call, query: Query[PageQuery]) -> NotificationList:
    """List what you were told."""
    viewer = get_viewer(call.actor.person_id)
    page = queries.list_groups(viewer, cursor=query.cursor, limit=query.limit)
    persons = identity.persons_met(viewer, {actor for group in page.items for actor in group.actor_ids})
    return NotificationList(
        tuple(
            NotificationLine(
                group.kind,
                tuple(told.id for told in group.notifications),
                tuple(someone(persons[actor]) for actor in group.actor_ids if actor in persons),
                group.newest.object_id,
                dict(group.newest.facts),
                group.is_read,
                group.newest.happened_at,
            )
            for group in page.items
        ),
        page.next_cursor,
    )


@operation(router, "GET", "/notifications/unread", entry=Entry.READ)
def count_notifications(call: Call) -> NotificationCount:
    """Count what you have not read."""
    return NotificationCount(queries.count_unread(get_viewer(call.actor.person_id)))


@operation(router, "PUT", "/notifications/read", entry=Entry.WRITE, status=204, refuses=[errors.TooManyAtOnce])
def mark_read(call: Call, body: ReadDraft) -> None:
    """Say what you have read, one by one: what came meanwhile stays unread."""
    operations.mark_read(actor=call.actor, notification_ids=body.ids, now=call.now)
