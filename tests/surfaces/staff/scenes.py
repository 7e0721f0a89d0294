"""What staff find in the console: made by operations, real handlers and a bank with faults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.builders import goods, teams
from tests.builders.people import make_person
from wuyou.config import wiring
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.catalog.types import Product, Shop
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.groupbuy.types import Campaign, Team
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders import tasks as orders_tasks
from wuyou.domains.orders.events import OrderShipped
from wuyou.domains.orders.types import Order
from wuyou.domains.payments import operations as payments
from wuyou.domains.payments import queries as payments_queries
from wuyou.domains.payments import tasks as payments_tasks
from wuyou.domains.payments.providers.base import BillLine, ChargeResult, DisputeResult
from wuyou.domains.payments.providers.sandbox import Faults, notices, set_faults
from wuyou.domains.payments.types import BillKind, ChargeState, DisputeState, RefundState
from wuyou.infra import db, event_log, events
from wuyou.infra.event_log import Letter
from wuyou.infra.events import Subscriber
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.clock import business_date, utc_now
from wuyou.kernel.money import Money
from wuyou.surfaces.webhooks.receive import receive_notice


@dataclass(frozen=True)
class Market:
    """A shop with one product that is sold alone and to teams of three."""

    shop: Shop
    product: Product
    campaign: Campaign


def make_market(now: datetime, **terms: timedelta) -> Market:
    """A market that opened yesterday."""
    opened = now - timedelta(days=1)
    shop = goods.make_shop(opened, name="桃山", name_en="Peach Hill")
    product = goods.make_product(opened, shop=shop, stock=500)
    return Market(shop, product, goods.make_campaign(opened, product, **terms))


def forming_team(now: datetime, market: Market, *, with_unpaid: bool = False) -> Team:
    """A team of three in which two have paid; where asked, the third holds a seat and has not."""
    team = teams.open_and_pay(now, make_person(now, "团长"), market.campaign, market.product)
    team = teams.join_and_pay(now, make_person(now), team, market.product)
    if with_unpaid:
        teams.join_team(now, make_person(now), team.token, market.product)
    return groupbuy.get_team(team.token)


def paid_order(now: datetime, market: Market, buyer: Person | None = None) -> Order:
    """An order alone that was paid and may be sent."""
    buyer = buyer or make_person(now, "阿宽")
    placed = teams.buy_alone(now, buyer, market.product)
    teams.pay(now, buyer, placed.order_no)
    teams.settle_down(now)
    return orders_queries.get_order(placed.id)


def completed_order(now: datetime, market: Market) -> Order:
    """An order that a publisher brought, settled by now."""
    goods.make_plan(now - timedelta(days=20), market.shop)
    began = now - timedelta(days=19)
    publisher, buyer = make_person(began, "林巧"), make_person(began, "阿宽")

    def click() -> None:
        joined = alliance.ensure_publisher(user_id=publisher.id, now=began)
        link = alliance.ensure_link(
            publisher_id=joined.id, slot_name="notes", product_id=market.product.id, path="/", now=began
        )
        alliance.record_click(token=link.token, visitor="browser", user_id=buyer.id, now=began)

    db.in_transaction(click)
    order = paid_order(began + timedelta(hours=1), market, buyer)
    db.in_transaction(lambda: orders.ship_order(actor=PLATFORM, order_id=order.id, now=began + timedelta(days=1)))
    db.in_transaction(lambda: orders.receive_order(order_id=order.id, now=began + timedelta(days=2)))
    teams.settle_down(began + timedelta(days=2))
    orders_tasks.complete_received_orders(now)
    teams.settle_down(now)
    return orders_queries.get_order(order.id)


def refund(now: datetime, order: Order, amount_minor: int | None = None, reason: str = "broken jar") -> str:
    """A refund that was promised and not yet sent; its number."""
    refund_no = db.in_transaction(
        lambda: orders.request_refund(seller=None, order_id=order.id, amount_minor=amount_minor, reason=reason, now=now)
    )
    teams.settle_down(now)
    return refund_no


def failed_refund(now: datetime, market: Market) -> str:
    """A refund that the bank refused until it was given up; its number."""
    since = now - timedelta(days=3)
    refund_no = refund(since, paid_order(since, market))
    set_faults(Faults(refund_failures=99))
    at = since
    while payments_queries.get_refund(refund_no).state is RefundState.PENDING:
        payments_tasks.submit_due_refunds(at)
        at += timedelta(hours=6)
    set_faults(Faults())
    teams.settle_down(now)
    return refund_no


def mismatch(now: datetime, order: Order) -> None:
    """The bank reports another amount than the order's."""
    cent = Money(1, order.currency)
    result = ChargeResult("sandbox", order.order_no, "SB-77", ChargeState.CAPTURED, cent, now)
    db.in_transaction(lambda: payments.apply_charge(result=result, now=now))


def billed(now: datetime, order: Order, minor: int) -> None:
    """The bank's bill of today says so much of an order's payment."""
    line = BillLine(
        f"B{order.order_no}", BillKind.PAID, order.order_no, Money(minor, order.currency), 35, order.currency, now
    )
    db.in_transaction(lambda: payments.take_bill(provider="sandbox", day=business_date(now), lines=[line], now=now))


def disputed(now: datetime, order: Order, *ended: DisputeState) -> None:
    """The buyer's bank asks the payment of an order back, and decides; everybody hears of it."""
    db.execute("UPDATE payments_intent SET payment_ref = intent_no WHERE intent_no = %s", [order.order_no])
    for state in (DisputeState.OPEN, *ended):
        result = DisputeResult(
            provider="sandbox",
            dispute_ref=f"dp-{order.order_no}",
            payment_ref=order.order_no,
            state=state,
            reason="fraudulent",
            amount=order.total,
            withdrawn_minor=order.total.amount_minor,
            returned_minor=0,
            due_at=now + timedelta(days=7),
            at=now,
        )
        db.in_transaction(lambda result=result: payments.apply_dispute(result=result, now=now))
        teams.settle_down(now)


def bring_notices(number: str) -> None:
    """The bank tells of a payment twice, after we have asked, and somebody else once. The door reads the clock."""
    now = utc_now()
    (sent,) = payments_queries.list_notices(number=number).items
    body = sent.body.encode()
    for headers in (notices.sign_notice(body, now), notices.sign_notice(body, now), {}):
        receive_notice(provider="sandbox", body=body, headers=headers, now=now)


# ---------------------------------------------------------------- a subscriber that fails


class LabelPrinter:
    """Prints a parcel's label when an order is sent, unless it is jammed."""

    def __init__(self) -> None:
        self.is_jammed = True
        self.printed: list[str] = []

    def on_order_shipped(self, event: OrderShipped, now: datetime) -> None:
        if self.is_jammed:
            raise RuntimeError(f"no paper for {event.order_no}")
        self.printed.append(event.order_no)


PRINTER = LabelPrinter()
LABELS = Subscriber("labels", {OrderShipped: PRINTER.on_order_shipped})
SUBSCRIBERS = (*wiring.SUBSCRIBERS, LABELS)
WITH_PRINTER = f"{__name__}.SUBSCRIBERS"
"""For `settings.EVENT_SUBSCRIBERS`."""


def letter(now: datetime, order: Order, *, failures: int = 6) -> Letter:
    """The letter of an order that was sent while the printer was jammed: dead after six failures."""
    PRINTER.is_jammed = True
    PRINTER.printed.clear()
    sent_at = now - timedelta(hours=1)
    db.in_transaction(lambda: events.register([LABELS]))
    db.in_transaction(lambda: orders.ship_order(actor=PLATFORM, order_id=order.id, now=sent_at))
    for step in range(failures):
        events.dispatch([LABELS], sent_at + timedelta(minutes=11 * step))
    return event_log.list_letters().items[0]
