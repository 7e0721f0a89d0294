"""Who owns the time. While a replay lives through simulated weeks, workers do not bring their own present into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wuyou.infra import db

_LOCK = 7_263_001
"""Key of the advisory lock; the registry of such keys is docs/reference/locks.md."""


@contextmanager
def simulated_clock() -> Iterator[None]:
    """Own the time until the end of the block; a process that dies gives it back with its connection.

    Raises: `RuntimeError` when someone else owns it.
    """
    if not _taken("SELECT pg_try_advisory_lock(%s)"):
        raise RuntimeError("another replay owns the clock")
    try:
        yield
    finally:
        db.rows("SELECT pg_advisory_unlock(%s)", [_LOCK])


def is_simulated() -> bool:
    """Whether a replay owns the time now, so that the schedule and the dispatcher must wait."""
    if not _taken("SELECT pg_try_advisory_lock_shared(%s)"):
        return True
    db.rows("SELECT pg_advisory_unlock_shared(%s)", [_LOCK])
    return False


def _taken(sql: str) -> bool:
    found = db.row(sql, [_LOCK])
    return bool(found and found[0])
