"""Posts: read as a page and as a sheet over the feed, with their history and their pictures."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.content import errors, operations, queries
from wuyou.domains.moderation.errors import WordsRefused
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.storefront import trail
from wuyou.surfaces.storefront.access import actor_of, signed_in, viewer_id
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import channels, post_cards, post_page
from wuyou.surfaces.ui import serving
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.texts import listed


@require_safe
def show_post(request: HttpRequest, post_id: int) -> HttpResponse:
    """A post, for whoever sees it now; `after` goes on among its comments."""
    viewer, now = get_viewer(viewer_id(request)), utc_now()
    post = queries.get_post_for(viewer, post_id)
    page = post_page.page_of(viewer, post, now, after=optional_id(request, "after"))
    placed = channels.placed_in(viewer, post_id, now) if page.is_mine else ()
    context: dict[str, object] = {
        "post": page,
        "share_url": request.build_absolute_uri(page.href),
        "origin": channels.origin_of(trail.of(request)),
        "placed": placed,
        "placed_names": listed(one.name for one in placed),
    }
    return show(request, "post.html", context, place="home")


@require_safe
def show_history(request: HttpRequest, post_id: int) -> HttpResponse:
    """What a post said before it was edited."""
    viewer = get_viewer(viewer_id(request))
    post = queries.get_post_for(viewer, post_id)
    context: dict[str, object] = {
        "name": post_cards.name_of(post),
        "back_href": post_cards.href_of(post_id),
        "versions": post_page.revisions_of(queries.list_revisions(viewer, post_id)),
    }
    return show(request, "post_history.html", context, place="home")


@require_safe
def show_photo(request: HttpRequest, photo_id: int, width: int) -> HttpResponseBase:
    """A picture of a post, for whoever sees the post now. Raises: `PhotoNotFound` for everyone else."""
    photo = queries.get_photo_for(get_viewer(viewer_id(request)), photo_id)
    return serving.serve(request, photo.key, width)


@require_safe
def show_film(request: HttpRequest, post_id: int, name: str) -> HttpResponseBase:
    """The film of a post or a part of it, for whoever sees the post now. Raises: `FilmNotFound` for everyone else."""
    return serving.serve_film(request, queries.get_film_for(get_viewer(viewer_id(request)), post_id), name)


@require_safe
def show_series(request: HttpRequest, series_id: int) -> HttpResponse:
    """A series, as far as the reader sees its posts, in the order in which they are read."""
    return _series_page(request, series_id)


@require_POST
@signed_in
def rename_series(request: HttpRequest, series_id: int) -> HttpResponse:
    """Call a series of one's own otherwise; a name that cannot be is said above the form, which keeps it."""
    actor, title, now = actor_of(request), request.POST.get("title", ""), utc_now()
    try:
        db.in_transaction(lambda: operations.rename_series(actor=actor, series_id=series_id, title=title, now=now))
    except (errors.TextMalformed, errors.SeriesNameTaken, WordsRefused) as refused:
        count_refusal(refused)
        return _series_page(request, series_id, title, refused)
    messages.success(request, _("Saved"))
    return redirect("storefront:series", series_id)


@require_POST
@signed_in
def remove_series(request: HttpRequest, series_id: int) -> HttpResponse:
    """Take a series of one's own apart; its posts stand by themselves."""
    actor = actor_of(request)
    db.in_transaction(lambda: operations.remove_series(actor=actor, series_id=series_id))
    messages.success(request, _("The series is gone; its posts stay"))
    return redirect("storefront:my-posts")


def _series_page(
    request: HttpRequest, series_id: int, typed: str = "", refused: DomainError | None = None
) -> HttpResponse:
    viewer = get_viewer(viewer_id(request))
    series = queries.get_series_for(viewer, series_id)
    cards = post_cards.of_posts(viewer, queries.list_by_series(viewer, series_id))
    context: dict[str, object] = {
        "title": series.title,
        "series_id": series.id,
        "is_mine": viewer.person_id == series.owner_id,
        "author": cards[0].author if cards else None,
        "cards": cards,
        "typed": typed,
        "refusal": text_of(refused) if refused else "",
    }
    return show(request, "series.html", context, place="home", status=status_of(refused) if refused else 200)


@require_safe
def show_topic(request: HttpRequest, name: str) -> HttpResponse:
    """The posts of a topic; of one that nobody has written of for this reader, the same empty page as of no topic."""
    viewer = get_viewer(viewer_id(request))
    topic = queries.find_topic(name)
    page = queries.list_by_topic(viewer, topic.id, cursor=optional_id(request, "after")) if topic else None
    cards = post_cards.of_posts(viewer, page.items) if page else ()
    context: dict[str, object] = {
        # As its first author wrote it, where one sees a post of it; else as the address has it.
        "name": topic.name if topic and cards else name,
        "cards": cards,
        "next_href": post_cards.more_href(reverse("storefront:topic", args=[name]), page.next_cursor if page else None),
    }
    return show(request, "topic.html", context, place="home")
