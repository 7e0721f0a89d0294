"""Which refunds and returns do buyers and shops not settle between themselves?"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.aftersales import errors as claim_errors
from wuyou.domains.aftersales import operations, queries
from wuyou.domains.aftersales.types import Claim, ClaimSide, ClaimState
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.staff.access import actor_of, handle_once, new_key, staff_only
from wuyou.surfaces.staff.viewmodels import known_facts, show
from wuyou.surfaces.ui import claims as words
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage, Search


@staff_only
@require_safe
def claims(request: HttpRequest) -> HttpResponseBase:
    trail, term = lists.trail_of(request), lists.search_term(request)
    state = lists.chosen(request, "state", ClaimState)
    page = queries.list_claims(state=state, order_no=term, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    counts = queries.count_by_state()
    tabs = lists.state_tabs(request, state, {each: words.STATES[each][0] for each in ClaimState}, counts)
    columns = (
        parts.Column(_("Order")),
        parts.Column(pgettext("claim", "Asked for")),
        parts.Column(_("Amount"), numeric=True),
        parts.Column(_("State")),
        parts.Column(_("Since")),
        parts.Column(_("Clock")),
    )
    rows = tuple(
        parts.Row(
            (
                each.order_no,
                str(words.KINDS[each.kind]),
                each.amount,
                words.chip(each.state),
                each.made_at,
                each.due_at or "",
            ),
            reverse("staff:claim", args=[each.id]),
        )
        for each in page.items
    )
    view = ListPage(
        title=_("Refunds and returns"),
        intro=_("What a shop refuses, or says is not right with what came back, is decided here."),
        table=parts.Table(_("Refunds and returns"), columns, rows),
        empty=parts.Empty(_("Nothing here"), _("What buyers ask back appears here."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=tabs,
        search=Search(_("Order number"), term, (("state", state.value),) if state else ()),
    )
    return show(request, "list", "claims", view=view)


@staff_only
@require_safe
def claim(request: HttpRequest, claim_id: int) -> HttpResponse:
    return _show(request, claim_id)


@staff_only
@require_POST
def decide(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Give so much of it back, or nothing, with reasons."""
    actor, now, text = actor_of(request), utc_now(), request.POST.get("text", "")
    found, _side = queries.get_claim_for(actor, claim_id)
    try:
        minor = _refund_of(request, found)
        handle_once(
            request,
            lambda: operations.decide(actor=actor, claim_id=claim_id, refund_minor=minor, text=text, now=now),
            now,
        )
    except DomainError as refused:
        return _show(request, claim_id, refused)
    messages.success(request, _("Both sides read your decision now."))
    return HttpResponseRedirect(reverse("staff:claim", args=[claim_id]))


def _refund_of(request: HttpRequest, found: Claim) -> int:
    """What the form gives back, in the currency's smallest unit. Raises `AmountOutOfRange`."""
    if request.POST.get("decision") != "refund":
        return 0
    said = request.POST.get("amount", "").strip()
    if not said:
        return found.amount_minor
    wrong = claim_errors.AmountOutOfRange(most_minor=found.amount_minor)
    try:
        minor = Decimal(said[:30]).scaleb(found.currency.exponent)
    except InvalidOperation as error:
        raise wrong from error
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 < minor <= found.amount_minor:
        raise wrong
    return int(minor)


def _show(request: HttpRequest, claim_id: int, refused: DomainError | None = None) -> HttpResponse:
    found, side = queries.get_claim_for(actor_of(request), claim_id)
    facts = known_facts(
        parts.Fact(_("Order"), parts.Link(found.order_no, reverse("staff:order", args=[found.order_no]))),
        parts.Fact(_("Why"), str(words.REASONS[found.reason])),
        parts.Fact(pgettext("claim", "Asked for"), found.amount),
        parts.Fact(_("Refund"), parts.Link(found.refund_no, reverse("staff:refund", args=[found.refund_no])))
        if found.refund_no
        else parts.Fact(_("Refund"), None),
        parts.Fact(_("Since"), found.made_at),
        parts.Fact(_("Clock"), found.due_at),
    )
    return show(
        request,
        "claim",
        "claims",
        ui_errors.status_of(refused) if refused else 200,
        claim=found,
        title=str(words.KINDS[found.kind]),
        state=words.chip(found.state),
        steps=[words.line_of(step, None) for step in queries.list_steps(claim_id)],
        facts=facts,
        can_decide=found.state is ClaimState.WITH_STAFF and side is ClaimSide.STAFF,
        text=request.POST.get("text", ""),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )
