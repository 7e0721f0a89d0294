"""What a request may say, bounded so that nothing reaches the database that it cannot take."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from wuyou.kernel.clock import business_date, utc_now
from wuyou.kernel.paging import MAX_PAGE

MAX_BIGINT = 2**63 - 1
MAX_INT = 2**31 - 1

ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
TEXT = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"

Id = Annotated[int, Field(ge=1, le=MAX_BIGINT, examples=[42])]
Pieces = Annotated[int, Field(ge=1, le=999, examples=[1])]
PriceMinor = Annotated[int, Field(ge=1, le=10**12, examples=[3900])]
Line = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=ONE_LINE)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=1_000)]
Lines = Annotated[str, StringConstraints(max_length=2_000, pattern=TEXT)]
OrderNo = Annotated[str, StringConstraints(pattern=r"^[0-9]{14,24}$"), Field(examples=["26030100000042"])]
ShareToken = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,40}$"), Field(examples=["q3Zk0n8vT1bYxW7c"])]
CurrencyCode = Literal["CNY", "USD", "EUR", "JPY"]


def one_of(names: Collection[str]) -> Callable[[str], str]:
    """A check that a text is one of many names."""

    def check(name: str) -> str:
        if name not in names:
            raise ValueError("is none of the known names")
        return name

    return check


def _is_text(moment: object) -> object:
    if not isinstance(moment, str):  # a number would be read as seconds since 1970
        raise ValueError("must be a text like 2026-03-01T04:00:00Z")
    return moment


def _in_our_time(moment: datetime) -> datetime:
    if not 2000 <= moment.year < 2200:
        raise ValueError("lies outside of the years 2000 to 2199")
    return moment


Moment = Annotated[
    AwareDatetime,
    Field(strict=False, examples=["2026-03-01T04:00:00Z"]),
    BeforeValidator(_is_text),
    AfterValidator(_in_our_time),
]


def _is_day(day: object) -> object:
    if not isinstance(day, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
        raise ValueError("must be a text like 2019-10-01")
    return day


def _has_been(day: date) -> date:
    if not date(1000, 1, 1) <= day <= business_date(utc_now()):
        raise ValueError("lies ahead, or before the year 1000")
    return day


Day = Annotated[
    date,
    Field(strict=False, examples=["2019-10-01"]),
    BeforeValidator(_is_day),
    AfterValidator(_has_been),
]
"""A day that has been."""


class Draft(BaseModel):
    """Base of every request body: types as JSON has them, no field that we do not know."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class PageQuery(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    cursor: Annotated[int | None, Field(ge=1, le=MAX_BIGINT)] = None
    """`next_cursor` of the page before; none is the first page."""
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20
    """Items on a page."""
