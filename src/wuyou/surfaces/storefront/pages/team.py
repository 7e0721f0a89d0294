"""The page of a team: what people share, and where they watch it fill."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import queries as alliance
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.groupbuy import errors as groupbuy_errors
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.groupbuy.types import SeatState, Team
from wuyou.domains.identity import queries as identity
from wuyou.domains.inventory import queries as inventory
from wuyou.domains.orders import queries as orders
from wuyou.domains.payments import queries as payments
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront import trail
from wuyou.surfaces.storefront.access import viewer_id
from wuyou.surfaces.storefront.pages.links import carry
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import goods, people, teams
from wuyou.surfaces.ui import codes
from wuyou.surfaces.ui.parsing import optional_id


@require_safe
def show_team(request: HttpRequest, token: str) -> HttpResponse:
    """A team as it stands for this reader. With `seen`, 204 while nothing has changed since that mark."""
    now, viewer = utc_now(), viewer_id(request)
    team = _seen_team(token, viewer)
    page, way = _page_of(request, team, viewer), trail.of(request)
    if request.GET.get("seen") == page.mark:
        return HttpResponse(status=204)
    seat = page.my_seat
    came_from = orders.find_origin(viewer, seat.order_no) if seat and viewer else ""
    context: dict[str, object] = {
        "team": replace(page, product=replace(page.product, href=way.on(page.product.href))),
        "trail": way,
        "back": trail.link_to(came_from) or way.link,
        "now": now,
    }
    return carry(request, show(request, "team.html", context, place="home"), way.via)


@require_safe
def show_qr(request: HttpRequest, token: str) -> HttpResponse:
    """The reader's share link of a team as a QR code."""
    team = _seen_team(token, viewer_id(request))
    return codes.answer_with_code(_share_url(request, team))


def _seen_team(token: str, viewer: int | None) -> Team:
    """A team that the reader may see: before its leader has paid, only the leader. Raises `TeamNotFound`."""
    team = groupbuy.get_team(token)
    if team.expires_at is None and teams.seat_of(team, viewer) is None:
        raise groupbuy_errors.TeamNotFound()
    return team


def _page_of(request: HttpRequest, team: Team, viewer: int | None) -> teams.TeamPage:
    now = utc_now()
    product = catalog.products_by_id([team.product_id])[team.product_id]
    shop = catalog.get_shop(product.shop_id)
    available = inventory.available_by_variant(variant.id for variant in product.variants)
    variant = goods.first_choice(product, available, optional_id(request, "variant"))
    seat = teams.seat_of(team, viewer)
    intent = payments.find_intent(seat.order_no) if seat and seat.state is SeatState.HELD else None
    return teams.page(
        team,
        product=product,
        shop=people.shop_sign(shop),
        persons=identity.persons_by_id(teams.people_of([team])),
        campaign=groupbuy.get_campaign(team.campaign_id),
        choices=goods.choices(product, available, variant.id, for_teams=True),
        variant_id=variant.id,
        viewer_id=viewer,
        has_arrived=bool(intent and intent.captured_at),
        leader_earns=bool(team.link_token and alliance.find_plan(shop_id=shop.id, product_id=product.id, at=now)),
        share_url=_share_url(request, team),
        now=now,
    )


def _share_url(request: HttpRequest, team: Team) -> str:
    """The leader shares the link that earns; everyone else shares the page itself."""
    is_leader = team.leader_id == viewer_id(request)
    path = f"/s/{team.link_token}" if is_leader and team.link_token else teams.href_of(team.token)
    return request.build_absolute_uri(path)
