"""What somebody earns, so that each sum can be checked by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from wuyou.domains.alliance.types import (
    SELECTION_SLOT,
    TALK_SLOT,
    CommissionState,
    Conversion,
    LinkLine,
    Part,
    PartyRole,
    post_of_slot,
)
from wuyou.domains.catalog.types import Product
from wuyou.domains.content.types import Post
from wuyou.kernel.money import Money
from wuyou.surfaces.storefront.viewmodels import lines
from wuyou.surfaces.ui import parts

_MAX_WORDS = 24


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
    slot_href: str
    """The post that brought it, for its author; empty for another place, and for a post that is gone."""
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
    conversion: Conversion, publisher_id: int, products: Mapping[int, Product], posts: Mapping[int, Post]
) -> tuple[EarningLine, ...]:
    """The reader's parts of a conversion: one for each role that they have in it.

    Args: posts: those of the reader's whose tags brought something, by id.
    """
    return tuple(
        _earning_line(conversion, part, products, posts)
        for part in conversion.parts
        if part.publisher_id == publisher_id
    )


def posts_named(slot_names: Iterable[str]) -> set[int]:
    """The posts whose tags made links of these slots."""
    return {post_id for name in slot_names if (post_id := post_of_slot(name)) is not None}


def _slot(name: str, posts: Mapping[int, Post]) -> str:
    """What a place of links is called."""
    post_id = post_of_slot(name)
    if post_id is not None:
        return _("Post «%(words)s»") % {"words": _words(posts[post_id])} if post_id in posts else _("A former post")
    if name.startswith(SELECTION_SLOT):
        return _("A list of goods")
    return {"team": _("Team link"), TALK_SLOT: _("In conversations")}.get(name, name)


def _words(post: Post) -> str:
    words = " ".join((post.title or post.text).split())
    return words if len(words) <= _MAX_WORDS else f"{words[: _MAX_WORDS - 1]}…"


def link_row(link: LinkLine, url: str, products: Mapping[int, Product], posts: Mapping[int, Post]) -> LinkRow:
    """A link with what came of it."""
    return LinkRow(
        link.link.id,
        lines.product_line(products[link.link.product_id]),
        url,
        _slot(link.slot_name, posts),
        link.click_count,
        link.order_count,
    )


def _earning_line(
    conversion: Conversion, part: Part, products: Mapping[int, Product], posts: Mapping[int, Post]
) -> EarningLine:
    # Who is the partner of a sale does not read whose words brought it.
    post_id = post_of_slot(conversion.slot_name)

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
        slot=_slot(conversion.slot_name, posts),
        slot_href=reverse("storefront:post", args=[post_id]) if post_id in posts else "",
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
    match role:
        case PartyRole.PUBLISHER:
            return _("Your link")
        case PartyRole.THIRD:
            return _("A shared place")
        case PartyRole.RECRUITER:
            return _("Goods you recruited")
        case PartyRole.SUBSIDY | PartyRole.THIRD_SUBSIDY:
            return _("Subsidy")
        case _:
            return _("Your tool")
