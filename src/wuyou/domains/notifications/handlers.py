"""What lower domains tell that people are told of."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.identity.events import ExportReady, SignedInAnew, WaysInChanged
from wuyou.domains.notifications import operations
from wuyou.domains.notifications.types import Kind


def on_export_ready(event: ExportReady, now: datetime) -> None:
    """The copy of their data can be fetched."""
    operations.notify(
        person_id=event.person_id, kind=Kind.EXPORT_READY, object_id=event.export_id, now=event.occurred_at
    )


def on_signed_in_anew(event: SignedInAnew, now: datetime) -> None:
    """A browser that had not been seen with them is signed in."""
    operations.notify(
        person_id=event.person_id,
        kind=Kind.SIGNED_IN_ANEW,
        object_id=_moment(event.occurred_at),
        now=event.occurred_at,
    )


def on_ways_in_changed(event: WaysInChanged, now: datetime) -> None:
    """What they sign in with is not what it was."""
    operations.notify(
        person_id=event.person_id,
        kind=Kind.WAYS_IN_CHANGED,
        object_id=_moment(event.occurred_at),
        facts={"what": event.what},
        now=event.occurred_at,
    )


def _moment(at: datetime) -> int:
    """Microseconds: what happens again and has no row of its own is told apart by when it happened."""
    return int(at.timestamp() * 1_000_000)
