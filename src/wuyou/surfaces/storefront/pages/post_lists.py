"""Lists of posts: somebody's, one's own that are not published yet, and what one keeps."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.content import queries
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.infra.sight import get_viewer, view_as
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.access import actor_of, signed_in, viewer_id
from wuyou.surfaces.storefront.meeting import meet, meet_named
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import channels, people, post_cards
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Action, Empty, Tab


@require_safe
def show_posts_of(request: HttpRequest, handle: str) -> HttpResponse:
    """What somebody published and passed on, as far as the reader sees it; `as` is for one's own, with another's eyes.

    Raises: `PersonNotFound` across a block, and for `as` on another's posts.
    """
    reader = get_viewer(viewer_id(request))
    person, as_whom = meet(reader, handle), request.GET.get("as", "")
    viewer, seer = reader, None
    if as_whom:
        if reader.person_id != person.id:
            raise PersonNotFound()
        seer = None if as_whom == people.STRANGER else meet_named(reader, as_whom)
        viewer = view_as(reader, seer.id if seer else None).surely
    page = queries.list_of_owner(viewer, person.id, cursor=optional_id(request, "after"))
    here, home = reverse("storefront:posts-of", args=[handle]), people.href_of(person)
    context: dict[str, object] = {
        "title": _("Posts of %(name)s") % {"name": person.display_name},
        "back_href": f"{home}?{urlencode({'as': as_whom})}" if as_whom else home,
        "as_whom": as_whom,
        "seer": people.face(seer) if seer else None,
        "end_href": here,
        "cards": post_cards.of_posts(viewer, page.items),
        "next_href": post_cards.more_href(here, page.next_cursor, **{"as": as_whom}),
        "empty": Empty(_("No posts to see"), _("What is published later, and open to you, is here."), "camera"),
    }
    return show(request, "posts.html", context)


@require_safe
@signed_in
def show_own(request: HttpRequest) -> HttpResponse:
    """One's drafts and what one has scheduled."""
    viewer = get_viewer(actor_of(request).person_id)
    context: dict[str, object] = {
        "title": _("My posts"),
        "back_href": reverse("storefront:me"),
        "tabs": own_tabs("storefront:drafts"),
        "cards": post_cards.of_posts(viewer, queries.list_unpublished(actor_of(request).person_id)),
        "empty": Empty(
            _("No drafts"),
            _("What you write and do not publish yet waits here, for your eyes alone."),
            "notebook",
            Action(_("Write something"), reverse("storefront:new-post"), "primary", "pencil"),
        ),
    }
    return show(request, "posts.html", context, place="me")


@require_safe
@signed_in
def show_published(request: HttpRequest) -> HttpResponse:
    """What one has published and passed on."""
    viewer = get_viewer(actor_of(request).person_id)
    page = queries.list_of_owner(viewer, viewer.person_id or 0, cursor=optional_id(request, "after"))
    cards = post_cards.of_posts(viewer, page.items)
    context: dict[str, object] = {
        "title": _("My posts"),
        "back_href": reverse("storefront:me"),
        "tabs": own_tabs("storefront:my-posts"),
        "placed": channels.with_channels(cards, utc_now()),
        "next_href": post_cards.more_href(reverse("storefront:my-posts"), page.next_cursor),
        "empty": Empty(
            _("Nothing published yet"),
            _("Show what you have, and say what it is like to live with it."),
            "camera",
            Action(_("Write something"), reverse("storefront:new-post"), "primary", "pencil"),
        ),
    }
    return show(request, "posts.html", context, place="me")


@require_safe
@signed_in
def show_saved(request: HttpRequest) -> HttpResponse:
    """What one keeps for oneself, as far as one still sees it."""
    viewer = get_viewer(actor_of(request).person_id)
    page = queries.list_saved(viewer, cursor=optional_id(request, "after"))
    context: dict[str, object] = {
        "title": _("My posts"),
        "back_href": reverse("storefront:me"),
        "tabs": own_tabs("storefront:saved-posts"),
        "cards": post_cards.of_posts(viewer, page.items),
        "next_href": post_cards.more_href(reverse("storefront:saved-posts"), page.next_cursor),
        "empty": Empty(_("Nothing saved"), _("Save a post, and find it here again. Nobody else sees it."), "books"),
    }
    return show(request, "posts.html", context, place="me")


def own_tabs(current: str) -> tuple[Tab, ...]:
    """The lists of one's own posts."""
    named = {
        "storefront:my-posts": _("Published"),
        "storefront:drafts": _("Drafts"),
        "storefront:saved-posts": _("Saved"),
        "storefront:posts-figures": _("Figures"),
    }
    return tuple(Tab(label, reverse(name), name == current) for name, label in named.items())
