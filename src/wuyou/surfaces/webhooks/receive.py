"""Taking in one notice: check, keep, apply in one transaction, answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from wuyou.domains.payments import errors, operations
from wuyou.domains.payments.providers import get_provider
from wuyou.domains.payments.providers.base import DisputeResult, Notice, PaymentProvider
from wuyou.domains.payments.types import NoticeOutcome
from wuyou.infra import db
from wuyou.kernel.errors import DomainError, ErrorKind

log = structlog.get_logger(__name__)

MAX_BODY_BYTES: Final = 64 * 1024
TOO_LARGE: Final = "payments.notice_too_large"

_STATUS = {ErrorKind.FORBIDDEN: 403, ErrorKind.NOT_FOUND: 404, ErrorKind.CONFLICT: 409, ErrorKind.UNAVAILABLE: 503}
_REFUSED = {errors.NoticeForged: NoticeOutcome.FORGED, errors.NoticeStale: NoticeOutcome.STALE}
_UNKNOWN = (errors.IntentNotFound, errors.RefundNotFound)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider reads; where it was not taken in, it comes again."""

    status: int
    text: str
    content_type: str = "text/plain; charset=utf-8"


@db.outside_transaction
def receive_notice(*, provider: str, body: bytes, headers: Mapping[str, str], now: datetime) -> Answer:
    """Believe a notice only when it is signed, and take it in; one told before is acknowledged again. Entry point.

    Each is kept, with what it did. A fault of ours is kept too, and raised: the provider sends the notice again.
    """
    try:
        driver = get_provider(provider)
    except DomainError as error:
        return Answer(_STATUS[error.kind], error.code)
    if len(body) > MAX_BODY_BYTES:
        _refuse(driver, body, NoticeOutcome.MALFORMED, TOO_LARGE, now)
        return Answer(413, TOO_LARGE)
    try:
        notice = driver.read_notice(body=body, headers=headers, now=now)
    except DomainError as error:
        _refuse(driver, body, _REFUSED.get(type(error), NoticeOutcome.MALFORMED), error.code, now)
        return _answer(driver, error)
    except Exception as fault:
        _refuse(driver, body, NoticeOutcome.FAILED, type(fault).__name__, now)
        raise
    return _take_in(driver, body, notice, now)


def _take_in(driver: PaymentProvider, body: bytes, notice: Notice, now: datetime) -> Answer:
    kept_id = db.in_transaction(
        lambda: operations.keep_notice(
            provider=driver.name, digest=_digest(body), size_bytes=len(body), notice=notice, now=now
        )
    )
    try:
        db.in_transaction(lambda: operations.apply_notice(notice=notice, kept_id=kept_id, now=now))
    except DomainError as error:
        outcome = NoticeOutcome.UNKNOWN if isinstance(error, _UNKNOWN) else NoticeOutcome.FAILED
        _note_failure(kept_id, outcome, error.code, now)
        log.warning("notice_refused", provider=driver.name, code=error.code)
        # An account may take payments that are not ours, whose disputes are no concern of ours. Of our own, one that is
        # told before its payment is found by asking (`follow_disputes`).
        is_no_concern = outcome is NoticeOutcome.UNKNOWN and isinstance(notice.result, DisputeResult)
        return _answer(driver, None if is_no_concern else error)
    except Exception as fault:
        _note_failure(kept_id, NoticeOutcome.FAILED, type(fault).__name__, now)
        raise
    return _answer(driver, None)


def _refuse(driver: PaymentProvider, body: bytes, outcome: NoticeOutcome, reason: str, now: datetime) -> None:
    log.warning("notice_refused", provider=driver.name, code=reason)
    db.in_transaction(
        lambda: operations.keep_refused_notice(
            provider=driver.name, digest=_digest(body), size_bytes=len(body), outcome=outcome, reason=reason, now=now
        )
    )


def _note_failure(kept_id: int | None, outcome: NoticeOutcome, reason: str, now: datetime) -> None:
    if kept_id is not None:
        db.in_transaction(
            lambda: operations.note_notice_failed(kept_id=kept_id, outcome=outcome, reason=reason, now=now)
        )


def _answer(driver: PaymentProvider, refused: DomainError | None) -> Answer:
    reply = driver.reply(refused.code if refused else "")
    return Answer(_STATUS.get(refused.kind, 400) if refused else 200, reply.text, reply.content_type)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
