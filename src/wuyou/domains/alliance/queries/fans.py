"""Who follows a publisher: what they say, have and buy, counted so that nobody can be told from it (ADR 0038)."""

from __future__ import annotations

from datetime import datetime, timedelta

from wuyou.domains.alliance.fan_types import Cell, Fans, SpendingClass
from wuyou.domains.insight import policies as insight
from wuyou.domains.ledger.statements import months
from wuyou.domains.orders import queries as orders
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import TraitKind
from wuyou.domains.things import queries as things
from wuyou.infra.sight import get_viewer
from wuyou.kernel.money import Currency, Money

MOST_FANS = 20_000
"""The latest so many are counted."""
MOST_SHOWN = 12
"""Of each kind, those of most people."""
LOOKS_BACK = timedelta(days=365)
SPENT_FROM_MINOR = (0, 1, 10_000, 50_000, 200_000)
"""Where classes of what somebody spent in a year begin: nothing, under 100 yuan, 500, 2,000, and above."""


def fans_of(person_id: int, *, now: datetime) -> Fans:
    """What a person may know of those who follow them.

    Only what each of them shows to this person counts, of who followed when the month began, and purchases up to then.
    Cost: seven queries over at most 20,000 followers.
    """
    as_of, viewer = months.begin_of(months.month_of(now)), get_viewer(person_id)
    fans = social.follower_ids(viewer, before=as_of, limit=MOST_FANS)
    total = insight.step_down(len(fans))
    if not total:
        return Fans(as_of, 0)
    since = as_of - LOOKS_BACK
    spent = orders.spent_by_buyer(fans, from_=since, until=as_of)
    return Fans(
        as_of,
        total,
        hobbies=_said(social.count_said(viewer, fans, TraitKind.HOBBY), len(fans)),
        places=_said(social.count_said(viewer, fans, TraitKind.PLACE), len(fans)),
        things=_keyed(things.count_held(viewer, fans), len(fans)),
        shops=_keyed(orders.count_buyers_by_shop(fans, from_=since, until=as_of), len(fans)),
        spending=_spending([spent.get(fan, 0) for fan in fans]),
    )


def _said(counts: dict[tuple[str, ...], int], total: int) -> tuple[Cell, ...]:
    shown = insight.cells_shown(counts, total)
    return tuple(Cell(0, words, count) for words, count in shown[:MOST_SHOWN])


def _keyed(counts: dict[int, int], total: int) -> tuple[Cell, ...]:
    shown = insight.cells_shown(counts, total)
    return tuple(Cell(key, (), count) for key, count in shown[:MOST_SHOWN])


def _spending(amounts: list[int]) -> tuple[SpendingClass, ...]:
    begins = (*SPENT_FROM_MINOR, None)
    counts = [
        sum(low <= amount and (high is None or amount < high) for amount in amounts)
        for low, high in zip(SPENT_FROM_MINOR, begins[1:], strict=True)
    ]

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, Currency.CNY)

    return tuple(
        SpendingClass(Money(SPENT_FROM_MINOR[first], Currency.CNY), money(begins[after]), count)
        for first, after, count in insight.classes_shown(counts)
    )
