"""Complaints as both of their sides see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from wuyou.domains.catalog.types import Shop
from wuyou.domains.complaints.types import Complaint, ComplaintState, Side, Step
from wuyou.domains.orders.types import Order
from wuyou.surfaces.storefront.viewmodels import lines, people
from wuyou.surfaces.ui import complaints as words
from wuyou.surfaces.ui import parts


@dataclass(frozen=True, slots=True)
class Row:
    """A complaint in a list."""

    href: str
    order_no: str
    reason: str
    chip: parts.Chip
    made_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class ComplaintPage:
    """A complaint, and what this reader can do about it now."""

    id: int
    reason: str
    chip: parts.Chip
    order_no: str
    order_href: str
    shop: parts.Person
    lines: tuple[lines.Line, ...]
    steps: tuple[words.Line, ...]
    due_at: datetime | None
    is_buyer: bool
    is_seller: bool
    must_answer: bool
    can_say: bool
    can_pass_on: bool
    can_solve: bool


def page(complaint: Complaint, side: Side, order: Order, steps: Sequence[Step], shop: Shop) -> ComplaintPage:
    """A complaint for one of its sides."""
    runs, is_buyer = complaint.ended_at is None, side is Side.BUYER
    return ComplaintPage(
        id=complaint.id,
        reason=str(words.REASONS[complaint.reason]),
        chip=words.chip(complaint.state),
        order_no=complaint.order_no,
        order_href=reverse("storefront:order", args=[complaint.order_no]) if is_buyer else "",
        shop=people.shop_sign(shop),
        lines=tuple(lines.order_line(line) for line in order.lines),
        steps=tuple(words.line_of(step, side) for step in steps),
        due_at=complaint.due_at,
        is_buyer=is_buyer,
        is_seller=side is Side.SELLER,
        must_answer=side is Side.SELLER and complaint.state is ComplaintState.OPEN,
        can_say=runs,
        can_pass_on=is_buyer and complaint.state is ComplaintState.ANSWERED,
        can_solve=is_buyer and runs,
    )


def row(complaint: Complaint) -> Row:
    """A complaint in a list."""
    return Row(
        reverse("storefront:complaint", args=[complaint.id]),
        complaint.order_no,
        str(words.REASONS[complaint.reason]),
        words.chip(complaint.state),
        complaint.made_at,
        complaint.due_at,
    )


def reasons(chosen: str) -> tuple[parts.Choice, ...]:
    """What can be wrong, to choose from."""
    return tuple(
        parts.Choice(reason.value, str(text), chosen=reason.value == chosen) for reason, text in words.REASONS.items()
    )
