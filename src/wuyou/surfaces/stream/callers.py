"""Who holds a stream, and whether they still may. Runs in threads that keep a connection of their own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.utils.crypto import constant_time_compare

from wuyou.domains.identity import queries as identity

MAX_SECRET = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """A person, and what they showed to be them: the key of a session or an access token."""

    person_id: int
    session_key: str = ""
    token: str = ""
    auth_hash: str = ""
    """Of the session: changes with the password."""


def recognise(session_key: str, token: str) -> Caller | None:
    """Whose session or token this is; None when it is nobody's. A wrong token never falls back on a session.

    Cost: one query for a token, two for a session.
    """
    if token:
        actor = identity.find_actor_by_token(token) if len(token) <= MAX_SECRET else None
        return Caller(actor.person_id, token=token) if actor else None
    if not 0 < len(session_key) <= MAX_SECRET:
        return None
    session = _store()(session_key)
    if SESSION_KEY not in session or BACKEND_SESSION_KEY not in session:
        return None
    user = get_user_model()._default_manager.filter(pk=session[SESSION_KEY], is_active=True).first()
    given = session.get(HASH_SESSION_KEY, "")
    if user is None or not constant_time_compare(given, user.get_session_auth_hash()):
        return None
    return Caller(user.pk, session_key=session_key, auth_hash=given)


def gone(callers: Collection[Caller], now: datetime) -> set[Caller]:
    """Those who are signed out, have another password or were shut out meanwhile. Cost: at most three queries."""
    sessions = {caller for caller in callers if caller.session_key}
    tokens = {caller.token for caller in callers if caller.token}
    left: set[Caller] = set()
    if sessions:
        there = set(
            _store()
            .get_model_class()
            .objects.filter(session_key__in={caller.session_key for caller in sessions}, expire_date__gt=now)
            .values_list("session_key", flat=True)
        )
        users = get_user_model()._default_manager.filter(
            pk__in={caller.person_id for caller in sessions}, is_active=True
        )
        hashes = {user.pk: user.get_session_auth_hash() for user in users}
        left = {
            caller
            for caller in sessions
            if caller.session_key not in there or hashes.get(caller.person_id) != caller.auth_hash
        }
    if tokens:
        valid = identity.tokens_of_use(tokens)
        left |= {caller for caller in callers if caller.token and caller.token not in valid}
    return left


def _store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore
