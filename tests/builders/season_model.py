"""What each party of a season ought to have, sale by sale: arithmetic that knows nothing of the platform's.

It is told what happened (what was set, clicked, paid, given back, decided, paid out) and never what came of it. Rates
are exact fractions, halves are rounded up, and what is divided is divided by largest remainders.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor

NOTICE = timedelta(days=30)


def rounded(exact: Fraction) -> int:
    """To the nearest whole, halves up."""
    return floor(exact + Fraction(1, 2))


def divided(total: int, weights: Sequence[Fraction]) -> list[int]:
    """By largest remainders, the earlier first."""
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [floor(each) for each in exact]
    behind = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in behind[: total - sum(parts)]:
        parts[place] += 1
    return parts


@dataclass(frozen=True)
class Rate:
    """What a shop pays from a moment on; one that is lower is heard of a month before by who promotes it already."""

    set_at: datetime
    bps: int
    first_bps: int = 0
    first_count: int = 0


@dataclass(frozen=True)
class Subsidy:
    """What the platform adds to each line."""

    bps: int
    cap: int
    budget: int
    from_: datetime
    until: datetime


@dataclass
class Shop:
    """Shares are of the publisher, the tool's and the platform, in parts of ten thousand."""

    shares: tuple[int, int, int]
    service_bps: int
    special_bps: int
    recruiter: str | None
    rates: list[Rate] = field(default_factory=list)
    sold_first: Counter[datetime] = field(default_factory=Counter)

    def rate_for(self, since: datetime, at: datetime) -> Rate:
        """The last that has begun for who promotes the shop since then."""
        held = self.rates[0]
        for before, rate in zip(self.rates, self.rates[1:], strict=False):
            is_noticed = rate.bps < before.bps and since < rate.set_at
            if rate.set_at + (NOTICE if is_noticed else timedelta(0)) <= at:
                held = rate
        return held


@dataclass(frozen=True)
class Link:
    """Whose it is, since when they promote the shop, who made the tool, and who has a share of the place."""

    shop: str
    publisher: str
    since: datetime
    tool: str | None = None
    third: str | None = None
    third_bps: int = 0


@dataclass
class Line:
    """One line of a paid order: what its shop gets for it, and what the sale was promised."""

    minor: int
    bps: int
    granted: int
    """What it takes of the subsidy's budget."""
    is_held: bool = False
    is_void: bool = False


@dataclass
class Order:
    """A paid order; `packet` is what its `funder` (the platform, a publisher) pays of it, beside the buyer's `paid`."""

    shop: str
    link: Link | None
    paid: int
    packet: int
    funder: str
    lines: list[Line]
    refunded: int = 0
    is_completed: bool = False
    owed: set[int] = field(default_factory=set)
    """Places of the lines whose parts are owed."""

    @property
    def packet_back(self) -> int:
        """What of the packet goes back with the buyer's money."""
        return rounded(Fraction(self.packet * self.refunded, self.paid))

    @property
    def taken(self) -> int:
        """What the shop lost again."""
        return self.refunded + self.packet_back

    def bases(self) -> list[int]:
        """What was received for each line."""
        worth = [line.minor for line in self.lines]
        back = divided(min(self.taken, sum(worth)), [Fraction(each) for each in worth])
        return [minor - gone for minor, gone in zip(worth, back, strict=True)]


@dataclass
class Model:
    """Everybody's books, kept by what happened."""

    shops: dict[str, Shop] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    subsidy: Subsidy | None = None
    spent: int = 0
    paid_out: Counter[str] = field(default_factory=Counter)
    forgiven: Counter[str] = field(default_factory=Counter)

    def pay(
        self,
        number: str,
        shop: str,
        lines: Sequence[tuple[int, int]],
        *,
        off: int,
        packet: int,
        funder: str,
        click: tuple[datetime, Link] | None,
    ) -> None:
        """Goods of these prices and pieces are paid; a coupon of the shop takes `off` from all of them together."""
        prices = [price for price, _ in lines]
        less = divided(off, [Fraction(price) for price in prices])
        worth = [price - gone for price, gone in zip(prices, less, strict=True)]
        clicked_at, link = click or (None, None)
        order = Order(shop, link, sum(worth) - packet, packet, funder, [])
        for minor, (_, pieces) in zip(worth, lines, strict=True):
            bps, granted = 0, 0
            if link is not None and clicked_at is not None:
                rate = self.shops[shop].rate_for(link.since, clicked_at)
                sold, bps = self.shops[shop].sold_first, rate.bps
                if sold[rate.set_at] + pieces <= rate.first_count:
                    sold[rate.set_at] += pieces
                    bps = rate.first_bps
                granted = self._grant(minor, clicked_at)
            order.lines.append(Line(minor, bps, granted))
        self.orders[number] = order

    def _grant(self, minor: int, clicked_at: datetime) -> int:
        subsidy = self.subsidy
        if subsidy is None or not subsidy.from_ <= clicked_at < subsidy.until:
            return 0
        granted = min(rounded(Fraction(minor * subsidy.bps, 10_000)), subsidy.cap, subsidy.budget - self.spent)
        self.spent += granted
        return granted

    def refund(self, number: str, minor: int) -> None:
        """The buyer gets so much back; what a sale that is all back was granted is free for others."""
        order = self.orders[number]
        was_back = not sum(order.bases())
        order.refunded += minor
        if not was_back and not sum(order.bases()):
            self.spent -= sum(line.granted for line in order.lines if not line.is_void)

    def complete(self, number: str) -> None:
        """Its time to give back is over: what is not held is owed."""
        order = self.orders[number]
        order.is_completed = True
        order.owed |= {place for place, line in enumerate(order.lines) if not line.is_held and not line.is_void}

    def hold(self, number: str, place: int) -> None:
        """It is looked at."""
        self.orders[number].lines[place].is_held = True

    def decide(self, number: str, place: int, *, is_void: bool) -> None:
        """Nothing was wrong with it, or it was no sale."""
        order = self.orders[number]
        line = order.lines[place]
        line.is_held = False
        if is_void:
            line.is_void = True
            self.spent -= line.granted if sum(order.bases()) else 0
        elif order.is_completed:
            order.owed.add(place)

    def parts(self, order: Order) -> Counter[str]:
        """What an order owes, by who gets it; "subsidy" is what the platform pays of it."""
        owed: Counter[str] = Counter()
        link, shop = order.link, self.shops[order.shop]
        if link is None:
            return owed
        for place, base in enumerate(order.bases()):
            line = order.lines[place]
            if place not in order.owed or line.is_void:
                continue
            mine, tool, platform = (Fraction(each) for each in shop.shares)
            if link.tool is None:
                mine, tool = mine + tool, Fraction(0)
            third = Fraction(link.third_bps, 10_000)
            commission = rounded(Fraction(base * line.bps, 10_000))
            shares = divided(commission, [mine * (1 - third), mine * third, tool, platform])
            for who, minor in zip((link.publisher, link.third, link.tool, "platform"), shares, strict=True):
                owed[who or "nobody"] += minor
            owed["platform"] += rounded(Fraction(base * shop.special_bps, 10_000))
            if shop.recruiter is not None:
                owed[shop.recruiter] += rounded(Fraction(base * shop.service_bps, 10_000))
            if line.granted and self.subsidy is not None:
                added = min(rounded(Fraction(base * self.subsidy.bps, 10_000)), line.granted)
                for who, minor in zip((link.publisher, link.third), divided(added, [1 - third, third]), strict=True):
                    owed[who or "nobody"] += minor
                owed["subsidy"] += added
        return owed

    def balances(self) -> dict[str, int]:
        """What stands for everybody: publishers, tools and recruiters by name, shops with what lies in escrow for them,
        "platform" and publishers with what they set aside, "bank" what lies there.
        """
        has: dict[str, int] = defaultdict(int)
        for order in self.orders.values():
            owed = self.parts(order)
            added = owed.pop("subsidy", 0)
            assert owed.pop("nobody", 0) == 0
            for who, minor in owed.items():
                has[who] += minor
            has[order.shop] += order.paid + order.packet - order.taken - (sum(owed.values()) - added)
            has["platform"] -= added
            has[order.funder] -= order.packet - order.packet_back
            has["bank"] += order.paid - order.refunded
        for who, minor in self.paid_out.items():
            has[who] -= minor
            has["bank"] -= minor
        for who, minor in self.forgiven.items():
            has[who] += minor
            has["platform"] -= minor
        return dict(has)
