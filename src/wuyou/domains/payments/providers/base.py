"""The port that every payment provider fits, and the facts that come through it.

One verb begins a charge. Some providers take the money at once; with most of them the payer goes on elsewhere, to an
address or by reading a code, and we hear later. A driver is a translator: it keeps no state of ours, opens no
transaction of ours, and answers with these facts only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from wuyou.domains.payments.types import BillKind, ChargeState, DisputeState, Onward, RefundState
from wuyou.kernel.money import Currency, Money


@dataclass(frozen=True, slots=True)
class Bill:
    """What a payer is asked for, and what a provider wants to know of it."""

    intent_no: str
    amount: Money
    subject: str
    """What the payer reads beside the sum; always the same for one number, whatever the language of the page."""
    payable_until: datetime
    """From then on the provider shall take nothing any more."""
    return_url: str
    """Where the payer comes back to, whatever became of it."""
    is_on_phone: bool
    payer_ip: str
    payer_ref: str = ""
    """Who pays, as the app in which they pay has told the provider and us; kept nowhere."""


@dataclass(frozen=True, slots=True)
class ChargeResult:
    """What a provider says of the charge under one intent number; a charge keeps its `provider_ref` for good."""

    provider: str
    intent_no: str
    provider_ref: str
    state: ChargeState
    amount: Money
    at: datetime
    """When it became so, by the provider's clock."""
    onward: Onward | None = None
    """Where the payer goes on to pay a PENDING charge; told by `begin` alone."""
    payment_ref: str = ""
    """What the provider calls the payment itself, where it tells of disputes by that."""


@dataclass(frozen=True, slots=True)
class RefundResult:
    """What a provider says of the refund under one refund number; `reason` is its word for a failure, else empty."""

    provider: str
    refund_no: str
    intent_no: str
    provider_ref: str
    state: RefundState
    reason: str
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class DisputeResult:
    """What a provider says of a payment that its payer's bank asks back. What it took and gave back only ever grows."""

    provider: str
    dispute_ref: str
    payment_ref: str
    """What the provider calls the payment, as `ChargeResult.payment_ref`."""
    state: DisputeState
    reason: str
    amount: Money
    withdrawn_minor: int
    returned_minor: int
    due_at: datetime | None
    at: datetime
    """When the bank asked."""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a provider's bill of a day."""

    line_ref: str
    """What the provider calls it: no two lines of it share one, on any day."""
    kind: BillKind
    number: str
    """The number of our intent or refund, or the provider's of a dispute; empty when it names none."""
    amount: Money
    """What moved, whichever way."""
    fee: int
    """What the provider keeps for it, in the smallest unit of `fee_currency`; below zero when it gives a fee back."""
    fee_currency: Currency
    at: datetime
    said: str = ""
    """The provider's word for what it is."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a provider told us unasked, its signature checked; the id is the same at every repetition."""

    notice_id: str
    result: ChargeResult | RefundResult | DisputeResult | None
    """None: rightly told, and about nothing of ours."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider wants to read after a notice."""

    content_type: str
    text: str


class PayerNaming(Protocol):
    """How an app that payers pay in names them to us: its page sends them back with a code, and the code is asked."""

    def page(self, *, return_url: str, state: str) -> str:
        """Where the payer is named; `state` comes back beside the `code`."""
        ...

    def ref(self, *, code: str) -> str:
        """Whom a code names, for `Bill.payer_ref`. Raises: `ProviderRefused`, `ProviderUnavailable`."""
        ...


class PaymentProvider(Protocol):
    """A payment provider.

    Everything but `read_notice` and `reply` may talk to a network: never call it inside a transaction. Every verb is
    idempotent by its number, so that whoever got no answer sends the same again. `provider_ref` is what the provider
    called the charge when it first spoke of it, empty when it never did.

    Raises (all verbs): `ProviderUnavailable` when no answer came (it may have happened), `ProviderRefused` when it
    can never be.
    """

    @property
    def name(self) -> str:
        """The name under which intents, webhooks and clearing accounts know it."""
        ...

    @property
    def currencies(self) -> frozenset[Currency]:
        """What it takes."""
        ...

    @property
    def naming(self) -> PayerNaming | None:
        """How a payer inside its app is named before `begin`; None of those who ask nobody for a name."""
        ...

    def begin(self, *, bill: Bill, now: datetime) -> ChargeResult:
        """Have the payer pay: at once, or onward from here, and then the answer is PENDING and says where."""
        ...

    def capture(self, *, intent_no: str, amount: Money, now: datetime) -> ChargeResult:
        """Take what is held; the whole of it. Refused by those who hold nothing."""
        ...

    def void(
        self, *, intent_no: str, provider_ref: str, amount: Money, payable_until: datetime, now: datetime
    ) -> ChargeResult:
        """Give the number up: what is held goes free, and nothing can be paid under it any more.

        What was captured before stays captured, and the answer says so. PENDING when it cannot be shut yet.
        """
        ...

    def refund(
        self, *, refund_no: str, intent_no: str, provider_ref: str, amount: Money, captured: Money, now: datetime
    ) -> RefundResult:
        """Send a part of what was `captured` back; one that failed before is tried again under its number."""
        ...

    def query_charge(self, *, intent_no: str, provider_ref: str, now: datetime) -> ChargeResult | None:
        """What became of a charge; None when the provider never heard of it."""
        ...

    def query_refund(self, *, refund_no: str, intent_no: str, provider_ref: str, now: datetime) -> RefundResult | None:
        """What became of a refund; None when the provider never heard of it."""
        ...

    def list_disputes(self, *, since: datetime, now: datetime) -> Sequence[DisputeResult]:
        """Every dispute that began since a moment, as it stands; none from those whose disputes move no money."""
        ...

    def fetch_bill(self, *, day: date, now: datetime) -> Sequence[BillLine]:
        """All lines of the bill of a business day that is over; none of what failed.

        Raises: `BillNotReady` while there is none (also for a day without a payment), `BillMalformed` when what came
        is not the whole bill as the provider made it, `ProviderUnavailable`.
        """
        ...

    def read_notice(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Notice:
        """Check a notice's signature and age, and read it. Network-free.

        Args: `headers` as the request carried them, found without regard to case.

        Raises: `NoticeForged`, `NoticeStale`, `NoticeMalformed`.
        """
        ...

    def reply(self, refusal: str) -> Reply:
        """What to answer a notice with. Args: `refusal` is the code of the error, empty when it was taken in."""
        ...
