"""The door of the consoles: who is signed in comes in, and what their forms ask is done once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from wuyou.kernel.actor import Actor
from wuyou.surfaces.ui.once import once


def let_in(request: HttpRequest, home: str, view: Callable[[Actor], HttpResponseBase]) -> HttpResponseBase:
    """Answer who is signed in, and send everybody else to sign in first. Answers are never cached.

    Args: home: the name of the page to come back to from a form, which cannot be sent again by following a link.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path() if request.method in {"GET", "HEAD"} else reverse(home))
    response = view(Actor(request.user.pk, is_staff=request.user.is_staff))
    add_never_cache_headers(response)
    return response


def change(request: HttpRequest, actor: Actor, effect: Callable[[datetime], str], said: str) -> HttpResponse:
    """Do what a form asks once, say so, and go where `effect` leads. Raises what it refuses; nothing changed then."""
    response = once(request, actor, effect)
    messages.success(request, said)
    return response
