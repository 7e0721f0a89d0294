"""What crosses the ledger's boundary: names of accounts, drafts going in, facts coming out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

from wuyou.domains.ledger.errors import MalformedAccount
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import Page

MAX_OWNER_LENGTH = 100
PAYOUT_KIND = "payout"
"""Journals of payouts, one a `Payout`; only `statements.record_payout` books them."""
PAYOUT_RETURN_KIND = "payout_return"
"""Journals of payouts that came back, one a payout."""
WRITE_OFF_KIND = "write_off"
"""Journals by which the platform takes a payee's debt upon itself."""
CLAWBACK_KIND = "unsettle"
"""Journals whose kind starts so take back what was settled; only they explain a promoter below zero."""


class Side(Enum):
    """The side on which an account grows."""

    DEBIT = "debit"
    CREDIT = "credit"


class AccountKind(Enum):
    """The chart of accounts; the value is the first part of an account's code."""

    CLEARING = "clearing"
    """Asset: what a payment provider holds for us. Owner: the provider's name."""
    BUYERS_HELD = "buyers_held"
    """Liability: paid, and not yet released to the shop (the team is still forming)."""
    MERCHANT_ESCROW = "merchant_escrow"
    """Liability: released to the shop, not yet settled. Owner `shop:<id>`. Never below zero."""
    MERCHANT_PAYABLE = "merchant_payable"
    """Liability: settled and owed to the shop. Owner `shop:<id>`. Below zero after a refund of something settled."""
    PROMOTER_PAYABLE = "promoter_payable"
    """Liability: owed to a publisher, tool provider, recruiter. Owner `publisher:<id>`. Below zero by clawback only."""
    PLATFORM_REVENUE = "platform_revenue"
    """Income of the platform."""
    REFUNDS_DUE = "refunds_due"
    """Liability: promised to buyers, not yet returned by the provider."""
    PROMOTION_FUND = "promotion_fund"
    """Liability: set aside for a red packet, not paid out yet. Owner `packet:<id>`. Never below zero."""
    PROVIDER_FEES = "provider_fees"
    """Expense: what payment providers keep for their service, as their bills say. Owner: the provider's name."""
    DISPUTED = "disputed"
    """Asset: what a provider took back because a payer's bank disputes it, undecided. Owner: the provider's name."""

    @property
    def side(self) -> Side:
        """The side on which it grows; its balance is that side's sum less the other's."""
        is_debit = self in (AccountKind.CLEARING, AccountKind.DISPUTED, AccountKind.PROVIDER_FEES)
        return Side.DEBIT if is_debit else Side.CREDIT

    @property
    def is_owned(self) -> bool:
        """Whether there is one account an owner, rather than one for the platform."""
        return self not in (AccountKind.BUYERS_HELD, AccountKind.PLATFORM_REVENUE, AccountKind.REFUNDS_DUE)

    @property
    def is_summed(self) -> bool:
        """Hot: never updated when booking; its balance is a checkpoint and the sum of what came since."""
        return self is AccountKind.CLEARING or not self.is_owned

    @property
    def is_payable(self) -> bool:
        """Whether payouts are made from it."""
        return self in (AccountKind.MERCHANT_PAYABLE, AccountKind.PROMOTER_PAYABLE)

    @property
    def may_go_negative(self) -> bool:
        """Whether a balance below zero has a meaning; where it has none, a constraint refuses it.

        A promoter's has one after a clawback only: `operations.post` refuses to take it there otherwise.
        """
        return self not in (AccountKind.MERCHANT_ESCROW, AccountKind.PROMOTION_FUND, AccountKind.DISPUTED)


@dataclass(frozen=True, slots=True)
class AccountRef:
    """The name of an account; the account itself is opened by the first booking.

    Raises: `MalformedAccount` when the owner does not fit the kind.
    """

    kind: AccountKind = field(compare=False)
    owner: str = field(compare=False)
    currency: Currency = field(compare=False)
    code: str = field(init=False, repr=False)
    """`merchant_escrow/shop:12/CNY`; `buyers_held/CNY` where the platform owns it. Nothing else is compared."""

    def __post_init__(self) -> None:
        fits = bool(self.owner) is self.kind.is_owned and len(self.owner) <= MAX_OWNER_LENGTH
        if not fits or "/" in self.owner or not self.owner.isprintable():
            raise MalformedAccount(kind=self.kind.value, owner=self.owner)
        middle = f"/{self.owner}/" if self.owner else "/"
        object.__setattr__(self, "code", f"{self.kind.value}{middle}{self.currency.code}")

    @classmethod
    def parse(cls, code: str) -> AccountRef:
        """The name behind a code. Raises: `MalformedAccount`."""
        kind, *owner, currency = code.split("/") if code.count("/") in (1, 2) else ("", "")
        try:
            return cls(AccountKind(kind), "".join(owner), Currency(currency))
        except ValueError as error:
            raise MalformedAccount(code=code) from error


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """`amount_minor` (> 0) is debited to one account and credited to another of the same currency."""

    debit: AccountRef
    credit: AccountRef
    amount_minor: int
    kind: str


@dataclass(frozen=True, slots=True)
class ReasonDraft:
    """Why an account of somebody who is paid changes by so much: `formula` of `inputs` gives `amount_minor`.

    `source` says of what this is a part, once in a journal and account: `conversion:12:PUBLISHER`, `order:W1`.
    Formulas are those of `engines.statements`; what they say, everybody can compute again.
    """

    account: AccountRef
    source: str
    formula: str
    inputs: Mapping[str, Any]
    amount_minor: int
    """Below zero when it takes away."""


@dataclass(frozen=True, slots=True)
class JournalDraft:
    """Transfers that are booked together or not at all; their order has no meaning.

    `key` names the fact that is booked (`capture:W1`), for good: the same key with the same contents is a replay.
    `occurred_at` is when the fact came true; it is not part of what is compared, so that a fact heard of twice, at two
    moments, is still one fact. No more are the `reasons`: they say why, and move nothing.
    """

    key: str
    kind: str
    source_ref: str
    occurred_at: datetime
    transfers: tuple[TransferDraft, ...]
    reasons: tuple[ReasonDraft, ...] = ()
    """Of accounts that payouts are made from. One that is moved and has none gets its transfers for a reason."""


@dataclass(frozen=True, slots=True)
class PostedJournal:
    """A journal in the books; `was_replayed` when it stood there before this call."""

    id: int
    key: str
    was_replayed: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """An amount (> 0) that was debited to one account and credited to another."""

    id: int
    debit: AccountRef
    credit: AccountRef
    amount: Money
    kind: str


@dataclass(frozen=True, slots=True)
class Journal:
    """Transfers that were booked together, as they stand in the books."""

    id: int
    key: str
    kind: str
    source_ref: str
    occurred_at: datetime
    posted_at: datetime
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it stands: everything ever debited and credited, and the balance on its own side."""

    id: int
    ref: AccountRef
    debits_minor: int
    credits_minor: int
    opened_at: datetime

    @property
    def balance(self) -> Money:
        """Positive on the account's own side."""
        grown, shrunk = self.debits_minor, self.credits_minor
        if self.ref.kind.side is Side.CREDIT:
            grown, shrunk = shrunk, grown
        return Money(grown - shrunk, self.ref.currency)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One transfer as one of its two accounts sees it."""

    transfer_id: int
    posted_at: datetime
    occurred_at: datetime
    journal_key: str
    journal_kind: str
    source_ref: str
    kind: str
    counter_account: str
    """Code of the account on the other side."""
    delta_minor: int
    """What it added to the balance; negative when it took away."""
    balance_minor: int
    """The balance after this line."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One account over a period: `opening` + all deltas = `closing`, whichever page of the lines this is."""

    ref: AccountRef
    from_: datetime | None
    until: datetime | None
    opening: Money
    closing: Money
    line_count: int
    lines: Page[StatementLine]


@dataclass(frozen=True, slots=True)
class InvariantCheck:
    """One promise of the books, proven from the rows. A proof that looked at nothing proves nothing."""

    name: str
    unit: str
    """What was looked at, one by one: accounts, journals, transfers."""
    checked_count: int
    breach_count: int
    examples: tuple[str, ...] = ()
    """The first few breaches, in words."""

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to look at, as on a young installation: neither proven nor broken."""
        return self.checked_count == 0 and self.breach_count == 0

    @property
    def holds(self) -> bool:
        return self.checked_count > 0 and self.breach_count == 0


@dataclass(frozen=True, slots=True)
class Payout:
    """Money sent to somebody it was owed to."""

    payout_no: str
    account: AccountRef
    amount: Money
    provider: str
    journal_id: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Turnover:
    """What moved from accounts of one kind to accounts of another, by journals of one kind."""

    journal_kind: str
    debit_kind: AccountKind
    credit_kind: AccountKind
    currency: Currency
    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ClosedStatement:
    """One month of one account, closed for good; `statements.find_document` has its lines and its proof."""

    id: int
    number: str
    account: AccountRef
    month: date
    """The first day of the month, in the business zone."""
    opening: Money
    closing: Money
    line_count: int
    hash: str
    key_id: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key that statements were signed with."""

    key_id: str
    public_key: str
    """Its 32 bytes as base64url."""
    since: datetime
    is_current: bool


class PayoutState(Enum):
    """Where a line of a payout batch is."""

    DUE = "DUE"
    """To be sent; nothing is booked."""
    SENT = "SENT"
    """Left the payee's account, and was or will be handed to the provider under its number."""
    PAID = "PAID"
    FAILED = "FAILED"
    """Not paid; the money is back on the payee's account, once."""
    SKIPPED = "SKIPPED"
    """Not sent, and why; nothing was booked."""


class SkipReason(Enum):
    """Why a line was not sent."""

    BELOW_ZERO = "below_zero"
    """More was taken back than is owed: later earnings come up for it."""
    BELOW_MINIMUM = "below_minimum"
    NO_PAYEE = "no_payee"
    """Nobody said where to pay."""
    HELD = "held"
    BALANCE_GONE = "balance_gone"
    """Less stood on the account when it was to be sent than when the batch was made."""


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """One try to pay one account what a closed month owes it; another try is another line."""

    id: int
    number: str
    """Of the payout, for us and for the provider: one number pays once."""
    batch_number: str
    account: AccountRef
    amount: Money
    state: PayoutState
    why: str
    """A `SkipReason`, or the provider's word for a failure; else empty."""
    made_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    was_retried: bool


@dataclass(frozen=True, slots=True)
class PayoutBatch:
    """What a closed month owes in one currency, account by account."""

    id: int
    number: str
    month: date
    currency: Currency
    made_at: datetime
    counts: Mapping[PayoutState, int]
    sums: Mapping[PayoutState, Money]

    @property
    def total(self) -> Money:
        """What left the books and did not come back."""
        return self.sums[PayoutState.SENT] + self.sums[PayoutState.PAID]


@dataclass(frozen=True, slots=True)
class Payee:
    """Where an owner of payable accounts wants to be paid."""

    owner: str
    provider: str
    reference: str
    named_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing is paid out of an account while it stands."""

    account: AccountRef
    reason: str
    held_by: int
    held_at: datetime


class WriteOffState(Enum):
    """Where the forgiving of a debt is."""

    ASKED = "ASKED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class WriteOff:
    """A debt of a payee that the platform takes upon itself, once a second person agrees."""

    number: str
    account: AccountRef
    amount: Money
    reason: str
    asked_by: int
    asked_at: datetime
    state: WriteOffState
    decided_by: int | None
    decided_at: datetime | None
