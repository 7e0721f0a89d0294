"""Reporting what breaks a rule, what became of it, decisions about one's own, and the rules with their public log."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from wuyou.domains.moderation import errors as judging_errors
from wuyou.domains.moderation import operations, queries
from wuyou.domains.moderation.types import Category, Shown, Subject, SubjectKind
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import judged
from wuyou.surfaces.ui import judging
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Choice, Empty

_MONTHS = 12
_LOGGED = 40


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def report(request: HttpRequest, kind: str, subject_id: int) -> HttpResponse:
    """Complain of something that one sees. Raises `SubjectNotFound` for everything else, and `OwnSubject`."""
    actor, subject = actor_of(request), Subject(_kind(kind), subject_id)
    shown = queries.find_shown(get_viewer(actor.person_id), subject)
    if shown is None:
        raise judging_errors.SubjectNotFound()
    if shown.owner_id == actor.person_id:
        raise judging_errors.OwnSubject()
    if request.method != "POST":
        return _report_page(request, shown)
    category = next((each for each in Category if each.value == request.POST.get("category")), None)
    if category is None:
        raise errors.FormMalformed()
    words = request.POST.get("words", "")

    def effect(now: datetime) -> str:
        operations.report(actor=actor, subject=subject, category=category, words=words, now=now)
        return judged.place_href(shown) or reverse("storefront:reports")

    try:
        answer = once(request, actor, effect)
    except DomainError as refused:
        count_refusal(refused)
        return _report_page(request, shown, category, words, refused)
    messages.success(request, _("Thank you. We look at it and tell you what became of it; nobody learns who it was."))
    return answer


@require_safe
@signed_in
def list_reports(request: HttpRequest) -> HttpResponse:
    """What one reported, and what became of it."""
    page = queries.list_own_reports(actor_of(request).person_id, cursor=optional_id(request, "after"))
    context: dict[str, object] = {
        "reports": judged.report_lines(page.items),
        "next_href": f"?after={page.next_cursor}" if page.next_cursor else "",
        "empty": Empty(
            _("You have reported nothing"),
            _("Where something breaks a rule, the little flag beside it brings it to us."),
            "tea",
        ),
    }
    return show(request, "reports.html", context, place="me")


@require_safe
@signed_in
def list_decisions(request: HttpRequest) -> HttpResponse:
    """What waits for staff, what was decided of one's own, and how one stands."""
    me, now = actor_of(request).person_id, utc_now()
    held = queries.list_held(me)
    page = queries.list_own_decisions(me, cursor=optional_id(request, "after"))
    standing = [strike for strike in queries.strikes_of(me) if strike.revoked_at is None and strike.expires_at > now]
    context: dict[str, object] = {
        "held": judged.held(held, queries.shown_by_subject([subject for subject, _ in held])) if held else (),
        "decisions": judged.decision_lines(page.items),
        "next_href": f"?after={page.next_cursor}" if page.next_cursor else "",
        "points": sum(strike.points for strike in standing),
        "points_until": max((strike.expires_at for strike in standing), default=None),
        "paused_until": queries.paused_until(me, now),
        "empty": Empty(
            _("Nothing was decided"),
            _("When we withhold something of yours, or look at it first, it is told here, with the reasons."),
            "tea",
        ),
    }
    return show(request, "decisions.html", context, place="me")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def show_decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    """A decision about one's own, with its reasons; POST appeals against it."""
    actor, now = actor_of(request), utc_now()
    decision = queries.get_own_decision(actor.person_id, decision_id)
    refused: DomainError | None = None
    words = ""
    if request.method == "POST":
        words = request.POST.get("words", "")

        def effect(moment: datetime) -> str:
            operations.appeal(actor=actor, decision_id=decision_id, words=words, now=moment)
            return judged.decision_href(decision_id)

        try:
            answer = once(request, actor, effect)
        except DomainError as error:
            count_refusal(error)
            refused = error
        else:
            messages.success(request, _("Your appeal is on its way. Somebody else than who decided reads it."))
            return answer
    shown = queries.shown_by_subject([decision.subject]).get(decision.subject)
    context: dict[str, object] = {
        "decision": judged.decision_page(decision, shown, now),
        "words": words,
        "refusal": text_of(refused) if refused else "",
    }
    return show(request, "decision.html", context, place="me", status=status_of(refused) if refused else 200)


@require_safe
def show_rules(request: HttpRequest) -> HttpResponse:
    """The rules of the house, how they are kept, and what was done: open to everybody. Cost: five queries."""
    page = queries.list_log(cursor=optional_id(request, "after"), limit=_LOGGED)
    months = queries.list_months(now=utc_now(), count=_MONTHS)
    context: dict[str, object] = {
        "rules": judged.rules(),
        "months": judged.months_table(
            [month for month in months if month.reports or month.decisions or month.appeals] or months[:1]
        ),
        "log": judged.logged(page.items),
        "next_href": f"?after={page.next_cursor}" if page.next_cursor else "",
    }
    return show(request, "moderation.html", context)


def _kind(name: str) -> SubjectKind:
    found = next((kind for kind in SubjectKind if kind.value.lower() == name), None)
    if found is None:
        raise judging_errors.SubjectNotFound()
    return found


def _report_page(
    request: HttpRequest,
    shown: Shown,
    category: Category | None = None,
    words: str = "",
    refused: DomainError | None = None,
) -> HttpResponse:
    context: dict[str, object] = {
        "kind": judging.KINDS[shown.subject.kind],
        "excerpt": judged.excerpt(shown.texts),
        "choices": tuple(
            Choice(each.value, judging.title_of(each), chosen=each is category)
            for each in judging.categories_for(shown.subject.kind)
        ),
        "words": words,
        "refusal": text_of(refused) if refused else "",
    }
    return show(request, "report.html", context, status=status_of(refused) if refused else 200)
