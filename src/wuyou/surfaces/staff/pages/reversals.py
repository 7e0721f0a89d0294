"""What did refunds take back of commissions, and who has not come up for it yet?"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import queries
from wuyou.domains.alliance.reversal_types import ReversalState
from wuyou.surfaces.staff.access import staff_only
from wuyou.surfaces.staff.viewmodels import show
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui import reversals as words
from wuyou.surfaces.ui.lists import ListPage, Search


@staff_only
@require_safe
def reversals(request: HttpRequest) -> HttpResponseBase:
    """All of them, by state or order."""
    trail, term = lists.trail_of(request), lists.search_term(request)
    state = lists.chosen(request, "state", ReversalState)
    page = queries.list_reversals(state=state, order_no=term or None, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    counts = queries.count_reversals()
    tabs = lists.state_tabs(request, state, {each: words.STATES[each][0] for each in ReversalState}, counts)
    columns = (
        parts.Column(_("Order")),
        parts.Column(_("Refund")),
        parts.Column(_("State")),
        parts.Column(_("Given back"), numeric=True),
        parts.Column(_("Of promoters"), numeric=True),
        parts.Column(_("Of the platform"), numeric=True),
        parts.Column(_("Still waits"), numeric=True),
        parts.Column(_("Since")),
    )
    rows = tuple(
        parts.Row(
            (
                each.order_no,
                each.refund_no,
                words.chip(each.state),
                each.refunded,
                each.promoters,
                each.platform,
                words.waiting(each),
                each.opened_at,
            ),
            reverse("staff:order", args=[each.order_no]),
        )
        for each in page.items
    )
    view = ListPage(
        title=_("Taken back"),
        intro=_("What refunds take back of commissions. Who was paid out already comes up for it by later earnings."),
        table=parts.Table(_("Taken back"), columns, rows),
        empty=parts.Empty(_("Nothing was taken back"), _("A refund of a commissioned sale appears here."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=tabs,
        search=Search(_("Order number"), term, (("state", state.value),) if state else ()),
    )
    return show(request, "list", "reversals", view=view)
