"""Reports of what breaks a rule, decisions about one's own, appeals, and the public log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.moderation import errors, operations, queries
from wuyou.domains.moderation.types import Category, Decision, Outcome, OwnReport, Subject, SubjectKind
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import TEXT, Draft, Id, PageQuery

router = Router(tags=["moderation"])

SCREENED = (errors.WordsRefused, errors.PictureRefused, errors.Paused)
"""What every endpoint that publishes words refuses with."""
_Words = Annotated[str, StringConstraints(max_length=1_000, pattern=TEXT)]


class ReportDraft(Draft):
    """What you complain of, and which rule it breaks."""

    kind: Annotated[SubjectKind, Field(strict=False)]
    subject_id: Id
    category: Annotated[Category, Field(strict=False)]
    words: _Words = ""
    """What else we should know."""


class AppealDraft(Draft):
    """Why a decision is wrong."""

    words: Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=TEXT)]


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report of yours, and what became of it. Nobody else learns that it was you."""

    __pydantic_config__ = DOCUMENTED

    id: int
    kind: SubjectKind
    subject_id: int
    category: Category
    words: str
    made_at: datetime
    outcome: Outcome | None
    """Null while nobody has decided."""
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportList:
    """Your reports, newest first."""

    items: tuple[ReportLine, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class AppealLine:
    """What you said against a decision, and how it was answered."""

    __pydantic_config__ = DOCUMENTED

    words: str
    made_at: datetime
    answered_at: datetime | None
    is_granted: bool | None
    """Null while nobody has answered."""


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """What was decided about something that you published."""

    __pydantic_config__ = DOCUMENTED

    id: int
    kind: SubjectKind
    subject_id: int
    outcome: Outcome
    category: Category
    """The rule that it rests on."""
    note: str
    """What staff add to the words of the rule."""
    decided_at: datetime
    is_of_appeal: bool
    appeal_until: datetime
    appeal: AppealLine | None


@dataclass(frozen=True, slots=True)
class DecisionList:
    """Decisions about what you published, newest first."""

    items: tuple[DecisionLine, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """Something of yours that is under review."""

    __pydantic_config__ = DOCUMENTED

    kind: SubjectKind
    subject_id: int
    category: Category
    """The rule that it is looked at for."""


@dataclass(frozen=True, slots=True)
class WaitingList:
    """What of yours is under review, newest first; at most 100."""

    items: tuple[WaitingLine, ...]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A decision as everybody may read it: without a name, and without what it was about."""

    __pydantic_config__ = DOCUMENTED

    decided_on: date
    kind: SubjectKind
    outcome: Outcome
    category: Category
    was_reported: bool
    was_found: bool
    """By a rule on words or pictures."""
    is_of_appeal: bool


@dataclass(frozen=True, slots=True)
class LogPage:
    """What was decided, newest first."""

    items: tuple[LogEntry, ...]
    next_cursor: int | None


@operation(
    router,
    "POST",
    "/reports",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[errors.SubjectNotFound, errors.OwnSubject, errors.TextMalformed, errors.TooManyReports],
)
def report(call: Call, body: ReportDraft) -> ReportLine:
    """Report what you see and what breaks a rule. While it waits, reporting it again gives your first report."""
    report_id = operations.report(
        actor=call.actor,
        subject=Subject(body.kind, body.subject_id),
        category=body.category,
        words=body.words,
        now=call.now,
    )
    return _report(queries.get_own_report(call.actor.person_id, report_id))


@operation(router, "GET", "/reports", entry=Entry.READ)
def list_reports(call: Call, query: Query[PageQuery]) -> ReportList:
    """List what you reported, and what became of it."""
    page = queries.list_own_reports(call.actor.person_id, cursor=query.cursor, limit=query.limit)
    return ReportList(tuple(_report(each) for each in page.items), page.next_cursor)


@operation(router, "GET", "/decisions", entry=Entry.READ)
def list_decisions(call: Call, query: Query[PageQuery]) -> DecisionList:
    """List what was decided about what you published."""
    page = queries.list_own_decisions(call.actor.person_id, cursor=query.cursor, limit=query.limit)
    return DecisionList(tuple(_decision(each) for each in page.items), page.next_cursor)


@operation(router, "GET", "/decisions/waiting", entry=Entry.READ)
def list_waiting(call: Call) -> WaitingList:
    """List what of yours only you see until staff have looked: a rule found something in it."""
    held = queries.list_held(call.actor.person_id)
    return WaitingList(tuple(WaitingLine(subject.kind, subject.id, how.category) for subject, how in held))


@operation(router, "GET", "/decisions/{decision_id}", entry=Entry.READ, refuses=[errors.DecisionNotFound])
def show_decision(call: Call, decision_id: Id) -> DecisionLine:
    """Show a decision about what you published."""
    return _decision(queries.get_own_decision(call.actor.person_id, decision_id))


@operation(
    router,
    "POST",
    "/decisions/{decision_id}/appeal",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[errors.DecisionNotFound, errors.AppealTooLate, errors.AppealedAlready, errors.TextMalformed],
)
def appeal(call: Call, decision_id: Id, body: AppealDraft) -> DecisionLine:
    """Say why a decision is wrong, once, within 14 days. Somebody else than who decided answers."""
    operations.appeal(actor=call.actor, decision_id=decision_id, words=body.words, now=call.now)
    return _decision(queries.get_own_decision(call.actor.person_id, decision_id))


@operation(router, "GET", "/moderation/log", entry=Entry.READ, who=Who.ANYONE)
def list_log(call: Call, query: Query[PageQuery]) -> LogPage:
    """List what was decided of what kind under which rule."""
    page = queries.list_log(cursor=query.cursor, limit=query.limit)
    return LogPage(
        tuple(
            LogEntry(
                line.decided_on,
                line.kind,
                line.outcome,
                line.category,
                line.was_reported,
                line.was_found,
                line.is_of_appeal,
            )
            for line in page.items
        ),
        page.next_cursor,
    )


def _report(own: OwnReport) -> ReportLine:
    return ReportLine(
        own.id,
        own.subject.kind,
        own.subject.id,
        own.category,
        own.words,
        own.made_at,
        own.outcome,
        own.decided_at,
    )


def _decision(own: Decision) -> DecisionLine:
    said = own.appeal
    return DecisionLine(
        own.id,
        own.subject.kind,
        own.subject.id,
        own.outcome,
        own.category,
        own.note,
        own.decided_at,
        own.is_of_appeal,
        own.appeal_until,
        AppealLine(said.words, said.made_at, said.answered_at, said.is_granted) if said else None,
    )
