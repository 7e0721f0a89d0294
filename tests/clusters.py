"""A migrated PostgreSQL cluster, made once and copied: migrating one takes longer than starting a hundred.

The first to need it makes it, while the others wait; it lies in `var/tests` for the runs to come, until something
changes that a migration may look at. Also needed before Django reads its settings.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wuyou.infra import embedded_postgres
from wuyou.infra.embedded_postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[1]
_KEPT = ROOT / "var" / "tests"
_SETTINGS = {"autovacuum": "off"}
"""What tests look at is not to hang on whether a daemon came by while the cluster was made."""


class MigratedPostgres(EmbeddedPostgres):
    """A server whose database is migrated before it starts for the first time."""

    def _make_cluster(self, account: Any) -> None:
        fresh = self.directory.resolve() / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        _KEPT.mkdir(parents=True, exist_ok=True)
        with (_KEPT / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # With its owner, who is not root.
            subprocess.run(["cp", "-a", str(_migrated()), str(fresh)], check=True)
        fresh.rename(self._data)


def _migrated() -> Path:
    """The data directory to copy, of a server that was shut down; what was made for other migrations is removed."""
    place = _KEPT / f"migrated-{_fingerprint()}"
    if not place.exists():
        for old in _KEPT.glob("migrated-*"):
            shutil.rmtree(old)
        with tempfile.TemporaryDirectory(prefix="wuyou-migrated-", ignore_cleanup_errors=True) as home:
            Path(home).chmod(0o755)  # the account under which root's PostgreSQL runs passes through
            _migrate(Path(home), place)
    return place


def _migrate(home: Path, place: Path) -> None:
    server = EmbeddedPostgres(home / "postgres", durable=False, settings=_SETTINGS)
    try:
        environment = {
            **os.environ,
            "DATABASE_URL": server.start(die_with_parent=True),
            "DJANGO_SETTINGS_MODULE": "wuyou.config.settings",
            "WUYOU_HOME": str(home),
        }
        command = [sys.executable, "-m", "django", "migrate", "--skip-checks", "--verbosity", "0"]
        subprocess.run(command, env=environment, check=True)
        server.stop()
        half = place.with_suffix(".new")
        shutil.rmtree(half, ignore_errors=True)
        subprocess.run(["cp", "-a", str(server.directory.resolve() / "data"), str(half)], check=True)
        half.rename(place)
    finally:
        server.destroy()


def _fingerprint() -> str:
    seen = hashlib.sha256()
    for path in sorted(_looked_at()):
        seen.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return seen.hexdigest()[:16]


def _looked_at() -> Iterator[Path]:
    """Migrations, what they import, what the tables of permissions are filled from, and the versions of everything."""
    yield Path(__file__)
    yield Path(embedded_postgres.__file__)
    yield ROOT / "uv.lock"
    source = ROOT / "src" / "wuyou"
    for pattern in "**/migrations/*.py", "**/models.py", "**/models/*.py", "config/settings.py", "infra/fulltext.py":
        yield from source.glob(pattern)
