"""Orders as their buyer and their shop see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from wuyou.domains.groupbuy.types import Team, TeamState
from wuyou.domains.orders.types import (
    FulfilmentState,
    Order,
    OrderKind,
    PaymentState,
    Refund,
    RefundStage,
    RefundState,
)
from wuyou.kernel.money import Money
from wuyou.surfaces.storefront.viewmodels import coupons, lines, teams
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.templatetags.ui import money

_REASONS = {
    "charged_back": gettext_lazy("The buyer’s bank took it back"),
    "team_expired": gettext_lazy("The team did not fill in time"),
    "team_cancelled": gettext_lazy("The team was dissolved"),
    "team_missed": gettext_lazy("Your money came after the team had closed"),
    "out_of_stock": gettext_lazy("Your money came after the last piece was sold"),
    "buyer": gettext_lazy("You asked for it before it was sent"),
    "shop": gettext_lazy("Given by the shop"),
    "complaint": gettext_lazy("Decided by our staff about your complaint"),
    "claim": gettext_lazy("You asked for it back"),
    "voucher_gone": gettext_lazy("Your money came late, and its coupon was used elsewhere"),
}


@dataclass(frozen=True, slots=True)
class OrderCard:
    """An order in a list."""

    order_no: str
    href: str
    chip: parts.Chip
    lines: tuple[lines.Line, ...]
    total: Money
    placed_at: datetime
    pay_href: str
    pay_until: datetime
    team_href: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order on its three axes, and what its buyer can do about it now."""

    order_no: str
    title: str
    note: str
    chip: parts.Chip
    lines: tuple[lines.Line, ...]
    shop: parts.Person
    goods: Money
    taken: tuple[coupons.Taken, ...]
    """What vouchers took off the goods."""
    total: Money
    payment_steps: tuple[parts.Step, ...]
    fulfilment_steps: tuple[parts.Step, ...]
    refund_steps: tuple[parts.Step, ...]
    refunded: Money | None
    placed_at: datetime
    pay_until: datetime | None
    """Set while the order waits for its payment."""
    is_arriving: bool
    """The money is here; the order is about to hear of it."""
    is_waiting: bool
    """The payer was at the bank, and we have not heard from it."""
    can_pay: bool
    can_close: bool
    can_receive: bool
    can_refund: bool
    can_take_rest_back: bool
    """What is not sent yet, while the rest is on its way."""
    team_href: str
    mark: str
    is_live: bool


def chip_of(order: Order, team: Team | None = None) -> parts.Chip:
    """Where an order stands, in two or three words."""
    if order.payment is PaymentState.UNPAID:
        return parts.Chip(_("To pay"), "amber", "clock")
    if order.payment is PaymentState.CLOSED:
        return parts.Chip(_("Cancelled"), "plain")
    if order.refund is RefundState.FULL:
        return parts.Chip(_("Refund"), "plain", "arrow-back-up")
    if order.fulfilment is FulfilmentState.HELD and (team is None or team.state is TeamState.FORMING):
        return parts.Chip(_("Team is filling"), "amber", "users")
    match order.fulfilment:
        case FulfilmentState.HELD:
            return parts.Chip(_("Being arranged"), "plain")
        case FulfilmentState.READY if order.is_partly_sent:
            return parts.Chip(_("Sent in part"), "accent", "truck-delivery")
        case FulfilmentState.READY:
            return parts.Chip(_("To be sent"), "accent", "package")
        case FulfilmentState.SHIPPED:
            return parts.Chip(_("On its way"), "accent", "truck-delivery")
        case FulfilmentState.RECEIVED:
            return parts.Chip(_("Received"), "jade", "check")
        case FulfilmentState.COMPLETED:
            return parts.Chip(_("Done"), "jade", "check")
        case FulfilmentState.CANCELLED:
            return parts.Chip(_("Cancelled"), "plain")


def card(order: Order, team: Team | None) -> OrderCard:
    """An order in its buyer's list."""
    return OrderCard(
        order_no=order.order_no,
        href=reverse("storefront:order", args=[order.order_no]),
        chip=chip_of(order, team),
        lines=tuple(lines.order_line(line) for line in order.lines),
        total=order.total,
        placed_at=order.placed_at,
        pay_href=reverse("storefront:pay", args=[order.order_no]) if order.payment is PaymentState.UNPAID else "",
        pay_until=order.pay_until,
        team_href=teams.href_of(team.token) if team else "",
    )


def page(
    order: Order,
    *,
    team: Team | None,
    shop: parts.Person,
    taken: tuple[coupons.Taken, ...],
    refunds: Sequence[Refund],
    has_arrived: bool,
    is_waiting: bool,
    can_close: bool,
    can_receive: bool,
    can_refund: bool,
    can_take_rest_back: bool,
) -> OrderPage:
    """An order for its buyer."""
    is_unpaid = order.payment is PaymentState.UNPAID
    waits_for_refund = any(refund.stage is RefundStage.PROMISED for refund in refunds)
    is_arriving = is_unpaid and has_arrived
    title, note = _title(order, team, is_arriving=is_arriving, is_waiting=is_waiting, is_back=not waits_for_refund)
    return OrderPage(
        order_no=order.order_no,
        title=title,
        note=note,
        chip=chip_of(order, team),
        lines=tuple(lines.order_line(line) for line in order.lines),
        shop=shop,
        goods=Money(order.items_minor, order.currency),
        taken=taken,
        total=order.total,
        payment_steps=_payment_steps(order),
        fulfilment_steps=_fulfilment_steps(order, team),
        refund_steps=_refund_steps(refunds),
        refunded=order.refunded if refunds else None,
        placed_at=order.placed_at,
        pay_until=order.pay_until if is_unpaid and not is_arriving and not is_waiting else None,
        is_arriving=is_arriving,
        is_waiting=is_waiting,
        can_pay=is_unpaid and not is_arriving and not is_waiting,
        can_close=can_close and not is_arriving and not is_waiting,
        can_receive=can_receive,
        can_refund=can_refund,
        can_take_rest_back=can_take_rest_back,
        team_href=teams.href_of(team.token) if team else "",
        mark=f"{order.payment.value}-{order.fulfilment.value}-{order.refunded_minor}-{int(waits_for_refund)}"
        f"-{int(is_arriving)}-{int(is_waiting)}-{team.state.value if team else ''}",
        is_live=is_arriving or is_waiting or waits_for_refund or order.fulfilment is FulfilmentState.HELD,
    )


def _title(order: Order, team: Team | None, *, is_arriving: bool, is_waiting: bool, is_back: bool) -> tuple[str, str]:
    if is_arriving:
        return _("Payment received, one moment …"), _("We are writing it into the books.")
    if is_waiting:
        return _("Waiting for the bank"), _("We have not heard from it, so we keep asking. This page updates itself.")
    if order.payment is PaymentState.UNPAID:
        return _("Waiting for your payment"), _("Until then the goods are kept for you.")
    if order.payment is PaymentState.CLOSED:
        return _("This order was cancelled"), _("It was not paid, and nothing was taken from you.")
    if order.refund is RefundState.FULL:
        return _("All of your money is back with you") if is_back else _("Your money is on its way back"), ""
    if order.fulfilment is FulfilmentState.HELD:
        is_filling = team is not None and team.state is TeamState.FORMING
        return _("Paid. The team is filling") if is_filling else _("Paid"), (
            _("If it does not fill in time, all of your money comes back by itself.") if is_filling else ""
        )
    match order.fulfilment:
        case FulfilmentState.READY if order.is_partly_sent:
            return _("A part of it is on its way"), _("The shop sends the rest in another parcel.")
        case FulfilmentState.READY:
            return _("Paid. The shop sends it next"), ""
        case FulfilmentState.SHIPPED:
            return _("It is on its way"), _("Tell us when it is in your hands.")
        case FulfilmentState.RECEIVED:
            return _("You have received it"), _("The shop is paid when the time to return is over.")
        case FulfilmentState.COMPLETED:
            return _("Done"), _("Everyone who had a part in it is paid.")
        case _other:
            return _("This order was cancelled"), ""


def _payment_steps(order: Order) -> tuple[parts.Step, ...]:
    placed = parts.Step(_("Ordered"), "done", order.placed_at)
    if order.payment is PaymentState.CLOSED:
        return placed, parts.Step(_("Cancelled unpaid"), "done")
    if order.payment is PaymentState.PAID:
        return placed, parts.Step(_("Paid"), "done", order.paid_at)
    return placed, parts.Step(_("Pay"), "current")


def _fulfilment_steps(order: Order, team: Team | None) -> tuple[parts.Step, ...]:
    """From the team to the end of the return window; what will not happen any more is left out."""
    reached: list[tuple[str, bool, datetime | None, str]] = []
    stage = list(FulfilmentState).index(order.fulfilment)
    is_over = order.fulfilment is FulfilmentState.CANCELLED
    if order.kind is OrderKind.TEAM and team is not None:
        has_formed = team.state is TeamState.FORMED
        label = _("Team complete") if not (has_formed and team.was_waived) else _("The shop let the team pass")
        reached.append((label, has_formed and not is_over, team.ended_at if has_formed else None, ""))
    window = _("Until then you can send it back.")
    reached += [
        (_("Sent in part") if order.is_partly_sent else _("Sent"), order.shipped_at is not None, order.shipped_at, ""),
        (pgettext("step", "Received"), order.received_at is not None, order.received_at, ""),
        (
            _("Return window over"),
            order.completed_at is not None,
            order.completed_at or order.completes_at,
            window if order.received_at and not order.completed_at else "",
        ),
    ]
    if is_over or order.payment is PaymentState.CLOSED:
        done = [parts.Step(label, "done", at, note) for label, is_done, at, note in reached if is_done]
        return (*done, parts.Step(_("Not sent"), "done"))
    current = next((i for i, (_label, is_done, _at, _note) in enumerate(reached) if not is_done), len(reached))
    if order.payment is PaymentState.UNPAID or stage < 0:
        current = len(reached)
    return tuple(
        parts.Step(label, "done" if is_done else "current" if i == current else "next", at, note)
        for i, (label, is_done, at, note) in enumerate(reached)
    )


def _refund_steps(refunds: Sequence[Refund]) -> tuple[parts.Step, ...]:
    steps: list[parts.Step] = []
    for refund in refunds:
        amount, reason = money(refund.amount), str(_REASONS.get(refund.reason, ""))
        is_back = refund.stage is RefundStage.RETURNED
        steps.append(parts.Step(_("Refund of %(amount)s") % {"amount": amount}, "done", refund.promised_at, reason))
        steps.append(
            parts.Step(
                _("Back with you") if is_back else _("The bank is sending it"),
                "done" if is_back else "current",
                refund.returned_at,
            )
        )
    return tuple(steps)
