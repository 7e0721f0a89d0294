"""How do goods leave the house: one by one, many at once, or by a file of tracking numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from wuyou.domains.catalog.types import Permission
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import operations, queries
from wuyou.domains.orders.providers.carriers import LOCAL
from wuyou.domains.orders.types import Order, ParcelDraft, Pieces, ScanKind
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.seller import errors, tables, tracking_files
from wuyou.surfaces.seller.access import Desk, change, clerks_with, sold_order
from wuyou.surfaces.seller.pages.orders import order_page
from wuyou.surfaces.seller.tables import Trial
from wuyou.surfaces.seller.viewmodels import show
from wuyou.surfaces.ui import carriers, parts
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.parsing import read_id
from wuyou.surfaces.ui.refusals import FormMalformed, NothingChosen

_MOST_AT_ONCE: Final = 200
_KIND: Final = "tracking"


@clerks_with(Permission.ORDERS)
@require_POST
def ship(request: HttpRequest, desk: Desk, order_no: str) -> HttpResponseBase:
    """Hand an order to a carrier, or the pieces of it that the form names."""

    def effect(order: Order, now: datetime) -> None:
        operations.ship_order(actor=desk.actor, order_id=order.id, now=now, parcel=_draft(request, order))

    return _change(request, desk, order_no, effect, _("Marked as sent"))


@clerks_with(Permission.ORDERS)
@require_POST
def correct(request: HttpRequest, desk: Desk, order_no: str) -> HttpResponseBase:
    """Another number for what is on its way."""

    def effect(order: Order, now: datetime) -> None:
        draft = ParcelDraft(request.POST.get("carrier", ""), request.POST.get("number", ""))
        operations.correct_parcel(
            actor=desk.actor, order_id=order.id, parcel=draft, parcel_id=_parcel_id(request), now=now
        )

    return _change(request, desk, order_no, effect, _("Saved"))


@clerks_with(Permission.ORDERS)
@require_POST
def scan(request: HttpRequest, desk: Desk, order_no: str) -> HttpResponseBase:
    """Say where a parcel of the local carrier is."""
    kind = next((each for each in ScanKind if each.value == request.POST.get("kind")), None)
    if kind is None:
        raise FormMalformed()

    def effect(order: Order, now: datetime) -> None:
        asked, place = _parcel_id(request), request.POST.get("place", "")
        # What others carry is not for the shop to say.
        mine = [each.id for each in queries.list_parcels(order.id) if each.carrier == LOCAL]
        if not mine or (asked is not None and asked not in mine):
            raise orders_errors.ParcelNotFound()
        operations.record_scan(actor=desk.actor, order_id=order.id, kind=kind, place=place, now=now, parcel_id=asked)

    return _change(request, desk, order_no, effect, _("Saved"))


@clerks_with(Permission.ORDERS)
@require_POST
def refund_unsent(request: HttpRequest, desk: Desk, order_no: str) -> HttpResponseBase:
    """Take what cannot be sent off an order; its money goes back."""

    def effect(order: Order, now: datetime) -> None:
        taken = _pieces(request, order)
        if not taken:  # naming nothing would mean all of it
            raise orders_errors.PiecesMalformed()
        operations.refund_unsent(seller=desk.actor, order_id=order.id, taken=taken, reason="shop", now=now)

    return _change(request, desk, order_no, effect, _("The money goes back to the buyer"))


@clerks_with(Permission.ORDERS)
@require_POST
def ship_many(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Hand the chosen orders to the local carrier, all or none."""
    chosen = list(dict.fromkeys(request.POST.getlist("order")))
    if not chosen:
        raise NothingChosen()
    if len(chosen) > _MOST_AT_ONCE:
        raise FormMalformed()
    sold = queries.shop_orders_by_no(desk.shop.id, chosen)
    if len(sold) != len(chosen):
        raise orders_errors.OrderNotFound()

    def effect(now: datetime) -> str:
        parcels = [(order.id, ParcelDraft(LOCAL)) for order in sold.values()]
        operations.ship_orders(actor=desk.actor, parcels=parcels, now=now)
        return desk.href("orders")

    said = ngettext("%(count)d order is on its way", "%(count)d orders are on their way", len(sold))
    return change(request, desk, effect, said % {"count": len(sold)})


@clerks_with(Permission.ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def import_tracking(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Take over a file of tracking numbers: tried first, then all of it or nothing."""
    if request.method != "POST":
        return _import_page(request, desk)
    try:
        token = request.POST.get("token", "")
        if not token:
            content = tables.sent_file(request)
            lines, _parcels = tracking_files.plan(desk, content)
            return _import_page(request, desk, Trial(tables.put_aside(desk, _KIND, content), lines))
        content = tables.taken_up(desk, _KIND, token)
        lines, parcels = tracking_files.plan(desk, content)
        trial = Trial(token, lines)
        if trial.wrong or not parcels:
            return _import_page(request, desk, trial, errors.LinesWrong(count=trial.wrong))

        def effect(now: datetime) -> str:
            operations.ship_orders(actor=desk.actor.within("import-tracking"), parcels=parcels, now=now)
            return f"{desk.href('orders')}?state=shipped"

        said = ngettext("%(count)d order is on its way", "%(count)d orders are on their way", len(parcels))
        return change(request, desk, effect, said % {"count": len(parcels)})
    except DomainError as refused:
        count_refusal(refused)
        return _import_page(request, desk, None, refused)


def _import_page(
    request: HttpRequest, desk: Desk, trial: Trial | None = None, refused: DomainError | None = None
) -> HttpResponseBase:
    return show(
        request,
        desk,
        "import",
        "orders",
        status=status_of(refused) if refused else 200,
        title=_("Import tracking numbers"),
        intro=_(
            "Export the orders that wait, fill in carrier and tracking_no, and send the file back. "
            "Where an order goes in several parcels, pieces says how many of its line are in this one."
        ),
        back_href=desk.href("orders"),
        back_label=_("Orders"),
        action=desk.href("import-tracking"),
        begin=parts.Link(_("Export what is to be sent"), f"{desk.href('orders')}?format=csv"),
        columns=tracking_files.COLUMNS,
        values=[(code, str(name)) for code, name in carriers.NAMES.items()],
        trial=trial,
        refusal=text_of(refused) if refused else "",
    )


def _draft(request: HttpRequest, order: Order) -> ParcelDraft | None:
    """The parcel that a form tells of; None where none is, which is for all of an order at once."""
    carrier = request.POST.get("carrier", "")
    names_pieces = any(_field(line.id) in request.POST for line in order.lines)
    taken = _pieces(request, order)
    if names_pieces and (not taken or not carrier):
        raise orders_errors.PiecesMalformed()
    return ParcelDraft(carrier, request.POST.get("number", ""), taken) if carrier else None


def _pieces(request: HttpRequest, order: Order) -> tuple[Pieces, ...]:
    """How many of which lines a form names. Raises `FormMalformed` for what is no number."""
    said = {line.id: request.POST.get(_field(line.id), "").strip() or "0" for line in order.lines}
    if not all(text.isascii() and text.isdigit() and len(text) <= 6 for text in said.values()):
        raise FormMalformed()
    return tuple(Pieces(line_id, int(text)) for line_id, text in said.items() if int(text))


def _field(line_id: int) -> str:
    return f"pieces-{line_id}"


def _parcel_id(request: HttpRequest) -> int | None:
    """Which parcel a form is about; None where an order has one."""
    said = request.POST.get("parcel", "")
    return read_id(said) if said else None


def _change(
    request: HttpRequest, desk: Desk, order_no: str, effect: Callable[[Order, datetime], None], said: str
) -> HttpResponseBase:
    order = sold_order(desk, order_no)

    def entry(now: datetime) -> str:
        effect(order, now)
        return desk.href("order", order_no)

    try:
        return change(request, desk, entry, said)
    except DomainError as refused:
        count_refusal(refused)
        return order_page(request, desk, sold_order(desk, order_no), refused)
