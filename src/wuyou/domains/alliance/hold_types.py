"""What others see of holds: what was found of a sale, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wuyou.domains.alliance.types import CommissionState
from wuyou.kernel.money import Money


class FlagRule(StrEnum):
    """By what a sale is looked at again. The values stand in rows."""

    SELF_BUY = "SELF_BUY"
    """Who buys owns the shop, or is paid for the sale."""
    SAME_BROWSER = "SAME_BROWSER"
    """Somebody who is paid for the sale used the browser that followed the link."""
    SAME_HANDS = "SAME_HANDS"
    """The shop and the publisher are one person, or are paid at one place."""
    RATE = "RATE"
    """More of a slot's visitors bought on one day than people do."""
    RETURNS = "RETURNS"
    """One buyer gives back most of what they order through one publisher."""
    NO_MOVEMENT = "NO_MOVEMENT"
    """It was received sooner than goods travel, and no carrier saw them."""
    RING = "RING"
    """A shop and a publisher have many sales to very few buyers."""


class HoldState(StrEnum):
    """Where the looking at a conversion is."""

    HELD = "HELD"
    """Staff look at it; time releases it."""
    PUNISHED = "PUNISHED"
    """Staff found the sale to be none; it stays held while the publisher may appeal, and is void then."""
    APPEALED = "APPEALED"
    """Another member of staff looks again; time releases it."""
    RELEASED = "RELEASED"
    VOID = "VOID"
    """Nobody is paid for the sale; what was booked was taken back."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one rule found."""

    rule: FlagRule
    version: int
    parameters: Mapping[str, int]
    evidence: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Finding:
    """The same, as it was kept."""

    hold_id: int
    found: Found
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """What is looked at, and what was decided. It names no buyer."""

    id: int
    conversion_id: int
    order_no: str
    shop_id: int
    product_id: int
    publisher_id: int
    publisher_user_id: int
    state: HoldState
    commission: Money
    """What all parties together get, or got, of the sale."""
    share: Money
    """The publisher's part of it."""
    conversion_state: CommissionState
    held_at: datetime
    due_at: datetime | None
    decided_by: int | None
    decided_at: datetime | None
    reason: str
    appeal: str
    appealed_at: datetime | None
    answered_by: int | None
    answer: str
    ended_at: datetime | None
