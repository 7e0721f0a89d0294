"""Copies of their data that people asked for, and who is about to leave."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from wuyou.domains.identity import errors, types
from wuyou.infra import db, storage

EXPORT_FILE = "export.zip"
"""The name of a copy in storage."""


def list_exports(person_id: int, now: datetime) -> tuple[types.DataExport, ...]:
    """A person's own copies that are in writing or can be fetched, the newest first. Cost: one query."""
    found = db.rows(
        """
        SELECT id, asked_at, ready_at, expires_at, size_bytes FROM identity_data_export
        WHERE person_id = %s AND (expires_at IS NULL OR expires_at > %s) ORDER BY id DESC
        """,
        [person_id, now],
    )
    return tuple(types.DataExport(*columns) for columns in found)


def open_export(person_id: int, export_id: int, now: datetime) -> tuple[types.DataExport, IO[bytes]]:
    """One's own copy with its file, as long as it is kept. Raises `ExportNotFound`. Cost: one query."""
    found = db.row(
        """
        SELECT id, asked_at, ready_at, expires_at, size_bytes, file_id FROM identity_data_export
        WHERE id = %s AND person_id = %s AND expires_at > %s
        """,
        [export_id, person_id, now],
    )
    if found is None:
        raise errors.ExportNotFound()
    *columns, key = found
    try:
        return types.DataExport(*columns), storage.open_file(key, EXPORT_FILE)
    except FileNotFoundError as gone:
        raise errors.ExportNotFound() from gone


def find_leaving(person_id: int) -> types.Leaving | None:
    """Whether somebody has asked to be erased, and when it is due. Cost: one query."""
    found = db.row("SELECT asked_at, due_at, is_held_up FROM identity_leaving WHERE person_id = %s", [person_id])
    return types.Leaving(*found) if found else None
