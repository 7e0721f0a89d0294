"""The quality of a post, of a thousand: by how those who met it answered, by what it is, and by who wrote it.

It knows counts and no people, and is the same whoever looks. The parts and their weights:

| part | at most | from |
|---|---|---|
| response | 400 | how surely those who met it answered: the lower end of Wilson's interval |
| thanks | 150 | thanks to its author, half of it at four |
| saves | 100 | how many keep it, half of it at twenty |
| completeness | 200 | a title, a text of 200 signs, three pictures, what it points at, what it is about |
| record | 150 | the standing of its author, half of it at level two |
| strikes | | each point that counts against its author takes an eighth of the whole, up to three quarters |

Source: Wilson, Probable inference, JASA 22 (1927), with twenty readers of whom one answered put before what was
counted, so that one answer of one reader is no miracle.
"""

from __future__ import annotations

from math import sqrt

from wuyou.domains.channels.types import Figures, Quality

RESPONSE, THANKS, SAVES, COMPLETENESS, RECORD = 400, 150, 100, 200, 150
"""What each part comes to at most; together a thousand."""
_Z = 1.2816
"""Nine times of ten the true share is not below the lower end."""
_BEFORE, _ANSWERED_BEFORE = 20, 1
_HALF_THANKS, _HALF_SAVES, _HALF_STANDING = 4, 20, 2
_ENOUGH_SIGNS, _ENOUGH_PICTURES = 200, 3
_EIGHTHS, _MOST_EIGHTHS = 8, 6


def quality_of(figures: Figures) -> Quality:
    """How good a post is. More answers, thanks, saves and substance never make it worse; more strikes never better.

    Worked: of 200 who met a post with a title, 200 signs, two pictures and a tag 18 answered, two thanked; its author
    is at level one. 29 + 50 + 0 + 160 + 50 = 289.
    """
    parts = (
        round(RESPONSE * _answered(figures)),
        round(THANKS * _half_at(figures.thanks, _HALF_THANKS)),
        round(SAVES * _half_at(figures.saves, _HALF_SAVES)),
        round(COMPLETENESS * _complete(figures)),
        round(RECORD * _half_at(figures.standing, _HALF_STANDING)),
    )
    whole = sum(parts)
    taken = whole * min(max(figures.points, 0), _MOST_EIGHTHS) // _EIGHTHS
    return Quality(*parts, -taken, whole - taken)


def _answered(figures: Figures) -> float:
    """The share of those who met it who answered, as far as one can be sure of it."""
    answers = figures.reactions + figures.comments + figures.reposts + figures.saves + figures.thanks
    met = max(figures.reads, answers) + _BEFORE
    share = (answers + _ANSWERED_BEFORE) / met
    spread = _Z * sqrt(share * (1 - share) / met + _Z**2 / (4 * met**2))
    return (share + _Z**2 / (2 * met) - spread) / (1 + _Z**2 / met)


def _half_at(count: int, half: int) -> float:
    return count / (count + half)


def _complete(figures: Figures) -> float:
    """Tenths: two for a title, three for a text, three for pictures, one for what it points at, one for its topics."""
    return (
        2 * figures.has_title
        + 3 * min(figures.signs, _ENOUGH_SIGNS) / _ENOUGH_SIGNS
        + 3 * min(figures.pictures, _ENOUGH_PICTURES) / _ENOUGH_PICTURES
        + (figures.tags > 0)
        + (figures.topics > 0)
    ) / 10
