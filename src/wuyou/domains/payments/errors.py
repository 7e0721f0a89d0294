"""What payments refuse. Every refusal leaves everything as it was."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class IntentNotFound(DomainError):
    """No intent has this number."""

    code = "payments.intent_not_found"
    kind = ErrorKind.NOT_FOUND


class IntentNumberReused(DomainError):
    """The number belongs to an intent of another payer, amount, purpose or provider."""

    code = "payments.intent_number_reused"
    kind = ErrorKind.CONFLICT


class IntentNotOpen(DomainError):
    """The intent is already paid or closed."""

    code = "payments.intent_not_open"
    kind = ErrorKind.CONFLICT


class IntentHandedOver(DomainError):
    """The payer was sent to another provider before, where it may be paid yet; `provider` names it."""

    code = "payments.intent_handed_over"
    kind = ErrorKind.CONFLICT


class AmountNotPositive(DomainError):
    """Nobody is charged or refunded nothing."""

    code = "payments.amount_not_positive"


class NumberMalformed(DomainError):
    """Intent and refund numbers are 1 to 64 letters, digits, dots, dashes, colons or underscores."""

    code = "payments.number_malformed"


class RefundNotFound(DomainError):
    """No refund has this number."""

    code = "payments.refund_not_found"
    kind = ErrorKind.NOT_FOUND


class RefundNumberReused(DomainError):
    """The number belongs to a refund of another intent or amount."""

    code = "payments.refund_number_reused"
    kind = ErrorKind.CONFLICT


class RefundExceedsCapture(DomainError):
    """More than was captured would go back; `refundable_minor` is what is left (0 when nothing was captured)."""

    code = "payments.refund_exceeds_capture"
    kind = ErrorKind.CONFLICT


class RefundNotFailed(DomainError):
    """Only a refund that was given up can be tried again by hand."""

    code = "payments.refund_not_failed"
    kind = ErrorKind.CONFLICT


class ProviderUnknown(DomainError):
    """No payment provider has this name."""

    code = "payments.provider_unknown"
    kind = ErrorKind.NOT_FOUND


class ProviderRefused(DomainError):
    """The provider says that this can never be, such as another amount under the number; `reason` tells."""

    code = "payments.provider_refused"
    kind = ErrorKind.CONFLICT


class ProviderUnavailable(DomainError):
    """No answer came. It may have happened or not: ask with `query_charge` or send the same number again."""

    code = "payments.provider_unavailable"
    kind = ErrorKind.UNAVAILABLE


class BillNotReady(DomainError):
    """The provider has no bill of that day yet, or nothing was paid on it."""

    code = "payments.bill_not_ready"
    kind = ErrorKind.UNAVAILABLE


class BillMalformed(DomainError):
    """What came is not a whole bill as the provider made it. Facts: reason."""

    code = "payments.bill_malformed"


class DiscrepancyNotFound(DomainError):
    """There is no such discrepancy."""

    code = "payments.discrepancy_not_found"
    kind = ErrorKind.NOT_FOUND


class DiscrepancyResolved(DomainError):
    """It was resolved before."""

    code = "payments.discrepancy_resolved"
    kind = ErrorKind.CONFLICT


class ResolutionMissing(DomainError):
    """Who resolves a discrepancy says why, in 1 to 500 characters."""

    code = "payments.resolution_missing"


class StaffOnly(DomainError):
    """Staff alone resolve discrepancies."""

    code = "payments.staff_only"
    kind = ErrorKind.FORBIDDEN


class DisputeNotFound(DomainError):
    """There is no such dispute."""

    code = "payments.dispute_not_found"
    kind = ErrorKind.NOT_FOUND


class NoticeNotFound(DomainError):
    """No notice has this number, or it is older than they are kept."""

    code = "payments.notice_not_found"
    kind = ErrorKind.NOT_FOUND


class NoticeForged(DomainError):
    """The signature is not the provider's."""

    code = "payments.notice_forged"
    kind = ErrorKind.FORBIDDEN


class NoticeStale(DomainError):
    """Signed too long ago, or in the future: somebody may be repeating what he overheard."""

    code = "payments.notice_stale"
    kind = ErrorKind.FORBIDDEN


class NoticeMalformed(DomainError):
    """Rightly signed, and yet not a notice."""

    code = "payments.notice_malformed"
