"""What somebody bought, and what they can do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.aftersales import policies as claim_policies
from wuyou.domains.aftersales import queries as claims
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.complaints import policies as complaint_policies
from wuyou.domains.complaints import queries as complaints
from wuyou.domains.complaints.types import ComplaintState
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import operations, policies, queries
from wuyou.domains.orders.types import FulfilmentState, Order, PaymentState, RefundState
from wuyou.domains.payments import queries as payments
from wuyou.domains.payments.types import Intent
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.checkout import paying
from wuyou.surfaces.storefront import errors, trail
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.pages import cashier
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import coupons, orders, people
from wuyou.surfaces.ui import carriers
from wuyou.surfaces.ui.claims import chip as claim_chip
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Action, Empty, Paging, Tab

ASK_AFTER = timedelta(seconds=2)
"""How long the bank may take to tell us by itself before a waiting page makes us ask."""


@dataclass(frozen=True, slots=True)
class _Shelf:
    key: str
    label: object
    payment: PaymentState | None = None
    fulfilment: tuple[FulfilmentState, ...] = ()


_SHELVES = (
    _Shelf("", gettext_lazy("All")),
    _Shelf("pay", gettext_lazy("To pay"), PaymentState.UNPAID),
    _Shelf("team", gettext_lazy("Team is filling"), PaymentState.PAID, (FulfilmentState.HELD,)),
    _Shelf("coming", gettext_lazy("To receive"), PaymentState.PAID, (FulfilmentState.READY, FulfilmentState.SHIPPED)),
    _Shelf("done", gettext_lazy("Done"), PaymentState.PAID, (FulfilmentState.RECEIVED, FulfilmentState.COMPLETED)),
)


@require_safe
@signed_in
def list_orders(request: HttpRequest) -> HttpResponse:
    """One's own orders, newest first; `state` chooses a shelf, `after` goes on."""
    shelf = next((each for each in _SHELVES if each.key == request.GET.get("state", "")), None)
    if shelf is None:
        raise errors.FormMalformed()
    page = queries.list_orders_of(
        actor_of(request).person_id,
        payment=shelf.payment,
        fulfilment=shelf.fulfilment,
        cursor=optional_id(request, "after"),
    )
    teams = groupbuy.teams_by_order([order.id for order in page.items]) if page.items else {}
    older = urlencode({"state": shelf.key, "after": page.next_cursor}) if page.next_cursor else ""
    nothing = Empty(
        _("Nothing here yet"),
        _("What you buy, alone or with a team, is kept here."),
        "basket",
        Action(_("Look around"), reverse("storefront:home"), "primary"),
    )
    context: dict[str, object] = {
        "tabs": [Tab(str(each.label), f"?state={each.key}" if each.key else "?", each is shelf) for each in _SHELVES],
        "orders": [orders.card(order, teams.get(order.id)) for order in page.items],
        "paging": Paging(next_href=f"?{older}" if older else ""),
        "empty": nothing,
        "now": utc_now(),
    }
    return show(request, "orders.html", context, place="orders")


@require_safe
@signed_in
def show_order(request: HttpRequest, order_no: str) -> HttpResponse:
    """One's own order. With `waiting` a silent bank is asked; with `seen`, 204 while nothing has changed."""
    actor, now = actor_of(request), utc_now()
    order = _own_order(actor, order_no)
    intent = _intent_of(actor, order, now, is_waiting="waiting" in request.GET)
    page = _page_of(actor, order, intent, is_waiting="waiting" in request.GET)
    if request.GET.get("seen") == page.mark:
        return HttpResponse(status=204)
    back = trail.link_to(queries.find_origin(actor.person_id, order_no))
    parcels = queries.list_parcels(order.id) if order.shipped_at or order.is_partly_sent else ()
    context: dict[str, object] = {
        "order": page,
        "back": back,
        "now": now,
        "parcels": carriers.views_of(order, parcels),
        "can_pay_again": intent is not None and intent.provider != cashier.SANDBOX,
        **_complaint_about(order, now),
        **_claim_about(order),
    }
    return show(request, "order.html", context, place="orders")


@require_POST
@signed_in
def close(request: HttpRequest, order_no: str) -> HttpResponse:
    """Give an unpaid order up."""

    def effect(order: Order, now: datetime) -> None:
        if not policies.may_close(actor_of(request), order) or not operations.close_order(order_id=order.id, now=now):
            raise orders_errors.WrongState(order_no=order_no, state=order.payment.value)

    return _change(request, order_no, effect, _("You have cancelled this order"))


@require_POST
@signed_in
def receive(request: HttpRequest, order_no: str) -> HttpResponse:
    """Say that it arrived."""

    def effect(order: Order, now: datetime) -> None:
        if not policies.may_receive(actor_of(request), order):
            raise orders_errors.OrderNotFound()
        operations.receive_order(order_id=order.id, now=now)

    return _change(request, order_no, effect, _("Enjoy it!"))


@require_POST
@signed_in
def refund(request: HttpRequest, order_no: str) -> HttpResponse:
    """Take all of the money back before it is sent."""

    def effect(order: Order, now: datetime) -> None:
        if not policies.may_refund(actor_of(request), order, catalog.get_shop(order.shop_id)):
            raise orders_errors.WrongState(order_no=order_no, state=order.fulfilment.value)
        operations.request_refund(
            seller=None, order_id=order.id, amount_minor=None, reason="buyer", only_unsent=True, now=now
        )

    return _change(request, order_no, effect, _("Your money is on its way back"))


@require_POST
@signed_in
def refund_unsent(request: HttpRequest, order_no: str) -> HttpResponse:
    """Take back the money of what is not on its way yet."""

    def effect(order: Order, now: datetime) -> None:
        if not policies.may_take_unsent_back(actor_of(request), order, catalog.get_shop(order.shop_id)):
            raise orders_errors.WrongState(order_no=order_no, state=order.fulfilment.value)
        operations.refund_unsent(seller=None, order_id=order.id, reason="buyer", now=now)

    return _change(request, order_no, effect, _("Your money is on its way back"))


def _change(request: HttpRequest, order_no: str, effect: Callable[[Order, datetime], None], said: str) -> HttpResponse:
    """Do something to one's own order once, say so, and go to its page."""
    actor = actor_of(request)

    def entry(now: datetime) -> str:
        effect(_own_order(actor, order_no), now)
        return reverse("storefront:order", args=[order_no])

    response = once(request, actor, entry)
    messages.success(request, said)
    return response


def _complaint_about(order: Order, now: datetime) -> dict[str, object]:
    """The complaint about an order, and whether one can begin. Cost: one query once it is paid."""
    if order.payment is not PaymentState.PAID:
        return {}
    last = complaints.find_of_order(order.id)
    may_begin = last is None or last.state is ComplaintState.SOLVED
    return {"complaint": last, "can_complain": may_begin and complaint_policies.is_complainable(order, now)}


def _claim_about(order: Order) -> dict[str, object]:
    """The claim about an order, and whether one can begin. Cost: one query once it is paid."""
    if order.payment is not PaymentState.PAID:
        return {}
    last = claims.find_of_order(order.id)
    runs = last is not None and last.ended_at is None
    is_with_shop = order.fulfilment is FulfilmentState.READY and not order.is_partly_sent
    can_ask = not runs and not is_with_shop and bool(claim_policies.kinds_for(order))
    return {"claim": last, "claim_chip": claim_chip(last.state) if last else None, "can_ask": can_ask}


def _own_order(actor: Actor, order_no: str) -> Order:
    """What one bought. What one sold is on the shop's page. Raises `OrderNotFound`."""
    order = queries.get_order_for(actor, order_no)
    if order.buyer_id != actor.user_id:
        raise orders_errors.OrderNotFound()
    return order


def _intent_of(actor: Actor, order: Order, now: datetime, *, is_waiting: bool) -> Intent | None:
    """The payment of an order that does not count as paid yet; asked for at the bank when its word stays out."""
    if order.payment is not PaymentState.UNPAID:
        return None
    intent = payments.get_intent(order.order_no)
    is_due = intent.handed_over_at is not None and intent.handed_over_at + ASK_AFTER <= now
    if is_waiting and is_due and intent.captured_at is None:
        return paying.look(actor=actor, intent_no=order.order_no, now=now)
    return intent


def _page_of(actor: Actor, order: Order, intent: Intent | None, *, is_waiting: bool) -> orders.OrderPage:
    has_arrived = bool(intent and intent.captured_at)
    shop = catalog.get_shop(order.shop_id)
    may_take_back = policies.may_take_unsent_back(actor, order, shop)
    is_waiting_to_be_sent = order.fulfilment is FulfilmentState.READY and may_take_back
    return orders.page(
        order,
        team=groupbuy.find_team_of_order(order.id),
        taken=coupons.taken_of(order),
        shop=people.shop_sign(shop),
        refunds=queries.list_refunds(order.id) if order.refunded_minor else (),
        has_arrived=has_arrived,
        is_waiting=bool(is_waiting and intent and intent.handed_over_at and not has_arrived),
        can_close=policies.may_close(actor, order),
        can_receive=order.fulfilment is FulfilmentState.SHIPPED and order.refund is not RefundState.FULL,
        can_refund=is_waiting_to_be_sent and not order.is_partly_sent,
        can_take_rest_back=is_waiting_to_be_sent and order.is_partly_sent,
    )
