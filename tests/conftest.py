"""The two kinds of database tests.

`db` (pytest-django's) rolls everything back; `world` commits, as real connections, threads and the event log need it,
and empties the tables afterwards.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """A fixed moment: noon of 1 March 2026 in Shanghai."""
    return NOW


@pytest.fixture
def world(transactional_db: None) -> None:
    """A committed world: real transactions, threads and the event log work in it; the tables are emptied afterwards."""
    from wuyou.infra import db, events

    db.in_transaction(lambda: events.register(events.subscribers()))
