"""What did a payment provider tell us, and what became of it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from wuyou.domains.payments import providers, queries
from wuyou.domains.payments.types import NoticeOutcome, ReceivedNotice
from wuyou.kernel.clock import utc_now
from wuyou.kernel.paging import MAX_PAGE, Page
from wuyou.surfaces.staff import words
from wuyou.surfaces.staff.access import staff_only
from wuyou.surfaces.staff.viewmodels import known_facts, show
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage, Search

RECENT: Final = timedelta(days=7)

_TABS: Final[Mapping[str, tuple[str | Promise, tuple[NoticeOutcome, ...]]]] = {
    "": (gettext_lazy("All"), ()),
    "settled": (gettext_lazy("Taken in"), (NoticeOutcome.SETTLED,)),
    "known": (gettext_lazy("No news in it"), (NoticeOutcome.LATE, NoticeOutcome.DUPLICATE, NoticeOutcome.PASSED)),
    "wrong": (
        gettext_lazy("Could not be taken in"),
        (NoticeOutcome.MISMATCH, NoticeOutcome.UNKNOWN, NoticeOutcome.FAILED),
    ),
    "refused": (
        gettext_lazy("Not believed"),
        (NoticeOutcome.FORGED, NoticeOutcome.STALE, NoticeOutcome.MALFORMED),
    ),
}


@staff_only
@require_safe
def notices(request: HttpRequest) -> HttpResponseBase:
    trail, term = lists.trail_of(request), lists.search_term(request)
    known = [each.name for each in providers.list_known()]
    provider = request.GET.get("provider", "")
    provider = provider if provider in known else ""
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in _TABS else ""
    if lists.wants_csv(request):
        return _export(provider, outcome, term)
    page = _read(provider, outcome, term, trail.cursor, lists.PAGE_SIZE)
    kept = (("provider", provider), ("outcome", outcome))
    view = ListPage(
        title=_("Notices"),
        intro=_("What payment providers told us unasked, believed or not, and what it did.")
        + _of_uncounted(queries.count_unkept_notices(utc_now() - RECENT)),
        table=received_table(page.items),
        empty=parts.Empty(
            _("No such notice"), _("Providers send one whenever a payment or a refund changes there."), "tent"
        ),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=tuple(
            parts.Tab(str(label), lists.href(request, outcome=key), key == outcome)
            for key, (label, _outcomes) in _TABS.items()
        ),
        more_tabs=_provider_tabs(request, known, provider),
        search=Search(_("Order or refund number"), term, tuple(pair for pair in kept if pair[1])),
        actions=(lists.export_action(request),),
    )
    return show(request, "list", "notices", view=view)


def _of_uncounted(count: int) -> str:
    if not count:
        return ""
    text = ngettext(
        "In the last 7 days %(count)d more came in a flood; it was counted and not kept.",
        "In the last 7 days %(count)d more came in a flood; they were counted and not kept.",
        count,
    )
    return " " + text % {"count": count}


def _provider_tabs(request: HttpRequest, known: Sequence[str], provider: str) -> tuple[parts.Tab, ...]:
    if len(known) < 2:
        return ()
    every = parts.Tab(_("Every provider"), lists.href(request, provider=""), not provider)
    return (
        every,
        *(parts.Tab(words.provider(name), lists.href(request, provider=name), name == provider) for name in known),
    )


def _read(provider: str, outcome: str, term: str, cursor: int | None, limit: int) -> Page[ReceivedNotice]:
    return queries.list_received_notices(
        provider=provider, outcomes=_TABS[outcome][1], number=term, cursor=cursor, limit=limit
    )


def received_table(notices: Sequence[ReceivedNotice]) -> parts.Table:
    """Notices that came, as rows."""
    columns = (
        parts.Column(_("Came at")),
        parts.Column(_("Provider")),
        parts.Column(_("What it did")),
        parts.Column(_("Number")),
        parts.Column(_("It said")),
        parts.Column(_("Amount"), numeric=True),
    )
    rows = (
        parts.Row(
            (
                notice.received_at,
                words.provider(notice.provider),
                outcome_chip(notice),
                notice.number,
                notice.said,
                notice.amount,
            ),
            reverse("staff:notice", args=[notice.id]),
        )
        for notice in notices
    )
    return parts.Table(_("Notices"), columns, tuple(rows))


def outcome_chip(notice: ReceivedNotice) -> parts.Chip:
    """What a notice did, in a word."""
    if notice.outcome is None:
        return parts.Chip(_("Not finished"), "accent")
    return words.chip(words.NOTICE[notice.outcome])


def _export(provider: str, outcome: str, term: str) -> HttpResponseBase:
    header = ("received_at", "provider", "notice_id", "outcome", "reason", "what", "number", "said", "currency",
              "amount", "handled_at", "digest", "size_bytes")  # fmt: skip
    found = lists.all_items(lambda cursor: _read(provider, outcome, term, cursor, MAX_PAGE))
    rows = (
        (n.received_at, n.provider, n.notice_id, n.outcome.value if n.outcome else "", n.reason, n.what, n.number,
         n.said, n.amount.currency.code if n.amount else "", n.amount, n.handled_at, n.digest, n.size_bytes)
        for n in found
    )  # fmt: skip
    return lists.csv_answer("notices", header, rows)


# ---------------------------------------------------------------- one notice


@staff_only
@require_safe
def notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    found = queries.get_received_notice(notice_id)
    others = queries.list_received_notices(number=found.number).items if found.number else ()
    return show(
        request,
        "notice",
        "notices",
        notice=found,
        title=found.number or found.notice_id or _("A notice that was not believed"),
        state=outcome_chip(found),
        meaning=_meaning(found),
        facts=_facts(found),
        others=received_table([other for other in others if other.id != found.id]),
    )


def _meaning(notice: ReceivedNotice) -> str:
    if notice.outcome is None:
        return _("It is being taken in, or the process that did it died. The provider sends it again, and we ask.")
    return str(words.NOTICE_MEANS[notice.outcome])


def _facts(notice: ReceivedNotice) -> tuple[parts.Fact, ...]:
    return known_facts(
        parts.Fact(_("Amount"), notice.amount, total=True),
        parts.Fact(_("Payment"), _payment_of(notice)),
        parts.Fact(_("It said"), notice.said),
        parts.Fact(_("Reason"), notice.reason),
        parts.Fact(_("Provider"), words.provider(notice.provider)),
        parts.Fact(_("Provider’s number of the notice"), notice.notice_id),
        parts.Fact(_("Came at"), notice.received_at),
        parts.Fact(_("Handled"), notice.handled_at),
        parts.Fact(_("SHA-256 of its body"), notice.digest),
        parts.Fact(_("Bytes"), notice.size_bytes),
    )


def _payment_of(notice: ReceivedNotice) -> parts.Link | None:
    if notice.what == "charge" and queries.find_intent(notice.number):
        return parts.Link(notice.number, reverse("staff:order", args=[notice.number]))
    if notice.what == "refund" and queries.find_refund(notice.number):
        return parts.Link(notice.number, reverse("staff:refund", args=[notice.number]))
    return None
