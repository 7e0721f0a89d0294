"""What orders tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from wuyou.domains.orders.types import PaidLine, SentPieces


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """The money for an order is here."""

    name: ClassVar[str] = "orders.order_paid"
    version: ClassVar[int] = 1
    order_id: int
    order_no: str
    buyer_id: int
    shop_id: int
    kind: str
    lines: tuple[PaidLine, ...]
    items_minor: int
    shipping_minor: int
    currency: str
    placed_at: datetime
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class OrderPaidLate:
    """The money came after the order was closed: it holds neither stock nor seat, and waits for a place."""

    name: ClassVar[str] = "orders.order_paid_late"
    version: ClassVar[int] = 1
    order_id: int
    order_no: str
    buyer_id: int
    shop_id: int
    kind: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class OrderClosed:
    """An unpaid order was given up; its stock is free again."""

    name: ClassVar[str] = "orders.order_closed"
    version: ClassVar[int] = 1
    order_id: int
    order_no: str
    buyer_id: int
    shop_id: int
    kind: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class GoodsSent:
    """Goods of an order left the shop: all of it, or these pieces of it."""

    name: ClassVar[str] = "orders.goods_sent"
    version: ClassVar[int] = 1
    order_id: int
    order_no: str
    buyer_id: int
    shop_id: int
    kind: str
    parcel_id: int | None
    """None when they went without a number."""
    pieces: tuple[SentPieces, ...]
    is_last: bool
    """Nothing is left to be sent after these."""
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class OrderShipped:
    """All that was to be sent has left the shop."""

    name: ClassVar[str] = "orders.order_shipped"
    version: ClassVar[int] = 1
    order_id: int
    order_no: str
    buyer_id: int
    shop_id: int
    kind: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class OrderReceived:
    """The buyer has the goods, said so or let the time pass."""

    name: ClassVar[str] = "orders.order_received"
    version: ClassVar[int] = 1
    order_id: int
    order_no: str
    buyer_id: int
    shop_id: int
    kind: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class OrderCompleted:
    """The return window is over; `net_minor` still lies in the shop's escrow: what was paid for the order, by its buyer
    and for them, less what went back."""

    name: ClassVar[str] = "orders.order_completed"
    version: ClassVar[int] = 1
    order_id: int
    order_no: str
    buyer_id: int
    shop_id: int
    kind: str
    net_minor: int
    shipping_minor: int
    currency: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class OrderRefunded:
    """A refund was promised and booked: `amount_minor` to the buyer.

    The other amounts are the shop's: what the order brought it, and of that all that has gone back so far, to the buyer
    and to whoever paid for them. Of an order without red packets both views are one.
    """

    name: ClassVar[str] = "orders.order_refunded"
    version: ClassVar[int] = 1
    order_id: int
    order_no: str
    buyer_id: int
    shop_id: int
    kind: str
    refund_no: str
    amount_minor: int
    refunded_minor: int
    total_minor: int
    items_minor: int
    was_completed: bool
    currency: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class RefundReturned:
    """The money of one refund is back with the buyer."""

    name: ClassVar[str] = "orders.refund_returned"
    version: ClassVar[int] = 1
    order_id: int
    order_no: str
    buyer_id: int
    shop_id: int
    kind: str
    refund_no: str
    amount_minor: int
    refunded_minor: int
    total_minor: int
    currency: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class OrderDisputed:
    """A buyer asks money back; the order's clocks stand still meanwhile."""

    name: ClassVar[str] = "orders.order_disputed"
    version: ClassVar[int] = 1
    order_id: int
    order_no: str
    shop_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class DisputeEnded:
    """What a buyer asked back was given or not, and time runs again. What was given was told before, as refunded."""

    name: ClassVar[str] = "orders.dispute_ended"
    version: ClassVar[int] = 1
    order_id: int
    order_no: str
    shop_id: int
    occurred_at: datetime
