"""What the lists of the console share: pages by keyset, filters and order in the address, and the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, TypeVar

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from wuyou.kernel.money import Money
from wuyou.kernel.paging import Page
from wuyou.surfaces.ui import parts

Item = TypeVar("Item")
State = TypeVar("State", bound=Enum)

PAGE_SIZE: Final = 50
_MAX_TRAIL: Final = 100
_BOM: Final = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Search:
    """A search field over a list."""

    hint: str
    term: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    """Other filters that the search leaves as they are."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page that is one table."""

    title: str
    intro: str
    table: parts.Table
    empty: parts.Empty
    paging: parts.Paging | None = None
    tabs: tuple[parts.Tab, ...] = ()
    more_tabs: tuple[parts.Tab, ...] = ()
    """A second choice beside the first."""
    search: Search | None = None
    actions: tuple[parts.Action, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that waits for a person, or would soon."""

    icon: str
    tone: parts.Tone
    title: str
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Trail:
    """The pages that a reader came by, in the address: `after=90.40` is the third page, after item 40."""

    cursors: tuple[int, ...] = ()
    width: int = 1
    """How many numbers name a place in the list."""

    @property
    def cursor(self) -> int | None:
        """Where this page begins."""
        return self.cursors[-1] if self.cursors else None

    @property
    def pair(self) -> tuple[int, int] | None:
        """Where this page begins in a list whose places have two numbers."""
        return (self.cursors[-2], self.cursors[-1]) if self.cursors else None


def trail_of(request: HttpRequest, *, width: int = 1) -> Trail:
    """The trail in the address; one that makes no sense is the first page."""
    steps = request.GET.get("after", "").split(".")
    if len(steps) % width or not all(step.isascii() and step.isdecimal() and len(step) <= 18 for step in steps):
        return Trail(width=width)
    return Trail(tuple(int(step) for step in steps[-_MAX_TRAIL * width :]), width)


def href(request: HttpRequest, **changes: str) -> str:
    """This page's address with other parameters; an empty value takes one out, and a new filter begins at page one."""
    query = request.GET.copy()
    for name in ("format", *(() if "after" in changes else ("after",))):
        query.pop(name, None)
    for name, value in changes.items():
        if value:
            query[name] = value
        else:
            query.pop(name, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def paging(request: HttpRequest, trail: Trail, next_cursor: int | tuple[int, int] | None) -> parts.Paging:
    """Links to the page before and the page after."""
    place = next_cursor if isinstance(next_cursor, tuple) else (next_cursor,)
    before = ".".join(map(str, trail.cursors[: -trail.width]))
    after = ".".join(map(str, [*trail.cursors, *place]))
    return parts.Paging(
        previous_href=href(request, after=before) if trail.cursors else "",
        next_href=href(request, after=after) if next_cursor is not None else "",
        position=_("Page %(number)d") % {"number": len(trail.cursors) // trail.width + 1},
    )


def is_oldest_first(request: HttpRequest) -> bool:
    """The order that the address asks for."""
    return request.GET.get("order") == "oldest"


def time_column(request: HttpRequest, label: str) -> parts.Column:
    """The column that a list is ordered by; its head turns the order around."""
    if is_oldest_first(request):
        return parts.Column(label, sort_href=href(request, order=""), sorted="ascending")
    return parts.Column(label, sort_href=href(request, order="oldest"), sorted="descending")


def order_tabs(request: HttpRequest) -> tuple[parts.Tab, ...]:
    """The same choice for a list without a table's head."""
    oldest = is_oldest_first(request)
    return (
        parts.Tab(_("Newest first"), href(request, order=""), not oldest),
        parts.Tab(_("Oldest first"), href(request, order="oldest"), oldest),
    )


def state_tabs(
    request: HttpRequest, current: Enum | None, labels: Mapping[State, object], counts: Mapping[State, int]
) -> tuple[parts.Tab, ...]:
    """All, and each state in the order of its labels, with how many there are."""
    every = parts.Tab(_("All"), href(request, state=""), current is None, sum(counts.values()))
    return (
        every,
        *(
            parts.Tab(str(label), href(request, state=each.value), each is current, counts[each])
            for each, label in labels.items()
        ),
    )


def chosen(request: HttpRequest, name: str, among: type[State], default: str = "") -> State | None:
    """Which of these the address asks for; None for what is none of them."""
    asked = request.GET.get(name, default)
    return next((each for each in among if each.value == asked), None)


def search_term(request: HttpRequest, name: str = "q") -> str:
    """What was typed into the search field, without what no number contains."""
    term = request.GET.get(name, "").strip()[:64]
    return term if term.isprintable() else ""


# ---------------------------------------------------------------- CSV


def wants_csv(request: HttpRequest) -> bool:
    """Whether the list was asked for as a file."""
    return request.GET.get("format") == "csv"


def export_action(request: HttpRequest) -> parts.Action:
    """The button that takes the whole filtered list home."""
    return parts.Action(_("Export CSV"), href(request, format="csv"), icon="download")


def all_items(read: Callable[[int | None], Page[Item]]) -> Iterator[Item]:
    """Every item of a list, page by page."""
    page = read(None)
    while True:
        yield from page.items
        if page.next_cursor is None:
            return
        page = read(page.next_cursor)


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponseBase:
    """A file of rows, written while they are read. Moments carry their offset, amounts their fraction and no symbol."""
    response = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(_BOM)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_plain(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case Money():
            return decimal_of(value)
        case datetime():
            return timezone.localtime(value).isoformat(timespec="seconds")
        case int():
            return str(value)
        case _:
            text = str(value)
            # A spreadsheet would run a name that begins so as a formula.
            return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def decimal_of(money: Money) -> str:
    """`-12.50` for minus 1,250 fen, without going through a float."""
    digits, exponent = str(abs(money.amount_minor)), money.currency.exponent
    digits = digits.rjust(exponent + 1, "0")
    text = f"{digits[:-exponent]}.{digits[-exponent:]}" if exponent else digits
    return f"-{text}" if money.amount_minor < 0 else text
