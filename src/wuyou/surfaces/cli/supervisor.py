"""Keeps the programs of one installation running: starts them, starts them again when they crash, stops them in order.

No program outlives the supervisor: the kernel ends the children of a supervisor that is killed, and what still slipped
through (a child that was itself killed and left children) is found by the next start and ended. A program is known as
ours by a token in its environment, never by its name or by a process number alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from wuyou.infra.embedded_postgres import end_with_parent

VARIABLE = "WUYOU_RUN"
_BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_SETTLED_AFTER_S = 60.0
_LOG_LIMIT_BYTES = 32 * 1024 * 1024


class AlreadyRunningError(Exception):
    """Another supervisor of the same home is alive; the message is one line for the person at the terminal."""


@dataclass
class Child:
    """One program to keep running; ``patience_s`` is how long it may take to stop before it is killed."""

    name: str
    command: list[str]
    log: Path
    patience_s: float
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    crashes: int = 0
    start_again_at: float = field(default=0.0)

    def tail(self, lines: int = 40) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


class Supervisor:
    """Children in the order they start; they stop in that order too, so that requests end before jobs do.

    Args:
        state: a directory for the lock and the record of what runs.
    """

    def __init__(self, state: Path, children: list[Child]) -> None:
        self._state = state
        self._children = children
        self._token = secrets.token_hex(16)
        self._environment: dict[str, str] = {}

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only supervisor of this home, and end what an earlier one left behind.

        Raises: AlreadyRunningError.
        """
        self._state.mkdir(parents=True, exist_ok=True)
        with (self._state / "lock").open("a+") as lock:
            try:
                # The kernel lets go of it when we end, however we end: it can never be stale.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                lock.seek(0)
                raise AlreadyRunningError(lock.read().strip() or "another process") from error
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            end_leftovers(self._record)
            yield

    @contextlib.contextmanager
    def running(self, environment: Mapping[str, str]) -> Iterator[None]:
        """Start every child in ``environment``; stop them all at the end, whatever ends it."""
        self._environment = {**environment, VARIABLE: self._token}
        try:
            for child in self._children:
                self._start(child)
            yield
        finally:
            self.stop()
            self._record.unlink(missing_ok=True)

    def tend(self) -> list[str]:
        """Look after the children once: start again what ended. Returns a line for each child that ended."""
        news = []
        now = time.monotonic()
        for child in self._children:
            if child.process is None:
                if now >= child.start_again_at:
                    self._start(child)
            elif (code := child.process.poll()) is not None:
                _end_session(child.process.pid, self._token)
                child.process = None
                if now - child.started_at > _SETTLED_AFTER_S:
                    child.crashes = 0
                wait_s = _BACK_OFF_S[min(child.crashes, len(_BACK_OFF_S) - 1)]
                child.crashes += 1
                child.start_again_at = now + wait_s
                news.append(f"{child.name} ended with {_ending(code)}: starting it again in {wait_s:g} s ({child.log})")
            keep_short(child.log)
        return news

    def stop(self) -> None:
        """Ask each child to stop, in order, and wait for it; what does not stop in its time is killed."""
        for child in self._children:
            if child.process is None:
                continue
            child.process.terminate()
            try:
                child.process.wait(child.patience_s)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            _end_session(child.process.pid, self._token)
            child.process = None

    def pids(self) -> list[int]:
        """Process ids of the children that run."""
        return [child.process.pid for child in self._children if child.process is not None]

    def kill(self) -> None:
        """End every child at once."""
        for child in self._children:
            if child.process is not None:
                child.process.kill()
                _end_session(child.process.pid, self._token)

    def _start(self, child: Child) -> None:
        child.log.parent.mkdir(parents=True, exist_ok=True)
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                # A session of its own: a Ctrl-C reaches the supervisor alone, and it stops the rest in order.
                start_new_session=True,
                # Who kills the supervisor takes the database away too, and then there is nothing to end in peace.
                preexec_fn=end_with_parent(signal.SIGKILL),
            )
        child.started_at = time.monotonic()
        whole = self._record.with_suffix(".new")
        whole.write_text(json.dumps({"token": self._token, "sessions": self.pids()}))
        whole.replace(self._record)

    @property
    def _record(self) -> Path:
        return self._state / "children.json"


def end_leftovers(record: Path) -> int:
    """End what a supervisor that was killed left behind, as its ``record`` tells; the number of processes ended."""
    try:
        written = json.loads(record.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return 0
    ended = sum(_end_session(session, written["token"]) for session in written["sessions"])
    record.unlink(missing_ok=True)
    return ended


def _end_session(session: int, token: str) -> int:
    """End every process of a session that carries our token: first a request, then by force."""
    ended = 0
    for number in (signal.SIGTERM, signal.SIGKILL):
        members = [process for pid in psutil.pids() if (process := _member(pid, session, token))]
        for process in members:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
                ended += number is signal.SIGTERM
        # Wait for these very processes: one that is ending has lost its environment before it lets go of its port.
        deadline = time.monotonic() + 5.0
        while any(_is_alive(process) for process in members) and time.monotonic() < deadline:
            time.sleep(0.02)
    return ended


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _member(pid: int, session: int, token: str) -> psutil.Process | None:
    try:
        if os.getsid(pid) != session:
            return None
        process = psutil.Process(pid)
        is_ours = process.environ().get(VARIABLE) == token and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, psutil.Error):
        return None
    return process if is_ours else None


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"


def keep_short(log: Path) -> None:
    """Begin a log again when it is long, keeping one older part; its writers append, so they just go on."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        older = log.with_suffix(".log.1")
        older.write_bytes(log.read_bytes())
        os.truncate(log, 0)
