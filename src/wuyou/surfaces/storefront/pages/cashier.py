"""The cashier of the sandbox bank: paying an order, and trying what can go wrong on the way."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import Order, PaymentState
from wuyou.domains.payments import errors as payments_errors
from wuyou.domains.payments import queries as payments
from wuyou.domains.payments.providers.sandbox import Faults
from wuyou.domains.payments.types import ChargeState
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import BPS
from wuyou.surfaces.checkout import paying
from wuyou.surfaces.storefront import trail
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import lines, teams
from wuyou.surfaces.ui.parts import Choice

FAULTS = {
    "": None,
    "decline": Faults(decline_bps=BPS),
    "lost": Faults(answer_lost_bps=BPS, lost_bps=BPS),
    "late": Faults(answer_lost_bps=BPS, late_s=20),
}
"""What can be tried at the cashier. Whoever hears the answer needs no notice, so with the notice the answer is lost."""

_FAULT_TEXTS = (
    (
        "decline",
        gettext_lazy("The bank declines"),
        gettext_lazy("Nothing is taken; you can try again."),
    ),
    (
        "lost",
        gettext_lazy("The bank’s notice is lost"),
        gettext_lazy("The money is taken and we hear nothing: we must ask."),
    ),
    (
        "late",
        gettext_lazy("The bank’s notice is late"),
        gettext_lazy("The money is taken and we hear of it up to 20 s later."),
    ),
)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def pay(request: HttpRequest, order_no: str) -> HttpResponse:
    """The cashier for one's own unpaid order. Paying twice is paying once: the order's number is the key."""
    actor = actor_of(request)
    order = _own_order(actor, order_no)
    if order.payment is not PaymentState.UNPAID:
        return redirect(_where_next(order))
    if request.method == "POST":
        return _pay(request, actor, order)
    intent = payments.get_intent(order_no)
    if intent.captured_at:
        return redirect(_where_next(order))
    context: dict[str, object] = {
        "order": order,
        "lines": [lines.order_line(line) for line in order.lines],
        "order_href": reverse("storefront:order", args=[order_no]),
        "back": trail.link_to(orders.find_origin(actor.person_id, order_no)),
        "was_declined": request.GET.get("result") == "declined",
        "faults": [Choice(value, str(label), str(note)) for value, label, note in _FAULT_TEXTS],
        "now": utc_now(),
    }
    return show(request, "cashier.html", context)


def _pay(request: HttpRequest, actor: Actor, order: Order) -> HttpResponse:
    faults = FAULTS.get(request.POST.get("fault", ""))
    try:
        _intent, state = paying.pay(actor=actor, intent_no=order.order_no, faults=faults, now=utc_now())
    except payments_errors.ProviderUnavailable:
        return redirect(_waiting(order))
    if state is ChargeState.DECLINED:
        return redirect(f"{reverse('storefront:pay', args=[order.order_no])}?result=declined")
    return redirect(_where_next(order))


def _own_order(actor: Actor, order_no: str) -> Order:
    """Only who ordered pays: for everyone else, the shop included, there is no such order here."""
    order = orders.get_order_for(actor, order_no)
    if order.buyer_id != actor.user_id:
        raise orders_errors.OrderNotFound()
    return order


def _where_next(order: Order) -> str:
    team = groupbuy.find_team_of_order(order.id)
    return teams.href_of(team.token) if team else reverse("storefront:order", args=[order.order_no])


def _waiting(order: Order) -> str:
    return f"{reverse('storefront:order', args=[order.order_no])}?waiting=1"
