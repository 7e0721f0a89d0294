"""Pure decisions: when a month is given for, who wins, and what a round's record is bound by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from wuyou.domains.awards.types import Award, Counted
from wuyou.domains.insight.policies import LEAST_PEOPLE
from wuyou.domains.ledger.statements import months
from wuyou.engines.statements import chain

RULE_VERSION = 1
WAIT = timedelta(days=9)
"""So long after its end a month is given for: what was seen may be told eight days late."""


def last_due(now: datetime) -> date:
    """The latest month that is over, and of which all was told."""
    return months.last_closable(now - WAIT)


def is_due(award: Award, month: date, now: datetime) -> bool:
    """Whether the award is given for this month by now."""
    return award.first_month <= month <= min(last_due(now), award.last_month or month)


def order(counted: Iterable[Counted]) -> list[Counted]:
    """Best first. Of equal figures who was read more, then who has been here longer: its number is lower."""
    return sorted(counted, key=lambda one: (-one.figure, -one.reads, one.person_id))


def is_considered(award: Award, one: Counted) -> bool:
    """Whether somebody has what the award asks at least."""
    return one.figure >= max(award.least, 1) and one.reads >= award.least_reads


def winners(award: Award, counted: Iterable[Counted]) -> tuple[Counted, ...]:
    """The first so many of those who are considered; fewer where fewer are. Their places are 1, 2, 3 …"""
    return tuple(order(one for one in counted if is_considered(award, one))[: award.winner_count])


def digest_of(award: Award, month: date, counted: Iterable[Counted]) -> str:
    """What binds a round's record: its rule, its parameters, and everybody whom it counted."""
    return chain.digest(
        {
            "award": award.id,
            "month": month.isoformat(),
            "rule": f"{award.rule.value}.{RULE_VERSION}",
            "least": award.least,
            "least_reads": award.least_reads,
            "winner_count": award.winner_count,
            "counted": [[one.person_id, one.figure, one.reads] for one in order(counted)],
        }
    )


def told_least(award: Award) -> int:
    """What an award asks at least, as everybody may know it: 0 where that would be of fewer than twenty people."""
    return award.least if not award.rule.counts_people or award.least >= LEAST_PEOPLE else 0
