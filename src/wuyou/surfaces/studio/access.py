"""Whose studio it is, and doing what its forms ask once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import Publisher
from wuyou.kernel.actor import Actor
from wuyou.surfaces.ui.once import once

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose studio it is; `publisher` is None for who has not joined the alliance yet."""

    actor: Actor
    publisher: Publisher | None

    @property
    def publisher_id(self) -> int | None:
        return self.publisher.id if self.publisher else None

    @property
    def recruits(self) -> bool:
        """Whether they may recruit merchants."""
        return self.publisher is not None and self.publisher.recruits_since is not None


StudioView = Callable[Concatenate[HttpRequest, Desk, P], HttpResponseBase]


def signed_in(view: StudioView[P]) -> Callable[..., HttpResponseBase]:
    """Let in who is signed in, to their own studio. Answers are never cached. Cost: one query besides who it is."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            # A form cannot be sent again by following a link.
            is_read = request.method in {"GET", "HEAD"}
            return redirect_to_login(request.get_full_path() if is_read else reverse("studio:overview"))
        actor = Actor(request.user.pk, is_staff=request.user.is_staff)
        response = view(request, Desk(actor, queries.find_publisher(actor.person_id)), *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return guarded


def change(request: HttpRequest, desk: Desk, effect: Callable[[Publisher, datetime], str], said: str) -> HttpResponse:
    """Do what a form asks once, as the publisher that one is or becomes by it, say so, and go where `effect` leads.

    Raises what it refuses; nothing changed then.
    """

    def entry(now: datetime) -> str:
        return effect(alliance.ensure_publisher(user_id=desk.actor.person_id, now=now, actor=desk.actor), now)

    response = once(request, desk.actor, entry)
    messages.success(request, said)
    return response
