"""The throw-away PostgreSQL of a test process, started before Django reads its settings.

Loaded by `-p tests.server`. Its database is migrated before it starts (`tests.clusters`); tests work on a copy. Every
worker of xdist has a server of its own: the event log is read up to the oldest open transaction of the whole server, so
a neighbour's long test would hold its events back. An address in `DATABASE_URL` is used instead, by all workers, so
that the suite also runs on another server.
"""

from __future__ import annotations

import gc
import os
import tempfile
from pathlib import Path

import pytest

LONG = (
    "tests/faults/test_killed_processes.py",
    "tests/contracts/test_openapi_fuzz.py",
    "tests/surfaces/cli/test_demo.py",
    "tests/journeys/test_buying_together.py",
    "tests/properties/test_sight.py",
    "tests/bootstrap/test_run.py",
    "tests/properties/test_payments_any_order.py",
    "tests/journeys/test_buying_from_a_post.py",
    "tests/surfaces/storefront/test_judging_in_browser.py",
    "tests/infra/test_embedded_postgres.py",
    "tests/properties/test_sight_of_surfaces.py",
    "tests/properties/test_sight_of_posts.py",
    "tests/surfaces/storefront/test_thing_in_browser.py",
    "tests/properties/test_payout_batches.py",
    "tests/properties/test_ledger_books.py",
    "tests/properties/test_season.py",
    "tests/journeys/test_buying_from_a_film.py",
)
"""The longest first: no worker is left alone with one in the end. Each file goes to one worker as a whole."""


MIGRATED = pytest.StashKey[str]()
"""The database to copy, where this process started the server."""

_SETTINGS = {
    # Rows of one test say nothing of the next one's: its plans are not to hang on what was there when a daemon looked.
    "autovacuum_analyze_threshold": str(2**31 - 1),
    # Nor is anybody called to help with the many rows that a planner without statistics expects: there are few.
    "max_parallel_workers_per_gather": "0",
}


def pytest_collection_finish() -> None:
    """What was collected stays to the end: nobody looks through it for what has gone, as in the web's processes."""
    from wuyou.infra import memory

    memory.keep_what_is_loaded()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if len({item.nodeid for item in items}) < len(items):
        raise pytest.UsageError("Tests share a name: xdist would run one of them.")
    ranks = {path: rank for rank, path in enumerate(LONG)}
    items.sort(key=lambda item: ranks.get(item.nodeid.partition("::")[0], len(LONG)))


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    gc.disable()  # while tests are collected: a third of that
    home = tempfile.TemporaryDirectory(prefix="wuyou-test-", ignore_cleanup_errors=True)
    early_config.add_cleanup(home.cleanup)
    # The account under which root's PostgreSQL runs must be able to pass through.
    Path(home.name).chmod(0o755)
    (Path(home.name) / "static").mkdir()
    os.environ["WUYOU_HOME"] = home.name
    os.environ.setdefault("WUYOU_SECRET_KEY", "only-for-tests")
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    has_workers = bool(getattr(early_config.known_args_namespace, "numprocesses", None))
    if os.environ.get("DATABASE_URL") or (has_workers and not is_worker):
        return
    from tests.clusters import MigratedPostgres
    from wuyou.infra.embedded_postgres import DATABASE

    server = MigratedPostgres(Path(home.name) / "postgres", durable=False, settings=_SETTINGS)
    os.environ["DATABASE_URL"] = server.start(die_with_parent=True)
    early_config.add_cleanup(server.destroy)
    early_config.stash[MIGRATED] = DATABASE
