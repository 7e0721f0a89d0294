"""Claims as both of their sides see them, and what can be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from wuyou.domains.aftersales.types import Claim, ClaimKind, ClaimSide, ClaimState, Step
from wuyou.domains.catalog.types import Shop
from wuyou.domains.orders.types import Order
from wuyou.kernel.money import Money
from wuyou.surfaces.storefront.viewmodels import lines, people
from wuyou.surfaces.ui import carriers, parts
from wuyou.surfaces.ui import claims as words


@dataclass(frozen=True, slots=True)
class Row:
    """A claim in a list."""

    href: str
    order_no: str
    what: str
    amount: Money
    chip: parts.Chip
    made_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """A claim, and what this reader can do about it now."""

    id: int
    title: str
    reason: str
    amount: Money
    chip: parts.Chip
    order_no: str
    order_href: str
    shop: parts.Person
    lines: tuple[lines.Line, ...]
    steps: tuple[words.Line, ...]
    parcel: parts.Fact | None
    due_at: datetime | None
    afterwards: str
    is_seller: bool
    back_href: str
    can_answer: bool
    is_return: bool
    can_send: bool
    can_confirm: bool
    can_pass_on: bool
    can_withdraw: bool


@dataclass(frozen=True, slots=True)
class AskLine:
    """A line of an order, to choose pieces of."""

    id: int
    line: lines.Line
    most: int
    chosen: int


def page(claim: Claim, side: ClaimSide, order: Order, steps: Sequence[Step], shop: Shop) -> ClaimPage:
    """A claim for one of its sides."""
    is_buyer, is_seller, state = side is ClaimSide.BUYER, side is ClaimSide.SELLER, claim.state
    pieces = {line.order_line_id: line.quantity for line in claim.lines}
    order_page = "storefront:order" if is_buyer else "seller:order"
    return ClaimPage(
        id=claim.id,
        title=str(words.KINDS[claim.kind]),
        reason=str(words.REASONS[claim.reason]),
        amount=claim.amount,
        chip=words.chip(state),
        order_no=claim.order_no,
        order_href=reverse(order_page, args=[claim.order_no] if is_buyer else [shop.id, claim.order_no]),
        shop=people.shop_sign(shop),
        lines=tuple(lines.order_line(line, pieces[line.id]) for line in order.lines if line.id in pieces),
        steps=tuple(words.line_of(step, side) for step in steps),
        parcel=parts.Fact(str(carriers.NAMES[claim.carrier]), claim.parcel_no) if claim.parcel_no else None,
        due_at=claim.due_at,
        afterwards=str(words.AFTERWARDS.get(state, "")),
        is_seller=is_seller,
        back_href=reverse("storefront:claims") if is_buyer else reverse("seller:claims", args=[shop.id]),
        can_answer=is_seller and state is ClaimState.ASKED,
        is_return=claim.kind is ClaimKind.RETURN,
        can_send=is_buyer and state is ClaimState.TO_SEND,
        can_confirm=is_seller and state is ClaimState.SENT,
        can_pass_on=is_buyer and state is ClaimState.REFUSED,
        can_withdraw=is_buyer and claim.ended_at is None and state is not ClaimState.SENT,
    )


def row(claim: Claim) -> Row:
    """A claim in a list."""
    return Row(
        reverse("storefront:claim", args=[claim.id]),
        claim.order_no,
        str(words.KINDS[claim.kind]),
        claim.amount,
        words.chip(claim.state),
        claim.made_at,
        claim.due_at,
    )


def ask_lines(order: Order, returned: Mapping[int, int], chosen: Mapping[int, int] | None) -> tuple[AskLine, ...]:
    """What of an order can be asked for; all of it is chosen unless a form chose otherwise."""
    left = [(line, line.quantity - line.dropped_count - returned.get(line.id, 0)) for line in order.lines]
    return tuple(
        AskLine(line.id, lines.order_line(line), most, most if chosen is None else chosen.get(line.id, 0))
        for line, most in left
        if most
    )


def kinds(offered: Sequence[ClaimKind], chosen: str) -> tuple[parts.Choice, ...]:
    """What can be asked for, to choose from."""
    return tuple(
        parts.Choice(kind.value, str(words.KINDS[kind]), chosen=kind.value == (chosen or offered[0].value))
        for kind in offered
    )


def reasons(chosen: str) -> tuple[parts.Choice, ...]:
    """Why, to choose from."""
    return tuple(
        parts.Choice(each.value, str(text), chosen=each.value == chosen) for each, text in words.REASONS.items()
    )
