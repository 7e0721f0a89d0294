"""Conversations: the list, one of them, and the parts of it that come in while it is open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.identity.types import Person
from wuyou.domains.messaging import operations, queries
from wuyou.domains.messaging.types import Conversation, ConversationKind, Line, Message, Standing
from wuyou.domains.notifications import queries as notifications
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel import tokens
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.access import actor_of, signed_in, viewer_id
from wuyou.surfaces.storefront.meeting import persons_seen
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import covers, talk
from wuyou.surfaces.ui import serving
from wuyou.surfaces.ui.parsing import optional_id, read_id
from wuyou.surfaces.ui.parts import Action, Empty

PAGE_SIZE = 50
_ROWS = 40


@require_safe
@signed_in
def show_talk(request: HttpRequest) -> HttpResponse:
    """One's conversations, latest first."""
    viewer, now = get_viewer(viewer_id(request)), utc_now()
    listed, _persons = _list(request, viewer, now)
    return show(request, "talk.html", {**listed, "cursor": _cursor(viewer)}, place="talk")


@require_safe
@signed_in
def show_list(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that is open."""
    viewer = get_viewer(viewer_id(request))
    listed, _persons = _list(request, viewer, utc_now(), current=optional_id(request, "current"))
    return _part(request, "talk_list.html", listed)


@require_safe
@signed_in
def show_conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """A conversation, from its latest messages on; `before` goes back. Raises `ConversationNotFound`."""
    viewer, now = get_viewer(viewer_id(request)), utc_now()
    conversation = queries.get_conversation(viewer, conversation_id)
    before = optional_id(request, "before")
    # What a stream tells from this number on is not on the page yet: it is read first.
    cursor = _cursor(viewer)
    messages = queries.list_messages(viewer, conversation_id, before=before, limit=PAGE_SIZE)
    participants = queries.list_participants(viewer, conversation_id)
    listed, persons = _list(
        request,
        viewer,
        now,
        current=conversation_id,
        also=talk.people_of(messages) | {each.person_id for each in participants} | _other(conversation),
    )
    me = viewer.person_id or 0
    head = talk.head(conversation, persons, len(participants))
    made = talk.bubbles(
        messages,
        persons,
        covers.of_things(viewer, talk.things_of(messages)),
        me=me,
        now=now,
        seen_up_to=conversation.seen_up_to,
        may_write=_may_write(conversation, head),
    )
    others = [each for each in participants if each.person_id != me]
    is_pair = conversation.kind is ConversationKind.PAIR
    context: dict[str, object] = {
        **listed,
        "cursor": cursor,
        "head": head,
        "bubbles": made,
        "older_href": _older(conversation, messages),
        "latest_href": reverse("storefront:conversation", args=[conversation_id]) if before else "",
        "last_seq": messages[-1].seq if messages else 0,
        "is_unread": conversation.seen_up_to < conversation.last_seq,
        "other_seen": max((each.seen_up_to for each in others), default=0) if is_pair else 0,
        "my_id": me,
        "may_write": _may_write(conversation, head),
        "client_id": tokens.new_token(),
        "reply": next((b for b in made if b.seq == optional_id(request, "reply") and b.may_reply), None),
    }
    return show(request, "talk.html", context, place="talk")


@require_safe
@signed_in
def show_messages(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Messages `after` a number or `before` one, or the one `at` it, as a part of the page; 204 when there are none."""
    viewer, now = get_viewer(viewer_id(request)), utc_now()
    conversation = queries.get_conversation(viewer, conversation_id)
    after, before, at = (optional_id(request, name) for name in ("after", "before", "at"))
    return messages_part(request, viewer, conversation, now, after=after, before=before, at=at)


def messages_part(
    request: HttpRequest,
    viewer: Viewer,
    conversation: Conversation,
    now: datetime,
    *,
    after: int | None = None,
    before: int | None = None,
    at: int | None = None,
) -> HttpResponse:
    """Some messages of a conversation as a part of its page."""
    over: Message | None = None
    if at is not None:
        messages: Sequence[Message] = queries.list_messages(viewer, conversation.id, after=max(at - 2, 0), limit=2)
        over = next((m for m in messages if m.seq < at), None)
        messages = [m for m in messages if m.seq == at]
    elif after is not None or before is None:
        # The one before tells whether a day or a run begins.
        known = after or 0
        messages = queries.list_messages(viewer, conversation.id, after=max(known - 1, 0), limit=PAGE_SIZE)
        over = next((m for m in messages if m.seq == known), None)
        messages = [m for m in messages if m.seq > known]
    else:
        messages = queries.list_messages(viewer, conversation.id, before=before, limit=PAGE_SIZE)
    if not messages:
        return HttpResponse(status=204)
    persons = persons_seen(viewer, talk.people_of(messages) | _other(conversation))
    head = talk.head(conversation, persons, 0)
    made = talk.bubbles(
        messages,
        persons,
        covers.of_things(viewer, talk.things_of(messages)),
        me=viewer.person_id or 0,
        now=now,
        before=over,
        may_write=_may_write(conversation, head),
    )
    context = {
        "bubbles": made,
        "head": head,
        "older_href": _older(conversation, messages) if before else "",
    }
    return _part(request, "talk_messages.html", context)


@require_POST
@signed_in
def mark_seen(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """One has seen up to `seq`."""
    actor, now, seq = actor_of(request), utc_now(), read_id(request.POST.get("seq", ""))
    db.in_transaction(lambda: operations.mark_seen(actor=actor, conversation_id=conversation_id, seq=seq, now=now))
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204)
    return redirect("storefront:conversation", conversation_id)


@require_safe
def show_counts(request: HttpRequest) -> HttpResponse:
    """What is unread, for pages to which nothing streams."""
    person_id = viewer_id(request)
    counts = {"talk": 0, "bell": 0}
    if person_id is not None:
        viewer = get_viewer(person_id)
        counts = {"talk": queries.count_unread(viewer), "bell": notifications.count_unread(viewer)}
    response = JsonResponse(counts)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def show_photo(request: HttpRequest, key: str, width: int) -> HttpResponseBase:
    """A photo of a message, for who may read it at this moment; looked up again at each request."""
    viewer = get_viewer(viewer_id(request))
    if viewer.person_id is None or not queries.may_see_photo(viewer, key):
        raise Http404
    return serving.serve(request, key, width)


def _list(
    request: HttpRequest, viewer: Viewer, now: datetime, current: int | None = None, also: Collection[int] = ()
) -> tuple[dict[str, object], dict[int, Person]]:
    """The rows of the list, or of the tray of requests; and their people, read together with those `also` wanted."""
    asked = queries.list_requests(viewer)
    is_tray = request.GET.get("tray") == "requests" or any(line.conversation.id == current for line in asked)
    listed: Sequence[Line] = asked if is_tray else queries.list_conversations(viewer, limit=_ROWS)[0]
    persons = persons_seen(viewer, talk.people_in([*listed, *asked]).union(also))
    me = viewer.person_id or 0
    context: dict[str, object] = {
        "rows": [talk.row(line, persons, me, now, current) for line in listed],
        "requests": [talk.row(line, persons, me, now, current) for line in asked],
        "is_tray": is_tray,
        "current": current,
        "empty": Empty(
            _("Nobody waits for an answer"),
            _("When somebody you do not know yet writes or calls out to you, it waits here."),
            "sun-hat",
        )
        if is_tray
        else Empty(
            _("Nothing said yet"),
            _("Write to a friend, or begin a group: about a thing, a purchase, or nothing in particular."),
            "teapot",
            Action(_("New conversation"), reverse("storefront:new-conversation"), "primary", "pencil"),
        ),
    }
    return context, persons


def _part(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    response = render(request, f"storefront/{template}", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _cursor(viewer: Viewer) -> int:
    return queries.last_number(viewer.person_id or 0)


def _other(conversation: Conversation) -> set[int]:
    return {conversation.other_id} if conversation.other_id is not None else set()


def _older(conversation: Conversation, messages: Sequence[Message]) -> str:
    if not messages or messages[0].seq <= conversation.joined_seq + 1:
        return ""
    here = reverse("storefront:conversation", args=[conversation.id])
    return f"{here}?before={messages[0].seq}"


def _may_write(conversation: Conversation, head: talk.Head) -> bool:
    """While a request waits, nothing follows it; writing to who asked is an answer. Nothing reaches who is gone."""
    if head.is_gone:
        return False
    return not conversation.awaits_answer or conversation.last_seq == 0 or conversation.standing is Standing.ASKED
