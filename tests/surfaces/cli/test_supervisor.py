"""What the supervisor promises about the programs it keeps, tried on small real programs."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from wuyou.surfaces.cli.supervisor import AlreadyRunningError, Child, Supervisor

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
CRASHER = "import sys; print('no luck', flush=True); sys.exit(3)"
PARENT = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print(child.pid, flush=True); time.sleep(600)"
)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []

    def build(*programs: str, patience_s: float = 5.0) -> Supervisor:
        children = [
            Child(f"c{number}", [sys.executable, "-c", program], tmp_path / f"c{number}.log", patience_s)
            for number, program in enumerate(programs)
        ]
        made.append(Supervisor(tmp_path / "run", children))
        return made[-1]

    yield build
    for supervisor in made:
        supervisor.kill()
        supervisor.stop()


def test_stop_ends_children_in_order_and_waits_for_them(make: Callable[..., Supervisor], tmp_path: Path) -> None:
    noter = textwrap.dedent("""
        import pathlib, signal, sys, time
        def leave(*_):
            time.sleep(0.2)
            with open({path!r}, "a") as notes: notes.write({name!r})
            sys.exit(0)
        signal.signal(signal.SIGTERM, leave)
        print("up", flush=True)
        time.sleep(600)
    """)
    notes = str(tmp_path / "notes")
    supervisor = make(noter.format(path=notes, name="a"), noter.format(path=notes, name="b"))
    with supervisor.alone(), supervisor.running({}):
        _until(lambda: _said(tmp_path, "c0") == _said(tmp_path, "c1") == "up\n")

    assert Path(notes).read_text() == "ab"


def test_child_that_ignores_the_request_is_killed_in_its_time(make: Callable[..., Supervisor], tmp_path: Path) -> None:
    supervisor = make(STUBBORN, patience_s=0.3)
    with supervisor.alone(), supervisor.running({}):
        _until(lambda: _said(tmp_path, "c0") == "up\n")
        pid = supervisor.pids()[0]
        started = time.monotonic()
    assert not psutil.pid_exists(pid)
    assert time.monotonic() - started < 5


def test_impatient_person_ends_a_slow_stop(make: Callable[..., Supervisor], tmp_path: Path) -> None:
    supervisor = make(STUBBORN, patience_s=60.0)
    with supervisor.alone(), supervisor.running({}):
        _until(lambda: _said(tmp_path, "c0") == "up\n")
        threading.Timer(0.3, supervisor.kill).start()  # what a second Ctrl-C calls
        started = time.monotonic()
    assert time.monotonic() - started < 30


def test_crashed_child_starts_again_after_a_growing_wait(make: Callable[..., Supervisor], tmp_path: Path) -> None:
    supervisor = make(CRASHER)
    with supervisor.alone(), supervisor.running({}):
        news: list[str] = []
        _until(lambda: news.extend(supervisor.tend()) or len(news) == 2, 10)

    assert _said(tmp_path, "c0").count("no luck") == 2
    assert "c0 ended with code 3: starting it again in 0.5 s" in news[0]
    assert "starting it again in 1 s" in news[1]


def test_children_of_a_child_end_with_it(make: Callable[..., Supervisor], tmp_path: Path) -> None:
    supervisor = make(PARENT)
    with supervisor.alone(), supervisor.running({}):
        _until(lambda: _said(tmp_path, "c0") != "")
        grandchild = int(_said(tmp_path, "c0"))
        assert _alive(grandchild)
        os.kill(supervisor.pids()[0], signal.SIGKILL)
        _until(lambda: bool(supervisor.tend()))
        assert not _alive(grandchild)


def test_second_supervisor_of_the_same_home_is_refused(make: Callable[..., Supervisor]) -> None:
    with make(SLEEPER).alone(), pytest.raises(AlreadyRunningError, match=str(os.getpid())), make(SLEEPER).alone():
        pass


SUPERVISED = """
import os, sys, time
from pathlib import Path
from wuyou.surfaces.cli.supervisor import Child, Supervisor
home = Path(sys.argv[1])
child = Child("c", [sys.executable, "-c", sys.argv[2]], home / "c.log", 5.0)
supervisor = Supervisor(home / "run", [child])
with supervisor.alone(), supervisor.running(os.environ):
    print(supervisor.pids()[0], flush=True)
    time.sleep(600)
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """A supervisor in a process of its own, to be killed."""
    started: list[subprocess.Popen[str]] = []

    def start(program: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SUPERVISED, str(tmp_path), program]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")
def test_children_end_when_the_supervisor_is_killed(
    other: Callable[[str], subprocess.Popen[str]], tmp_path: Path
) -> None:
    process = other(SLEEPER)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    _until(lambda: _said(tmp_path, "c") == "up\n")

    process.kill()

    _until(lambda: not _alive(child))


def test_next_start_ends_what_a_killed_start_left_and_nothing_else(
    other: Callable[[str], subprocess.Popen[str]], make: Callable[..., Supervisor], tmp_path: Path
) -> None:
    # The grandchild has no death signal: it outlives a supervisor and a child that are both killed.
    process = other(PARENT)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    _until(lambda: _said(tmp_path, "c") != "")
    grandchild = int(_said(tmp_path, "c"))
    bystander = subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        process.kill()
        os.kill(child, signal.SIGKILL)
        process.wait()
        assert _alive(grandchild), "or this test shows nothing"

        with make().alone():
            assert not _alive(grandchild)
            assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_record_that_names_a_strangers_session_harms_nobody(make: Callable[..., Supervisor], tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        (tmp_path / "run").mkdir()
        record = f'{{"token": "0123456789abcdef", "sessions": [{stranger.pid}]}}'
        (tmp_path / "run" / "children.json").write_text(record)
        with make().alone():
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def _said(home: Path, name: str) -> str:
    log = home / f"{name}.log"
    return log.read_text() if log.exists() else ""


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _until(holds: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)
