"""The records of real group buys, and what must be made up to live through them again.

The data (Beibei, GBGCN, ICDE 2021) knows who launched which item and who joined, and nothing of prices, rates, sizes of
failed teams or times. Those are drawn from a hash of the seed and the record's numbers: the same every time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow.parquet as parquet

SHOPS = 40
FAILED_TEAM_SIZE = 2
"""A failed record tells no size; nearly all that formed were teams of two."""


@dataclass(frozen=True, slots=True)
class Good:
    """An item as it is sold to teams of one size."""

    item: int
    size: int


@dataclass(frozen=True, slots=True)
class Record:
    """One launched group buy."""

    number: int
    initiator: int
    good: Good
    participants: tuple[int, ...]
    succeeded: bool


@dataclass(frozen=True)
class Records:
    """An evenly spaced sample of the records, in their order."""

    rows: tuple[Record, ...]
    seed: int

    @cached_property
    def people(self) -> tuple[int, ...]:
        return tuple(sorted({person for row in self.rows for person in (row.initiator, *row.participants)}))

    @cached_property
    def goods(self) -> tuple[Good, ...]:
        return tuple(sorted({row.good for row in self.rows}, key=lambda good: (good.item, good.size)))

    @property
    def order_count(self) -> int:
        return sum(1 + len(row.participants) for row in self.rows)

    def price_minor(self, good: Good) -> int:
        """The price alone in fen: 9.90 to 199.90 yuan."""
        return 990 + 1000 * self.draw("price", good.item, 20)

    def team_price_minor(self, good: Good) -> int:
        """The team price in fen: 55 to 85 % of the price alone."""
        return self.price_minor(good) * (55 + self.draw("team", good.item, 31)) // 100

    def rate_bps(self, shop: int) -> int:
        """A shop's commission rate: 5 to 20 %."""
        return 500 + 100 * self.draw("rate", shop, 16)

    def shop_of(self, good: Good) -> int:
        return self.draw("shop", good.item, SHOPS)

    def launch_minute(self, row: Record, minutes: int) -> int:
        """When a team is opened, in minutes from the start of the replay."""
        return self.draw("launch", row.number, minutes)

    def pause_minutes(self, row: Record, step: str, least: int, most: int) -> int:
        """How long people take between two steps."""
        return least + self.draw(step, row.number, most - least)

    def draw(self, label: str, number: int, below: int) -> int:
        """A number in [0, below) that seed, label and number decide."""
        digest = hashlib.sha256(f"{self.seed}/{label}/{number}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % below


def read_records(path: Path, *, limit: int | None = None, seed: int = 1) -> Records:
    """Read a parquet file (or the one in a folder) of group buys; `limit` takes every n-th of them.

    Raises: `FileNotFoundError`, `ValueError` when the columns are not those of group buys.
    """
    if path.is_dir():
        path = path / "groupbuys.parquet"
    if not path.exists():
        raise FileNotFoundError(f"no group buys at {path}")
    wanted = ["gb_id", "initiator", "item", "participants", "success"]
    table = parquet.read_table(path)
    if missing := [name for name in wanted if name not in table.column_names]:
        raise ValueError(f"{path.name} lacks {', '.join(missing)}")
    found = table.select(wanted).to_pylist()
    return Records(tuple(_record(columns) for columns in _spaced(found, limit)), seed)


def _spaced(found: Sequence[dict[str, object]], limit: int | None) -> Sequence[dict[str, object]]:
    if limit is None or limit >= len(found):
        return found
    return [found[index * len(found) // limit] for index in range(limit)]


def _record(columns: dict[str, object]) -> Record:
    participants: tuple[int, ...] = tuple(columns["participants"])  # type: ignore[arg-type]
    size = 1 + len(participants) if columns["success"] else FAILED_TEAM_SIZE
    return Record(
        number=int(columns["gb_id"]),  # type: ignore[call-overload]
        initiator=int(columns["initiator"]),  # type: ignore[call-overload]
        good=Good(int(columns["item"]), size),  # type: ignore[call-overload]
        participants=participants,
        succeeded=bool(columns["success"]),
    )
