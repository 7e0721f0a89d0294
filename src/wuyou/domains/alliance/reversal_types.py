"""What others see of reversals: what a refund takes back from who was paid for a sale, and whether they gave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wuyou.kernel.money import Money


class ReversalState(StrEnum):
    """Where what a buyer asks back of a commissioned sale is."""

    OPEN = "OPEN"
    """The buyer's claim runs; the order's clocks stand still, so nothing is settled meanwhile."""
    DROPPED = "DROPPED"
    """The claim ended without money for these goods."""
    REDUCED = "REDUCED"
    """Money went back before settlement: less will be paid, and nothing has to be taken."""
    COLLECTING = "COLLECTING"
    """Taken back in the books, from who had been paid out: later earnings come up for it."""
    COLLECTED = "COLLECTED"
    FORGIVEN = "FORGIVEN"
    """What was missing was written off by two members of staff."""


class ReversalSide(StrEnum):
    """From whom it is taken."""

    PROMOTER = "PROMOTER"
    """Publisher, third party, tool provider, recruiter: the commission that they had of it."""
    SELLER = "SELLER"
    """The shop: what the buyer got back, less the commission that came back."""


class ReversalPartState(StrEnum):
    """Whether one side has given it back."""

    WAITING = "WAITING"
    TAKEN = "TAKEN"
    FORGIVEN = "FORGIVEN"


MAY_FOLLOW: Mapping[ReversalState | None, frozenset[ReversalState]] = {
    None: frozenset({ReversalState.OPEN, ReversalState.REDUCED, ReversalState.COLLECTING, ReversalState.COLLECTED}),
    ReversalState.OPEN: frozenset(
        {ReversalState.DROPPED, ReversalState.REDUCED, ReversalState.COLLECTING, ReversalState.COLLECTED}
    ),
    ReversalState.COLLECTING: frozenset({ReversalState.COLLECTED, ReversalState.FORGIVEN}),
    ReversalState.DROPPED: frozenset(),
    ReversalState.REDUCED: frozenset(),
    ReversalState.COLLECTED: frozenset(),
    ReversalState.FORGIVEN: frozenset(),
}
"""Which state may come after which; None is what is not there yet."""


@dataclass(frozen=True, slots=True)
class ReversalPart:
    """What one account gives back."""

    side: ReversalSide
    owner: str
    """Of the account: `publisher:7`, `shop:12`."""
    amount: Money
    waits: Money
    """What of it later earnings have to come up for."""
    state: ReversalPartState


@dataclass(frozen=True, slots=True)
class Reversal:
    """One refund of one commissioned line, or a claim that may become one."""

    id: int
    conversion_id: int
    order_no: str
    shop_id: int
    product_id: int
    refund_no: str
    """Empty while the buyer only asks."""
    state: ReversalState
    was_settled: bool
    refunded: Money
    """Of this line, by this refund."""
    promoters: Money
    """What publishers, tool providers and recruiters have less by it, expected or booked."""
    platform: Money
    opened_at: datetime
    ended_at: datetime | None
    parts: tuple[ReversalPart, ...]
