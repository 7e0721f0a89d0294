"""Pure decisions about orders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from wuyou.domains.catalog.types import Variant
from wuyou.domains.orders import errors
from wuyou.domains.orders.types import FulfilmentState, LineDraft, OrderKind, Pieces
from wuyou.kernel import text as texts
from wuyou.kernel.money import MAX_MINOR, Money

MAX_LINES = 50
MAX_PIECES = 999
AUTO_RECEIVE = timedelta(days=10)
"""A shipped order counts as received after ten days, the term that Chinese platforms use."""
SHIP_WITHIN = timedelta(hours=48)
"""From when it may be sent: the term that Chinese platforms hold shops to. What is late is shown, not punished."""
MAX_PLACE = 60
_TRACKING_NO = re.compile(r"[A-Z0-9]{6,32}")
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


def going(unsent: Mapping[int, int], pieces: Sequence[Pieces]) -> dict[int, int]:
    """How many pieces of each line are meant: these, or all that are still to be sent when none are named.

    Args: unsent: pieces of each line that are still to be sent.
    Raises: `PiecesMalformed`, also when there is nothing to send.
    """
    meant = {each.line_id: each.quantity for each in pieces}
    if not pieces:
        meant = {line_id: quantity for line_id, quantity in unsent.items() if quantity}
    if not meant or len(meant) < len(pieces):
        raise errors.PiecesMalformed()
    if any(not 0 < quantity <= unsent.get(line_id, 0) for line_id, quantity in meant.items()):
        raise errors.PiecesMalformed()
    return meant


def paid_for(paid_minor: int, quantity: int, *, before: int, now: int) -> int:
    """What is paid back for `now` more pieces of a line, when `before` of its `quantity` were paid back already.

    The parts of a line sum to the whole: of three jars for 1,000 the first gives 333, the second 333, the third 334.
    """
    return paid_minor * (before + now) // quantity - paid_minor * before // quantity


def check_digit(digits: str) -> int:
    """The Luhn digit of a number: `check_digit("26030100000012")` is 2. One wrong or swapped digit is noticed."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return -sum(value - 9 if value > 9 else value for value in doubled) % 10


def clean_tracking_no(text: str) -> str:
    """A carrier's number as it is kept: without blanks and hyphens, in capitals. Raises `NumberMalformed`."""
    number = re.sub(r"[\s-]", "", text).upper()
    if not _TRACKING_NO.fullmatch(number):
        raise errors.NumberMalformed()
    return number


def clean_place(text: str) -> str:
    """Where a parcel was scanned; may be empty. Raises `ScanMalformed`."""
    try:
        return texts.clean_line(text, MAX_PLACE, may_be_empty=True)
    except ValueError as error:
        raise errors.ScanMalformed() from error
