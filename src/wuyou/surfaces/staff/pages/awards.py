"""What does the site honour, and who has won?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.config.env import get_env
from wuyou.domains.awards import operations, queries
from wuyou.domains.awards.types import Award, Honour, HonourState, Rule
from wuyou.domains.identity import queries as identity
from wuyou.kernel.clock import business_date, utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.staff.access import actor_of, change, new_key, staff_only
from wuyou.surfaces.staff.viewmodels import person_part, show
from wuyou.surfaces.ui import awards as words
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.parsing import read_id
from wuyou.surfaces.ui.refusals import FormMalformed

_NUMBERS = ("least", "least_reads", "winner_count")


@dataclass(frozen=True, slots=True)
class AwardLine:
    """An award, and how it is given."""

    award: Award
    title: str
    rule: str
    asks: str
    runs: str
    may_end: bool


@dataclass(frozen=True, slots=True)
class HonourLine:
    """Who won what, with what was counted, and whether it may be withdrawn."""

    honour: Honour
    title: str
    person: parts.Person | str
    place: str
    figure: str
    reads: str
    state: parts.Chip
    may_withdraw: bool


@staff_only
@require_safe
def awards(request: HttpRequest) -> HttpResponseBase:
    """All awards, a form to name one more, and who won in a month. Cost: five queries besides the shell's."""
    return _page(request)


@staff_only
@require_POST
def add_award(request: HttpRequest) -> HttpResponseBase:
    """Name one more."""
    rule = next((each for each in Rule if each.value == request.POST.get("rule")), None)
    if rule is None:
        raise FormMalformed()
    least, least_reads, winner_count = (read_id(request.POST.get(name, "")) for name in _NUMBERS)

    def act(now: datetime) -> None:
        operations.make_award(
            actor=actor_of(request),
            title=request.POST.get("title", ""),
            title_en=request.POST.get("title_en", ""),
            rule=rule,
            least=least,
            least_reads=least_reads,
            winner_count=winner_count,
            first_month=_month(request.POST.get("first_month", "")),
            now=now,
        )

    return _do(request, act, _("The award is named"))


@staff_only
@require_POST
def end_award(request: HttpRequest, award_id: int) -> HttpResponseBase:
    """The running month is its last."""

    def act(now: datetime) -> None:
        operations.end_award(actor=actor_of(request), award_id=award_id, now=now)

    return _do(request, act, _("It is given for this month once more, and then no longer"))


@staff_only
@require_POST
def withdraw_honour(request: HttpRequest, honour_id: int) -> HttpResponseBase:
    """Take it back, with a reason for its winner to read."""
    reason = request.POST.get("reason", "")

    def act(now: datetime) -> None:
        operations.withdraw_honour(actor=actor_of(request), honour_id=honour_id, reason=reason, now=now)

    return _do(request, act, _("Withdrawn; its winner reads why"))


def _do(request: HttpRequest, act: Callable[[datetime], object], said: str) -> HttpResponse:
    return change(request, act, said, back_to="staff:awards", refuse=partial(_page, request))


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise FormMalformed() from error


def _page(request: HttpRequest, refused: DomainError | None = None) -> HttpResponse:
    today, months = business_date(utc_now()), queries.list_months()
    chosen = words.chosen_month(request, months)
    sent = request.POST
    rule = sent.get("rule", Rule.MOST_READ.value)
    return show(
        request,
        "awards",
        "awards",
        ui_errors.status_of(refused) if refused else 200,
        awards=[_award_line(award) for award in queries.list_awards()],
        tabs=words.month_tabs(months, chosen),
        honours=_honour_lines(queries.list_given(chosen)) if chosen else (),
        choices=tuple(
            parts.Choice(each.value, str(title), str(note), chosen=each.value == rule)
            for each, (title, note) in words.RULES.items()
        ),
        typed={
            "title": sent.get("title", ""),
            "title_en": sent.get("title_en", ""),
            "least": sent.get("least", "20"),
            "least_reads": sent.get("least_reads", str(get_env().creator_reads)),
            "winner_count": sent.get("winner_count", "3"),
            "first_month": sent.get("first_month", words.month_text(today)),
            "reason": sent.get("reason", ""),
        },
        this_month=words.month_text(today),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )


def _award_line(award: Award) -> AwardLine:
    first = words.month_text(award.first_month)
    runs = _("from %(first)s on") % {"first": first}
    if award.last_month is not None:
        runs = _("%(first)s to %(last)s") % {"first": first, "last": words.month_text(award.last_month)}
    asked = {
        "figure": words.figure_text(award.rule, award.least),
        "reads": words.figure_text(Rule.MOST_READ, award.least_reads),
    }
    asks = (_("%(figure)s at least, and %(reads)s") if award.least_reads else _("%(figure)s at least")) % asked
    return AwardLine(award, words.title_of(award), words.rule_of(award), asks, runs, award.last_month is None)


def _honour_lines(honours: tuple[Honour, ...]) -> tuple[HonourLine, ...]:
    people = identity.persons_by_id({each.person_id for each in honours}) if honours else {}
    return tuple(
        HonourLine(
            each,
            words.title_of(each.round.award),
            person_part(people.get(each.person_id)),
            words.place_text(each),
            words.figure_text(each.round.award.rule, each.figure),
            words.figure_text(Rule.MOST_READ, each.reads),
            words.state_chip(each),
            each.state is HonourState.GIVEN,
        )
        for each in honours
    )
