"""What teams do when orders speak."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.groupbuy import operations, queries, telling
from wuyou.domains.groupbuy.events import TeamFormed
from wuyou.domains.groupbuy.types import SeatState
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
from wuyou.infra import behaviour

_JOINED = frozenset({SeatState.PAID, SeatState.CONFIRMED})


def on_order_paid(event: OrderPaid, now: datetime) -> None:
    """A seat is paid; for who counts what people do, its buyer has joined a team."""
    if event.kind != OrderKind.TEAM.value:
        return
    operations.pay_seat(order_id=event.order_id, now=now)
    team = queries.find_team_of_order(event.order_id)
    if team is not None and any(seat.order_id == event.order_id and seat.state in _JOINED for seat in team.seats):
        behaviour.note_deed(
            behaviour.Kind.JOIN_TEAM,
            behaviour.ObjectKind.TEAM,
            team.id,
            key=f"seat:{event.order_id}",
            person_id=event.buyer_id,
            at=event.occurred_at,
            now=now,
        )


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
