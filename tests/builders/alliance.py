"""A small market in which links sell things, made through operations only.

The event log is read here without its dispatcher, inside the test's own transaction, in the order of writing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from pydantic import TypeAdapter

from wuyou.domains.alliance import handlers as alliance_handlers
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import Click, Conversion, FirstPieces, Link, Plan, Publisher, Subsidy
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.catalog.types import Product, Shop
from wuyou.domains.identity import operations as identity
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import events as orders_events
from wuyou.domains.orders import handlers as orders_handlers
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders.types import LineDraft, OrderKind, PlacedOrder
from wuyou.domains.payments import events as payments_events
from wuyou.domains.payments import operations as payments
from wuyou.domains.payments.providers.base import ChargeResult, DisputeResult
from wuyou.domains.payments.types import ChargeState, DisputeState
from wuyou.infra import db
from wuyou.infra.events import Subscriber
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.money import Currency, Money

RETURN_WINDOW = timedelta(days=7)
ORDERS = Subscriber(
    "orders",
    {
        payments_events.PaymentCaptured: orders_handlers.on_payment_captured,
        payments_events.PaymentDisputed: orders_handlers.on_payment_disputed,
        payments_events.PaymentDisputeEnded: orders_handlers.on_payment_dispute_ended,
    },
)
ALLIANCE = Subscriber(
    "alliance",
    {
        orders_events.OrderRefunded: alliance_handlers.on_order_refunded,
        orders_events.OrderDisputed: alliance_handlers.on_order_disputed,
        orders_events.DisputeEnded: alliance_handlers.on_dispute_ended,
    },
    {
        orders_events.OrderPaid: alliance_handlers.on_orders_paid,
        orders_events.OrderReceived: alliance_handlers.on_orders_received,
        orders_events.OrderCompleted: alliance_handlers.on_orders_completed,
    },
)

_numbers = count(1)


@dataclass
class Market:
    """One shop and the people around it; everything happens at the moment that a call names, else at `now`."""

    now: datetime
    shop: Shop = field(init=False)
    heard_seq: int = field(init=False)

    def __post_init__(self) -> None:
        self.shop = self.open_shop()
        self.heard_seq = _last_seq()

    # -------------------------------------------------------------- people and goods

    def person(self) -> int:
        number = next(_numbers)
        return identity.register(handle=f"person_{number}", display_name=f"Person {number}", now=self.now).id

    def open_shop(self) -> Shop:
        return catalog.open_shop(
            owner_id=self.person(), name="物店", name_en="Shop", now=self.now, return_window=RETURN_WINDOW
        )

    def product(self, price_minor: int = 10_000, *, shop: Shop | None = None) -> Product:
        shop = shop or self.shop
        price = Money(price_minor, Currency.CNY)
        product = catalog.add_product(
            actor=Actor(shop.owner_id),
            shop_id=shop.id,
            title="物",
            title_en="Thing",
            brief="",
            brief_en="",
            picture="gift",
            variants=[catalog.VariantDraft("一", "One", price)],
            now=self.now,
        )
        inventory.add_stock(actor=PLATFORM, variant_id=product.variants[0].id, quantity=1_000, now=self.now)
        return product

    def publisher(self, user_id: int | None = None) -> Publisher:
        return alliance.ensure_publisher(user_id=user_id or self.person(), now=self.now)

    def plan(
        self,
        rate_bps: int = 1_000,
        *,
        shares: tuple[int, int, int] = (7_000, 2_000, 1_000),
        product: Product | None = None,
        shop: Shop | None = None,
        from_: datetime | None = None,
        until: datetime | None = None,
        at: datetime | None = None,
        recruiter: Publisher | None = None,
        service_bps: int = 0,
        special_bps: int = 0,
        first: FirstPieces | None = None,
        locked_until: datetime | None = None,
        collaboration_id: int | None = None,
    ) -> Plan:
        return alliance.set_plan(
            actor=PLATFORM,
            shop_id=(shop or self.shop).id,
            product_id=product.id if product else None,
            rate_bps=rate_bps,
            publisher_share_bps=shares[0],
            partner_share_bps=shares[1],
            platform_share_bps=shares[2],
            from_=from_ or at or self.now,
            until=until,
            recruiter_id=recruiter.id if recruiter else None,
            service_bps=service_bps,
            special_bps=special_bps,
            first=first,
            locked_until=locked_until,
            collaboration_id=collaboration_id,
            now=at or self.now,
        )

    def subsidy(
        self,
        *,
        rate_bps: int,
        cap_minor: int,
        budget_minor: int,
        product: Product | None = None,
        until: datetime | None = None,
    ) -> Subsidy:
        return alliance.set_subsidy(
            actor=PLATFORM,
            name="补贴",
            shop_id=self.shop.id if product else None,
            product_id=product.id if product else None,
            rate_bps=rate_bps,
            cap=Money(cap_minor, Currency.CNY),
            budget=Money(budget_minor, Currency.CNY),
            from_=self.now,
            until=until or self.now + timedelta(days=90),
            now=self.now,
        )

    # -------------------------------------------------------------- links, clicks, orders

    def link(
        self,
        publisher: Publisher,
        product: Product,
        *,
        partner: Publisher | None = None,
        slot: str = "home",
        third: Publisher | None = None,
        third_share_bps: int = 0,
        at: datetime | None = None,
    ) -> Link:
        if third:
            alliance.add_slot(
                publisher_id=publisher.id,
                name=slot,
                third_id=third.id,
                third_share_bps=third_share_bps,
                now=at or self.now,
            )
        return alliance.ensure_link(
            publisher_id=publisher.id,
            slot_name=slot,
            product_id=product.id,
            path=f"/p/{product.id}",
            partner_id=partner.id if partner else None,
            now=at or self.now,
        )

    def click(self, link: Link, buyer_id: int, at: datetime | None = None) -> Click:
        return alliance.record_click(token=link.token, visitor="browser", user_id=buyer_id, now=at or self.now)

    def place(self, buyer_id: int, *products: Product, at: datetime | None = None, quantity: int = 1) -> PlacedOrder:
        return orders.place_order(
            actor=Actor(buyer_id),
            lines=[LineDraft(product.variants[0].id, quantity) for product in products],
            kind=OrderKind.ALONE,
            now=at or self.now,
        )

    def pay(self, order: PlacedOrder, at: datetime | None = None) -> PlacedOrder:
        at = at or self.now
        result = ChargeResult(
            "sandbox",
            order.order_no,
            f"bank-{order.order_no}",
            ChargeState.CAPTURED,
            order.total,
            at,
            payment_ref=f"pay-{order.order_no}",
        )
        payments.apply_charge(result=result, now=at)
        self.hear(at)
        return order

    def buy(self, buyer_id: int, *products: Product, at: datetime | None = None, quantity: int = 1) -> PlacedOrder:
        return self.pay(self.place(buyer_id, *products, at=at, quantity=quantity), at)

    def receive(self, order: PlacedOrder, at: datetime | None = None) -> None:
        at = at or self.now
        orders.ship_order(actor=PLATFORM, order_id=order.id, now=at)
        orders.receive_order(order_id=order.id, now=at)
        self.hear(at)

    def complete(self, order: PlacedOrder, at: datetime | None = None) -> None:
        """Receive it, and let the return window pass."""
        at = at or self.now
        self.receive(order, at)
        self.complete_received(order, at)

    def complete_received(self, order: PlacedOrder, at: datetime | None = None) -> None:
        """Let the return window of a received order pass."""
        at = at or self.now
        assert orders.complete_order(order_id=order.id, now=at + RETURN_WINDOW)
        self.hear(at + RETURN_WINDOW)

    def refund(self, order: PlacedOrder, amount_minor: int | None = None) -> None:
        """Give so much back, or all that is left."""
        orders.request_refund(seller=None, order_id=order.id, amount_minor=amount_minor, reason="return", now=self.now)
        self.hear(self.now)

    def charge_back(self, order: PlacedOrder, state: DisputeState, minor: int | None = None) -> None:
        """The buyer's bank asks the payment back, or a part of it, or has decided; everybody hears of it."""
        amount = Money(minor or order.total.amount_minor, order.total.currency)
        result = DisputeResult(
            provider="sandbox",
            dispute_ref=f"dp-{order.order_no}",
            payment_ref=f"pay-{order.order_no}",
            state=state,
            reason="fraudulent",
            amount=amount,
            withdrawn_minor=amount.amount_minor,
            returned_minor=amount.amount_minor if state is DisputeState.WON else 0,
            due_at=self.now + timedelta(days=7),
            at=self.now,
        )
        payments.apply_dispute(result=result, now=self.now)
        self.hear(self.now)

    # -------------------------------------------------------------- what came of it

    def hear(self, now: datetime) -> None:
        """Let orders and the alliance handle what was published since, in order, until nothing is new."""
        while new := db.rows(
            "SELECT seq, name, payload FROM event WHERE seq > %s ORDER BY seq LIMIT 1", [self.heard_seq]
        ):
            self.heard_seq, name, payload = new[0]
            for subscriber in (ORDERS, ALLIANCE):
                if kind := subscriber.by_name.get(name):
                    subscriber.handle([TypeAdapter(kind).validate_json(payload)], now)

    def hear_again(self, now: datetime, *kinds: type) -> None:
        """Let the alliance handle everything of some kinds a second time."""
        names = [kind.name for kind in kinds] or list(ALLIANCE.by_name)  # type: ignore[attr-defined]
        for name, payload in db.rows("SELECT name, payload FROM event WHERE name = ANY(%s) ORDER BY seq", [names]):
            kind = ALLIANCE.by_name[name]
            ALLIANCE.handle([TypeAdapter(kind).validate_json(payload)], now)

    def conversions(self, order: PlacedOrder) -> tuple[Conversion, ...]:
        return queries.conversions_by_order([order.id]).get(order.id, ())

    def conversion(self, order: PlacedOrder) -> Conversion:
        (conversion,) = self.conversions(order)
        return conversion

    def balance(self, publisher: Publisher | None) -> int:
        """What the books say a publisher, or the platform, was left with; before payouts."""
        return ledger.get_balance(queries.account_of(publisher.id if publisher else None, Currency.CNY)).amount_minor

    def shop_balance(self, kind: AccountKind = AccountKind.MERCHANT_PAYABLE) -> int:
        return ledger.get_balance(AccountRef(kind, f"shop:{self.shop.id}", Currency.CNY)).amount_minor


def published(*kinds: type) -> list[object]:
    """What was published of some kinds, in order."""
    by_name = {kind.name: kind for kind in kinds}  # type: ignore[attr-defined]
    return [
        TypeAdapter(by_name[name]).validate_json(payload)
        for name, payload in db.rows(
            "SELECT name, payload FROM event WHERE name = ANY(%s) ORDER BY seq", [list(by_name)]
        )
    ]


def _last_seq() -> int:
    ((seq,),) = db.rows("SELECT coalesce(max(seq), 0) FROM event")
    return int(seq)
