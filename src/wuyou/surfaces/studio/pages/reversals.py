"""What did refunds take back of what I earned, and what waits for later earnings?"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import queries
from wuyou.domains.catalog import queries as catalog
from wuyou.surfaces.studio.access import Desk, signed_in
from wuyou.surfaces.studio.viewmodels import show, title_of
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui import reversals as words


@signed_in
@require_safe
def reversals(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Refunds of sales that one has a part in, the newest first, with one's own part alone. Cost: three queries."""
    trail = lists.trail_of(request)
    page = queries.list_reversals(publisher_id=desk.publisher_id or 0, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    products = catalog.products_by_id({each.product_id for each in page.items})
    rows = tuple(
        parts.Row(
            (
                title_of(products[each.product_id]),
                words.chip(each.state),
                words.taken(each),
                words.waiting(each),
                each.ended_at or each.opened_at,
            )
        )
        for each in page.items
    )
    columns = (
        parts.Column(_("Goods")),
        parts.Column(_("State")),
        parts.Column(_("Taken back"), numeric=True),
        parts.Column(_("Still waits"), numeric=True),
        parts.Column(_("When")),
    )
    return show(
        request,
        desk,
        "reversals",
        "reversals",
        table=parts.Table(_("Taken back"), columns, rows),
        empty=parts.Empty(_("Nothing was taken back"), _("A refund takes its share of the commission back."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
    )
