"""Stripe: cards on a page of Stripe's (Checkout). A payment is known by the number that it gave (`cs_…`).

Writes carry an idempotency key. Answers are believed because of where they come from (TLS), notices by their signature
(HMAC-SHA256 over moment and body).

Source: docs.stripe.com/api/checkout/sessions, /api/refunds, /api/idempotent_requests, /webhooks/signature.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import structlog

from wuyou.domains.payments import errors
from wuyou.domains.payments.providers import stripe_bills, wire
from wuyou.domains.payments.providers.accounts import StripeAccount
from wuyou.domains.payments.providers.base import (
    Bill,
    BillLine,
    ChargeResult,
    DisputeResult,
    Notice,
    RefundResult,
    Reply,
)
from wuyou.domains.payments.types import ChargeState, DisputeState, Onward, RefundState, Way
from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.kernel.money import MAX_MINOR, Currency, Money

log = structlog.get_logger(__name__)

VERSION = "2025-09-30.clover"
TOLERANCE = timedelta(minutes=5)
OPEN_FOR = timedelta(minutes=31)
"""So long after its end a page stays open: Stripe wants half an hour. What nobody waits for is shut before."""
MOST_REFUNDS = 100
MOST_LISTED = 100

_REFUNDS = {
    "succeeded": RefundState.SUCCEEDED,
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}

_DISPUTES = {
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.DROPPED,
    "prevented": DisputeState.DROPPED,
    "needs_response": DisputeState.OPEN,
    "under_review": DisputeState.OPEN,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}

Said = Mapping[str, Any]


class _SaidNo(Exception):
    """Stripe answered, and the answer is no; the argument is its word for why."""


class Stripe:
    """An account with Stripe."""

    name = "stripe"
    currencies = frozenset(Currency)
    naming = None

    def __init__(self, account: StripeAccount) -> None:
        self._account = account

    # -------------------------------------------------------------------------------------------------- charges

    def begin(self, *, bill: Bill, now: datetime) -> ChargeResult:
        """Open a page. The same again within a day is the same page."""
        order = {
            "mode": "payment",
            "client_reference_id": bill.intent_no,
            "success_url": bill.return_url,
            "cancel_url": bill.return_url,
            "expires_at": str(int((bill.payable_until + OPEN_FOR).timestamp())),
            "payment_method_types": ["card"],
            "line_items": [
                {
                    "quantity": "1",
                    "price_data": {
                        "currency": bill.amount.currency.code.lower(),
                        "unit_amount": str(bill.amount.amount_minor),
                        "product_data": {"name": bill.subject},
                    },
                }
            ],
            "metadata": {"intent_no": bill.intent_no},
            "payment_intent_data": {"metadata": {"intent_no": bill.intent_no}},
        }
        try:
            said = self._ask("POST", "/v1/checkout/sessions", order, key=f"charge:{bill.intent_no}")
        except _SaidNo as no:
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None
        ref = _required(said, "id")
        # The same key answers as it stood when the page was opened: it may have been paid since.
        found = self.query_charge(intent_no=bill.intent_no, provider_ref=ref, now=now)
        if found is None:
            raise errors.ProviderUnavailable(provider=self.name)
        if found.state is not ChargeState.PENDING:
            return found
        onward = Onward(Way.ADDRESS, _required(said, "url"))
        return ChargeResult(self.name, bill.intent_no, ref, ChargeState.PENDING, bill.amount, now, onward)

    def capture(self, *, intent_no: str, amount: Money, now: datetime) -> ChargeResult:
        """Nothing is ever held here."""
        raise errors.ProviderRefused(reason="nothing_is_held", provider=self.name)

    def void(
        self, *, intent_no: str, provider_ref: str, amount: Money, payable_until: datetime, now: datetime
    ) -> ChargeResult:
        """Shut the page. If its number was never heard nobody was sent there: PENDING until it has ended by itself."""
        if not provider_ref:
            state = ChargeState.VOIDED if now >= payable_until + OPEN_FOR else ChargeState.PENDING
            return ChargeResult(self.name, intent_no, "", state, amount, now)
        try:
            said = self._ask("POST", f"/v1/checkout/sessions/{quote(provider_ref, safe='')}/expire", {})
        except _SaidNo as no:
            found = self.query_charge(intent_no=intent_no, provider_ref=provider_ref, now=now)
            if found is not None and found.state in (ChargeState.CAPTURED, ChargeState.VOIDED):
                return found
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None
        return self._charge(said, now)

    def query_charge(self, *, intent_no: str, provider_ref: str, now: datetime) -> ChargeResult | None:
        """What became of a page; None when we were never told its number."""
        said = self._session(provider_ref)
        if said is None:
            return None
        if said.get("client_reference_id") != intent_no:
            raise errors.ProviderUnavailable(provider=self.name)
        return self._charge(said, now)

    # -------------------------------------------------------------------------------------------------- refunds

    def refund(
        self, *, refund_no: str, intent_no: str, provider_ref: str, amount: Money, captured: Money, now: datetime
    ) -> RefundResult:
        """Send money back. A refund that failed stays so there, so another is made: its key counts those before it."""
        payment = self._payment_of(provider_ref)
        if payment is None:
            raise errors.ProviderRefused(reason="nothing_was_captured", provider=self.name)
        before = list(self._refunds_of(payment, refund_no))
        for said in before:
            if _REFUNDS.get(str(said.get("status"))) is not RefundState.FAILED:
                return self._refund(said)
        order = {
            "payment_intent": payment,
            "amount": str(amount.amount_minor),
            "metadata": {"refund_no": refund_no, "intent_no": intent_no},
        }
        try:
            return self._refund(self._ask("POST", "/v1/refunds", order, key=f"refund:{refund_no}:{len(before)}"))
        except _SaidNo as no:
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None

    def query_refund(self, *, refund_no: str, intent_no: str, provider_ref: str, now: datetime) -> RefundResult | None:
        """What became of a refund: of its newest attempt."""
        payment = self._payment_of(provider_ref)
        found = list(self._refunds_of(payment, refund_no)) if payment else []
        return self._refund(max(found, key=lambda said: int(said["created"]))) if found else None

    def fetch_bill(self, *, day: date, now: datetime) -> Sequence[BillLine]:
        """What moved on our balance on a day: it is complete as soon as the day is over."""
        begin = datetime.combine(day, time(), BUSINESS_ZONE)
        asked = {
            "created": {
                "gte": str(int(begin.timestamp())),
                "lt": str(int((begin + timedelta(days=1)).timestamp())),
            },
            "limit": str(MOST_LISTED),
            "expand": ["data.source"],
        }
        return [stripe_bills.line_of(dict(said)) for said in self._pages("/v1/balance_transactions", asked)]

    def list_disputes(self, *, since: datetime, now: datetime) -> Sequence[DisputeResult]:
        """Every dispute of the account that began since then; those of payments that are not ours are among them."""
        asked = {"created": {"gte": str(int(since.timestamp()))}, "limit": str(MOST_LISTED)}
        return [self._dispute(said) for said in self._pages("/v1/disputes", asked) if said.get("payment_intent")]

    # -------------------------------------------------------------------------------------------------- notices

    def read_notice(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Notice:
        """Check signature and age, and read it. What others do with the same account is let pass."""
        signed = next((value for name, value in headers.items() if name.lower() == "stripe-signature"), "")
        self._check(signed, body, now)
        try:
            said = json.loads(body)
            notice_id, kind, told = str(said["id"])[:64], str(said["type"]), said["data"]["object"]
            at = datetime.fromtimestamp(int(said["created"]), UTC)
            metadata = told.get("metadata") or {}
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            raise errors.NoticeMalformed from None
        try:
            if kind.startswith("checkout.session.") and metadata.get("intent_no"):
                return Notice(notice_id, self._charge(told, at))
            if told.get("object") == "refund" and metadata.get("refund_no"):
                return Notice(notice_id, self._refund(told))
            if kind.startswith("charge.dispute.") and told.get("payment_intent"):
                return Notice(notice_id, self._dispute(told))
        except errors.ProviderUnavailable:
            raise errors.NoticeMalformed from None
        return Notice(notice_id, None)

    def reply(self, refusal: str) -> Reply:
        """What to answer; the status decides."""
        return Reply("text/plain; charset=utf-8", refusal or "success")

    def _check(self, signed: str, body: bytes, now: datetime) -> None:
        pairs = [part.strip().partition("=") for part in signed.split(",")]
        timestamps = [value for key, _, value in pairs if key == "t"]
        timestamp = timestamps[0] if len(timestamps) == 1 else ""
        expected = hmac.new(
            self._account.webhook_secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256
        ).hexdigest()
        # While a secret is being changed there is a signature with each of the two.
        given = [value for key, _, value in pairs if key == "v1"]
        if not any(hmac.compare_digest(expected.encode(), value.encode()) for value in given):
            raise errors.NoticeForged
        is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12
        if not is_number or abs(int(timestamp) - now.timestamp()) > TOLERANCE.total_seconds():
            raise errors.NoticeStale

    # -------------------------------------------------------------------------------------------------- the wire

    def _charge(self, said: Said, now: datetime) -> ChargeResult:
        status = (said.get("status"), said.get("payment_status"))
        if status == ("complete", "paid"):
            state = ChargeState.CAPTURED
        elif status[0] == "expired":
            state = ChargeState.VOIDED
        elif status[0] in ("open", "complete"):
            state = ChargeState.PENDING
        else:
            raise errors.ProviderUnavailable(provider=self.name)
        amount = _amount(said, "amount_total")
        number = _required(said, "client_reference_id")
        at, payment = _paid_at(said) or now, said.get("payment_intent")
        payment_ref = payment if isinstance(payment, str) else payment.get("id") if isinstance(payment, dict) else ""
        return ChargeResult(
            self.name, number, _required(said, "id"), state, amount, at, payment_ref=str(payment_ref or "")[:64]
        )

    def _dispute(self, said: Said) -> DisputeResult:
        state = _DISPUTES.get(str(said.get("status")))
        if state is None:
            raise errors.ProviderUnavailable(provider=self.name)
        amount = _amount(said, "amount")
        moves = [_moved(each, amount) for each in said.get("balance_transactions") or ()]
        evidence = said.get("evidence_details")
        due = evidence.get("due_by") if isinstance(evidence, dict) else None
        return DisputeResult(
            self.name,
            _required(said, "id")[:64],
            _required(said, "payment_intent")[:64],
            state,
            str(said.get("reason", ""))[:100],
            amount,
            -sum(minor for minor in moves if minor < 0),
            sum(minor for minor in moves if minor > 0),
            _moment({"due": due}, "due") if due else None,
            _moment(said, "created"),
        )

    def _refund(self, said: Said) -> RefundResult:
        state = _REFUNDS.get(str(said.get("status")))
        metadata = said.get("metadata")
        if state is None or not isinstance(metadata, dict):
            raise errors.ProviderUnavailable(provider=self.name)
        reason = str(said.get("failure_reason") or said.get("status")) if state is RefundState.FAILED else ""
        return RefundResult(
            self.name,
            _required(metadata, "refund_no"),
            _required(metadata, "intent_no"),
            _required(said, "id"),
            state,
            reason[:200],
            _amount(said, "amount"),
            _moment(said, "created"),
        )

    def _session(self, ref: str) -> Said | None:
        if not ref:
            return None
        try:
            return self._ask(
                "GET", f"/v1/checkout/sessions/{quote(ref, safe='')}", {"expand": ["payment_intent.latest_charge"]}
            )
        except _SaidNo as no:
            if no.args[0] == "resource_missing":
                return None
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None

    def _payment_of(self, ref: str) -> str | None:
        """The number of the payment that a page came to."""
        said = self._session(ref)
        payment = said.get("payment_intent") if said else None
        return _required(payment, "id") if isinstance(payment, dict) else None

    def _refunds_of(self, payment: str, refund_no: str) -> Iterator[Said]:
        """Every attempt at a refund of ours."""
        try:
            said = self._ask("GET", "/v1/refunds", {"payment_intent": payment, "limit": str(MOST_REFUNDS)})
        except _SaidNo as no:
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None
        found = said.get("data")
        if not isinstance(found, list) or said.get("has_more"):
            raise errors.ProviderUnavailable(provider=self.name)
        for refund in found:
            if (refund.get("metadata") or {}).get("refund_no") == refund_no:
                yield refund

    def _pages(self, path: str, asked: Mapping[str, Any]) -> Iterator[Said]:
        """Every entry of a list, page by page."""
        after: dict[str, str] = {}
        while True:
            try:
                said = self._ask("GET", path, {**asked, **after})
            except _SaidNo as no:
                raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None
            found = said.get("data")
            if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
                raise errors.ProviderUnavailable(provider=self.name)
            yield from found
            if not found or not said.get("has_more"):
                return
            after = {"starting_after": _required(found[-1], "id")}

    def _ask(self, method: str, path: str, said: Said, *, key: str = "") -> Said:
        """Ask; returns what it says. Raises `_SaidNo` with its reason, `ProviderUnavailable`."""
        form = urlencode(list(_flat(said)))
        headers = {"Authorization": f"Bearer {self._account.secret_key}", "Stripe-Version": VERSION}
        if key:
            headers["Idempotency-Key"] = key
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            answer = wire.ask(self.name, method, f"{self._account.gateway}{path}", headers=headers, body=form.encode())
        else:
            answer = wire.ask(self.name, method, f"{self._account.gateway}{path}?{form}", headers=headers)
        try:
            told = json.loads(answer.body)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise errors.ProviderUnavailable(provider=self.name)
        if 200 <= answer.status < 300:
            return told
        error = told.get("error")
        reason = str(error.get("code") or error.get("type") or "")[:100] if isinstance(error, dict) else ""
        log.warning("stripe_said_no", path=path.split("cs_")[0], status=answer.status, reason=reason)
        # 401 and 403 are about our key, 409 about somebody asking the same at this moment: nothing was decided.
        if answer.status in (401, 403, 409) or not reason:
            raise errors.ProviderUnavailable(provider=self.name)
        raise _SaidNo(reason)


def _flat(said: Said, prefix: str = "") -> Iterator[tuple[str, str]]:
    """A nested order as the pairs of a form: `a[b][0]=c`."""
    for name, value in said.items():
        key = f"{prefix}[{name}]" if prefix else name
        if isinstance(value, Mapping):
            yield from _flat(value, key)
        elif isinstance(value, list):
            yield from _flat({str(index): each for index, each in enumerate(value)}, key)
        else:
            yield key, str(value)


def _amount(said: Said, key: str) -> Money:
    minor = said.get(key)
    try:
        currency = Currency(str(said.get("currency", "")).upper())
    except ValueError:
        currency = None
    if type(minor) is not int or minor < 0 or currency is None:
        raise errors.ProviderUnavailable(provider=Stripe.name)
    return Money(min(minor, MAX_MINOR), currency)


def _moved(said: Any, amount: Money) -> int:
    """What a movement on our balance means in the currency of the payment: below zero when it was taken."""
    minor = said.get("amount") if isinstance(said, dict) else None
    if type(minor) is not int:
        raise errors.ProviderUnavailable(provider=Stripe.name)
    if str(said.get("currency", "")).upper() == amount.currency.code:
        return minor
    # Settled in another currency: it is the whole of what is disputed, one way or the other.
    return (minor > 0) * amount.amount_minor - (minor < 0) * amount.amount_minor


def _required(said: Said, key: str) -> str:
    found = said.get(key)
    if not isinstance(found, str) or not found:
        raise errors.ProviderUnavailable(provider=Stripe.name)
    return found[:2_000]


def _paid_at(said: Said) -> datetime | None:
    payment = said.get("payment_intent")
    charge = payment.get("latest_charge") if isinstance(payment, dict) else None
    return _moment(charge, "created") if isinstance(charge, dict) else None


def _moment(said: Said, key: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(said[key]), UTC)
    except (KeyError, ValueError, TypeError, OverflowError):
        raise errors.ProviderUnavailable(provider=Stripe.name) from None
