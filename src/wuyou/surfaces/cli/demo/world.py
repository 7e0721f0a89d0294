"""The demo world as it is written down in `world/*.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

MEMBER, MERCHANT, STAFF = "member", "merchant", "staff"
"""What the three people who can sign in show."""


@dataclass(frozen=True, slots=True)
class WorldPerson:
    """Somebody of the world."""

    handle: str
    name: str
    avatar: str
    login: str = ""
    """`MEMBER`, `MERCHANT` or `STAFF` for who gets a password."""
    newcomer: bool = False
    """Has never bought anything, so may join a team for new buyers."""


@dataclass(frozen=True, slots=True)
class WorldVariant:
    """A form of a product; prices in fen. `stock` None is the product's."""

    name: str
    name_en: str
    alone: int
    team: int | None = None
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class TeamTerms:
    """How a product is sold to teams."""

    size: int
    hours: int
    per_order: int
    per_person: int | None = None
    total: int | None = None
    new_buyers_only: bool = False

    @property
    def is_unlimited(self) -> bool:
        """Whether anybody may buy any number of times."""
        return not (self.per_person or self.total or self.new_buyers_only)


@dataclass(frozen=True, slots=True)
class WorldProduct:
    """A product, called by its picture where no other has the same."""

    picture: str
    title: str
    title_en: str
    brief: str
    brief_en: str
    stock: int
    variants: tuple[WorldVariant, ...]
    team: TeamTerms | None = None
    key: str = ""

    @property
    def called(self) -> str:
        """By what the rest of the world calls it."""
        return self.key or self.picture


@dataclass(frozen=True, slots=True)
class Commission:
    """What a shop pays for a sale brought to it; shares of it in basis points."""

    rate_bps: int
    publisher_bps: int
    partner_bps: int
    platform_bps: int
    recruiter: str = ""
    service_bps: int = 0
    """Of the sale, to the recruiter."""


@dataclass(frozen=True, slots=True)
class WorldShop:
    """A shop; one without a commission pays none."""

    owner: str
    name: str
    name_en: str
    products: tuple[WorldProduct, ...]
    commission: Commission | None = None


@dataclass(frozen=True, slots=True)
class RunningTeam:
    """A team opened so long ago that this many minutes are left. Minutes of the members count from its opening."""

    product: str
    leader: str
    minutes_left: int
    joined: Mapping[str, int] = field(default_factory=dict)
    unpaid: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order alone. `steps`: hours from the order to what follows; `via`: whose link the buyer had followed."""

    buyer: str
    goods: Mapping[str, int]
    hours_ago: float
    steps: Mapping[str, float] = field(default_factory=dict)
    refund_minor: int | None = None
    via: str = ""
    pay_within: float | None = None


@dataclass(frozen=True, slots=True)
class Cart:
    """What somebody put aside."""

    buyer: str
    goods: Mapping[str, int]


@dataclass(frozen=True)
class World:
    """Everything that is written down; what the records of real group buys add is not here."""

    people: tuple[WorldPerson, ...]
    shops: tuple[WorldShop, ...]
    teams: tuple[RunningTeam, ...]
    purchases: tuple[Purchase, ...]
    carts: tuple[Cart, ...]

    @cached_property
    def products(self) -> tuple[WorldProduct, ...]:
        """All products, shop by shop."""
        return tuple(product for shop in self.shops for product in shop.products)

    @cached_property
    def owner_of(self) -> Mapping[str, str]:
        """Who sells what: by what it is called → handle."""
        return {product.called: shop.owner for shop in self.shops for product in shop.products}

    def login(self, kind: str) -> WorldPerson:
        """Who signs in as `MEMBER`, `MERCHANT` or `STAFF`."""
        return next(person for person in self.people if person.login == kind)


def read_world(more: Path | None = None) -> World:
    """Read what is written down, and what a folder of the same form adds: people and shops. Staff stays the last."""
    read = _read(files("wuyou.surfaces.cli.demo") / "world")
    people, present = read.pop("people.toml"), read.pop("present.toml")
    added = _read(more / "world") if more else {}
    newcomers = added.pop("people.toml", {"person": []})
    *shipped, staff = people["person"]
    return World(
        people=tuple(WorldPerson(**columns) for columns in (*shipped, *newcomers["person"], staff)),
        shops=tuple(_shop(columns) for columns in (*read.values(), *added.values())),
        teams=tuple(RunningTeam(**columns) for columns in present["team"]),
        purchases=tuple(Purchase(**columns) for columns in present["order"]),
        carts=tuple(Cart(**columns) for columns in present["cart"]),
    )


def _read(folder: Traversable) -> dict[str, dict[str, Any]]:
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".toml"))
    return {name: tomllib.loads((folder / name).read_text(encoding="utf-8")) for name in names}


def variant_of(name: str) -> tuple[str, int]:
    """`"honey#2"` is the second variant of the honey, `"honey"` the first; returns the picture and the place from 0."""
    picture, _, place = name.partition("#")
    return picture, int(place or 1) - 1


def _shop(columns: dict[str, Any]) -> WorldShop:
    commission = columns.get("commission")
    return WorldShop(
        owner=columns["owner"],
        name=columns["name"],
        name_en=columns["name_en"],
        products=tuple(_product(each) for each in columns["product"]),
        commission=Commission(**commission) if commission else None,
    )


def _product(columns: dict[str, Any]) -> WorldProduct:
    team = columns.pop("team", None)
    variants = tuple(WorldVariant(**each) for each in columns.pop("variants"))
    return WorldProduct(**columns, variants=variants, team=TeamTerms(**team) if team else None)
