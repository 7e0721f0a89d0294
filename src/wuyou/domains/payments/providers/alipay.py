"""Alipay 支付宝: the payer goes on to Alipay's page, on a desk to read a code and on a phone into the app.

Messages are signed with RSA2 over their parameters in order of name, answers over the very characters of their object.
What is special here: a trade begins to exist when the payer arrives, so a number never heard of may still be paid until
its page expires; and a notice of a partial refund uses the words of a payment, so a notice tells of the payment alone
and refunds are asked about.

Source: opendocs.alipay.com, `alipay.trade.page.pay`, `wap.pay`, `query`, `close`, `refund`, `fastpay.refund.query`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import structlog

from wuyou.domains.payments import errors
from wuyou.domains.payments.providers import alipay_bills, bills, signing, wire
from wuyou.domains.payments.providers.accounts import AlipayAccount
from wuyou.domains.payments.providers.base import (
    Bill,
    BillLine,
    ChargeResult,
    DisputeResult,
    Notice,
    RefundResult,
    Reply,
)
from wuyou.domains.payments.types import ChargeState, Onward, RefundState, Way
from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.kernel.money import MAX_MINOR, Currency, Money

log = structlog.get_logger(__name__)

SLACK = timedelta(minutes=2)
"""How long after its end a page may yet bring a payment that was on its way."""

_DONE, _BUSINESS = "10000", "40004"
_UNKNOWN = "ACQ.TRADE_NOT_EXIST"
_SETTLED = "ACQ.TRADE_STATUS_ERROR"
_NO_BILL = frozenset({"isp.bill_not_exist", "BILL_NOT_EXIST", "ISP.BILL_NOT_EXIST"})
_BUSY = frozenset({"ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "isp.unknow-error"})
_AMOUNT = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,2}))?", re.ASCII)
_MOMENT = "%Y-%m-%d %H:%M:%S"

Said = Mapping[str, Any]


class _SaidNo(Exception):
    """Alipay answered, and the answer is no; the argument is its word for why."""


class Alipay:
    """An account with Alipay. Args: `notice_url` is where it tells us."""

    name = "alipay"
    currencies = frozenset({Currency.CNY})
    naming = None

    def __init__(self, account: AlipayAccount, notice_url: str) -> None:
        self._account = account
        self._notice_url = notice_url

    # -------------------------------------------------------------------------------------------------- charges

    def begin(self, *, bill: Bill, now: datetime) -> ChargeResult:
        """Where the payer pays: an address that we sign. Nothing is asked and nothing exists there yet."""
        if bill.amount.currency not in self.currencies:
            raise errors.ProviderRefused(reason="currency", provider=self.name)
        verb, product = ("wap", "QUICK_WAP_WAY") if bill.is_on_phone else ("page", "FAST_INSTANT_TRADE_PAY")
        said = {
            "out_trade_no": bill.intent_no,
            "total_amount": amount_text(bill.amount),
            "subject": bill.subject,
            "product_code": product,
            "time_expire": _local(bill.payable_until),
        }
        urls = {"notify_url": self._notice_url, "return_url": bill.return_url}
        signed = self._signed(f"alipay.trade.{verb}.pay", said, now, urls)
        onward = Onward(Way.ADDRESS, f"{self._account.gateway}?{urlencode(signed)}")
        return ChargeResult(self.name, bill.intent_no, "", ChargeState.PENDING, bill.amount, now, onward)

    def capture(self, *, intent_no: str, amount: Money, now: datetime) -> ChargeResult:
        """Nothing is ever held here."""
        raise errors.ProviderRefused(reason="nothing_is_held", provider=self.name)

    def void(
        self, *, intent_no: str, provider_ref: str, amount: Money, payable_until: datetime, now: datetime
    ) -> ChargeResult:
        """Close the trade. One that does not exist yet is shut when its page has expired, and is PENDING until then."""
        try:
            closed = self._ask("alipay.trade.close", {"out_trade_no": intent_no}, now)
        except _SaidNo as no:
            if no.args[0] == _UNKNOWN:
                state = ChargeState.VOIDED if now >= payable_until + SLACK else ChargeState.PENDING
                return ChargeResult(self.name, intent_no, "", state, amount, now)
            found = self.query_charge(intent_no=intent_no, provider_ref=provider_ref, now=now)
            if no.args[0] == _SETTLED and found is not None:
                return found
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None
        return ChargeResult(self.name, intent_no, _text(closed, "trade_no"), ChargeState.VOIDED, amount, now)

    def query_charge(self, *, intent_no: str, provider_ref: str, now: datetime) -> ChargeResult | None:
        """What became of a trade."""
        try:
            said = self._ask("alipay.trade.query", {"out_trade_no": intent_no}, now)
        except _SaidNo as no:
            if no.args[0] == _UNKNOWN:
                return None
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None
        if said.get("out_trade_no") != intent_no:
            raise errors.ProviderUnavailable(provider=self.name)
        return self._charge(said, was_paid="send_pay_date" in said, at=_moment(said, "send_pay_date") or now)

    # -------------------------------------------------------------------------------------------------- refunds

    def refund(
        self, *, refund_no: str, intent_no: str, provider_ref: str, amount: Money, captured: Money, now: datetime
    ) -> RefundResult:
        """Send money back. `fund_change` says whether it moved just now; if not, asking tells whether it did before."""
        said = {"out_trade_no": intent_no, "out_request_no": refund_no, "refund_amount": amount_text(amount)}
        try:
            answer = self._ask("alipay.trade.refund", said, now)
        except _SaidNo as no:
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None
        if answer.get("fund_change") == "Y":
            at = _moment(answer, "gmt_refund_pay") or now
            return self._refund(refund_no, intent_no, answer, RefundState.SUCCEEDED, amount, at)
        kept = self.query_refund(refund_no=refund_no, intent_no=intent_no, provider_ref=provider_ref, now=now)
        return kept or self._refund(refund_no, intent_no, answer, RefundState.PENDING, amount, now)

    def query_refund(self, *, refund_no: str, intent_no: str, provider_ref: str, now: datetime) -> RefundResult | None:
        """What became of a refund: only what succeeded is told of, and without a status it did not happen (yet)."""
        try:
            said = self._ask(
                "alipay.trade.fastpay.refund.query", {"out_trade_no": intent_no, "out_request_no": refund_no}, now
            )
        except _SaidNo as no:
            if no.args[0] == _UNKNOWN:
                return None
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None
        if said.get("refund_status") != "REFUND_SUCCESS" or said.get("out_request_no") != refund_no:
            return None
        amount = _amount(said, "refund_amount")
        at = _moment(said, "gmt_refund_pay") or now
        return self._refund(refund_no, intent_no, said, RefundState.SUCCEEDED, amount, at)

    def list_disputes(self, *, since: datetime, now: datetime) -> Sequence[DisputeResult]:
        """A complaint of a payer moves no money here."""
        return ()

    def fetch_bill(self, *, day: date, now: datetime) -> Sequence[BillLine]:
        """Ask where the file lies, which is told signed and for half a minute, and read it."""
        try:
            said = self._ask(
                "alipay.data.dataservice.bill.downloadurl.query",
                {"bill_type": "trade", "bill_date": day.isoformat()},
                now,
            )
        except _SaidNo as no:
            if no.args[0] in _NO_BILL:
                raise errors.BillNotReady from None
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None
        url = str(said.get("bill_download_url", ""))
        if not url.startswith(("https://", "http://")):
            raise errors.ProviderUnavailable(provider=self.name)
        answer = wire.ask(self.name, "GET", url, headers={}, most_bytes=bills.MOST_BYTES)
        if answer.status != 200:
            raise errors.ProviderUnavailable(provider=self.name)
        return alipay_bills.lines_of(answer.body)

    # -------------------------------------------------------------------------------------------------- notices

    def read_notice(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Notice:
        """Check a notice and read it. It has no age: Alipay repeats the same words for 25 hours."""
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=100)
        except ValueError:
            raise errors.NoticeForged from None
        said = dict(pairs)
        signature, kind = said.pop("sign", ""), said.pop("sign_type", "")
        is_ours = said.get("app_id") == self._account.app_id and said.get("seller_id") == self._account.seller_id
        if (
            len(said) + 2 != len(pairs)
            or kind != "RSA2"
            or not is_ours
            or not signing.is_signed(self._account.alipay_public_key, _in_order(said).encode(), signature)
        ):
            raise errors.NoticeForged
        if not said.get("notify_id") or not said.get("out_trade_no"):
            raise errors.NoticeMalformed
        try:
            at = _moment(said, "gmt_payment") or _moment(said, "gmt_close") or _moment(said, "notify_time") or now
            return Notice(said["notify_id"], self._charge(said, was_paid="gmt_payment" in said, at=at))
        except errors.ProviderUnavailable:
            raise errors.NoticeMalformed from None

    def reply(self, refusal: str) -> Reply:
        """Anything but these seven letters has it repeated."""
        return Reply("text/plain; charset=utf-8", "fail" if refusal else "success")

    # -------------------------------------------------------------------------------------------------- the wire

    def _charge(self, said: Said, *, was_paid: bool, at: datetime) -> ChargeResult:
        # A trade that was paid and then refunded as a whole is closed as well: it was paid all the same.
        status = said.get("trade_status")
        if status in ("TRADE_SUCCESS", "TRADE_FINISHED") or (status == "TRADE_CLOSED" and was_paid):
            state = ChargeState.CAPTURED
        elif status == "TRADE_CLOSED":
            state = ChargeState.VOIDED
        elif status == "WAIT_BUYER_PAY":
            state = ChargeState.PENDING
        else:
            raise errors.ProviderUnavailable(provider=self.name)
        amount = _amount(said, "total_amount")
        return ChargeResult(self.name, _text(said, "out_trade_no"), _text(said, "trade_no"), state, amount, at)

    def _refund(
        self, refund_no: str, intent_no: str, said: Said, state: RefundState, amount: Money, at: datetime
    ) -> RefundResult:
        return RefundResult(self.name, refund_no, intent_no, _text(said, "trade_no"), state, "", amount, at)

    def _signed(self, method: str, said: Said, now: datetime, more: Mapping[str, str]) -> dict[str, str]:
        params = {
            "app_id": self._account.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": _local(now),
            "version": "1.0",
            "biz_content": json.dumps(said, ensure_ascii=False, separators=(",", ":")),
            **more,
        }
        return {**params, "sign": signing.sign(self._account.private_key, _in_order(params).encode())}

    def _ask(self, method: str, said: Said, now: datetime) -> Said:
        """Ask the gateway; returns what it says. Raises `_SaidNo` with its reason, `ProviderUnavailable`."""
        params = self._signed(method, said, now, {})
        answer = wire.ask(
            self.name,
            "POST",
            f"{self._account.gateway}?charset=utf-8",
            headers={"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
            body=urlencode(params).encode(),
        )
        told = self._believed(f"{method.replace('.', '_')}_response", answer)
        code, reason = told.get("code"), str(told.get("sub_code", ""))[:100]
        if code == _DONE:
            return told
        log.warning("alipay_said_no", method=method, code=code, reason=reason)
        if code == _BUSINESS and reason and reason not in _BUSY:
            raise _SaidNo(reason)
        raise errors.ProviderUnavailable(provider=self.name)

    def _believed(self, key: str, answer: wire.Answer) -> Said:
        """The object under a key, if Alipay signed its very characters: what nobody signed was not said."""
        try:
            text = answer.body.decode()
            start = text.index(f'"{key}":') + len(key) + 3
            told, end = json.JSONDecoder().raw_decode(text, start)
            signature = json.loads(text)["sign"]
        except (ValueError, KeyError, TypeError):
            told, start, end, text, signature = None, 0, 0, "", ""
        is_signed = signing.is_signed(self._account.alipay_public_key, text[start:end].encode(), str(signature))
        if not isinstance(told, dict) or not is_signed:
            log.warning("alipay_not_believed", status=answer.status)
            raise errors.ProviderUnavailable(provider=self.name)
        return told


def amount_text(amount: Money) -> str:
    """Yuan with two decimals: `amount_text(Money(12_905, CNY)) == "129.05"`."""
    yuan, fen = divmod(amount.amount_minor, 100)
    return f"{yuan}.{fen:02d}"


def _amount(said: Said, key: str) -> Money:
    found = _AMOUNT.fullmatch(str(said.get(key, "")))
    if found is None:
        raise errors.ProviderUnavailable(provider=Alipay.name)
    minor = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    return Money(min(minor, MAX_MINOR), Currency.CNY)


def _text(said: Said, key: str) -> str:
    return str(said.get(key, ""))[:64]


def _local(at: datetime) -> str:
    return at.astimezone(BUSINESS_ZONE).strftime(_MOMENT)


def _moment(said: Said, key: str) -> datetime | None:
    try:
        # Some carry milliseconds, some do not.
        return datetime.strptime(str(said[key])[:19], _MOMENT).replace(tzinfo=BUSINESS_ZONE)
    except (KeyError, ValueError):
        return None


def _in_order(params: Mapping[str, str]) -> str:
    return "&".join(f"{key}={params[key]}" for key in sorted(params))
