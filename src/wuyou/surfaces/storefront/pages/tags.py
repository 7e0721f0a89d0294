"""What posts and messages point at: a tap opens the product over them, and is the click of whoever takes a share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance.types import TALK_SLOT, Followed
from wuyou.domains.messaging import errors as messaging_errors
from wuyou.domains.messaging import queries as messaging
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel import tokens
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.access import actor_of, signed_in, viewer_id
from wuyou.surfaces.storefront.pages import product
from wuyou.surfaces.storefront.pages.links import is_only_a_look, remember, turn_look_away, visitor_of
from wuyou.surfaces.storefront.trail import Trail
from wuyou.surfaces.storefront.viewmodels import lines
from wuyou.surfaces.ui.context import asks_for_sheet
from wuyou.surfaces.ui.parsing import optional_id


@require_safe
def follow_tag(request: HttpRequest, post_id: int, tag_id: int) -> HttpResponse:
    """The product that a tag leads to: in a sheet at once, as a page by way of its own address.

    `t` is the second at which the reader stopped the film: the way back goes on there.
    """
    user_id, second = viewer_id(request), optional_id(request, "t")
    return follow(
        request,
        f"{reverse('storefront:post', args=[post_id])}#{f'tag-{tag_id}' if second is None else f't={second}'}",
        lambda visitor, now: alliance.follow_tag(
            post_id=post_id, tag_id=tag_id, visitor=visitor, user_id=user_id, now=now
        ),
    )


@require_safe
@signed_in
def follow_card(request: HttpRequest, conversation_id: int, seq: int) -> HttpResponse:
    """The product of a card in a conversation; whoever sent it takes a share when the card says so."""
    user_id = actor_of(request).person_id
    message = messaging.get_message(get_viewer(user_id), conversation_id, seq)
    if message.product is None:
        raise messaging_errors.MessageNotFound()
    product_id, owner_id = message.product.id, message.author_id

    def tap(visitor: str, now: datetime) -> Followed:
        if not message.earns:
            return Followed(product_id, "")
        return alliance.follow_offer(
            owner_id=owner_id, product_id=product_id, slot_name=TALK_SLOT, visitor=visitor, user_id=user_id, now=now
        )

    return follow(request, f"{reverse('storefront:conversation', args=[conversation_id])}#m{seq}", tap)


def follow(request: HttpRequest, back: str, tap: Callable[[str, datetime], Followed]) -> HttpResponse:
    """Note a tap under the browser's own name, and show what it leads to with the way back. Entry point.

    A sheet is answered without a redirect: it is filled by the answer to the tap, and takes the product's address.
    """
    if is_only_a_look(request):
        return turn_look_away()
    visitor, now = visitor_of(request) or tokens.new_token(), utc_now()
    followed = db.in_transaction(lambda: tap(visitor, now))
    trail = Trail(followed.token, back)
    if asks_for_sheet(request):
        response = product.page(request, followed.product_id, None, trail)
    else:
        response = redirect(trail.on(lines.href_of(followed.product_id)))
        response["Cache-Control"] = "no-store"
    return remember(response, visitor) if followed.token else response
