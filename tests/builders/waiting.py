"""Waiting for others: until something is so, until somebody waits for a lock, and the connections of others."""

from __future__ import annotations

import time
from collections.abc import Callable

from wuyou.infra import db

PATIENCE_S = 30

# Of this test's database alone, and of programs alone: the tests beside it have their own database on the same
# server, and the server's own workers come and go in every one of them.
_OTHERS = """
    FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def wait_until(condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait until something is so. Raises `AssertionError` when it does not become so."""
    give_up_at = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < give_up_at, "it did not come true"
        time.sleep(0.02)


def others() -> int:
    """How many other connections there are."""
    return _count("")


def waiters() -> int:
    """How many other connections wait for a lock."""
    # Inside a transaction the server shows what it showed first, until it is told to look again.
    db.execute("SELECT pg_stat_clear_snapshot()")
    return _count("AND wait_event_type = 'Lock'")


def wait_for_waiters(count: int = 1) -> None:
    """Until so many other connections wait for a lock: all of them have read what they read before it."""
    wait_until(lambda: waiters() >= count)


def cut_others() -> int:
    """End every other connection, in whatever it is doing; returns how many were ended."""
    return len(db.rows(f"SELECT pg_terminate_backend(pid) {_OTHERS}"))


def _count(condition: str) -> int:
    ((count,),) = db.rows(f"SELECT count(*) {_OTHERS} {condition}")
    return int(count)
