"""Who owns the time. While a replay lives through simulated weeks, workers do not bring their own present into it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from wuyou.infra import db


class ClockTakenError(RuntimeError):
    """Somebody else lives through simulated time."""


PATIENCE_S = 3.0
_LOCK = 7_263_001
"""Key of the advisory lock; the registry of such keys is docs/reference/locks.md."""


@contextmanager
def simulated_clock() -> Iterator[None]:
    """Own the time until the end of the block; what workers are doing just now is waited for.

    A process that dies gives the time back with its connection. Raises: `ClockTakenError` after `PATIENCE_S`.
    """
    give_up_at = time.monotonic() + PATIENCE_S
    while not _is_taken("SELECT pg_try_advisory_lock(%s)"):
        if time.monotonic() > give_up_at:
            raise ClockTakenError("another replay owns the clock")
        time.sleep(0.01)
    try:
        yield
    finally:
        db.rows("SELECT pg_advisory_unlock(%s)", [_LOCK])


@contextmanager
def real_time() -> Iterator[bool]:
    """Whether the present is the platform's time, held so until the end of the block; False while a replay owns it."""
    is_real = _is_taken("SELECT pg_try_advisory_lock_shared(%s)")
    try:
        yield is_real
    finally:
        if is_real:
            db.rows("SELECT pg_advisory_unlock_shared(%s)", [_LOCK])


def _is_taken(sql: str) -> bool:
    found = db.row(sql, [_LOCK])
    return bool(found and found[0])
