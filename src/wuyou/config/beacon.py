"""The RSGI application of the beacon, with what it asks; `wuyou beacon` loads it."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wuyou.config.settings")  # noqa: TID251
django.setup()

import time  # noqa: E402
from functools import partial  # noqa: E402

from django.conf import settings  # noqa: E402
from django.db import close_old_connections  # noqa: E402

from wuyou.config.env import get_env  # noqa: E402
from wuyou.domains.identity import queries as identity  # noqa: E402
from wuyou.infra import behaviour, db  # noqa: E402
from wuyou.surfaces.beacon.app import Application, Doors  # noqa: E402
from wuyou.surfaces.stream import callers  # noqa: E402
from wuyou.surfaces.stream.app import origin_is_ours  # noqa: E402


def _person_of(session_key: str, token: str) -> int | None:
    close_old_connections()
    caller = callers.recognise(session_key, token)
    return caller.person_id if caller else None


def _outlet_of(token: str) -> int | None:
    close_old_connections()
    return identity.find_outlet_by_token(token)


def _append(lines: bytes) -> None:
    close_old_connections()
    db.in_transaction(lambda: behaviour.append(lines))


def make_application() -> Application:
    """An application of its own, as each process has one."""
    env = get_env()
    return Application(
        Doors(
            _person_of,
            _outlet_of,
            partial(origin_is_ours, base_url=env.base_url, allowed_hosts=env.allowed_hosts, port=env.port),
            _append,
            lambda: time.time_ns() // 1_000_000,
        ),
        session_cookie=settings.SESSION_COOKIE_NAME,
        batches_a_minute=env.beacon_batches,
        is_secure=env.base_url.startswith("https://"),
        proxies=env.trusted_proxies,
    )


application = make_application()
