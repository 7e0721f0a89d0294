"""One request to a provider, and its answer or none. What is not clearly an answer is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
import urllib3

from wuyou.domains.payments import errors

log = structlog.get_logger(__name__)

CONNECT_S, READ_S = 3.0, 10.0
MOST_BYTES = 512 * 1024

_pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S), retries=False, maxsize=8)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, not believed yet."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(
    provider: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """Send a request once, to an address out of the installation's own file, or one that the provider signed; redirects
    lead nowhere.

    Raises: `ProviderUnavailable` without an answer, and when it says that the other side is busy or broken (429, 5xx):
    it may have happened.
    """
    try:
        with _pool.request(
            method, url, body=body or None, headers=dict(headers), redirect=False, preload_content=False
        ) as response:
            text = response.read(most_bytes + 1)
    except urllib3.exceptions.HTTPError as failed:
        log.warning("provider_not_reached", provider=provider, reason=type(failed).__name__)
        raise errors.ProviderUnavailable(provider=provider) from failed
    if response.status == 429 or response.status >= 500 or len(text) > most_bytes:
        log.warning("provider_without_answer", provider=provider, status=response.status)
        raise errors.ProviderUnavailable(provider=provider)
    return Answer(response.status, response.headers, text)
