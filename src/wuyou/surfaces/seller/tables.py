"""Files of rows, out and in: CSV that spreadsheets write and read back, tried first, then taken over as a whole.

A cell that a spreadsheet would run as a formula is written with an apostrophe before it, and so is one that begins with
an apostrophe; reading takes one away. So what was written is read as it was.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from wuyou.infra import storage
from wuyou.kernel.money import Money
from wuyou.surfaces.seller import errors
from wuyou.surfaces.seller.access import Desk
from wuyou.surfaces.ui.lists import decimal_of
from wuyou.surfaces.ui.refusals import FormMalformed, NoFile

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_LINES: Final = 5_000
_MAX_CELL: Final = 10_000
_BOM: Final = "\ufeff"
_PROTECTED: Final = ("=", "+", "-", "@", "\t", "\r", "'")
_FILE, _SALT, _WAITS_S = "rows.csv", "seller.tables", 12 * 3600

Verdict = Literal["new", "changed", "same", "wrong"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: its number, and its cells by column."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Tried:
    """What would become of one line, in the reader's language."""

    line: int
    name: str
    verdict: Verdict
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a file."""

    token: str
    lines: tuple[Tried, ...]

    def count(self, verdict: Verdict) -> int:
        """How many lines come to this."""
        return sum(line.verdict == verdict for line in self.lines)

    @property
    def wrong(self) -> int:
        return self.count("wrong")

    @property
    def moving(self) -> int:
        """How many lines would do something."""
        return self.count("new") + self.count("changed")


# ---------------------------------------------------------------- out


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponseBase:
    """A file of rows, written while they are read; `rows` come back from it as they were."""
    response = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(_BOM)
    writer.writerow(header)
    for row in rows:
        writer.writerow([written(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def written(value: object) -> str:
    """A value as a cell holds it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Money():
            return decimal_of(value)
        case datetime():
            return timezone.localtime(value).isoformat(timespec="seconds")
        case int():
            return str(value)
        case _:
            text = str(value)
            return f"'{text}" if text.startswith(_PROTECTED) else text


# ---------------------------------------------------------------- in


def sent_file(request: HttpRequest) -> bytes:
    """The file of a form. Raises `NoFile`, `TableTooLarge`."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.size:
        raise NoFile()
    if file.size > MAX_BYTES:
        raise errors.TableTooLarge(megabytes=MAX_BYTES // 1024 // 1024)
    content: bytes = file.read()
    return content


def read(content: bytes, *, needed: Sequence[str], known: Sequence[str]) -> tuple[Row, ...]:
    """The rows of a file whose first line names its columns; lines without anything in them are passed over.

    Args: needed: columns that must be there; known: others that may be.
    Raises: `TableUnreadable`, `TableEmpty`, `TooManyLines`, `ColumnsUnknown`, `ColumnsMissing`.
    """
    reader = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _check_columns(header, needed, known)
        rows = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header) or any(len(cell) > _MAX_CELL for cell in cells):
                raise errors.TableUnreadable(line=reader.line_num)
            rows.append(Row(reader.line_num, dict(zip(header, map(_unprotected, cells), strict=False))))
            if len(rows) > MAX_LINES:
                raise errors.TooManyLines(most=MAX_LINES)
    except csv.Error as error:
        raise errors.TableUnreadable(line=reader.line_num) from error
    if not rows:
        raise errors.TableEmpty()
    return tuple(rows)


def _decoded(content: bytes) -> str:
    """UTF-8, with or without a mark at its beginning, else GB 18030, as spreadsheets in China write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise errors.TableUnreadable(line=1)


def _check_columns(header: Sequence[str], needed: Sequence[str], known: Sequence[str]) -> None:
    unknown = [name for name in header if name not in {*needed, *known}]
    twice = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    if unknown or twice:
        raise errors.ColumnsUnknown(columns=", ".join([*unknown, *twice])[:200] or "?")
    missing = [name for name in needed if name not in header]
    if missing:
        raise errors.ColumnsMissing(columns=", ".join(missing))


def _unprotected(cell: str) -> str:
    text = cell.strip(" \t\u3000")
    return text.removeprefix("'")


# ---------------------------------------------------------------- between trying and taking over


def put_aside(desk: Desk, kind: str, content: bytes) -> str:
    """Keep a file for half a day until it is taken over; the token names it, for this shop's workbench alone."""
    key = storage.put({_FILE: content})
    return signing.dumps([desk.actor.person_id, desk.shop.id, kind, key], salt=_SALT)


def taken_up(desk: Desk, kind: str, token: str) -> bytes:
    """The file that was put aside. Raises `FormMalformed`, `storage.FileGone`."""
    try:
        *whose, key = signing.loads(token, salt=_SALT, max_age=_WAITS_S)
    except signing.BadSignature as error:
        raise FormMalformed() from error
    if whose != [desk.actor.person_id, desk.shop.id, kind]:
        raise FormMalformed()
    try:
        with storage.open_file(key, _FILE) as file:
            return file.read()
    except FileNotFoundError as error:
        raise storage.FileGone() from error
