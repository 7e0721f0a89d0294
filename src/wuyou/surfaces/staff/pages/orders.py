"""Where is this order: paid, sent, refunded, booked, and who earns on it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import queries as alliance
from wuyou.domains.alliance.types import Conversion
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.groupbuy.operations import SHARE_SLOT
from wuyou.domains.groupbuy.types import Team
from wuyou.domains.identity import queries as identity
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.orders import queries
from wuyou.domains.orders.types import FulfilmentState, Order, PaymentState, Refund
from wuyou.domains.payments import queries as payments
from wuyou.domains.payments.types import Intent
from wuyou.domains.payments.types import Refund as PaymentRefund
from wuyou.kernel.money import Money
from wuyou.kernel.paging import MAX_PAGE, Page
from wuyou.surfaces.staff import words
from wuyou.surfaces.staff.access import actor_of, staff_only
from wuyou.surfaces.staff.viewmodels import in_language, journal_cards, known_facts, person_part, shop_name, show
from wuyou.surfaces.ui import goods_pictures, lists, parts
from wuyou.surfaces.ui.lists import ListPage, Search
from wuyou.surfaces.ui.templatetags.ui import rate

_FILTERS: Final = {
    "unpaid": (gettext_lazy("Unpaid"), PaymentState.UNPAID, None),
    "held": (gettext_lazy("Waiting for its team"), PaymentState.PAID, FulfilmentState.HELD),
    "ready": (gettext_lazy("To be sent"), None, FulfilmentState.READY),
    "shipped": (gettext_lazy("On its way"), None, FulfilmentState.SHIPPED),
    "received": (gettext_lazy("Received"), None, FulfilmentState.RECEIVED),
    "completed": (gettext_lazy("Completed"), None, FulfilmentState.COMPLETED),
    "cancelled": (gettext_lazy("Cancelled"), None, FulfilmentState.CANCELLED),
}
"""Tab → its label, payment and fulfilment state."""


@staff_only
@require_safe
def orders(request: HttpRequest) -> HttpResponseBase:
    trail = lists.trail_of(request)
    state, term = request.GET.get("state", ""), lists.search_term(request)
    if lists.wants_csv(request):
        return _export(request, state, term)
    page = _read(request, state, term, trail.cursor, lists.PAGE_SIZE)
    view = ListPage(
        title=_("Orders"),
        intro=_("Everything that was ordered, alone or in a team."),
        table=_table(request, page.items),
        empty=_empty(state, term),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=_tabs(request, state),
        search=Search(_("Order number"), term, (("state", state),) if state else ()),
        actions=(lists.export_action(request),),
    )
    return show(request, "list", "orders", view=view)


def _read(request: HttpRequest, state: str, term: str, cursor: int | None, limit: int) -> Page[Order]:
    _label, payment, fulfilment = _FILTERS.get(state, ("", None, None))
    return queries.list_orders(
        cursor=cursor,
        limit=limit,
        order_no=term,
        payment=payment,
        fulfilment=fulfilment,
        oldest_first=lists.is_oldest_first(request),
    )


def _tabs(request: HttpRequest, state: str) -> tuple[parts.Tab, ...]:
    return (
        parts.Tab(_("All"), lists.href(request, state=""), state not in _FILTERS),
        *(
            parts.Tab(str(label), lists.href(request, state=key), state == key)
            for key, (label, _payment, _fulfilment) in _FILTERS.items()
        ),
    )


def _empty(state: str, term: str) -> parts.Empty:
    if term:
        return parts.Empty(
            _("No order number begins with “%(term)s”") % {"term": term},
            _("It is on the buyer’s order page: the day it was placed and a counter, such as 26030100000012."),
            "tent",
        )
    if state in _FILTERS:
        return parts.Empty(_("No order in this state"), _("Look at another state, or at all of them."), "tent")
    return parts.Empty(_("No orders yet"), _("An order appears here as soon as somebody goes to pay."), "basket")


def _table(request: HttpRequest, orders: Sequence[Order]) -> parts.Table:
    buyers = identity.persons_by_id(order.buyer_id for order in orders)
    shops = catalog.shops_by_id(order.shop_id for order in orders)
    columns = (
        parts.Column(_("Order")),
        parts.Column(_("Goods")),
        parts.Column(_("Amount"), numeric=True),
        parts.Column(_("Payment")),
        parts.Column(_("Fulfilment")),
        parts.Column(_("Buyer")),
        parts.Column(_("Shop")),
        lists.time_column(request, _("Placed")),
    )
    rows = (
        parts.Row(
            (
                order.order_no,
                _goods(order),
                order.total,
                words.chip(words.PAYMENT[order.payment]),
                words.fulfilment(order),
                person_part(buyers.get(order.buyer_id)),
                shop_name(shops[order.shop_id]),
                order.placed_at,
            ),
            reverse("staff:order", args=[order.order_no]),
        )
        for order in orders
    )
    return parts.Table(_("Orders"), columns, tuple(rows))


def _goods(order: Order) -> str:
    first, *more = order.lines
    title = in_language(first.title, first.title_en)
    return _("%(title)s and %(count)d more") % {"title": title, "count": len(more)} if more else title


def _export(request: HttpRequest, state: str, term: str) -> HttpResponseBase:
    header = ("order_no", "buyer_id", "shop_id", "kind", "payment", "fulfilment", "refund", "currency", "items",
              "shipping", "total", "refunded", "placed_at", "paid_at", "shipped_at", "received_at",
              "completed_at")  # fmt: skip
    found = lists.all_items(lambda cursor: _read(request, state, term, cursor, MAX_PAGE))
    rows = (
        (order.order_no, order.buyer_id, order.shop_id, order.kind.value, order.payment.value, order.fulfilment.value,
         order.refund.value, order.currency.code, Money(order.items_minor, order.currency),
         Money(order.shipping_minor, order.currency), order.total, order.refunded, order.placed_at, order.paid_at,
         order.shipped_at, order.received_at, order.completed_at)
        for order in found
    )  # fmt: skip
    return lists.csv_answer("orders", header, rows)


# ---------------------------------------------------------------- one order


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as it was bought."""

    product_id: int
    title: str
    variant: str
    picture: str
    quantity: int
    unit_price: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class CommissionView:
    """What one line earns for whoever brought the buyer, and why."""

    title: str
    state: parts.Chip
    facts: tuple[parts.Fact, ...]
    parts: parts.Table


@staff_only
@require_safe
def order(request: HttpRequest, order_no: str) -> HttpResponse:
    found = queries.get_order_for(actor_of(request), order_no)
    refunds = queries.list_refunds(found.id)
    sent = {r.refund_no: r for r in payments.list_refunds(intent_no=order_no, limit=MAX_PAGE).items}
    intent = payments.find_intent(order_no)
    return show(
        request,
        "order",
        "orders",
        order=found,
        axes=_axes(found),
        steps=_steps(found),
        lines=_lines(found),
        totals=_totals(found),
        facts=_facts(found, intent, groupbuy.find_team_of_order(found.id)),
        refunds=_refund_table(refunds, sent) if refunds else None,
        commissions=_commissions(found, alliance.conversions_by_order([found.id]).get(found.id, ())),
        journals=journal_cards(ledger.list_journals(source_refs=_source_refs(found, refunds), oldest_first=True).items),
    )


def _source_refs(order: Order, refunds: Sequence[Refund]) -> list[str]:
    """Under which names the journals of an order are booked: the order's, its payment's and its refunds'."""
    return [f"order:{order.order_no}", order.order_no, *(refund.refund_no for refund in refunds)]


def _axes(order: Order) -> tuple[parts.Fact, ...]:
    return (
        parts.Fact(_("Payment"), words.chip(words.PAYMENT[order.payment])),
        parts.Fact(_("Fulfilment"), words.fulfilment(order)),
        parts.Fact(_("Refund"), words.chip(words.ORDER_REFUND[order.refund])),
    )


def _steps(order: Order) -> tuple[parts.Step, ...]:
    placed = parts.Step(_("Placed"), "done", order.placed_at)
    if order.payment is PaymentState.CLOSED:
        return (placed, parts.Step(_("Closed unpaid"), "done", note=_("Nothing was taken.")))
    if order.fulfilment is FulfilmentState.CANCELLED:
        return (placed, parts.Step(_("Paid"), "done", order.paid_at), parts.Step(_("Cancelled and refunded"), "done"))
    stations = (
        (_("Paid"), order.paid_at),
        (_("Shipped"), order.shipped_at),
        (_("Received"), order.received_at),
        (_("Completed"), order.completed_at),
    )
    steps, is_current_found = [placed], False
    for label, at in stations:
        state: Literal["done", "current", "next"] = "done" if at else "next" if is_current_found else "current"
        is_current_found = is_current_found or not at
        steps.append(parts.Step(label, state, at, _waits_for(order) if state == "current" else ""))
    return tuple(steps)


def _waits_for(order: Order) -> str:
    if order.payment is PaymentState.UNPAID:
        return _("The stock is kept for the buyer until the time is over.")
    return {
        FulfilmentState.HELD: _("Waits for its team."),
        FulfilmentState.READY: _("The shop may send it."),
        FulfilmentState.SHIPPED: _("The buyer has not said that it arrived."),
        FulfilmentState.RECEIVED: _("The return window is open."),
    }.get(order.fulfilment, "")


def _lines(order: Order) -> tuple[LineView, ...]:
    return tuple(
        LineView(
            line.product_id,
            in_language(line.title, line.title_en),
            in_language(line.variant_name, line.variant_name_en),
            goods_pictures.picture_of_line(line),
            line.quantity,
            line.unit_price,
            line.amount,
        )
        for line in order.lines
    )


def _totals(order: Order) -> tuple[parts.Fact, ...]:
    facts = [
        parts.Fact(_("Goods"), Money(order.items_minor, order.currency)),
        parts.Fact(_("Shipping"), Money(order.shipping_minor, order.currency)),
        parts.Fact(_("Total"), order.total, total=True),
    ]
    if order.refunded:
        facts += [
            parts.Fact(_("Refunded"), -order.refunded),
            parts.Fact(_("Left of it"), order.total - order.refunded, total=True),
        ]
    return tuple(facts)


def _facts(order: Order, intent: Intent | None, team: Team | None) -> tuple[parts.Fact, ...]:
    buyer = identity.persons_by_id([order.buyer_id]).get(order.buyer_id)
    shop = catalog.get_shop(order.shop_id)
    facts = [
        parts.Fact(_("Buyer"), person_part(buyer)),
        parts.Fact(_("Shop"), shop_name(shop)),
        parts.Fact(_("How it was bought"), str(words.ORDER_KIND[order.kind])),
    ]
    if team:
        link = parts.Link(
            _("%(paid)d of %(size)d paid") % {"paid": team.paid, "size": team.size},
            reverse("staff:team", args=[team.token]),
        )
        facts.append(parts.Fact(_("Team"), link))
    if order.payment is PaymentState.UNPAID:
        facts.append(parts.Fact(_("To be paid until"), order.pay_until))
    if order.completes_at and not order.completed_at:
        facts.append(parts.Fact(_("Return window ends"), order.completes_at))
    if intent:
        facts += [
            parts.Fact(_("Payment intent"), words.chip(words.INTENT[intent.state])),
            parts.Fact(_("Provider"), intent.provider),
            parts.Fact(_("Provider’s number"), intent.provider_ref),
            parts.Fact(_("Captured"), intent.captured_at),
        ]
    return known_facts(*facts)


def _refund_table(refunds: Sequence[Refund], sent: Mapping[str, PaymentRefund]) -> parts.Table:
    columns = (
        parts.Column(_("Refund")),
        parts.Column(_("Reason")),
        parts.Column(_("State")),
        parts.Column(_("Amount"), numeric=True),
        parts.Column(_("Promised")),
    )
    rows = []
    for refund in refunds:
        at_provider = sent.get(refund.refund_no)
        rows.append(
            parts.Row(
                (
                    refund.refund_no,
                    words.reason(refund.reason),
                    words.chip(words.REFUND[at_provider.state]) if at_provider else "",
                    refund.amount,
                    refund.promised_at,
                ),
                reverse("staff:refund", args=[refund.refund_no]),
            )
        )
    return parts.Table(_("Refunds"), columns, tuple(rows))


def _commissions(order: Order, conversions: Sequence[Conversion]) -> tuple[CommissionView, ...]:
    if not conversions:
        return ()
    titles = {line.product_id: in_language(line.title, line.title_en) for line in order.lines}
    publishers = alliance.publishers_by_id(p.publisher_id for c in conversions for p in c.parts if p.publisher_id)
    people = identity.persons_by_id(publisher.user_id for publisher in publishers.values())
    parties = {p.id: person_part(people.get(p.user_id)) for p in publishers.values()}
    return tuple(
        CommissionView(
            titles[conversion.product_id],
            words.chip(words.COMMISSION[conversion.state]),
            _commission_facts(conversion),
            _part_table(conversion, parties),
        )
        for conversion in conversions
    )


def _commission_facts(conversion: Conversion) -> tuple[parts.Fact, ...]:
    base = Money(conversion.base_minor, conversion.currency)
    return (
        parts.Fact(_("Clicked"), conversion.clicked_at),
        parts.Fact(_("Slot"), _("Team link") if conversion.slot_name == SHARE_SLOT else conversion.slot_name),
        parts.Fact(
            _("The link led to"), _("This product") if conversion.is_direct else _("Another product of the shop")
        ),
        parts.Fact(_("Base: the line less refunds"), base),
        parts.Fact(_("Rate at the click"), rate(conversion.rate_bps)),
        parts.Fact(_("Commission"), Money(conversion.commission_minor, conversion.currency), total=True),
    )


def _part_table(conversion: Conversion, parties: Mapping[int, parts.Person | str]) -> parts.Table:
    columns = (
        parts.Column(_("Party")),
        parts.Column(_("Role")),
        parts.Column(_("Share of it"), numeric=True),
        parts.Column(_("Expected part"), numeric=True),
        parts.Column(_("Booked part"), numeric=True),
    )
    rows = (
        parts.Row(
            (
                parties.get(part.publisher_id, "") if part.publisher_id else _("The platform"),
                str(words.ROLE[part.role]),
                rate(part.share_bps),
                Money(part.estimated_minor, conversion.currency),
                Money(part.settled_minor, conversion.currency),
            )
        )
        for part in conversion.parts
    )
    return parts.Table(_("Parts of the commission"), columns, tuple(rows))
