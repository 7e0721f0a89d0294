"""Money back after a purchase: asked for by a buyer, answered by the shop; both read the same page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.aftersales import errors as claim_errors
from wuyou.domains.aftersales import operations, policies, queries
from wuyou.domains.aftersales.types import ClaimDraft, ClaimKind, ClaimReason, LineDraft
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import Order, ParcelDraft
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import claims
from wuyou.surfaces.ui import carriers, serving
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Empty, Paging

Effect = Callable[[Actor, list[Picture], datetime], None]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def ask(request: HttpRequest, order_no: str) -> HttpResponse:
    """Ask for money back about an order of one's own."""
    actor = actor_of(request)
    order = orders.get_order_for(actor, order_no)
    if order.buyer_id != actor.user_id:
        raise orders_errors.OrderNotFound()
    if request.method != "POST":
        return _form_page(request, order)
    try:
        draft = _draft(request, order)
        taken = _take_in(request)

        def effect(now: datetime) -> str:
            claim_id = operations.ask(actor=actor, order_no=order_no, draft=draft, now=now, pictures=taken)
            return reverse("storefront:claim", args=[claim_id])

        answer = once(request, actor, effect)
    except DomainError as refused:
        count_refusal(refused)
        return _form_page(request, order, refused)
    messages.success(request, _("The shop has been told, and has 48 hours to answer"))
    return answer


@require_safe
@signed_in
def show_claim(request: HttpRequest, claim_id: int) -> HttpResponse:
    """A claim, for its buyer and its shop."""
    return _page(request, claim_id)


@require_POST
@signed_in
def agree(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The shop agrees."""
    text = request.POST.get("text", "")

    def effect(actor: Actor, taken: list[Picture], now: datetime) -> None:
        operations.agree(actor=actor, claim_id=claim_id, text=text, now=now)

    return _change(request, claim_id, effect, _("Agreed"))


@require_POST
@signed_in
def refuse(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The shop says no, with why."""
    text = request.POST.get("text", "")

    def effect(actor: Actor, taken: list[Picture], now: datetime) -> None:
        operations.refuse(actor=actor, claim_id=claim_id, text=text, now=now, pictures=taken)

    return _change(request, claim_id, effect, _("The buyer has been told why"))


@require_POST
@signed_in
def send_back(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The buyer has sent the goods back."""
    parcel = ParcelDraft(request.POST.get("carrier", ""), request.POST.get("number", ""))

    def effect(actor: Actor, taken: list[Picture], now: datetime) -> None:
        operations.send_back(actor=actor, claim_id=claim_id, parcel=parcel, now=now)

    return _change(request, claim_id, effect, _("The shop knows that it is on its way"))


@require_POST
@signed_in
def confirm(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The goods are back with the shop."""

    def effect(actor: Actor, taken: list[Picture], now: datetime) -> None:
        operations.confirm_return(actor=actor, claim_id=claim_id, now=now)

    return _change(request, claim_id, effect, _("The money goes back to the buyer"))


@require_POST
@signed_in
def object_to(request: HttpRequest, claim_id: int) -> HttpResponse:
    """What came back is not right."""
    text = request.POST.get("text", "")

    def effect(actor: Actor, taken: list[Picture], now: datetime) -> None:
        operations.object_to_return(actor=actor, claim_id=claim_id, text=text, now=now, pictures=taken)

    return _change(request, claim_id, effect, _("Our staff look at it now"))


@require_POST
@signed_in
def pass_on(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Let staff decide."""
    text = request.POST.get("text", "")

    def effect(actor: Actor, taken: list[Picture], now: datetime) -> None:
        operations.pass_on(actor=actor, claim_id=claim_id, text=text, now=now, pictures=taken)

    return _change(request, claim_id, effect, _("Our staff look at it now"))


@require_POST
@signed_in
def withdraw(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The buyer takes it back."""

    def effect(actor: Actor, taken: list[Picture], now: datetime) -> None:
        operations.withdraw(actor=actor, claim_id=claim_id, now=now)

    return _change(request, claim_id, effect, _("You have taken it back"))


@require_safe
@signed_in
def list_claims(request: HttpRequest) -> HttpResponse:
    """What one asked for."""
    page = queries.list_of_buyer(actor_of(request).person_id, cursor=optional_id(request, "after"))
    context: dict[str, object] = {
        "claims": [claims.row(each) for each in page.items],
        "paging": Paging(next_href=f"?after={page.next_cursor}" if page.next_cursor else ""),
        "empty": Empty(
            _("No refunds or returns"), _("When you want to give something back, say so on its order."), "tea"
        ),
        "now": utc_now(),
    }
    return show(request, "claims.html", context, place="orders")


@require_safe
@signed_in
def show_photo(request: HttpRequest, photo_id: int, width: int) -> HttpResponseBase:
    """A picture in a claim, for who may see it."""
    return serving.serve(request, queries.get_photo_for(actor_of(request), photo_id).key, width)


def _draft(request: HttpRequest, order: Order) -> ClaimDraft:
    """What the form asks for. Raises `FormMalformed`, `AmountOutOfRange`."""
    kind = next((each for each in ClaimKind if each.value == request.POST.get("kind")), None)
    reason = next((each for each in ClaimReason if each.value == request.POST.get("reason")), None)
    if kind is None or reason is None:
        raise errors.FormMalformed()
    chosen = tuple(LineDraft(line_id, pieces) for line_id, pieces in _chosen(request, order).items() if pieces)
    return ClaimDraft(kind, reason, chosen, request.POST.get("text", ""), _amount(request, order))


def _chosen(request: HttpRequest, order: Order) -> dict[int, int]:
    """How many pieces of each line the form chose. Raises `FormMalformed`."""
    pieces = {}
    for line in order.lines:
        said = request.POST.get(f"line-{line.id}", "0").strip() or "0"
        if not (said.isascii() and said.isdecimal() and len(said) <= 4):
            raise errors.FormMalformed()
        pieces[line.id] = int(said)
    return pieces


def _amount(request: HttpRequest, order: Order) -> int | None:
    said = request.POST.get("amount", "").strip()
    if not said:
        return None
    left = order.total_minor - order.refunded_minor
    if len(said) > 20 or not set(said) <= set("0123456789."):
        raise claim_errors.AmountOutOfRange(most_minor=left)
    try:
        minor = Decimal(said).scaleb(order.currency.exponent)
    except InvalidOperation as error:
        raise claim_errors.AmountOutOfRange(most_minor=left) from error
    if minor != minor.to_integral_value():
        raise claim_errors.AmountOutOfRange(most_minor=left)
    return int(minor)


def _take_in(request: HttpRequest) -> list[Picture]:
    files = [file for file in request.FILES.getlist("pictures") if file.size]
    if len(files) > policies.MAX_PHOTOS:
        raise claim_errors.TooManyPhotos(most=policies.MAX_PHOTOS)
    return serving.take_in(files)


def _change(request: HttpRequest, claim_id: int, effect: Effect, said: str) -> HttpResponse:
    actor = actor_of(request)
    queries.get_claim_for(actor, claim_id)  # before pictures are decoded
    try:
        taken = _take_in(request)

        def entry(now: datetime) -> str:
            effect(actor, taken, now)
            return reverse("storefront:claim", args=[claim_id])

        answer = once(request, actor, entry)
    except DomainError as refused:
        count_refusal(refused)
        return _page(request, claim_id, refused)
    messages.success(request, said)
    return answer


def _form_page(request: HttpRequest, order: Order, refused: DomainError | None = None) -> HttpResponse:
    offered = policies.kinds_for(order)
    if not offered and refused is None:
        raise claim_errors.NotClaimable(order_no=order.order_no)
    sent = request.method == "POST" and not isinstance(refused, errors.FormMalformed)
    context: dict[str, object] = {
        "order_no": order.order_no,
        "lines": claims.ask_lines(order, queries.returned_pieces(order.id), _chosen(request, order) if sent else None),
        "kinds": claims.kinds(offered, request.POST.get("kind", "")) if offered else (),
        "reasons": claims.reasons(request.POST.get("reason", "")),
        "text": request.POST.get("text", ""),
        "amount": request.POST.get("amount", ""),
        "left": order.total - order.refunded,
        "refusal": text_of(refused) if refused else "",
    }
    return show(request, "claim_form.html", context, place="orders", status=status_of(refused) if refused else 200)


def _page(request: HttpRequest, claim_id: int, refused: DomainError | None = None) -> HttpResponse:
    claim, side = queries.get_claim_for(actor_of(request), claim_id)
    order = orders.get_order(claim.order_id)
    shop = catalog.get_shop(claim.shop_id)
    context: dict[str, object] = {
        "claim": claims.page(claim, side, order, queries.list_steps(claim_id), shop),
        "carriers": [choice for choice in carriers.choices("SF") if choice.value != "LOCAL"],
        "text": request.POST.get("text", ""),
        "refusal": text_of(refused) if refused else "",
        "now": utc_now(),
    }
    return show(request, "claim.html", context, place="orders", status=status_of(refused) if refused else 200)
