"""What others see of claims."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wuyou.kernel.money import Currency, Money


class ClaimKind(StrEnum):
    """What a buyer asks for."""

    REFUND = "REFUND"
    """Money back; the goods stay, or never came."""
    RETURN = "RETURN"
    """Goods back, then money back."""


class ClaimReason(StrEnum):
    """Why."""

    NOT_WANTED = "NOT_WANTED"
    NOT_RECEIVED = "NOT_RECEIVED"
    DAMAGED = "DAMAGED"
    NOT_AS_DESCRIBED = "NOT_AS_DESCRIBED"
    MISSING_PARTS = "MISSING_PARTS"
    OTHER = "OTHER"


class ClaimState(StrEnum):
    """Whose turn it is, or how it ended."""

    ASKED = "ASKED"
    """The shop has to answer; if it does not, it has agreed."""
    TO_SEND = "TO_SEND"
    """The shop agreed; the buyer sends the goods back."""
    SENT = "SENT"
    """The goods are on their way back; the shop says when they are there."""
    REFUSED = "REFUSED"
    """The shop said no; the buyer may let staff decide."""
    WITH_STAFF = "WITH_STAFF"
    REFUNDED = "REFUNDED"
    """Money is promised back."""
    REJECTED = "REJECTED"
    """Staff saw no ground for it."""
    WITHDRAWN = "WITHDRAWN"
    """The buyer took it back."""
    LAPSED = "LAPSED"
    """The buyer did not do the next step in time."""


ENDED = frozenset({ClaimState.REFUNDED, ClaimState.REJECTED, ClaimState.WITHDRAWN, ClaimState.LAPSED})


class ClaimStepKind(StrEnum):
    """One line of the timeline."""

    ASKED = "ASKED"
    AGREED = "AGREED"
    AGREED_BY_TIME = "AGREED_BY_TIME"
    """The shop did not answer in time."""
    REFUSED = "REFUSED"
    SENT = "SENT"
    ARRIVED = "ARRIVED"
    ARRIVED_BY_TIME = "ARRIVED_BY_TIME"
    """The shop did not say in time whether the goods came."""
    OBJECTED = "OBJECTED"
    """The shop says that what came back is not right."""
    PASSED_ON = "PASSED_ON"
    """The buyer asked staff to decide."""
    DECIDED = "DECIDED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"


class ClaimSide(StrEnum):
    """Who did it. Staff are not named to anybody."""

    BUYER = "BUYER"
    SELLER = "SELLER"
    STAFF = "STAFF"
    TIME = "TIME"


@dataclass(frozen=True, slots=True)
class LineDraft:
    """So many pieces of a line of an order."""

    order_line_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """What a buyer asks for."""

    kind: ClaimKind
    reason: ClaimReason
    lines: tuple[LineDraft, ...]
    text: str
    amount_minor: int | None = None
    """Less than the lines cost; None is all that they cost."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture for the other side to see."""

    id: int
    key: str
    width: int
    height: int
    blurhash: str


@dataclass(frozen=True, slots=True)
class Step:
    """What happened in a claim."""

    id: int
    kind: ClaimStepKind
    side: ClaimSide
    text: str
    at: datetime
    photos: tuple[Photo, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a buyer asks for about an order."""

    id: int
    order_id: int
    order_no: str
    buyer_id: int
    shop_id: int
    kind: ClaimKind
    reason: ClaimReason
    amount_minor: int
    """Asked for, and given back where it ended so, unless less was left or staff gave less."""
    currency: Currency
    state: ClaimState
    carrier: str
    parcel_no: str
    """Of the goods on their way back; both empty before."""
    refund_no: str
    """Of the money that is promised back; empty before."""
    made_at: datetime
    due_at: datetime | None
    """When time decides; None where no clock runs."""
    ended_at: datetime | None
    lines: tuple[LineDraft, ...]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
