"""What waits for me today, and how does it go?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from wuyou.domains.aftersales import queries as aftersales
from wuyou.domains.aftersales.types import ClaimState
from wuyou.domains.catalog.types import Permission
from wuyou.domains.complaints import queries as complaints
from wuyou.domains.complaints.types import ComplaintState
from wuyou.domains.inventory import queries as stocks
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import DaySales
from wuyou.kernel.clock import BUSINESS_ZONE, business_date, utc_now
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.seller.access import Desk, any_clerk
from wuyou.surfaces.seller.viewmodels import show
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.lists import Attention

LOW: Final = 3
"""So few left are worth a look."""
_WEEK, _MONTH = timedelta(days=7), timedelta(days=30)


@any_clerk
@require_safe
def overview(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """What waits, with its clock; what came in; where the money lies: as far as one works with it.

    Cost: seven queries besides the shell's.
    """
    now = utc_now()
    tomorrow = datetime.combine(business_date(now) + timedelta(days=1), time(), BUSINESS_ZONE)
    sees_money = Permission.MONEY in desk.permissions
    sold = orders.sales_by_day(desk.shop.id, from_=tomorrow - _MONTH, until=tomorrow) if sees_money else ()
    return show(
        request,
        desk,
        "overview",
        "overview",
        attention=(
            *(_trade(desk, now) if Permission.ORDERS in desk.permissions else ()),
            *(_goods(desk) if Permission.GOODS in desk.permissions else ()),
        ),
        sales=_sales(sold, (tomorrow - _WEEK).date()) if sees_money else (),
        money=_money(desk) if sees_money else (),
    )


def _trade(desk: Desk, now: datetime) -> tuple[Attention, ...]:
    counts, claims = orders.count_of_shop(desk.shop.id, now), aftersales.count_of_shop(desk.shop.id)
    asked, coming = claims[ClaimState.ASKED], claims[ClaimState.SENT]
    unanswered = complaints.count_of_shop(desk.shop.id)[ComplaintState.OPEN]
    waiting: list[Attention] = []

    def add(icon: str, tone: parts.Tone, title: str, text: str, href: str) -> None:
        waiting.append(Attention(icon, tone, title, text, href))

    if counts.ready:
        title = ngettext("%(count)d order to send", "%(count)d orders to send", counts.ready) % {"count": counts.ready}
        late = ngettext(
            "%(count)d of them should be on its way already.",
            "%(count)d of them should be on their way already.",
            counts.late,
        ) % {"count": counts.late}
        text = late if counts.late else _("Within 48 hours of the payment.")
        add("package", "accent" if counts.late else "amber", title, text, desk.href("orders"))
    if asked:
        title = ngettext("%(count)d refund or return to answer", "%(count)d refunds or returns to answer", asked)
        text = _("Within 48 hours: who says nothing has agreed.")
        add("arrow-back-up", "accent", title % {"count": asked}, text, desk.href("claims"))
    if coming:
        title = ngettext("%(count)d parcel is coming back", "%(count)d parcels are coming back", coming)
        text = _("Say when it is there: after ten days it counts as arrived.")
        add("package", "amber", title % {"count": coming}, text, f"{desk.href('claims')}?state=arrive")
    if unanswered:
        title = ngettext("%(count)d complaint to answer", "%(count)d complaints to answer", unanswered)
        text = _("Within 48 hours: then it goes to staff.")
        add("message-circle", "accent", title % {"count": unanswered}, text, desk.href("complaints"))
    return tuple(waiting)


def _goods(desk: Desk) -> tuple[Attention, ...]:
    low = stocks.count_low(desk.shop.id, at_most=LOW)
    if not low:
        return ()
    title = ngettext("%(count)d variant is almost gone", "%(count)d variants are almost gone", low) % {"count": low}
    text = _("Three or fewer are left of what stands on the shelves.")
    return (Attention("box", "amber", title, text, desk.href("products")),)


def _sales(sold: Sequence[DaySales], week_from: object) -> tuple[parts.Figure, ...]:
    """Orders and takings of 7 and 30 business days, today included, in each currency in which something was sold."""
    figures: list[parts.Figure] = []
    for currency in sorted({day.currency for day in sold}, key=lambda each: each.code) or [Currency.CNY]:
        mine = [day for day in sold if day.currency is currency]
        week = [day for day in mine if day.day >= week_from]  # type: ignore[operator]
        for label, days in ((_("7 days"), week), (_("30 days"), mine)):
            count = sum(day.order_count for day in days)
            paid = Money(sum(day.paid_minor for day in days), currency)
            back = Money(sum(day.refunded_minor for day in days), currency)
            figures.append(
                parts.Figure(
                    label,
                    paid - back,
                    _("Paid orders of these business days, today included, less what was promised back of them."),
                    ngettext("%(count)d order", "%(count)d orders", count) % {"count": count},
                )
            )
    return tuple(figures)


def _money(desk: Desk) -> tuple[parts.Figure, ...]:
    """What lies in escrow and what is owed to the shop, of each currency that was ever booked."""
    kinds = {
        AccountKind.MERCHANT_ESCROW: (_("In escrow"), _("Paid and not yet yours: the time to return is not over.")),
        AccountKind.MERCHANT_PAYABLE: (_("Owed to you"), _("Settled, and paid out next.")),
    }
    refs = [AccountRef(kind, f"shop:{desk.shop.id}", currency) for currency in Currency for kind in kinds]
    found = ledger.balances(refs)
    return tuple(
        parts.Figure(
            kinds[ref.kind][0],
            found[ref],
            kinds[ref.kind][1],
            href=desk.href("statement", ref.kind.value.lower(), ref.currency.code),
        )
        for ref in refs
        if ref.currency is Currency.CNY or found[ref].amount_minor
    )
