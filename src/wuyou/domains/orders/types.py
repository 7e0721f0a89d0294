"""What others see of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum

from wuyou.kernel.money import Currency, Money


class OrderKind(Enum):
    """How it was bought."""

    ALONE = "ALONE"
    TEAM = "TEAM"


class PaymentState(Enum):
    UNPAID = "UNPAID"
    PAID = "PAID"
    CLOSED = "CLOSED"
    """Not paid in time, or given up."""


class FulfilmentState(Enum):
    HELD = "HELD"
    """Waits for its payment or its team."""
    READY = "READY"
    """May be sent."""
    SHIPPED = "SHIPPED"
    RECEIVED = "RECEIVED"
    COMPLETED = "COMPLETED"
    """The return window is over; the shop and everyone who moved the sale are paid."""
    CANCELLED = "CANCELLED"


class RefundState(Enum):
    NONE = "NONE"
    PARTIAL = "PARTIAL"
    FULL = "FULL"


class RefundStage(Enum):
    """Where one refund is."""

    PROMISED = "PROMISED"
    RETURNED = "RETURNED"


@dataclass(frozen=True, slots=True)
class LineDraft:
    """So many of a variant to buy."""

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """What the buyer of a new order needs to know at once."""

    id: int
    order_no: str
    shop_id: int
    product_ids: frozenset[int]
    total: Money
    pay_until: datetime


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A line of a paid order, as events tell it.

    `amount_minor` is what its shop gets for the whole line: less what the shop takes off, with what somebody else pays
    for the buyer, without shipping.
    """

    line_id: int
    product_id: int
    variant_id: int
    quantity: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class SentPieces:
    """So many of a line that are on their way, as events tell it."""

    line_id: int
    product_id: int
    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line with what was true when it was ordered."""

    id: int
    product_id: int
    variant_id: int
    title: str
    title_en: str
    variant_name: str
    variant_name_en: str
    picture: str
    """Name of a picture in the interface's set, for what has no photograph."""
    photo_id: int | None
    """The shop's photograph of this form, else of the product, as it is today."""
    quantity: int
    unit_price: Money
    discount_minor: int
    """Its part of what the shop takes off the order."""
    funded_minor: int
    """Its part of what somebody else pays for the buyer."""
    sent_count: int
    """Pieces that are with a carrier, or were."""
    dropped_count: int
    """Pieces that were taken off the order before they were sent, and paid back."""

    @property
    def unsent_count(self) -> int:
        """Pieces that are still to be sent, once the order may be."""
        return self.quantity - self.sent_count - self.dropped_count

    @property
    def amount(self) -> Money:
        """Before anything is taken off."""
        return self.unit_price * self.quantity

    @property
    def paid_minor(self) -> int:
        """What the buyer pays of it."""
        return self.amount.amount_minor - self.discount_minor - self.funded_minor


@dataclass(frozen=True, slots=True)
class Order:
    """One order of one shop."""

    id: int
    order_no: str
    buyer_id: int
    shop_id: int
    kind: OrderKind
    currency: Currency
    items_minor: int
    """The goods at their prices, before anything is taken off."""
    discount_minor: int
    """What the shop sells them for less."""
    funded_minor: int
    """What somebody else pays of them for the buyer, out of a red packet."""
    shipping_minor: int
    total_minor: int
    """What the buyer pays."""
    refunded_minor: int
    """Promised to the buyer, or returned, so far."""
    payment: PaymentState
    fulfilment: FulfilmentState
    placed_at: datetime
    pay_until: datetime
    paid_at: datetime | None
    ship_by: datetime | None
    """Until when the shop should have sent it; None before it may be sent."""
    is_disputed: bool
    """A buyer's claim runs: it neither counts as received by itself, nor completes."""
    is_partly_sent: bool
    """Some of it is on its way, and some is still to be sent."""
    shipped_at: datetime | None
    """When the last of it was sent; None until all of it is."""
    received_at: datetime | None
    completes_at: datetime | None
    """When the return window ends."""
    completed_at: datetime | None
    lines: tuple[OrderLine, ...]

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_minor, self.currency)

    @property
    def refund(self) -> RefundState:
        if not self.refunded_minor:
            return RefundState.NONE
        return RefundState.FULL if self.refunded_minor == self.total_minor else RefundState.PARTIAL


@dataclass(frozen=True, slots=True)
class Refund:
    """One promise to give money back; its number is the order's and a counter, so asking again is the same refund."""

    refund_no: str
    order_no: str
    amount: Money
    reason: str
    stage: RefundStage
    promised_at: datetime
    returned_at: datetime | None


@dataclass(frozen=True, slots=True)
class CartLine:
    """A variant put aside to buy."""

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """So many of one line of an order."""

    line_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ParcelDraft:
    """Who brings goods of an order, and under which number."""

    carrier: str
    """A code of `providers.carriers`."""
    number: str = ""
    """As the carrier gave it; empty where labels are made here."""
    pieces: tuple[Pieces, ...] = ()
    """What is in it, each line once; empty for all that is still to be sent."""


class ScanKind(StrEnum):
    """What happened to a parcel on its way."""

    PICKED_UP = "PICKED_UP"
    ON_THE_WAY = "ON_THE_WAY"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    NOT_MET = "NOT_MET"
    """Nobody was there; it is tried again."""
    DELIVERED = "DELIVERED"
    """The last one."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One line of a parcel's way."""

    kind: ScanKind
    place: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """What was handed to a carrier: all of one order, or a part of it."""

    id: int
    order_id: int
    carrier: str
    number: str
    sent_at: datetime
    pieces: tuple[Pieces, ...]
    """What is in it, in the order of the lines."""
    scans: tuple[Scan, ...]
    """Oldest first."""

    @property
    def is_delivered(self) -> bool:
        return bool(self.scans) and self.scans[-1].kind is ScanKind.DELIVERED


@dataclass(frozen=True, slots=True)
class ShopCounts:
    """How many orders of a shop are where."""

    unpaid: int
    held: int
    ready: int
    late: int
    """Of the ready ones, those that should have been sent by now."""
    shipped: int
    received: int
    completed: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class DaySales:
    """What a shop sold on one business day, in one currency."""

    day: date
    currency: Currency
    order_count: int
    paid_minor: int
    refunded_minor: int
    """Of these orders, promised back so far."""
