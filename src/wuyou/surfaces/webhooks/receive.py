"""Taking in one notice: check, apply in one transaction, answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from wuyou.domains.payments import operations
from wuyou.domains.payments.providers import get_provider
from wuyou.infra import db
from wuyou.kernel.errors import DomainError, ErrorKind

log = structlog.get_logger(__name__)

_STATUS = {ErrorKind.FORBIDDEN: 403, ErrorKind.NOT_FOUND: 404, ErrorKind.CONFLICT: 409, ErrorKind.UNAVAILABLE: 503}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider reads; anything but `success` makes it come again."""

    status: int
    text: str


@db.outside_transaction
def receive_notice(*, provider: str, body: bytes, headers: Mapping[str, str], now: datetime) -> Answer:
    """Believe a notice only when it is signed, and take it in; one told before is acknowledged again. Entry point."""
    try:
        notice = get_provider(provider).read_notice(body=body, headers=headers, now=now)
        db.in_transaction(lambda: operations.apply_notice(notice=notice, now=now))
    except DomainError as error:
        log.warning("notice_refused", provider=provider[:40], code=error.code)
        return Answer(_STATUS.get(error.kind, 400), error.code)
    return Answer(200, "success")
