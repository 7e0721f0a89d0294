"""What every request passes: a log line with an id, security headers, and the one translation of domain errors."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from wuyou.infra import db
from wuyou.infra.metrics import REQUEST_SECONDS, REQUESTS
from wuyou.kernel.errors import DomainError
from wuyou.kernel.tokens import new_token
from wuyou.surfaces.ui import errors, live

log = structlog.get_logger("wuyou.request")

Answer = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_READS = frozenset({"GET", "HEAD"})
_CONTENT_POLICY = (
    "default-src 'self'; connect-src 'self' {stream} {beacon}; img-src 'self' data:; media-src 'self'; "
    "style-src 'self'; script-src 'self'; frame-src 'self'{frames}; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


def content_policy(request: HttpRequest, *, app: str = "") -> str:
    """What may run on our pages. Args: `app` is the scheme by which the app around the page is called, from frames."""
    stream, beacon = live.origin_of(request), live.beacon_of(request)
    return _CONTENT_POLICY.format(stream=stream, beacon=beacon, frames=f" {app}:" if app else "")


class RequestLog:
    """Give every request an id (or keep a proxy's), and write one line when it is answered."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else new_token(9)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        seconds = time.perf_counter() - started
        route = request.resolver_match.route if request.resolver_match else "unknown"
        REQUESTS.labels(request.method if request.method in _METHODS else "other", route, response.status_code).inc()
        REQUEST_SECONDS.labels(route).observe(seconds)
        # A name in an address is somebody's, and the log outlives them: the pattern stands for it.
        names = request.resolver_match is not None and "handle" in request.resolver_match.kwargs
        log.info(
            "request",
            request_id=request_id,
            method=request.method,
            path=f"/{route}" if names else request.path,
            status=response.status_code,
            duration_ms=round(seconds * 1000, 1),
        )
        response["X-Request-ID"] = request_id
        return response


class ContentPolicy:
    """Only our own scripts, styles and pictures run on our pages; nothing inline."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", content_policy(request))
        return response


class DomainErrors:
    """Turn an anticipated refusal that a view let rise into a page with a clear sentence."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return errors.refusal(request, exception)
        return None


class OneMoment:
    """A request that reads sees one moment: who looks, and what there is to see."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in _READS:
            return self.get_response(request)
        with db.reading():
            return self.get_response(request)
