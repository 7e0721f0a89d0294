"""Every read of notifications: each row is looked at again with its reader's eyes of this moment."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from wuyou.domains.notifications import rules
from wuyou.domains.notifications.types import (
    Channel,
    Decision,
    Group,
    Kind,
    Notification,
    Origin,
    Pace,
    Preference,
    Subscription,
    Topic,
    Waiting,
)
from wuyou.infra import db
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import Viewer

Source = Callable[[Viewer, Collection[int]], Collection[int]]
"""Those of these ids that the viewer may see or hear of now; one query, or two."""
Actors = Callable[[Viewer, Collection[int]], Mapping[int, Origin]]
"""Those of these people of whom the viewer hears at all, and how the viewer knows them; at most one query."""

MOST_COUNTED = 100
"""Whoever has more unread is told that there are many."""
MOST_WAITING = 200
"""So many are told at once by mail or push."""
_LOOKED_AT = 200
"""So many unread rows are looked at for the count, so that it costs the same for everyone."""

# What its reader has chosen is read with the rows in one statement: the two are of one moment.
_CHOSEN = "p.decisions, p.silenced, p.pace, p.language, p.shows_content"
_TOLD = f"""
    SELECT n.id, n.kind, n.actor_id, n.object_id, n.group_key, n.facts, n.read_at IS NOT NULL, n.happened_at, {_CHOSEN}
    FROM notifications_notification n LEFT JOIN notifications_preference p ON p.person_id = n.person_id
"""  # noqa: S608  (literals of this module)
_CHOSEN_COUNT = 5


def list_groups(
    viewer: Viewer, *, box: Decision = Decision.ACCEPT, cursor: int | None = None, limit: int = 40
) -> Page[Group]:
    """What a person was told, newest first, in groups; none for who is not signed in or looks as another.

    Args: box: what was accepted, or what was filtered.

    A page is cut by rows before they are looked at: it may hold fewer, and a group that goes on is told again on the
    next. Cost: one query, one for the actors and one a kind that a source looks at.
    """
    if viewer.person_id is None or viewer.within is not None:
        return Page((), None)
    limit = max(1, min(limit, MAX_PAGE))
    told, preference = _read(
        "n.person_id = %(me)s AND (%(cursor)s::bigint IS NULL OR n.id < %(cursor)s) ORDER BY n.id DESC LIMIT %(limit)s",
        {"me": viewer.person_id, "cursor": cursor, "limit": limit + 1},
    )
    page = cut_page(told, limit, lambda each: each.id)
    return Page(grouped(still_told(viewer, page.items, preference, box=box)), page.next_cursor)


def count_unread(viewer: Viewer) -> int:
    """How many a person has not read and may still see, at most `MOST_COUNTED`.

    Cost: one query, and those of `still_told` when there are any.
    """
    if viewer.person_id is None or viewer.within is not None:
        return 0
    told, preference = _read(
        "n.person_id = %(me)s AND n.read_at IS NULL ORDER BY n.id DESC LIMIT %(limit)s",
        {"me": viewer.person_id, "limit": _LOOKED_AT},
    )
    return min(len(still_told(viewer, told, preference)), MOST_COUNTED)


def has_unread(person_id: int) -> bool:
    """Whether there is anything to look at again: who has nothing unread needs no `Viewer`. Cost: one query."""
    return (
        db.row("SELECT 1 FROM notifications_notification WHERE person_id = %s AND read_at IS NULL LIMIT 1", [person_id])
        is not None
    )


def get_preference(person_id: int) -> Preference:
    """What a person has chosen. Cost: one query."""
    found = db.row(f"SELECT {_CHOSEN} FROM notifications_preference p WHERE p.person_id = %s", [person_id])  # noqa: S608
    return _preference(found) if found else Preference()


def still_told(
    viewer: Viewer,
    told: Collection[Notification],
    preference: Preference,
    *,
    box: Decision = Decision.ACCEPT,
    channel: Channel = Channel.PAGE,
) -> tuple[Notification, ...]:
    """Those that the viewer may hear of at this moment, and wants to in this way; none of a kind without a source.

    Cost: one query for the actors, one or two a kind that a source looks at.
    """
    actor_ids = {n.actor_id for n in told if n.actor_id is not None}
    origins = _actors()(viewer, actor_ids) if actor_ids else {}
    wanted = [n for n in told if preference.uses(n.kind, channel) and _decided(n, origins, preference) is box]
    object_ids: dict[Kind, set[int]] = defaultdict(set)
    for n in wanted:
        if n.object_id is not None:
            object_ids[n.kind].add(n.object_id)
    installed = _sources()
    visible = {kind: frozenset(installed[kind](viewer, ids)) for kind, ids in object_ids.items() if kind in installed}
    return tuple(
        n
        for n in wanted
        if n.kind in installed and (n.object_id is None or n.object_id in visible.get(n.kind, frozenset()))
    )


def look_at_waiting(viewer: Viewer, channel: Channel) -> Waiting:
    """What waits to be told to this person by this way, looked at again: unread, heard, wanted and still there.

    At most `MOST_WAITING` of it, the newest; the rest waits on. Cost: one query, and those of `still_told`.
    """
    told, preference = _read(
        """n.id IN (SELECT d.notification_id FROM notifications_delivery d
                    WHERE d.person_id = %(me)s AND d.channel = %(channel)s)
           AND n.person_id = %(me)s ORDER BY n.id DESC LIMIT %(limit)s""",
        {"me": viewer.person_id, "channel": channel.value, "limit": MOST_WAITING},
    )
    wanted = still_told(viewer, [each for each in told if not each.is_read], preference, channel=channel)
    oldest_at = min((each.happened_at for each in wanted), default=None)
    return Waiting(tuple(each.id for each in told), grouped(wanted), preference, oldest_at)


def subscriptions_of(person_id: int, now: datetime) -> tuple[Subscription, ...]:
    """The browsers that take pushes for a person and are still signed in. Cost: one query."""
    found = db.rows(
        """
        SELECT s.id, s.endpoint, s.p256dh, s.auth, s.told FROM notifications_subscription s
        JOIN django_session d ON d.session_key = s.session_key
        WHERE s.person_id = %s AND d.expire_date > %s ORDER BY s.id
        """,
        [person_id, now],
    )
    return tuple(
        Subscription(subscription_id, endpoint, p256dh, auth, frozenset(told))
        for subscription_id, endpoint, p256dh, auth, told in found
    )


def here_until(person_id: int) -> datetime | None:
    """Until when somebody counts as being there to read, as their pages last said. Cost: one query."""
    found = db.row("SELECT seen_at FROM notifications_presence WHERE person_id = %s", [person_id])
    return found[0] + rules.HERE_FOR if found else None


def mail_from(waiting: Waiting, told_at: datetime | None) -> datetime | None:
    """From when on what waits may be mailed, as the person has chosen; None: not at all. Cost: none."""
    if waiting.preference.pace is Pace.NEVER or waiting.oldest_at is None:
        return None
    return rules.mail_from(waiting.preference.pace, waiting.oldest_at, told_at)


def every_id(viewer: Viewer, ids: Collection[int]) -> Collection[int]:
    """A source for what is the reader's own business: their orders, their teams, their sign-ins."""
    return ids


def export_person(person_id: int) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """What a person was told and what they have chosen of it, for their copy of their data. Cost: three queries."""
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
    chosen = db.rows(
        "SELECT decisions, silenced, pace, language, shows_content FROM notifications_preference WHERE person_id = %s",
        [person_id],
    )
    yield (
        "notification_preference",
        [
            {
                "decisions": json.loads(decisions),
                "silenced": json.loads(silenced),
                "pace": pace,
                "language": language,
                "shows_content": shows_content,
            }
            for decisions, silenced, pace, language, shows_content in chosen
        ],
    )
    # The keys are the browser's and ours: they open what is pushed, and are no part of what is known of a person.
    yield (
        "notification_devices",
        db.records(
            """
            SELECT s.endpoint, s.made_at, p.seen_at AS last_read_at FROM notifications_subscription s
            LEFT JOIN notifications_presence p USING (person_id) WHERE s.person_id = %s ORDER BY s.id
            """,
            [person_id],
        ),
    )


def grouped(told: Collection[Notification]) -> tuple[Group, ...]:
    """In groups, in the order in which they come. Cost: none."""
    groups: dict[tuple[Kind, str], list[Notification]] = defaultdict(list)
    for n in told:
        groups[n.kind, n.group_key or str(n.id)].append(n)
    return tuple(Group(kind, tuple(members)) for (kind, _), members in groups.items())


def _read(which: str, params: Mapping[str, object]) -> tuple[list[Notification], Preference]:
    """Rows of one person, and what they have chosen."""
    found = db.rows(f"{_TOLD} WHERE {which}", params)
    preference = _preference(found[0][-_CHOSEN_COUNT:]) if found else Preference()
    return [_notification(columns[:-_CHOSEN_COUNT]) for columns in found], preference


def _decided(told: Notification, origins: Mapping[int, Origin], preference: Preference) -> Decision:
    """What becomes of it; who is not heard is dropped."""
    if told.actor_id is None:
        return preference.decide(told.kind, Origin.PLATFORM)
    origin = origins.get(told.actor_id)
    return Decision.DROP if origin is None else preference.decide(told.kind, origin)


def _preference(columns: Sequence[Any]) -> Preference:
    decisions, silenced, pace, language, shows_content = columns
    if pace is None:
        return Preference()
    return Preference(
        {Origin(origin): Decision(decision) for origin, decision in json.loads(decisions).items()},
        frozenset((Topic(topic), Channel(channel)) for topic, channel in json.loads(silenced)),
        Pace(pace),
        language,
        shows_content,
    )


def _notification(columns: tuple[Any, ...]) -> Notification:
    told_id, kind, actor_id, object_id, group_key, facts, *rest = columns
    return Notification(told_id, Kind(kind), actor_id, object_id, group_key, json.loads(facts), *rest)


def _sources() -> Mapping[Kind, Source]:
    installed: Mapping[Kind, Source] = import_string(settings.NOTIFICATION_SOURCES)
    return installed


def _actors() -> Actors:
    installed: Actors = import_string(settings.NOTIFICATION_ACTORS)
    return installed
