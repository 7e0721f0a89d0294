"""Links that people spread: a visit is remembered, so that who led here can be paid for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import errors as alliance_errors
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries as alliance_queries
from wuyou.infra import db
from wuyou.kernel import tokens
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.access import viewer_id
from wuyou.surfaces.ui import codes

R = TypeVar("R", bound=HttpResponse)

VISITOR_COOKIE = "visitor"
REMEMBERED_FOR = timedelta(days=15)
"""As long as a click can earn; every click begins anew, and nothing is known of a browser after that."""

_MAX_VISITOR = 64


@require_safe
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """Note the click under the browser's own random name, and go where the link leads."""
    if request.method == "HEAD":  # a look from a chat's preview is not a visit
        return redirect(alliance_queries.get_link_by_token(token).path)
    if is_only_a_look(request):
        return turn_look_away()
    visitor, now, user_id = visitor_of(request) or tokens.new_token(), utc_now(), viewer_id(request)
    click = db.in_transaction(
        lambda: alliance.record_click(token=token, visitor=visitor, user_id=user_id, now=now),
    )
    response = redirect(f"{click.path}{'&' if '?' in click.path else '?'}{urlencode({'via': token})}")
    response["Cache-Control"] = "no-store"
    return remember(response, visitor)


@require_safe
def show_code(request: HttpRequest, token: str) -> HttpResponse:
    """A link as a QR code; drawing it is no visit. Raises `LinkNotFound`."""
    link = alliance_queries.get_link_by_token(token)
    return codes.answer_with_code(request.build_absolute_uri(reverse("storefront:link", args=[link.token])))


def carry(request: HttpRequest, response: R, token: str) -> R:
    """Whoever comes with a link's token in the address followed that link, perhaps in another browser. Entry point.

    Cost: one query when the click is known here.
    """
    if not token or is_only_a_look(request):
        return response
    visitor, user_id, now = visitor_of(request), viewer_id(request), utc_now()
    since = now - REMEMBERED_FOR
    if alliance_queries.has_clicked(token=token, visitor=visitor, user_id=user_id, since=since):
        return response
    visitor = visitor or tokens.new_token()
    try:
        was_noted = db.in_transaction(
            lambda: alliance.carry_click(token=token, visitor=visitor, user_id=user_id, now=now)
        )
    except alliance_errors.LinkNotFound:
        return response
    return remember(response, visitor) if was_noted else response


def remember(response: R, visitor: str) -> R:
    """Let the browser keep its own name, for as long as a click can earn."""
    response.set_cookie(
        VISITOR_COOKIE,
        visitor,
        max_age=REMEMBERED_FOR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def is_only_a_look(request: HttpRequest) -> bool:
    """Whether nobody has tapped: a preview of a chat, or a browser that looks ahead."""
    said = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return request.method == "HEAD" or any("prefetch" in each for each in said)


def turn_look_away() -> HttpResponse:
    """An answer that a browser does not keep for the tap to come, so that the tap is heard here."""
    return HttpResponse(status=503, headers={"Cache-Control": "no-store"})


def visitor_of(request: HttpRequest) -> str:
    """The browser's own name, empty when it has none or not one of ours."""
    visitor = request.COOKIES.get(VISITOR_COOKIE, "")
    return visitor if 0 < len(visitor) <= _MAX_VISITOR and visitor.isascii() and visitor.isprintable() else ""


def remember_visitor(request: HttpRequest, user_id: int) -> None:
    """Who has just signed in is who made this browser's clicks. Entry point."""
    if visitor := visitor_of(request):
        now = utc_now()
        db.in_transaction(lambda: alliance.bind_visitor(visitor=visitor, user_id=user_id, now=now))
