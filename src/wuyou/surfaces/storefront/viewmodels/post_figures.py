"""What one's own posts brought day by day: how they were seen, what was done about them and bought by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from wuyou.domains.alliance.types import PostSales
from wuyou.domains.content.types import Post
from wuyou.domains.insight.policies import LEAST_PEOPLE
from wuyou.domains.insight.types import Figures
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.storefront.viewmodels import covers, post_cards
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.ui.parts import Figure

DAYS = 28
HIDDEN = "·"
"""Stands for a figure of so few readers that it is shown to nobody."""
_HEIGHT = 48


@dataclass(frozen=True, slots=True)
class Day:
    """What a day brought; None where it had so few readers that it is not shown."""

    on: date
    readers: int | None
    exposures: int | None
    dwell_median_s: int | None
    presses: int | None
    reactions: int
    orders: int
    commission: Money

    @property
    def is_empty(self) -> bool:
        return not any((self.readers is None, self.exposures, self.presses, self.reactions, self.orders))


@dataclass(frozen=True, slots=True)
class Bar:
    """A day in a small chart."""

    x: int
    y: int
    height: int
    says: str


@dataclass(frozen=True, slots=True)
class Row:
    """A post with what the days of a period brought it."""

    id: int
    href: str
    name: str
    cover: Cover | None
    is_ad: bool
    exposures: int
    presses: int
    reactions: int
    orders: int
    commission: Money
    bars: tuple[Bar, ...]


def begins(today: date) -> date:
    """The first day of the period that is shown; today is its last."""
    return today - timedelta(days=DAYS - 1)


def days_of(
    today: date, figures: Sequence[Figures], reactions: Mapping[date, int], sales: Sequence[PostSales]
) -> tuple[Day, ...]:
    """Each day of the period, the first one first."""
    seen, sold = {each.day: each for each in figures}, {each.day: each for each in sales}
    nothing = Money(0, Currency.CNY)
    days = []
    for ahead in range(DAYS):
        on = begins(today) + timedelta(days=ahead)
        shown, sale = seen.get(on), sold.get(on)
        median_ms = shown.dwell_median_ms if shown else 0
        days.append(
            Day(
                on,
                shown.people if shown else 0,
                shown.exposures if shown else 0,
                None if median_ms is None else median_ms // 1000,
                shown.onward if shown else 0,
                reactions.get(on, 0),
                sale.order_count if sale else 0,
                sale.commission if sale else nothing,
            )
        )
    return tuple(days)


def row(post: Post, days: Sequence[Day]) -> Row:
    """A post of one's own in the list."""
    picture = post.photos[0] if post.photos else post.video.poster if post.video else None
    sums = _sums(days)
    return Row(
        post.id,
        reverse("storefront:post-figures", args=[post.id]),
        post_cards.name_of(post),
        covers.of_post_photo(picture, post.title) if picture else None,
        post.is_ad,
        *sums,
        bars_of(days),
    )


def bars_of(days: Sequence[Day]) -> tuple[Bar, ...]:
    """How often it was shown on each day, in a picture of `DAYS` by `_HEIGHT`."""
    most = max((day.exposures or 0 for day in days), default=0)
    bars = []
    for place, day in enumerate(days):
        high = (day.exposures or 0) * _HEIGHT // most if most else 0
        says = f"{day.on:%m-%d}: {HIDDEN if day.exposures is None else day.exposures}"
        bars.append(Bar(place * 10, _HEIGHT - max(high, 1), max(high, 1), says))
    return tuple(bars)


def totals(every: Sequence[Sequence[Day]]) -> tuple[Figure, ...]:
    """Sums over posts and days; days of few readers are in none of them."""
    exposures, presses, reactions, orders, commission = _sums([day for days in every for day in days])
    few = _("Days with fewer than %(n)s readers are left out.") % {"n": LEAST_PEOPLE}
    return (
        Figure(_("Shown"), exposures, f"{_('Half of it was on a screen for a second.')} {few}"),
        Figure(_("Pressed"), presses, f"{_('What it points at was opened from it.')} {few}"),
        Figure(_("Reactions"), reactions, _("Taps that say something of it, as they stand now.")),
        Figure(_("Orders"), orders, _("Paid after what it points at was opened from it, and not given back.")),
        Figure(_("Commission"), commission, _("Yours, booked or still expected; a return takes it back.")),
    )


def median_dwell(days: Sequence[Day]) -> Figure:
    """How long the reader in the middle looked, on the day in the middle."""
    known = sorted(day.dwell_median_s for day in days if day.dwell_median_s)
    value = _("%(n)s s") % {"n": known[(len(known) - 1) // 2]} if known else "–"
    few = _("Days with fewer than %(n)s readers are left out.") % {"n": LEAST_PEOPLE}
    return Figure(_("Looked at for"), value, f"{_('Half of the readers looked longer, half shorter.')} {few}")


def _sums(days: Sequence[Day]) -> tuple[int, int, int, int, Money]:
    return (
        sum(day.exposures or 0 for day in days),
        sum(day.presses or 0 for day in days),
        sum(day.reactions for day in days),
        sum(day.orders for day in days),
        Money(sum(day.commission.amount_minor for day in days), Currency.CNY),
    )
