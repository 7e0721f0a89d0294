"""The throw-away PostgreSQL of a test run, started before Django reads its settings.

Loaded by `-p tests.server`. The controlling process of the run owns the server; workers of xdist inherit its address.
An address in `DATABASE_URL` is used instead, so that the suite also runs on another server.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    home = tempfile.TemporaryDirectory(prefix="wuyou-test-", ignore_cleanup_errors=True)
    early_config.add_cleanup(home.cleanup)
    os.environ["WUYOU_HOME"] = home.name
    (Path(home.name) / "static").mkdir()  # collected files would lie there; WhiteNoise warns when it is missing
    os.environ.setdefault("WUYOU_SECRET_KEY", "only-for-tests")
    if os.environ.get("DATABASE_URL"):
        return
    from wuyou.infra.embedded_postgres import EmbeddedPostgres

    server = EmbeddedPostgres(Path(home.name) / "postgres", durable=False)
    os.environ["DATABASE_URL"] = server.start(die_with_parent=True)
    early_config.add_cleanup(server.destroy)
