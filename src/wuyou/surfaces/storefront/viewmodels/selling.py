"""A shop as its owner sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from wuyou.domains.catalog.types import Product, Shop
from wuyou.domains.groupbuy.types import Team
from wuyou.domains.identity.types import Person
from wuyou.domains.orders.types import FulfilmentState, Order, PaymentState
from wuyou.kernel.money import Money
from wuyou.surfaces.storefront.viewmodels import lines, orders, people, teams
from wuyou.surfaces.storefront.viewmodels.people import shop_sign as sign
from wuyou.surfaces.storefront.viewmodels.teams import people_of
from wuyou.surfaces.ui import parts

__all__ = ["RunningTeam", "SoldOrder", "people_of", "running_team", "sign", "sold", "switcher"]


@dataclass(frozen=True, slots=True)
class SoldOrder:
    """An order that a shop sold."""

    order_no: str
    buyer: parts.Person
    chip: parts.Chip
    lines: tuple[lines.Line, ...]
    total: Money
    refunded: Money | None
    left: Money | None
    """What can still be given back; None when that is nothing."""
    paid_at: datetime | None
    can_ship: bool


@dataclass(frozen=True, slots=True)
class RunningTeam:
    """A team that fills, for the shop to decide on."""

    id: int
    row: parts.TeamRow
    product: lines.Line
    paid: int
    size: int


def switcher(shops: Sequence[Shop], current: Shop) -> tuple[parts.Tab, ...]:
    """One's shops to choose from; none where there is only one."""
    if len(shops) == 1:
        return ()
    here = reverse("storefront:shop")
    return tuple(parts.Tab(sign(shop).name, f"{here}?shop={shop.id}", shop.id == current.id) for shop in shops)


def sold(order: Order, buyer: Person) -> SoldOrder:
    """An order in its shop's list."""
    left = order.total - order.refunded
    return SoldOrder(
        order_no=order.order_no,
        buyer=people.face(buyer),
        chip=orders.chip_of(order),
        lines=tuple(lines.order_line(line) for line in order.lines),
        total=order.total,
        refunded=order.refunded if order.refunded_minor else None,
        left=left if left and order.payment is PaymentState.PAID else None,
        paid_at=order.paid_at,
        can_ship=order.fulfilment is FulfilmentState.READY and bool(left),
    )


def running_team(team: Team, product: Product, persons: Mapping[int, Person]) -> RunningTeam:
    """A running team in its shop's list."""
    return RunningTeam(
        team.id, teams.row(team, product, persons, can_join=False), lines.product_line(product), team.paid, team.size
    )
