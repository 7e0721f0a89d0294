"""Writing posts: the composer, and what becomes of what was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.content import errors as content_errors
from wuyou.domains.content import operations, queries
from wuyou.domains.content.types import Post, PostDraft, PostKind, PostState
from wuyou.infra import db, films, pictures
from wuyou.infra.pictures import Picture
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import PUBLIC, Viewer
from wuyou.surfaces.storefront import audience, composing, errors, taken
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.composing import Written
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.taken import Taken
from wuyou.surfaces.storefront.viewmodels import composer, post_cards
from wuyou.surfaces.ui import serving
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of

MOST_PHOTOS = 18
_DRAFT, _PUBLISH, _SCHEDULE, _SAVE, _MOMENT = "draft", "publish", "schedule", "save", "moment"
_ENDS = frozenset({_DRAFT, _PUBLISH, _SCHEDULE, _SAVE})
_KINDS = {"photos": PostKind.PHOTOS, "article": PostKind.ARTICLE, "video": PostKind.VIDEO}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_post(request: HttpRequest) -> HttpResponse:
    """Write a post: `kind` is photos, article or video; `topic`, `thing` and `product` are there from the beginning."""
    kind = _KINDS.get(request.GET.get("kind", "photos"))
    if kind is None:
        raise errors.FormMalformed()
    if request.method == "POST":
        return _press(request, kind, None)
    written = Written(kind, topics=request.GET.get("topic", "")[:60], rule=PUBLIC)
    return _page(request, composing.pointing_at(written, request.GET), None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit_post(request: HttpRequest, post_id: int) -> HttpResponse:
    """Go on writing a draft, or say otherwise what is published."""
    me = get_viewer(actor_of(request).person_id)
    post = _own(me, post_id)
    if request.method == "POST":
        return _press(request, post.kind, post)
    return _page(request, composing.of_post(me, post), post)


@require_POST
@signed_in
def remove_post(request: HttpRequest, post_id: int) -> HttpResponse:
    """Take one's post off the record, with what was said under it."""
    actor, now = actor_of(request), utc_now()
    db.in_transaction(lambda: operations.remove_post(actor=actor, post_id=post_id, now=now))
    messages.success(request, _("Your post is gone"))
    return redirect("storefront:my-posts")


@require_safe
@signed_in
def show_waiting_film(request: HttpRequest) -> HttpResponseBase:
    """One's own film while it waits for its post."""
    waiting = taken.carried_film(request.GET.get("film", ""), actor_of(request))
    return serving.serve_film(request, waiting.film.key, films.FILM)


def _press(request: HttpRequest, kind: PostKind, post: Post | None) -> HttpResponse:
    """A button of the composer: a step, after which one goes on writing, or its end.

    Films and pictures are taken in first, whatever was pressed; a refusal shows everything again.
    """
    actor = actor_of(request)
    written = composing.read(request.POST, actor, kind, post)
    try:
        written = _with_film(request, written, actor)
        written = _with_poster(request, written, actor)
        written = _with_files(request, written, actor)
        if request.POST.get("do", "") in _ENDS:
            return _end(request, actor, written, post)
        written = composing.stepped(written, request.POST)
    except DomainError as refused:
        count_refusal(refused)
        return _page(request, written, post, refused)
    return _page(request, written, post)


def _with_film(request: HttpRequest, written: Written, actor: Actor) -> Written:
    """Raises what `serving.take_in_film` refuses; `FormMalformed` where a film has no place."""
    file = request.FILES.get("film_file")
    if not file or not file.size:
        return written
    if written.kind is not PostKind.VIDEO:
        raise errors.FormMalformed()
    film = serving.take_in_film(file)
    # Films often begin dark; a little later there is something to see.
    at_ms = composing.poster_ms(written)
    poster = pictures.take_in(films.frame_of(film.key, film.duration_ms // 10 if at_ms is None else at_ms))
    return composing.with_film(written, film, poster, actor)


def _with_poster(request: HttpRequest, written: Written, actor: Actor) -> Written:
    """Another picture that stands for the film: one that was sent, or a moment of it that was chosen.

    Raises: `FormMalformed`, and what `serving.take_in` refuses.
    """
    sent = [file for file in request.FILES.getlist("poster_file") if file.size][:1]
    if written.film is None or not (sent or request.POST.get("do") == _MOMENT):
        return written
    if sent:
        return composing.with_poster(written, serving.take_in(sent)[0], actor)
    frame = films.frame_of(written.film_key, composing.poster_ms(written) or 0)
    return composing.with_poster(written, pictures.take_in(frame), actor)


def _with_files(request: HttpRequest, written: Written, actor: Actor) -> Written:
    """Raises: `TooMany`, and what `serving.take_in` refuses."""
    sent = [file for file in request.FILES.getlist("pictures") if file.size]
    if len(written.photos) + len(sent) > MOST_PHOTOS:
        raise content_errors.TooMany(what="photos", most=MOST_PHOTOS)
    return composing.with_photos(written, serving.take_in(sent), actor)


def _end(request: HttpRequest, actor: Actor, written: Written, post: Post | None) -> HttpResponse:
    """Keep it, publish it, schedule it, or change what is published; then to where it stands."""
    do = request.POST["do"]
    is_published = post is not None and post.state is PostState.PUBLISHED
    if (do == _SAVE) != is_published:
        raise errors.FormMalformed()
    at = composing.moment_in(written) if do == _SCHEDULE else None
    draft = composing.draft_of(written, composing.series_in(written))

    def effect(now: datetime) -> str:
        whole = draft
        if written.takes_new_series:
            series_id = operations.make_series(actor=actor, title=written.new_series, now=now)
            whole = replace(draft, series_id=series_id)
        post_id = _keep(actor, written, whole, post, now)
        if do == _DRAFT:
            if post is not None and post.state is PostState.SCHEDULED:
                operations.unschedule_post(actor=actor, post_id=post_id)
            return reverse("storefront:drafts")
        if do != _SAVE:
            operations.publish_post(actor=actor, post_id=post_id, now=now, at=at)
        return reverse("storefront:drafts") if at else post_cards.href_of(post_id)

    answer = once(request, actor, effect)
    messages.success(request, _SAID[do]())
    return answer


_SAID = {
    _DRAFT: lambda: _("Your draft is kept; only you see it"),
    _PUBLISH: lambda: _("It is published"),
    _SCHEDULE: lambda: _("It will come out at its time"),
    _SAVE: lambda: _("It is changed"),
}


def _keep(actor: Actor, written: Written, draft: PostDraft, post: Post | None, now: datetime) -> int:
    shown = [each.picture for each in written.photos]
    filmed = composing.filmed_in(written)
    if post is None:
        new = [each.picture for each in shown if isinstance(each, Taken)]
        return operations.start_post(actor=actor, draft=draft, now=now, pictures=new, filmed=filmed)
    photos: list[int | Picture] = [each.picture if isinstance(each, Taken) else each.id for each in shown]
    operations.edit_post(actor=actor, post_id=post.id, draft=draft, now=now, photos=photos, filmed=filmed)
    return post.id


def _own(me: Viewer, post_id: int) -> Post:
    """One's own post that can be written on. Raises `PostNotFound`."""
    post = queries.get_post_for(me, post_id)
    if post.owner_id != me.person_id:
        raise content_errors.PostNotFound()
    return post


def _page(
    request: HttpRequest, written: Written, post: Post | None, refused: DomainError | None = None
) -> HttpResponse:
    actor = actor_of(request)
    context: dict[str, object] = {
        "composer": composer.composer_of(get_viewer(actor.person_id), written, post.id if post else None),
        "audience": audience.field_of(actor.person_id, written.rule),
        "here": request.get_full_path(),
        "post_id": post.id if post else None,
        "is_published": post is not None and post.state is PostState.PUBLISHED,
        "is_repost": post is not None and post.origin_id is not None,
        "most_photos": MOST_PHOTOS,
        "most_megabytes": settings.FILM_MAX_BYTES // 1_000_000,
        "most_seconds": settings.FILM_MAX_SECONDS,
        "refused": text_of(refused) if refused else "",
    }
    return show(request, "compose.html", context, place="write", status=status_of(refused) if refused else 200)
