"""The world brought to life: its people, shops and goods made through the public operations, and what they can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, zip_longest

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.catalog.operations import VariantDraft
from wuyou.domains.catalog.types import Product
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.identity import operations as identity
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders.types import LineDraft, OrderKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.cli.demo.world import STAFF, World, WorldPerson, WorldProduct, WorldShop, variant_of
from wuyou.surfaces.cli.replay.cast import Cast, Offer
from wuyou.surfaces.cli.replay.records import Good
from wuyou.surfaces.cli.replay.script import Bought
from wuyou.surfaces.cli.replay.simulated import SimulatedPlatform

SHARE_SLOT = "Moments 朋友圈"
"""Where the people of the world put the links that they share."""

VARIANTS = 10
"""A good's number is its product's times this, plus the place of its variant."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The world's names and what they became: people by handle, products by picture."""

    people: Mapping[str, int]
    products: Mapping[str, Product]
    cast: Cast


def settle(world: World, *, passwords: Mapping[str, str], now: datetime) -> Settled:
    """Make everyone but staff, then the shops and all they sell, in two transactions."""
    hashes = {handle: identity.hash_password(password) for handle, password in passwords.items()}

    def register() -> dict[str, int]:
        return {
            person.handle: register_person(person, hashes.get(person.handle), now)
            for person in world.people
            if person.login != STAFF
        }

    people = db.in_transaction(register)
    products: dict[str, Product] = {}
    offers: dict[Good, Offer] = {}
    owners: dict[int, int] = {}
    numbers = {product.called: number for number, product in enumerate(world.products)}

    def open_shops() -> None:
        for made_before in (products, offers, owners):
            made_before.clear()
        shop_ids = {shop.owner: _open_shop(shop, people, now) for shop in world.shops}
        owners.update({shop_id: people[owner] for owner, shop_id in shop_ids.items()})
        for owner, entry in _shelves(world.shops):
            made = _list_product(entry, Actor(people[owner]), shop_ids[owner], now)
            products[entry.called] = made
            if entry.team is not None:
                campaign_id = _open_campaign(entry, made, Actor(people[owner]), now)
                for place, variant in enumerate(made.variants):
                    good = Good(numbers[entry.called] * VARIANTS + place, entry.team.size)
                    offers[good] = Offer(made.id, variant.id, campaign_id, people[owner])

    db.in_transaction(open_shops)
    cast = Cast(0, dict(enumerate(people.values())), offers, owners)
    return Settled(people, products, cast)


def register_person(person: WorldPerson, password_hash: str | None, now: datetime) -> int:
    """Take somebody of the world in; returns the id. Needs a transaction."""
    return identity.register(
        handle=person.handle,
        display_name=person.name,
        avatar=person.avatar,
        password_hash=password_hash,
        is_staff=person.login == STAFF,
        now=now,
    ).id


class Town(SimulatedPlatform):
    """The people of the world at a simulated time. People are called by handle, goods as in `world.variant_of`."""

    def __init__(self, world: World, settled: Settled, start: datetime) -> None:
        super().__init__(settled.cast, start)
        self.people = settled.people
        self.products = settled.products
        self._numbers = {handle: number for number, handle in enumerate(settled.people)}
        self._goods = {
            (product.called, place): Good(number * VARIANTS + place, product.team.size)
            for number, product in enumerate(world.products)
            if product.team
            for place in range(len(product.variants))
        }

    def number_of(self, handle: str) -> int:
        """What the replay calls a person."""
        return self._numbers[handle]

    def good_of(self, name: str) -> Good:
        """What the replay calls a good that is sold to teams."""
        return self._goods[variant_of(name)]

    def hold_seat(self, handle: str, name: str, team_token: str, pay_within: timedelta) -> None:
        """Join a team and take one's time to pay."""
        db.in_transaction(
            lambda: groupbuy.join_team(
                actor=Actor(self.people[handle]),
                team_token=team_token,
                variant_id=self._variant_id(name),
                quantity=1,
                pay_within=pay_within,
                now=self.now,
            )
        )

    def order(self, handle: str, goods: Mapping[str, int], pay_within: timedelta) -> Bought:
        """Order goods alone."""
        placed = db.in_transaction(
            lambda: orders.place_order(
                actor=Actor(self.people[handle]),
                lines=[LineDraft(self._variant_id(name), quantity) for name, quantity in goods.items()],
                kind=OrderKind.ALONE,
                pay_within=pay_within,
                now=self.now,
            )
        )
        self.order_ids[placed.order_no] = placed.id
        return Bought(self._numbers[handle], placed.order_no, "")

    def refund(self, bought: Bought, amount_minor: int | None) -> None:
        """The shop gives so much back, or everything."""
        db.in_transaction(
            lambda: orders.request_refund(
                seller=None,
                order_id=self.order_ids[bought.order_no],
                amount_minor=amount_minor,
                reason="shop",
                now=self.now,
            )
        )

    def follow_link(self, handle: str, sharer: str, name: str) -> None:
        """Follow the link to a product that somebody shares."""
        product = self.products[variant_of(name)[0]]

        def entry() -> None:
            publisher = alliance.ensure_publisher(user_id=self.people[sharer], now=self.now)
            link = alliance.ensure_link(
                publisher_id=publisher.id,
                slot_name=SHARE_SLOT,
                product_id=product.id,
                path=f"/p/{product.id}",
                now=self.now,
            )
            user_id = self.people[handle]
            alliance.record_click(token=link.token, visitor=f"demo{user_id}", user_id=user_id, now=self.now)

        db.in_transaction(entry)

    def put_aside(self, handle: str, goods: Mapping[str, int]) -> None:
        """Fill a cart."""

        def entry() -> None:
            for name, quantity in goods.items():
                orders.put_in_cart(
                    actor=Actor(self.people[handle]),
                    variant_id=self._variant_id(name),
                    quantity=quantity,
                    now=self.now,
                )

        db.in_transaction(entry)

    def _variant_id(self, name: str) -> int:
        picture, place = variant_of(name)
        return self.products[picture].variants[place].id


def _shelves(shops: Sequence[WorldShop]) -> list[tuple[str, WorldProduct]]:
    """Every product with its owner, one of each shop in turn, the first of each shop last and so the newest."""
    rows = zip_longest(*([(shop.owner, product) for product in reversed(shop.products)] for shop in shops))
    return [each for each in chain.from_iterable(rows) if each is not None]


def _open_shop(entry: WorldShop, people: Mapping[str, int], now: datetime) -> int:
    owner_id = people[entry.owner]
    shop = catalog.open_shop(owner_id=owner_id, name=entry.name, name_en=entry.name_en, now=now)
    pays = entry.commission
    if pays is not None:
        recruiter = alliance.ensure_publisher(user_id=people[pays.recruiter], now=now) if pays.recruiter else None
        alliance.set_plan(
            actor=Actor(owner_id),
            shop_id=shop.id,
            product_id=None,
            rate_bps=pays.rate_bps,
            publisher_share_bps=pays.publisher_bps,
            partner_share_bps=pays.partner_bps,
            platform_share_bps=pays.platform_bps,
            recruiter_id=recruiter.id if recruiter else None,
            service_bps=pays.service_bps,
            from_=now,
            until=None,
            now=now,
        )
    return shop.id


def _list_product(entry: WorldProduct, owner: Actor, shop_id: int, now: datetime) -> Product:
    product = catalog.add_product(
        actor=owner,
        shop_id=shop_id,
        title=entry.title,
        title_en=entry.title_en,
        brief=entry.brief,
        brief_en=entry.brief_en,
        picture=entry.picture,
        variants=[
            VariantDraft(each.name, each.name_en, _yuan(each.alone), _yuan(each.team) if each.team else None)
            for each in entry.variants
        ],
        now=now,
    )
    for variant, written in zip(product.variants, entry.variants, strict=True):
        stock = entry.stock if written.stock is None else written.stock
        if stock:
            inventory.add_stock(actor=owner, variant_id=variant.id, quantity=stock, now=now)
    return product


def _open_campaign(entry: WorldProduct, product: Product, owner: Actor, now: datetime) -> int:
    terms = entry.team
    assert terms is not None  # noqa: S101  (the caller looked)
    return groupbuy.open_campaign(
        actor=owner,
        product_id=product.id,
        size=terms.size,
        team_ttl=timedelta(hours=terms.hours),
        max_per_order=terms.per_order,
        max_per_person=terms.per_person,
        total_limit=terms.total,
        new_buyers_only=terms.new_buyers_only,
        now=now,
    ).id


def _yuan(fen: int) -> Money:
    return Money(fen, Currency.CNY)
