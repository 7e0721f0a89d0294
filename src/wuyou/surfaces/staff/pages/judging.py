"""What waits to be looked at, and is it within the rules?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import FileResponse, HttpResponseBase
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.content import queries as content
from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import errors, operations, queries
from wuyou.domains.moderation.types import (
    Case,
    CaseState,
    Category,
    Decision,
    Found,
    Outcome,
    PictureRule,
    Shown,
    Subject,
    SubjectKind,
    Verdict,
)
from wuyou.infra import films, pictures
from wuyou.kernel import tokens
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.staff.access import actor_of, handle_once, new_key, staff_only
from wuyou.surfaces.staff.viewmodels import known_facts, person_part, show
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import judging, lists, parts
from wuyou.surfaces.ui.lists import ListPage
from wuyou.surfaces.ui.ranges import serve_parts

_EXCERPT = 28


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; what a rule found is marked, with the rule."""

    text: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture of what is judged."""

    href: str
    number: int
    near: tuple[str, ...]
    """Rules of pictures that look like it."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A report, without who made it."""

    rule: str
    words: str
    saw: tuple[tuple[Piece, ...], ...]
    """What the reporter saw, where it is not what stands there now."""
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision of the case."""

    outcome: parts.Chip
    rule: str
    note: str
    by: parts.Person | str
    at: datetime


# ---------------------------------------------------------------- the queue


@staff_only
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first, by rule; and what was decided."""
    trail, category = lists.trail_of(request), _category_of(request)
    state = CaseState.DECIDED if request.GET.get("state") == "decided" else CaseState.OPEN
    page = queries.list_cases(state=state, category=category, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    counts = queries.count_open()
    tabs = (
        parts.Tab(_("All"), lists.href(request, category="", state=""), state is CaseState.OPEN and category is None,
                  sum(counts.values())),
        *(
            parts.Tab(judging.title_of(each), lists.href(request, category=each.value, state=""),
                      state is CaseState.OPEN and category is each, counts[each])
            for each in Category if each in counts or each is category
        ),
        parts.Tab(_("Decided"), lists.href(request, state="decided", category=""), state is CaseState.DECIDED),
    )  # fmt: skip
    view = ListPage(
        title=_("Cases"),
        intro=_("What members reported and what rules held, oldest first. What is held, only its writer sees."),
        table=_table(page.items),
        empty=parts.Empty(_("Nothing waits"), _("Reports and what rules hold appear here, oldest first."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=tabs,
    )
    return show(request, "list", "cases", view=view)


def _category_of(request: HttpRequest) -> Category | None:
    given = request.GET.get("category", "")
    return next((category for category in Category if category.value == given), None)


def _table(found: Sequence[Case]) -> parts.Table:
    shown = queries.shown_by_subject([case.subject for case in found])
    persons = identity.persons_by_id({case.owner_id for case in found if case.owner_id})
    columns = (
        parts.Column(_("What was published")),
        parts.Column(_("Of whom")),
        parts.Column(_("Rule")),
        parts.Column(_("State")),
        parts.Column(_("Reports"), numeric=True),
        parts.Column(_("Found by rules"), numeric=True),
        parts.Column(_("Since")),
    )
    rows = tuple(
        parts.Row(
            (
                _what(case.subject, shown),
                person_part(persons.get(case.owner_id)) if case.owner_id else "",
                judging.title_of(case.category),
                _state(case),
                case.report_count,
                case.hit_count,
                case.opened_at,
            ),
            reverse("staff:case", args=[case.id]),
        )
        for case in found
    )
    return parts.Table(_("Cases"), columns, rows)


def _what(subject: Subject, shown: Mapping[Subject, Shown]) -> str:
    kind = str(judging.KINDS[subject.kind])
    text = " · ".join(shown[subject].texts) if subject in shown else ""
    text = " ".join(text.split())
    return f"{kind}: {text[:_EXCERPT]}{'…' if len(text) > _EXCERPT else ''}" if text else kind


def _state(case: Case) -> parts.Chip:
    if case.state is CaseState.DECIDED:
        return parts.Chip(_("Decided"), "jade")
    return parts.Chip(_("Held"), "amber") if case.is_held else parts.Chip(_("Open to others"), "plain")


# ---------------------------------------------------------------- one case


@staff_only
@require_safe
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    return _show(request, queries.get_case(case_id))


@staff_only
@require_POST
def decide(request: HttpRequest, case_id: int) -> HttpResponse:
    """Decide, under a rule, with what is added to its words."""
    now, found = utc_now(), queries.get_case(case_id)
    outcome = next((each for each in Outcome if each.value == request.POST.get("outcome")), None)
    category = next((each for each in Category if each.value == request.POST.get("category")), None)
    note = request.POST.get("note", "")
    if outcome is None or category is None:
        return _show(request, found, note=note, refusal=_("Choose what is done, and the rule that it rests on."))
    try:
        handle_once(
            request,
            lambda: operations.decide(
                actor=actor_of(request), case_id=case_id, outcome=outcome, category=category, note=note, now=now
            ),
            now,
        )
    except DomainError as refused:
        return _show(request, queries.get_case(case_id), refused, note=note)
    messages.success(request, _("It is decided, and whom it concerns is told."))
    following = queries.list_cases(limit=1).items
    return HttpResponseRedirect(reverse("staff:case", args=[following[0].id]) if following else reverse("staff:cases"))


@staff_only
@require_safe
def case_picture(request: HttpRequest, case_id: int, number: int) -> HttpResponseBase:
    """A picture of what is judged, by its number."""
    key = _picture_key(case_id, number)
    try:
        answer = FileResponse(pictures.open_rendition(key, 960), content_type=pictures.MEDIA_TYPE)
    except FileNotFoundError as error:
        raise Http404 from error
    answer["Content-Security-Policy"] = "default-src 'none'"
    return answer


@staff_only
@require_safe
def case_film(request: HttpRequest, case_id: int) -> HttpResponseBase:
    """The film of what is judged, by parts."""
    key = _film_key(queries.get_case(case_id))
    if key is None:
        raise Http404
    tag = f'"{tokens.digest(f"{key}/{films.FILM}")[:24]}"'
    try:
        answer = serve_parts(
            request, partial(films.open_part, key, films.FILM), tag=tag, media_type=films.media_type_of(films.FILM)
        )
    except FileNotFoundError as error:
        raise Http404 from error
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = "default-src 'none'; media-src 'self'"
    return answer


def _film_key(found: Case) -> str | None:
    return content.film_of_judged(found.subject.id) if found.subject.kind is SubjectKind.POST else None


@staff_only
@require_POST
def forbid_picture(request: HttpRequest, case_id: int, number: int) -> HttpResponse:
    """From now on what looks like this picture is held or refused."""
    now, found = utc_now(), queries.get_case(case_id)
    verdict = Verdict.REFUSE if request.POST.get("verdict") == Verdict.REFUSE.value else Verdict.HOLD
    look = pictures.looks_of(_picture_key(case_id, number))[0]
    try:
        handle_once(
            request,
            lambda: operations.add_picture_rule(
                actor=actor_of(request), phash=look, verdict=verdict, category=found.category,
                note=_("From case %(number)d") % {"number": case_id}, now=now,
            ),
            now,
        )  # fmt: skip
    except DomainError as refused:
        return _show(request, found, refused)
    messages.success(request, _("What looks like it is found from now on."))
    return HttpResponseRedirect(reverse("staff:case", args=[case_id]))


def _picture_key(case_id: int, number: int) -> str:
    subject = queries.get_case(case_id).subject
    shown = queries.shown_by_subject([subject]).get(subject)
    if shown is None or number >= len(shown.pictures):
        raise Http404
    return shown.pictures[number]


def _show(
    request: HttpRequest, found: Case, refused: DomainError | None = None, *, note: str = "", refusal: str = ""
) -> HttpResponse:
    now = utc_now()
    shown = queries.shown_by_subject([found.subject]).get(found.subject)
    reports, decisions = queries.list_reports(found.id), queries.list_decisions(found.id)
    texts = shown.texts if shown else ()
    people = {found.owner_id, *(each.decided_by for each in decisions)} - {None}
    persons = identity.persons_by_id(each for each in people if each is not None)
    source = queries.sources().get(found.subject.kind)
    strikes = queries.strikes_of(found.owner_id) if found.owner_id else ()
    evidence = [text for report in reports for text in report.evidence]
    marked = dict(zip((*texts, *evidence), queries.find_in((*texts, *evidence), now), strict=True))
    owner = persons.get(found.owner_id or 0)
    status = ui_errors.status_of(refused) if refused else 422 if refusal else 200
    return show(
        request,
        "case",
        "cases",
        status,
        case=found,
        title=f"{judging.KINDS[found.subject.kind]} · {judging.title_of(found.category)}",
        state=_state(found),
        is_open=found.state is CaseState.OPEN,
        texts=tuple(pieces(text, marked[text]) for text in texts),
        is_gone=shown is None and found.subject.kind is not SubjectKind.MESSAGE,
        pictures=_pictures(found, shown),
        film_href=reverse("staff:case-film", args=[found.id]) if _film_key(found) else "",
        reports=tuple(
            Complaint(
                judging.title_of(report.category),
                report.words,
                tuple(pieces(text, marked[text]) for text in report.evidence if text not in texts),
                report.made_at,
            )
            for report in reports
        ),
        owner=person_part(owner),
        owner_href=reverse("staff:strikes", args=[owner.id]) if owner else "",
        facts=known_facts(
            parts.Fact(_("Since"), found.opened_at),
            parts.Fact(_("Reports"), found.report_count),
            parts.Fact(_("Points now"), sum(s.points for s in strikes if s.revoked_at is None and s.expires_at > now)),
            parts.Fact(_("May not publish until"), queries.paused_until(owner.id, now) if owner else None),
            parts.Fact(_("Earlier cases of it"), len(queries.list_cases_of(found.subject)) - 1),
        ),
        decisions=_settled(decisions, persons),
        outcomes=tuple(
            parts.Choice(each.value, str(judging.OUTCOMES[each][0]), note=str(_MEANS[each]()))
            for each in Outcome
            if source is None or each in source.outcomes
        ),
        categories=tuple((each.value, judging.title_of(each), each is found.category) for each in Category),
        note=note,
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else refusal,
    )


_MEANS = {
    Outcome.KEEP: lambda: _("It keeps to the rules, and is open to whom it was."),
    Outcome.WARN: lambda: _("It stays; one point."),
    Outcome.WITHHOLD: lambda: _("Only its owner sees it until it is changed and looked at again; one point."),
    Outcome.REMOVE: lambda: _("Only its owner sees it, and it goes when the time to appeal is over; two points."),
}


def _settled(decisions: Sequence[Decision], persons: Mapping[int, Person]) -> tuple[Settled, ...]:
    return tuple(
        Settled(
            parts.Chip(str(judging.OUTCOMES[each.outcome][0]), judging.OUTCOMES[each.outcome][1]),
            judging.title_of(each.category),
            each.note,
            person_part(persons.get(each.decided_by or 0), _("after an appeal") if each.is_of_appeal else ""),
            each.decided_at,
        )
        for each in decisions
    )


def _pictures(found: Case, shown: Shown | None) -> tuple[ShownPicture, ...]:
    if shown is None or not shown.pictures:
        return ()
    return tuple(
        ShownPicture(reverse("staff:case-picture", args=[found.id, number]), number, _near(key))
        for number, key in enumerate(shown.pictures)
    )


def _near(key: str) -> tuple[str, ...]:
    """The rules that a picture comes near to, and how near. Cost: one file, one query."""
    try:
        looks = pictures.looks_of(key)
    except FileNotFoundError:
        return ()
    return tuple(_nearness(rule, looks) for rule in queries.find_pictures(looks[:1]))


def _nearness(rule: PictureRule, looks: Sequence[int]) -> str:
    bits = pictures.distance(looks[:1], rule.phash)
    name = rule.note or date_format(rule.made_at)
    return _("%(rule)s: %(name)s, %(bits)d of 64 bits apart") % {
        "rule": judging.title_of(rule.category),
        "name": name,
        "bits": bits,
    }


def pieces(text: str, found: Sequence[Found]) -> tuple[Piece, ...]:
    """A text cut where rules found something in it; what overlaps is marked as one."""
    cut: list[Piece] = []
    at = 0
    spans: list[tuple[int, int, str]] = []
    for one in sorted(found, key=lambda each: (each.start, -each.end)):
        label = f"{judging.title_of(one.rule.category)}: {one.rule.text}"
        if spans and one.start < spans[-1][1]:
            start, end, labels = spans[-1]
            spans[-1] = (start, max(end, one.end), labels if label in labels else f"{labels}; {label}")
        else:
            spans.append((one.start, one.end, label))
    for start, end, label in spans:
        cut += [Piece(text[at:start]), Piece(text[start:end], label)]
        at = end
    return tuple(piece for piece in (*cut, Piece(text[at:])) if piece.text)


# ---------------------------------------------------------------- a person's strikes


@staff_only
@require_safe
def strikes(request: HttpRequest, person_id: int) -> HttpResponse:
    """What counts against a person, and what it comes to."""
    person, now = identity.get_person(person_id), utc_now()
    found = queries.strikes_of(person_id)
    decisions = queries.decisions_by_id([strike.decision_id for strike in found])
    until = queries.paused_until(person_id, now)
    columns = (
        parts.Column(_("What was published")),
        parts.Column(_("Rule")),
        parts.Column(_("Decided")),
        parts.Column(_("Points"), numeric=True),
        parts.Column(_("Counts until")),
        parts.Column(_("State")),
    )
    rows = tuple(
        parts.Row(
            (
                str(judging.KINDS[decisions[strike.decision_id].subject.kind]),
                judging.title_of(decisions[strike.decision_id].category),
                strike.made_at,
                strike.points,
                strike.expires_at,
                _strike_state(strike.revoked_at, strike.expires_at, now),
            ),
            reverse("staff:case", args=[decisions[strike.decision_id].case_id]),
        )
        for strike in found
        if strike.decision_id in decisions
    )
    name = f"{person.display_name} @{person.handle}"
    view = ListPage(
        title=_("Strikes: %(name)s") % {"name": name},
        intro=_("May not publish until %(until)s.") % {"until": date_format(until, "DATETIME_FORMAT")}
        if until
        else _("May publish. Three points within 90 days: a day without; five: a week; eight: a month."),
        table=parts.Table(_("Strikes"), columns, rows),
        empty=parts.Empty(_("No strikes"), _("Warnings and what was withheld or removed count here."), "tea"),
    )
    return show(request, "list", "cases", view=view)


def _strike_state(revoked_at: datetime | None, expires_at: datetime, now: datetime) -> parts.Chip:
    if revoked_at is not None:
        return parts.Chip(_("Taken back"), "jade")
    return parts.Chip(_("Counts"), "accent") if expires_at > now else parts.Chip(_("Over"))


# ---------------------------------------------------------------- appeals


@staff_only
@require_safe
def appeals(request: HttpRequest) -> HttpResponse:
    """What people say against decisions, oldest first."""
    trail, is_answered = lists.trail_of(request), request.GET.get("state") == "answered"
    page = queries.list_appeals(is_answered=is_answered, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    persons = identity.persons_by_id({each.owner_id for each in page.items if each.owner_id})
    columns = (
        parts.Column(_("Against")),
        parts.Column(_("Of whom")),
        parts.Column(_("Rule")),
        parts.Column(_("State")),
        parts.Column(_("Since")),
    )
    rows = tuple(
        parts.Row(
            (
                f"{judging.KINDS[each.subject.kind]}: {judging.OUTCOMES[each.outcome][0]}",
                person_part(persons.get(each.owner_id or 0)),
                judging.title_of(each.category),
                _appeal_state(each),
                each.appeal.made_at,
            ),
            reverse("staff:appeal", args=[each.appeal.id]),
        )
        for each in page.items
        if each.appeal is not None
    )
    view = ListPage(
        title=_("Appeals"),
        intro=_("Somebody else than who decided answers; what is granted is open again, and its strike is taken back."),
        table=parts.Table(_("Appeals"), columns, rows),
        empty=parts.Empty(_("No appeal waits"), _("An appeal keeps what was removed from going."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=(
            parts.Tab(_("Waiting"), lists.href(request, state=""), not is_answered),
            parts.Tab(_("Answered"), lists.href(request, state="answered"), is_answered),
        ),
    )
    return show(request, "list", "appeals", view=view)


def _appeal_state(decision: Decision) -> parts.Chip:
    if decision.appeal is None or decision.appeal.is_granted is None:
        return parts.Chip(_("Waits"), "amber")
    return parts.Chip(_("Granted"), "jade") if decision.appeal.is_granted else parts.Chip(_("Declined"))


@staff_only
@require_safe
def appeal(request: HttpRequest, appeal_id: int) -> HttpResponse:
    return _show_appeal(request, appeal_id)


@staff_only
@require_POST
def answer_appeal(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Grant an appeal, or leave the decision as it is."""
    now, note = utc_now(), request.POST.get("note", "")
    answer = request.POST.get("answer")
    if answer not in {"grant", "decline"}:
        return _show_appeal(request, appeal_id, refusal=_("Choose an answer."))
    try:
        handle_once(
            request,
            lambda: operations.answer_appeal(
                actor=actor_of(request), appeal_id=appeal_id, is_granted=answer == "grant", note=note, now=now
            ),
            now,
        )
    except DomainError as refused:
        return _show_appeal(request, appeal_id, refused)
    messages.success(request, _("The appeal is answered, and whoever made it is told."))
    return HttpResponseRedirect(reverse("staff:appeals"))


def _show_appeal(
    request: HttpRequest, appeal_id: int, refused: DomainError | None = None, *, refusal: str = ""
) -> HttpResponse:
    now, decision = utc_now(), queries.get_appealed(appeal_id)
    if decision.appeal is None:
        raise errors.AppealNotFound()
    shown = queries.shown_by_subject([decision.subject]).get(decision.subject)
    reports = queries.list_reports(decision.case_id)
    texts = shown.texts if shown else tuple(dict.fromkeys(text for report in reports for text in report.evidence))
    people = {decision.owner_id, decision.decided_by} - {None}
    persons = identity.persons_by_id(each for each in people if each is not None)
    return show(
        request,
        "appeal",
        "appeals",
        ui_errors.status_of(refused) if refused else 422 if refusal else 200,
        decision=decision,
        appeal=decision.appeal,
        title=f"{judging.KINDS[decision.subject.kind]} · {judging.title_of(decision.category)}",
        outcome=parts.Chip(str(judging.OUTCOMES[decision.outcome][0]), judging.OUTCOMES[decision.outcome][1]),
        state=_appeal_state(decision),
        rule_words=judging.words_of(decision.category),
        texts=tuple(pieces(text, marks) for text, marks in zip(texts, queries.find_in(texts, now), strict=True)),
        owner=person_part(persons.get(decision.owner_id or 0)),
        decided_by=person_part(persons.get(decision.decided_by or 0)),
        case_href=reverse("staff:case", args=[decision.case_id]),
        may_answer=decision.appeal.answered_at is None and decision.decided_by != request.user.pk,
        is_own=decision.appeal.answered_at is None and decision.decided_by == request.user.pk,
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else refusal,
    )
