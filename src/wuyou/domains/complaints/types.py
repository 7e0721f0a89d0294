"""What others see of complaints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """What is wrong."""

    NOT_RECEIVED = "NOT_RECEIVED"
    DAMAGED = "DAMAGED"
    NOT_AS_DESCRIBED = "NOT_AS_DESCRIBED"
    POOR_QUALITY = "POOR_QUALITY"
    OLD_STOCK = "OLD_STOCK"
    OTHER = "OTHER"


class ComplaintState(StrEnum):
    """Whose turn it is, or how it ended."""

    OPEN = "OPEN"
    """The seller has to answer."""
    ANSWERED = "ANSWERED"
    """The seller has answered; the buyer says whether it is solved."""
    WITH_STAFF = "WITH_STAFF"
    """Unanswered or unsolved; staff decide."""
    SOLVED = "SOLVED"
    """The buyer said so, or did not object in time."""
    REFUNDED = "REFUNDED"
    """Staff gave money back."""
    REJECTED = "REJECTED"
    """Staff saw no ground for it."""


ENDED = frozenset({ComplaintState.SOLVED, ComplaintState.REFUNDED, ComplaintState.REJECTED})


class StepKind(StrEnum):
    """One line of the timeline."""

    MADE = "MADE"
    ANSWERED = "ANSWERED"
    SAID = "SAID"
    PASSED_ON = "PASSED_ON"
    """The buyer asked staff to decide."""
    OVERDUE = "OVERDUE"
    """The seller did not answer in time."""
    SOLVED = "SOLVED"
    LAPSED = "LAPSED"
    """The buyer did not object to the answer in time."""
    REFUNDED = "REFUNDED"
    REJECTED = "REJECTED"


class Side(StrEnum):
    """Who said it. Staff are not named to anybody."""

    BUYER = "BUYER"
    SELLER = "SELLER"
    STAFF = "STAFF"
    TIME = "TIME"


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of what is wrong."""

    id: int
    key: str
    width: int
    height: int
    blurhash: str


@dataclass(frozen=True, slots=True)
class Step:
    """What happened in a complaint."""

    id: int
    kind: StepKind
    side: Side
    text: str
    refund_no: str
    """Of the money that staff gave back; else empty."""
    at: datetime
    photos: tuple[Photo, ...]


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint about an order."""

    id: int
    order_id: int
    order_no: str
    buyer_id: int
    shop_id: int
    reason: Reason
    state: ComplaintState
    made_at: datetime
    answer_by: datetime
    """Until when the seller has to answer."""
    closes_at: datetime | None
    """Until when the buyer may object to the answer."""
    ended_at: datetime | None

    @property
    def due_at(self) -> datetime | None:
        """The clock that runs now, shown to both sides; None when none does."""
        if self.state is ComplaintState.OPEN:
            return self.answer_by
        return self.closes_at if self.state is ComplaintState.ANSWERED else None
