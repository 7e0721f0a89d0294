"""What the alliance tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ConversionRecorded:
    """A paid line was brought by a publisher's link. `estimated_minor` is the publisher's part."""

    name: ClassVar[str] = "alliance.conversion_recorded"
    version: ClassVar[int] = 1
    conversion_id: int
    order_id: int
    order_no: str
    line_id: int
    publisher_id: int
    link_id: int
    rate_bps: int
    estimated_minor: int
    currency: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class CommissionConfirmed:
    """The goods were received; only a return can still change the commission."""

    name: ClassVar[str] = "alliance.commission_confirmed"
    version: ClassVar[int] = 1
    conversion_id: int
    order_no: str
    publisher_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class CommissionSettled:
    """The commission is booked. `settled_minor` is the publisher's part."""

    name: ClassVar[str] = "alliance.commission_settled"
    version: ClassVar[int] = 1
    conversion_id: int
    order_no: str
    publisher_id: int
    settled_minor: int
    currency: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class CommissionReversed:
    """A refund changed a commission. `before_minor` and `after_minor` are the publisher's part."""

    name: ClassVar[str] = "alliance.commission_reversed"
    version: ClassVar[int] = 1
    conversion_id: int
    order_no: str
    refund_no: str
    publisher_id: int
    before_minor: int
    after_minor: int
    was_settled: bool
    currency: str
    occurred_at: datetime
