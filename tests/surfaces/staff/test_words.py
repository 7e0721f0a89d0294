"""Every state has its word."""

from __future__ import annotations

import pytest

from wuyou.domains.alliance.types import CommissionState, PartyRole
from wuyou.domains.groupbuy.types import SeatState, TeamState
from wuyou.domains.orders.types import FulfilmentState, OrderKind, PaymentState
from wuyou.domains.orders.types import RefundState as OrderRefundState
from wuyou.domains.payments.types import DisputeState, IntentState, MismatchReason, NoticeOutcome, RefundState
from wuyou.infra.event_log import LetterState
from wuyou.surfaces.staff import words


@pytest.mark.parametrize(
    ("table", "states"),
    [
        (words.TEAM, TeamState),
        (words.SEAT, SeatState),
        (words.ORDER_KIND, OrderKind),
        (words.PAYMENT, PaymentState),
        (words.FULFILMENT, FulfilmentState),
        (words.ORDER_REFUND, OrderRefundState),
        (words.INTENT, IntentState),
        (words.REFUND, RefundState),
        (words.MISMATCH, MismatchReason),
        (words.DISPUTE, DisputeState),
        (words.NOTICE, NoticeOutcome),
        (words.NOTICE_MEANS, NoticeOutcome),
        (words.COMMISSION, CommissionState),
        (words.ROLE, PartyRole),
        (words.LETTER, LetterState),
    ],
)
def test_every_state_has_its_word(table: dict[object, object], states: type) -> None:
    assert set(table) == set(states)  # type: ignore[call-overload]  (an enum's class lists its members)


def test_an_unknown_kind_or_reason_shows_as_it_is() -> None:
    assert words.journal("adjust") == "adjust"
    assert words.reason("瓶盖漏了") == "瓶盖漏了"
