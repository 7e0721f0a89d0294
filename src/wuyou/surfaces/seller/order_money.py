"""What an order comes to for its shop: what it was sold for, who paid it, and what of it is the shop's, to the cent."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from wuyou.domains.alliance.types import CommissionState, Conversion
from wuyou.domains.orders.types import Order, PaymentState
from wuyou.domains.promotions import queries as promotions
from wuyou.domains.promotions.types import Funder, Use
from wuyou.kernel.money import Money
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.promotions import payer_of


def explain(order: Order, uses: Sequence[Use], conversions: Sequence[Conversion]) -> tuple[tuple[parts.Fact, ...], ...]:
    """Three sums that lead to each other: sold for, paid by whom, and what the shop gets of it.

    `goods - own coupons + shipping = paid by the buyer + paid by others`; less what went back and less commissions it
    is the shop's. Goods of 9.00 with a coupon of 1.00 and a red packet of 2.00 are sold for 8.00, of which the buyer
    paid 6.00.
    """
    return _sold(order, uses), _paid(order, uses), _yours(order, uses, conversions)


def received_minor(order: Order, uses: Sequence[Use], conversions: Sequence[Conversion]) -> int:
    """What the shop gets: what all have paid, less what went back, less commissions."""
    back = promotions.sums_of(uses)[2]
    return order.total_minor + order.funded_minor - order.refunded_minor - back - _commissions_minor(conversions)


def _sold(order: Order, uses: Sequence[Use]) -> tuple[parts.Fact, ...]:
    own = [parts.Fact(_("Your coupon “%(name)s”") % {"name": use.name}, -use.amount) for use in uses if _is_own(use)]
    shipping = [parts.Fact(_("Shipping"), _of(order, order.shipping_minor))] if order.shipping_minor else []
    sold = order.items_minor - order.discount_minor + order.shipping_minor
    return (
        parts.Fact(_("Goods"), _of(order, order.items_minor)),
        *own,
        *shipping,
        parts.Fact(_("Sold for"), _of(order, sold), total=True),
    )


def _paid(order: Order, uses: Sequence[Use]) -> tuple[parts.Fact, ...]:
    by_buyer = _("The buyer paid") if order.payment is PaymentState.PAID else _("The buyer was to pay")
    others = [parts.Fact(f"{use.name} · {payer_of(use.funder)}", use.amount) for use in uses if not _is_own(use)]
    return (parts.Fact(by_buyer, order.total), *others)


def _yours(order: Order, uses: Sequence[Use], conversions: Sequence[Conversion]) -> tuple[parts.Fact, ...]:
    if order.payment is not PaymentState.PAID:
        return ()
    facts = []
    if order.refunded_minor:
        facts.append(parts.Fact(_("Given back to the buyer"), -order.refunded))
    if back := promotions.sums_of(uses)[2]:
        facts.append(parts.Fact(_("Given back to who paid a part"), _of(order, -back)))
    if commissions := _commissions_minor(conversions):
        is_settled = all(each.state is CommissionState.SETTLED for each in conversions)
        label = _("Commissions and fees") if is_settled else _("Commissions and fees, as expected")
        facts.append(parts.Fact(label, _of(order, -commissions)))
    label = _("You received") if order.completed_at else _("You receive")
    return (*facts, parts.Fact(label, _of(order, received_minor(order, uses, conversions)), total=True))


def _commissions_minor(conversions: Sequence[Conversion]) -> int:
    """What the shop pays for having been recommended; subsidies on top are not its own to pay."""
    return sum(
        part.settled_minor if each.state is CommissionState.SETTLED else part.estimated_minor
        for each in conversions
        for part in each.parts
        if not part.role.is_subsidy
    )


def _is_own(use: Use) -> bool:
    return use.funder is Funder.SHOP


def _of(order: Order, minor: int) -> Money:
    return Money(minor, order.currency)
