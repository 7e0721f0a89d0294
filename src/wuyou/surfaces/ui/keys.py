"""The public keys of the installation, where programs look for them."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from wuyou.config.env import get_env
from wuyou.domains.ledger import statements
from wuyou.engines.statements import chain


@require_safe
def statement_keys(request: HttpRequest) -> JsonResponse:
    """Every key that statements were ever signed with, and today's. Cost: one query."""
    public = chain.public_key(get_env().statement_key)
    current = chain.key_id(public)
    keys = [
        {"key_id": key.key_id, "public_key": key.public_key, "since": key.since, "is_current": key.is_current}
        for key in statements.list_keys(current)
    ]
    if not any(key["is_current"] for key in keys):
        keys.insert(0, {"key_id": current, "public_key": public, "since": None, "is_current": True})
    return JsonResponse({"algorithm": "Ed25519", "keys": keys})
