"""The HTTP side of notices."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from wuyou.kernel.clock import utc_now
from wuyou.surfaces.webhooks.receive import receive_notice

MAX_BODY_BYTES = 16 * 1024


@csrf_exempt
@require_POST
def receive_payment_notice(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a provider's notice in. The signature stands for a session, so there is no form to forge."""
    body = request.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        return _plain(413, "payments.notice_too_large")
    answer = receive_notice(provider=provider, body=body, headers=request.headers, now=utc_now())
    return _plain(answer.status, answer.text)


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
