"""Sales that are looked at before they are paid."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.builders.alliance import Market
from wuyou.domains.alliance import operations, queries
from wuyou.domains.alliance.flagging import findings_of
from wuyou.domains.alliance.hold_types import FlagRule, Hold
from wuyou.domains.orders.types import PlacedOrder
from wuyou.kernel.actor import Actor

LONG_AGO = timedelta(days=120)


def self_bought(market: Market, *, lines: int = 1, publisher_user_id: int | None = None) -> PlacedOrder:
    """A paid order of the shop's own owner by somebody's link: 10,000 a line at 10 %, 7/2/1."""
    products = [market.product(10_000) for _ in range(lines)]
    publisher, tool = market.publisher(publisher_user_id), market.publisher()
    market.plan(1_000)
    market.click(market.link(publisher, products[0], partner=tool), market.shop.owner_id)
    return market.buy(market.shop.owner_id, *products)


def found_in(market: Market, order: PlacedOrder) -> set[FlagRule]:
    """What the rules find of the conversions of an order."""
    mine = {each.id for each in market.conversions(order)}
    looks = queries.looks_after(0, since=market.now - LONG_AGO, limit=1_000)
    return {found.rule for look in looks if look.conversion_id in mine for found in findings_of(look)}


def hold(market: Market, order: PlacedOrder, at: datetime | None = None) -> Hold:
    """Hold the first conversion of an order for what is found of it."""
    conversion = market.conversions(order)[0]
    (look,) = queries.looks_after(conversion.id - 1, since=market.now - LONG_AGO, limit=1)
    assert operations.hold_conversion(conversion_id=conversion.id, found=findings_of(look), now=at or market.now)
    return queries.list_holds().items[0]


def held_of(now: datetime, publisher_user_id: int) -> tuple[Market, Hold]:
    """A commission of somebody's that is held."""
    market = Market(now)
    return market, hold(market, self_bought(market, publisher_user_id=publisher_user_id))


def reversed_of(now: datetime, publisher_user_id: int) -> Market:
    """A settled commission of somebody's that a refund took back."""
    market = Market(now)
    order = self_bought(market, publisher_user_id=publisher_user_id)
    market.complete(order)
    market.refund(order, 2_500)
    return market


def punished_of(now: datetime, publisher_user_id: int) -> tuple[Market, Hold]:
    """The same, when staff have found that it was no sale."""
    market, held = held_of(now, publisher_user_id)
    operations.punish_hold(actor=staff(market), hold_id=held.id, reason="no sale", now=now)
    return market, held


def answered_of(now: datetime, publisher_user_id: int) -> tuple[Market, Hold]:
    """The same, when their appeal was granted."""
    market, held = punished_of(now, publisher_user_id)
    operations.appeal_hold(actor=Actor(publisher_user_id), hold_id=held.id, words="a present", now=now)
    answering = staff(market)
    operations.answer_hold_appeal(actor=answering, hold_id=held.id, is_granted=True, words="fine", now=now)
    return market, held


def staff(market: Market) -> Actor:
    """A member of staff."""
    return Actor(market.person(), is_staff=True)
