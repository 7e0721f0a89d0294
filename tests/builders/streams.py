"""A stream program on the database of the tests, and listeners on it as browsers are: they come again by themselves."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.builders.processes import environment
from tests.builders.waiting import wait_until
from wuyou.domains.identity.types import Person

PATIENCE_S = 20.0


def free_port() -> int:
    """A port of this machine that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def session_of(person: Person) -> str:
    """The key of a new session in which a person is signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model

    user = get_user_model()._default_manager.get(pk=person.id)
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


@dataclass
class Program:
    """`wuyou stream` at work."""

    port: int
    process: subprocess.Popen[bytes]
    web_port: int = 8000

    def stop(self) -> None:
        """Ask it to end and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_S)


@contextlib.contextmanager
def streaming(port: int | None = None, web_port: int = 8000) -> Iterator[Program]:
    """A stream program for the pages of a port, that ends with the block."""
    port = port or free_port()
    command = [str(Path(sys.executable).with_name("wuyou")), "stream"]
    process = subprocess.Popen(
        command,
        env={**environment(), "WUYOU_STREAM_PORT": str(port), "WUYOU_PORT": str(web_port)},
        start_new_session=True,
    )
    try:
        wait_until(lambda: _answers(port))
        yield Program(port, process, web_port)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def get(port: int, headers: dict[str, str], path: str = "/stream", method: str = "GET") -> tuple[int, dict[str, str]]:
    """Status and headers of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders())
    finally:
        connection.close()


@dataclass
class Said:
    """One event."""

    number: int | None
    name: str
    data: dict[str, Any]


@dataclass
class Listener:
    """Holds a stream in a thread and comes again when it ends, with the number of what it heard last."""

    port: int
    headers: dict[str, str]
    place: int | None = None
    comes_again: bool = True
    said: list[Said] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    is_over: bool = False
    _connection: http.client.HTTPConnection | None = None

    def start(self) -> Listener:
        """Begin to listen, and wait until the stream stands."""
        threading.Thread(target=self._listen, daemon=True).start()
        wait_until(lambda: self.place is not None or self.is_over)
        return self

    def stop(self) -> None:
        """Hear no more."""
        self.comes_again = False
        if self._connection is not None and self._connection.sock is not None:
            with contextlib.suppress(OSError):
                self._connection.sock.shutdown(socket.SHUT_RDWR)

    def names(self) -> list[str]:
        """The names of what was heard, without counts."""
        return [event.name for event in self.said if event.name != "counts"]

    def texts(self) -> list[str]:
        """The texts of new messages that were heard."""
        return [event.data["message"]["text"] for event in self.said if event.name == "message"]

    def _listen(self) -> None:
        while not self.is_over:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._hear()
            if not self.comes_again:
                self.is_over = True
            time.sleep(0.1)

    def _hear(self) -> None:
        self._connection = connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        last = {"Last-Event-ID": str(self.place)} if self.place is not None else {}
        connection.request("GET", "/stream", headers={**self.headers, **last})
        response = connection.getresponse()
        self.statuses.append(response.status)
        if response.status != 200:
            self.is_over = response.status != 503
            return
        name, data, number = "", "", None
        while line := response.readline():
            key, _, value = line.decode().rstrip("\n").partition(": ")
            if key == "event":
                name = value
            elif key == "data":
                data = value
            elif key == "id":
                number = int(value)
            elif not key:
                if data:
                    self.said.append(Said(number, name, json.loads(data)))
                self.place = number if number is not None else self.place
                name, data, number = "", "", None


def _answers(port: int) -> bool:
    try:
        return get(port, {}, "/healthz")[0] == 200
    except OSError:
        return False
