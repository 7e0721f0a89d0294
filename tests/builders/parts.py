"""Parts, drawings and figures for tests and the demo world, made through operations only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import count

from tests.builders import goods
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from wuyou.domains.identity.types import Person
from wuyou.domains.things import operations, queries
from wuyou.domains.things.part_types import (
    Drawing,
    DrawingDraft,
    Figure,
    FigureDraft,
    FigureKind,
    FigureValue,
    Licence,
    Part,
    PartDraft,
)
from wuyou.domains.things.types import Thing
from wuyou.infra import db, pictures, sight
from wuyou.kernel.actor import PLATFORM, Actor

_numbers = count(1)


@dataclass(frozen=True)
class Sold:
    """A thing that a shop sells, and who may describe it."""

    seller: Person
    thing: Thing
    variant: Thing

    @property
    def actor(self) -> Actor:
        return Actor(self.seller.id)


def make_sold(now: datetime, title: str = "竹键盘", *, seller: Person | None = None) -> Sold:
    """A model that is sold by a new shop, with one variant."""
    seller = seller or make_person(now)
    product = goods.make_product(now, shop=goods.make_shop(now, owner_id=seller.id), title=title)
    variant_id = product.variants[0].id
    made = db.in_transaction(lambda: operations.ensure_variants(variant_ids=[variant_id], now=now))
    return Sold(seller, queries.things_by_product([product.id])[product.id], made[variant_id])


def make_part(
    now: datetime,
    thing: Thing,
    number: str = "",
    name: str = "轴体",
    *,
    above: Part | None = None,
    quantity: int = 1,
    actor: Actor = PLATFORM,
) -> Part:
    """A part of a thing, written down by staff unless said otherwise."""
    draft = PartDraft(number or str(next(_numbers)), name, "Switch", quantity, above.id if above else None)
    made = db.in_transaction(lambda: operations.add_part(actor=actor, thing_id=thing.id, draft=draft, now=now))
    return queries.get_part_for(sight.get_viewer(actor.user_id), made)


def make_drawing(
    now: datetime, thing: Thing, title: str = "", *, licence: Licence = Licence.CC0, actor: Actor = PLATFORM
) -> Drawing:
    """A drawing of a thing."""
    number = next(_numbers)
    picture = pictures.take_in(make_photo(320, 240, number))
    draft = DrawingDraft(title or f"图 {number}", "Drawing", licence)
    made = db.in_transaction(
        lambda: operations.add_drawing(actor=actor, thing_id=thing.id, draft=draft, picture=picture, now=now)
    )
    return queries.get_drawing_for(sight.get_viewer(actor.user_id), made)


def make_figure(
    now: datetime,
    thing: Thing,
    value: str = "5.50",
    *,
    part: Part | None = None,
    quantity: str = "",
    actor: Actor = PLATFORM,
) -> Figure:
    """A figure of a thing or of a part of it."""
    draft = FigureDraft(
        FigureKind.MEASURE,
        quantity or f"质量 {next(_numbers)}",
        FigureValue(Decimal(value), "g", "店主的秤", Licence.CC0),
        "Mass",
        "不含线",
        "without the cable",
        part.id if part else None,
    )
    made = db.in_transaction(lambda: operations.add_figure(actor=actor, thing_id=thing.id, draft=draft, now=now))
    return queries.get_figure_for(sight.get_viewer(actor.user_id), made)
