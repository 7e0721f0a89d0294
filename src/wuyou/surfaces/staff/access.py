"""Who may enter the console, what each of its pages is given, and how a form is handled once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from wuyou.domains.channels import policies as channels
from wuyou.infra import db, idempotency
from wuyou.kernel import tokens
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.ui import doors

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

KEY_FIELD: Final = "idempotency_key"
_SEE_OTHER: Final = 303


def staff_only(view: View[P]) -> View[P]:
    """Let staff in, send strangers to sign in, and let everybody else find nothing here. Answers are never cached."""
    return _only(view, lambda actor: actor.is_staff)


def editors_only(view: View[P]) -> View[P]:
    """The same, and whom staff made an editor of channels. Cost: one query for who is not staff."""
    return _only(view, channels.may_edit)


def _only(view: View[P], may_enter: Callable[[Actor], bool]) -> View[P]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        def inside(actor: Actor) -> HttpResponseBase:
            if not may_enter(actor):
                raise Http404
            return view(request, *args, **kwargs)

        return doors.let_in(request, "staff:overview", inside)

    return guarded


def actor_of(request: HttpRequest) -> Actor:
    """Who acts; only behind `staff_only` or `editors_only`."""
    return Actor(request.user.pk, is_staff=request.user.is_staff)


def new_key() -> str:
    """For a form's hidden field: whoever sends the form twice is answered twice and obeyed once."""
    return tokens.new_token()


def handle_once(request: HttpRequest, act: Callable[[], object], now: datetime) -> None:
    """Do what a posted form asks for in one transaction; a form that was handled before does nothing.

    Raises: `KeyMalformed`, `KeyReused`, and whatever `act` refuses; nothing has changed then.
    """
    owner, key = f"staff:{request.user.pk}", request.POST.get(KEY_FIELD, "")

    def entry() -> None:
        if idempotency.claim(owner=owner, key=key, request_hash=tokens.digest(request.path), now=now) is None:
            act()
            idempotency.keep(owner=owner, key=key, status=_SEE_OTHER, body=request.path)

    db.in_transaction(entry)


def change(
    request: HttpRequest,
    act: Callable[[datetime], object],
    said: str,
    *,
    back_to: str,
    refuse: Callable[[DomainError], HttpResponse],
) -> HttpResponse:
    """`handle_once`, then a word about it on the page `back_to`; what is refused is said on the page that was sent."""
    now = utc_now()
    try:
        handle_once(request, lambda: act(now), now)
    except DomainError as refused:
        return refuse(refused)
    messages.success(request, said)
    return HttpResponseRedirect(reverse(back_to))
