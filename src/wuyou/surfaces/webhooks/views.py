"""The HTTP side of notices."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from wuyou.kernel.clock import utc_now
from wuyou.surfaces.webhooks.receive import MAX_BODY_BYTES, receive_notice


@csrf_exempt
@require_POST
def receive_payment_notice(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a provider's notice in. The signature stands for a session, so there is no form to forge."""
    body = request.read(MAX_BODY_BYTES + 1)
    answer = receive_notice(provider=provider, body=body, headers=request.headers, now=utc_now())
    return HttpResponse(answer.text, content_type=answer.content_type, status=answer.status)
