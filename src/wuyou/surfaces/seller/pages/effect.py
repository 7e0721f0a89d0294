"""What do sales through links cost, who brought them, and who else might?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import queries
from wuyou.domains.alliance.fan_types import CreatorReason, Effect, PublisherEffect
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.ledger import statements
from wuyou.domains.orders import queries as orders
from wuyou.domains.social import queries as social
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import BUSINESS_ZONE, business_date, utc_now
from wuyou.kernel.money import BPS, Currency, Money
from wuyou.surfaces.seller.access import Desk, clerks_with
from wuyou.surfaces.seller.viewmodels import chosen_days, person_part, show
from wuyou.surfaces.ui import keywords, parts
from wuyou.surfaces.ui.parts import Column, Figure
from wuyou.surfaces.ui.templatetags.ui import rate

_DAYS: Final = (28, 90, 365)
_FEW: Final = 6


@dataclass(frozen=True, slots=True)
class CreatorCard:
    """Somebody who may fit the shop, and why."""

    person: parts.Person
    media: tuple[str, ...]
    """What kinds of places they put links in, by the keywords that they chose."""
    reasons: tuple[parts.Chip, ...]
    invite_href: str


@clerks_with(Permission.MARKETING)
@require_safe
def effect(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """What links brought the shop in a time, what it pays for that, and its closed months. Cost: seven queries."""
    days, tabs = chosen_days(request, _DAYS)
    until = business_date(utc_now()) + timedelta(days=1)
    from_ = until - timedelta(days=days)
    whole, by_publisher = queries.effect_of_shop(desk.shop.id, from_=from_, until=until)
    return show(
        request,
        desk,
        "effect",
        "effect",
        tabs=tabs,
        figures=_figures(whole, _all_sales(desk, from_, until)),
        table=_table(desk, by_publisher),
        months=_months(desk),
        empty=parts.Empty(
            _("No sale came through a link"),
            _("Set a plan, and whoever brings you a sale gets a part of it."),
            "gift",
            parts.Action(_("Commissions"), desk.href("promotion"), "primary", "coin"),
        ),
    )


@clerks_with(Permission.MARKETING)
@require_safe
def creators(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Publishers who let shops find them, for stated reasons. Cost: fifteen queries."""
    found = queries.creators_for(desk.shop.id, now=utc_now())
    faces = social.faces_met(get_viewer(desk.actor.person_id), [one.user_id for one in found])
    media = queries.media_by_publisher([one.publisher_id for one in found])
    known = catalog.keywords_by_id(frozenset().union(*media.values()))
    cards = [
        CreatorCard(
            person_part(faces[one.user_id].person),
            keywords.names_of(sorted(media.get(one.publisher_id, ())), known),
            tuple(_reason(reason, count) for reason, count in one.reasons),
            f"{desk.href('open-library')}?handle={faces[one.user_id].person.handle}",
        )
        for one in found
        if one.user_id in faces
    ]
    return show(
        request,
        desk,
        "creators",
        "creators",
        creators=cards,
        empty=parts.Empty(
            _("Nobody yet for whom something speaks"),
            _("Publishers say for themselves whether shops find them. Open a collaboration to applications meanwhile."),
            "tent",
            parts.Action(_("Commissions"), desk.href("promotion"), "primary", "coin"),
        ),
    )


def _all_sales(desk: Desk, from_: date, until: date) -> Money:
    begin, end = (datetime.combine(day, time(), BUSINESS_ZONE) for day in (from_, until))
    found = orders.sales_by_day(desk.shop.id, from_=begin, until=end)
    minor = sum(day.paid_minor - day.refunded_minor for day in found if day.currency is Currency.CNY)
    return Money(minor, Currency.CNY)


def _figures(whole: Effect, all_sales: Money) -> tuple[Figure, ...]:
    share = whole.sales.amount_minor * BPS // all_sales.amount_minor if all_sales.amount_minor > 0 else 0
    return (
        Figure(
            _("Sold through links"),
            whole.sales,
            _("Goods without shipping, less what was given back of them."),
            _("%(share)s of all that you sold") % {"share": rate(min(share, BPS))} if share else "",
        ),
        Figure(_("Orders"), whole.order_count, _("Without those that were given back as a whole.")),
        Figure(
            _("What you pay for it"),
            whole.cost,
            _("Commission, service fees and special fees, expected or booked. Subsidies are the platform’s."),
            rate(whole.cost_bps) if whole.sales.amount_minor else "",
        ),
        Figure(
            _("Who brought it"),
            whole.publisher_count,
            _("So many publishers brought at least one of these sales."),
        ),
    )


def _table(desk: Desk, found: tuple[PublisherEffect, ...]) -> parts.Table:
    """By who brought it: by name whom the shop works with, all others together."""
    publishers = queries.publishers_by_id(one.publisher_id for one in found if one.publisher_id is not None)
    viewer = get_viewer(desk.actor.person_id)
    faces = social.faces_met(viewer, [one.user_id for one in publishers.values()]) if publishers else {}
    named: list[tuple[object, Effect]] = []
    others = Effect(0, Money(0, Currency.CNY), Money(0, Currency.CNY), 0)
    for each in found:
        publisher = publishers.get(each.publisher_id or 0)
        if publisher and publisher.user_id in faces:
            person = person_part(faces[publisher.user_id].person)
            named.append((person, Effect(each.order_count, each.sales, each.cost, 1)))
        else:
            others = others.plus(each)
    rows = [parts.Row((who, one.order_count, one.sales, one.cost, rate(one.cost_bps))) for who, one in named]
    if others.publisher_count:
        who = ngettext("%(n)s other", "%(n)s others", others.publisher_count) % {"n": others.publisher_count}
        rows.append(parts.Row((who, others.order_count, others.sales, others.cost, rate(others.cost_bps))))
    columns = (
        Column(_("Who")),
        Column(_("Orders"), numeric=True),
        Column(_("Sales"), numeric=True),
        Column(_("Cost"), numeric=True),
        Column(_("Of the sales"), numeric=True),
    )
    return parts.Table(_("Who brought it"), columns, tuple(rows))


def _months(desk: Desk) -> parts.Table:
    """The shop's last closed months. Cost: one query."""
    found = statements.list_statements([f"shop:{desk.shop.id}"], limit=_FEW).items
    rows = tuple(
        parts.Row(
            (f"{each.month:%Y-%m}", each.opening, each.closing, each.line_count),
            reverse("storefront:statement", args=[each.number]),
        )
        for each in found
    )
    columns = (
        Column(_("Month")),
        Column(_("Before"), numeric=True),
        Column(_("After"), numeric=True),
        Column(_("Lines"), numeric=True),
    )
    return parts.Table(_("Statements"), columns, rows)


def _reason(reason: CreatorReason, count: int) -> parts.Chip:
    match reason:
        case CreatorReason.SOLD_SIMILAR:
            text = ngettext("sold the like of your goods %(n)s time", "sold the like of your goods %(n)s times", count)
            icon = "receipt"
        case CreatorReason.FANS_BUY:
            text, icon = _("%(n)s or more followers buy from you"), "users"
        case CreatorReason.FANS_HAVE:
            text, icon = _("%(n)s or more followers have what you sell"), "packages"
        case CreatorReason.FANS_ALIKE:
            text, icon = _("%(n)s or more followers love what your buyers love"), "heart"
    return parts.Chip(text % {"n": count}, "jade", icon)
