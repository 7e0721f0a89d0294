"""A beacon program on the database of the tests, and clients of it as pages and outlets are."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.builders.processes import environment
from tests.builders.streams import PATIENCE_S, free_port
from tests.builders.waiting import wait_until

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SESSION = "0190c7f0-0000-7000-8000-00000000cafe"


@dataclass
class Answer:
    """What the beacon said."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@dataclass
class Beacon:
    """`wuyou beacon` at work for the pages of a port."""

    port: int
    process: subprocess.Popen[bytes]
    web_port: int

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def post(self, path: str, body: bytes, **headers: str) -> Answer:
        """One request; a header `user_agent` is sent as `User-Agent`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            said = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("POST", path, body, said)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def page(self, events: Sequence[dict[str, Any]], sent_at: int | None = None, **headers: str) -> Answer:
        """Hand in events as a page of ours does."""
        sent_at = now_ms() if sent_at is None else sent_at
        body = json.dumps({"session": SESSION, "sent_at": sent_at, "events": list(events)}).encode()
        return self.post("/beacon", body, **{"origin": self.origin, "user_agent": BROWSER, **headers})

    def lines(self, lines: Sequence[dict[str, Any]], token: str, **headers: str) -> Answer:
        """Hand in events as an outlet does."""
        body = "\n".join(json.dumps(line) for line in lines).encode()
        return self.post("/beacon/lines", body, **{"authorization": f"Bearer {token}", **headers})

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def said(**facts: Any) -> dict[str, Any]:
    """One event as a page says it."""
    usual = {"id": str(uuid4()), "kind": "exposure", "at": now_ms(), "object_kind": "product", "object_id": 12}
    return {**usual, **facts}


@contextlib.contextmanager
def beaconing(port: int | None = None, web_port: int = 8000, **variables: str) -> Iterator[Beacon]:
    """A beacon that ends with the block."""
    port = port or free_port()
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("wuyou")), "beacon"],
        env={
            **environment(),
            "WUYOU_PORT": str(web_port),
            "WUYOU_STREAM_PORT": str(free_port()),
            "WUYOU_BEACON_PORT": str(port),
            "WUYOU_LOG_LEVEL": "ERROR",
            **variables,
        },
        start_new_session=True,
    )
    try:
        wait_until(lambda: _answers(port), PATIENCE_S)
        yield Beacon(port, process, web_port)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
