"""WeChat Pay's API v3: orders are placed before the payer comes, refunds take a moment, notices are sealed.

It holds to what is written at pay.weixin.qq.com and refuses everything else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.doubles.server import (
    Asked,
    Billed,
    Double,
    PayerRefused,
    Said,
    fee_of,
    key_of,
    rsa_check,
    rsa_sign,
    troubled,
    write_private,
    write_public,
)

APP_ID, MERCHANT, SERIAL = "wxd678efh567hg6787", "1230000109", "444F4864EA9B34415"
APP_SECRET, OTHER_APP_ID = "d4624c36b6795d1d99dcf0547af5443d", "wx0000000000000000"
PAYER, OTHERS_PAYER = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "oAAAAuMuAJO_M2pxb1Q9zNjWeS6o"
KEY_ID, API_KEY = "PUB_KEY_ID_0111111111111111", "0123456789abcdef0123456789ABCDEF"
ZONE = ZoneInfo("Asia/Shanghai")
ORDER_FIELDS = {"appid", "mchid", "description", "out_trade_no", "time_expire", "notify_url", "amount"}
REFUND_FIELDS = {"out_trade_no", "out_refund_no", "notify_url", "amount"}
SETTLES_AFTER = timedelta(seconds=3)
BILL_COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,"
    "申请退款金额,费率备注"
)


@dataclass
class Order:
    number: str
    total: int
    trade: str
    expires_at: datetime
    given: dict[str, Any]
    state: str = "NOTPAY"
    transaction_id: str = ""
    paid_at: datetime | None = None
    refunds: dict[str, Refund] = field(default_factory=dict)


@dataclass
class Refund:
    number: str
    amount: int
    asked_at: datetime
    refund_id: str
    is_told: bool = False
    verdict: str = "SUCCESS"


class RefusedError(Exception):
    """An answer that is no: status and code."""


class WechatPayDouble(Double):
    name = "wechat_pay"
    has_age = True

    def __init__(self, *, has_app_secret: bool = True) -> None:
        super().__init__()
        self.has_app_secret = has_app_secret
        self.key: rsa.RSAPrivateKey = key_of("wechat_pay")
        self.merchant_key: rsa.RSAPrivateKey = key_of("wechat_pay/merchant")
        self.orders: dict[str, Order] = {}
        self.codes: dict[str, str] = {}
        self.payer = PAYER
        """Who holds the phone, as they are called at the official account."""
        self.openids = {PAYER: APP_ID, OTHERS_PAYER: OTHER_APP_ID}
        self.payer_codes: dict[str, str] = {}
        """Codes that nobody has exchanged yet, and whom they name."""
        self.is_naming = True
        """Whether it names the payers who are sent to it."""
        self.is_signing = True
        self.verdict = "SUCCESS"
        """What refunds that are asked for from now on will come to."""
        self._told: list[tuple[str, str, dict[str, Any]]] = []

    def account(self, folder: Path) -> str:
        private = write_private(folder / "wechat_merchant.pem", self.merchant_key)
        public = write_public(folder / "wechat_pay.pem", self.key)
        (folder / "wechat_api_v3.key").write_text(API_KEY + "\n")
        (folder / "wechat_app.secret").write_text(APP_SECRET + "\n")
        secret = 'app_secret = "wechat_app.secret"\n' if self.has_app_secret else ""
        return (
            f'[wechat_pay]\napp_id = "{APP_ID}"\nmerchant_id = "{MERCHANT}"\ncertificate_serial = "{SERIAL}"\n'
            f'private_key = "{private}"\napi_v3_key = "wechat_api_v3.key"\ngateway = "{self.url}"\n'
            f'payer_page = "{self.url}/connect/oauth2/authorize"\npayer_gateway = "{self.url}"\n'
            f"{secret}"
            f'[wechat_pay.public_keys]\n{KEY_ID} = "{public}"\n'
        )

    # ------------------------------------------------------------------------------------------- the payer's side

    def arrive(self, target: str) -> None:
        with self.lock:
            self._order_behind(target)

    def pay(self, target: str) -> None:
        with self.lock:
            order = self._order_behind(target)
            order.state, order.paid_at = "SUCCESS", self.now()
            order.transaction_id = f"4200001234{len(self._told):018d}"
            self._told.append((f"EV-{secrets.token_hex(12)}", "TRANSACTION.SUCCESS", self._transaction(order)))

    def _order_behind(self, target: str) -> Order:
        if target.startswith("{"):
            order = self.orders[self.codes[self._called(json.loads(target))]]
        else:
            parts = urlsplit(target)
            order = self.orders[self.codes[parse_qs(parts.query)["pr" if parts.scheme == "weixin" else "prepay_id"][0]]]
        if self.now() >= order.expires_at and order.state == "NOTPAY":
            order.state = "CLOSED"
        if order.state != "NOTPAY":
            raise PayerRefused(order.state)
        return order

    def _called(self, call: dict[str, str]) -> str:
        """The prepay_id of a call to the browser; refused as the app refuses it."""
        if set(call) != {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}:
            raise PayerRefused("missing")
        message = "".join(f"{call[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package"))
        try:
            rsa_check(self.merchant_key, message.encode(), base64.b64decode(call["paySign"], validate=True))
        except (InvalidSignature, ValueError):
            raise PayerRefused("SIGN_ERROR") from None
        prepay_id = call["package"].removeprefix("prepay_id=")
        order = self.orders[self.codes[prepay_id]]
        is_whole = call["signType"] == "RSA" and re.fullmatch(r"[0-9]{10}", call["timeStamp"])
        if not is_whole or call["appId"] != APP_ID or not 0 < len(call["nonceStr"]) <= 32:
            raise PayerRefused("PARAM_ERROR")
        if order.trade != "jsapi" or order.given["payer"]["openid"] != self.payer:
            raise PayerRefused("another payer")
        return prepay_id

    # ------------------------------------------------------------------------------------------- who the payer is

    def _name_payer(self, query: str) -> Said:
        """The page of the official account: back goes the payer, with a code where they are named."""
        asked = parse_qsl(query)
        given = dict(asked)
        if (
            [name for name, _ in asked] != ["appid", "redirect_uri", "response_type", "scope", "state"]
            or given["appid"] != APP_ID
            or (given["response_type"], given["scope"]) != ("code", "snsapi_base")
            or not re.fullmatch("[0-9a-zA-Z]{1,128}", given["state"])
        ):
            return Said(400, b"10003")
        back = {"state": given["state"]}
        if self.is_naming:
            back = {"code": secrets.token_hex(16), **back}
            self.payer_codes[back["code"]] = self.payer
        return Said(302, b"", {"Location": f"{given['redirect_uri']}?{urlencode(back)}"})

    def _payer_behind(self, query: str) -> Said:
        """Exchange a code, once. Nothing here is signed, and every refusal is a 200."""
        given = dict(parse_qsl(query))
        if (given.get("appid"), given.get("grant_type")) != (APP_ID, "authorization_code"):
            said: dict[str, Any] = {"errcode": 40013, "errmsg": "invalid appid"}
        elif given.get("secret") != APP_SECRET:
            said = {"errcode": 40125, "errmsg": "invalid appsecret"}
        elif given.get("code") not in self.payer_codes:
            said = {"errcode": 40163, "errmsg": "code been used"}
        else:
            said = {"access_token": "A" * 40, "expires_in": 7200, "refresh_token": "R" * 40, "scope": "snsapi_base"}
            said["openid"] = self.payer_codes.pop(given["code"])
        return Said(200, json.dumps(said).encode(), {"Content-Type": "text/plain"}, "openid" in said)

    # --------------------------------------------------------------------------------------------------- notices

    def notices(self) -> list[tuple[bytes, dict[str, str]]]:
        with self.lock:
            self._settle()
            return [self.sign(self.sealed(*told)) for told in self._told]

    def sealed(self, notice_id: str, kind: str, told: dict[str, Any], key: str = API_KEY) -> bytes:
        """A notice's body."""
        original = "refund" if kind.startswith("REFUND") else "transaction"
        nonce = secrets.token_hex(6)
        cipher = AESGCM(key.encode()).encrypt(nonce.encode(), json.dumps(told).encode(), original.encode())
        return json.dumps(
            {
                "id": notice_id,
                "create_time": self._moment(self.now()),
                "resource_type": "encrypt-resource",
                "event_type": kind,
                "summary": "支付成功",
                "resource": {
                    "original_type": original,
                    "algorithm": "AEAD_AES_256_GCM",
                    "ciphertext": base64.b64encode(cipher).decode(),
                    "associated_data": original,
                    "nonce": nonce,
                },
            },
            ensure_ascii=False,
        ).encode()

    def sign(
        self, body: bytes, key: rsa.RSAPrivateKey | None = None, key_id: str = KEY_ID
    ) -> tuple[bytes, dict[str, str]]:
        """A body with the headers under which it is believed."""
        return body, {"Content-Type": "application/json", **self._signature(body, key or self.key, key_id)}

    def last_told(self) -> tuple[str, str, dict[str, Any]]:
        return self._told[-1]

    def wrong_sum(self, amount_minor: int) -> tuple[bytes, dict[str, str]]:
        notice_id, kind, told = self.last_told()
        return self.sign(self.sealed(notice_id, kind, told | {"amount": told["amount"] | {"total": amount_minor}}))

    def forgeries(self) -> list[tuple[str, bytes, dict[str, str]]]:
        notice_id, kind, told = self.last_told()
        body, headers = self.notices()[-1]
        others = self.sealed(notice_id, kind, told | {"mchid": "1230000110"})
        application = self.sealed(notice_id, kind, told | {"appid": "wx0000000000000000"})
        return [
            ("another body", body.replace(b"EV-", b"EW-"), headers),
            ("signed by another", *self.sign(body, self.merchant_key)),
            ("by a key that nobody knows", *self.sign(body, key_id="PUB_KEY_ID_0222222222222222")),
            ("not signed", body, {"Content-Type": "application/json"}),
            ("a probe", body, headers | {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/AAAA"}),
            ("another moment", body, headers | {"Wechatpay-Timestamp": str(int(headers["Wechatpay-Timestamp"]) + 1)}),
            ("for another merchant", *self.sign(others)),
            ("for another application", *self.sign(application)),
        ]

    def _signature(self, body: bytes, key: rsa.RSAPrivateKey, key_id: str) -> dict[str, str]:
        timestamp, nonce = str(int((self.now() - self.aged).timestamp())), secrets.token_hex(16)
        signature = rsa_sign(key, b"\n".join([timestamp.encode(), nonce.encode(), body, b""]))
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": key_id,
            "Wechatpay-Signature": base64.b64encode(signature).decode(),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }

    def _settle(self) -> None:
        for order in self.orders.values():
            for refund in order.refunds.values():
                if not refund.is_told and self.now() >= refund.asked_at + SETTLES_AFTER:
                    refund.is_told = True
                    told = self._refund_told(order, refund)
                    told = {key: value for key, value in told.items() if key not in ("status", "amount")} | {
                        "mchid": MERCHANT,
                        "refund_status": refund.verdict,
                        "amount": {"total": order.total, "refund": refund.amount, "payer_total": order.total},
                    }
                    self._told.append((f"EV-{secrets.token_hex(12)}", f"REFUND.{refund.verdict}", told))

    # --------------------------------------------------------------------------------------------------- the API

    def answer(self, asked: Asked) -> Said:
        path, method = asked.path, asked.method
        self.asked.append(f"{method} {path}")
        if path == "/connect/oauth2/authorize":
            return self._name_payer(asked.query)
        if path == "/sns/oauth2/access_token":
            return self._payer_behind(asked.query)
        try:
            self._check_authorization(asked)
            said = json.loads(asked.body) if asked.body else {}
            if method == "POST" and (found := re.fullmatch("/v3/pay/transactions/(native|h5|jsapi)", path)):
                return self._signed(200, self._place(found[1], said), is_deed=True)
            if method == "POST" and (found := re.fullmatch("/v3/pay/transactions/out-trade-no/([^/]+)/close", path)):
                self._close(found[1], said)
                return self._signed(204, None, is_deed=True)
            if method == "GET" and (found := re.fullmatch("/v3/pay/transactions/out-trade-no/([^/]+)", path)):
                if parse_qs(asked.query) != {"mchid": [MERCHANT]}:
                    raise RefusedError(400, "PARAM_ERROR")
                return self._signed(200, self._transaction(self._order(found[1])))
            if method == "POST" and path == "/v3/refund/domestic/refunds":
                return self._signed(200, self._refund(said), is_deed=True)
            if method == "GET" and (found := re.fullmatch("/v3/refund/domestic/refunds/([^/]+)", path)):
                return self._signed(200, self._find_refund(found[1]))
            if method == "GET" and path == "/v3/bill/tradebill":
                return self._signed(200, self._bill_told(dict(parse_qsl(asked.query))))
            if method == "GET" and path == "/v3/billdownload/file":
                content = self._bill(parse_qs(asked.query)["token"][0])
                return Said(200, content + b" " * (self.bill_trouble == "hash"), {"Content-Type": "text/plain"})
            raise RefusedError(404, "NOT_FOUND")
        except RefusedError as no:
            status, code = no.args
            if status == 401:  # to whom it does not know it signs nothing
                return Said(status, json.dumps({"code": code, "message": "签名错误"}).encode())
            return self._signed(status, {"code": code, "message": "不行"})

    def _signed(self, status: int, said: dict[str, Any] | None, *, is_deed: bool = False) -> Said:
        body = json.dumps(said, ensure_ascii=False).encode() if said is not None else b""
        key = self.key if self.is_signing else self.merchant_key
        headers = {"Content-Type": "application/json; charset=utf-8", **self._signature(body, key, KEY_ID)}
        return Said(status, body, headers, is_deed)

    def _check_authorization(self, asked: Asked) -> None:
        scheme, _, rest = asked.headers.get("Authorization", "").partition(" ")
        given = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        if scheme != "WECHATPAY2-SHA256-RSA2048" or set(given) != {
            "mchid",
            "serial_no",
            "nonce_str",
            "timestamp",
            "signature",
        }:
            raise RefusedError(401, "SIGN_ERROR")
        target = asked.path + (f"?{asked.query}" if asked.query else "")
        message = f"{asked.method}\n{target}\n{given['timestamp']}\n{given['nonce_str']}\n{asked.body.decode()}\n"
        try:
            rsa_check(self.merchant_key, message.encode(), base64.b64decode(given["signature"]))
        except InvalidSignature:
            raise RefusedError(401, "SIGN_ERROR") from None
        is_ours = given["mchid"] == MERCHANT and given["serial_no"] == SERIAL
        if not is_ours or abs(int(given["timestamp"]) - self.now().timestamp()) > 300:
            raise RefusedError(401, "SIGN_ERROR")
        if asked.headers.get("Accept") != "application/json" or not asked.headers.get("User-Agent"):
            raise RefusedError(400, "PARAM_ERROR")

    def _place(self, trade: str, said: dict[str, Any]) -> dict[str, Any]:
        fields = ORDER_FIELDS | {"native": set(), "h5": {"scene_info"}, "jsapi": {"payer"}}[trade]
        number = said.get("out_trade_no", "")
        if (
            set(said) != fields
            or (said["appid"], said["mchid"]) != (APP_ID, MERCHANT)
            or not re.fullmatch(r"[0-9A-Za-z_\-|*]{6,32}", number)
            or set(said["amount"]) != {"total", "currency"}
            or type(said["amount"]["total"]) is not int
            or said["amount"]["currency"] != "CNY"
            or (trade == "jsapi" and self.openids.get(said["payer"].get("openid")) != said["appid"])
        ):
            raise RefusedError(400, "PARAM_ERROR")
        expires_at = datetime.fromisoformat(said["time_expire"])
        if expires_at.tzinfo is None or expires_at <= self.now():
            raise RefusedError(400, "PARAM_ERROR")
        order = self.orders.get(number)
        if order is None:
            order = Order(number, said["amount"]["total"], trade, expires_at, said)
            self.orders[number] = order
        if order.state == "CLOSED":
            raise RefusedError(400, "ORDER_CLOSED")
        if order.state != "NOTPAY":
            raise RefusedError(400, "ORDERPAID")
        if (order.trade, order.given) != (trade, said):
            raise RefusedError(400, "INVALID_REQUEST")
        code = secrets.token_urlsafe(6)
        self.codes[code] = number
        if trade == "jsapi":
            return {"prepay_id": code}
        if trade == "h5":
            return {"h5_url": f"{self.url}/h5?prepay_id={code}&package=2150917749"}
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={code}"}

    def _order(self, number: str) -> Order:
        if number not in self.orders:
            raise RefusedError(404, "ORDER_NOT_EXIST")
        return self.orders[number]

    def _close(self, number: str, said: dict[str, Any]) -> None:
        order = self._order(number)
        if said != {"mchid": MERCHANT}:
            raise RefusedError(400, "PARAM_ERROR")
        if order.state != "NOTPAY":
            raise RefusedError(400, "ORDERPAID" if order.paid_at else "ORDER_CLOSED")
        order.state = "CLOSED"

    def _transaction(self, order: Order) -> dict[str, Any]:
        told: dict[str, Any] = {
            "appid": APP_ID,
            "mchid": MERCHANT,
            "out_trade_no": order.number,
            "trade_state": "REFUND" if order.refunds and order.paid_at else order.state,
            "trade_state_desc": "状态",
        }
        if order.paid_at:
            told |= {
                "transaction_id": order.transaction_id,
                "trade_type": {"native": "NATIVE", "h5": "MWEB", "jsapi": "JSAPI"}[order.trade],
                "bank_type": "CMC",
                "success_time": self._moment(order.paid_at),
                "payer": {"openid": PAYER},
                "amount": {
                    "total": order.total,
                    "payer_total": order.total,
                    "currency": "CNY",
                    "payer_currency": "CNY",
                },
            }
        return told

    def _refund(self, said: dict[str, Any]) -> dict[str, Any]:
        if set(said) != REFUND_FIELDS or set(said["amount"]) != {"refund", "total", "currency"}:
            raise RefusedError(400, "PARAM_ERROR")
        order, number, amount = self._order(said["out_trade_no"]), said["out_refund_no"], said["amount"]["refund"]
        if not order.paid_at:
            raise RefusedError(400, "INVALID_REQUEST")
        refund = order.refunds.get(number)
        if refund is None:
            if self.failing_refunds > 0:
                self.failing_refunds -= 1
                raise RefusedError(403, "NOT_ENOUGH")
            gone = sum(each.amount for each in order.refunds.values())
            if said["amount"]["total"] != order.total or amount <= 0 or gone + amount > order.total:
                raise RefusedError(400, "INVALID_REQUEST")
            refund = Refund(number, amount, self.now(), f"50000000{len(self._told):020d}", verdict=self.verdict)
            order.refunds[number] = refund
        elif refund.amount != amount:
            raise RefusedError(400, "INVALID_REQUEST")
        return self._refund_told(order, refund)

    def _find_refund(self, number: str) -> dict[str, Any]:
        for order in self.orders.values():
            if number in order.refunds:
                return self._refund_told(order, order.refunds[number])
        raise RefusedError(404, "RESOURCE_NOT_EXISTS")

    def _refund_told(self, order: Order, refund: Refund) -> dict[str, Any]:
        is_settled = self.now() >= refund.asked_at + SETTLES_AFTER
        told = {
            "refund_id": refund.refund_id,
            "out_refund_no": refund.number,
            "transaction_id": order.transaction_id,
            "out_trade_no": order.number,
            "channel": "ORIGINAL",
            "status": refund.verdict if is_settled else "PROCESSING",
            "create_time": self._moment(refund.asked_at),
            "amount": {"total": order.total, "refund": refund.amount, "currency": "CNY", "payer_refund": refund.amount},
        }
        if is_settled and refund.verdict == "SUCCESS":
            told["success_time"] = self._moment(refund.asked_at + SETTLES_AFTER)
        return told

    def _bill_told(self, asked: dict[str, str]) -> dict[str, Any]:
        day = asked.get("bill_date", "")
        if asked != {"bill_date": day, "bill_type": "ALL"} or self._moment(self.now())[:10] <= day:
            raise RefusedError(400, "PARAM_ERROR")
        if self.bill_trouble == "not_ready":
            raise RefusedError(400, "STATEMENT_CREATING")
        if not self._billed(day):
            raise RefusedError(400, "NO_STATEMENT_EXIST")
        digest = hashlib.sha1(self._bill(day), usedforsecurity=False).hexdigest()
        url = f"{self.url}/v3/billdownload/file?token={day}"
        return {"hash_type": "SHA1", "hash_value": digest, "download_url": url}

    def _billed(self, day: str) -> list[Billed]:
        found = []
        for order in self.orders.values():
            if order.paid_at is None:
                continue
            found.append(Billed(order.transaction_id, order.number, order.total, fee_of(order.total), order.paid_at))
            for refund in order.refunds.values():
                fee, ref = -fee_of(refund.amount), refund.refund_id
                found.append(
                    Billed(
                        ref, order.number, refund.amount, fee, refund.asked_at, is_refund=True, refund_no=refund.number
                    )
                )
        return [each for each in found if self._moment(each.at)[:10] == day]

    def _bill(self, day: str) -> bytes:
        """The table as WeChat Pay writes it: a backtick before every cell, and sums below."""
        lines = troubled(self._billed(day), self.bill_trouble, self.now())
        rows = [BILL_COLUMNS]
        for each in lines:
            at = self._moment(each.at)[:19].replace("T", " ")
            state = each.word or ("REFUND" if each.is_refund else "SUCCESS")
            amount, back = (
                ("0.00", f"{each.minor / 100:.2f}") if each.is_refund else (f"{each.minor / 100:.2f}", "0.00")
            )
            refund = [each.ref, each.refund_no] if each.is_refund else ["0", "0"]
            cells = [at, APP_ID, MERCHANT, "0", "", "4200001" if each.is_refund else each.ref, each.number, "oUpF8"]
            cells += ["NATIVE", state, "OTHERS", "CNY", amount, "0.00", *refund, back, "0.00"]
            cells += ["ORIGINAL" if each.is_refund else "", "SUCCESS" if each.is_refund else "", "蜂蜜", "{}"]
            rows.append(",".join(f"`{cell}" for cell in [*cells, f"{each.fee / 100:.5f}", "0.60%", amount, back, ""]))
        if self.bill_trouble == "truncated":
            return ("\ufeff" + "\r\n".join(rows)).encode()
        sums = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
        return ("\ufeff" + "\r\n".join([*rows, sums, f"`{len(lines)},`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00"])).encode()

    def held_minor(self) -> int:
        return sum(
            order.total - sum(refund.amount for refund in order.refunds.values() if refund.verdict == "SUCCESS")
            for order in self.orders.values()
            if order.paid_at
        )

    def _moment(self, at: datetime) -> str:
        return at.astimezone(ZONE).isoformat(timespec="seconds")
