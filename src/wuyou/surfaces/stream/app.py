"""The stream as a small ASGI application: `GET /stream`, and nothing of the pages."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from wuyou.surfaces.stream.callers import Caller
from wuyou.surfaces.stream.hub import Hub, said_by

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

OPENERS = 2
"""Threads, each with a connection, that look who opens a stream."""
_GOODBYE_S = 0.3
"""How long the last words of all streams may take."""
_LOCAL = frozenset({"127.0.0.1", "::1", ""})
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Application:
    """Answers streams; everything that asks the database does so in threads.

    Args: make_hub: called in the loop; recognise: whose session key or token it is; start_at: the number of a person's
        latest change; cookie: the name of the session's cookie; is_ours: whether pages of this origin are ours, given
        the host that was asked.
    """

    def __init__(
        self,
        make_hub: Callable[[], Hub],
        recognise: Callable[[str, str], Caller | None],
        start_at: Callable[[int], int],
        cookie: str,
        is_ours: Callable[[str, str], bool],
    ) -> None:
        self._make_hub = make_hub
        self._recognise = recognise
        self._start_at = start_at
        self._cookie = cookie
        self._is_ours = is_ours
        self._opening = ThreadPoolExecutor(OPENERS, thread_name_prefix="open")
        self._hub: Hub | None = None
        self._feeding: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The protocol's one entry."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._start()
                asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._leave)
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._feeding is not None:
                    self._feeding.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _start(self) -> Hub:
        if self._hub is None:
            self._hub = self._make_hub()
            self._feeding = asyncio.get_running_loop().create_task(self._hub.run())
        return self._hub

    def _leave(self) -> None:
        """Asked to stop: end all streams, then let the server stop, which would wait for them for ever."""
        self._start().drain()
        asyncio.get_running_loop().call_later(_GOODBYE_S, os.kill, os.getpid(), signal.SIGINT)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        path, hub = scope["path"], self._start()
        if path == "/healthz":
            await _say(send, 200, b"ok")
        elif path == "/metrics" and (scope.get("client") or ("",))[0] in _LOCAL and b"x-forwarded-for" not in headers:
            await _say(send, 200, generate_latest(), [(b"content-type", CONTENT_TYPE_LATEST.encode())])
        elif path != "/stream":
            await _say(send, 404)
        elif scope["method"] != "GET":
            await _say(send, 405, headers=[(b"allow", b"GET")])
        elif hub.is_draining:
            await _say(send, 503, headers=[(b"retry-after", b"2")])
        else:
            await self._stream(hub, scope, headers, receive, send)

    async def _stream(self, hub: Hub, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        origin = headers.get(b"origin", b"").decode("latin-1")
        host = headers.get(b"host", b"").decode("latin-1")
        if origin and not self._is_ours(origin, host):
            await _say(send, 403)
            return
        shared = [(b"vary", b"Origin, Cookie")]
        if origin:
            shared += [
                (b"access-control-allow-origin", origin.encode("latin-1")),
                (b"access-control-allow-credentials", b"true"),
            ]
        place = _place(headers.get(b"last-event-id", b"").decode("latin-1")) or _place(
            parse_qs(scope["query_string"].decode("latin-1")).get("after", [""])[0]
        )
        opened = partial(self._open, self._session_key(headers), _token(headers), place)
        try:
            caller, cursor = await asyncio.get_running_loop().run_in_executor(self._opening, opened)
        except Exception:
            log.exception("opening_failed")
            await _say(send, 503, headers=[*shared, (b"retry-after", b"2")])
            return
        if caller is None:
            await _say(send, 401, headers=shared)
            return
        stream = hub.open(caller, cursor)
        if stream is None:
            await _say(send, 429, headers=[*shared, (b"retry-after", b"60")])
            return
        leaving = asyncio.ensure_future(_until_gone(receive, stream.end))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, *shared]})
            async for said in said_by(hub, stream):
                await send({"type": "http.response.body", "body": said, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            leaving.cancel()
            hub.close(stream)

    def _open(self, session_key: str, token: str, place: int | None) -> tuple[Caller | None, int]:
        caller = self._recognise(session_key, token)
        if caller is None:
            return None, 0
        return caller, self._start_at(caller.person_id) if place is None else place

    def _session_key(self, headers: dict[bytes, bytes]) -> str:
        with contextlib.suppress(CookieError):
            kept = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1")).get(self._cookie)
            return kept.value if kept else ""
        return ""


def origin_is_ours(origin: str, host: str, *, base_url: str, allowed_hosts: Iterable[str], port: int) -> bool:
    """Whether pages of an origin may listen: the installation's own address, or its web port on the host asked for."""
    if origin == _origin_of(base_url):
        return True
    try:
        page, asked = urlsplit(origin), urlsplit(f"//{host}")
        return page.hostname == asked.hostname and page.port == port and _is_allowed(page.hostname or "", allowed_hosts)
    except ValueError:
        return False


def _is_allowed(hostname: str, allowed_hosts: Iterable[str]) -> bool:
    return any(
        allowed == "*" or allowed.strip("[]") == hostname or (allowed[:1] == "." and f".{hostname}".endswith(allowed))
        for allowed in allowed_hosts
    )


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _token(headers: dict[bytes, bytes]) -> str:
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _place(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


async def _until_gone(receive: Receive, end: Callable[[], None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    end()


async def _say(
    send: Send,
    status: int,
    body: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] = ((b"content-type", b"text/plain"),),
) -> None:
    await send(
        {"type": "http.response.start", "status": status, "headers": [*headers, (b"cache-control", b"no-store")]}
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
