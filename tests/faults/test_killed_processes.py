"""kill -9 of web and worker at random moments of a replay over HTTP: it completes, the books hold, nothing is twice."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.clusters import MigratedPostgres
from wuyou.infra.embedded_postgres import end_with_parent

ROOT = Path(__file__).resolve().parents[2]
WUYOU = Path(sys.executable).with_name("wuyou")
SLICE = ROOT / "src" / "wuyou" / "surfaces" / "cli" / "demo" / "groupbuys.parquet"
SECONDS = 24
RECORDS = 60
CLIENTS = 40
"""Who waits for a team that ends by time keeps nobody else waiting."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """A database of its own with a web server and a worker that can be killed and started again."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.server = MigratedPostgres(home / "postgres", durable=True)
        self.url = self.server.start(die_with_parent=True)
        self.environment = {
            **os.environ,
            "WUYOU_HOME": str(home),
            "DATABASE_URL": self.url,
            "WUYOU_PORT": str(self.port),
            "WUYOU_BASE_URL": f"http://127.0.0.1:{self.port}",
            "WUYOU_LOG_LEVEL": "ERROR",
        }
        self.processes = {name: self.start(name) for name in ("web", "worker")}

    def start(self, name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [WUYOU, name], env=self.environment, start_new_session=True, preexec_fn=end_with_parent(signal.SIGKILL)
        )

    def kill(self, name: str) -> None:
        """End the whole process group at once, as a power cut would."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()

    def stop(self) -> None:
        for process in self.processes.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.server.destroy()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                    return
            except OSError:
                assert time.monotonic() < deadline, "the web server did not start"
                time.sleep(0.2)


@pytest.fixture
def site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="wuyou-faults-", ignore_cleanup_errors=True) as home:
        site = Site(Path(home))
        try:
            site.wait_until_ready()
            yield site
        finally:
            site.stop()


def test_replay_survives_kills_of_web_and_worker(site: Site) -> None:
    draw = random.Random(20_261_121)
    replay = subprocess.Popen(
        [WUYOU, "replay", str(SLICE), "--limit", str(RECORDS), "--via", f"http://127.0.0.1:{site.port}",
         "--clients", str(CLIENTS), "--seconds", str(SECONDS), "--troubled-bank"],
        env=site.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    killed = {"web": 0, "worker": 0}
    end = time.monotonic() + SECONDS
    while replay.poll() is None and (time.monotonic() < end or min(killed.values()) < 3):
        # On a busy machine a start takes long: who buys must find the platform up now and then.
        site.wait_until_ready()
        time.sleep(draw.uniform(2, 8))
        for name in draw.choice((["web"], ["worker"], ["web", "worker"])):
            site.kill(name)
            killed[name] += 1
            time.sleep(draw.uniform(0, 1))
            site.processes[name] = site.start(name)
    output, _ = replay.communicate(timeout=300)

    assert replay.returncode == 0, output
    assert "Everything agrees." in output
    assert min(killed.values()) >= 3
    with psycopg.connect(site.url) as connection:
        counts = connection.execute(
            """
            SELECT (SELECT count(*) FROM orders_order WHERE payment = 'PAID'),
                   (SELECT count(*) FROM ledger_journal WHERE kind = 'capture'),
                   (SELECT count(*) FROM payments_sandbox_charge WHERE state = 'captured'),
                   (SELECT count(*) FROM groupbuy_seat WHERE state IN ('CONFIRMED', 'REFUNDED')),
                   (SELECT count(*) FROM event_dead_letter WHERE died_at IS NOT NULL)
            """
        ).fetchone()
    assert counts is not None
    paid, captured, charged, ended, dead = counts
    assert paid == captured == charged == ended
    assert dead == 0
