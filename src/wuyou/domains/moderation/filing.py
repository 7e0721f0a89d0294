"""Term rules as a file: CSV with the columns term, verdict, category, exceptions (parted by |) and valid_from.

It is also the form of the starting set that comes with Wuyou (`data/terms.csv`): a few terms that are clearly about
contacts, made-up sales, imitations and gambling, in both languages. Staff take it in when they like, and change it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from importlib import resources

from wuyou.domains.moderation import errors
from wuyou.domains.moderation.types import Category, TermDraft, TermRule, Verdict

HEAD = ("term", "verdict", "category", "exceptions", "valid_from")
MAX_BYTES = 1_000_000
_PARTED_BY = "|"


def read_rules(content: bytes) -> tuple[TermDraft, ...]:
    """The rules of a file in UTF-8. Raises `RuleMalformed` with the line that cannot be read, counted from 1."""
    if len(content) > MAX_BYTES:
        raise errors.RuleMalformed(line=1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise errors.RuleMalformed(line=content[: error.start].count(b"\n") + 1) from error
    rows = csv.DictReader(io.StringIO(text))
    try:
        if not rows.fieldnames or not set(HEAD[:3]) <= set(rows.fieldnames):
            raise errors.RuleMalformed(line=1)
        return tuple(_draft(row, rows.line_num) for row in rows)
    except csv.Error as error:
        raise errors.RuleMalformed(line=rows.line_num) from error


def starting_set() -> tuple[TermDraft, ...]:
    """The rules that come with Wuyou."""
    return read_rules(resources.files("wuyou.domains.moderation").joinpath("data/terms.csv").read_bytes())


def rows_of(rules: Iterable[TermRule]) -> Iterable[tuple[str, ...]]:
    """Rules as rows under `HEAD`."""
    return (
        (
            rule.text,
            rule.verdict.value,
            rule.category.value,
            _PARTED_BY.join(rule.exceptions),
            rule.valid_from.isoformat(timespec="seconds"),
        )
        for rule in rules
    )


def _draft(row: dict[str, str | None], line: int) -> TermDraft:
    try:
        exceptions = (row.get("exceptions") or "").split(_PARTED_BY)
        valid_from = datetime.fromisoformat(row["valid_from"]) if row.get("valid_from") else None  # type: ignore[arg-type]
        if valid_from is not None and valid_from.tzinfo is None:
            raise ValueError(valid_from)
        return TermDraft(
            # What an export put before a formula's sign so that no spreadsheet runs it.
            (row["term"] or "").removeprefix("'"),
            Verdict((row["verdict"] or "").strip().upper()),
            Category((row["category"] or "").strip().upper()),
            tuple(each.strip() for each in exceptions if each.strip()),
            valid_from,
        )
    except (KeyError, ValueError) as error:
        raise errors.RuleMalformed(line=line) from error
