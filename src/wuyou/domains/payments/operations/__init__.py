"""Every write of payments, by noun. Rows are locked in this order: intent, refund, ledger."""

from wuyou.domains.payments.operations.bills import look_again, note_bill, resolve_discrepancy, take_bill
from wuyou.domains.payments.operations.charging import (
    apply_charge,
    claim_look,
    close_intent,
    hand_over,
    open_intent,
    request_capture,
)
from wuyou.domains.payments.operations.disputes import apply_dispute
from wuyou.domains.payments.operations.noticing import (
    apply_notice,
    forget_old_notices,
    keep_notice,
    keep_refused_notice,
    note_notice_failed,
)
from wuyou.domains.payments.operations.refunding import apply_refund, request_refund, retry_refund

__all__ = [
    "apply_charge",
    "apply_dispute",
    "apply_notice",
    "apply_refund",
    "claim_look",
    "close_intent",
    "forget_old_notices",
    "hand_over",
    "keep_notice",
    "keep_refused_notice",
    "look_again",
    "note_bill",
    "note_notice_failed",
    "open_intent",
    "request_capture",
    "request_refund",
    "resolve_discrepancy",
    "retry_refund",
    "take_bill",
]
