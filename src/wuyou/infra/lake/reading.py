"""Asking the lake: one statement over the files of some days, by DuckDB in this process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import duckdb

from wuyou.infra.behaviour import RESEND_DAYS
from wuyou.infra.lake import files
from wuyou.infra.lake.streams import STREAMS

_THREADS = 2
_MEMORY = "1GB"


def ask(
    sql: str, params: Mapping[str, Any], begins: date, until: date
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Run a statement on what happened in `[begins, until)`, days of UTC; returns names of columns, and rows.

    It finds a table for each stream, with the files that may hold those days: an event comes up to a week after it
    happened. The statement bounds the time itself. Values are bound, never written into the text (`$name`).
    Cost: a thread or two for as long as it takes, at most a gigabyte; what is larger goes to the disk.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": _THREADS,
        "memory_limit": _MEMORY,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(config=config) as connection:
        for name, paths in paths_of(begins, until).items():
            if paths:
                listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
                connection.execute(
                    f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{listed}], hive_partitioning = false)"  # noqa: S608
                )
            else:
                connection.register(name, STREAMS[name].schema.empty_table())
        found = connection.execute(sql, dict(params))
        names = tuple(column[0] for column in found.description or ())
        return names, found.fetchall()


def paths_of(begins: date, until: date) -> dict[str, list[str]]:
    """By stream, the files that may hold what happened in `[begins, until)`: for this engine or another."""
    late = timedelta(days=RESEND_DAYS + 1)
    return {name: [str(path) for path in files.files_of(name, begins, until + late)] for name in STREAMS}
