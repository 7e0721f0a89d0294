"""What do buyers want back, and until when has the shop to answer?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from wuyou.domains.aftersales import queries
from wuyou.domains.aftersales.types import ENDED, ClaimState
from wuyou.domains.catalog.types import Permission
from wuyou.surfaces.seller.access import Desk, clerks_with
from wuyou.surfaces.seller.viewmodels import show
from wuyou.surfaces.ui import claims as words
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage, Search


@dataclass(frozen=True, slots=True)
class _Shelf:
    key: str
    label: object
    states: Collection[ClaimState]


_SHELVES: Final = (
    _Shelf("answer", gettext_lazy("To answer"), (ClaimState.ASKED,)),
    _Shelf("arrive", gettext_lazy("On their way back"), (ClaimState.SENT,)),
    _Shelf("others", gettext_lazy("Others’ turn"), (ClaimState.TO_SEND, ClaimState.REFUSED, ClaimState.WITH_STAFF)),
    _Shelf("ended", gettext_lazy("Ended"), ENDED),
)


@clerks_with(Permission.ORDERS)
@require_safe
def claims(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Claims by whose turn it is; both sides read the same page of each."""
    shelf = next((each for each in _SHELVES if each.key == request.GET.get("state")), _SHELVES[0])
    trail, term = lists.trail_of(request), lists.search_term(request)
    page = queries.list_of_shop(
        desk.shop.id, states=shelf.states, order_no=term, cursor=trail.cursor, limit=lists.PAGE_SIZE
    )
    counts = queries.count_of_shop(desk.shop.id)
    columns = (
        parts.Column(_("Order")),
        parts.Column(pgettext("claim", "Asked for")),
        parts.Column(_("Why")),
        parts.Column(_("Amount"), numeric=True),
        parts.Column(_("State")),
        parts.Column(_("Clock")),
    )
    rows = tuple(
        parts.Row(
            (
                each.order_no,
                str(words.KINDS[each.kind]),
                str(words.REASONS[each.reason]),
                each.amount,
                words.chip(each.state),
                each.due_at or "",
            ),
            reverse("storefront:claim", args=[each.id]),
        )
        for each in page.items
    )
    view = ListPage(
        title=_("Refunds and returns"),
        intro=_("Answer within 48 hours: who says nothing has agreed."),
        table=parts.Table(_("Refunds and returns"), columns, rows),
        empty=parts.Empty(_("Nothing here"), _("What buyers ask back appears here, with its clock."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=tuple(
            parts.Tab(
                str(each.label),
                lists.href(request, state=each.key),
                each is shelf,
                sum(counts[state] for state in each.states),
            )
            for each in _SHELVES
        ),
        search=Search(_("Order number"), term, (("state", shelf.key),)),
    )
    return show(request, desk, "list", "claims", view=view)
