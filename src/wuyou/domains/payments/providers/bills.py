"""What bills of providers have in common: tables of text with sums of money, read to the last line or not at all."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from wuyou.domains.payments import errors
from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.kernel.money import MAX_MINOR

MOST_BYTES = 64 * 1024 * 1024
"""Of one bill, unpacked: some two hundred thousand lines."""

_YUAN = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,6}))?", re.ASCII)
_MOMENT = "%Y-%m-%d %H:%M:%S"

Row = Mapping[str, str]


def rows_of(lines: Sequence[str], needed: Sequence[str], *, strip: str = "") -> Iterator[Row]:
    """The rows of a table whose first line names its columns. Args: strip: what stands before each cell.

    Raises: `BillMalformed` when a column is missing, or a row is cut.
    """
    table = csv.reader(lines)
    header = [cell.strip().strip("\ufeff").lstrip(strip) for cell in next(table, [])]
    if not set(needed) <= set(header):
        raise errors.BillMalformed(reason="columns")
    for row in table:
        cells = [cell.strip().lstrip(strip) for cell in row]
        if len(cells) < len(header):
            raise errors.BillMalformed(reason="truncated")
        yield dict(zip(header, cells, strict=False))


def fen_of(text: str) -> int:
    """Yuan as a bill writes them, in fen: `fen_of("-0.60") == -60`. Parts of a fen are refused, never rounded."""
    found = _YUAN.fullmatch(text.strip())
    if found is None:
        raise errors.BillMalformed(reason="amount")
    part = (found[3] or "").ljust(2, "0")
    if part[2:].strip("0"):
        raise errors.BillMalformed(reason="part_of_a_fen")
    minor = int(found[2]) * 100 + int(part[:2])
    if minor > MAX_MINOR:
        raise errors.BillMalformed(reason="amount")
    return -minor if found[1] else minor


def moment_of(text: str) -> datetime:
    """A moment of the business zone. Raises `BillMalformed`."""
    try:
        return datetime.strptime(text.strip()[:19], _MOMENT).replace(tzinfo=BUSINESS_ZONE)
    except ValueError:
        raise errors.BillMalformed(reason="moment") from None
