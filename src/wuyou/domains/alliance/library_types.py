"""What publishers ask of the library, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wuyou.domains.alliance.types import Origin


class Order(StrEnum):
    """In which order goods stand."""

    INCOME = "income"
    """What one piece at its lowest price would bring, most first."""
    RATE = "rate"
    PRICE = "price"
    """Lowest first."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """What speaks for goods with who follows a publisher: each shop, thing and keyword with of how many at least."""

    shops: Mapping[int, int]
    """Where they buy."""
    things: Mapping[int, int]
    """What they have."""
    keywords: Mapping[int, int]
    """What they say that they love."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which goods somebody wants to see."""

    order: Order = Order.INCOME
    words: str = ""
    shop_id: int | None = None
    origin: Origin | None = None
    for_one: bool = False
    """Not for everybody: paid in a circle that the publisher is in, or to them alone."""
    in_stock: bool = False
    is_claimable: bool = False
    """Something may be claimed for it now, or for all of its shop."""
    fitting: Fitting | None = None
    """Something of this speaks for it."""
    keyword_ids: frozenset[int] = field(default_factory=frozenset)
    """The goods carry all of these, or the activity does by which they came."""


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """Goods in the order that was asked for."""

    product_ids: tuple[int, ...]
    total: int
    """How many fit in all."""
    by_keyword: Mapping[int, int]
    """How many of them carry each keyword, or came by an activity that does."""
    next_cursor: tuple[int, int] | None
    """By what the last one stands where it does, and its id; None at the end."""
