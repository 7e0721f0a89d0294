"""Every read of orders."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.domains.ledger.types import InvariantCheck
from wuyou.domains.orders import errors, models, policies, types
from wuyou.domains.promotions import queries as promotions
from wuyou.infra import db
from wuyou.infra.person_data import Obstacle, Records
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page


def get_order_for(actor: Actor, order_no: str) -> types.Order:
    """An order that the actor may see. Raises `OrderNotFound` for everyone else. Cost: five queries."""
    order = _found(_read(models.Order.objects.filter(order_no=order_no)))
    if not policies.may_see(actor, order, catalog.get_shop(order.shop_id)):
        raise errors.OrderNotFound()
    return order


def get_order(order_id: int) -> types.Order:
    """An order, for the platform itself. Raises `OrderNotFound`."""
    return _found(_read(models.Order.objects.filter(id=order_id)))


def orders_by_id(order_ids: Sequence[int]) -> dict[int, types.Order]:
    """Many orders, for the platform itself. Cost: four queries."""
    return {order.id: order for order in _read(models.Order.objects.filter(id__in=order_ids))}


def list_orders_of(
    user_id: int,
    *,
    payment: types.PaymentState | None = None,
    fulfilment: Collection[types.FulfilmentState] = (),
    cursor: int | None = None,
    limit: int = 20,
) -> Page[types.Order]:
    """What a person bought, newest first; only orders in these states when some are given. Cost: four queries."""
    return _page(_in_states(models.Order.objects.filter(buyer_id=user_id), payment, fulfilment), cursor, limit)


def list_orders_of_shop(
    shop_id: int,
    *,
    payment: types.PaymentState | None = None,
    fulfilment: Collection[types.FulfilmentState] = (),
    term: str = "",
    cursor: int | None = None,
    limit: int = 20,
    oldest_first: bool = False,
) -> Page[types.Order]:
    """What a shop sold, newest first; only orders in these states when some are given. Cost: four queries.

    Args: term: begins the order's number, or is its parcel's.
    """
    found = _in_states(models.Order.objects.filter(shop_id=shop_id), payment, fulfilment)
    if term:
        by_parcel = models.Parcel.objects.filter(shop_id=shop_id, number=term.upper()).values("order_id")
        found = found.filter(Q(order_no__startswith=term) | Q(id__in=by_parcel))
    return _page(found, cursor, limit, oldest_first=oldest_first)


def shop_orders_by_no(shop_id: int, order_nos: Collection[str]) -> dict[str, types.Order]:
    """Those of these orders that a shop sold. Cost: four queries."""
    found = _read(models.Order.objects.filter(shop_id=shop_id, order_no__in=set(order_nos)))
    return {order.order_no: order for order in found}


def count_of_shop(shop_id: int, now: datetime) -> types.ShopCounts:
    """How many orders of a shop are where; what was wholly given back counts as cancelled. Cost: one query."""
    found = db.row(
        """
        SELECT count(*) FILTER (WHERE payment = 'UNPAID'),
               count(*) FILTER (WHERE payment = 'PAID' AND fulfilment = 'HELD'),
               count(*) FILTER (WHERE fulfilment = 'READY'),
               count(*) FILTER (WHERE fulfilment = 'READY' AND ship_by <= %s),
               count(*) FILTER (WHERE fulfilment = 'SHIPPED' AND refunded_minor < total_minor),
               count(*) FILTER (WHERE fulfilment = 'RECEIVED' AND refunded_minor < total_minor),
               count(*) FILTER (WHERE fulfilment = 'COMPLETED'),
               count(*) FILTER (WHERE fulfilment = 'CANCELLED'
                                OR (fulfilment IN ('SHIPPED', 'RECEIVED') AND refunded_minor = total_minor))
        FROM orders_order WHERE shop_id = %s
        """,
        [now, shop_id],
    )
    return types.ShopCounts(*(found or (0,) * 8))


def sales_by_day(shop_id: int, *, from_: datetime, until: datetime) -> tuple[types.DaySales, ...]:
    """What was paid to a shop in `[from_, until)`, by business day and currency, oldest first. Cost: one query."""
    return tuple(
        types.DaySales(day, Currency(code), *sums)
        for day, code, *sums in db.rows(
            """
            SELECT (paid_at AT TIME ZONE %s)::date, currency, count(*), sum(total_minor)::bigint,
                   sum(refunded_minor)::bigint
            FROM orders_order WHERE shop_id = %s AND payment = 'PAID' AND paid_at >= %s AND paid_at < %s
            GROUP BY 1, 2 ORDER BY 1, 2
            """,
            [BUSINESS_ZONE.key, shop_id, from_, until],
        )
    )


def parcels_by_order(order_ids: Collection[int]) -> dict[int, tuple[types.Parcel, ...]]:
    """The parcels of orders that the reader may see, oldest first, with what is in them and their scans; nothing for an
    order without any. Cost: two queries at most; none without orders."""
    if not order_ids:
        return {}
    found = db.rows(
        """
        SELECT p.id, p.order_id, p.carrier, p.number, p.sent_at,
               ARRAY(SELECT l.line_id FROM orders_parcel_line l WHERE l.parcel_id = p.id ORDER BY l.line_id),
               ARRAY(SELECT l.quantity FROM orders_parcel_line l WHERE l.parcel_id = p.id ORDER BY l.line_id)
        FROM orders_parcel p WHERE p.order_id = ANY(%s) ORDER BY p.id
        """,
        [list(order_ids)],
    )
    scans: dict[int, list[types.Scan]] = {columns[0]: [] for columns in found}
    if scans:
        for parcel_id, kind, place, at in db.rows(
            "SELECT parcel_id, kind, place, at FROM orders_scan WHERE parcel_id = ANY(%s) ORDER BY id", [list(scans)]
        ):
            scans[parcel_id].append(types.Scan(types.ScanKind(kind), place, at))
    parcels: dict[int, list[types.Parcel]] = {}
    for parcel_id, order_id, carrier, number, sent_at, line_ids, quantities in found:
        inside = tuple(types.Pieces(*each) for each in zip(line_ids, quantities, strict=True))
        parcels.setdefault(order_id, []).append(
            types.Parcel(parcel_id, order_id, carrier, number, sent_at, inside, tuple(scans[parcel_id]))
        )
    return {order_id: tuple(each) for order_id, each in parcels.items()}


def list_parcels(order_id: int) -> tuple[types.Parcel, ...]:
    """The parcels of an order that the reader may see, oldest first. Cost: two queries at most."""
    return parcels_by_order([order_id]).get(order_id, ())


def list_orders(
    *,
    cursor: int | None = None,
    limit: int = 50,
    order_no: str = "",
    payment: types.PaymentState | None = None,
    fulfilment: types.FulfilmentState | None = None,
    oldest_first: bool = False,
) -> Page[types.Order]:
    """All orders, for staff, newest first: whose number begins so, in these states. Cost: four queries."""
    found = models.Order.objects.all()
    if order_no:
        found = found.filter(order_no__startswith=order_no)
    if payment is not None:
        found = found.filter(payment=payment.value)
    if fulfilment is not None:
        found = found.filter(fulfilment=fulfilment.value)
    return _page(found, cursor, limit, oldest_first=oldest_first)


def list_refunds(order_id: int) -> tuple[types.Refund, ...]:
    """The refunds of an order, oldest first. Cost: one query."""
    return tuple(
        types.Refund(
            refund_no,
            order_no,
            Money(amount_minor, Currency(code)),
            reason,
            types.RefundStage.RETURNED if returned_at else types.RefundStage.PROMISED,
            promised_at,
            returned_at,
        )
        for refund_no, order_no, amount_minor, code, reason, promised_at, returned_at in db.rows(
            """
            SELECT r.refund_no, o.order_no, r.amount_minor, o.currency, r.reason, r.promised_at, r.returned_at
            FROM orders_refund r JOIN orders_order o ON o.id = r.order_id WHERE r.order_id = %s ORDER BY r.id
            """,
            [order_id],
        )
    )


def find_origin(buyer_id: int, order_no: str) -> str:
    """Where on this site somebody came from when they ordered; empty when it is not known. Cost: one query."""
    found = db.row(
        """
        SELECT g.path FROM orders_origin g JOIN orders_order o ON o.id = g.order_id
        WHERE o.order_no = %s AND o.buyer_id = %s
        """,
        [order_no, buyer_id],
    )
    return str(found[0]) if found else ""


def has_paid_order(user_id: int) -> bool:
    """Whether a person ever paid for anything here; a wholly refunded order does not count."""
    found = db.row(
        """
        SELECT EXISTS (SELECT 1 FROM orders_order
                       WHERE buyer_id = %s AND payment = 'PAID' AND refunded_minor < total_minor)
        """,
        [user_id],
    )
    return bool(found and found[0])


def spent_by_buyer(
    buyer_ids: Collection[int], *, from_: datetime, until: datetime, currency: Currency = Currency.CNY
) -> dict[int, int]:
    """What each of these people paid in `[from_, until)`, less what was given back; in the smallest unit. One query."""
    return dict(
        db.rows(
            """
            SELECT buyer_id, sum(total_minor - refunded_minor)::bigint FROM orders_order
            WHERE buyer_id = ANY(%s) AND payment = 'PAID' AND paid_at >= %s AND paid_at < %s AND currency = %s
            GROUP BY buyer_id
            """,
            [sorted(buyer_ids), from_, until, currency.code],
        )
    )


def count_buyers_by_shop(buyer_ids: Collection[int], *, from_: datetime, until: datetime) -> dict[int, int]:
    """How many of these people paid a shop in `[from_, until)` for what they did not give back as a whole."""
    return dict(
        db.rows(
            """
            SELECT shop_id, count(DISTINCT buyer_id) FROM orders_order
            WHERE buyer_id = ANY(%s) AND payment = 'PAID' AND paid_at >= %s AND paid_at < %s
              AND refunded_minor < total_minor GROUP BY shop_id
            """,
            [sorted(buyer_ids), from_, until],
        )
    )


def has_bought(person_id: int, product_id: int) -> bool:
    """Whether an order of a person has this product in it, whatever became of it. Cost: one query."""
    return bool(
        db.rows(
            """
            SELECT 1 FROM orders_order o JOIN orders_order_line l ON l.order_id = o.id
            WHERE o.buyer_id = %s AND l.product_id = %s LIMIT 1
            """,
            [person_id, product_id],
        )
    )


def list_cart(user_id: int) -> tuple[types.CartLine, ...]:
    """What a person put aside, oldest first. Cost: one query."""
    return tuple(
        types.CartLine(*columns)
        for columns in db.rows(
            "SELECT variant_id, quantity FROM orders_cart_line WHERE buyer_id = %s ORDER BY id", [user_id]
        )
    )


def count_cart(user_id: int) -> int:
    """How many variants a person put aside. Cost: one query."""
    found = db.row("SELECT count(*) FROM orders_cart_line WHERE buyer_id = %s", [user_id])
    return int(found[0]) if found else 0


def count_by_state() -> dict[tuple[str, str], int]:
    """How many orders stand in each (payment, fulfilment) state."""
    return {(p, f): n for p, f, n in db.rows("SELECT payment, fulfilment, count(*) FROM orders_order GROUP BY 1, 2")}


def _in_states(
    found: QuerySet[models.Order],
    payment: types.PaymentState | None,
    fulfilment: Collection[types.FulfilmentState],
) -> QuerySet[models.Order]:
    if payment is not None:
        found = found.filter(payment=payment.value)
    if fulfilment:
        found = found.filter(fulfilment__in=[state.value for state in fulfilment])
    return found


def _page(
    found: QuerySet[models.Order], cursor: int | None, limit: int, *, oldest_first: bool = False
) -> Page[types.Order]:
    limit = max(1, min(limit, MAX_PAGE))
    if cursor is not None:
        found = found.filter(id__gt=cursor) if oldest_first else found.filter(id__lt=cursor)
    ordered = found.order_by("id" if oldest_first else "-id")
    return cut_page(_read(ordered[: limit + 1]), limit, lambda order: order.id)


def _found(orders: Sequence[types.Order]) -> types.Order:
    if not orders:
        raise errors.OrderNotFound()
    return orders[0]


def _read(found: QuerySet[models.Order]) -> list[types.Order]:
    rows = list(found)
    lines = models.OrderLine.objects.filter(order_id__in=[row.id for row in rows]).order_by("id")
    by_order: dict[int, list[models.OrderLine]] = {row.id: [] for row in rows}
    for line in lines:
        by_order[line.order_id].append(line)
    products = catalog.products_by_id(line.product_id for line in lines)
    return [
        types.Order(
            id=row.id,
            order_no=row.order_no,
            buyer_id=row.buyer_id,
            shop_id=row.shop_id,
            kind=types.OrderKind(row.kind),
            currency=Currency(row.currency),
            items_minor=row.items_minor,
            discount_minor=row.discount_minor,
            funded_minor=row.funded_minor,
            shipping_minor=row.shipping_minor,
            total_minor=row.total_minor,
            refunded_minor=row.refunded_minor,
            payment=types.PaymentState(row.payment),
            fulfilment=types.FulfilmentState(row.fulfilment),
            placed_at=row.placed_at,
            pay_until=row.pay_until,
            paid_at=row.paid_at,
            ship_by=row.ship_by,
            is_disputed=row.is_disputed,
            is_partly_sent=row.is_partly_sent,
            shipped_at=row.shipped_at,
            received_at=row.received_at,
            completes_at=row.completes_at,
            completed_at=row.completed_at,
            lines=tuple(_line(line, products[line.product_id], row.currency) for line in by_order[row.id]),
        )
        for row in rows
    ]


def _line(line: models.OrderLine, product: Product, code: str) -> types.OrderLine:
    variant = next(variant for variant in product.variants if variant.id == line.variant_id)
    return types.OrderLine(
        line.id,
        product.id,
        variant.id,
        product.title,
        product.title_en,
        variant.name,
        variant.name_en,
        product.picture,
        variant.photo_id or product.photo_id,
        line.quantity,
        Money(line.unit_price_minor, Currency(code)),
        line.discount_minor,
        line.funded_minor,
        line.sent_count,
        line.dropped_count,
    )


def verify() -> tuple[InvariantCheck, ...]:
    """Prove that orders cost what their lines and vouchers say. Cost: two queries a batch; for a nightly job."""
    breaches: list[str] = []
    count, last = 0, 0
    while found := db.rows(
        """
        SELECT o.id, o.order_no, o.items_minor, o.discount_minor, o.funded_minor, o.funded_back_minor,
               (SELECT jsonb_build_array(sum(l.quantity * l.unit_price_minor), sum(l.discount_minor),
                                         sum(l.funded_minor)) FROM orders_order_line l WHERE l.order_id = o.id)
        FROM orders_order o WHERE o.id > %s ORDER BY o.id LIMIT 500
        """,
        [last],
    ):
        uses = promotions.uses_by_ref([order_no for _, order_no, *_ in found])
        for _, order_no, *stored, encoded in found:
            of_shop, of_others, back = promotions.sums_of(uses.get(order_no, ()))
            by_lines = json.loads(encoded) if isinstance(encoded, str) else encoded
            if stored != [by_lines[0], of_shop, of_others, back] or by_lines[1:] != [of_shop, of_others]:
                breaches.append(f"order {order_no}: stored {stored}, lines {by_lines}, {(of_shop, of_others, back)}")
        count, last = count + len(found), found[-1][0]
    return (
        InvariantCheck("orders_cost_what_vouchers_say", "orders", count, len(breaches), tuple(breaches[:5])),
        _sent_once(),
    )


def _sent_once() -> InvariantCheck:
    """Each piece of an order is sent, taken off or still to be sent, and no parcel holds more than was sent."""
    count = db.row("SELECT count(*) FROM orders_order_line") or (0,)
    found = db.rows(
        """
        SELECT o.order_no, l.id, l.quantity, l.sent_count, l.dropped_count, i.packed
        FROM orders_order_line l JOIN orders_order o ON o.id = l.order_id
        LEFT JOIN LATERAL (SELECT sum(quantity) AS packed FROM orders_parcel_line WHERE line_id = l.id) AS i ON true
        WHERE coalesce(i.packed, 0) > l.sent_count
           OR (o.fulfilment IN ('SHIPPED', 'RECEIVED', 'COMPLETED') AND l.sent_count + l.dropped_count <> l.quantity)
           OR (o.fulfilment IN ('HELD', 'CANCELLED') AND l.sent_count > 0)
           OR (o.fulfilment = 'READY' AND l.sent_count > 0 AND NOT o.is_partly_sent)
        ORDER BY l.id
        """
    )
    texts = tuple(f"order {no}: line {line}: {counts}" for no, line, *counts in found[:5])
    return InvariantCheck("orders_send_each_piece_once", "lines", count[0], len(found), texts)


def export_person(person_id: int) -> Iterator[Records]:
    """What a person bought, with its lines and refunds, and what is in their cart."""
    me = [person_id]
    yield (
        "orders",
        db.records(
            """
            SELECT o.order_no, o.shop_id, o.kind, o.currency, o.items_minor, o.discount_minor, o.funded_minor,
                   o.shipping_minor, o.total_minor, o.refunded_minor, o.payment, o.fulfilment, o.placed_at, o.paid_at,
                   o.shipped_at, o.received_at, o.completed_at, g.path AS came_from
            FROM orders_order o LEFT JOIN orders_origin g ON g.order_id = o.id WHERE o.buyer_id = %s ORDER BY o.id
            """,
            me,
        ),
    )
    yield (
        "order_lines",
        db.records(
            """
            SELECT o.order_no, l.product_id, l.variant_id, l.quantity, l.unit_price_minor,
                   l.discount_minor, l.funded_minor, l.sent_count, l.dropped_count
            FROM orders_order_line l JOIN orders_order o ON o.id = l.order_id WHERE o.buyer_id = %s ORDER BY l.id
            """,
            me,
        ),
    )
    yield (
        "order_parcels",
        db.records(
            """
            SELECT o.order_no, p.carrier, p.number, p.sent_at, l.variant_id, i.quantity
            FROM orders_order o JOIN orders_parcel p ON p.order_id = o.id
            JOIN orders_parcel_line i ON i.parcel_id = p.id JOIN orders_order_line l ON l.id = i.line_id
            WHERE o.buyer_id = %s ORDER BY p.id, l.id
            """,
            me,
        ),
    )
    yield (
        "order_refunds",
        db.records(
            """
            SELECT o.order_no, r.refund_no, r.amount_minor, r.reason, r.promised_at, r.returned_at
            FROM orders_refund r JOIN orders_order o ON o.id = r.order_id WHERE o.buyer_id = %s ORDER BY r.id
            """,
            me,
        ),
    )
    yield (
        "cart",
        db.records("SELECT variant_id, quantity, added_at FROM orders_cart_line WHERE buyer_id = %s ORDER BY id", me),
    )


def obstacles_of(person_id: int) -> tuple[Obstacle, ...]:
    """Orders that a person bought, or sold in a shop of theirs, that are not at their end. Cost: one query."""
    found = db.rows(
        """
        SELECT s.owner_id = %(me)s AND o.buyer_id <> %(me)s AS is_sold, count(*),
               max(o.completes_at) FILTER (WHERE o.fulfilment = 'RECEIVED'),
               bool_and(o.fulfilment = 'RECEIVED')
        FROM orders_order o JOIN catalog_shop s ON s.id = o.shop_id
        WHERE %(me)s IN (o.buyer_id, s.owner_id)
          AND (o.payment = 'UNPAID' OR (o.payment = 'PAID' AND o.fulfilment NOT IN ('COMPLETED', 'CANCELLED'))
               OR EXISTS (SELECT 1 FROM orders_refund r WHERE r.order_id = o.id AND r.returned_at IS NULL))
        GROUP BY 1
        """,
        {"me": person_id},
    )
    return tuple(
        Obstacle("open_sales" if is_sold else "open_orders", count, until if ends_by_itself else None)
        for is_sold, count, until, ends_by_itself in found
    )
