"""What time does to accounts. Entry points."""

from __future__ import annotations

import tempfile
from datetime import datetime
from typing import IO, cast

import structlog

from wuyou.domains.identity import operations, queries
from wuyou.infra import db, person_export, storage
from wuyou.infra.scans import each_due

log = structlog.get_logger(__name__)


@db.outside_transaction
def write_due_exports(now: datetime) -> int:
    """Write the copies of their data that people wait for, one by one; returns how many.

    One that fails is tried again a quarter of an hour later, and keeps nobody else waiting.
    """
    done = 0
    while claimed := db.in_transaction(lambda: operations.begin_export(now=now)):
        try:
            done += _write(*claimed, now)
        except Exception:
            log.exception("export_failed", export_id=claimed[0])
    return done


def sweep_exports(now: datetime) -> int:
    """Take copies off the record when their week is over; returns how many."""
    return each_due(
        """
        SELECT id FROM identity_data_export WHERE expires_at <= %(now)s
        AND id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda export_id: operations.sweep_export(export_id=export_id, now=now),
    )


def erase_leavers(now: datetime) -> int:
    """Erase who asked for it and has not come back; returns how many."""
    return each_due(
        """
        SELECT id FROM (SELECT person_id AS id FROM identity_leaving WHERE due_at <= %(now)s) AS leaver
        WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda person_id: operations.erase_leaver(person_id=person_id, now=now),
    )


def forget_expired(now: datetime) -> int:
    """Drop rates and sessions whose time is over; returns how many rows."""
    return db.in_transaction(lambda: operations.forget_expired(now=now))


def _write(export_id: int, person_id: int, now: datetime) -> bool:
    with tempfile.TemporaryFile() as file:
        archive = cast("IO[bytes]", file)
        person_export.write(person_id, queries.names_met_by, archive, now)
        size = archive.tell()
        archive.seek(0)
        key = storage.put({queries.EXPORT_FILE: archive})
    return db.in_transaction(lambda: operations.finish_export(export_id=export_id, key=key, size_bytes=size, now=now))
