"""Whose studio it is, and doing what its forms ask once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import Publisher
from wuyou.kernel.actor import Actor
from wuyou.surfaces.ui import doors

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
        def inside(actor: Actor) -> HttpResponseBase:
            return view(request, Desk(actor, queries.find_publisher(actor.person_id)), *args, **kwargs)

        return doors.let_in(request, "studio:overview", inside)

    return guarded


def change(request: HttpRequest, desk: Desk, effect: Callable[[Publisher, datetime], str], said: str) -> HttpResponse:
    """Do what a form asks once, as the publisher that one is or becomes by it, say so, and go where `effect` leads.

    Raises what it refuses; nothing changed then.
    """

    def entry(now: datetime) -> str:
        return effect(alliance.ensure_publisher(user_id=desk.actor.person_id, now=now, actor=desk.actor), now)

    return doors.change(request, desk.actor, entry, said)
