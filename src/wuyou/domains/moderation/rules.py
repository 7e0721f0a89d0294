"""Pure decisions of moderation: how texts are cut, what strikes come to, how long an appeal may wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from wuyou.domains.moderation import errors
from wuyou.domains.moderation.types import Category, Outcome, Strike, Verdict

MAX_WORDS = 1_000
MAX_NOTE = 500
MAX_TERM = 40
MAX_EXCEPTIONS = 20
MOST_REPORTS = 20
"""A day of the business calendar and a member."""
MOST_RULES = 5_000
"""In one file."""

APPEAL_FOR = timedelta(days=14)
"""So long after a decision one may appeal; what is removed waits until then."""

POINTS = {Outcome.WARN: 1, Outcome.WITHHOLD: 1, Outcome.REMOVE: 2}
STRIKE_FOR = timedelta(days=90)
PAUSES = ((3, timedelta(days=1)), (5, timedelta(days=7)), (8, timedelta(days=30)))
"""Who comes to so many points publishes nothing for so long."""

GRAVEST = (Verdict.REFUSE, Verdict.HOLD, Verdict.MARK)


def paused_until(strikes: Sequence[Strike]) -> datetime | None:
    """Until when a person may not publish; None if they always might.

    Points count from when they were given until they expire or are taken back as if they had never been. Worked: a
    removal (2) and a warning (1) within 90 days make 3 points, and one day from the warning on.
    """
    standing = sorted((strike for strike in strikes if strike.revoked_at is None), key=lambda strike: strike.made_at)
    until = None
    for last in standing:
        points = sum(strike.points for strike in standing if strike.made_at <= last.made_at < strike.expires_at)
        pause = max((length for threshold, length in PAUSES if points >= threshold), default=None)
        if pause is not None:
            until = max(until or last.made_at, last.made_at + pause)
    return until


def clean_words(text: str, field: str, longest: int, *, is_needed: bool) -> str:
    """Text of several lines without space around it. Raises `TextMalformed`."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > longest or (is_needed and not text):
        raise errors.TextMalformed(field=field, longest=longest)
    if not all(each.isprintable() or each == "\n" for each in text):
        raise errors.TextMalformed(field=field, longest=longest)
    return text


def clean_term(text: str, field: str = "term") -> str:
    """A term of one line. Raises `TextMalformed`."""
    text = text.strip()
    if not 0 < len(text) <= MAX_TERM or not text.isprintable():
        raise errors.TextMalformed(field=field, longest=MAX_TERM)
    return text


def needs_strike(outcome: Outcome) -> bool:
    """Whether a decision counts against whoever it is of."""
    return outcome in POINTS


def gravest(found: Sequence[tuple[Verdict, Category]]) -> tuple[Verdict, Category]:
    """The rule that decides among those that found something; there is at least one."""
    return min(found, key=lambda each: GRAVEST.index(each[0]))
