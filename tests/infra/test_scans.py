"""A scan goes past rows that fail, and over more than one page."""

from __future__ import annotations

import pytest

from wuyou.infra import db, scans

pytestmark = pytest.mark.usefixtures("world")

SQL = "SELECT id FROM generate_series(1, %(rows)s) AS id WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"


def test_every_row_is_visited_once_over_all_pages() -> None:
    seen: list[int] = []

    assert scans.each_due(SQL, {"rows": 450}, lambda row_id: seen.append(row_id) or True) == 450
    assert seen == list(range(1, 451))


def test_row_that_fails_leaves_nothing_and_keeps_nobody_waiting() -> None:
    def act(row_id: int) -> bool:
        db.execute(
            "INSERT INTO idempotency_key (owner, key, request_hash, expires_at) VALUES ('scan', %s, '', now())",
            [str(row_id)],
        )
        if row_id == 2:
            raise RuntimeError("this one cannot")
        return row_id != 3

    assert scans.each_due(SQL, {"rows": 4}, act) == 2
    assert db.rows("SELECT key FROM idempotency_key ORDER BY key") == [("1",), ("3",), ("4",)]
