"""What readers do about a post: answer, react, thank, save, pass on. Each goes back to the post, where it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.content import errors as content_errors
from wuyou.domains.content import operations, queries
from wuyou.domains.content.types import Comment, ReactionKind
from wuyou.domains.moderation import errors as moderation_errors
from wuyou.domains.social import queries as social
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import PUBLIC
from wuyou.surfaces.storefront import audience, errors
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import people, post_cards, post_page
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.parsing import read_id


@require_POST
@signed_in
def comment(request: HttpRequest, post_id: int) -> HttpResponse:
    """Say something under a post, or answer the comment that `answers` names."""
    actor, text = actor_of(request), request.POST.get("text", "")
    answers = read_id(request.POST["answers"]) if request.POST.get("answers") else None

    def effect(now: datetime) -> str:
        made = operations.write_comment(actor=actor, post_id=post_id, text=text, now=now, answers_id=answers)
        return f"{post_cards.href_of(post_id)}#comment-{made}"

    return once(request, actor, effect)


@require_safe
@signed_in
def answer_comment(request: HttpRequest, comment_id: int) -> HttpResponse:
    """The form in which one answers a comment: a page of its own, or fetched into the place where it was asked for."""
    viewer = get_viewer(actor_of(request).person_id)
    said = queries.get_comment_for(viewer, comment_id)
    face = social.faces_by_person(viewer, [said.owner_id]).get(said.owner_id)
    if face is None:
        raise content_errors.CommentNotFound()
    context: dict[str, object] = {
        "comment_id": comment_id,
        "post_id": said.post_id,
        "name": people.face(face.person).name,
        "text": said.text,
        "back_href": f"{post_cards.href_of(said.post_id)}#comment-{comment_id}",
        "swap": post_page.swap_of(said.post_id) if "HX-Request" in request.headers else "",
    }
    return show(request, "comment_answer.html", context, place="home")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit_comment(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Say it otherwise; what is refused stays in the form."""
    actor = actor_of(request)
    said = queries.get_comment_for(get_viewer(actor.person_id), comment_id)
    if said.owner_id != actor.person_id:
        raise content_errors.CommentNotFound()
    if request.method != "POST":
        return _comment_form(request, said, said.text)
    text = request.POST.get("text", "")

    def effect(now: datetime) -> str:
        operations.edit_comment(actor=actor, comment_id=comment_id, text=text, now=now)
        return f"{post_cards.href_of(said.post_id)}#comment-{comment_id}"

    try:
        return once(request, actor, effect)
    except (content_errors.TextMalformed, moderation_errors.WordsRefused) as refused:
        count_refusal(refused)
        return _comment_form(request, said, text, refused)


@require_POST
@signed_in
def remove_comment(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Take a comment back, or off one's own post."""
    actor = actor_of(request)
    post_id = db.in_transaction(lambda: operations.remove_comment(actor=actor, comment_id=comment_id))
    messages.success(request, _("It is gone"))
    return redirect("storefront:post", post_id)


@require_POST
@signed_in
def react(request: HttpRequest, post_id: int) -> HttpResponse:
    """Say with a tap what one thinks of it; the same tap again says nothing any more."""
    try:
        kind = ReactionKind(request.POST.get("kind", ""))
    except ValueError as error:
        raise errors.FormMalformed() from error
    takes_back = request.POST.get("back") == kind.value

    def act(actor: Actor, now: datetime) -> None:
        if takes_back:
            operations.take_reaction_back(actor=actor, post_id=post_id)
        else:
            operations.react(actor=actor, post_id=post_id, kind=kind, now=now)

    return _done(request, post_id, act)


@require_POST
@signed_in
def thank(request: HttpRequest, post_id: int) -> HttpResponse:
    """Thank its author; with `back` rather not."""
    takes_back = request.POST.get("back") == "1"

    def act(actor: Actor, now: datetime) -> None:
        if takes_back:
            operations.take_thanks_back(actor=actor, post_id=post_id)
        else:
            operations.thank_for_post(actor=actor, post_id=post_id, now=now)

    return _done(request, post_id, act)


@require_POST
@signed_in
def save(request: HttpRequest, post_id: int) -> HttpResponse:
    """Keep it for oneself; with `back` no longer."""
    takes_back = request.POST.get("back") == "1"

    def act(actor: Actor, now: datetime) -> None:
        if takes_back:
            operations.unsave_post(actor=actor, post_id=post_id)
        else:
            operations.save_post(actor=actor, post_id=post_id, now=now)

    return _done(request, post_id, act)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def repost(request: HttpRequest, post_id: int) -> HttpResponse:
    """Pass a post on, with words of one's own, to whom one chooses of those who see it."""
    actor = actor_of(request)
    if request.method != "POST":
        return _repost_form(request, actor, post_id)
    text = request.POST.get("text", "")
    try:
        rule = audience.rule_from(request.POST, actor.person_id)

        def effect(now: datetime) -> str:
            made = operations.repost(actor=actor, post_id=post_id, audience=rule, now=now, text=text)
            return post_cards.href_of(made)

        answer = once(request, actor, effect)
    except (
        content_errors.TextMalformed,
        moderation_errors.WordsRefused,
        errors.AudienceEmpty,
        errors.NobodyCalled,
    ) as refused:
        count_refusal(refused)
        return _repost_form(request, actor, post_id, text, refused)
    messages.success(request, _("You have passed it on"))
    return answer


def _done(request: HttpRequest, post_id: int, act: Callable[[Actor, datetime], None]) -> HttpResponse:
    """Do it once, and back to the post; to a post that is gone by now nobody goes back."""
    actor = actor_of(request)

    def effect(now: datetime) -> str:
        act(actor, now)
        return reverse("storefront:post", args=[post_id])

    return once(request, actor, effect)


def _comment_form(request: HttpRequest, said: Comment, text: str, refused: DomainError | None = None) -> HttpResponse:
    context: dict[str, object] = {
        "comment_id": said.id,
        "text": text,
        "back_href": f"{post_cards.href_of(said.post_id)}#comment-{said.id}",
        "refused": text_of(refused) if refused else "",
    }
    return show(request, "comment_edit.html", context, place="home", status=status_of(refused) if refused else 200)


def _repost_form(
    request: HttpRequest, actor: Actor, post_id: int, text: str = "", refused: DomainError | None = None
) -> HttpResponse:
    viewer = get_viewer(actor.person_id)
    post = queries.get_post_for(viewer, post_id)
    if post.published_at is None:
        raise content_errors.NotYetPublished()
    context: dict[str, object] = {
        "card": next(iter(post_cards.of_posts(viewer, [post])), None),
        "post_id": post_id,
        "text": text,
        "audience": audience.field_of(actor.person_id, PUBLIC),
        "refused": text_of(refused) if refused else "",
    }
    return show(request, "repost.html", context, place="home", status=status_of(refused) if refused else 200)
