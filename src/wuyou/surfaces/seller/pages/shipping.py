"""How do goods leave the house: one by one, many at once, or by a file of tracking numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.http import require_http_methods, require_POST

from wuyou.domains.catalog.types import Permission
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import operations, queries
from wuyou.domains.orders.providers.carriers import CARRIERS, LOCAL
from wuyou.domains.orders.types import FulfilmentState, Order, ParcelDraft, ScanKind
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.seller import errors, tables
from wuyou.surfaces.seller.access import Desk, change, clerks_with, sold_order
from wuyou.surfaces.seller.pages.orders import EXPORTED, order_page
from wuyou.surfaces.seller.tables import Row, Trial, Tried
from wuyou.surfaces.seller.viewmodels import show
from wuyou.surfaces.ui import carriers, parts
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.refusals import FormMalformed, NothingChosen

_MOST_AT_ONCE: Final = 200
_KIND: Final = "tracking"


@clerks_with(Permission.ORDERS)
@require_POST
def ship(request: HttpRequest, desk: Desk, order_no: str) -> HttpResponseBase:
    """Hand an order to a carrier."""

    def effect(order: Order, now: datetime) -> None:
        operations.ship_order(order_id=order.id, now=now, parcel=_draft(request))

    return _change(request, desk, order_no, effect, _("Marked as sent"))


@clerks_with(Permission.ORDERS)
@require_POST
def correct(request: HttpRequest, desk: Desk, order_no: str) -> HttpResponseBase:
    """Another number for what is on its way."""

    def effect(order: Order, now: datetime) -> None:
        operations.correct_parcel(order_id=order.id, parcel=_draft(request) or ParcelDraft(""))

    return _change(request, desk, order_no, effect, _("Saved"))


@clerks_with(Permission.ORDERS)
@require_POST
def scan(request: HttpRequest, desk: Desk, order_no: str) -> HttpResponseBase:
    """Say where a parcel of the local carrier is."""
    kind = next((each for each in ScanKind if each.value == request.POST.get("kind")), None)
    if kind is None:
        raise FormMalformed()

    def effect(order: Order, now: datetime) -> None:
        parcel = queries.find_parcel(order.id)
        if parcel is None or parcel.carrier != LOCAL:  # what others carry is not for the shop to say
            raise orders_errors.ParcelNotFound()
        operations.record_scan(order_id=order.id, kind=kind, place=request.POST.get("place", ""), now=now)

    return _change(request, desk, order_no, effect, _("Saved"))


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
        operations.ship_orders(parcels=[(order.id, ParcelDraft(LOCAL)) for order in sold.values()], now=now)
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
            lines, _parcels = _plan(desk, content)
            return _import_page(request, desk, Trial(tables.put_aside(desk, _KIND, content), lines))
        content = tables.taken_up(desk, _KIND, token)
        lines, parcels = _plan(desk, content)
        trial = Trial(token, lines)
        if trial.wrong or not parcels:
            return _import_page(request, desk, trial, errors.LinesWrong(count=trial.wrong))

        def effect(now: datetime) -> str:
            operations.ship_orders(parcels=parcels, now=now)
            return f"{desk.href('orders')}?state=shipped"

        said = ngettext("%(count)d order is on its way", "%(count)d orders are on their way", len(parcels))
        return change(request, desk, effect, said % {"count": len(parcels)})
    except DomainError as refused:
        count_refusal(refused)
        return _import_page(request, desk, None, refused)


def _plan(desk: Desk, content: bytes) -> tuple[tuple[Tried, ...], list[tuple[int, ParcelDraft]]]:
    """What each line would do, and the parcels of those that are right."""
    needed = ("order_no", "carrier", "tracking_no")
    rows = tables.read(content, needed=needed, known=[name for name in EXPORTED if name not in needed])
    sold = queries.shop_orders_by_no(desk.shop.id, {row["order_no"] for row in rows})
    codes = _codes()
    drafts: dict[str, ParcelDraft] = {}
    tried = tuple(_try(row, sold, codes, drafts) for row in rows)
    return tried, [(sold[order_no].id, draft) for order_no, draft in drafts.items()]


def _try(row: Row, sold: Mapping[str, Order], codes: Mapping[str, str], drafts: dict[str, ParcelDraft]) -> Tried:
    order_no, order = row["order_no"], sold.get(row["order_no"])
    if not row["carrier"] and not row["tracking_no"]:
        return Tried(row.line, order_no, "same", (_("No number: it stays as it is."),))

    def wrong(note: str) -> Tried:
        return Tried(row.line, order_no, "wrong", (note,))

    if order is None:
        return wrong(_("The shop has no such order."))
    if order.fulfilment is not FulfilmentState.READY:
        return wrong(_("This order does not wait to be sent."))
    code = codes.get(row["carrier"].casefold())
    if code is None:
        return wrong(_("No carrier of this name: %(name)s") % {"name": row["carrier"][:40]})
    try:
        number = CARRIERS[code].number_for(order_no=order_no, given=row["tracking_no"])
    except orders_errors.NumberMalformed as refused:
        return wrong(text_of(refused))
    draft = ParcelDraft(code, number)
    if drafts.setdefault(order_no, draft) != draft:
        return wrong(_("Another line of this file gives the same order another number."))
    return Tried(row.line, order_no, "changed", (f"{carriers.NAMES[code]} {number}",))


def _codes() -> dict[str, str]:
    """Carriers by their code, and by their name in each language."""
    codes = {code.casefold(): code for code in CARRIERS}
    for language in ("en", "zh-hans"):
        with override(language):
            codes |= {str(name).casefold(): code for code, name in carriers.NAMES.items()}
    return codes


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
        intro=_("Export the orders that wait, fill in carrier and tracking_no, and send the file back."),
        back_href=desk.href("orders"),
        back_label=_("Orders"),
        action=desk.href("import-tracking"),
        begin=parts.Link(_("Export what is to be sent"), f"{desk.href('orders')}?format=csv"),
        columns=EXPORTED,
        values=[(code, str(name)) for code, name in carriers.NAMES.items()],
        trial=trial,
        refusal=text_of(refused) if refused else "",
    )


def _draft(request: HttpRequest) -> ParcelDraft | None:
    """The parcel that a form tells of; None where none is."""
    carrier = request.POST.get("carrier", "")
    return ParcelDraft(carrier, request.POST.get("number", "")) if carrier else None


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
