"""Who asks, and doing what they ask once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from wuyou.infra import db, idempotency
from wuyou.kernel import tokens
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront import errors

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)

KEY_FIELD = "idempotency_key"
"""Name of the hidden field that makes a form's effect happen once."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_NOT_PART_OF_THE_REQUEST = frozenset({KEY_FIELD, "csrfmiddlewaretoken"})


def viewer_id(request: HttpRequest) -> int | None:
    """Who looks; None when nobody is signed in. Cost: the first call of a request reads the user."""
    return request.user.pk if request.user.is_authenticated else None


def actor_of(request: HttpRequest) -> Actor:
    """Who acts. Raises `SignInFirst`."""
    if not request.user.is_authenticated:
        raise errors.SignInFirst()
    return Actor(request.user.pk, is_staff=request.user.is_staff)


def signed_in(
    view: Callable[Concatenate[HttpRequest, P], R],
) -> Callable[Concatenate[HttpRequest, P], R | HttpResponse]:
    """Send everybody else to sign in first, and then back to where they were."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R | HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        back = request.get_full_path() if request.method in _SAFE else page_before(request)
        return redirect(f"{reverse('storefront:sign-in')}?{urlencode({'next': back})}")

    return wrapped


def page_before(request: HttpRequest) -> str:
    """The page of ours that a form was sent from, else home."""
    before = urlsplit(request.headers.get("Referer", ""))
    path = f"{before.path}?{before.query}" if before.query else before.path
    return path if before.netloc == request.get_host() and is_ours(request, path) else "/"


def is_ours(request: HttpRequest, target: str) -> bool:
    """Whether an address leads to a page of this site and nowhere else."""
    return bool(target) and url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    )


def once(request: HttpRequest, actor: Actor, effect: Callable[[datetime], str]) -> HttpResponse:
    """Do what a form asks in one transaction and go where `effect` says; the same form again only goes there again.

    Raises: `KeyMalformed`, `KeyReused` and whatever the effect raises (then nothing has changed, and the key is free).
    """
    now = utc_now()
    owner, key = f"page:{actor.person_id}", request.POST.get(KEY_FIELD, "")

    def entry() -> str:
        kept = idempotency.claim(owner=owner, key=key, request_hash=_fingerprint(request), now=now)
        if kept is not None:
            return kept.body
        location = effect(now)
        idempotency.keep(owner=owner, key=key, status=302, body=location)
        return location

    return redirect(db.in_transaction(entry))


def _fingerprint(request: HttpRequest) -> str:
    sent = sorted((name, values) for name, values in request.POST.lists() if name not in _NOT_PART_OF_THE_REQUEST)
    return tokens.digest(json.dumps([request.path, sent]))
