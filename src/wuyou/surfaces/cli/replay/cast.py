"""The shops, goods, campaigns and people that a replay needs, made through the public operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.catalog.operations import VariantDraft
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity import queries as identity_queries
from wuyou.domains.inventory import operations as inventory
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.cli.replay.records import SHOPS, Good, Records

CHUNK = 100
STOCK = 100_000
MAKERS = 5
"""Tool providers and recruiters who share in the commissions, one to a few shops."""

Thing = TypeVar("Thing")
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Offer:
    """A good on the shelf."""

    product_id: int
    variant_id: int
    campaign_id: int
    shop_owner_id: int


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what takes part: the records' numbers, and what they are here."""

    run: int
    people: dict[int, int]
    offers: dict[Good, Offer]
    owner_by_shop: dict[int, int]
    """Who owns each shop, by the shop's id."""


def assemble(
    records: Records, *, now: datetime, team_ttl: timedelta, return_window: timedelta, progress: Progress
) -> Cast:
    """Make everyone and everything, in short transactions. A later replay makes its own and leaves the former alone."""
    run = 1
    while identity_queries.find_person(f"replay{run}_shop0"):
        run += 1
    owners = [_register(f"replay{run}_shop{n}", f"Shop keeper {n}", now) for n in range(SHOPS)]
    makers = [_register(f"replay{run}_maker{n}", f"Tool maker {n}", now) for n in range(MAKERS)]
    shops = [
        db.in_transaction(partial(_open_shop, records, n, owners[n], makers[n % MAKERS], return_window, now))
        for n in range(SHOPS)
    ]
    people: dict[int, int] = {}
    for numbers in _chunks(records.people):
        made = db.in_transaction(partial(_register_all, run, numbers, now))
        people.update(zip(numbers, made, strict=True))
        progress(len(numbers))
    offers: dict[Good, Offer] = {}
    for goods in _chunks(records.goods):
        on_shelf = db.in_transaction(partial(_offer_all, records, goods, shops, owners, team_ttl, now))
        offers.update(zip(goods, on_shelf, strict=True))
        progress(len(goods))
    return Cast(run, people, offers, dict(zip(shops, owners, strict=True)))


def _register(handle: str, name: str, now: datetime) -> int:
    return db.in_transaction(lambda: identity.register(handle=handle, display_name=name, now=now).id)


def _register_all(run: int, numbers: Sequence[int], now: datetime) -> list[int]:
    return [identity.register(handle=f"bb{run}_{n}", display_name=f"Beibei {n}", now=now).id for n in numbers]


def _offer_all(
    records: Records,
    goods: Sequence[Good],
    shops: Sequence[int],
    owners: Sequence[int],
    team_ttl: timedelta,
    now: datetime,
) -> list[Offer]:
    return [_offer(records, good, shops, owners, team_ttl, now) for good in goods]


def _open_shop(
    records: Records, number: int, owner_id: int, maker_id: int, return_window: timedelta, now: datetime
) -> int:
    shop = catalog.open_shop(
        owner_id=owner_id,
        name=f"贝贝小店 {number}",
        name_en=f"Beibei shop {number}",
        return_window=return_window,
        now=now,
    )
    recruiter = alliance.ensure_publisher(user_id=maker_id, now=now)
    alliance.set_plan(
        actor=Actor(owner_id),
        shop_id=shop.id,
        product_id=None,
        rate_bps=records.rate_bps(number),
        publisher_share_bps=8000,
        partner_share_bps=1000,
        platform_share_bps=1000,
        recruiter_id=recruiter.id,
        service_bps=100,
        from_=now,
        until=None,
        now=now,
    )
    return shop.id


def _offer(
    records: Records, good: Good, shops: Sequence[int], owners: Sequence[int], team_ttl: timedelta, now: datetime
) -> Offer:
    shop = records.shop_of(good)
    owner = Actor(owners[shop])
    product = catalog.add_product(
        actor=owner,
        shop_id=shops[shop],
        title=f"贝贝商品 {good.item}" + (f"（{good.size}人团）" if good.size > 2 else ""),
        title_en=f"Beibei item {good.item}" + (f" (teams of {good.size})" if good.size > 2 else ""),
        brief="真实拼团记录中的一件商品；名称与价格由种子生成。",
        brief_en="An item of the real group-buy records; its name and prices are generated from a seed.",
        picture="gift",
        variants=[
            VariantDraft(
                "标准",
                "Standard",
                Money(records.price_minor(good), Currency.CNY),
                Money(records.team_price_minor(good), Currency.CNY),
            )
        ],
        now=now,
    )
    variant_id = product.variants[0].id
    inventory.add_stock(actor=owner, variant_id=variant_id, quantity=STOCK, now=now)
    campaign = groupbuy.open_campaign(actor=owner, product_id=product.id, size=good.size, team_ttl=team_ttl, now=now)
    return Offer(product.id, variant_id, campaign.id, owner.person_id)


def _chunks(things: Sequence[Thing]) -> list[Sequence[Thing]]:
    return [things[start : start + CHUNK] for start in range(0, len(things), CHUNK)]
