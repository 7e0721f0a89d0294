"""Pure decisions of complaints: deadlines, words, and what may follow what."""

from __future__ import annotations

from datetime import datetime, timedelta

from wuyou.domains.complaints import errors
from wuyou.domains.complaints.types import ComplaintState, Side, StepKind
from wuyou.domains.orders.types import FulfilmentState, Order, PaymentState, RefundState
from wuyou.kernel import text as texts

ANSWER_WITHIN = timedelta(hours=48)
OBJECT_WITHIN = timedelta(days=7)
"""How long a buyer may say that an answer solves nothing."""
COMPLAIN_WITHIN = timedelta(days=180)
MAX_TEXT, MAX_PHOTOS = 2_000, 9

_COMPLAINABLE = frozenset(
    {FulfilmentState.READY, FulfilmentState.SHIPPED, FulfilmentState.RECEIVED, FulfilmentState.COMPLETED}
)


def is_complainable(order: Order, now: datetime) -> bool:
    """Whether there is something to complain about: paid, the shop's to send, not wholly given back, not too old."""
    return (
        order.payment is PaymentState.PAID
        and order.fulfilment in _COMPLAINABLE
        and order.refund is not RefundState.FULL
        and order.paid_at is not None
        and now <= order.paid_at + COMPLAIN_WITHIN
    )


def clean_text(text: str) -> str:
    """Words as they are kept. Raises `TextMalformed`."""
    try:
        return texts.clean_lines(text, MAX_TEXT)
    except ValueError as error:
        raise errors.TextMalformed() from error


def check_photos(count: int) -> None:
    """Raises `TooManyPhotos`."""
    if count > MAX_PHOTOS:
        raise errors.TooManyPhotos(most=MAX_PHOTOS)


def after_words(state: ComplaintState, side: Side) -> tuple[ComplaintState, StepKind]:
    """What words of one side make of a running complaint: the seller's first are the answer.

    Raises: `WrongState` when it has ended.
    """
    if state is ComplaintState.OPEN and side is Side.SELLER:
        return ComplaintState.ANSWERED, StepKind.ANSWERED
    if state in (ComplaintState.OPEN, ComplaintState.ANSWERED, ComplaintState.WITH_STAFF):
        return state, StepKind.SAID
    raise errors.WrongState(state=state.value)
