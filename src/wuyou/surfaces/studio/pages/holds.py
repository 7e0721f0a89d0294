"""Which of my commissions wait, and why?"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.hold_types import HoldState
from wuyou.domains.alliance.types import Publisher
from wuyou.domains.catalog import queries as catalog
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.studio.access import Desk, change, signed_in
from wuyou.surfaces.studio.viewmodels import show, title_of
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import holds as words
from wuyou.surfaces.ui import lists, parts


@signed_in
@require_safe
def holds(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """One's commissions that are looked at or were, the newest first."""
    trail = lists.trail_of(request)
    page = queries.list_holds(publisher_id=desk.publisher_id or 0, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    products = catalog.products_by_id({each.product_id for each in page.items})
    rows = tuple(
        parts.Row(
            (title_of(products[each.product_id]), each.share, words.chip(each.state), each.held_at, each.due_at or ""),
            reverse("studio:hold", args=[each.id]),
        )
        for each in page.items
    )
    columns = (
        parts.Column(_("Goods")),
        parts.Column(_("Your part"), numeric=True),
        parts.Column(_("State")),
        parts.Column(_("Since")),
        parts.Column(_("Clock")),
    )
    return show(
        request,
        desk,
        "holds",
        "holds",
        table=parts.Table(_("Held commissions"), columns, rows),
        empty=parts.Empty(_("Nothing is held"), _("What you earn is settled when the time to return is over."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
    )


@signed_in
@require_safe
def hold(request: HttpRequest, desk: Desk, hold_id: int) -> HttpResponseBase:
    """Why one waits, what was decided, and the appeal."""
    return _page(request, desk, hold_id)


@signed_in
@require_POST
def appeal(request: HttpRequest, desk: Desk, hold_id: int) -> HttpResponseBase:
    """Ask for somebody else to look again."""

    def effect(publisher: Publisher, now: datetime) -> str:
        alliance.appeal_hold(actor=desk.actor, hold_id=hold_id, words=request.POST.get("words", ""), now=now)
        return reverse("studio:hold", args=[hold_id])

    queries.get_hold_for(desk.actor, hold_id)
    try:
        return change(request, desk, effect, _("Somebody else looks at it now"))
    except DomainError as refused:
        return _page(request, desk, hold_id, refused)


def _page(request: HttpRequest, desk: Desk, hold_id: int, refused: DomainError | None = None) -> HttpResponseBase:
    found = queries.get_hold_for(desk.actor, hold_id)
    product = catalog.products_by_id([found.product_id])[found.product_id]
    facts = [
        parts.Fact(_("Your part"), found.share),
        parts.Fact(_("Since"), found.held_at),
        parts.Fact(_("Clock"), found.due_at),
        parts.Fact(_("Ended"), found.ended_at),
    ]
    return show(
        request,
        desk,
        "hold",
        "holds",
        status=ui_errors.status_of(refused) if refused else 200,
        hold=found,
        title=title_of(product),
        state=words.chip(found.state),
        what=[str(words.RULES[each.found.rule]) for each in queries.findings_by_hold([hold_id])[hold_id]],
        facts=tuple(fact for fact in facts if fact.value is not None),
        can_appeal=found.state is HoldState.PUNISHED,
        waits=found.state in (HoldState.HELD, HoldState.APPEALED),
        words=request.POST.get("words", ""),
        refusal=ui_errors.text_of(refused) if refused else "",
    )
