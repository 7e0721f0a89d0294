"""The two kinds of database tests.

`db` (pytest-django's) rolls everything back; `world` commits, as real connections, threads and the event log need it,
and empties the tables afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from tests.server import MIGRATED

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
_KEPT = ("django_migrations", "django_content_type", "auth_permission")
_GROWN_BYTES = 256 * 1024
_MANY = 50


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """One migrated database a worker, also when only `world` tests run; `--reuse-db` leaves it to the next run."""
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    template = request.config.stash.get(MIGRATED, None)
    if template:
        connection.settings_dict["TEST"]["TEMPLATE"] = template
    keep = request.config.getoption("reuse_db")
    with django_db_blocker.unblock():
        made = setup_databases(
            verbosity=0, interactive=False, aliases=["default"], serialized_aliases=set(), keepdb=keep
        )
        make_days()
        yield
        # Ours goes with its server.
        teardown_databases(made, verbosity=0, keepdb=keep or template is not None)


def make_days() -> None:
    """Partitions of the behaviour log around the fixed moment: making one is no part of what tests look at."""
    from wuyou.infra import db
    from wuyou.infra.behaviour import partitions

    for ahead in range(-1, 40):
        db.in_transaction(partial(partitions.make_day, NOW.date() + timedelta(days=ahead)))


@pytest.fixture(scope="session", autouse=True)
def quick_passwords(django_test_environment: None) -> Iterator[None]:
    """Hash passwords in no time: no test asks how slowly Django does it."""
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def no_beacon(django_test_environment: None) -> Iterator[None]:
    """Pages tell nobody what is seen, except where a test starts a beacon: a browser complains when nobody answers."""
    from django.test import override_settings

    with override_settings(BEACON_PORT=0):
        yield


@pytest.fixture(scope="session", autouse=True)
def patient_readers() -> Iterator[None]:
    """Readers of the log wait for longer than the server lets a forgotten transaction stay open, which is a minute.

    What a running transaction may still precede is not read (docs/adr/0004): what a test left open somewhere would
    keep the events of the next one unread.
    """
    from wuyou.infra import events

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "PATIENCE_S", 120.0)
        yield


@pytest.fixture
def now() -> datetime:
    """A fixed moment: noon of 1 March 2026 in Shanghai."""
    return NOW


@pytest.fixture
def plain_static_files(settings: Settings) -> None:
    """Static files come from their sources under plain names: pages are drawn without a collected manifest."""
    from wuyou.surfaces.ui.templatetags.ui import forget_parts

    settings.WHITENOISE_AUTOREFRESH = True
    settings.WHITENOISE_USE_FINDERS = True
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    forget_parts()


@pytest.fixture
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A committed world: real transactions, threads and the event log work in it; the tables are emptied afterwards."""
    from wuyou.infra import db, events

    with django_db_blocker.unblock():
        db.in_transaction(lambda: events.register(events.subscribers()))
        try:
            yield
        finally:
            empty_tables()


def empty_tables() -> None:
    """Empty every table that has rows. The triggers that keep the ledger's rows stand aside for it.

    A few rows are deleted: TRUNCATE makes new files for a table, for its indexes and for every table that leads to it,
    ten times the work. It is for many rows, and for what has grown by rows deleted before.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(relname), pg_relation_size(oid) > %s FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> ALL(%s)"
            " AND pg_relation_size(oid) > 0",
            [_GROWN_BYTES, list(_KEPT)],
        )
        has_grown = dict(cursor.fetchall())
        if not has_grown:
            return
        few = "(SELECT '{0}', count(*) FROM (SELECT FROM {0} LIMIT {1}) few HAVING count(*) > 0)"
        cursor.execute(" UNION ALL ".join(few.format(name, _MANY) for name in has_grown))
        filled = dict(cursor.fetchall())
        if not filled:
            return
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        is_large = {name: has_grown[name] or rows == _MANY for name, rows in filled.items()}
        # What is truncated may take others along; otherwise those without rows have nothing to guard.
        guarded = [name for (name,) in cursor.fetchall() if name in filled or any(is_large.values())]
        statements = [f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in guarded]
        statements += _emptying(is_large)
        statements += [f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in guarded]
        cursor.execute("DO $$ BEGIN " + "; ".join(statements) + "; END $$")


def _emptying(is_large: dict[str, bool]) -> Iterator[str]:
    if large := [name for name in is_large if is_large[name]]:
        yield f"TRUNCATE {', '.join(large)} CASCADE"
    if small := [f"DELETE FROM {name}" for name in is_large if not is_large[name]]:
        # As one statement: keys that are not deferred are looked at when it ends.
        last, *others = small
        parts = ", ".join(f"t{number} AS ({each})" for number, each in enumerate(others))
        yield f"WITH {parts} {last}" if others else last
        yield "SET CONSTRAINTS ALL IMMEDIATE"
