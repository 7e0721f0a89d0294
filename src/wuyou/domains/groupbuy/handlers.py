"""What teams do when orders speak."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.groupbuy import operations, queries, telling
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
from wuyou.infra import behaviour


def on_orders_paid(paid: Sequence[OrderPaid], now: datetime) -> None:
    """Seats are paid; for who counts what people do, their buyers have joined a team."""
    in_teams = [each for each in paid if each.kind == OrderKind.TEAM.value]
    for each in in_teams:
        operations.pay_seat(order_id=each.order_id, now=now)
    joined = queries.joined_teams([each.order_id for each in in_teams])
    deeds = [
        behaviour.deed(
            behaviour.Kind.JOIN_TEAM,
            behaviour.ObjectKind.TEAM,
            joined[each.order_id],
            key=f"seat:{each.order_id}",
            person_id=each.buyer_id,
            at=each.occurred_at,
        )
        for each in in_teams
        if each.order_id in joined
    ]
    behaviour.note(deeds, now=now)


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
