"""What somebody earns, so that each sum can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from wuyou.domains.alliance.types import CommissionState, Conversion, LinkLine, Part, PartyRole
from wuyou.domains.catalog.types import Product
from wuyou.kernel.money import Money
from wuyou.surfaces.storefront.viewmodels import lines
from wuyou.surfaces.ui import parts


@dataclass(frozen=True, slots=True)
class EarningLine:
    """One sold line: base × rate = commission, of which the reader has a share."""

    id: int
    line: lines.Line
    chip: parts.Chip
    role: str
    sold_at: datetime
    clicked_at: datetime
    slot: str
    amount: Money
    refunded: Money | None
    base: Money
    rate_bps: int
    commission: Money
    share_bps: int
    mine: Money


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link of the reader's."""

    id: int
    line: lines.Line
    url: str
    slot: str
    click_count: int
    order_count: int


def earning_lines(
    conversion: Conversion, publisher_id: int, products: Mapping[int, Product]
) -> tuple[EarningLine, ...]:
    """The reader's parts of a conversion: one for each role that they have in it."""
    return tuple(
        _earning_line(conversion, part, products) for part in conversion.parts if part.publisher_id == publisher_id
    )


def link_row(link: LinkLine, url: str, products: Mapping[int, Product]) -> LinkRow:
    """A link with what came of it."""
    return LinkRow(
        link.link.id,
        lines.product_line(products[link.link.product_id]),
        url,
        _("Team link") if link.slot_name == "team" else link.slot_name,
        link.click_count,
        link.order_count,
    )


def _earning_line(conversion: Conversion, part: Part, products: Mapping[int, Product]) -> EarningLine:
    def amount(minor: int) -> Money:
        return Money(minor, conversion.currency)

    is_settled = conversion.state is CommissionState.SETTLED
    return EarningLine(
        id=conversion.id,
        line=lines.product_line(products[conversion.product_id]),
        chip=_chip(conversion),
        role=_role(part.role),
        sold_at=conversion.placed_at,
        clicked_at=conversion.clicked_at,
        slot=_("Team link") if conversion.slot_name == "team" else conversion.slot_name,
        amount=amount(conversion.amount_minor),
        refunded=amount(conversion.refunded_minor) if conversion.refunded_minor else None,
        base=amount(conversion.base_minor),
        rate_bps=conversion.rate_bps,
        commission=amount(conversion.commission_minor),
        share_bps=part.share_bps,
        mine=amount(part.settled_minor if is_settled else part.estimated_minor),
    )


def _chip(conversion: Conversion) -> parts.Chip:
    match conversion.state:
        case CommissionState.ESTIMATED:
            return parts.Chip(_("Estimated"), "amber", "clock")
        case CommissionState.CONFIRMED:
            return parts.Chip(_("Confirmed"), "accent", "check")
        case CommissionState.SETTLED:
            return parts.Chip(_("Settled"), "jade", "circle-check")
        case CommissionState.INVALID:
            return parts.Chip(_("Refunded"), "plain", "arrow-back-up")


def _role(role: PartyRole) -> str:
    return _("Your link") if role is PartyRole.PUBLISHER else _("Your partnership")
