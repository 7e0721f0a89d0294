"""Notices of the sandbox bank: how they are written, signed, sent and read."""

from __future__ import annotations

import http.client
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from wuyou.domains.payments import errors
from wuyou.domains.payments.providers.base import ChargeResult, Notice, RefundResult
from wuyou.domains.payments.types import ChargeState, RefundState
from wuyou.kernel import tokens
from wuyou.kernel.money import MAX_MINOR, Currency, Money

PROVIDER = "sandbox"
SIGNATURE = "X-Sandbox-Signature"
TIMESTAMP = "X-Sandbox-Timestamp"
TOLERANCE = timedelta(minutes=5)
ACKNOWLEDGED = "success"

LADDER_S = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
"""Pauses between the attempts to deliver one notice, as WeChat Pay makes them (24 h 4 min in all)."""

_TIMEOUT_S = 3.0
_ANSWER_SIZE_BYTES = 64

Send = Callable[[bytes, Mapping[str, str]], str]
"""`send(body, headers)` brings one notice to its receiver and returns the body of the answer, empty when none came."""


class _ChargeNotice(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    notice_id: str = Field(min_length=1, max_length=64)
    type: Literal["charge"]
    intent_no: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    provider_ref: str = Field(max_length=64, pattern=r"^[!-~]*$")
    state: ChargeState
    amount_minor: int = Field(strict=True, gt=0, le=MAX_MINOR)
    currency: Currency
    at: AwareDatetime


class _RefundNotice(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    notice_id: str = Field(min_length=1, max_length=64)
    type: Literal["refund"]
    refund_no: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    intent_no: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    provider_ref: str = Field(max_length=64, pattern=r"^[!-~]*$")
    state: RefundState
    reason: str = Field(max_length=200, pattern=r"^[ -~]*$")
    amount_minor: int = Field(strict=True, gt=0, le=MAX_MINOR)
    currency: Currency
    at: AwareDatetime


_reader: TypeAdapter[_ChargeNotice | _RefundNotice] = TypeAdapter(_ChargeNotice | _RefundNotice)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notice as it leaves: the same id and body at every attempt."""

    notice_id: str
    number: str
    body: str


def write_notice(result: ChargeResult | RefundResult) -> Outgoing:
    """Put what happened into words, under a fresh notice id."""
    notice_id = tokens.new_token()
    amount = {"amount_minor": result.amount.amount_minor, "currency": result.amount.currency, "at": result.at}
    written: _ChargeNotice | _RefundNotice
    if isinstance(result, ChargeResult):
        number = result.intent_no
        written = _ChargeNotice.model_validate(
            amount
            | {
                "notice_id": notice_id,
                "type": "charge",
                "intent_no": number,
                "provider_ref": result.provider_ref,
                "state": result.state,
            }
        )
    else:
        number = result.refund_no
        written = _RefundNotice.model_validate(
            amount
            | {
                "notice_id": notice_id,
                "type": "refund",
                "refund_no": number,
                "intent_no": result.intent_no,
                "provider_ref": result.provider_ref,
                "state": result.state,
                "reason": result.reason,
            }
        )
    return Outgoing(notice_id, number, written.model_dump_json())


def sign_notice(body: bytes, now: datetime) -> dict[str, str]:
    """The headers under which a body is believed for `TOLERANCE`."""
    timestamp = str(int(now.timestamp()))
    return {TIMESTAMP: timestamp, SIGNATURE: tokens.sign(_secret(), f"{timestamp}.".encode() + body)}


def read_notice(*, body: bytes, headers: Mapping[str, str], now: datetime) -> Notice:
    """Check signature and age, then read. Raises: `NoticeForged`, `NoticeStale`, `NoticeMalformed`."""
    found = {name.lower(): value for name, value in headers.items()}
    timestamp, signature = found.get(TIMESTAMP.lower(), ""), found.get(SIGNATURE.lower(), "")
    if not tokens.is_signed(_secret(), timestamp.encode() + b"." + body, signature):
        raise errors.NoticeForged
    if abs(int(timestamp) - now.timestamp()) > TOLERANCE.total_seconds():
        raise errors.NoticeStale
    try:
        read = _reader.validate_json(body)
    except ValidationError as error:
        raise errors.NoticeMalformed from error
    amount = Money(read.amount_minor, read.currency)
    result: ChargeResult | RefundResult
    if isinstance(read, _ChargeNotice):
        result = ChargeResult(PROVIDER, read.intent_no, read.provider_ref, read.state, amount, read.at)
    else:
        result = RefundResult(
            PROVIDER, read.refund_no, read.intent_no, read.provider_ref, read.state, read.reason, amount, read.at
        )
    return Notice(read.notice_id, result)


def post_to(base_url: str) -> Send:
    """A way to bring notices to the web address of an installation, as a bank would.

    Args: `base_url` comes from the installation's own environment, never from outside.
    """

    def post(body: bytes, headers: Mapping[str, str]) -> str:
        request = urllib.request.Request(  # noqa: S310
            f"{base_url}/webhooks/payments/{PROVIDER}",
            data=body,
            headers={"Content-Type": "application/json", **headers},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                text: bytes = answer.read(_ANSWER_SIZE_BYTES)
                return text.decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return ""

    return post


def _secret() -> str:
    """The bank's signing secret: known to it and to us, and telling nothing of the key that it comes from."""
    return tokens.sign(settings.SECRET_KEY, b"payments.sandbox.notices")
