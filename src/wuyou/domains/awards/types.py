"""What others see of awards: enums and frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

MAX_TITLE = 30
MAX_REASON = 500
MOST_WINNERS = 20
MOST_LEAST = 100_000_000


class Rule(StrEnum):
    """What an award honours: a fact that is measured. The values stand in rows: never give one another meaning."""

    MOST_READ = "MOST_READ"
    """Whose posts were read most."""
    BEST_BEGINNER = "BEST_BEGINNER"
    """The same, of those who joined in this month or the one before."""
    MOST_THANKED = "MOST_THANKED"
    """Whom most people thanked for a post."""
    MOST_SOLD = "MOST_SOLD"
    """By whose links most people bought, and kept what they bought."""

    @property
    def counts_people(self) -> bool:
        """Whether its figure is a number of people; the others count reads, of days of which anybody may know."""
        return self in (Rule.MOST_THANKED, Rule.MOST_SOLD)


@dataclass(frozen=True, slots=True)
class Award:
    """What the operator honours each month of `[first_month, last_month]`; without an end for None."""

    id: int
    title: str
    title_en: str
    rule: Rule
    least: int
    """Of what the rule counts: who has less is not considered."""
    least_reads: int
    """How often one's posts were read in the month, at least, to be considered."""
    winner_count: int
    first_month: date
    last_month: date | None


@dataclass(frozen=True, slots=True)
class Counted:
    """What a round counted of somebody."""

    person_id: int
    figure: int
    """By its rule: reads, or people."""
    reads: int


class HonourState(StrEnum):
    """Where an honour is. The values stand in rows."""

    GIVEN = "GIVEN"
    DECLINED = "DECLINED"
    """By its winner, for good."""
    WITHDRAWN = "WITHDRAWN"
    """By staff, for good, with a reason."""


@dataclass(frozen=True, slots=True)
class Round:
    """An award in one month, as it was given."""

    id: int
    award: Award
    """With what held then; the titles are those of today."""
    month: date
    rule_version: int
    given_at: datetime
    digest: str
    """Of all that the round kept."""


@dataclass(frozen=True, slots=True)
class Honour:
    """What somebody won."""

    id: int
    round: Round
    person_id: int
    place: int
    state: HonourState
    is_shown: bool
    """Whether its winner shows it to whom they may be met by."""
    figure: int
    reads: int
    reason: str
    """Why staff withdrew it."""
