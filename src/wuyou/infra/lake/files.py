"""Files of the lake: one a stream and day, written beside its place and moved there whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from django.conf import settings

from wuyou.infra import db
from wuyou.infra.lake.streams import Stream, bounds

NAME = "part.parquet"
Keep = Callable[[pa.RecordBatch], pa.RecordBatch]
_BLOCK_BYTES = 16 * 1024 * 1024
_ROWS_A_GROUP = 250_000


def root() -> Path:
    """The folder of the lake, as `settings.LAKE_ROOT` says."""
    return Path(settings.LAKE_ROOT)


def path_of(stream: str, day: date) -> Path:
    """Where the file of a day stands: folders as other engines expect them."""
    return root() / stream / f"day={day}" / NAME


def days_of(stream: str) -> list[date]:
    """Days that have a file, in order."""
    found = (root() / stream).glob(f"day=*/{NAME}")
    return sorted(date.fromisoformat(path.parent.name.removeprefix("day=")) for path in found)


def files_of(stream: str, begins: date, until: date) -> list[Path]:
    """The files of days in `[begins, until)` that there are."""
    return [path_of(stream, day) for day in days_of(stream) if begins <= day < until]


def count_rows(path: Path) -> int:
    """What the file itself says; 0 when there is none."""
    return int(pq.read_metadata(path).num_rows) if path.exists() else 0


@contextlib.contextmanager
def replacing(path: Path, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """Write a file that takes its place only when the block ends well, all of it at once, on the disk.

    Whoever reads the old one goes on reading it. What a process leaves that dies here is swept by `sweep`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".tmp")
    with pq.ParquetWriter(beside, schema, compression="zstd") as writer:
        yield writer
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sweep() -> None:
    """Remove what was left half written. Only one process writes at a time."""
    for left in root().glob("*/day=*/*.tmp"):
        left.unlink()


def write_day(stream: Stream, day: date) -> tuple[int, int]:
    """Write the file of a day from its table, all of one moment; returns the rows there and those left out.

    Cost: the day's rows once over the wire, at most a few blocks of them in memory.
    """
    with tempfile.TemporaryFile() as exported:
        with db.reading():
            db.hold_moment()
            counted = db.row(stream.counts, bounds(day))
            assert counted is not None  # noqa: S101  (a count is a row)
            # COPY takes no parameters by itself; a cursor of the client's kind writes them into the text.
            with db.cursor() as cursor:
                statement = f"COPY ({stream.rows}) TO STDOUT (FORMAT csv)"
                with cursor.copy(statement, bounds(day)) as copy:
                    for block in copy:
                        exported.write(block)
        exported.seek(0)
        if counted[0] == counted[1]:
            path_of(stream.name, day).unlink(missing_ok=True)
        else:
            _convert(exported, stream, path_of(stream.name, day))
    return counted[0], counted[1]


def filter_file(path: Path, keep: Keep) -> int:
    """Write a file anew with what `keep` leaves of it; returns how many rows that is. Without any there is no file."""
    left = 0
    with pq.ParquetFile(path) as source, replacing(path, source.schema_arrow) as writer:
        for batch in source.iter_batches(batch_size=_ROWS_A_GROUP):
            kept = keep(batch)
            left += kept.num_rows
            if kept.num_rows:
                writer.write_batch(kept)
    if not left:
        path.unlink()
    return left


def days_between(begins: date, until: date) -> Iterator[date]:
    """Every day of `[begins, until)`."""
    while begins < until:
        yield begins
        begins += timedelta(days=1)


def _convert(exported: object, stream: Stream, path: Path) -> None:
    reader = pacsv.open_csv(
        exported,
        read_options=pacsv.ReadOptions(column_names=stream.schema.names, block_size=_BLOCK_BYTES),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types=stream.schema, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]
        ),
    )
    with replacing(path, stream.schema) as writer:
        for batch in reader:
            writer.write_table(pa.Table.from_batches([batch], stream.schema), row_group_size=_ROWS_A_GROUP)
