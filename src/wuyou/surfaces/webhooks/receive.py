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
    """What the provider reads; where it was not taken in, it comes again."""

    status: int
    text: str
    content_type: str = "text/plain; charset=utf-8"


@db.outside_transaction
def receive_notice(*, provider: str, body: bytes, headers: Mapping[str, str], now: datetime) -> Answer:
    """Believe a notice only when it is signed, and take it in; one told before is acknowledged again. Entry point."""
    try:
        driver = get_provider(provider)
    except DomainError as error:
        return Answer(_STATUS[error.kind], error.code)
    status, refusal = 200, ""
    try:
        notice = driver.read_notice(body=body, headers=headers, now=now)
        db.in_transaction(lambda: operations.apply_notice(notice=notice, now=now))
    except DomainError as error:
        log.warning("notice_refused", provider=driver.name, code=error.code)
        status, refusal = _STATUS.get(error.kind, 400), error.code
    reply = driver.reply(refusal)
    return Answer(status, reply.text, reply.content_type)
