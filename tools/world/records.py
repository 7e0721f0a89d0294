"""Data sets as they lie in a folder, and the slice of real group buys that ships with the demo world."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as parquet

Row = dict[str, Any]
Kept = TypeVar("Kept")

SHIPPED = Path(__file__).resolve().parents[2] / "src/wuyou/surfaces/cli/demo/groupbuys.parquet"
COLUMNS = ["gb_id", "success", "initiator", "item", "participants"]
_SMALL, _LARGE = 360, 40
"""So many of the teams of one or two, and so many of the teams of three to five: one in four hundred would hardly show
a larger team."""


class DataError(Exception):
    """The data is not there, or not as expected; the message says in one line what and where."""


def read_table(folder: Path, name: str, columns: Sequence[str]) -> pa.Table:
    """These columns of a file. Raises `DataError`."""
    path = folder / name
    if not path.exists():
        raise DataError(f"There is no {path}. Say with --data where the data sets lie.")
    try:
        table = parquet.read_table(path)
    except (pa.ArrowException, OSError) as broken:
        raise DataError(f"{path} cannot be read as Parquet: {str(broken).splitlines()[0]}") from broken
    if missing := [column for column in columns if column not in table.column_names]:
        raise DataError(f"{path} lacks {', '.join(missing)}.")
    return table.select(list(columns))


def read_rows(folder: Path, name: str, columns: Sequence[str]) -> list[Row]:
    """The same as rows."""
    return list(read_table(folder, name, columns).to_pylist())


def spaced(rows: Sequence[Kept], count: int) -> list[Kept]:
    """So many of the rows, evenly spaced over all; all of them where there are no more."""
    if len(rows) <= count:
        return list(rows)
    return [rows[index * len(rows) // count] for index in range(count)]


def cut(data: Path, small: int = _SMALL, large: int = _LARGE) -> pa.Table:
    """So many group buys with no or one participant, and so many with two to four, chosen without looking at them."""
    table = read_table(data / "beibei_groupbuy", "groupbuys.parquet", COLUMNS)
    rows = table.to_pylist()
    chosen = spaced([row for row in rows if len(row["participants"]) < 2], small)
    chosen += spaced([row for row in rows if 2 <= len(row["participants"]) <= 4], large)
    chosen.sort(key=lambda row: row["gb_id"])
    return pa.Table.from_pylist(chosen, schema=table.schema.remove_metadata())


def write_slice(data: Path, to: Path, small: int = _SMALL, large: int = _LARGE) -> int:
    """Write it; returns how many group buys. Raises `DataError`."""
    table = cut(data, small, large)
    parquet.write_table(table, to, compression="zstd")
    return int(table.num_rows)


def compare_slice(data: Path, shipped: Path = SHIPPED) -> int:
    """How many rows are the same, which must be all. Raises `DataError`."""
    table, ships = cut(data), parquet.read_table(shipped)
    if not table.equals(ships):
        raise DataError(f"{shipped.name} is not what this recipe makes of {data}.")
    return int(table.num_rows)
