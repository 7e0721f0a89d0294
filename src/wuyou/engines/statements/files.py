"""A statement as a file. JSON and CSV hold the same, and either is enough to verify.

A document is `{"head": {…}, "lines": [{…}, …], "hash": …, "signature": …}`. What is read back is exactly what was
written: another order of columns, a key twice, a number with a fraction are refused.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from wuyou.engines.statements import chain
from wuyou.kernel.money import Currency

Document = dict[str, Any]

LINE = ("no", "posted_at", "occurred_at", "journal", "kind", "source", "formula", "inputs", "amount_minor",
        "balance_minor", "hash")  # fmt: skip
"""What a line says, in the order of the columns."""
COLUMNS = ("record", *LINE[:-1], "amount", "balance", "hash")
"""The table: one `head`, the lines, one `end`; in `inputs` the head, what a line is computed from, the signature."""


class MalformedFile(ValueError):
    """Not a statement: the message says in one line why."""


def write_json(document: Document) -> bytes:
    """The file, one line a line."""
    lines = ",\n  ".join(json.dumps(line, ensure_ascii=False) for line in document["lines"])
    head, hash_, signature = (json.dumps(document[name], ensure_ascii=False) for name in ("head", "hash", "signature"))
    return (
        f'{{\n "head": {head},\n "lines": [\n  {lines}\n ],\n "hash": {hash_},\n "signature": {signature}\n}}\n'
    ).encode()


def write_csv(document: Document) -> bytes:
    """The file, in UTF-8 with a mark at its beginning, as spreadsheets want it."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    blank = [""] * len(COLUMNS)

    def write(**cells: object) -> None:
        table.writerow([cells.get(name, empty) for name, empty in zip(COLUMNS, blank, strict=True)])

    table.writerow(COLUMNS)
    head = document["head"]
    exponent = Currency(head["currency"]).exponent
    write(record="head", inputs=chain.canonical(head).decode(), balance_minor=head["opening_minor"],
          balance=decimal(head["opening_minor"], exponent))  # fmt: skip
    for line in document["lines"]:
        write(**{
            **line,
            "record": "line",
            "inputs": chain.canonical(line["inputs"]).decode(),
            "amount": decimal(line["amount_minor"], exponent),
            "balance": decimal(line["balance_minor"], exponent),
        })  # fmt: skip
    write(record="end", inputs=chain.canonical({"signature": document["signature"]}).decode(),
          balance_minor=head["closing_minor"], balance=decimal(head["closing_minor"], exponent),
          hash=document["hash"])  # fmt: skip
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def read(content: bytes) -> Document:
    """The document of a file, whichever of the two it is. Raises: `MalformedFile`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedFile("the file is not UTF-8") from error
    return read_json(text) if text.lstrip().startswith("{") else read_csv(text)


def read_json(text: str) -> Document:
    """The document of a JSON file. Raises: `MalformedFile`."""
    document = _value(text, "the file")
    if type(document) is not dict or set(document) != {"head", "lines", "hash", "signature"}:
        raise MalformedFile("a statement has head, lines, hash and signature, and nothing else")
    if type(document["head"]) is not dict or type(document["lines"]) is not list:
        raise MalformedFile("head is an object and lines are a list")
    return document


def read_csv(text: str) -> Document:
    """The document of a table. Raises: `MalformedFile`, also when a column repeats another one and differs from it."""
    try:
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except (csv.Error, ValueError) as error:
        raise MalformedFile(f"the file is neither JSON nor a table: {error}") from error
    if tuple(header) != COLUMNS or any(len(row) != len(COLUMNS) for row in rows):
        raise MalformedFile(f"the columns are {', '.join(COLUMNS)}")
    records = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    kinds = [record["record"] for record in records]
    if kinds != ["head", *["line"] * (len(records) - 2), "end"]:
        raise MalformedFile("a table has one head, its lines, and one end")
    head, end = _value(records[0]["inputs"], "the head"), _value(records[-1]["inputs"], "the end")
    document = {
        "head": head,
        "lines": [_line(record) for record in records[1:-1]],
        "hash": records[-1]["hash"],
        "signature": end.get("signature") if type(end) is dict else None,
    }
    _same_again(text, document)
    return document


def decimal(minor: int, exponent: int) -> str:
    """`decimal(-1299, 2) == "-12.99"`, without going through a float."""
    whole, part = divmod(abs(minor), 10**exponent)
    digits = f"{whole}.{part:0{exponent}}" if exponent else f"{whole}"
    return f"-{digits}" if minor < 0 else digits


def _line(record: dict[str, str]) -> Document:
    line: Document = {name: record[name] for name in LINE}
    line["inputs"] = _value(record["inputs"], f"line {record['no']}")
    for name in ("no", "amount_minor", "balance_minor"):
        line[name] = _value(record[name], f"line {record['no']}, {name}")
    return line


def _same_again(text: str, document: Document) -> None:
    """Whatever a table says twice, it says the same: written again, it is the table that was read."""
    try:
        again = write_csv(document).decode("utf-8-sig")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedFile(f"the table does not hold what a statement has: {error!r}") from error
    for number, (said, meant) in enumerate(zip(text.splitlines(), again.splitlines(), strict=False), 1):
        if said != meant:
            raise MalformedFile(f"row {number} of the table contradicts itself, or is not written as statements are")
    if len(text.splitlines()) != len(again.splitlines()):
        raise MalformedFile("the table has rows that are no part of it")


def _value(text: str, what: str) -> Any:
    def refuse(number: str) -> Any:
        raise MalformedFile(f"{what} has a number that is not whole: {number}")

    def once(pairs: list[tuple[str, Any]]) -> Document:
        if len({name for name, _ in pairs}) < len(pairs):
            raise MalformedFile(f"{what} says something twice")
        return dict(pairs)

    try:
        return json.loads(text, parse_float=refuse, parse_constant=refuse, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        if isinstance(error, MalformedFile):
            raise
        raise MalformedFile(f"{what} is not JSON: {error}") from error
