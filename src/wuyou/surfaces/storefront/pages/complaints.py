"""Complaints: said by a buyer, answered by the seller; both read the same page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.complaints import errors as complaints_errors
from wuyou.domains.complaints import operations, policies, queries
from wuyou.domains.complaints.types import Reason
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import Order
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import complaints, lines
from wuyou.surfaces.ui import serving
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Empty, Paging


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def complain(request: HttpRequest, order_no: str) -> HttpResponse:
    """Say what is wrong with an order of one's own."""
    actor = actor_of(request)
    order = orders.get_order_for(actor, order_no)
    if order.buyer_id != actor.user_id:
        raise orders_errors.OrderNotFound()
    if request.method != "POST":
        return _form_page(request, order)
    reason = next((each for each in Reason if each.value == request.POST.get("reason")), None)
    if reason is None:
        raise errors.FormMalformed()
    text = request.POST.get("text", "")
    try:
        taken = _take_in(request)

        def effect(now: datetime) -> str:
            complaint_id = operations.complain(
                actor=actor, order_no=order_no, reason=reason, text=text, now=now, pictures=taken
            )
            return reverse("storefront:complaint", args=[complaint_id])

        answer = once(request, actor, effect)
    except DomainError as refused:
        count_refusal(refused)
        return _form_page(request, order, refused)
    messages.success(request, _("The seller has been told, and has 48 hours to answer"))
    return answer


@require_safe
@signed_in
def show_complaint(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """A complaint, for its buyer and its seller."""
    return _page(request, complaint_id)


@require_POST
@signed_in
def reply(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Say something in it; the seller's first words are the answer."""
    text = request.POST.get("text", "")

    def effect(actor: Actor, taken: list[Picture], now: datetime) -> None:
        operations.reply(actor=actor, complaint_id=complaint_id, text=text, now=now, pictures=taken)

    return _change(request, complaint_id, effect, _("Said"))


@require_POST
@signed_in
def pass_on(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Let staff decide."""
    text = request.POST.get("text", "")

    def effect(actor: Actor, taken: list[Picture], now: datetime) -> None:
        operations.pass_on(actor=actor, complaint_id=complaint_id, text=text, now=now)

    return _change(request, complaint_id, effect, _("Our staff look at it now"))


@require_POST
@signed_in
def solve(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """It is solved."""

    def effect(actor: Actor, taken: list[Picture], now: datetime) -> None:
        operations.solve(actor=actor, complaint_id=complaint_id, now=now)

    return _change(request, complaint_id, effect, _("Good to hear that it is solved"))


@require_safe
@signed_in
def list_complaints(request: HttpRequest) -> HttpResponse:
    """What one complained about."""
    page = queries.list_of_buyer(actor_of(request).person_id, cursor=optional_id(request, "after"))
    context: dict[str, object] = {
        "complaints": [complaints.row(each) for each in page.items],
        "paging": Paging(next_href=f"?after={page.next_cursor}" if page.next_cursor else ""),
        "empty": Empty(_("No complaints"), _("When something is wrong with an order, say so on its page."), "tea"),
        "now": utc_now(),
    }
    return show(request, "complaints.html", context, place="orders")


@require_safe
@signed_in
def show_photo(request: HttpRequest, photo_id: int, width: int) -> HttpResponseBase:
    """A picture of what is wrong, for who may see the complaint."""
    return serving.serve(request, queries.get_photo_for(actor_of(request), photo_id).key, width)


def _take_in(request: HttpRequest) -> list[Picture]:
    files = [file for file in request.FILES.getlist("pictures") if file.size]
    if len(files) > policies.MAX_PHOTOS:
        raise complaints_errors.TooManyPhotos(most=policies.MAX_PHOTOS)
    return serving.take_in(files)


def _change(
    request: HttpRequest, complaint_id: int, effect: Callable[[Actor, list[Picture], datetime], None], said: str
) -> HttpResponse:
    actor = actor_of(request)
    queries.get_complaint_for(actor, complaint_id)  # before pictures are decoded
    try:
        taken = _take_in(request)

        def entry(now: datetime) -> str:
            effect(actor, taken, now)
            return reverse("storefront:complaint", args=[complaint_id])

        answer = once(request, actor, entry)
    except DomainError as refused:
        count_refusal(refused)
        return _page(request, complaint_id, refused)
    messages.success(request, said)
    return answer


def _form_page(request: HttpRequest, order: Order, refused: DomainError | None = None) -> HttpResponse:
    context: dict[str, object] = {
        "order_no": order.order_no,
        "lines": [lines.order_line(line) for line in order.lines],
        "reasons": complaints.reasons(request.POST.get("reason", "")),
        "text": request.POST.get("text", ""),
        "refusal": text_of(refused) if refused else "",
    }
    return show(request, "complain.html", context, place="orders", status=status_of(refused) if refused else 200)


def _page(request: HttpRequest, complaint_id: int, refused: DomainError | None = None) -> HttpResponse:
    actor = actor_of(request)
    complaint, side = queries.get_complaint_for(actor, complaint_id)
    order = orders.get_order(complaint.order_id)
    context: dict[str, object] = {
        "complaint": complaints.page(
            complaint, side, order, queries.list_steps(complaint_id), catalog.get_shop(complaint.shop_id)
        ),
        "text": request.POST.get("text", ""),
        "refusal": text_of(refused) if refused else "",
        "now": utc_now(),
    }
    return show(request, "complaint.html", context, place="orders", status=status_of(refused) if refused else 200)
