"""The embedded server: as whom it runs, who may enter, and what it survives. Each test has a server of its own."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from wuyou.infra.embedded_postgres import ACCOUNT, SHARED_STATE, EmbeddedPostgres, EmbeddedPostgresError, binary

is_root = os.geteuid() == 0
only_root = pytest.mark.skipif(not is_root, reason="only root starts it under another account")


@pytest.fixture
def place() -> Iterator[Path]:
    """A short path, as a socket needs, that other accounts may pass through."""
    directory = Path(tempfile.mkdtemp(prefix="wy-", dir="/tmp"))
    directory.chmod(0o755)
    yield directory
    EmbeddedPostgres(directory / "postgres").destroy()
    shutil.rmtree(directory)


@pytest.fixture
def server(place: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(place / "postgres")


def test_start_gives_a_database_that_its_role_owns_without_being_superuser(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.start(die_with_parent=True)) as connection:
        row = connection.execute(
            "SELECT current_user, current_database(), usesuper, current_setting('fsync')"
            " FROM pg_user WHERE usename = current_user"
        ).fetchone()
        connection.execute("CREATE EXTENSION pg_trgm")
        trigrams = connection.execute("SELECT show_trgm('中文'), lower('É')").fetchone()

    assert row == ("wuyou", "wuyou", False, "on")
    assert trigrams is not None
    assert len(trigrams[0]) == 3, "Chinese characters count as letters"
    assert trigrams[1] == "é"


def test_start_twice_adopts_the_running_server(server: EmbeddedPostgres) -> None:
    server.start(die_with_parent=True)
    other = EmbeddedPostgres(server.directory)

    assert other.start() == server.url()

    assert other.status().pid == server.status().pid
    assert not other.is_ours


def test_data_survives_stop_and_start(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.start(die_with_parent=True)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    server.stop()
    assert server.status().pid is None
    assert server.status().url is None

    with psycopg.connect(server.start(die_with_parent=True)) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_committed_rows_survive_a_killed_server(server: EmbeddedPostgres) -> None:
    connection = psycopg.connect(server.start(die_with_parent=True), autocommit=True)
    connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    connection.execute("INSERT INTO kept VALUES (8)")
    killed = server.status().pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)  # its children still run, and its files still say that it does
    connection.close()

    again = EmbeddedPostgres(server.directory)
    with psycopg.connect(again.start(die_with_parent=True)) as fresh:
        assert fresh.execute("SELECT sum(n) FROM kept").fetchone() == (15,)
    assert again.status().pid != killed


def test_stale_pid_file_naming_another_program_does_not_stop_a_start(server: EmbeddedPostgres) -> None:
    server.start(die_with_parent=True)
    written = (server.directory / "data" / "postmaster.pid").read_text().splitlines()
    server.stop()
    stale = server.directory / "data" / "postmaster.pid"
    stale.write_text("\n".join([str(os.getpid()), *written[1:]]) + "\n")
    (server.directory / "socket" / ".s.PGSQL.5432.lock").write_text(stale.read_text())

    assert server.status().pid is None, "our own process is no server"

    with psycopg.connect(server.start(die_with_parent=True)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_interrupted_first_start_leaves_nothing_that_stops_the_next(server: EmbeddedPostgres) -> None:
    half = server.directory / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    with psycopg.connect(server.start(die_with_parent=True)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_cluster_of_another_release_is_refused_in_one_line(server: EmbeddedPostgres) -> None:
    server.start(die_with_parent=True)
    server.stop()
    (server.directory / "data" / "PG_VERSION").write_text("17\n")

    with pytest.raises(EmbeddedPostgresError, match=r"was made by PostgreSQL 17 and this is 18: .*pg_dump") as refusal:
        server.start()

    assert "\n" not in str(refusal.value)


def test_server_ends_cleanly_with_the_program_that_started_it(place: Path) -> None:
    directory = place / "postgres"
    program = (
        "import sys, time; from pathlib import Path; from wuyou.infra.embedded_postgres import EmbeddedPostgres;"
        "print(EmbeddedPostgres(Path(sys.argv[1])).start(die_with_parent=True), flush=True); time.sleep(600)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program, str(directory)], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    starter.stdout.readline()
    server = EmbeddedPostgres(directory)
    assert server.status().pid

    starter.kill()
    starter.communicate()

    assert _eventually(lambda: "database system is shut down" in server.log_tail())
    assert server.status().pid is None


def test_detached_server_outlives_the_program_that_started_it(place: Path) -> None:
    directory = place / "postgres"
    program = (
        "import sys; from pathlib import Path; from wuyou.infra.embedded_postgres import EmbeddedPostgres;"
        "EmbeddedPostgres(Path(sys.argv[1])).start()"
    )
    subprocess.run([sys.executable, "-c", program, str(directory)], check=True)

    server = EmbeddedPostgres(directory)
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_starts_at_the_same_time_make_one_server(place: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from wuyou.infra.embedded_postgres import EmbeddedPostgres;"
        "server = EmbeddedPostgres(Path(sys.argv[1])); server.start(); print(server.status().pid)"
    )
    command = [sys.executable, "-c", program, str(place / "postgres")]
    starters = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    pids = {starter.communicate()[0] for starter in starters}

    assert len(pids) == 1
    assert all(starter.returncode == 0 for starter in starters)


def test_nobody_else_on_the_machine_may_enter(server: EmbeddedPostgres) -> None:
    server.start(die_with_parent=True)
    socket_directory = (server.directory / "socket").resolve()

    assert stat.S_IMODE(socket_directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.directory / "data").stat().st_mode) == 0o700
    pid = server.status().pid
    assert pid is not None
    assert not [one for one in psutil.Process(pid).net_connections() if one.laddr], "no network address"


@only_root
def test_stranger_is_refused_at_the_socket(server: EmbeddedPostgres) -> None:
    server.start(die_with_parent=True)
    stranger = pwd.getpwnam("nobody")

    # psql is out of a stranger's reach when the checkout is private, so a plain socket stands for it.
    program = (
        f"import os, socket; os.setgid({stranger.pw_gid}); os.setuid({stranger.pw_uid});"
        f"socket.socket(socket.AF_UNIX).connect({str(server.directory.resolve() / 'socket' / '.s.PGSQL.5432')!r})"
    )
    refused = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert "PermissionError" in refused.stderr


@only_root
def test_root_runs_it_under_an_account_of_its_own(server: EmbeddedPostgres) -> None:
    server.start(die_with_parent=True)

    pid = server.status().pid
    assert pid is not None
    assert psutil.Process(pid).username() == ACCOUNT


@only_root
def test_directory_out_of_the_account_s_reach_becomes_a_link_to_one_in_reach() -> None:
    private = Path(tempfile.mkdtemp(prefix="wy-", dir="/tmp"))  # mode 700, root's
    server = EmbeddedPostgres(private / "postgres")
    try:
        with psycopg.connect(server.start(die_with_parent=True)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert stat.S_IMODE(private.stat().st_mode) == 0o700, "nobody's door was opened for it"
        target = server.directory.resolve()
        assert target.parent == SHARED_STATE
    finally:
        server.destroy()
    assert not target.exists()
    assert not list(private.iterdir())
    private.rmdir()


@only_root
def test_throwaway_cluster_of_a_killed_run_is_removed_and_a_durable_one_never() -> None:
    private = Path(tempfile.mkdtemp(prefix="wy-", dir="/tmp"))
    SHARED_STATE.mkdir(mode=0o755, exist_ok=True)
    forgotten, kept = (Path(tempfile.mkdtemp(prefix=kind, dir=SHARED_STATE)) for kind in ("throwaway-", "postgres-"))
    for place in (forgotten, kept):
        os.utime(place, (0, 0))
    try:
        with EmbeddedPostgres(private / "postgres", durable=False) as server:
            assert server.directory.resolve().name.startswith("throwaway-")
            assert not forgotten.exists()
            assert kept.exists()
        server.destroy()
    finally:
        kept.rmdir()
        private.rmdir()


def test_dangling_link_is_begun_anew(place: Path) -> None:
    (place / "postgres").symlink_to(place / "removed-by-hand")

    with psycopg.connect(EmbeddedPostgres(place / "postgres").start(die_with_parent=True)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@only_root
def test_directory_of_another_user_is_refused_in_one_line(place: Path) -> None:
    directory = place / "postgres"
    directory.mkdir()
    os.chown(directory, pwd.getpwnam("nobody").pw_uid, -1)

    with pytest.raises(
        EmbeddedPostgresError, match=r"belongs to nobody and you are root: start Wuyou as nobody"
    ) as refusal:
        EmbeddedPostgres(directory).start()

    assert "\n" not in str(refusal.value)
    directory.rmdir()


def test_path_too_long_for_a_socket_gets_a_short_private_one(place: Path) -> None:
    deep = place / ("a" * 90)
    deep.mkdir()
    server = EmbeddedPostgres(deep / "postgres")
    try:
        url = server.start(die_with_parent=True)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        elsewhere = (server.directory / "socket-elsewhere").readlink()
        assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o700
        server.stop()
        assert server.start(die_with_parent=True) == url
    finally:
        server.destroy()
    assert not elsewhere.exists()


def test_throwaway_server_does_not_wait_for_the_disk(place: Path) -> None:
    with (
        EmbeddedPostgres(place / "postgres", durable=False) as server,
        psycopg.connect(server.url()) as connection,
    ):
        settings = connection.execute("SELECT current_setting('fsync'), current_setting('full_page_writes')").fetchone()
        assert settings == ("off", "off")
    assert server.status().pid is None


def test_wheel_brings_the_tools_that_benches_use() -> None:
    for name in ("psql", "pgbench", "pg_dump"):
        assert os.access(binary(name), os.X_OK)
    with pytest.raises(EmbeddedPostgresError, match="no program"):
        binary("no-such-tool")


def _eventually(holds: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
