"""The beacon as a small RSGI application: `POST /beacon` for pages, `POST /beacon/lines` for outlets.

Not one word of Django's on the way of a request: the session of a page is looked up once a minute, in a thread.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import msgspec
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from wuyou.infra.behaviour import Mark, Source, Whose
from wuyou.infra.behaviour.types import UUID
from wuyou.infra.metrics import BEHAVIOUR_REFUSED
from wuyou.surfaces.beacon import reading
from wuyou.surfaces.beacon.limits import PERSON_EVENTS, Minute, is_bot
from wuyou.surfaces.beacon.reading import BatchRefusedError, Read
from wuyou.surfaces.beacon.writing import NotWrittenError, Writer
from wuyou.surfaces.ui.client import address_from

log = structlog.get_logger(__name__)

VISITOR_COOKIE = "visitor"
VISITOR_S = 180 * 86_400
KNOWN_S = 60.0
"""So long it is remembered whose a session or token is."""
_MOST_KNOWN = 50_000
_LOOKERS = 2
_LOCAL = frozenset({"127.0.0.1", "::1"})
_UUID = re.compile(UUID)

Headers = list[tuple[str, str]]


class HeadersIn(Protocol):
    """Granian's headers of a request, by names in lower case."""

    def get(self, key: str, default: str = "") -> str: ...


class Scope(Protocol):
    """Granian's scope."""

    proto: str
    method: str
    path: str
    client: str

    @property
    def headers(self) -> HeadersIn: ...


class Exchange(Protocol):
    """Granian's side of one request."""

    async def __call__(self) -> bytes: ...
    def __aiter__(self) -> Exchange: ...
    async def __anext__(self) -> bytes: ...
    def response_empty(self, status: int, headers: Headers) -> None: ...
    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Doors:
    """What the beacon asks the rest of the platform; the first two may wait for the database.

    Args: person_of: whose session key or token it is; outlet_of: whose outlet shows a token; is_ours: whether pages of
        an origin are ours, given the host that was asked.
    """

    person_of: Callable[[str, str], int | None]
    outlet_of: Callable[[str], int | None]
    is_ours: Callable[[str, str], bool]
    append: Callable[[bytes], None]
    now_ms: Callable[[], int]


class Application:
    """Takes events and answers once they are committed.

    Args: session_cookie: its name; batches_a_minute: from one address, or with one token; is_secure: pages are HTTPS's;
        proxies: how many of ours stand before it.
    """

    def __init__(
        self, doors: Doors, *, session_cookie: str, batches_a_minute: int, is_secure: bool, proxies: int
    ) -> None:
        self._doors = doors
        self._session_cookie = session_cookie
        self._batches_a_minute = batches_a_minute
        self._cookie_end = f"; Max-Age={VISITOR_S}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if is_secure else ''}"
        self._proxies = proxies
        self._writer = Writer(doors.append)
        self._looking = ThreadPoolExecutor(_LOOKERS, thread_name_prefix="look")
        self._known: dict[tuple[str, str], tuple[int | None, float]] = {}
        self._batches, self._events = Minute(), Minute()

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """The protocol's one entry."""
        if scope.proto != "http":
            return
        path, headers = scope.path, scope.headers
        cors: Headers = []
        try:
            if path == "/beacon":
                cors = self._allow(headers)
                await self._take_page(scope, exchange, cors)
            elif path == "/beacon/lines":
                await self._take_lines(scope, exchange)
            elif path == "/healthz":
                exchange.response_bytes(200, [("content-type", "text/plain")], b"ok")
            elif path == "/metrics" and self._is_local(scope):
                exchange.response_bytes(200, [("content-type", CONTENT_TYPE_LATEST)], generate_latest())
            else:
                exchange.response_empty(404, [])
        except BatchRefusedError as refused:
            BEHAVIOUR_REFUSED.labels(refused.code).inc()
            body = msgspec.json.encode({"code": refused.code, "detail": refused.detail})
            exchange.response_bytes(refused.status, [*cors, ("content-type", "application/json")], body)
        except NotWrittenError:
            exchange.response_empty(503, [*cors, ("retry-after", "5")])
        except Exception:
            log.exception("beacon_failed")
            exchange.response_empty(500, cors)

    async def _take_page(self, scope: Scope, exchange: Exchange, cors: Headers) -> None:
        headers, now_ms = scope.headers, self._doors.now_ms()
        if scope.method != "POST":
            raise BatchRefusedError(405, "behaviour.post_only")
        address = self._address(scope)
        self._count_batch(f"a:{address}", now_ms)
        body = await _body(exchange, headers, reading.PAGE_BYTES)
        cookies = headers.get("cookie", "")
        session_key, token = _cookie(cookies, self._session_cookie), _token(headers)
        person_id = await self._known_as("person", session_key, token) if session_key or token else None
        wants_no_trace = headers.get("sec-gpc", "") == "1" or headers.get("dnt", "") == "1"
        kept = _cookie(cookies, VISITOR_COOKIE)
        agent = headers.get("user-agent", "")
        made: Headers = []

        def whose(session: str, count: int) -> Whose:
            visitor: str | None = None
            if not wants_no_trace:
                # The random number of the first visit becomes the visitor's: two batches at once make the same.
                visitor = kept if _UUID.match(kept) else session
                if visitor != kept:
                    made.append(("set-cookie", f"{VISITOR_COOKIE}={visitor}{self._cookie_end}"))
            mark = self._mark(agent, str(person_id or visitor or session), count, now_ms)
            return Whose(Source.PAGE, person_id, visitor, session, None, mark)

        read = reading.read_page(body, whose, now_ms)
        await self._answer(exchange, [*cors, *made], read)

    async def _take_lines(self, scope: Scope, exchange: Exchange) -> None:
        headers, now_ms = scope.headers, self._doors.now_ms()
        if scope.method != "POST":
            raise BatchRefusedError(405, "behaviour.post_only")
        # Before the token is looked at, so that trying tokens is counted too.
        self._count_batch(f"a:{self._address(scope)}", now_ms)
        token = _token(headers)
        outlet_id = await self._known_as("outlet", "", token) if token else None
        if outlet_id is None:
            raise BatchRefusedError(401, "behaviour.token_wrong")
        body = await _body(exchange, headers, reading.OUTLET_BYTES)
        packed = headers.get("content-encoding", "")
        if packed not in {"", "identity", "gzip"}:
            raise BatchRefusedError(415, "behaviour.encoding_unknown", "gzip or none")
        if packed == "gzip":
            body = await asyncio.get_running_loop().run_in_executor(self._looking, reading.unpack, body)

        def whose(agent: str | None, count: int) -> Whose:
            mark = Mark.BOT if agent is not None and is_bot(agent) else None
            return Whose(Source.OUTLET, None, None, None, outlet_id, mark)

        read = reading.read_outlet(body, whose, outlet_id, now_ms)
        await self._answer(exchange, [], read)

    async def _answer(self, exchange: Exchange, headers: Headers, read: Read) -> None:
        if read.lines:
            await self._writer.write("".join(read.lines).encode())
        if not read.refused_count:
            exchange.response_empty(204, headers)
            return
        BEHAVIOUR_REFUSED.labels("event").inc(read.refused_count)
        said = {"accepted": len(read.lines), "refused_count": read.refused_count, "refused": read.refused}
        exchange.response_bytes(
            200 if read.lines else 422, [*headers, ("content-type", "application/json")], msgspec.json.encode(said)
        )

    def _allow(self, headers: HeadersIn) -> Headers:
        """Pages of ours only: a browser always says from which origin a page posts."""
        origin = headers.get("origin", "")
        if not self._doors.is_ours(origin, headers.get("host", "")):
            raise BatchRefusedError(403, "behaviour.origin_foreign")
        return [
            ("access-control-allow-origin", origin),
            ("access-control-allow-credentials", "true"),
            ("vary", "Origin"),
            ("cache-control", "no-store"),
        ]

    def _count_batch(self, name: str, now_ms: int) -> None:
        if self._batches.add(name, 1, now_ms) > self._batches_a_minute:
            raise BatchRefusedError(429, "behaviour.too_often")

    def _mark(self, agent: str, name: str, count: int, now_ms: int) -> Mark | None:
        if is_bot(agent):
            return Mark.BOT
        return Mark.RATE if self._events.add(name, count, now_ms) > PERSON_EVENTS else None

    async def _known_as(self, what: str, session_key: str, token: str) -> int | None:
        name = (what, token or session_key)
        known = self._known.get(name)
        if known is None or known[1] < time.monotonic():
            look = (
                partial(self._doors.outlet_of, token)
                if what == "outlet"
                else partial(self._doors.person_of, session_key, token)
            )
            found = await asyncio.get_running_loop().run_in_executor(self._looking, look)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[name] = (found, time.monotonic() + KNOWN_S)
        return known[0]

    def _address(self, scope: Scope) -> str:
        return address_from(scope.client, scope.headers.get("x-forwarded-for", ""), self._proxies)

    def _is_local(self, scope: Scope) -> bool:
        return address_from(scope.client, "", 0) in _LOCAL and not scope.headers.get("x-forwarded-for", "")


async def _body(exchange: Exchange, headers: HeadersIn, most: int) -> bytes:
    """The body, never more of it than is taken."""
    said = headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise BatchRefusedError(413, "behaviour.too_large", f"at most {most} bytes")
    if said.isdecimal() and not headers.get("transfer-encoding", ""):  # the server reads no more than that
        return await exchange()
    parts, size = [], 0
    async for part in exchange:
        size += len(part)
        if size > most:
            raise BatchRefusedError(413, "behaviour.too_large", f"at most {most} bytes")
        parts.append(part)
    return b"".join(parts)


def _cookie(cookies: str, name: str) -> str:
    """A cookie's value; only ours are looked for, whose values are plain."""
    for part in cookies.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value[:200]
    return ""


def _token(headers: HeadersIn) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip()[:200] if scheme.lower() == "bearer" else ""
