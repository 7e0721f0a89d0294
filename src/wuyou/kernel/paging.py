"""Pages of a list, by keyset: stable while rows are added, and as fast on page 1,000 as on page 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")

MAX_PAGE = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items and where to go on: `next_cursor` is the key of the last item, None at the end."""

    items: tuple[Item, ...]
    next_cursor: int | None


def cut_page(rows: Sequence[Item], limit: int, key: Callable[[Item], int]) -> Page[Item]:
    """Make a page of at most `limit` from a read of `limit + 1` rows."""
    items = tuple(rows[:limit])
    return Page(items, key(items[-1]) if len(rows) > limit else None)
