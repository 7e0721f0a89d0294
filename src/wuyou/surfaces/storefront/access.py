"""Who asks, and doing what they ask once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from wuyou.kernel.actor import Actor
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.ui.once import KEY_FIELD as KEY_FIELD
from wuyou.surfaces.ui.once import once as once

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


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
