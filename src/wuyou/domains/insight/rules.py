"""Pure decisions: what a report's file says, and what of an answer is shown to whom."""

from __future__ import annotations

import re

from wuyou.domains.insight.types import Report, Table

LEAST_PEOPLE = 20
"""Figures of fewer people are shown to staff alone."""
MOST_DAYS = 400
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)\b")
PEOPLE = "people"


def read_report(name: str, text: str) -> Report:
    """A report from its file: the first lines of the comment are its titles, what follows an empty one its purpose."""
    comment = []
    lines = text.splitlines()
    while lines and lines[0].startswith("--"):
        comment.append(lines.pop(0).removeprefix("--").strip())
    title, title_zh, empty, *purpose = comment
    if empty:
        raise ValueError(f"{name}: two titles, an empty line, and what it is for")
    sql = "\n".join(lines).strip()
    return Report(name, title, title_zh, " ".join(purpose), sql, frozenset(_PARAMETER.findall(sql)))


def for_duckdb(sql: str) -> str:
    """The same text with DuckDB's signs for values: `$name`. Spark's are those of the file."""
    return _PARAMETER.sub(r"$\1", sql)


def shown_to_anybody(table: Table) -> Table | None:
    """Without rows of few people; None when the answer counts no people, and so cannot be shown."""
    if PEOPLE not in table.columns:
        return None
    place = table.columns.index(PEOPLE)
    kept = tuple(row for row in table.rows if isinstance(row[place], int) and int(row[place] or 0) >= LEAST_PEOPLE)
    return Table(table.columns, kept, len(table.rows) - len(kept))
