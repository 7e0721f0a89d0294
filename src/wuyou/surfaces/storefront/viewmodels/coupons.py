"""Vouchers as their owner sees them, and what they take off an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from wuyou.domains.catalog.types import Product, Shop
from wuyou.domains.orders.types import Order
from wuyou.domains.promotions import errors, queries
from wuyou.domains.promotions.types import BasketLine, Priced, Step, Use, Voucher, VoucherState
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.storefront.viewmodels import lines
from wuyou.surfaces.ui import parts, promotions
from wuyou.surfaces.ui.texts import in_language


@dataclass(frozen=True, slots=True)
class VoucherCard:
    """One of a promotion, in somebody's hands."""

    off: str
    threshold: str
    name: str
    kind: parts.Chip
    about: str
    href: str
    """Where it may be used; empty when anywhere."""
    until: datetime
    state: parts.Chip | None
    """None while it may be used."""


@dataclass(frozen=True, slots=True)
class VoucherChoice:
    """A voucher in the review of an order."""

    id: int
    off: str
    threshold: str
    name: str
    kind: parts.Chip
    until: datetime
    is_chosen: bool
    is_usable: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """One line of a sum: what is taken off, and who pays it."""

    name: str
    payer: str
    amount: Money
    """Below zero."""


def voucher(each: Voucher, products: Mapping[int, Product], shops: Mapping[int, Shop], now: datetime) -> VoucherCard:
    """A voucher in its owner's list."""
    promotion = each.promotion
    product = products.get(promotion.product_id or 0)
    shop = shops.get(promotion.shop_id or 0)
    about = in_language(product.title, product.title_en) if product else ""
    if not about:
        about = in_language(shop.name, shop.name_en) if shop else _("In every shop")
    is_here = product is not None and product.is_listed
    return VoucherCard(
        promotions.off_of(promotion),
        promotions.threshold_of(promotion),
        promotion.name,
        promotions.kind_of(promotion),
        about,
        lines.href_of(product.id) if product and is_here else "",
        each.use_until,
        _state(each, now),
    )


def choices(vouchers: Sequence[Voucher], basket: Sequence[BasketLine], priced: Priced) -> tuple[VoucherChoice, ...]:
    """What one has for a basket: what is chosen first, what is of no use for it last."""
    chosen = set(priced.voucher_ids)
    found = [
        VoucherChoice(
            each.id,
            promotions.off_of(each.promotion),
            promotions.threshold_of(each.promotion),
            each.promotion.name,
            promotions.kind_of(each.promotion),
            each.use_until,
            each.id in chosen,
            each.id in chosen or _is_usable(each, basket),
        )
        for each in vouchers
    ]
    return tuple(sorted(found, key=lambda choice: (not choice.is_chosen, not choice.is_usable)))


def taken_by_steps(steps: Sequence[Step], vouchers: Sequence[Voucher], currency: Currency) -> tuple[Taken, ...]:
    """What vouchers would take off, one after the other."""
    funders = {each.id: each.promotion.funder for each in vouchers}
    return tuple(
        Taken(step.name, promotions.payer_of(funders[step.voucher_id]), Money(-step.amount_minor, currency))
        for step in steps
    )


def taken_of(order: Order) -> tuple[Taken, ...]:
    """What vouchers took off an order. Cost: one query; none for an order without."""
    if not order.discount_minor + order.funded_minor:
        return ()
    uses: tuple[Use, ...] = queries.uses_by_ref([order.order_no]).get(order.order_no, ())
    return tuple(Taken(use.name, promotions.payer_of(use.funder), -use.amount) for use in uses)


def _is_usable(each: Voucher, basket: Sequence[BasketLine]) -> bool:
    try:
        queries.price(basket, [each])
    except errors.VoucherUnusable:
        return False
    return True


def _state(each: Voucher, now: datetime) -> parts.Chip | None:
    if each.state is VoucherState.USED:
        return parts.Chip(_("Used"))
    if each.state is VoucherState.HELD:
        return parts.Chip(_("Kept for an order to pay"), "amber", "clock")
    return parts.Chip(_("Over")) if now >= each.use_until else None
