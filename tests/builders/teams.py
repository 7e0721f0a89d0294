"""Orders and teams for tests and the demo world, made through operations only.

What follows from a payment is the work of handlers: `settle_down` lets them do it, which needs a committed world.
"""

from __future__ import annotations

import time
from datetime import datetime

from wuyou.domains.catalog.types import Product
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.groupbuy import queries as groupbuy_queries
from wuyou.domains.groupbuy.types import Campaign, TakenSeat, Team
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders.types import LineDraft, OrderKind, PlacedOrder
from wuyou.domains.payments import tasks as payments_tasks
from wuyou.domains.payments.types import Intent
from wuyou.infra import db, events
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.surfaces.checkout import paying

PATIENCE_S = 75.0
"""Longer than the server lets an idle transaction stand (settings: 60 s), whoever left it open."""
_UNREAD = """
    SELECT 1 FROM event_cursor c JOIN event e ON (e.xid, e.seq) > (c.xid, c.seq) AND c.names ? e.name
    WHERE c.blocked_until IS NULL OR c.blocked_until <= %s LIMIT 1
"""


def open_team(
    now: datetime,
    person: Person,
    campaign: Campaign,
    product: Product,
    *,
    quantity: int = 1,
    accepts_reroute: bool = False,
) -> TakenSeat:
    """Order the product's first variant as the leader of a new team; not paid yet."""
    return db.in_transaction(
        lambda: groupbuy.open_team(
            actor=Actor(person.id),
            campaign_id=campaign.id,
            variant_id=product.variants[0].id,
            quantity=quantity,
            accepts_reroute=accepts_reroute,
            now=now,
        )
    )


def join_team(
    now: datetime,
    person: Person,
    team_token: str,
    product: Product,
    *,
    quantity: int = 1,
    accepts_reroute: bool = False,
) -> TakenSeat:
    """Order the product's first variant in a forming team; not paid yet."""
    return db.in_transaction(
        lambda: groupbuy.join_team(
            actor=Actor(person.id),
            team_token=team_token,
            variant_id=product.variants[0].id,
            quantity=quantity,
            accepts_reroute=accepts_reroute,
            now=now,
        )
    )


def buy_alone(now: datetime, person: Person, product: Product, *, quantity: int = 1) -> PlacedOrder:
    """Order the product's first variant alone; not paid yet."""
    return db.in_transaction(
        lambda: orders.place_order(
            actor=Actor(person.id),
            lines=[LineDraft(product.variants[0].id, quantity)],
            kind=OrderKind.ALONE,
            now=now,
        )
    )


def pay(now: datetime, person: Person, order_no: str) -> Intent:
    """Pay an order of this person's; its handlers have not run yet."""
    return paying.pay(actor=Actor(person.id), intent_no=order_no, now=now).intent


def settle_down(now: datetime) -> int:
    """Let every handler do what is due; returns how many events were handled. Needs the fixture `world`.

    A transaction that is open elsewhere on the server, such as another test's, holds back what readers of the log may
    see; so this waits until nothing is unread.
    """
    handled, deadline = 0, time.monotonic() + PATIENCE_S
    while True:
        handled += events.drain(events.subscribers(), now)
        if not db.rows(_UNREAD, [now]) or time.monotonic() > deadline:
            return handled
        time.sleep(0.005)


def receive(now: datetime, order_id: int) -> None:
    """An order is sent and arrives, and everyone hears of it. Needs the fixture `world`."""

    def entry() -> None:
        orders.ship_order(actor=PLATFORM, order_id=order_id, now=now)
        orders.receive_order(order_id=order_id, now=now)

    db.in_transaction(entry)
    settle_down(now)


def send_refunds(now: datetime) -> int:
    """Bring due refunds to the bank and let everyone hear of it; returns how many. Needs the fixture `world`."""
    sent = payments_tasks.submit_due_refunds(now)
    settle_down(now)
    return sent


def open_and_pay(now: datetime, person: Person, campaign: Campaign, product: Product, *, quantity: int = 1) -> Team:
    """A team whose leader has paid, so that others can join. Needs the fixture `world`."""
    seat = open_team(now, person, campaign, product, quantity=quantity)
    pay(now, person, seat.order_no)
    settle_down(now)
    return groupbuy_queries.get_team(seat.team_token)


def join_and_pay(now: datetime, person: Person, team: Team, product: Product, *, quantity: int = 1) -> Team:
    """The team after this person has joined and paid. Needs the fixture `world`."""
    seat = join_team(now, person, team.token, product, quantity=quantity)
    pay(now, person, seat.order_no)
    settle_down(now)
    return groupbuy_queries.get_team(team.token)


def form_team(now: datetime, leader: Person, others: list[Person], campaign: Campaign, product: Product) -> Team:
    """A team that all of these people paid for. Needs the fixture `world`."""
    team = open_and_pay(now, leader, campaign, product)
    for person in others:
        team = join_and_pay(now, person, team, product)
    return team
