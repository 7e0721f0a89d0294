"""Saying something: a text, photos, a thing of one's own, what a pasted link leads to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.messaging import errors as messaging_errors
from wuyou.domains.messaging import operations, policies, queries
from wuyou.domains.messaging.types import Draft, Photo
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import HoldingState
from wuyou.infra import db, storage
from wuyou.infra.sight import get_viewer
from wuyou.kernel import tokens
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.pages.talk import messages_part
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import covers, talk
from wuyou.surfaces.ui import serving
from wuyou.surfaces.ui.parsing import optional_id, read_id
from wuyou.surfaces.ui.parts import Empty

_LINK = re.compile(r"(?P<site>https?://[^\s/]+)?/(?P<kind>p|things/copies|things)/(?P<id>[1-9][0-9]{0,17})(?![\w/-])")


@require_POST
@signed_in
def send(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Say something; the same form again says nothing new. A script is answered with what came `after` what it has."""
    actor, now = actor_of(request), utc_now()
    viewer = get_viewer(actor.person_id)
    # Before pictures are decoded: nobody makes us work for a conversation that is not theirs.
    queries.get_conversation(viewer, conversation_id)
    draft = _read_draft(request, viewer)
    client_id = request.POST.get("client_id", "")
    db.in_transaction(
        lambda: operations.send_message(
            actor=actor, conversation_id=conversation_id, client_id=client_id, draft=draft, now=now
        )
    )
    if request.headers.get("HX-Request") != "true":
        return redirect(f"{reverse('storefront:conversation', args=[conversation_id])}#say")
    viewer = get_viewer(actor.person_id)
    conversation = queries.get_conversation(viewer, conversation_id)
    return messages_part(request, viewer, conversation, now, after=_number(request, "after") or 0)


@require_POST
@signed_in
def withdraw(request: HttpRequest, conversation_id: int, seq: int) -> HttpResponse:
    """Take one's own message back; its pictures go with it."""
    actor, now = actor_of(request), utc_now()

    def entry() -> None:
        keys = operations.withdraw_message(actor=actor, conversation_id=conversation_id, seq=seq, now=now)
        storage.discard(keys)

    db.in_transaction(entry)
    return redirect("storefront:conversation", conversation_id)


@require_POST
@signed_in
def take_share(request: HttpRequest, conversation_id: int, seq: int) -> HttpResponse:
    """Say of one's own card whether one takes a commission from whoever buys by it."""
    actor, now, earns = actor_of(request), utc_now(), request.POST.get("earns") == "1"
    db.in_transaction(
        lambda: operations.take_share(actor=actor, conversation_id=conversation_id, seq=seq, earns=earns, now=now)
    )
    return redirect(f"{reverse('storefront:conversation', args=[conversation_id])}#m{seq}")


@require_safe
@signed_in
def choose_thing(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """One's own things, to show one in a conversation; `after` goes on."""
    actor = actor_of(request)
    viewer = get_viewer(actor.person_id)
    conversation = queries.get_conversation(viewer, conversation_id)
    page = things.list_holdings_of(
        viewer,
        actor.person_id,
        states=(HoldingState.OWN, HoldingState.LENT),
        cursor=optional_id(request, "after"),
        limit=24,
    )
    faces = covers.of_copies(page.items, things.covers_by_holding(viewer, [copy.id for copy in page.items]))
    here = reverse("storefront:talk-things", args=[conversation_id])
    context: dict[str, object] = {
        "conversation_id": conversation.id,
        "copies": [(copy.id, talk.copy_card(copy, faces[copy.id]), tokens.new_token()) for copy in page.items],
        "next_href": f"{here}?after={page.next_cursor}" if page.next_cursor else "",
        "back_href": reverse("storefront:conversation", args=[conversation_id]),
        "empty": Empty(
            _("No things of yours yet"), _("What you own and put on record can be shown in a conversation."), "backpack"
        ),
    }
    return show(request, "talk_things.html", context, place="talk")


def _read_draft(request: HttpRequest, viewer: Viewer) -> Draft:
    """What the form says. Raises `FormMalformed`, `TooManyPhotos`, `PictureRefused`."""
    text = request.POST.get("text", "")
    files = [file for file in request.FILES.getlist("photo") if file.size]
    holding_id, reply = _number(request, "holding"), _number(request, "reply")
    if holding_id is not None:
        return Draft(text, holding_id=holding_id, reply_to_seq=reply)
    if files:
        # Before they are decoded: what is refused anyway costs nothing.
        if len(files) > policies.MAX_PHOTOS:
            raise messaging_errors.TooManyPhotos(most=policies.MAX_PHOTOS)
        taken = (Photo(one.key, one.width, one.height, one.blurhash) for one in serving.take_in(files))
        return Draft(text, photos=tuple(taken), reply_to_seq=reply)
    return _with_link(request, viewer, text, reply)


def _with_link(request: HttpRequest, viewer: Viewer, text: str, reply: int | None) -> Draft:
    """A link to goods or to a thing of ours becomes a card; one that leads nowhere stays what it is."""
    found = _LINK.search(text)
    if found is None or not _is_here(request, found["site"] or ""):
        return Draft(text, reply_to_seq=reply)
    rest, number = (text[: found.start()] + text[found.end() :]).strip(), int(found["id"])
    if found["kind"] == "p":
        product = catalog.products_by_id([number]).get(number)
        return Draft(rest, product_id=number, reply_to_seq=reply) if product else Draft(text, reply_to_seq=reply)
    if found["kind"] == "things":
        thing = things.known_by_id(viewer, [number]).get(number)
        return Draft(rest, thing_id=thing.id, reply_to_seq=reply) if thing else Draft(text, reply_to_seq=reply)
    copy = things.holdings_by_id(viewer, [number]).get(number)
    if copy is None:
        return Draft(text, reply_to_seq=reply)
    if copy.owner_id == viewer.person_id:
        return Draft(rest, holding_id=copy.id, reply_to_seq=reply)
    return Draft(rest, thing_id=copy.thing.id, reply_to_seq=reply)


def _is_here(request: HttpRequest, site: str) -> bool:
    ours = {request.get_host(), urlsplit(settings.CSRF_TRUSTED_ORIGINS[0]).netloc}
    return not site or urlsplit(site).netloc in ours


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    return read_id(text) if text else None
