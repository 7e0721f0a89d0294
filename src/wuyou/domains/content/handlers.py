"""What content does when others speak."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.content import operations
from wuyou.domains.things.events import ThingMerged


def on_thing_merged(event: ThingMerged, now: datetime) -> None:
    """What points at a thing points at what it was merged into."""
    operations.follow_merge(thing_id=event.thing_id, into_id=event.into_id)
