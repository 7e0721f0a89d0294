"""What happened lately, and does everyone keep up with it?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.infra import event_log
from wuyou.infra.event_log import LoggedEvent, Reader
from wuyou.surfaces.staff.access import staff_only
from wuyou.surfaces.staff.viewmodels import show
from wuyou.surfaces.ui import lists, parts


@dataclass(frozen=True, slots=True)
class EventView:
    """One event and the facts that it carries."""

    seq: int
    name: str
    version: int
    occurred_at: datetime
    gist: str
    """The facts that name it, in one line."""
    payload: str


@dataclass(frozen=True, slots=True)
class ReaderView:
    """Whether a reader keeps up."""

    name: str
    unread: str
    blocked_until: datetime | None
    is_up_to_date: bool


@staff_only
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    trail, name = lists.trail_of(request), lists.search_term(request, "name")
    page = event_log.list_events(name=name, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    readers = event_log.list_readers()
    return show(
        request,
        "events",
        "events",
        events=tuple(_event(event) for event in page.items),
        readers=tuple(_reader(reader) for reader in readers),
        names=_names(readers, name),
        name=name,
        empty=parts.Empty(
            _("Nothing has happened yet"), _("Every paid order, formed team and refund is written down here."), "sprout"
        ),
        paging=lists.paging(request, trail, page.next_cursor),
    )


def _event(event: LoggedEvent) -> EventView:
    facts = json.loads(event.payload)
    numbers = [str(value) for key, value in facts.items() if key.endswith("_no") and value]
    ids = [f"{key.removesuffix('_id')} {value}" for key, value in facts.items() if key.endswith("_id") and value]
    payload = json.dumps(facts, indent=2, ensure_ascii=False)
    return EventView(event.seq, event.name, event.version, event.occurred_at, " · ".join(numbers or ids[:3]), payload)


def _reader(reader: Reader) -> ReaderView:
    count = reader.unread_count
    text = _("%(count)d or more unread") if count == event_log.MOST_UNREAD else _("%(count)d unread")
    return ReaderView(
        reader.subscriber,
        text % {"count": count} if count else _("Up to date"),
        reader.blocked_until,
        not count and reader.blocked_until is None,
    )


def _names(readers: Sequence[Reader], chosen: str) -> tuple[parts.Choice, ...]:
    found = sorted({name for reader in readers for name in reader.names} | ({chosen} if chosen else set()))
    return tuple(parts.Choice(name, name, chosen=name == chosen) for name in found)
