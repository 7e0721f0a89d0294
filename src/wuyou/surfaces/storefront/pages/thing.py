"""The page of a thing: what it is, who has it, what is said of it; and the one tap that says «I have it»."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.domains.content import queries as content
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.moderation.types import SubjectKind
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import operations, queries
from wuyou.domains.things.types import HoldingState, Review, Thing, ThingKind
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront import errors, saying
from wuyou.surfaces.storefront.access import actor_of, is_ours, once, signed_in, viewer_id
from wuyou.surfaces.storefront.meeting import persons_seen
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import part_pages, post_cards, thing_page
from wuyou.surfaces.ui.parsing import optional_id, read_id
from wuyou.surfaces.ui.parts import Action, Empty

OWNERS_SHOWN = 10
REVIEWS_SHOWN = 8
THREADS_SHOWN = 20
PARTS_SHOWN = 8
POSTS_SHOWN = 8

_SAID = {
    HoldingState.OWN: lambda: _("It is on your shelf. Only you see it there until you open it."),
    HoldingState.WANT: lambda: _("It is on your list of wishes. Only you see it until you open it."),
    HoldingState.HAD: lambda: _("It is kept that you had it. Only you see it until you open it."),
}
_THANKED = {
    "review": AppreciatedKind.REVIEW,
    "annotation": AppreciatedKind.ANNOTATION,
    "answer": AppreciatedKind.ANSWER,
}


@require_safe
def show_thing(request: HttpRequest, thing_id: int) -> HttpResponse:
    """A thing that the reader may know of; `after` goes on among its reviews."""
    viewer = get_viewer(viewer_id(request))
    thing = queries.get_thing_for(viewer, thing_id)
    above = queries.list_above(thing)
    holders = queries.list_holders(viewer, thing.id, limit=OWNERS_SHOWN).items
    reviews = queries.list_reviews(viewer, thing.id, cursor=optional_id(request, "after"), limit=REVIEWS_SHOWN)
    experts = queries.list_experts(viewer, thing.id)
    said = queries.list_annotations(viewer, thing.id, limit=THREADS_SHOWN).items
    answers = queries.replies_by_annotation(viewer, [each.id for each in said]) if said else {}
    persons = persons_seen(
        viewer,
        {holding.owner_id for holding in holders}
        | {review.owner_id for review in reviews.items}
        | {expert.person_id for expert in experts}
        | {each.owner_id for each in said}
        | {reply.owner_id for replies in answers.values() for reply in replies},
    )
    head = thing_page.thing_page(
        thing,
        above=above,
        below=queries.list_below(viewer, thing.id),
        product=_product_of(thing, above),
        holders=holders,
        holder_count=queries.count_holders(viewer, thing.id),
        wish_count=queries.count_holders(viewer, thing.id, states={HoldingState.WANT}),
        own=queries.list_own_copies(viewer.person_id, thing.id) if viewer.person_id else (),
        ratings=queries.ratings_of(viewer, thing.id),
        reviews=reviews.items,
        persons=persons,
    )
    here = reverse("storefront:thing", args=[thing.id])
    context: dict[str, object] = {
        "thing": head,
        "experts": thing_page.expert_faces(experts, persons),
        "reviews": review_cards(viewer, thing, reviews.items, persons),
        "posts": _posts_of(viewer, thing),
        "more_reviews": f"{here}?after={reviews.next_cursor}" if reviews.next_cursor else "",
        "threads": saying.threads_of(viewer, said, answers, persons),
        **saying.form_of(viewer, [thing]),
        **_parts(viewer, thing),
        "no_reviews": Empty(
            _("Nobody has said anything yet"),
            _("Those who have it know it best. Say what it is like to live with it."),
            action=Action(_("Say something of it"), reverse("storefront:write-review", args=[thing.id]), "primary"),
        ),
    }
    return show(request, "thing.html", context, place="things")


@require_POST
@signed_in
def mark(request: HttpRequest, thing_id: int) -> HttpResponse:
    """One has it, wants it or had it."""
    try:
        state = HoldingState(request.POST.get("state", ""))
    except ValueError as error:
        raise errors.FormMalformed() from error
    actor = actor_of(request)
    here = reverse("storefront:thing", args=[thing_id])

    def effect(now: datetime) -> str:
        operations.mark_thing(actor=actor, thing_id=thing_id, state=state, now=now)
        return here

    answer = once(request, actor, effect)
    messages.success(request, _SAID[state]())
    return answer


@require_POST
@signed_in
def thank(request: HttpRequest) -> HttpResponse:
    """Thank for something that was said of a thing, or take the thanks back; then back to where it stands."""
    kind = _THANKED.get(request.POST.get("kind", ""))
    source_id = read_id(request.POST.get("id", ""))
    target = request.POST.get("next", "")
    if kind is None or not is_ours(request, target):
        raise errors.FormMalformed()
    actor = actor_of(request)
    takes_back = request.POST.get("back") == "1"

    def effect(now: datetime) -> str:
        if takes_back:
            operations.take_thanks_back(actor=actor, kind=kind, source_id=source_id)
        else:
            operations.give_thanks(actor=actor, kind=kind, source_id=source_id, now=now)
        return target

    return once(request, actor, effect)


def _posts_of(viewer: Viewer, thing: Thing) -> tuple[post_cards.PostCard, ...]:
    """Posts that point at a thing, or at the model of a variant. Cost: as `list_by_thing` and `post_cards.of_posts`."""
    of_ids = {thing.id, thing.parent_id or thing.id} if thing.kind is ThingKind.VARIANT else {thing.id}
    return post_cards.of_posts(viewer, content.list_by_thing(viewer, of_ids, limit=POSTS_SHOWN).items)


def _parts(viewer: Viewer, thing: Thing) -> dict[str, object]:
    """A look at the parts of a thing, or of the model of a variant. Cost: two queries."""
    of_id = thing.parent_id if thing.kind is ThingKind.VARIANT and thing.parent_id else thing.id
    drawings = queries.list_drawings(viewer, of_id)
    return {
        "parts_href": reverse("storefront:parts", args=[of_id]),
        "drawing": part_pages.drawing_shown(drawings[0]) if drawings else None,
        "parts": part_pages.part_lines(queries.list_parts(viewer, of_id)[:PARTS_SHOWN], ()),
    }


def _product_of(thing: Thing, above: Sequence[Thing]) -> Product | None:
    """What is sold here of a model, or of the model of a variant; listed or not."""
    product_id = next((each.product_id for each in (thing, *reversed(above)) if each.product_id), None)
    return catalog.products_by_id([product_id]).get(product_id) if product_id else None


def review_cards(
    viewer: Viewer, thing: Thing, reviews: Sequence[Review], persons: Mapping[int, Person]
) -> tuple[thing_page.ReviewCard, ...]:
    """Reviews with their thanks and, on one's own, whom they are open to. Cost: up to four queries."""
    if not reviews:
        return ()
    ids = [review.id for review in reviews]
    me = viewer.person_id
    mine = [review.id for review in reviews if review.owner_id == me]
    return thing_page.review_cards(
        reviews,
        thing_id=thing.id,
        persons=persons,
        thanks=social.appreciation_by_source(viewer, AppreciatedKind.REVIEW, ids),
        thanked=social.appreciated_by(me, AppreciatedKind.REVIEW, ids) if me else frozenset(),
        rules=queries.review_rules_by_id(me, mine) if me and mine else {},
        labels={label.id: label.name for label in social.list_labels(me)} if me and mine else {},
        standings=moderation.standings(me, SubjectKind.REVIEW, mine) if me else {},
        viewer_id=me,
    )
