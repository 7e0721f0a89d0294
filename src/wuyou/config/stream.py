"""The ASGI application of streams, with what it reads; `wuyou stream` loads it."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wuyou.config.settings")  # noqa: TID251
django.setup()

from collections.abc import Callable  # noqa: E402
from functools import partial  # noqa: E402
from typing import ParamSpec, TypeVar  # noqa: E402

from django.conf import settings  # noqa: E402
from django.db import close_old_connections, connection  # noqa: E402
from psycopg.conninfo import make_conninfo  # noqa: E402

from wuyou.config.env import get_env  # noqa: E402
from wuyou.config.wiring import STREAM_COUNTS  # noqa: E402
from wuyou.domains.messaging import queries as messaging  # noqa: E402
from wuyou.kernel.clock import utc_now  # noqa: E402
from wuyou.surfaces.stream import callers  # noqa: E402
from wuyou.surfaces.stream.app import Application, origin_is_ours  # noqa: E402
from wuyou.surfaces.stream.hub import Counts, Hub, Sources  # noqa: E402

P = ParamSpec("P")
R = TypeVar("R")


def _fresh(call: Callable[P, R]) -> Callable[P, R]:
    """A thread's connection outlives a restart of the database: it is looked at before each use."""

    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        close_old_connections()
        return call(*args, **kwargs)

    return called


def _counts(person_ids: list[int]) -> dict[int, Counts]:
    counted = {name: count(person_ids) for name, count in STREAM_COUNTS.items()}
    return {person_id: {name: of.get(person_id, 0) for name, of in counted.items()} for person_id in person_ids}


def make_application() -> Application:
    """An application of its own, as each process has one."""
    env, database = get_env(), connection.get_connection_params()
    conninfo = make_conninfo(
        **{name: database[name] for name in ("host", "port", "user", "password", "dbname") if database.get(name)},
        keepalives_idle=30,
    )
    sources = Sources(_fresh(messaging.changes_after), _fresh(_counts), _fresh(callers.gone), utc_now)
    return Application(
        lambda: Hub(sources, conninfo),
        _fresh(callers.recognise),
        _fresh(messaging.last_number),
        settings.SESSION_COOKIE_NAME,
        partial(origin_is_ours, base_url=env.base_url, allowed_hosts=env.allowed_hosts, port=env.port),
    )


application = make_application()
