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


@dataclass(frozen=True, slots=True)
class ParticipationChanged:
    """A publisher asked, was asked, was taken, refused, or left: `state` is where they stand now."""

    name: ClassVar[str] = "alliance.participation_changed"
    version: ClassVar[int] = 1
    participant_id: int
    collaboration_id: int
    publisher_id: int
    state: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class EnrolmentDecided:
    """Goods brought to an activity were accepted, refused or taken back: `state` says which."""

    name: ClassVar[str] = "alliance.enrolment_decided"
    version: ClassVar[int] = 1
    enrolment_id: int
    activity_id: int
    shop_id: int
    product_id: int
    state: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """What a conversion pays is held, punished, appealed, released or void: `state` says which."""

    name: ClassVar[str] = "alliance.hold_changed"
    version: ClassVar[int] = 1
    hold_id: int
    conversion_id: int
    state: str
    occurred_at: datetime
