"""Who talks with whom: beginning a conversation, answering a request, running a group."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.messaging import operations, queries
from wuyou.domains.messaging.types import ConversationKind
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.meeting import friends_met, persons_seen
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import people, talk
from wuyou.surfaces.ui.parsing import read_id
from wuyou.surfaces.ui.parts import Empty

_FRIENDS = 100
_MEMBER_CHANGES = {
    "add": operations.add_member,
    "remove": operations.remove_member,
    "promote": operations.make_admin,
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def begin(request: HttpRequest) -> HttpResponse:
    """Choose one friend to write to, or several and a name for a group."""
    actor = actor_of(request)
    if request.method == "POST":
        chosen = _ids(request.POST.getlist("person"))
        name = request.POST.get("name", "")
        if not chosen:
            raise errors.FormMalformed()
        return once(request, actor, lambda now: _begin(actor, chosen, name, now))
    friends = friends_met(get_viewer(actor.person_id), _FRIENDS)
    context: dict[str, object] = {
        "friends": sorted(map(people.face, friends), key=lambda face: face.name),
        "empty": Empty(
            _("No friends here yet"),
            _("Conversations begin among friends, or with people who have the same things."),
            "balloon",
        ),
        "back_href": reverse("storefront:talk"),
    }
    return show(request, "talk_new.html", context, place="talk")


@require_POST
@signed_in
def open_with(request: HttpRequest, person_id: int) -> HttpResponse:
    """Go to the one conversation with a person."""
    actor, now = actor_of(request), utc_now()
    opened = db.in_transaction(lambda: operations.open_conversation(actor=actor, person_id=person_id, now=now))
    return redirect("storefront:conversation", opened)


@require_safe
@signed_in
def show_about(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Who takes part, and what one can do with the conversation."""
    actor = actor_of(request)
    viewer = get_viewer(actor.person_id)
    conversation = queries.get_conversation(viewer, conversation_id)
    participants = queries.list_participants(viewer, conversation_id)
    persons = persons_seen(viewer, (each.person_id for each in participants))
    inside = {each.person_id for each in participants}
    addable = []
    if conversation.kind is ConversationKind.GROUP and conversation.is_admin:
        addable = [people.face(each) for each in friends_met(viewer, _FRIENDS) if each.id not in inside]
    members = [
        (people.face(persons[each.person_id], _("runs the group") if each.is_admin else ""), each.is_admin)
        for each in participants
        if each.person_id in persons
    ]
    context: dict[str, object] = {
        "head": talk.head(conversation, persons, len(participants)),
        "members": members,
        "addable": sorted(addable, key=lambda face: face.name),
        "is_admin": conversation.is_admin,
        "my_id": actor.person_id,
    }
    return show(request, "talk_about.html", context, place="talk")


@require_POST
@signed_in
def answer(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Let who asked in, or not."""
    said = request.POST.get("answer", "")
    if said not in {"accept", "decline"}:
        raise errors.FormMalformed()
    operation = operations.accept if said == "accept" else operations.decline
    _change(request, lambda actor, now: operation(actor=actor, conversation_id=conversation_id, now=now))
    if said == "accept":
        return redirect("storefront:conversation", conversation_id)
    return redirect("storefront:talk")


@require_POST
@signed_in
def mute(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Hear no more of a conversation, or again."""
    is_muted = request.POST.get("muted") == "1"
    _change(
        request,
        lambda actor, now: operations.mute_conversation(
            actor=actor, conversation_id=conversation_id, is_muted=is_muted, now=now
        ),
    )
    messages.success(request, _("You hear no more of it") if is_muted else _("You hear of it again"))
    return redirect("storefront:conversation", conversation_id)


@require_POST
@signed_in
def leave(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Go out of a group."""
    _change(request, lambda actor, now: operations.leave_group(actor=actor, conversation_id=conversation_id, now=now))
    messages.success(request, _("You left the group"))
    return redirect("storefront:talk")


@require_POST
@signed_in
def rename(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Call a group otherwise."""
    name = request.POST.get("name", "")
    _change(
        request,
        lambda actor, now: operations.rename_group(actor=actor, conversation_id=conversation_id, name=name, now=now),
    )
    return redirect("storefront:about-conversation", conversation_id)


@require_POST
@signed_in
def change_members(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Bring a friend in (`add`), take somebody out (`remove`) or let them run it too (`promote`); one at a time."""
    said = {name: request.POST[name] for name in _MEMBER_CHANGES if name in request.POST}
    if len(said) != 1:
        raise errors.FormMalformed()
    ((name, text),) = said.items()
    person_id = read_id(text)
    operation = _MEMBER_CHANGES[name]
    _change(
        request,
        lambda actor, now: operation(actor=actor, conversation_id=conversation_id, person_id=person_id, now=now),
    )
    return redirect("storefront:about-conversation", conversation_id)


def _begin(actor: Actor, chosen: set[int], name: str, now: datetime) -> str:
    if len(chosen) == 1 and not name.strip():
        made = operations.open_conversation(actor=actor, person_id=next(iter(chosen)), now=now)
    else:
        made = operations.make_group(actor=actor, name=name, person_ids=chosen, now=now)
    return reverse("storefront:conversation", args=[made])


def _change(request: HttpRequest, effect: Callable[[Actor, datetime], object]) -> None:
    actor, now = actor_of(request), utc_now()
    db.in_transaction(lambda: effect(actor, now))


def _ids(texts: list[str]) -> set[int]:
    if len(texts) > _FRIENDS:
        raise errors.FormMalformed()
    return {read_id(text) for text in texts}
