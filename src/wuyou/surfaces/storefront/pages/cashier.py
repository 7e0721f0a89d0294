"""The cashier: choosing with whom to pay, going there, and at the sandbox bank trying what can go wrong."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import Order, PaymentState
from wuyou.domains.payments import errors as payments_errors
from wuyou.domains.payments import queries as payments
from wuyou.domains.payments.providers import list_offered
from wuyou.domains.payments.providers.sandbox import Faults
from wuyou.domains.payments.types import ChargeState, Intent, Way
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import BPS, Money
from wuyou.surfaces.checkout import paying
from wuyou.surfaces.storefront import trail
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.accounts import devices
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import coupons, lines, teams
from wuyou.surfaces.ui import codes
from wuyou.surfaces.ui.client import address_of
from wuyou.surfaces.ui.middleware import content_policy
from wuyou.surfaces.ui.parts import Choice

SANDBOX = "sandbox"

NAMING = "naming_payer"
"""The session's: for which order its owner was sent to be named as the payer, and the word that must come back."""

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

_REFUSALS = {"begun_otherwise": "elsewhere", "payer_unknown": "nameless"}
"""What is said of a provider's reason; of any other, that it cannot take this order."""

_PROVIDERS = {
    "alipay": gettext_lazy("Alipay"),
    "wechat_pay": gettext_lazy("WeChat Pay"),
    "stripe": gettext_lazy("Bank card"),
    SANDBOX: gettext_lazy("Sandbox bank"),
}


@dataclass(frozen=True, slots=True)
class _Onward:
    """How a payer gets to a provider."""

    provider: str
    href: str = ""
    """Empty when there is a code to read instead, or a call to make."""
    code: SafeString | str = ""
    call: str = ""
    """What the browser of the provider's app is called with."""
    is_naming: bool = False
    """Whether it only leads to where the payer is named, and then back."""


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
    ways = _ways(intent)
    context: dict[str, object] = {
        "order": order,
        "lines": [lines.order_line(line) for line in order.lines],
        "goods": Money(order.items_minor, order.currency),
        "taken": coupons.taken_of(order),
        "order_href": reverse("storefront:order", args=[order_no]),
        "back": trail.link_to(orders.find_origin(actor.person_id, order_no)),
        "result": request.GET.get("result"),
        "ways": ways,
        "is_begun": intent.handed_over_at is not None,
        "is_sandbox": [way.value for way in ways] == [SANDBOX],
        "faults": [Choice(value, str(label), str(note)) for value, label, note in _FAULT_TEXTS],
        "now": utc_now(),
    }
    return show(request, "cashier.html", context)


@require_safe
@signed_in
def go_on(request: HttpRequest, order_no: str) -> HttpResponse:
    """Where the payer goes on to the provider that was chosen. With `seen`, 204 until we hear that it is paid; with
    `asked`, the provider is asked first.

    Inside WeChat the payer is named first: WeChat's page sends them back here with a code and our own `state`.
    """
    actor = actor_of(request)
    order = _own_order(actor, order_no)
    intent = payments.get_intent(order_no)
    if order.payment is not PaymentState.UNPAID or intent.captured_at:
        return _leave(request, _where_next(order))
    if "asked" in request.GET and paying.look(actor=actor, intent_no=order_no, now=utc_now()).captured_at:
        return _leave(request, _waiting(order))
    if "seen" in request.GET:
        return HttpResponse(status=204)
    if intent.handed_over_at is None or intent.provider == SANDBOX:
        return redirect("storefront:pay", order_no)
    provider, device = str(_PROVIDERS[intent.provider]), _device_of(request)
    try:
        code = ""
        state = secrets.token_hex(16)
        naming = paying.payer_page(actor=actor, intent_no=order_no, device=device, state=state)
        if naming and "state" not in request.GET:
            request.session[NAMING] = [order_no, state]
            return _show_way(request, order, _Onward(provider, href=naming, is_naming=True))
        if naming and not (code := _named_by(request, order_no)):
            return redirect(_cashier(order, "nameless"))
        begun = paying.begin(actor=actor, intent_no=order_no, device=device, payer_code=code, now=utc_now())
    except payments_errors.ProviderUnavailable:
        return redirect(_cashier(order, "unavailable"))
    except payments_errors.ProviderUnknown:
        return redirect(_cashier(order, "refused"))
    except payments_errors.ProviderRefused as refused:
        return redirect(_cashier(order, _REFUSALS.get(str(refused.facts["reason"]), "refused")))
    onward = begun.onward
    if onward is None:
        return redirect(_where_next(order))
    if onward.way is Way.CODE:
        return _show_way(request, order, _Onward(provider, code=codes.draw_in_page(onward.target)))
    if onward.way is Way.CALL:
        answer = _show_way(request, order, _Onward(provider, call=onward.target))
        answer["Content-Security-Policy"] = content_policy(request, app="weixin")
        return answer
    return _show_way(request, order, _Onward(provider, href=onward.target))


def _named_by(request: HttpRequest, order_no: str) -> str:
    """The code with which the payer of this session and order came back; empty for any other, and the second time."""
    sent_for, state = request.session.pop(NAMING, ["", ""])
    is_ours = sent_for == order_no and secrets.compare_digest(state.encode(), request.GET["state"].encode())
    return request.GET.get("code", "")[:512] if is_ours else ""


def _device_of(request: HttpRequest) -> paying.Device:
    agent = request.headers.get("User-Agent", "")
    return paying.Device(devices.is_phone(agent), address_of(request), devices.is_in_wechat(agent))


def _show_way(request: HttpRequest, order: Order, way: _Onward) -> HttpResponse:
    context: dict[str, object] = {"order": order, "way": way, "paid_href": _waiting(order), "now": utc_now()}
    return show(request, "onward.html", context)


def _pay(request: HttpRequest, actor: Actor, order: Order) -> HttpResponse:
    chosen = request.POST.get("provider", "")
    faults = FAULTS.get(request.POST.get("fault", ""))
    now = utc_now()
    try:
        intent = paying.choose(actor=actor, intent_no=order.order_no, provider=chosen, now=now)
        if intent.captured_at is None and intent.provider != SANDBOX:
            return redirect("storefront:pay-onward", order.order_no)
        begun = paying.begin(actor=actor, intent_no=order.order_no, faults=faults, now=now)
    except payments_errors.ProviderUnavailable:
        return redirect(_waiting(order))
    except payments_errors.IntentHandedOver:
        return redirect(_cashier(order, "begun"))
    if begun.charge is ChargeState.DECLINED:
        return redirect(_cashier(order, "declined"))
    return redirect(_where_next(order))


def _ways(intent: Intent) -> list[Choice]:
    """With whom this can be paid: whoever was sent to one provider pays there."""
    names = [provider.name for provider in list_offered(intent.amount.currency)]
    if intent.handed_over_at is not None:
        names = [name for name in names if name == intent.provider]
    return [Choice(name, str(_PROVIDERS[name]), chosen=name == names[0]) for name in names]


def _leave(request: HttpRequest, href: str) -> HttpResponse:
    """Go to another page; a page that asks by itself is told so in a header."""
    return HttpResponse(headers={"HX-Redirect": href}) if "seen" in request.GET else redirect(href)


def _own_order(actor: Actor, order_no: str) -> Order:
    """Only who ordered pays: for everyone else, the shop included, there is no such order here."""
    order = orders.get_order_for(actor, order_no)
    if order.buyer_id != actor.user_id:
        raise orders_errors.OrderNotFound()
    return order


def _where_next(order: Order) -> str:
    team = groupbuy.find_team_of_order(order.id)
    return teams.href_of(team.token) if team else reverse("storefront:order", args=[order.order_no])


def _cashier(order: Order, result: str) -> str:
    return f"{reverse('storefront:pay', args=[order.order_no])}?result={result}"


def _waiting(order: Order) -> str:
    return f"{reverse('storefront:order', args=[order.order_no])}?waiting=1"
