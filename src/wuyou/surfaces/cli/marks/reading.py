"""A folder of marks, read whole and found good before anything is written.

The format is that of Douban Book as recommender research has it: people, books and authors are numbers, and of a book
nothing else is known. A mark is a rating, which on Douban says «I have read it»: HAD, unless a column `mark` says more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from numpy.typing import NDArray

from wuyou.domains.things.types import HoldingState

MARKS, FRIENDS, AUTHORS = "interactions.parquet", "social.parquet", "book_author.parquet"
STATES: Mapping[str, HoldingState] = {
    "wish": HoldingState.WANT,
    "do": HoldingState.OWN,
    "collect": HoldingState.HAD,
}
"""Douban's own words for 想读, 在读 and 读过."""


class MarksError(ValueError):
    """The folder is missing or broken; the message says in one line what and where."""


@dataclass(frozen=True)
class Marks:
    """Unique marks, sorted by person and book, and friendships, the lower number first."""

    people: NDArray[np.int64]
    books: NDArray[np.int64]
    ratings: NDArray[np.int64]
    """0 where none is known."""
    states: NDArray[np.object_]
    friends: NDArray[np.int64]
    """Two columns."""
    author_of: Mapping[int, int]

    @cached_property
    def everyone(self) -> list[int]:
        """Who has marked something or is somebody's friend, ascending."""
        return [int(number) for number in np.unique(np.concatenate([self.people, self.friends.ravel()]))]

    @cached_property
    def all_books(self) -> list[int]:
        """What somebody has marked, ascending."""
        return [int(number) for number in np.unique(self.books)]


def read_marks(folder: Path) -> Marks:
    """Read and check everything. Raises `MarksError`."""
    if not folder.is_dir():
        raise MarksError(f"There is no folder {folder}.")
    marks = _table(folder / MARKS, "user", "item")
    people, books = _numbers(marks, "user", MARKS), _numbers(marks, "item", MARKS)
    if not len(people):
        raise MarksError(f"{MARKS} has no rows.")
    ratings = _ratings(marks)
    states = _states(marks)
    _, first = np.unique((people << 32) | books, return_index=True)
    ties = _table(folder / FRIENDS, "src", "dst")
    pairs = np.stack((_numbers(ties, "src", FRIENDS), _numbers(ties, "dst", FRIENDS)), axis=1)
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    authors = _table(folder / AUTHORS, "item", "author_id")
    author_of = dict(
        zip(_numbers(authors, "item", AUTHORS).tolist(), _numbers(authors, "author_id", AUTHORS).tolist(), strict=True)
    )
    return Marks(people[first], books[first], ratings[first], states[first], pairs, author_of)


def _table(path: Path, *columns: str) -> pa.Table:
    if not path.exists():
        raise MarksError(f"{path.parent} lacks {path.name}.")
    try:
        table = parquet.read_table(path)
    except (pa.ArrowException, OSError) as broken:
        raise MarksError(f"{path.name} cannot be read as Parquet: {str(broken).splitlines()[0]}") from broken
    if missing := [name for name in columns if name not in table.column_names]:
        raise MarksError(f"{path.name} lacks the column {' and '.join(missing)}.")
    return table


def _numbers(table: pa.Table, column: str, file: str) -> NDArray[np.int64]:
    cells = table[column]
    if not pa.types.is_integer(cells.type) or cells.null_count:
        raise MarksError(f"{file}: the column {column} must hold a whole number in every row.")
    numbers: NDArray[np.int64] = cells.to_numpy().astype(np.int64)
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < 1 << 31:
        raise MarksError(f"{file}: the column {column} holds a number below 0 or above 2 147 483 647.")
    return numbers


def _ratings(table: pa.Table) -> NDArray[np.int64]:
    if "rating" not in table.column_names:
        return np.zeros(table.num_rows, np.int64)
    if not pa.types.is_integer(table["rating"].type):
        raise MarksError(f"{MARKS}: the column rating must hold whole numbers.")
    ratings: NDArray[np.int64] = table["rating"].fill_null(0).to_numpy().astype(np.int64)
    if len(ratings) and not 0 <= ratings.min() <= ratings.max() <= 5:
        raise MarksError(f"{MARKS}: a rating is not one of 1 to 5.")
    return ratings


def _states(table: pa.Table) -> NDArray[np.object_]:
    if "mark" not in table.column_names:
        return np.full(table.num_rows, HoldingState.HAD, np.object_)
    words = table["mark"].to_pylist()
    if unknown := next((word for word in words if word not in STATES), None):
        raise MarksError(f"{MARKS}: {unknown!r} is no mark; {', '.join(STATES)} are.")
    return np.array([STATES[word] for word in words], np.object_)
