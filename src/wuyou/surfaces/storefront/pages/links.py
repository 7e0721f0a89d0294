"""Links that people spread: a visit is remembered, so that who led here can be paid for it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries as alliance_queries
from wuyou.infra import db
from wuyou.kernel import tokens
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.access import viewer_id

VISITOR_COOKIE = "visitor"
REMEMBERED_FOR = timedelta(days=15)
"""As long as a click can earn; every click begins anew, and nothing is known of a browser after that."""

_MAX_VISITOR = 64


@require_safe
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """Note the click under the browser's own random name, and go where the link leads."""
    visitor, now, user_id = visitor_of(request) or tokens.new_token(), utc_now(), viewer_id(request)
    if request.method == "HEAD":  # a look from a chat's preview is not a visit
        return redirect(alliance_queries.get_link_by_token(token).path)
    click = db.in_transaction(
        lambda: alliance.record_click(token=token, visitor=visitor, user_id=user_id, now=now),
    )
    response = redirect(f"{click.path}{'&' if '?' in click.path else '?'}{urlencode({'via': token})}")
    response.set_cookie(
        VISITOR_COOKIE,
        visitor,
        max_age=REMEMBERED_FOR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    response["Cache-Control"] = "no-store"
    return response


def visitor_of(request: HttpRequest) -> str:
    """The browser's own name, empty when it has none or not one of ours."""
    visitor = request.COOKIES.get(VISITOR_COOKIE, "")
    return visitor if 0 < len(visitor) <= _MAX_VISITOR and visitor.isascii() and visitor.isprintable() else ""


def remember_visitor(request: HttpRequest, user_id: int) -> None:
    """Who has just signed in is who made this browser's clicks. Entry point."""
    if visitor := visitor_of(request):
        now = utc_now()
        db.in_transaction(lambda: alliance.bind_visitor(visitor=visitor, user_id=user_id, now=now))
