"""Pure decisions about orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from wuyou.domains.catalog.types import Variant
from wuyou.domains.orders import errors
from wuyou.domains.orders.types import FulfilmentState, LineDraft, OrderKind
from wuyou.kernel.money import MAX_MINOR, Money

MAX_LINES = 50
MAX_PIECES = 999
AUTO_RECEIVE = timedelta(days=10)
"""A shipped order counts as received after ten days, the term that Chinese platforms use."""
CANCELLABLE = frozenset({FulfilmentState.HELD, FulfilmentState.READY})


def check_lines(lines: Sequence[LineDraft]) -> None:
    """Raises `LinesMalformed` unless there are 1 to 50 lines of different variants, 1 to 999 pieces each."""
    if not 0 < len(lines) <= MAX_LINES or len({line.variant_id for line in lines}) != len(lines):
        raise errors.LinesMalformed()
    if any(not 0 < line.quantity <= MAX_PIECES for line in lines):
        raise errors.LinesMalformed()


def price_of(variant: Variant, kind: OrderKind) -> Money:
    """What one piece costs. Raises `NotSoldInTeams`."""
    if kind is OrderKind.ALONE:
        return variant.price
    if variant.team_price is None:
        raise errors.NotSoldInTeams()
    return variant.team_price


def items_total(unit_prices: Sequence[Money], quantities: Sequence[int]) -> int:
    """Sum of the lines. Raises `LinesMalformed` for mixed currencies, `AmountOutOfRange` above any bound."""
    if len({price.currency for price in unit_prices}) != 1:
        raise errors.LinesMalformed()
    total = sum(price.amount_minor * quantity for price, quantity in zip(unit_prices, quantities, strict=True))
    if total > MAX_MINOR:
        raise errors.AmountOutOfRange()
    return total
