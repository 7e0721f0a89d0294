"""`wuyou run`: the whole platform on one machine; `wuyou web`, `worker`, `stream`, `beacon`: its parts, for several."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import importlib
import io
import os
import pwd
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import IO, Any

import click
import psutil

from wuyou.config.env import Env, get_env
from wuyou.infra.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, end_with_parent
from wuyou.surfaces.cli.supervisor import AlreadyRunningError, Child, Supervisor, keep_short

_WUYOU = [str(Path(sys.executable).with_name("wuyou"))]
_PAGES = "wuyou.config.wsgi:application"
_STREAMS = "wuyou.config.stream:application"
_BEACON = "wuyou.config.beacon:application"
_READY_TIMEOUT_S = 60.0
_CRASHES_BEFORE_READY = 3
_TICK_S = 0.5
_WEB_PATIENCE_S = 20.0
_WORKER_PATIENCE_S = 30.0


@click.command()
@click.option("--demo", is_flag=True, help="Load the demo world when the database is empty.")
@click.option("--still", is_flag=True, help="With --demo: let nothing happen by itself in the demo world.")
@click.option("--workers", default=1, show_default=True, help="Web processes.")
def run(demo: bool, still: bool, workers: int) -> None:
    """Start PostgreSQL, web, worker, stream and beacon; Ctrl-C stops them."""
    env = get_env()
    logs = env.home / "log"
    children = [
        Child("web", [*_WUYOU, "web", "--workers", str(workers)], logs / "web.log", _WEB_PATIENCE_S),
        Child("worker", [*_WUYOU, "worker"], logs / "worker.log", _WORKER_PATIENCE_S),
        Child("stream", [*_WUYOU, "stream"], logs / "stream.log", _WEB_PATIENCE_S),
        Child("beacon", [*_WUYOU, "beacon"], logs / "beacon.log", _WEB_PATIENCE_S),
    ]
    supervisor = Supervisor(env.home / "run", children)
    signals = _Signals(on_second=supervisor.kill)
    try:
        _refuse_other_owner(env.home)
        with supervisor.alone():
            refuse_taken_port(env.host, env.port)
            refuse_taken_port(env.host, env.stream_port, "WUYOU_STREAM_PORT")
            refuse_taken_port(env.host, env.beacon_port, "WUYOU_BEACON_PORT")
            with _database(env) as (url, postgres):
                environment = {**os.environ, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}  # noqa: TID251  (for children)
                _prepare(environment, signals, demo=demo)
                if demo and not still:
                    children += town_of(env)
                with supervisor.running(environment):

                    def tend() -> None:
                        _tell(supervisor.tend())
                        _tend_database(postgres)

                    _wait_until_ready(env, children, signals, tend)
                    _greet(env)
                    while not signals.stop.wait(_TICK_S):
                        tend()
                    click.echo("Stopping web, worker, stream, beacon and database …")
    except AlreadyRunningError as error:
        raise click.ClickException(f"Wuyou already runs here (process {error}) at {env.base_url}.") from error
    except EmbeddedPostgresError as error:
        raise click.ClickException(str(error)) from error
    except _Stopped:
        pass


@click.command()
@click.option("--workers", default=1, show_default=True, help="Processes, each with its own interpreter.")
@click.option("--threads", default=8, show_default=True, help="Requests that one process answers at a time.")
def web(workers: int, threads: int) -> None:
    """Answer requests."""
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    env = get_env()
    Server(
        _PAGES,
        address=env.host,
        port=env.port,
        interface=Interfaces.WSGI,
        loop=Loops.asyncio,
        workers=workers,
        blocking_threads=threads,
        blocking_threads_idle_timeout=600,
        log_level=LogLevels.error,  # its advice on thread counts is for other kinds of work
        log_access=False,  # the application logs its requests, with their ids
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve(target_loader=_load_application, wrap_loader=False)


@click.command()
@click.option("--workers", default=1, show_default=True, help="Processes, each with its own streams.")
def stream(workers: int) -> None:
    """Tell open pages what is new, as it becomes so."""
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    env = get_env()
    Server(
        _STREAMS,
        address=env.host,
        port=env.stream_port,
        interface=Interfaces.ASGI,
        loop=Loops.asyncio,
        workers=workers,
        backlog=4096,  # when it starts again, everybody comes at once
        backpressure=16_384,
        log_level=LogLevels.error,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve(target_loader=partial(_load_application, _STREAMS), wrap_loader=False)


@click.command()
@click.option("--workers", default=1, show_default=True, help="Processes, each writing for those who hand in to it.")
def beacon(workers: int) -> None:
    """Take events of behaviour from pages and outlets."""
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    env = get_env()
    Server(
        _BEACON,
        address=env.host,
        port=env.beacon_port,
        interface=Interfaces.RSGI,
        loop=Loops.asyncio,
        workers=workers,
        backpressure=4096,
        log_level=LogLevels.error,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve(target_loader=partial(_load_application, _BEACON), wrap_loader=False)


@click.command()
def worker() -> None:
    """Run jobs and the schedule."""
    importlib.import_module("wuyou.config.worker").main()


@click.command(hidden=True)
@click.option("--demo", is_flag=True)
@click.pass_context
def prepare(context: click.Context, demo: bool) -> None:
    """Bring database and static files up to date, in one process because starting Django is what costs."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wuyou.config.settings")  # noqa: TID251  (Django finds it there)
    django.setup()
    env = get_env()
    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = " ".join(str(error).split())
        raise click.ClickException(f"The database of DATABASE_URL cannot be reached: {reason}") from error
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        with _step("Migrating the database", env.home / "log" / "migrate.log") as log:
            call_command("migrate", interactive=False, stdout=log, stderr=log, no_color=True)
    stamp, newest = env.home / "run" / "static", _static_fingerprint()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    if not (stamp.exists() and stamp.read_text() == newest and Path(settings.STATIC_ROOT).exists()):
        with _step("Collecting static files", env.home / "log" / "static.log") as log:
            call_command("collectstatic", interactive=False, clear=True, stdout=log, stderr=log, no_color=True)
        stamp.write_text(newest)
    greeting = env.home / "run" / "greeting"
    greeting.unlink(missing_ok=True)
    if demo:
        _invoke(context, "demo", "load", if_empty=True)
        with contextlib.redirect_stdout(io.StringIO()) as logins:
            _invoke(context, "demo", "logins")
        greeting.write_text(logins.getvalue())


# ---------------------------------------------------------------------- before the children


@contextlib.contextmanager
def _database(env: Env) -> Iterator[tuple[str, EmbeddedPostgres | None]]:
    """The database's URL, and the server of ours behind it unless DATABASE_URL names another's."""
    if env.database_url:
        yield env.database_url, None
        return
    server = EmbeddedPostgres(env.home / "postgres")
    try:
        yield server.start(die_with_parent=True), server
    finally:
        if server.is_ours:  # one that ran before us was started for someone else
            server.stop()


def _prepare(environment: dict[str, str], signals: _Signals, *, demo: bool) -> None:
    process = subprocess.Popen(
        [*_WUYOU, "prepare", *(["--demo"] if demo else [])],
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent(signal.SIGTERM),
    )
    while process.poll() is None:
        if signals.stop.wait(0.02):
            process.terminate()
            process.wait()
            raise _Stopped
    if process.returncode:
        raise SystemExit(1)


def _refuse_other_owner(home: Path) -> None:
    if home.exists() and (owner_uid := home.stat().st_uid) != os.geteuid():
        with contextlib.suppress(KeyError):
            owner = pwd.getpwuid(owner_uid).pw_name
            raise click.ClickException(f"{home} belongs to {owner}: start Wuyou as {owner}, or set WUYOU_HOME.")
        raise click.ClickException(f"{home} belongs to user {owner_uid}: start Wuyou as that user, or set WUYOU_HOME.")


def refuse_taken_port(host: str, port: int, variable: str = "WUYOU_PORT") -> None:
    """Raise a one-line error when another program listens there; ours have been ended by now."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # The web server shares its port among its processes, and would silently share it with a stranger of
            # the same user too; this probe does not share.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = _listener(port) or str(error.strerror)
        raise click.ClickException(f"{host}:{port} cannot be used ({reason}): choose another by {variable}.") from error


def _listener(port: int) -> str:
    with contextlib.suppress(psutil.Error):
        for one in psutil.net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port and one.pid:
                return f"{psutil.Process(one.pid).name()}, process {one.pid}, listens there"
    return ""


# ---------------------------------------------------------------------- while they run


def _tend_database(postgres: EmbeddedPostgres | None) -> None:
    if postgres is None:
        return
    if not postgres.status().pid:
        _tell(["PostgreSQL ended: starting it again"])
        postgres.start(die_with_parent=True)
    keep_short(postgres.log)


def _wait_until_ready(env: Env, children: list[Child], signals: _Signals, tend: Callable[[], None]) -> None:
    deadline = time.monotonic() + _READY_TIMEOUT_S
    while not _answers(env):
        if signals.stop.wait(_TICK_S):
            raise _Stopped
        tend()
        for child in children:
            if child.crashes >= _CRASHES_BEFORE_READY or time.monotonic() > deadline:
                raise click.ClickException(f"{child.name} does not start; the end of {child.log}:\n{child.tail()}")


def _answers(env: Env) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(env.host, env.host)  # noqa: S104  (compared, not bound)
    connection = http.client.HTTPConnection(host, env.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _greet(env: Env) -> None:
    click.echo(f"Wuyou is at {env.base_url}  (Ctrl-C stops it; logs are in {env.home / 'log'})")
    greeting = env.home / "run" / "greeting"
    if greeting.exists():
        click.echo(greeting.read_text().rstrip())


def town_of(env: Env) -> list[Child]:
    """The life of the demo world, where it is loaded: `prepare` has said then who can sign in."""
    greeting = env.home / "run" / "greeting"
    if not greeting.exists() or not greeting.read_text().strip():
        return []
    return [Child("town", [*_WUYOU, "demo", "live"], env.home / "log" / "town.log", _WEB_PATIENCE_S)]


def _tell(lines: list[str]) -> None:
    for line in lines:
        click.echo(line, err=True)


class _Stopped(Exception):
    """The person or the system asked us to stop before everything was up."""


class _Signals:
    """Ctrl-C, SIGTERM and a closed terminal ask to stop; a second one ends the children at once."""

    def __init__(self, on_second: Callable[[], None]) -> None:
        self.stop = threading.Event()
        self._on_second = on_second
        signal.signal(signal.SIGINT, self._handle)
        signal.signal(signal.SIGTERM, self._handle)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asks to outlive the terminal
            signal.signal(signal.SIGHUP, self._handle)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.stop.is_set():
            self._on_second()
        self.stop.set()


# ---------------------------------------------------------------------- inside the children


def _load_application(target: str = _PAGES) -> Any:
    """Runs in each web process, which would otherwise outlive a web server that was killed."""
    if ask := end_with_parent(signal.SIGKILL, parent=os.getppid()):
        ask()
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


@contextlib.contextmanager
def _step(title: str, log: Path) -> Iterator[IO[str]]:
    """One line for a step; its words go to ``log``, whose end is shown when it fails."""
    started = time.monotonic()
    click.echo(f"{title} … ", nl=False)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as words:
        try:
            yield words
        except Exception as error:
            words.write("".join(traceback.format_exception(error)))
            words.flush()
            tail = "\n".join(log.read_text().splitlines()[-40:])
            raise click.ClickException(f"{title} failed; the end of {log}:\n{tail}") from error
    click.echo(f"{time.monotonic() - started:.1f} s")


def _static_fingerprint() -> str:
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            digest.update(f"{name}\0{storage.size(name)}\0{storage.get_modified_time(name)}\0".encode())
    return digest.hexdigest()


def _invoke(context: click.Context, group: str, name: str, **options: object) -> None:
    """Run `wuyou GROUP NAME` in this process."""
    root = context.find_root()
    found = root.command.get_command(root, group) if isinstance(root.command, click.Group) else None
    command = found.get_command(root, name) if isinstance(found, click.Group) else None
    if command is None:
        raise click.ClickException(f"There is no command `wuyou {group} {name}`.")
    root.invoke(command, **options)
