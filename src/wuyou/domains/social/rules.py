"""What is counted of a tie and what it is worth, how it fades, what thanks make of a person. Values in, values out.

All figures are whole numbers, in thousandths of a point, so that the same facts give the same tie in any order.
Sources: Burke and Kraut, CHI 2014 (composed words bring people closer, one-click acts hardly do); Gilbert and
Karahalios, CHI 2009 (what tells strong ties from weak ones: how much, how lately, and whether it goes both ways);
Cormode and others, ICDE 2009 (forward decay). Decided in docs/adr/0014.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from wuyou.domains.social.types import Band, Channel, Correction, TieKind, TieMonth, TiePart, TiePoint, Weight

_C = Channel
WEIGHTS: Mapping[TieKind, Weight] = MappingProxyType(
    {
        TieKind.EXCHANGE: Weight(_C.TALK, 100, 25, 5),
        TieKind.GROUP_EXCHANGE: Weight(_C.TALK, 20, 5, 5),
        TieKind.REQUEST: Weight(_C.TALK, 300, 300, 1),
        TieKind.GIFT: Weight(_C.GIFTS, 2_000, 1_000, 3),
        TieKind.THANKS: Weight(_C.GIFTS, 500, 250, 3),
        TieKind.TEAM: Weight(_C.TOGETHER, 500, 500, 2),
        TieKind.BIG_TEAM: Weight(_C.TOGETHER, 100, 100, 2),
        TieKind.EVENT: Weight(_C.TOGETHER, 500, 500, 2),
        TieKind.TRADE: Weight(_C.TRADE, 10, 10, 3),
        TieKind.CLICK: Weight(_C.CLICKS, 1, 1, 1),
    }
)
"""What each act is worth. Published as it stands here, on the page that says how ties are counted."""

COMPOSED = frozenset(set(TieKind) - {TieKind.TRADE, TieKind.CLICK})
"""What breaks a silence."""

FRIENDSHIP = 500
"""What being friends adds for as long as it lasts."""

HALF_LIFE = 6
"""Months after which an act counts half."""

BANDS: Mapping[Band, int] = MappingProxyType(
    {Band.CLOSE: 12_000, Band.FAMILIAR: 3_000, Band.ACQUAINTED: 500, Band.NONE: 0}
)
"""From which strength on two people are called so, the highest first."""

FEW, MANY = 6, 30
"""Up to so many buy or meet as few; in a larger round hardly anybody meets; beyond MANY nobody is counted."""

SILENT_AFTER = timedelta(days=45)
FORGOTTEN_AFTER = timedelta(days=400)
"""A silence is worth a reminder between these two."""
REMIND_AGAIN_AFTER = timedelta(days=90)
MAX_REMINDERS_A_WEEK = 2

LEVELS = (0, 3_000, 10_000, 30_000, 100_000, 300_000)
"""Credit of received appreciation from which each level is held."""

# 1000 times the sixth roots of 2, to the power of 0 to 5.
_ROOTS = (1_000, 1_122, 1_260, 1_414, 1_587, 1_782)
_FIRST_MONTH = 2000 * 12


def month_of(day: date) -> int:
    """The number of a month, counted from the year 0."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The day on which a month begins."""
    return date(month // 12, month % 12 + 1, 1)


def growth(month: int) -> int:
    """By how much an act of this month weighs more than one of long ago: it doubles in `HALF_LIFE` months.

    Fading is seen from its other end: what happens later weighs more, and to read a strength all is divided by the
    weight of the present. So a stored sum never has to be touched for time's sake, and ties keep their order.
    """
    steps = max(0, month - _FIRST_MONTH)
    return _ROOTS[steps % HALF_LIFE] << steps // HALF_LIFE


def points(kind: TieKind, one: int, other: int) -> int:
    """What acts of one kind in one month are worth, so many from one side and so many from the other."""
    weight = WEIGHTS[kind]
    return 2 * weight.answered * min(one, other) + weight.alone * abs(one - other)


def weight_of(months: Iterable[TieMonth]) -> int:
    """The stored sum of a tie: the points of each month, each grown by its month."""
    return sum(points(each.kind, each.from_me, each.from_them) * growth(each.month) for each in months)


def strength_at(weight: int, month: int, *, are_friends: bool = False) -> int:
    """A stored sum as it is read in a month, in thousandths of a point."""
    return weight // growth(month) + (FRIENDSHIP if are_friends else 0)


def corrected(strength: int, correction: Correction | None) -> int:
    """How strong a tie is to somebody who has corrected it."""
    match correction:
        case Correction.CLOSER:
            return max(2 * strength, BANDS[Band.CLOSE])
        case Correction.DISTANT:
            return strength // 4
        case Correction.HIDDEN:
            return 0
        case None:
            return strength


def strength_then(strength: int, then: date, today: date, correction: Correction | None) -> int:
    """How strong a tie of today was on an earlier day, if nothing happened since; as its corrector sees it."""
    return corrected(strength * growth(month_of(today)) // growth(month_of(then)), correction)


def band_of(strength: int) -> Band:
    """How such a strength is called."""
    return next(band for band, least in BANDS.items() if strength >= least)


def history(months: Iterable[TieMonth], until: int, length: int = 12) -> tuple[TiePoint, ...]:
    """How strong a tie was at the end of each of the last months, the current one last; friendship left out."""
    known = tuple(months)
    return tuple(
        TiePoint(first_day(month), strength_at(weight_of(m for m in known if m.month <= month), month))
        for month in range(until - length + 1, until + 1)
    )


def parts(months: Iterable[TieMonth], month: int) -> tuple[TiePart, ...]:
    """What each channel adds, the strongest first; channels in which nothing happened are left out."""
    by_channel: dict[Channel, list[TieMonth]] = {}
    for each in months:
        by_channel.setdefault(WEIGHTS[each.kind].channel, []).append(each)
    found = (
        TiePart(
            channel,
            strength_at(weight_of(acts), month),
            sum(act.from_me for act in acts),
            sum(act.from_them for act in acts),
        )
        for channel, acts in by_channel.items()
    )
    return tuple(sorted(found, key=lambda part: (-part.strength, part.channel.value)))


def kind_of_round(size: int) -> TieKind | None:
    """What buying together counts as among so many; None when it is nothing between any two of them."""
    if size < 2 or size > MANY:
        return None
    return TieKind.TEAM if size <= FEW else TieKind.BIG_TEAM


def credit(times: int, *, is_mutual: bool) -> int:
    """What one person's thanks to another are worth, however often: the first a point, all together less than two.

    Two who thank each other count a quarter, so that a ring of accounts gains little by itself.
    """
    worth = 2_000 - (2_000 >> times) if times < 11 else 1_999
    return worth // 4 if is_mutual else worth


def level_of(total: int) -> int:
    """The level that so much credit holds."""
    return max(level for level, least in enumerate(LEVELS) if total >= least)


def is_silent(last_on: date, today: date) -> bool:
    """Whether a silence is long enough to be worth a reminder, and not so long that it is over."""
    return SILENT_AFTER <= today - last_on <= FORGOTTEN_AFTER


def anniversary(since: date, today: date) -> int | None:
    """How many whole years something lasts, within three days of its day; None on all other days."""
    for years in range(max(1, today.year - since.year - 1), today.year - since.year + 2):
        last = 28 if since.month == 2 else since.day
        if abs((today - date(since.year + years, since.month, min(since.day, last))).days) <= 3:
            return years
    return None
