"""What lower domains tell that people are told of."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.identity.events import ExportReady
from wuyou.domains.notifications import operations
from wuyou.domains.notifications.types import Kind


def on_export_ready(event: ExportReady, now: datetime) -> None:
    """The copy of their data can be fetched."""
    operations.notify(
        person_id=event.person_id, kind=Kind.EXPORT_READY, object_id=event.export_id, now=event.occurred_at
    )
