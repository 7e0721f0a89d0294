"""What the members of a formed team tell each other of what they bought together."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import queries as content
from wuyou.domains.content.types import Post
from wuyou.domains.groupbuy import errors as groupbuy_errors
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.groupbuy.types import SeatState, Team, TeamState
from wuyou.domains.social import queries as social
from wuyou.domains.things import queries as things
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.pages.thing import review_cards
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import lines, people, teams
from wuyou.surfaces.ui.parts import Link

_MAX_WORDS = 60


@require_safe
@signed_in
def show_words(request: HttpRequest, token: str) -> HttpResponse:
    """What the others say, as far as it is open to this member, and where to say something oneself."""
    viewer = get_viewer(actor_of(request).person_id)
    team = groupbuy.get_team(token)
    mates = _members(team)
    if viewer.person_id not in mates:
        raise groupbuy_errors.TeamNotFound()
    product = catalog.products_by_id([team.product_id])[team.product_id]
    thing = things.things_by_product([product.id]).get(product.id)
    reviews = things.list_reviews_by(viewer, thing.id, mates) if thing else ()
    persons = {mate: face.person for mate, face in social.faces_met(viewer, mates).items()}
    context: dict[str, object] = {
        "team_href": teams.href_of(token),
        "product": lines.product_line(product),
        "mates": [people.face(persons[mate]) for mate in sorted(persons) if mate != viewer.person_id],
        "reviews": review_cards(viewer, thing, reviews, persons) if thing else (),
        "posts": _posts(viewer, thing.id, mates) if thing else (),
        "post_href": f"{reverse('storefront:new-post')}?product={product.id}",
        "write_href": reverse("storefront:write-review", args=[thing.id]) if thing else "",
        "has_said": any(review.owner_id == viewer.person_id for review in reviews),
    }
    return show(request, "team_words.html", context, place="home")


def _members(team: Team) -> set[int]:
    """Who bought with a team that has formed; nobody of any other."""
    if team.state is not TeamState.FORMED:
        return set()
    return {seat.user_id for seat in team.seats if seat.state is SeatState.CONFIRMED}


def _posts(viewer: Viewer, thing_id: int, mates: set[int]) -> tuple[Link, ...]:
    """The members' posts that point at the thing, as far as they are open. Cost: five queries."""
    found = content.list_by_thing(viewer, [thing_id]).items
    return tuple(
        Link(_words(post), reverse("storefront:post", args=[post.id])) for post in found if post.owner_id in mates
    )


def _words(post: Post) -> str:
    words = " ".join((post.title or post.text).split())
    return words if len(words) <= _MAX_WORDS else f"{words[: _MAX_WORDS - 1]}…"
