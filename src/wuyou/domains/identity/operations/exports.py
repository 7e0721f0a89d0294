"""A person's copy of their data: asked for, written, and swept away."""

from __future__ import annotations

from datetime import datetime, timedelta

from wuyou.domains.identity import errors, events
from wuyou.infra import db, storage
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor

EXPORTS_A_DAY = 3
EXPORT_KEPT = timedelta(days=7)
"""So long a copy can be fetched."""
_TRY_AGAIN = timedelta(minutes=15)
"""A worker that began and did not finish within this time has died."""


@db.requires_transaction
def ask_for_export(*, actor: Actor, now: datetime) -> None:
    """Ask for a copy of one's data; while one is being written, asking again changes nothing.

    Raises: `TooManyExports`. Cost: one statement, one more when nothing was asked.
    """
    me = actor.person_id
    asked = db.execute(
        """
        INSERT INTO identity_data_export (person_id, asked_at, size_bytes)
        SELECT %(me)s::bigint, %(now)s, 0 WHERE %(most)s > (
            SELECT count(*) FROM identity_data_export
            WHERE person_id = %(me)s::bigint AND asked_at > %(now)s::timestamptz - interval '1 day')
        ON CONFLICT DO NOTHING
        """,
        {"me": me, "now": now, "most": EXPORTS_A_DAY},
    )
    if not asked and not db.rows("SELECT FROM identity_data_export WHERE person_id = %s AND ready_at IS NULL", [me]):
        raise errors.TooManyExports(most=EXPORTS_A_DAY)


@db.requires_transaction
def begin_export(*, now: datetime) -> tuple[int, int] | None:
    """Take the next copy to write, as its id and whose it is; None when there is nothing to do.

    Locks: its row, past those that another worker takes.
    """
    return db.row(
        """
        UPDATE identity_data_export SET begun_at = %(now)s WHERE id = (
            SELECT id FROM identity_data_export
            WHERE ready_at IS NULL AND (begun_at IS NULL OR begun_at <= %(stale)s)
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, person_id
        """,
        {"now": now, "stale": now - _TRY_AGAIN},
    )


@db.requires_transaction
def finish_export(*, export_id: int, key: str, size_bytes: int, now: datetime) -> bool:
    """The copy is written: keep its file for a week. False when somebody else was first, or its person is gone.

    Publishes: `ExportReady`.
    """
    found = db.row(
        """
        UPDATE identity_data_export
        SET ready_at = %(now)s, expires_at = %(end)s, file_id = %(key)s, size_bytes = %(size)s
        WHERE id = %(id)s AND ready_at IS NULL RETURNING person_id
        """,
        {"now": now, "end": now + EXPORT_KEPT, "key": key, "size": size_bytes, "id": export_id},
    )
    if found is None:
        return False
    storage.keep([key])
    publish(events.ExportReady(found[0], export_id, now))
    return True


@db.requires_transaction
def sweep_export(*, export_id: int, now: datetime) -> bool:
    """Take a copy off the record when its week is over, with its file."""
    found = db.row(
        "DELETE FROM identity_data_export WHERE id = %s AND expires_at <= %s RETURNING file_id", [export_id, now]
    )
    if found is None:
        return False
    storage.discard([found[0]])
    return True
