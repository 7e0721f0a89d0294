"""`wuyou run` from nothing to a page and back to nothing."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from wuyou.infra.embedded_postgres import EmbeddedPostgres

WUYOU = str(Path(sys.executable).with_name("wuyou"))


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def run(tmp_path: Path, port: int) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    environment = {"PATH": os.defpath, "WUYOU_HOME": str(tmp_path / "var"), "WUYOU_PORT": str(port)}
    started: list[subprocess.Popen[str]] = []

    def start(**more: str) -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [WUYOU, "run"],
                env=environment | more,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=tmp_path,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=60)
    EmbeddedPostgres(tmp_path / "var" / "postgres").destroy()


def test_run_answers_stops_in_order_and_starts_again_after_being_killed(
    run: Callable[..., subprocess.Popen[str]], port: int, tmp_path: Path
) -> None:
    first = run()
    assert f"Wuyou is at http://127.0.0.1:{port}" in _line(first, "Wuyou is at")
    assert _status(port) == 200
    family = [first.pid, *(child.pid for child in psutil.Process(first.pid).children(recursive=True))]
    assert len(family) > 4, "supervisor, PostgreSQL, web and worker"

    first.kill()
    first.wait()
    second = run()
    _line(second, "Wuyou is at")
    assert _status(port) == 200
    assert not [pid for pid in family if psutil.pid_exists(pid) and _is_running(pid)], "nothing of the first is left"

    refused = run()
    assert f"Wuyou already runs here (process {second.pid}) at http://127.0.0.1:{port}." in refused.communicate()[0]
    assert refused.returncode == 1

    family = [second.pid, *(child.pid for child in psutil.Process(second.pid).children(recursive=True))]
    second.send_signal(signal.SIGTERM)
    second.communicate(timeout=60)
    assert second.returncode == 0
    assert not [pid for pid in family if psutil.pid_exists(pid) and _is_running(pid)]
    assert "database system is shut down" in EmbeddedPostgres(tmp_path / "var" / "postgres").log_tail()


def test_port_of_another_program_is_one_line_before_anything_starts(
    run: Callable[..., subprocess.Popen[str]], port: int, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", port)):
        refused = run()
        printed = refused.communicate(timeout=30)[0]

    assert refused.returncode == 1
    assert f"127.0.0.1:{port} cannot be used" in printed
    assert "WUYOU_PORT" in printed
    assert printed.count("\n") == 1
    assert not (tmp_path / "var" / "postgres").exists()


def test_unreachable_database_is_one_line(run: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    refused = run(DATABASE_URL=f"postgresql://wuyou@/wuyou?host={tmp_path}")
    printed = refused.communicate(timeout=30)[0]

    assert refused.returncode == 1
    assert printed.startswith("Error: The database of DATABASE_URL cannot be reached: ")
    assert printed.count("\n") == 1
    assert not (tmp_path / "var" / "postgres").exists()


def _line(process: subprocess.Popen[str], beginning: str) -> str:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if line.startswith(beginning):
            return line
    raise AssertionError("".join(seen))


def _status(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        return int(answer.status)


def _is_running(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return False
        except psutil.NoSuchProcess:
            return False
        time.sleep(0.05)
    return True
