"""WeChat Pay 微信支付, API v3: on a desk the payer reads a code with WeChat, on a phone they go on to its page, and
inside WeChat its browser opens the payment.

Every request and every answer is signed (WECHATPAY2-SHA256-RSA2048); what a notice is about is sealed besides
(AEAD_AES_256_GCM). A refund takes its time, and names the whole of what was paid beside its part.

Source: pay.weixin.qq.com/doc/v3/merchant: Native, H5, JSAPI, query, close, refunds, notices, signatures.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wuyou.domains.payments import errors
from wuyou.domains.payments.providers import bills, signing, wechat_bills, wechat_payer, wire
from wuyou.domains.payments.providers.accounts import WechatPayAccount
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

TOLERANCE = timedelta(minutes=5)
SLACK = timedelta(minutes=2)
"""How long after its end an order may yet bring a payment that was on its way."""

_SCHEME = "WECHATPAY2-SHA256-RSA2048"
_UNKNOWN = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"})
_NO_BILL = frozenset({"NO_STATEMENT_EXIST", "STATEMENT_CREATING"})
_OTHERWISE = frozenset({"INVALID_REQUEST", "OUT_TRADE_NO_USED"})
_BUSY = frozenset({"SYSTEM_ERROR", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED"})
_CHARGES = {
    "SUCCESS": ChargeState.CAPTURED,
    "REFUND": ChargeState.CAPTURED,  # it was paid before anything went back
    "NOTPAY": ChargeState.PENDING,
    "USERPAYING": ChargeState.PENDING,
    "PAYERROR": ChargeState.DECLINED,
    "CLOSED": ChargeState.VOIDED,
    "REVOKED": ChargeState.VOIDED,
}
_REFUNDS = {
    "SUCCESS": RefundState.SUCCEEDED,
    "PROCESSING": RefundState.PENDING,
    "CLOSED": RefundState.FAILED,
    "ABNORMAL": RefundState.FAILED,
}

Said = Mapping[str, Any]


class _SaidNo(Exception):
    """WeChat Pay answered, and the answer is no; the argument is its word for why."""


class WechatPay:
    """An account with WeChat Pay. Args: `notice_url` is where it tells us."""

    name = "wechat_pay"
    currencies = frozenset({Currency.CNY})

    def __init__(self, account: WechatPayAccount, notice_url: str) -> None:
        self._account = account
        self._notice_url = notice_url
        self.naming = wechat_payer.Naming(account, account.app_secret) if account.app_secret else None

    # -------------------------------------------------------------------------------------------------- charges

    def begin(self, *, bill: Bill, now: datetime) -> ChargeResult:
        """Place the order there: the same again gives another code for the same order.

        Refused as `begun_otherwise` when it was placed for another way of paying, or for another payer.
        """
        if bill.amount.currency not in self.currencies:
            raise errors.ProviderRefused(reason="currency", provider=self.name)
        order: dict[str, object] = {
            "appid": self._account.app_id,
            "mchid": self._account.merchant_id,
            "description": bill.subject,
            "out_trade_no": bill.intent_no,
            "time_expire": bill.payable_until.astimezone(BUSINESS_ZONE).isoformat(timespec="seconds"),
            "notify_url": self._notice_url,
            "amount": {"total": bill.amount.amount_minor, "currency": "CNY"},
        }
        if bill.payer_ref:
            trade, order["payer"] = "jsapi", {"openid": bill.payer_ref}
        elif bill.is_on_phone and bill.payer_ip:
            trade, order["scene_info"] = "h5", {"payer_client_ip": bill.payer_ip, "h5_info": {"type": "Wap"}}
        else:
            trade = "native"
        try:
            said = self._ask("POST", f"/v3/pay/transactions/{trade}", now, order)
        except _SaidNo as no:
            found = self.query_charge(intent_no=bill.intent_no, provider_ref="", now=now)
            if found is not None and found.state is ChargeState.CAPTURED:
                return found
            is_open = found is not None and found.state is ChargeState.PENDING
            reason = "begun_otherwise" if is_open and no.args[0] in _OTHERWISE else no.args[0]
            raise errors.ProviderRefused(reason=reason, provider=self.name) from None
        if trade == "jsapi":
            call = wechat_payer.call_of(self._account, prepay_id=_required(said, "prepay_id"), now=now)
            onward = Onward(Way.CALL, call)
        elif trade == "h5":
            back = quote(bill.return_url, safe="")
            onward = Onward(Way.ADDRESS, f"{_required(said, 'h5_url')}&redirect_url={back}")
        else:
            onward = Onward(Way.CODE, _required(said, "code_url"))
        return ChargeResult(self.name, bill.intent_no, "", ChargeState.PENDING, bill.amount, now, onward)

    def capture(self, *, intent_no: str, amount: Money, now: datetime) -> ChargeResult:
        """Nothing is ever held here."""
        raise errors.ProviderRefused(reason="nothing_is_held", provider=self.name)

    def void(
        self, *, intent_no: str, provider_ref: str, amount: Money, payable_until: datetime, now: datetime
    ) -> ChargeResult:
        """Close the order. One never heard of may be on its way here until it would have expired: PENDING till then."""
        try:
            self._ask(
                "POST",
                f"/v3/pay/transactions/out-trade-no/{intent_no}/close",
                now,
                {"mchid": self._account.merchant_id},
            )
        except _SaidNo as no:
            found = self.query_charge(intent_no=intent_no, provider_ref=provider_ref, now=now)
            if found is None:
                state = ChargeState.VOIDED if now >= payable_until + SLACK else ChargeState.PENDING
                return ChargeResult(self.name, intent_no, "", state, amount, now)
            if found.state in (ChargeState.CAPTURED, ChargeState.VOIDED):
                return found
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None
        return ChargeResult(self.name, intent_no, "", ChargeState.VOIDED, amount, now)

    def query_charge(self, *, intent_no: str, provider_ref: str, now: datetime) -> ChargeResult | None:
        """What became of an order."""
        path = f"/v3/pay/transactions/out-trade-no/{intent_no}?mchid={self._account.merchant_id}"
        try:
            said = self._ask("GET", path, now)
        except _SaidNo as no:
            if no.args[0] in _UNKNOWN:
                return None
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None
        if said.get("out_trade_no") != intent_no:
            raise errors.ProviderUnavailable(provider=self.name)
        return self._charge(said, now)

    # -------------------------------------------------------------------------------------------------- refunds

    def refund(
        self, *, refund_no: str, intent_no: str, provider_ref: str, amount: Money, captured: Money, now: datetime
    ) -> RefundResult:
        """Send money back. The same again answers how it stands."""
        order = {
            "out_trade_no": intent_no,
            "out_refund_no": refund_no,
            "notify_url": self._notice_url,
            "amount": {"refund": amount.amount_minor, "total": captured.amount_minor, "currency": "CNY"},
        }
        try:
            said = self._ask("POST", "/v3/refund/domestic/refunds", now, order)
            return self._refund(said, "status", now, refund_no)
        except _SaidNo as no:
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None

    def query_refund(self, *, refund_no: str, intent_no: str, provider_ref: str, now: datetime) -> RefundResult | None:
        """What became of a refund."""
        try:
            said = self._ask("GET", f"/v3/refund/domestic/refunds/{refund_no}", now)
            return self._refund(said, "status", now, refund_no)
        except _SaidNo as no:
            if no.args[0] in _UNKNOWN:
                return None
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None

    def list_disputes(self, *, since: datetime, now: datetime) -> Sequence[DisputeResult]:
        """A complaint of a payer moves no money here."""
        return ()

    def fetch_bill(self, *, day: date, now: datetime) -> Sequence[BillLine]:
        """Ask for the address and hash of the bill, which are signed, and read the file, which is not."""
        try:
            said = self._ask("GET", f"/v3/bill/tradebill?bill_date={day.isoformat()}&bill_type=ALL", now)
        except _SaidNo as no:
            if no.args[0] in _NO_BILL:
                raise errors.BillNotReady from None
            raise errors.ProviderRefused(reason=no.args[0], provider=self.name) from None
        url, gateway = _required(said, "download_url"), self._account.gateway
        if _required(said, "hash_type") != "SHA1" or not url.startswith(f"{gateway}/"):
            raise errors.ProviderUnavailable(provider=self.name)
        headers = {
            "Authorization": self._authorization("GET", url.removeprefix(gateway), now, b""),
            "Accept": "application/json",
            "User-Agent": "wuyou",
        }
        answer = wire.ask(self.name, "GET", url, headers=headers, most_bytes=bills.MOST_BYTES)
        if answer.status != 200:
            raise errors.ProviderUnavailable(provider=self.name)
        return wechat_bills.lines_of(answer.body, _required(said, "hash_value"))

    # -------------------------------------------------------------------------------------------------- notices

    def read_notice(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Notice:
        """Check signature and age, unseal what it is about, and read it."""
        if not self._is_signed(headers, body):
            raise errors.NoticeForged
        if not _is_fresh(headers, now):
            raise errors.NoticeStale
        try:
            said = json.loads(body)
            sealed = said["resource"]
            is_refund = sealed["original_type"] == "refund"
            told = self._unsealed(sealed)
            notice_id = str(said["id"])[:64]
            is_ours = told["mchid"] == self._account.merchant_id and (
                is_refund or told["appid"] == self._account.app_id
            )
            if not is_ours:
                raise errors.NoticeForged
            result = self._refund(told, "refund_status", now) if is_refund else self._charge(told, now)
            return Notice(notice_id, result)
        except (ValueError, KeyError, TypeError, InvalidTag, errors.ProviderUnavailable):
            raise errors.NoticeMalformed from None

    def reply(self, refusal: str) -> Reply:
        """What to answer; the status decides."""
        said = {"code": "FAIL", "message": refusal} if refusal else {"code": "SUCCESS"}
        return Reply("application/json", json.dumps(said))

    def _unsealed(self, sealed: Said) -> Said:
        if sealed["algorithm"] != "AEAD_AES_256_GCM":
            raise ValueError("another algorithm")
        seal = AESGCM(self._account.api_v3_key.encode())
        nonce, more = sealed["nonce"].encode(), (sealed.get("associated_data") or "").encode()
        told = json.loads(seal.decrypt(nonce, base64.b64decode(sealed["ciphertext"], validate=True), more))
        if not isinstance(told, dict):
            raise ValueError("not an object")
        return told

    # -------------------------------------------------------------------------------------------------- the wire

    def _charge(self, said: Said, now: datetime) -> ChargeResult:
        state = _CHARGES.get(str(said.get("trade_state")))
        if state is None:
            raise errors.ProviderUnavailable(provider=self.name)
        # An order that nobody has paid may come without its sum, and then nothing hangs on it.
        amount = _amount(said, "total") if state is ChargeState.CAPTURED else Money(0, Currency.CNY)
        ref = str(said.get("transaction_id", ""))[:64]
        return ChargeResult(self.name, _required(said, "out_trade_no"), ref, state, amount, _moment(said) or now)

    def _refund(self, said: Said, key: str, now: datetime, asked: str = "") -> RefundResult:
        word, number = str(said.get(key)), _required(said, "out_refund_no")
        state = _REFUNDS.get(word)
        if state is None or asked not in ("", number):
            raise errors.ProviderUnavailable(provider=self.name)
        return RefundResult(
            self.name,
            number,
            _required(said, "out_trade_no"),
            str(said.get("refund_id", ""))[:64],
            state,
            word if state is RefundState.FAILED else "",
            _amount(said, "refund"),
            _moment(said) or now,
        )

    def _ask(self, method: str, path: str, now: datetime, said: Said | None = None) -> Said:
        """Ask; returns what it says. Raises `_SaidNo` with its reason, `ProviderUnavailable`."""
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() if said is not None else b""
        headers = {
            "Authorization": self._authorization(method, path, now, body),
            "Accept": "application/json",
            "User-Agent": "wuyou",
        }
        if said is not None:
            headers["Content-Type"] = "application/json"
        answer = wire.ask(self.name, method, f"{self._account.gateway}{path}", headers=headers, body=body)
        is_good = 200 <= answer.status < 300
        # No money is booked for a refusal, and some of them come unsigned.
        if (is_good or "Wechatpay-Signature" in answer.headers) and not (
            self._is_signed(answer.headers, answer.body) and _is_fresh(answer.headers, now)
        ):
            log.warning("wechat_pay_not_believed", path=urlsplit(path).path, status=answer.status)
            raise errors.ProviderUnavailable(provider=self.name)
        try:
            told = json.loads(answer.body) if answer.body else {}
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise errors.ProviderUnavailable(provider=self.name)
        if is_good:
            return told
        reason = str(told.get("code", ""))[:100]
        log.warning("wechat_pay_said_no", path=urlsplit(path).path, status=answer.status, reason=reason)
        if not reason or reason in _BUSY or answer.status == 401:
            raise errors.ProviderUnavailable(provider=self.name)
        raise _SaidNo(reason)

    def _authorization(self, method: str, path: str, now: datetime, body: bytes) -> str:
        nonce, timestamp = secrets.token_hex(16), str(int(now.timestamp()))
        message = f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"
        said = {
            "mchid": self._account.merchant_id,
            "nonce_str": nonce,
            "signature": signing.sign(self._account.private_key, message),
            "timestamp": timestamp,
            "serial_no": self._account.certificate_serial,
        }
        return f"{_SCHEME} " + ",".join(f'{key}="{value}"' for key, value in said.items())

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        found = {name.lower(): value for name, value in headers.items()}
        key = self._account.public_keys.get(found.get("wechatpay-serial", ""))
        timestamp, nonce = found.get("wechatpay-timestamp", ""), found.get("wechatpay-nonce", "")
        message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        return key is not None and signing.is_signed(key, message, found.get("wechatpay-signature", ""))


def _is_fresh(headers: Mapping[str, str], now: datetime) -> bool:
    timestamp = next((value for name, value in headers.items() if name.lower() == "wechatpay-timestamp"), "")
    is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12
    return is_number and abs(int(timestamp) - now.timestamp()) <= TOLERANCE.total_seconds()


def _amount(said: Said, key: str) -> Money:
    told = said.get("amount")
    minor = told.get(key) if isinstance(told, dict) else None
    try:
        # Refund notices name no currency: it is the yuan.
        currency = Currency(told.get("currency", "CNY") if isinstance(told, dict) else "")
    except ValueError:
        currency = None
    if type(minor) is not int or minor < 0 or currency is None:
        raise errors.ProviderUnavailable(provider=WechatPay.name)
    return Money(min(minor, MAX_MINOR), currency)


def _required(said: Said, key: str) -> str:
    found = said.get(key)
    if not isinstance(found, str) or not found:
        raise errors.ProviderUnavailable(provider=WechatPay.name)
    return found


def _moment(said: Said) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(said["success_time"]))
    except (KeyError, ValueError):
        return None
    return at if at.tzinfo else None
