"""Reports, decisions and the public log, as pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from wuyou.domains.moderation.types import (
    WITHHOLDING,
    Appeal,
    CaseState,
    Category,
    Decision,
    LogLine,
    MonthOfLog,
    Outcome,
    OwnReport,
    Shown,
    Standing,
    Subject,
    SubjectKind,
)
from wuyou.surfaces.ui import judging, parts

_EXCERPT = 160


@dataclass(frozen=True, slots=True)
class Held:
    """Something of one's own that only oneself sees for now."""

    kind: str
    excerpt: str
    rule: str
    href: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report of one's own and what became of it."""

    kind: str
    excerpt: str
    rule: str
    words: str
    made_at: datetime
    state: parts.Chip
    answer: str


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision about something of one's own."""

    kind: str
    outcome: parts.Chip
    rule: str
    decided_at: datetime
    href: str
    appeal: parts.Chip | None


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """A decision with its reasons: the words of the rule, and what staff add."""

    id: int
    kind: str
    outcome: parts.Chip
    what: str
    rule: str
    rule_words: str
    note: str
    texts: tuple[str, ...]
    place_href: str
    decided_at: datetime
    appeal_until: datetime
    may_appeal: bool
    appeal: Appeal | None
    appeal_chip: parts.Chip | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the house."""

    key: str
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of the public log."""

    day: str
    kind: str
    outcome: parts.Chip
    rule: str
    why: str


def held_link(standing: Standing | None) -> parts.Link | None:
    """What leads from something of one's own to why only oneself sees it."""
    if standing is None:
        return None
    if standing.state is CaseState.OPEN:
        return parts.Link(_("Under review: only you see it"), f"{reverse('storefront:decisions')}#held")
    return parts.Link(_("Withheld: only you see it"), decision_href(standing.decision_id))


def decision_href(decision_id: int | None) -> str:
    """The page of a decision."""
    return reverse("storefront:decision", args=[decision_id]) if decision_id else reverse("storefront:decisions")


def report_href(kind: SubjectKind, subject_id: int) -> str:
    """Where something is reported."""
    return reverse("storefront:report", args=[kind.value.lower(), subject_id])


def held(lines: Sequence[tuple[Subject, Standing]], shown: Mapping[Subject, Shown]) -> tuple[Held, ...]:
    """What waits for staff while only oneself sees it."""
    return tuple(
        Held(
            str(judging.KINDS[subject.kind]),
            excerpt(shown[subject].texts) if subject in shown else "",
            judging.title_of(standing.category),
            place_href(shown.get(subject)),
        )
        for subject, standing in lines
    )


def report_lines(reports: Sequence[OwnReport]) -> tuple[ReportLine, ...]:
    """One's own reports."""
    return tuple(
        ReportLine(
            str(judging.KINDS[report.subject.kind]),
            excerpt(report.evidence),
            judging.title_of(report.category),
            report.words,
            report.made_at,
            _report_state(report.outcome),
            _report_answer(report.outcome),
        )
        for report in reports
    )


def decision_lines(decisions: Sequence[Decision]) -> tuple[DecisionLine, ...]:
    """What was decided of one's own."""
    return tuple(
        DecisionLine(
            str(judging.KINDS[decision.subject.kind]),
            outcome_chip(decision.outcome),
            judging.title_of(decision.category),
            decision.decided_at,
            decision_href(decision.id),
            _appeal_chip(decision.appeal),
        )
        for decision in decisions
    )


def decision_page(decision: Decision, shown: Shown | None, now: datetime) -> DecisionPage:
    """One decision, for whom it concerns."""
    return DecisionPage(
        decision.id,
        str(judging.KINDS[decision.subject.kind]),
        outcome_chip(decision.outcome),
        WHAT[decision.outcome]() if not decision.is_of_appeal else _("Your appeal was right: it is open again."),
        judging.title_of(decision.category),
        judging.words_of(decision.category),
        decision.note,
        shown.texts if shown else (),
        place_href(shown),
        decision.decided_at,
        decision.appeal_until,
        decision.outcome is not Outcome.KEEP and decision.appeal is None and now < decision.appeal_until,
        decision.appeal,
        _appeal_chip(decision.appeal),
    )


WHAT = {
    Outcome.KEEP: lambda: _("We looked at it, and it stays as it is."),
    Outcome.WARN: lambda: _("It stays, and we ask you to keep to this rule from now on."),
    Outcome.WITHHOLD: lambda: _("Only you see it. Change it, and we look at it again."),
    Outcome.REMOVE: lambda: _("Only you see it, until the time to appeal is over; then it goes."),
}


def rules() -> tuple[Rule, ...]:
    """The rules of the house."""
    return tuple(
        Rule(category.value.lower(), judging.title_of(category), judging.words_of(category)) for category in Category
    )


def logged(lines: Sequence[LogLine]) -> tuple[Logged, ...]:
    """The public log."""
    return tuple(
        Logged(
            date_format(line.decided_on),
            str(judging.KINDS[line.kind]),
            outcome_chip(line.outcome),
            judging.title_of(line.category),
            _why(line),
        )
        for line in lines
    )


def months_table(months: Sequence[MonthOfLog]) -> parts.Table:
    """What was done by month."""
    columns = (
        parts.Column(_("Month")),
        parts.Column(_("Reports"), numeric=True),
        *(parts.Column(str(judging.OUTCOMES[outcome][0]), numeric=True) for outcome in Outcome),
        parts.Column(_("Appeals"), numeric=True),
        parts.Column(_("Granted"), numeric=True),
    )
    rows = tuple(
        parts.Row(
            (
                date_format(month.month, "YEAR_MONTH_FORMAT"),
                month.reports,
                *(month.decisions.get(outcome, 0) for outcome in Outcome),
                month.appeals,
                month.granted,
            )
        )
        for month in months
    )
    return parts.Table(_("By month"), columns, rows)


def outcome_chip(outcome: Outcome) -> parts.Chip:
    """What was decided, as a chip."""
    text, tone = judging.OUTCOMES[outcome]
    return parts.Chip(str(text), tone)


def excerpt(texts: Sequence[str]) -> str:
    """The beginning of what something says."""
    text = " ".join(" · ".join(texts).split())
    return text if len(text) <= _EXCERPT else f"{text[: _EXCERPT - 1]}…"


def place_href(shown: Shown | None) -> str:
    """Where a subject stands, for who may see it; empty where that is no page of its own."""
    if shown is None:
        return ""
    kind, key, place = shown.subject.kind, shown.subject.id, shown.place_id
    match kind:
        case SubjectKind.REVIEW | SubjectKind.ANNOTATION | SubjectKind.ANSWER if place:
            return f"{reverse('storefront:thing', args=[place])}#{kind.value.lower()}-{key}"
        case SubjectKind.POST:
            return reverse("storefront:post", args=[key])
        case SubjectKind.COMMENT if place:
            return f"{reverse('storefront:post', args=[place])}#comment-{key}"
        case SubjectKind.COPY:
            return reverse("storefront:copy", args=[key])
        case SubjectKind.PERSON | SubjectKind.FACE:
            return reverse("storefront:person", args=[shown.handle])
        case SubjectKind.PRODUCT:
            return reverse("storefront:product", args=[key])
        case SubjectKind.MESSAGE if place:
            return reverse("storefront:conversation", args=[place])
        case _:
            return ""


def _report_state(outcome: Outcome | None) -> parts.Chip:
    if outcome is None:
        return parts.Chip(_("Waits"), "amber", "clock")
    return parts.Chip(_("Answered"), "jade", "check")


def _report_answer(outcome: Outcome | None) -> str:
    if outcome is None:
        return _("Staff will look at it. Nobody learns that it was you.")
    if outcome in WITHHOLDING:
        return _("It broke a rule, and nobody else sees it any more.")
    if outcome is Outcome.WARN:
        return _("Whoever it is of was warned.")
    return _("We found that it keeps to the rules.")


def _appeal_chip(appeal: Appeal | None) -> parts.Chip | None:
    if appeal is None:
        return None
    if appeal.is_granted is None:
        return parts.Chip(_("Appeal waits"), "amber", "clock")
    return parts.Chip(_("Appeal granted"), "jade", "check") if appeal.is_granted else parts.Chip(_("Appeal declined"))


def _why(line: LogLine) -> str:
    if line.is_of_appeal:
        return _("after an appeal")
    if line.was_reported and line.was_found:
        return _("reported, and found by a rule")
    return _("reported") if line.was_reported else _("found by a rule")
