"""Pure decisions: what a report's file says, and what of an answer is shown to whom."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from wuyou.domains.insight.types import Report, Table

LEAST_PEOPLE = 20
"""Figures of fewer people are shown to staff alone."""
MOST_DAYS = 400
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)\b")
PEOPLE = "people"

Key = TypeVar("Key", bound=Hashable)


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


def step_down(count: int) -> int:
    """A count in steps of `LEAST_PEOPLE`: 59 → 40, 19 → 0. Two that differ at all differ by that many."""
    return count // LEAST_PEOPLE * LEAST_PEOPLE


def cells_shown(counts: Mapping[Key, int], total: int) -> list[tuple[Key, int]]:
    """Of counts of people who have something, out of `total`, those that tell of nobody; the largest first.

    One of few people is left out, and so is one that few do not have: the rest of everybody would tell of those.
    What is left goes down to steps, so that no difference of two is a count of few (ADR 0038).
    """
    kept = [
        (key, step_down(count))
        for key, count in counts.items()
        if count >= LEAST_PEOPLE and total - count >= LEAST_PEOPLE
    ]
    return sorted(kept, key=lambda cell: -cell[1])


def cells_shown_of(counts: Mapping[Key, int], totals: Mapping[Key, int]) -> dict[Key, int]:
    """The same of several crowds: of each, how many have something, out of how many."""
    return {
        key: shown[0][1] for key, count in counts.items() if (shown := cells_shown({key: count}, totals.get(key, 0)))
    }


def classes_shown(counts: Sequence[int]) -> list[tuple[int, int, int]]:
    """Of people divided into classes that follow each other, `(first, after the last, count)` of those put together.

    A class of few is put together with those above it until there are enough, the last with those below it. Nothing is
    shown where that leaves one class: everybody is in it. Worked: [45, 3, 30, 5] → (0, 1, 40), (1, 4, 20).
    """
    groups: list[tuple[int, int, int]] = []
    first, sum_ = 0, 0
    for position, count in enumerate(counts):
        sum_ += count
        if sum_ >= LEAST_PEOPLE:
            groups.append((first, position + 1, sum_))
            first, sum_ = position + 1, 0
    if first < len(counts) and groups:
        begin, _, enough = groups.pop()
        groups.append((begin, len(counts), enough + sum_))
    return [(begin, after, step_down(count)) for begin, after, count in groups] if len(groups) > 1 else []
