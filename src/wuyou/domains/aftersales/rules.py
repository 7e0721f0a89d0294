"""Pure decisions of claims: deadlines, what may be asked for, and what may follow what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from wuyou.domains.aftersales import errors
from wuyou.domains.aftersales.types import ClaimDraft, ClaimKind, ClaimState
from wuyou.domains.orders.types import FulfilmentState, Order, PaymentState, RefundState
from wuyou.kernel import text as texts
from wuyou.kernel.money import round_ratio

WITHIN: Mapping[ClaimState, timedelta] = {
    ClaimState.ASKED: timedelta(hours=48),
    ClaimState.TO_SEND: timedelta(days=7),
    ClaimState.SENT: timedelta(days=10),
    ClaimState.REFUSED: timedelta(days=7),
}
"""How long each side has, before time decides: the terms that Chinese platforms use."""
MAX_TEXT, MAX_PHOTOS = 2_000, 9

_CLAIMABLE: Mapping[ClaimKind, frozenset[FulfilmentState]] = {
    ClaimKind.REFUND: frozenset({FulfilmentState.READY, FulfilmentState.SHIPPED, FulfilmentState.RECEIVED}),
    ClaimKind.RETURN: frozenset({FulfilmentState.SHIPPED, FulfilmentState.RECEIVED}),
}


def kinds_for(order: Order) -> tuple[ClaimKind, ...]:
    """What may be asked for about an order as it stands."""
    if order.payment is not PaymentState.PAID or order.refund is RefundState.FULL:
        return ()
    return tuple(kind for kind, states in _CLAIMABLE.items() if order.fulfilment in states)


def amount_of(draft: ClaimDraft, order: Order, returned: Mapping[int, int]) -> int:
    """How much a claim asks for, in the order's smallest unit.

    Two of three jars that cost 17,700 ask for 11,800, or for less where the draft says so.

    Args: returned: pieces of each line that earlier claims have given back.
    Raises: `LinesMalformed`, `AmountOutOfRange`.
    """
    by_id = {line.id: line for line in order.lines}
    if not draft.lines or len({each.order_line_id for each in draft.lines}) != len(draft.lines):
        raise errors.LinesMalformed()
    cost = 0
    for each in draft.lines:
        line = by_id.get(each.order_line_id)
        back = returned.get(each.order_line_id, 0)
        if line is None or not 0 < each.quantity <= line.quantity - line.dropped_count - back:
            raise errors.LinesMalformed()
        cost += round_ratio(line.paid_minor * each.quantity, line.quantity)
    most = min(cost, order.total_minor - order.refunded_minor)
    amount = most if draft.amount_minor is None else draft.amount_minor
    if not 0 < amount <= most:
        raise errors.AmountOutOfRange(most_minor=most)
    return amount


def clean_text(text: str, *, may_be_empty: bool = False) -> str:
    """Words as they are kept. Raises `TextMalformed`."""
    try:
        return texts.clean_lines(text, MAX_TEXT, may_be_empty=may_be_empty)
    except ValueError as error:
        raise errors.TextMalformed() from error


def check_photos(count: int) -> None:
    """Raises `TooManyPhotos`."""
    if count > MAX_PHOTOS:
        raise errors.TooManyPhotos(most=MAX_PHOTOS)
