"""Awards: what is honoured, who shows that they won, and what one won oneself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from wuyou.domains.awards import policies, queries
from wuyou.domains.awards.types import Award, Honour, HonourState, Rule
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.lines import Someone, someone
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import Day

router = Router(tags=["awards"])


class MonthQuery(BaseModel):
    """Which month."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    month: Day | None = None
    """Any day of it; none is the latest for which awards were given."""


@dataclass(frozen=True, slots=True)
class AwardLine:
    """What is honoured."""

    __pydantic_config__ = DOCUMENTED

    id: int
    title: str
    title_en: str
    rule: Rule
    least: int | None
    """What is asked of what the rule counts; null where that is told to nobody, being of fewer than twenty people."""
    least_reads: int
    """How often one's posts are to be read in the month."""
    winner_count: int
    """So many win at most."""


@dataclass(frozen=True, slots=True)
class WinnerLine:
    """Somebody who won, and shows it."""

    place: int
    person: Someone


@dataclass(frozen=True, slots=True)
class GivenAward:
    """An award as it was given, with those winners who show it and whom you may meet."""

    award: AwardLine
    winners: tuple[WinnerLine, ...]


@dataclass(frozen=True, slots=True)
class AwardMonth:
    """The awards of a month."""

    __pydantic_config__ = DOCUMENTED

    month: date | None
    """Its first day; null where none was ever given."""
    items: tuple[GivenAward, ...]


@dataclass(frozen=True, slots=True)
class HonourLine:
    """What you won, with what was counted; nobody else is told the figures."""

    __pydantic_config__ = DOCUMENTED

    award: AwardLine
    month: date
    place: int
    state: HonourState
    is_shown: bool
    """Whether you show it."""
    figure: int
    """By the rule: reads, or people."""
    reads: int
    """How often your posts were read in the month."""
    reason: str
    """Why it was withdrawn."""
    given_at: datetime


@dataclass(frozen=True, slots=True)
class HonourList:
    """All that you won, the latest first."""

    items: tuple[HonourLine, ...]


@operation(router, "GET", "/awards", entry=Entry.READ, who=Who.ANYONE_KNOWN_OR_NOT)
def list_awards(call: Call, query: Query[MonthQuery]) -> AwardMonth:
    """List the awards of a month, with those winners who show that they won."""
    viewer = get_viewer(call.actor.user_id)
    month = query.month.replace(day=1) if query.month else next(iter(queries.list_months()), None)
    if month is None:
        return AwardMonth(None, ())
    honours = queries.honours_shown(viewer, month)
    return AwardMonth(
        month,
        tuple(
            GivenAward(
                _award(held.award),
                tuple(
                    WinnerLine(honour.place, someone(face.person))
                    for honour, face in honours
                    if honour.round.id == held.id
                ),
            )
            for held in queries.list_rounds(month)
        ),
    )


@operation(router, "GET", "/me/awards", entry=Entry.READ)
def list_own_awards(call: Call) -> HonourList:
    """List what you won, with the figures by which it was decided."""
    return HonourList(tuple(map(_honour, queries.list_own_honours(call.actor.person_id))))


def _award(award: Award) -> AwardLine:
    return AwardLine(
        award.id,
        award.title,
        award.title_en,
        award.rule,
        policies.least_shown(award) or None,
        award.least_reads,
        award.winner_count,
    )


def _honour(honour: Honour) -> HonourLine:
    return HonourLine(
        _award(honour.round.award),
        honour.round.month,
        honour.place,
        honour.state,
        honour.is_shown,
        honour.figure,
        honour.reads,
        honour.reason,
        honour.round.given_at,
    )
