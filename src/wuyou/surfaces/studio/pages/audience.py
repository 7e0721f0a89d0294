"""Who follows me, and which shops would fit us?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.fan_types import Cell, Fans, Fit, FitReason, SpendingClass
from wuyou.domains.alliance.types import Publisher
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.insight.policies import LEAST_PEOPLE
from wuyou.domains.things import queries as things
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.studio.access import Desk, change, signed_in
from wuyou.surfaces.studio.viewmodels import shop_name, show
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.templatetags.ui import money
from wuyou.surfaces.ui.texts import in_language

_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """So many of them, and how long its bar is, out of a hundred."""

    label: str
    at_least: int
    length: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What they have in common, the most frequent first."""

    title: str
    note: str
    icon: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class ShopCard:
    """A shop that may fit, and why."""

    id: int
    name: str
    rate_bps: int
    reasons: tuple[parts.Chip, ...]
    href: str
    takes_applications: bool


@signed_in
@require_safe
def fans(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Who follows the reader, as far as nobody can be told from it. Cost: nine queries."""
    found = queries.fans_of(desk.actor.person_id, now=utc_now())
    shops = catalog.shops_by_id(cell.key for cell in found.shops)
    known = things.known_by_id(get_viewer(desk.actor.person_id), [cell.key for cell in found.things])
    charts = (
        _chart(_("What they say they love"), _("Hobbies that they show you."), "heart", found, found.hobbies, _said),
        _chart(_("What they have"), _("Things whose copies they show you."), "packages", found, found.things,
               lambda cell: in_language(known[cell.key].name, known[cell.key].name_en) if cell.key in known else ""),
        _chart(_("Where they buy"), _("Shops where they paid for something within a year."), "building-store", found,
               found.shops, lambda cell: shop_name(shops.get(cell.key))),
        _chart(_("Where they are"), _("Places that they show you."), "map-pin", found, found.places, _said),
    )  # fmt: skip
    return show(
        request,
        desk,
        "fans",
        "fans",
        fans=found,
        charts=charts,
        spending=[_spending(each, found) for each in found.spending],
        least=LEAST_PEOPLE,
        empty=parts.Empty(
            _("Not enough people yet"),
            _("From %(n)s people on who followed you when the month began, you see what they have in common.")
            % {"n": LEAST_PEOPLE},
            "tent",
        ),
    )


@signed_in
@require_safe
def merchants(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Shops that may want to work with the reader for long, each with its reasons. Cost: some twenty queries."""
    me, now = desk.actor.person_id, utc_now()
    found = queries.shops_fitting(me, queries.fans_of(me, now=now), now=now)
    shops = catalog.shops_by_id(fit.shop_id for fit in found)
    return show(
        request,
        desk,
        "merchants",
        "merchants",
        is_findable=desk.publisher is not None and desk.publisher.is_findable,
        shops=[_card(fit, shop_name(shops.get(fit.shop_id))) for fit in found],
        empty=parts.Empty(
            _("Nothing speaks for a shop yet"),
            _("Put goods into your lists, or share a link: from what you choose and sell we tell who may fit you."),
            "tent",
            parts.Action(_("Choose goods"), reverse("studio:library"), "primary", "search"),
        ),
    )


@signed_in
@require_POST
def let_shops_find(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Say whether shops find the reader."""
    yes = request.POST.get("yes") == "yes"

    def effect(publisher: Publisher, now: datetime) -> str:
        alliance.let_shops_find(actor=desk.actor, publisher_id=publisher.id, is_findable=yes)
        return reverse("studio:merchants")

    return change(request, desk, effect, _("Shops find you now") if yes else _("No shop finds you any more"))


def _chart(title: str, note: str, icon: str, fans: Fans, cells: tuple[Cell, ...], name: Callable[[Cell], str]) -> Chart:
    named = [(name(cell), cell.at_least) for cell in cells]
    return Chart(title, note, icon, tuple(_bar(label, count, fans.at_least) for label, count in named if label))


def _bar(label: str, count: int, total: int) -> Bar:
    return Bar(label, count, min(_WHOLE, count * _WHOLE // total))


def _said(cell: Cell) -> str:
    return " · ".join(cell.words)


def _spending(each: SpendingClass, fans: Fans) -> Bar:
    nothing = each.from_ - each.from_
    low = nothing if each.from_.amount_minor <= 1 else each.from_
    if each.below is None:
        label = _("%(from)s and more") % {"from": money(low, "short")}
    elif each.below.amount_minor <= 1:
        label = _("Nothing")
    else:
        label = _("%(from)s to %(below)s") % {"from": money(low, "short"), "below": money(each.below, "short")}
    return _bar(label, each.at_least, fans.at_least)


def _card(fit: Fit, name: str) -> ShopCard:
    return ShopCard(
        fit.shop_id,
        name,
        fit.best_rate_bps,
        tuple(_reason(reason, count) for reason, count in fit.reasons),
        f"{reverse('studio:library')}?shop={fit.shop_id}",
        fit.takes_applications,
    )


def _reason(reason: FitReason, count: int) -> parts.Chip:
    said: Mapping[FitReason, tuple[str, str]] = {
        FitReason.FANS_BUY: (_("%(n)s or more of who follows you buy there"), "users"),
        FitReason.FANS_HAVE: (_("%(n)s or more of who follows you have what it sells"), "packages"),
        FitReason.SOLD: (ngettext("You sold there %(n)s time", "You sold there %(n)s times", count), "receipt"),
        FitReason.PICKED: (
            ngettext("%(n)s of its goods is in your lists", "%(n)s of its goods are in your lists", count), "heart",
        ),
    }  # fmt: skip
    text, icon = said[reason]
    return parts.Chip(text % {"n": count}, "jade", icon)
