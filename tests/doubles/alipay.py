"""Alipay's gateway: trades begin when the payer arrives, refunds are instant, notices are forms.

It holds to what is written at opendocs.alipay.com and refuses everything else.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa

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

APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"
ZONE = ZoneInfo("Asia/Shanghai")
BIZ = {
    "alipay.trade.page.pay": {"out_trade_no", "total_amount", "subject", "product_code", "time_expire"},
    "alipay.trade.wap.pay": {"out_trade_no", "total_amount", "subject", "product_code", "time_expire"},
    "alipay.trade.query": {"out_trade_no"},
    "alipay.trade.close": {"out_trade_no"},
    "alipay.trade.refund": {"out_trade_no", "out_request_no", "refund_amount"},
    "alipay.trade.fastpay.refund.query": {"out_trade_no", "out_request_no"},
    "alipay.data.dataservice.bill.downloadurl.query": {"bill_type", "bill_date"},
}
COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
PRODUCTS = {"alipay.trade.page.pay": "FAST_INSTANT_TRADE_PAY", "alipay.trade.wap.pay": "QUICK_WAP_WAY"}


@dataclass
class Trade:
    number: str
    trade_no: str
    total: Decimal
    expires_at: datetime
    notify_url: str
    return_url: str
    status: str = "WAIT_BUYER_PAY"
    paid_at: datetime | None = None
    refunds: dict[str, tuple[Decimal, datetime]] = field(default_factory=dict)

    @property
    def refunded(self) -> Decimal:
        return sum((amount for amount, _ in self.refunds.values()), Decimal(0))


class BusinessError(Exception):
    """Alipay's `sub_code`."""


class AlipayDouble(Double):
    name = "alipay"

    def __init__(self) -> None:
        super().__init__()
        self.key: rsa.RSAPrivateKey = key_of("alipay")
        self.app_key: rsa.RSAPrivateKey = key_of("alipay/app")
        self.trades: dict[str, Trade] = {}
        self.is_signing = True
        self._told: list[dict[str, str]] = []

    def account(self, folder: Path) -> str:
        private = write_private(folder / "alipay_app.pem", self.app_key)
        public = write_public(folder / "alipay.pem", self.key)
        return (
            f'[alipay]\napp_id = "{APP_ID}"\nseller_id = "{SELLER_ID}"\nprivate_key = "{private}"\n'
            f'alipay_public_key = "{public}"\ngateway = "{self.url}/gateway.do"\n'
        )

    # ------------------------------------------------------------------------------------------- the payer's side

    def arrive(self, target: str) -> None:
        with self.lock:
            self._arrive(urlsplit(target).query)

    def pay(self, target: str) -> None:
        with self.lock:
            self._confirm(self._arrive(urlsplit(target).query))

    def pay_number(self, number: str) -> None:
        """Who has arrived confirms, without opening the page once more."""
        with self.lock:
            self._confirm(self.trades[number])

    def _arrive(self, query: str) -> Trade:
        params = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True))
        biz = self._checked(params)
        number = biz["out_trade_no"]
        expires_at = _moment(biz["time_expire"])
        if self.now() >= expires_at:
            raise PayerRefused("expired")
        trade = self.trades.get(number)
        if trade is None:
            trade_no = f"20260301220014{len(self.trades):014d}"
            urls = params["notify_url"], params["return_url"]
            trade = Trade(number, trade_no, Decimal(biz["total_amount"]), expires_at, *urls)
            self.trades[number] = trade
        if trade.total != Decimal(biz["total_amount"]):
            raise PayerRefused("ACQ.CONTEXT_INCONSISTENT")
        if trade.status == "TRADE_CLOSED":
            raise PayerRefused("ACQ.TRADE_HAS_CLOSE")
        return trade

    def _confirm(self, trade: Trade) -> None:
        if self.now() >= trade.expires_at and trade.status == "WAIT_BUYER_PAY":
            trade.status = "TRADE_CLOSED"
        if trade.status == "TRADE_CLOSED":
            raise PayerRefused("ACQ.TRADE_HAS_CLOSE")
        if trade.status != "WAIT_BUYER_PAY":
            raise PayerRefused("ACQ.TRADE_HAS_SUCCESS")
        trade.status, trade.paid_at = "TRADE_SUCCESS", self.now()
        self._tell(trade)

    # --------------------------------------------------------------------------------------------------- notices

    def notices(self) -> list[tuple[bytes, dict[str, str]]]:
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        return [(self.sign(params), headers) for params in self._told]

    def sign(self, params: dict[str, str], key: rsa.RSAPrivateKey | None = None) -> bytes:
        """A notice's form, signed."""
        text = "&".join(f"{name}={value}" for name, value in sorted(params.items()))
        signature = base64.b64encode(rsa_sign(key or self.key, text.encode())).decode()
        return urlencode({**params, "sign": signature, "sign_type": "RSA2"}).encode()

    def last_notice(self) -> dict[str, str]:
        return dict(self._told[-1])

    def wrong_sum(self, amount_minor: int) -> tuple[bytes, dict[str, str]]:
        total = f"{amount_minor // 100}.{amount_minor % 100:02d}"
        return self.sign(self.last_notice() | {"total_amount": total}), self.notices()[0][1]

    def forgeries(self) -> list[tuple[str, bytes, dict[str, str]]]:
        told = self.last_notice()
        body, headers = self.notices()[-1]
        return [
            ("another sum", body.replace(b"129.00", b"129.01"), headers),
            ("signed by another", self.sign(told, self.app_key), headers),
            ("not signed", urlencode(told).encode(), headers),
            ("said twice", body + b"&total_amount=129.00", headers),
            ("an old way of signing", body.replace(b"sign_type=RSA2", b"sign_type=RSA"), headers),
            ("for another application", self.sign(told | {"app_id": "2021000000000002"}), headers),
            ("for another merchant", self.sign(told | {"seller_id": "2088000000000002"}), headers),
        ]

    def _tell(self, trade: Trade, refund: tuple[str, datetime] | None = None) -> None:
        params = {
            "notify_time": _local(self.now()),
            "notify_type": "trade_status_sync",
            "notify_id": f"{len(self._told):034d}",
            "charset": "utf-8",
            "version": "1.0",
            "app_id": APP_ID,
            "auth_app_id": APP_ID,
            "seller_id": SELLER_ID,
            "buyer_id": "2088000000000077",
            "subject": "订单 & Order",
            "out_trade_no": trade.number,
            "trade_no": trade.trade_no,
            "trade_status": trade.status,
            "total_amount": f"{trade.total:.2f}",
            "receipt_amount": f"{trade.total:.2f}",
            "gmt_create": _local(self.now()),
        }
        if trade.paid_at:
            params["gmt_payment"] = _local(trade.paid_at)
        if refund:
            params |= {
                "out_biz_no": refund[0],
                "refund_fee": f"{trade.refunded:.2f}",
                "gmt_refund": f"{_local(refund[1])}.123",
            }
        self._told.append(params)

    # ----------------------------------------------------------------------------------------------- the gateway

    def answer(self, asked: Asked) -> Said:
        if asked.path == "/confirm":
            trade = self.trades[parse_qs(asked.body.decode())["number"][0]]
            self._confirm(trade)
            return Said(303, b"", {"Location": trade.return_url})
        if asked.path == "/bill":
            return Said(200, self._bill(parse_qs(asked.query)["day"][0]), {"Content-Type": "application/zip"})
        params = dict(parse_qsl(asked.body.decode() or asked.query, keep_blank_values=True, strict_parsing=True))
        method = params.get("method", "")
        if method in PRODUCTS:
            trade = self._arrive(asked.query)
            page = (
                f"<!doctype html><link rel=icon href=data:,><title>Alipay</title><h1>{trade.total}</h1>"
                f'<form method=post action="/confirm"><button name=number value="{trade.number}">Pay</button></form>'
            )
            return Said(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})
        self.asked.append(method)
        try:
            biz = self._checked(params)
        except PayerRefused as wrong:
            told = {"code": "40002", "msg": "Invalid Arguments", "sub_code": str(wrong), "sub_msg": ""}
            return Said(200, json.dumps({"error_response": told}).encode())
        try:
            told, is_deed = getattr(self, "_" + method.removeprefix("alipay.trade.").replace(".", "_"))(biz)
            told = {"code": "10000", "msg": "Success", **told}
        except BusinessError as no:
            told, is_deed = {"code": "40004", "msg": "Business Failed", "sub_code": str(no), "sub_msg": "不行"}, False
        # Their serializer puts what it likes between the words: only the very characters are signed.
        text = json.dumps(told, ensure_ascii=False, separators=(" , ", " : "))
        signature = base64.b64encode(rsa_sign(self.key if self.is_signing else self.app_key, text.encode())).decode()
        body = f'{{"{method.replace(".", "_")}_response":{text},"sign":"{signature}"}}'
        return Said(200, body.encode(), {"Content-Type": "text/html;charset=utf-8"}, is_deed)

    def _checked(self, params: dict[str, str]) -> dict[str, str]:
        """The business part of a request of ours. Raises `PayerRefused` with what is wrong."""
        given = dict(params)
        signature = base64.b64decode(given.pop("sign", ""))
        text = "&".join(f"{name}={value}" for name, value in sorted(given.items()) if value)
        try:
            rsa_check(self.app_key, text.encode(), signature)
        except InvalidSignature:
            raise PayerRefused("isv.invalid-signature") from None
        fixed = {"app_id": APP_ID, "charset": "utf-8", "sign_type": "RSA2", "version": "1.0", "format": "JSON"}
        if any(given.get(name) != value for name, value in fixed.items()) or given["method"] not in BIZ:
            raise PayerRefused("isv.invalid-parameter")
        if abs(_moment(given["timestamp"]) - self.now()) > timedelta(minutes=15):
            raise PayerRefused("isv.invalid-timestamp")
        biz: dict[str, str] = json.loads(given["biz_content"])
        if set(biz) != BIZ[given["method"]] or biz.get("product_code") != PRODUCTS.get(given["method"]):
            raise PayerRefused("isv.invalid-parameter")
        return biz

    def _trade(self, biz: dict[str, str]) -> Trade:
        if biz["out_trade_no"] not in self.trades:
            raise BusinessError("ACQ.TRADE_NOT_EXIST")
        return self.trades[biz["out_trade_no"]]

    def _query(self, biz: dict[str, str]) -> tuple[dict[str, Any], bool]:
        trade = self._trade(biz)
        told = {
            "trade_no": trade.trade_no,
            "out_trade_no": trade.number,
            "trade_status": trade.status,
            "total_amount": f"{trade.total:.2f}",
            "buyer_logon_id": "159****5620",
        }
        return (told | ({"send_pay_date": _local(trade.paid_at)} if trade.paid_at else {})), False

    def _close(self, biz: dict[str, str]) -> tuple[dict[str, Any], bool]:
        trade = self._trade(biz)
        if trade.status != "WAIT_BUYER_PAY":
            raise BusinessError("ACQ.TRADE_STATUS_ERROR")
        trade.status = "TRADE_CLOSED"
        return {"trade_no": trade.trade_no, "out_trade_no": trade.number}, True

    def _refund(self, biz: dict[str, str]) -> tuple[dict[str, Any], bool]:
        trade, number, amount = self._trade(biz), biz["out_request_no"], Decimal(biz["refund_amount"])
        kept = trade.refunds.get(number)
        if kept is None:
            if self.failing_refunds > 0:
                self.failing_refunds -= 1
                raise BusinessError("ACQ.SELLER_BALANCE_NOT_ENOUGH")
            if trade.status != "TRADE_SUCCESS":
                raise BusinessError("ACQ.TRADE_STATUS_ERROR")
            if amount <= 0 or trade.refunded + amount > trade.total:
                raise BusinessError("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
            trade.refunds[number] = (amount, self.now())
            if trade.refunded == trade.total:
                trade.status = "TRADE_CLOSED"
            self._tell(trade, (number, self.now()))
        elif kept[0] != amount:
            raise BusinessError("ACQ.DISCORDANT_REPEAT_REQUEST")
        told = {
            "trade_no": trade.trade_no,
            "out_trade_no": trade.number,
            "fund_change": "N" if kept else "Y",
            "refund_fee": f"{trade.refunded:.2f}",
        }
        return told, True

    def _fastpay_refund_query(self, biz: dict[str, str]) -> tuple[dict[str, Any], bool]:
        trade = self._trade(biz)
        kept = trade.refunds.get(biz["out_request_no"])
        if kept is None:
            return {}, False
        told = {
            "trade_no": trade.trade_no,
            "out_trade_no": trade.number,
            "out_request_no": biz["out_request_no"],
            "total_amount": f"{trade.total:.2f}",
            "refund_amount": f"{kept[0]:.2f}",
            "refund_status": "REFUND_SUCCESS",
            "gmt_refund_pay": _local(kept[1]),
        }
        return told, False

    def _alipay_data_dataservice_bill_downloadurl_query(self, biz: dict[str, str]) -> tuple[dict[str, Any], bool]:
        is_over = self.now().astimezone(ZONE).date().isoformat() > biz["bill_date"]
        if biz["bill_type"] != "trade" or not is_over:
            raise BusinessError("isp.bill_date_invalid")
        if self.bill_trouble == "not_ready" or not self._billed(biz["bill_date"]):
            raise BusinessError("isp.bill_not_exist")
        return {"bill_download_url": f"{self.url}/bill?day={biz['bill_date']}"}, False

    def _billed(self, day: str) -> list[Billed]:
        found = []
        for trade in self.trades.values():
            if trade.paid_at is None:
                continue
            minor = int(trade.total * 100)
            found.append(Billed(trade.trade_no, trade.number, minor, fee_of(minor), trade.paid_at))
            for number, (amount, at) in trade.refunds.items():
                found.append(
                    Billed(trade.trade_no, trade.number, int(amount * 100), 0, at, is_refund=True, refund_no=number)
                )
        return [each for each in found if _local(each.at)[:10] == day]

    def _bill(self, day: str) -> bytes:
        """The file as Alipay makes it: two tables in GBK, under names in GBK."""
        lines = troubled(self._billed(day), self.bill_trouble, self.now())
        rows = []
        for each in lines:
            sign, word = ("-", "退款") if each.is_refund else ("", "交易")
            amount, fee = f"{sign}{each.minor / 100:.2f}", f"{-each.fee / 100:.2f}"
            cells = [each.ref, each.number, each.word or word, "蜂蜜", _local(each.at), _local(each.at)]
            cells += ["", "", "", "", "梅*(159****5620)", amount, amount, *["0.00"] * 5, "", "0.00", "0.00"]
            rows.append(",".join(f"{cell}\t" for cell in [*cells, each.refund_no, fee, "0.00", ""]))
        trades = sum(not each.is_refund and not each.word for each in lines)
        table = [
            "#支付宝业务明细查询",
            f"#账号：[{SELLER_ID}0156]",
            "#-----------------------------------------业务明细列表----------------------------------------",
            COLUMNS,
            *rows,
            "#-----------------------------------------业务明细列表结束------------------------------------",
            f"#交易合计：{trades}笔，商家实收共0.00元，商家优惠共0.00元",
            f"#退款合计：{sum(each.is_refund for each in lines)}笔，商家实收退款共0.00元，商家优惠退款共0.00元",
            f"#导出时间：[{_local(self.now())}]",
        ]
        if self.bill_trouble == "truncated":
            table = table[:5]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr(f"{SELLER_ID}_detail.csv", "\r\n".join(table).encode("gbk"))
            file.writestr(f"{SELLER_ID}_sum.csv", "#支付宝业务汇总查询\r\n门店编号,门店名称\r\n".encode("gbk"))
        return packed.getvalue()[:-40] if self.bill_trouble == "hash" else packed.getvalue()

    def held_minor(self) -> int:
        return sum(int((trade.total - trade.refunded) * 100) for trade in self.trades.values() if trade.paid_at)


def _local(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE).astimezone(UTC)
