"""What do buyers say is wrong, and until when has the shop to answer?"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.catalog.types import Permission
from wuyou.domains.complaints import queries
from wuyou.surfaces.seller.access import Desk, clerks_with
from wuyou.surfaces.seller.viewmodels import show
from wuyou.surfaces.ui import complaints as words
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage


@clerks_with(Permission.ORDERS)
@require_safe
def complaints(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """What buyers complained about, newest first; both sides read the same page of each."""
    trail = lists.trail_of(request)
    page = queries.list_of_shop(desk.shop.id, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    columns = (
        parts.Column(_("Order")),
        parts.Column(_("What is wrong")),
        parts.Column(_("State")),
        parts.Column(_("Since")),
        parts.Column(_("Clock")),
    )
    rows = tuple(
        parts.Row(
            (each.order_no, str(words.REASONS[each.reason]), words.chip(each.state), each.made_at, each.due_at or ""),
            reverse("storefront:complaint", args=[each.id]),
        )
        for each in page.items
    )
    view = ListPage(
        title=_("Complaints"),
        intro=_("Answer within 48 hours: what stays unanswered goes to staff."),
        table=parts.Table(_("Complaints"), columns, rows),
        empty=parts.Empty(_("No complaints"), _("What buyers say is wrong appears here, with its clock."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
    )
    return show(request, desk, "list", "complaints", view=view)
