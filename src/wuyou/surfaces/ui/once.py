"""Doing what a page's form asks once, however often it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from wuyou.infra import db, idempotency
from wuyou.kernel import tokens
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now

KEY_FIELD: Final = "idempotency_key"
"""Name of the hidden field that makes a form's effect happen once."""

_NOT_PART_OF_THE_REQUEST: Final = frozenset({KEY_FIELD, "csrfmiddlewaretoken"})


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
