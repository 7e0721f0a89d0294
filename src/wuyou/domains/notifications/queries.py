"""Every read of notifications: each row is looked at again with its reader's eyes of this moment."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from wuyou.domains.notifications.types import Group, Kind, Notification
from wuyou.infra import db
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import Viewer

Source = Callable[[Viewer, Collection[int]], Collection[int]]
"""Those of these ids that the viewer may see or hear of now; at most one query."""

MOST_COUNTED = 100
"""Whoever has more unread is told that there are many."""
_LOOKED_AT = 200
"""So many unread rows are looked at for the count, so that it costs the same for everyone."""

_COLUMNS = "id, kind, actor_id, object_id, group_key, facts, read_at IS NOT NULL, happened_at"


def list_groups(viewer: Viewer, *, cursor: int | None = None, limit: int = 40) -> Page[Group]:
    """What a person was told, newest first, in groups; none for who is not signed in or looks as another.

    A page is cut by rows before they are looked at: it may hold fewer, and a group that goes on is told again on the
    next. Cost: one query, one for the actors and one a kind that a source looks at.
    """
    if viewer.person_id is None or viewer.within is not None:
        return Page((), None)
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        SELECT {_COLUMNS} FROM notifications_notification
        WHERE person_id = %(me)s AND (%(cursor)s::bigint IS NULL OR id < %(cursor)s) ORDER BY id DESC LIMIT %(limit)s
        """,  # noqa: S608  (columns of our own)
        {"me": viewer.person_id, "cursor": cursor, "limit": limit + 1},
    )
    page = cut_page([_notification(columns) for columns in found], limit, lambda told: told.id)
    return Page(_grouped(still_told(viewer, page.items)), page.next_cursor)


def count_unread(viewer: Viewer) -> int:
    """How many a person has not read and may still see, at most `MOST_COUNTED`.

    Cost: one query, and those of `still_told` when there are any.
    """
    if viewer.person_id is None or viewer.within is not None:
        return 0
    return min(len(still_told(viewer, _unread(viewer.person_id))), MOST_COUNTED)


def has_unread(person_id: int) -> bool:
    """Whether there is anything to look at again: who has nothing unread needs no `Viewer`. Cost: one query."""
    return (
        db.row("SELECT 1 FROM notifications_notification WHERE person_id = %s AND read_at IS NULL LIMIT 1", [person_id])
        is not None
    )


def still_told(viewer: Viewer, told: Collection[Notification]) -> tuple[Notification, ...]:
    """Those that the viewer may hear of at this moment; a kind without a source is told to nobody.

    Cost: one query for the actors, one a kind that a source looks at.
    """
    actor_ids = {n.actor_id for n in told if n.actor_id is not None}
    heard = frozenset(_actors()(viewer, actor_ids)) if actor_ids else frozenset()
    audible = [n for n in told if n.actor_id is None or n.actor_id in heard]
    object_ids: dict[Kind, set[int]] = defaultdict(set)
    for n in audible:
        if n.object_id is not None:
            object_ids[n.kind].add(n.object_id)
    installed = _sources()
    visible = {kind: frozenset(installed[kind](viewer, ids)) for kind, ids in object_ids.items() if kind in installed}
    return tuple(
        n
        for n in audible
        if n.kind in installed and (n.object_id is None or n.object_id in visible.get(n.kind, frozenset()))
    )


def every_id(viewer: Viewer, ids: Collection[int]) -> Collection[int]:
    """A source for what is the reader's own business: their orders, their teams, their sign-ins."""
    return ids


def export_person(person_id: int) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """What the platform told a person, for their own copy of their data. Cost: one query."""
    found = db.rows(
        "SELECT kind, actor_id, object_id, facts, happened_at, read_at FROM notifications_notification"
        " WHERE person_id = %s ORDER BY id",
        [person_id],
    )
    yield (
        "notifications",
        [
            {
                "kind": kind,
                "actor_id": actor_id,
                "object_id": object_id,
                "facts": json.loads(facts),
                "happened_at": happened_at,
                "read_at": read_at,
            }
            for kind, actor_id, object_id, facts, happened_at, read_at in found
        ],
    )


def _unread(person_id: int) -> list[Notification]:
    found = db.rows(
        f"SELECT {_COLUMNS} FROM notifications_notification"  # noqa: S608  (columns of our own)
        " WHERE person_id = %s AND read_at IS NULL ORDER BY id DESC LIMIT %s",
        [person_id, _LOOKED_AT],
    )
    return [_notification(columns) for columns in found]


def _grouped(told: Collection[Notification]) -> tuple[Group, ...]:
    groups: dict[tuple[Kind, str], list[Notification]] = defaultdict(list)
    for n in told:
        groups[n.kind, n.group_key or str(n.id)].append(n)
    return tuple(Group(kind, tuple(members)) for (kind, _), members in groups.items())


def _notification(columns: tuple[Any, ...]) -> Notification:
    told_id, kind, actor_id, object_id, group_key, facts, *rest = columns
    return Notification(told_id, Kind(kind), actor_id, object_id, group_key, json.loads(facts), *rest)


def _sources() -> Mapping[Kind, Source]:
    installed: Mapping[Kind, Source] = import_string(settings.NOTIFICATION_SOURCES)
    return installed


def _actors() -> Source:
    installed: Source = import_string(settings.NOTIFICATION_ACTORS)
    return installed
