"""Whether this process can do its work, and its counters."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from wuyou.infra import db

_LOCAL = frozenset({"127.0.0.1", "::1", ""})


def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, 503 while it does not."""
    try:
        db.row("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unreachable"}, status=503)
    return JsonResponse({"status": "ok"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' counters of this process, for scrapers on this machine that come without a proxy."""
    if request.META.get("REMOTE_ADDR", "") not in _LOCAL or "X-Forwarded-For" in request.headers:
        return HttpResponseForbidden()
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
