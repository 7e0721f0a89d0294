"""What the workbench's templates are given, and how domain facts become it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wuyou.domains.catalog.types import Permission, Product, Shop
from wuyou.domains.identity.types import Person
from wuyou.domains.orders.types import FulfilmentState, Order, OrderLine, PaymentState, RefundState
from wuyou.kernel import tokens
from wuyou.kernel.money import Money
from wuyou.surfaces.seller.access import Desk
from wuyou.surfaces.ui import carriers, goods_pictures, parts, pictures
from wuyou.surfaces.ui.names import name_of
from wuyou.surfaces.ui.once import KEY_FIELD
from wuyou.surfaces.ui.texts import in_language


@dataclass(frozen=True, slots=True)
class Line:
    """Goods in one line."""

    id: int
    title: str
    note: str
    picture: str
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list of the shop's."""

    order_no: str
    href: str
    buyer: parts.Person
    chip: parts.Chip
    goods: Line
    more: int
    """Further lines."""
    total: Money
    placed_at: datetime
    ship_by: datetime | None
    """Set while it waits to be sent."""
    is_late: bool
    can_ship: bool
    parcel: str


def shop_name(shop: Shop) -> str:
    """A shop's name in the reader's language."""
    return in_language(shop.name, shop.name_en)


def person_part(person: Person) -> parts.Person:
    """A person as lists show them."""
    return parts.Person(person.id, name_of(person), picture=pictures.shipped(person.avatar))


def order_line(desk: Desk, line: OrderLine) -> Line:
    """A line of an order, at the price of that day."""
    return Line(
        line.product_id,
        in_language(line.title, line.title_en),
        carriers.note_of(line),
        desk.photo(line.photo_id, goods_pictures.IN_LINE) if line.photo_id else goods_pictures.drawn(line.picture),
        line.amount,
    )


def product_line(desk: Desk, product: Product, note: str = "") -> Line:
    """A product as it is now."""
    picture = goods_pictures.own_picture_of(product, desk.photo)
    return Line(product.id, in_language(product.title, product.title_en), note, picture)


def chip_of(order: Order, now: datetime) -> parts.Chip:
    """Where an order stands, as its shop needs to know it."""
    if order.payment is PaymentState.UNPAID:
        return parts.Chip(_("Unpaid"), "plain", "clock")
    if order.payment is PaymentState.CLOSED:
        return parts.Chip(_("Cancelled"), "plain")
    if order.refund is RefundState.FULL:
        return parts.Chip(_("Given back"), "plain", "arrow-back-up")
    match order.fulfilment:
        case FulfilmentState.HELD:
            return parts.Chip(_("Team is filling"), "plain", "users")
        case FulfilmentState.READY if order.ship_by is not None and order.ship_by <= now:
            return parts.Chip(_("Late"), "accent", "alarm")
        case FulfilmentState.READY:
            return parts.Chip(_("Sent in part") if order.is_partly_sent else _("To be sent"), "amber", "package")
        case FulfilmentState.SHIPPED:
            return parts.Chip(_("On its way"), "plain", "truck-delivery")
        case FulfilmentState.RECEIVED:
            return parts.Chip(_("Received"), "jade", "check")
        case FulfilmentState.COMPLETED:
            return parts.Chip(_("Completed"), "jade", "check")
        case FulfilmentState.CANCELLED:
            return parts.Chip(_("Cancelled"), "plain")


def order_row(desk: Desk, order: Order, buyer: Person, parcel: str, now: datetime) -> OrderRow:
    """An order in a list; `parcel` is its number, empty where there is none."""
    is_ready = order.fulfilment is FulfilmentState.READY
    first, *more = order.lines
    return OrderRow(
        order_no=order.order_no,
        href=desk.href("order", order.order_no),
        buyer=person_part(buyer),
        chip=chip_of(order, now),
        goods=replace(order_line(desk, first), amount=None),
        more=len(more),
        total=order.total,
        placed_at=order.placed_at,
        ship_by=order.ship_by if is_ready else None,
        is_late=is_ready and order.ship_by is not None and order.ship_by <= now,
        can_ship=is_ready,
        parcel=parcel,
    )


def chosen_days(request: HttpRequest, choices: Sequence[int]) -> tuple[int, list[parts.Tab]]:
    """So many days back as the address asks for, else the first of these; and tabs to choose by."""
    asked = request.GET.get("days", "")
    days = next((each for each in choices if str(each) == asked), choices[0])
    tabs = [
        parts.Tab(ngettext("%(n)s day", "%(n)s days", each) % {"n": each}, f"?days={each}", each == days)
        for each in choices
    ]
    return days, tabs


def carrier_choices(chosen: str = "") -> tuple[parts.Choice, ...]:
    """Every carrier, to choose from."""
    return carriers.choices(chosen)


# ---------------------------------------------------------------- shell


def show(
    request: HttpRequest, desk: Desk, template: str, current: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """Render a page of the workbench."""
    shell = {
        "console_name": shop_name(desk.shop),
        "console_nav": _navigation(desk),
        "nav_current": current,
        "home_href": desk.href("overview"),
        "desk": desk,
        "idempotency_key": tokens.new_token(),
        "key_field": KEY_FIELD,
    }
    return render(request, f"seller/{template}.html", shell | context, status=status)


def _navigation(desk: Desk) -> tuple[parts.NavGroup, ...]:
    def item(key: str, label: str, icon: str, needed: Permission | None = None) -> tuple[parts.NavItem, ...]:
        if needed is not None and needed not in desk.permissions:
            return ()
        return (parts.NavItem(key, label, desk.href(key), icon),)

    orders, goods, marketing = Permission.ORDERS, Permission.GOODS, Permission.MARKETING
    account = parts.NavItem("statement", _("My account"), desk.href("statement", "merchant_payable", "CNY"), "wallet")
    groups = [
        parts.NavGroup("", item("overview", _("Overview"), "layout-dashboard")),
        parts.NavGroup(
            _("Trade"),
            (
                *item("orders", _("Orders"), "receipt", orders),
                *item("claims", _("Refunds and returns"), "arrow-back-up", orders),
                *item("complaints", _("Complaints"), "message-circle", orders),
            ),
        ),
        parts.NavGroup(
            _("Goods"),
            (
                *item("products", _("Products"), "package", goods),
                *item("coupons", _("Coupons and red packets"), "ticket", marketing),
            ),
        ),
        parts.NavGroup(
            _("Being promoted"),
            (
                *item("promotion", _("Commissions"), "coin", marketing),
                *item("activities", _("Activities"), "speakerphone", marketing),
                *item("seeding", _("Seeding"), "sparkles", marketing),
                *item("creators", _("Who may fit you"), "user-search", marketing),
                *item("effect", _("Cost and effect"), "chart-bar", marketing),
            ),
        ),
        parts.NavGroup(
            _("Selling together"),
            (
                *item("campaigns", _("Campaigns"), "discount", marketing),
                *item("teams", _("Running teams"), "users-group", marketing),
            ),
        ),
        parts.NavGroup(_("Money"), (account,) if Permission.MONEY in desk.permissions else ()),
        parts.NavGroup(_("The shop"), item("clerks", _("Who works here"), "users", Permission.CLERKS)),
        parts.NavGroup("", (parts.NavItem("storefront", _("Storefront"), reverse("storefront:me"), "building-store"),)),
    ]
    groups = [group for group in groups if group.items]
    if len(desk.shops) > 1:
        groups.insert(1, parts.NavGroup(_("My shops"), _shops(desk.shops)))
    return tuple(groups)


def _shops(shops: Sequence[Shop]) -> tuple[parts.NavItem, ...]:
    return tuple(
        parts.NavItem(f"shop-{shop.id}", shop_name(shop), reverse("seller:overview", args=[shop.id]), "building-store")
        for shop in shops
    )
