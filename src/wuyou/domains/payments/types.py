"""Facts about payments that other domains may hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from wuyou.kernel.money import Money


class IntentState(Enum):
    """Our side of a payment: CREATED → AUTHORISED → CAPTURED, or CLOSED, which late money still makes CAPTURED."""

    CREATED = "created"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    CLOSED = "closed"


class ChargeState(Enum):
    """The provider's side of a payment."""

    PENDING = "pending"
    """Known there, not paid yet."""
    AUTHORISED = "authorised"
    """The money is held for us, and not yet ours."""
    CAPTURED = "captured"
    DECLINED = "declined"
    """This attempt failed; the payer may try again under the same number."""
    VOIDED = "voided"
    """Given up for good: nothing can be paid under the number any more."""


class RefundState(Enum):
    """PENDING while it is on its way (also between attempts); FAILED when attempts are used up and staff must look."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class BillKind(Enum):
    """What a line of a provider's bill is about."""

    PAID = "paid"
    RETURNED = "returned"
    DISPUTE = "dispute"
    """Taken back, or given back, because a payer's bank asked."""
    FEE = "fee"
    """A fee that belongs to no payment."""
    PASSED = "passed"
    """Nothing of ours: a payout to our bank, or a payment that others take by the same account."""
    UNKNOWN = "unknown"
    """The provider's word for it is not one that we know."""


class BillState(Enum):
    """How far we are with a provider's bill of a day."""

    WAITING = "waiting"
    """Not there yet."""
    REFUSED = "refused"
    """It cannot be believed or read; it is asked for again."""
    READ = "read"


class DiscrepancyReason(Enum):
    """How a bill differs from what we hold."""

    MISSING_HERE = "missing_here"
    """It was billed, and we know of no such payment or refund at this provider."""
    MISSING_THERE = "missing_there"
    """We hold it as done on that day, and no bill has it."""
    AMOUNT = "amount"
    """Another sum or currency."""
    STATE = "state"
    """It was billed as done, and we do not hold it as done."""
    UNKNOWN_LINE = "unknown_line"


@dataclass(frozen=True, slots=True)
class ProviderBill:
    """A provider's bill of one business day, and what became of it."""

    id: int
    provider: str
    day: date
    state: BillState
    reason: str
    """Why it was refused."""
    line_count: int
    open_count: int
    """Discrepancies that nobody has resolved."""
    asked_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One difference between a bill and what we hold; open until it is resolved."""

    id: int
    provider: str
    day: date
    reason: DiscrepancyReason
    number: str
    """Of the payment, refund or dispute; the provider's own where it names none of ours."""
    said: str
    """The provider's word for the line."""
    ours: Money | None
    theirs: Money | None
    noted_at: datetime
    resolved_at: datetime | None
    resolved_by_id: int | None
    """None while it is open, and where it resolved itself."""
    resolution: str


class DisputeState(Enum):
    """How far a payer's bank has come with asking the money back."""

    INQUIRY = "inquiry"
    """The bank asks; no money has moved."""
    OPEN = "open"
    """The provider took the money back; it is to be answered, or is being looked at."""
    WON = "won"
    LOST = "lost"
    DROPPED = "dropped"
    """An inquiry that ended without money."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A payment that its payer's bank asks back."""

    id: int
    provider: str
    dispute_ref: str
    intent_no: str
    state: DisputeState
    reason: str
    """The provider's word for why."""
    amount: Money
    withdrawn_minor: int
    """What the provider took from us for it."""
    returned_minor: int
    """What of that it gave back."""
    absorbed_minor: int
    """What of that stands for refunds that we owed the payer."""
    opened_at: datetime
    due_at: datetime | None
    """Until when it is to be answered at the provider."""
    ended_at: datetime | None

    @property
    def open_minor(self) -> int:
        """What is neither back nor accounted for."""
        return self.withdrawn_minor - self.returned_minor - self.absorbed_minor


class Way(Enum):
    """How a payer gets from us to the provider."""

    ADDRESS = "address"
    """By following a link."""
    CODE = "code"
    """By reading a QR code with the provider's own app."""
    CALL = "call"
    """By calling the browser of the provider's own app, in which the page is open."""


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a payer goes on to pay: an https address, the text of a code to show, or a call's arguments as JSON."""

    way: Way
    target: str


@dataclass(frozen=True, slots=True)
class Intent:
    """A sum that one person is asked for, under one number."""

    intent_no: str
    payer_id: int
    purpose: str
    amount: Money
    provider: str
    provider_ref: str
    """The provider's own number; empty until it told us."""
    state: IntentState
    refunds_minor: int
    """Sum of all refunds asked for so far: pending, failed and succeeded."""
    created_at: datetime
    expires_at: datetime
    handed_over_at: datetime | None
    authorised_at: datetime | None
    capture_asked_at: datetime | None
    captured_at: datetime | None
    closed_at: datetime | None
    """Stays set when the money came after all."""

    @property
    def refundable_minor(self) -> int:
        """What may still be sent back."""
        return self.amount.amount_minor - self.refunds_minor if self.captured_at else 0


@dataclass(frozen=True, slots=True)
class Refund:
    """A part of a captured intent that returns to the payer, under its own number."""

    id: int
    refund_no: str
    intent_no: str
    amount: Money
    captured: Money
    """The whole of the intent that it is a part of."""
    provider: str
    charge_ref: str
    """What the provider calls the charge."""
    state: RefundState
    attempts: int
    """How often the provider answered that it failed."""
    reason: str
    """Why it failed last; empty when it never did."""
    requested_at: datetime
    next_attempt_at: datetime | None
    settled_at: datetime | None


class MismatchReason(Enum):
    """Why a report cannot be right."""

    AMOUNT = "amount"
    """Another amount or currency than the intent's or refund's."""
    PROVIDER = "provider"
    """Reported by a provider that the intent was not handed to."""
    INTENT = "intent"
    """A refund reported for another intent than its own."""
    SECOND_CHARGE = "second_charge"
    """Paid once more under another of the provider's numbers."""
    OUTCOME = "outcome"
    """A dispute that has ended is said to have ended otherwise."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something a provider reported that cannot be right; nothing was booked."""

    id: int
    what: str
    """`charge`, `refund` or `dispute`."""
    number: str
    """The intent's or the refund's number."""
    reason: MismatchReason
    provider: str
    provider_ref: str
    expected: Money
    received: Money
    noted_at: datetime


class NoticeOutcome(Enum):
    """What a notice that came to our door did."""

    SETTLED = "settled"
    """It changed how a payment or a refund stands."""
    LATE = "late"
    """It said what we had learnt otherwise, or what changes nothing any more."""
    DUPLICATE = "duplicate"
    """The same notice was taken in before."""
    MISMATCH = "mismatch"
    """It cannot be right: nothing was booked, and a `Mismatch` is kept."""
    PASSED = "passed"
    """Rightly signed, and about nothing of ours."""
    UNKNOWN = "unknown"
    """No payment or refund has its number."""
    STALE = "stale"
    """Signed too long ago, or in the future."""
    FORGED = "forged"
    """Not signed by the provider."""
    MALFORMED = "malformed"
    """Not to be read."""
    FAILED = "failed"
    """It could not be taken in, by a fault of ours; the provider sends it again."""


@dataclass(frozen=True, slots=True)
class ReceivedNotice:
    """A notice that came to our door."""

    id: int
    provider: str
    notice_id: str
    """The provider's number of it, the same at every repetition; empty when it was not believed."""
    digest: str
    """SHA-256 of its body, by which it is found in the provider's console or a log."""
    size_bytes: int
    what: str
    """`charge`, `refund` or `dispute`; empty when it was not believed, or is about nothing of ours."""
    number: str
    """The intent's or the refund's number; of a dispute the provider's."""
    said: str
    """How it says that the charge or refund stands."""
    amount: Money | None
    received_at: datetime
    outcome: NoticeOutcome | None
    """None while it is being taken in, and for good when the process that did died."""
    reason: str
    """The code of what refused it, or the name of our fault; empty when it was taken in."""
    handled_at: datetime | None


@dataclass(frozen=True, slots=True)
class SentNotice:
    """A notice of the sandbox bank on its way to us."""

    id: int
    notice_id: str
    number: str
    body: str
    attempts: int
    due_at: datetime | None
    """None when it was delivered, lost or given up."""
    delivered_at: datetime | None
    is_lost: bool
