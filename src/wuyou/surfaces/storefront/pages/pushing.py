"""Pushes to this browser: taken, taken no more; and that somebody is there to read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.notifications import operations
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.surfaces import ui
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of


@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    """Push to this browser from now on. Raises `SignInFirst`, `FormMalformed`, `SubscriptionMalformed`."""
    actor, now, session_key = actor_of(request), utc_now(), request.session.session_key
    endpoint, p256dh, auth = (request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth"))
    if not session_key:
        raise errors.FormMalformed()
    db.in_transaction(
        lambda: operations.subscribe(
            actor=actor, session_key=session_key, endpoint=endpoint, p256dh=p256dh, auth=auth, now=now
        )
    )
    return HttpResponse(status=204)


@require_POST
def unsubscribe(request: HttpRequest) -> HttpResponse:
    """Push to this browser no more. Raises `SignInFirst`."""
    actor, endpoint = actor_of(request), request.POST.get("endpoint", "")
    db.in_transaction(lambda: operations.unsubscribe(actor=actor, endpoint=endpoint))
    return HttpResponse(status=204)


@require_POST
def say_here(request: HttpRequest) -> HttpResponse:
    """A page says that its reader is there. Raises `SignInFirst`."""
    actor, now = actor_of(request), utc_now()
    db.in_transaction(lambda: operations.note_presence(actor=actor, now=now))
    return HttpResponse(status=204)


@require_safe
def show_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, under the root: only there may it stand for all pages."""
    response = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@cache
def _worker() -> bytes:
    return (Path(ui.__file__).parent / "static" / "ui" / "dist" / "worker.js").read_bytes()
