"""What every bench stands on: a throw-away durable server, the platform's processes, their CPU, and one JSON line.

The server keeps fsync and synchronous commit on: a figure without durability would be a figure of something else.
"""

from __future__ import annotations

import json
import os
import platform as machine
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from wuyou.infra.embedded_postgres import EmbeddedPostgres, binary

_WUYOU = Path(sys.executable).with_name("wuyou")
_READY_TIMEOUT_S = 60.0


@contextmanager
def database() -> Iterator[EmbeddedPostgres]:
    """A migrated database of its own on a durable server; Django is set up on it and the server ends with the block."""
    with tempfile.TemporaryDirectory(prefix="wuyou-bench-", ignore_cleanup_errors=True) as home:
        os.environ["WUYOU_HOME"] = home
        os.environ["WUYOU_SECRET_KEY"] = "only-for-benches"
        os.environ["DJANGO_SETTINGS_MODULE"] = "wuyou.config.settings"
        server = EmbeddedPostgres(Path(home) / "postgres", durable=True)
        os.environ["DATABASE_URL"] = server.start(die_with_parent=True)
        try:
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            call_command("collectstatic", verbosity=0, interactive=False)
            print(
                f"{machine.processor() or machine.machine()}, {os.cpu_count()} cores, Python {machine.python_version()}"
            )
            yield server
        finally:
            from django.db import connections

            connections.close_all()
            server.destroy()


@dataclass
class Platform:
    """Web and worker on a database of their own."""

    server: EmbeddedPostgres
    host: str
    port: int
    web: subprocess.Popen[bytes]
    worker: subprocess.Popen[bytes]

    def cpu_seconds(self) -> dict[str, float]:
        """User and system time so far of web, worker and database, children that ended included."""
        postmaster = self.server.status().pid
        assert postmaster is not None
        return {
            "web": tree_cpu(self.web.pid),
            "worker": tree_cpu(self.worker.pid),
            "database": tree_cpu(postmaster),
        }

    def wait_for_events(self) -> None:
        """Wait until the worker has handled what the log holds."""
        from wuyou.infra import events
        from wuyou.kernel.clock import utc_now

        while events.has_unread(utc_now()):
            time.sleep(0.05)


@contextmanager
def platform(*, threads: int = 8) -> Iterator[Platform]:
    """Web server and worker as `wuyou run` starts them, on a free port of loopback."""
    with database() as server:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {
            **os.environ,
            "WUYOU_PORT": str(port),
            "WUYOU_BASE_URL": f"http://127.0.0.1:{port}",
        }
        log = (Path(os.environ["WUYOU_HOME"]) / "platform.log").open("wb")
        processes = [
            subprocess.Popen([_WUYOU, *command], env=environment, stderr=log, start_new_session=True)
            for command in (["web", "--threads", str(threads)], ["worker"])
        ]
        try:
            _wait_until_ready(port)
            yield Platform(server, "127.0.0.1", port, *processes)
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                process.wait(timeout=30)


def pgbench_tps(running: Platform, *, clients: int, seconds: float, scale: int = 10) -> float:
    """Transactions a second of pgbench's TPC-B on the same server, in a database of its own."""
    import psycopg

    name = "pgbench"
    with psycopg.connect(running.server.url("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(f"CREATE DATABASE {name}")
            _pgbench(running.server.url(name), "--initialize", "--quiet", f"--scale={scale}")
    output = _pgbench(
        running.server.url(name), f"--client={clients}", "--jobs=2", f"--time={int(seconds)}", "--protocol=prepared"
    )
    found = re.search(r"tps = ([0-9.]+)", output)
    assert found, output
    return float(found[1])


def books_hold() -> str:
    """One line on the ledger's proof; raises when it does not hold."""
    from wuyou.domains.ledger import queries

    checks = queries.verify()
    broken = [check.name for check in checks if not check.holds]
    if broken:
        raise SystemExit(f"the books are broken: {', '.join(broken)}")
    return f"ledger: {len(checks)} invariants hold over {max(check.checked_count for check in checks):,} rows"


def print_json(**figures: object) -> None:
    """The bench's last line."""
    print(json.dumps(figures, default=float))


def _pgbench(url: str, *options: str) -> str:
    done = subprocess.run([binary("pgbench"), *options, url], capture_output=True, text=True, check=True)
    return done.stdout


def tree_cpu(pid: int) -> float:
    """User and system time so far of a process and its children, those that ended included."""
    root = psutil.Process(pid)
    total = 0.0
    for process in [root, *root.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        # A parent counts its children that have ended; those alive are counted themselves.
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + _READY_TIMEOUT_S
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
