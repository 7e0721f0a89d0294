"""Which teams are filling, and which of them need a decision?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.groupbuy import errors as groupbuy_errors
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.groupbuy import queries
from wuyou.domains.identity import queries as identity
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.seller.access import Desk, change, clerks_with
from wuyou.surfaces.seller.viewmodels import Line, person_part, product_line, show
from wuyou.surfaces.ui import parts


@dataclass(frozen=True, slots=True)
class RunningTeam:
    """A team that fills, for the shop to decide on."""

    id: int
    href: str
    product: Line
    leader: parts.Person
    paid: int
    size: int
    deadline: datetime | None


@clerks_with(Permission.MARKETING)
@require_safe
def teams(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Running teams of the shop's goods, the most urgent first."""
    now = utc_now()
    running = queries.list_forming_teams(catalog.list_product_ids(desk.shop.id), now)
    products = catalog.products_by_id(team.product_id for team in running)
    leaders = identity.persons_by_id(team.leader_id for team in running) if running else {}
    return show(
        request,
        desk,
        "teams",
        "teams",
        teams=[
            RunningTeam(
                team.id,
                reverse("storefront:team", args=[team.token]),
                product_line(desk, products[team.product_id]),
                person_part(leaders[team.leader_id]),
                team.paid,
                team.size,
                team.expires_at,
            )
            for team in running
        ],
        empty=parts.Empty(_("No team is filling now"), _("As soon as somebody opens one, it is here."), "tent"),
        now=now,
    )


@clerks_with(Permission.MARKETING)
@require_POST
def waive(request: HttpRequest, desk: Desk, team_id: int) -> HttpResponseBase:
    """Let a team pass though it is not full."""

    def effect(now: datetime) -> str:
        _check_own(desk, team_id)
        groupbuy.waive_rest(actor=desk.actor, team_id=team_id, now=now)
        return desk.href("teams")

    return change(request, desk, effect, _("The team passes, and its page says why"))


@clerks_with(Permission.MARKETING)
@require_POST
def dissolve(request: HttpRequest, desk: Desk, team_id: int) -> HttpResponseBase:
    """End a team; whoever has paid gets the money back."""

    def effect(now: datetime) -> str:
        _check_own(desk, team_id)
        groupbuy.cancel_team(actor=desk.actor, team_id=team_id, now=now)
        return desk.href("teams")

    return change(request, desk, effect, _("The team is dissolved, and everyone is refunded"))


def _check_own(desk: Desk, team_id: int) -> None:
    """Staff may decide on any team, but not from here. Raises `TeamNotFound`."""
    product_id = queries.find_product_of_team(team_id)
    if product_id is None or catalog.products_by_id([product_id])[product_id].shop_id != desk.shop.id:
        raise groupbuy_errors.TeamNotFound()
