"""The cart, the review before an order, and the cashier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wuyou.domains.catalog.types import Product, Shop, Variant
from wuyou.domains.orders.types import CartLine
from wuyou.kernel.money import Money
from wuyou.surfaces.storefront.viewmodels import coupons, lines, people
from wuyou.surfaces.ui import parts


@dataclass(frozen=True, slots=True)
class CartItem:
    """A line of the cart; `problem` says why it cannot be ordered as it stands."""

    variant_id: int
    line: lines.Line
    quantity: int
    max_quantity: int
    problem: str


@dataclass(frozen=True, slots=True)
class CartShop:
    """What of the cart one shop sells: an order is of one shop."""

    shop: parts.Person
    items: tuple[CartItem, ...]
    total: Money
    can_order: bool


@dataclass(frozen=True, slots=True)
class Review:
    """What an order will be, before it is one."""

    way: str
    lines: tuple[lines.Line, ...]
    shop: parts.Person
    goods: Money
    """Before anything is taken off."""
    taken: tuple[coupons.Taken, ...]
    choices: tuple[coupons.VoucherChoice, ...]
    is_best: bool
    """Nothing that may be used together leaves less to pay."""
    voucher_refusal: str
    again_href: str
    """Where the sum is worked out again; what is ticked is added."""
    total: Money
    price_alone: Money | None
    """What the same would cost alone; None for who buys alone."""
    team_size: int
    leader: parts.Person | None
    """Whose team is joined."""
    deadline: datetime | None
    hidden: tuple[tuple[str, str], ...]
    """What the form sends again."""
    back_href: str

    @property
    def saving(self) -> Money | None:
        return self.price_alone - self.goods if self.price_alone else None


def cart(
    kept: Sequence[CartLine],
    variants: Mapping[int, Variant],
    products: Mapping[int, Product],
    shops: Mapping[int, Shop],
    available: Mapping[int, int],
    problems: Mapping[str, str],
) -> tuple[CartShop, ...]:
    """The cart, shop by shop. Args: problems: the sentences for `gone` and `few`."""
    by_shop: dict[int, list[tuple[CartLine, Variant]]] = {}
    for each in kept:
        variant = variants[each.variant_id]
        by_shop.setdefault(variant.shop_id, []).append((each, variant))
    return tuple(_cart_shop(shops[shop_id], found, products, available, problems) for shop_id, found in by_shop.items())


def _cart_shop(
    shop: Shop,
    found: Sequence[tuple[CartLine, Variant]],
    products: Mapping[int, Product],
    available: Mapping[int, int],
    problems: Mapping[str, str],
) -> CartShop:
    items = tuple(
        CartItem(
            variant_id=variant.id,
            line=lines.product_line(
                products[variant.product_id], lines.variant_name(variant), variant.price * kept.quantity
            ),
            quantity=kept.quantity,
            max_quantity=max(1, min(available[variant.id], 999)),
            problem=_problem(kept, variant, available, problems),
        )
        for kept, variant in found
    )
    total = found[0][1].price * 0
    for kept, variant in found:
        if variant.is_listed and variant.price.currency is total.currency:
            total += variant.price * kept.quantity
    return CartShop(people.shop_sign(shop), items, total, not any(item.problem for item in items))


def _problem(kept: CartLine, variant: Variant, available: Mapping[int, int], problems: Mapping[str, str]) -> str:
    if not variant.is_listed or not available[variant.id]:
        return problems["gone"]
    return problems["few"] % {"left": available[variant.id]} if available[variant.id] < kept.quantity else ""
