"""The words that staff read for states, reasons and accounts."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wuyou.domains.alliance.types import CommissionState, PartyRole
from wuyou.domains.groupbuy.types import SeatState, TeamState
from wuyou.domains.ledger.types import AccountKind
from wuyou.domains.orders.types import FulfilmentState, Order, OrderKind, PaymentState
from wuyou.domains.orders.types import RefundState as OrderRefundState
from wuyou.domains.payments.types import (
    BillState,
    DiscrepancyReason,
    DisputeState,
    IntentState,
    MismatchReason,
    NoticeOutcome,
    RefundState,
)
from wuyou.infra.event_log import LetterState
from wuyou.surfaces.ui import parts

Word = tuple[str | Promise, parts.Tone]

TEAM: Final[dict[TeamState, Word]] = {
    TeamState.FORMING: (_("Forming"), "amber"),
    TeamState.FORMED: (_("Formed"), "jade"),
    TeamState.EXPIRED: (_("Expired"), "plain"),
    TeamState.CANCELLED: (_("Dissolved"), "plain"),
}
SEAT: Final[dict[SeatState, Word]] = {
    SeatState.HELD: (_("To be paid"), "amber"),
    SeatState.PAID: (_("Paid"), "jade"),
    SeatState.CONFIRMED: (_("Confirmed"), "jade"),
    SeatState.RELEASED: (_("Not paid in time"), "plain"),
    SeatState.REFUND_DUE: (_("Being refunded"), "amber"),
    SeatState.REFUNDED: (_("Refunded"), "plain"),
}
ORDER_KIND: Final[dict[OrderKind, str | Promise]] = {
    OrderKind.ALONE: _("Alone"),
    OrderKind.TEAM: _("In a team"),
}
PAYMENT: Final[dict[PaymentState, Word]] = {
    PaymentState.UNPAID: (_("Unpaid"), "amber"),
    PaymentState.PAID: (_("Paid"), "jade"),
    PaymentState.CLOSED: (_("Closed unpaid"), "plain"),
}
FULFILMENT: Final[dict[FulfilmentState, Word]] = {
    FulfilmentState.HELD: (_("Waiting for its team"), "amber"),
    FulfilmentState.READY: (_("To be sent"), "accent"),
    FulfilmentState.SHIPPED: (_("On its way"), "plain"),
    FulfilmentState.RECEIVED: (_("Received"), "jade"),
    FulfilmentState.COMPLETED: (_("Completed"), "jade"),
    FulfilmentState.CANCELLED: (_("Cancelled"), "plain"),
}
ORDER_REFUND: Final[dict[OrderRefundState, Word]] = {
    OrderRefundState.NONE: (_("Nothing refunded"), "plain"),
    OrderRefundState.PARTIAL: (_("Refunded in part"), "amber"),
    OrderRefundState.FULL: (_("Refunded in full"), "plain"),
}
INTENT: Final[dict[IntentState, Word]] = {
    IntentState.CREATED: (_("Not paid yet"), "amber"),
    IntentState.AUTHORISED: (_("Authorised"), "amber"),
    IntentState.CAPTURED: (_("Captured"), "jade"),
    IntentState.CLOSED: (_("Given up"), "plain"),
}
REFUND: Final[dict[RefundState, Word]] = {
    RefundState.PENDING: (_("Money on its way"), "amber"),
    RefundState.SUCCEEDED: (_("Money returned"), "jade"),
    RefundState.FAILED: (_("Failed"), "accent"),
}
MISMATCH: Final[dict[MismatchReason, str | Promise]] = {
    MismatchReason.AMOUNT: _("Another amount than asked for"),
    MismatchReason.PROVIDER: _("Another provider than asked"),
    MismatchReason.INTENT: _("A refund of another payment"),
    MismatchReason.SECOND_CHARGE: _("Paid a second time"),
    MismatchReason.OUTCOME: _("A dispute that ended otherwise before"),
}
DISCREPANCY: Final[dict[DiscrepancyReason, str | Promise]] = {
    DiscrepancyReason.MISSING_HERE: _("Billed, and unknown here"),
    DiscrepancyReason.MISSING_THERE: _("Done here, and in no bill"),
    DiscrepancyReason.AMOUNT: _("Another sum"),
    DiscrepancyReason.STATE: _("Billed as done, and not done here"),
    DiscrepancyReason.UNKNOWN_LINE: _("A line of a kind that we do not know"),
}
BILL: Final[dict[BillState, Word]] = {
    BillState.WAITING: (_("Not there yet"), "plain"),
    BillState.REFUSED: (_("Cannot be read"), "accent"),
    BillState.READ: (_("Read"), "jade"),
}
NOTICE: Final[dict[NoticeOutcome, Word]] = {
    NoticeOutcome.SETTLED: (_("Taken in"), "jade"),
    NoticeOutcome.LATE: (_("No news in it"), "plain"),
    NoticeOutcome.DUPLICATE: (_("Heard before"), "plain"),
    NoticeOutcome.MISMATCH: (_("Cannot be right"), "accent"),
    NoticeOutcome.PASSED: (_("Not about us"), "plain"),
    NoticeOutcome.UNKNOWN: (_("Unknown number"), "amber"),
    NoticeOutcome.STALE: (_("Too old"), "amber"),
    NoticeOutcome.FORGED: (_("Not signed"), "amber"),
    NoticeOutcome.MALFORMED: (_("Not to be read"), "amber"),
    NoticeOutcome.FAILED: (_("Failed here"), "accent"),
}
NOTICE_MEANS: Final[dict[NoticeOutcome, str | Promise]] = {
    NoticeOutcome.SETTLED: _("It changed how this payment or refund stands."),
    NoticeOutcome.LATE: _("We had learnt this otherwise, by asking or by the answer at the time."),
    NoticeOutcome.DUPLICATE: _("The provider sent the same notice before, and it was taken in then."),
    NoticeOutcome.MISMATCH: _("Nothing was booked. Compare both sums under Mismatches, then ask the provider."),
    NoticeOutcome.PASSED: _("Rightly signed, and about something that the same account is used for elsewhere."),
    NoticeOutcome.UNKNOWN: _("No payment or refund of ours has this number. The provider repeats it for a while."),
    NoticeOutcome.STALE: _(
        "Its signature was too old. Somebody may be repeating what they overheard, or a clock is wrong."
    ),
    NoticeOutcome.FORGED: _("Its signature is not the provider’s. Nothing in it was believed, and nothing was done."),
    NoticeOutcome.MALFORMED: _("Its content is not that of a notice. Nothing was done."),
    NoticeOutcome.FAILED: _("A fault of ours kept it from being taken in. It is undone; the provider sends it again."),
}
"""What staff read of a notice's outcome."""
PROVIDER: Final[dict[str, str | Promise]] = {
    "alipay": _("Alipay"),
    "wechat_pay": _("WeChat Pay"),
    "stripe": "Stripe",
    "sandbox": _("Sandbox bank"),
}
DISPUTE: Final[dict[DisputeState, Word]] = {
    DisputeState.INQUIRY: (_("Bank inquires"), "amber"),
    DisputeState.OPEN: (_("Money taken back"), "accent"),
    DisputeState.WON: (_("Won"), "jade"),
    DisputeState.LOST: (_("Lost"), "plain"),
    DisputeState.DROPPED: (_("Inquiry ended"), "plain"),
}
COMMISSION: Final[dict[CommissionState, Word]] = {
    CommissionState.ESTIMATED: (_("Estimated"), "plain"),
    CommissionState.CONFIRMED: (_("Confirmed"), "amber"),
    CommissionState.SETTLED: (_("Settled"), "jade"),
    CommissionState.INVALID: (_("Void"), "plain"),
}
ROLE: Final[dict[PartyRole, str | Promise]] = {
    PartyRole.PUBLISHER: _("Publisher"),
    PartyRole.THIRD: _("Third party"),
    PartyRole.PARTNER: _("Tool maker"),
    PartyRole.PLATFORM: _("Platform"),
    PartyRole.RECRUITER: _("Recruiter"),
    PartyRole.SPECIAL: _("Special service"),
    PartyRole.SUBSIDY: _("Subsidy"),
    PartyRole.THIRD_SUBSIDY: _("Subsidy of the third party"),
}
LETTER: Final[dict[LetterState, Word]] = {
    LetterState.DEAD: (_("Needs you"), "accent"),
    LetterState.TRYING: (_("Being retried"), "amber"),
    LetterState.HANDLED: (_("Handled"), "jade"),
}
ACCOUNT: Final[dict[AccountKind, tuple[str | Promise, str | Promise]]] = {
    AccountKind.CLEARING: (
        _("At providers"),
        _("What payment providers hold for us: captured, less what was refunded, paid out and disputed."),
    ),
    AccountKind.BUYERS_HELD: (
        _("Held for buyers"),
        _("Paid orders that are not yet released to the shop, because their team is still forming."),
    ),
    AccountKind.MERCHANT_ESCROW: (
        _("In escrow"),
        _("Released to shops and not yet settled: on the way, or still within the return window."),
    ),
    AccountKind.MERCHANT_PAYABLE: (
        _("Owed to shops"),
        _("Settled and not yet paid out. Below zero when goods were refunded after the payout."),
    ),
    AccountKind.PROMOTER_PAYABLE: (
        _("Owed to promoters"),
        _("Settled commission of publishers, tool makers and recruiters, not yet paid out."),
    ),
    AccountKind.PLATFORM_REVENUE: (
        _("Platform revenue"),
        _("The platform's part of settled commissions, less what refunds took back."),
    ),
    AccountKind.REFUNDS_DUE: (
        _("Refunds due"),
        _("Promised to buyers and not yet returned by the payment provider."),
    ),
    AccountKind.DISPUTED: (
        _("Disputed"),
        _("Taken back by providers because payers’ banks dispute it, and not decided yet."),
    ),
    AccountKind.PROVIDER_FEES: (
        _("Providers’ fees"),
        _("What payment providers keep for their service, as their daily bills say."),
    ),
    AccountKind.PROMOTION_FUND: (
        _("Set aside for red packets"),
        _("What running red packets may still pay for buyers; what is left of one comes back to who gave it."),
    ),
}
"""What a kind of account is called, and exactly what it holds."""
JOURNAL: Final[dict[str, str | Promise]] = {
    "capture": _("Payment captured"),
    "release": _("Released to the shop"),
    "refund": _("Refund promised"),
    "refunded": _("Refund returned"),
    "settle": _("Order settled"),
    "unsettle": _("Settlement taken back"),
    "payout": _("Paid out"),
    "payout_return": _("Payout that came back"),
    "write_off": _("Debt written off"),
    "disputed": _("Disputed by the payer’s bank"),
    "dispute_returned": _("Dispute won"),
    "provider_fee": _("A provider’s fee"),
}
"""Kinds of journals and transfers; one that is not here shows as it is."""


_REASONS: Final[dict[str, str | Promise]] = {
    "charged_back": _("The buyer’s bank took it back"),
    "team_expired": _("The team did not fill in time"),
    "team_cancelled": _("The team was dissolved"),
    "out_of_stock": _("Sold out when the payment came"),
    "team_missed": _("Paid too late for the team"),
}


def chip(word: Word, icon: str = "") -> parts.Chip:
    """A state as a chip."""
    text, tone = word
    return parts.Chip(str(text), tone, icon)


def fulfilment(order: Order) -> parts.Chip:
    """How far the goods are; an order that is not paid has not begun."""
    if order.fulfilment is FulfilmentState.HELD and order.payment is PaymentState.UNPAID:
        return parts.Chip(str(_("Not begun")))
    return chip(FULFILMENT[order.fulfilment])


def provider(name: str) -> str:
    """What a payment provider is called."""
    return str(PROVIDER.get(name, name))


def journal(kind: str) -> str:
    """What a kind of journal is called."""
    return str(JOURNAL.get(kind, kind))


def reason(code: str) -> str:
    """Why money goes back; a reason that a person wrote shows as it is."""
    return str(_REASONS.get(code, code))
