"""What others see of insight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

Cell = int | str | None


@dataclass(frozen=True, slots=True)
class Report:
    """A question to the lake, as its file says it."""

    name: str
    title: str
    title_zh: str
    purpose: str
    sql: str
    """Plain SQL without its comment; `:name` stands for a value."""
    parameters: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """An answer. A column `…_ms` is a moment in milliseconds since 1970, `…_bps` of ten thousand, `…_minor` money."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    withheld_count: int = 0
    """Rows of so few people that they are not shown."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What days of which somebody may know brought an object."""

    exposures: int
    dwell_s: int
    onward: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What one day brought an object. All are None when so few people were there that they are not shown."""

    day: date
    people: int | None
    exposures: int | None
    dwell_s: int | None
    clicks: int | None
    dwell_median_ms: int | None
    onward: int | None
    """Presses on what is reached from it."""
