"""What teams do when orders speak."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.groupbuy import operations, telling
from wuyou.domains.groupbuy.events import TeamFormed
from wuyou.domains.orders.events import (
    OrderClosed,
    OrderPaid,
    OrderPaidLate,
    OrderReceived,
    OrderRefunded,
    RefundReturned,
)
from wuyou.domains.orders.types import OrderKind
from wuyou.domains.social import operations as social


def on_order_paid(event: OrderPaid, now: datetime) -> None:
    """A seat is paid."""
    if event.kind == OrderKind.TEAM.value:
        operations.pay_seat(order_id=event.order_id, now=now)


def on_order_paid_late(event: OrderPaidLate, now: datetime) -> None:
    """A released seat was paid after all."""
    operations.place_late_payer(order_id=event.order_id, now=now)


def on_order_closed(event: OrderClosed, now: datetime) -> None:
    """A held seat will not be paid."""
    if event.kind == OrderKind.TEAM.value:
        operations.release_seat(order_id=event.order_id)


def on_order_refunded(event: OrderRefunded, now: datetime) -> None:
    """All of a seat's money is on its way back."""
    if event.kind == OrderKind.TEAM.value and event.refunded_minor == event.total_minor:
        operations.leave_seat(order_id=event.order_id, now=now)


def on_refund_returned(event: RefundReturned, now: datetime) -> None:
    """All of a seat's money is back."""
    if event.kind == OrderKind.TEAM.value and event.refunded_minor == event.total_minor:
        operations.mark_refunded(order_id=event.order_id)


def on_order_received(event: OrderReceived, now: datetime) -> None:
    """A member of a team has the goods: what are they like?"""
    if event.kind == OrderKind.TEAM.value:
        telling.ask_for_experience(order_id=event.order_id, now=now)


def on_team_formed(event: TeamFormed, now: datetime) -> None:
    """Its members have bought together, and every two of them are a little closer. People stand below teams."""
    social.record_experience(person_ids=event.member_ids, key=f"team:{event.team_id}", now=event.occurred_at)
