"""WeChat Pay's bill of a day: a table of text whose cells begin with a backtick, and a count of it in its last line.

Source: pay.weixin.qq.com/doc/v3/merchant, trade bill (`/v3/bill/tradebill`), type `ALL`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from wuyou.domains.payments import errors
from wuyou.domains.payments.providers import bills
from wuyou.domains.payments.providers.base import BillLine
from wuyou.domains.payments.types import BillKind
from wuyou.kernel.money import Currency, Money

_AT, _REF, _NUMBER, _STATE = "交易时间", "微信订单号", "商户订单号", "交易状态"
_REFUND_REF, _REFUND_NO, _REFUND_STATE = "微信退款单号", "商户退款单号", "退款状态"
_CURRENCY, _AMOUNT, _REFUNDED, _FEE = "货币种类", "订单金额", "申请退款金额", "手续费"
_NEEDED = (_AT, _REF, _NUMBER, _STATE, _REFUND_REF, _REFUND_NO, _REFUND_STATE, _CURRENCY, _AMOUNT, _REFUNDED, _FEE)
_SUMS = "总交易单数"
_MARK = "`"
_FAILED = frozenset({"FAIL", "CHANGE"})
"""A refund that did not reach its payer."""


def lines_of(content: bytes, sha1: str) -> Sequence[BillLine]:
    """The lines of a bill. Raises `BillMalformed` unless it is the bill of that SHA-1, to its end."""
    if hashlib.sha1(content, usedforsecurity=False).hexdigest() != sha1.lower():
        raise errors.BillMalformed(reason="hash")
    try:
        text = [line for line in content.decode("utf-8-sig").splitlines() if line.strip()]
    except ValueError:
        raise errors.BillMalformed(reason="not_text") from None
    sums = next((place for place, line in enumerate(text) if line.startswith(_SUMS)), None)
    if sums is None or sums + 1 >= len(text):
        raise errors.BillMalformed(reason="truncated")
    found = [_line(row) for row in bills.rows_of(text[:sums], _NEEDED, strip=_MARK)]
    if text[sums + 1].split(",")[0].strip().lstrip(_MARK) != str(len(found)):
        raise errors.BillMalformed(reason="truncated")
    return found


def _line(row: bills.Row) -> BillLine:
    kind = _kind(row)
    is_refund = row[_STATE] == "REFUND"
    try:
        currency = Currency(row[_CURRENCY])
    except ValueError:
        raise errors.BillMalformed(reason="currency") from None
    return BillLine(
        (row[_REFUND_REF] if is_refund else f"{row[_REF]}:{row[_STATE]}")[:120],
        kind,
        (row[_REFUND_NO] if is_refund else row[_NUMBER])[:64],
        Money(abs(bills.fen_of(row[_REFUNDED] if is_refund else row[_AMOUNT])), currency),
        bills.fen_of(row[_FEE]),
        currency,
        bills.moment_of(row[_AT]),
        f"{row[_STATE]} {row[_REFUND_STATE]}".strip()[:60],
    )


def _kind(row: bills.Row) -> BillKind:
    if row[_STATE] == "SUCCESS":
        return BillKind.PAID
    if row[_STATE] == "REFUND" and row[_REFUND_STATE] not in _FAILED:
        return BillKind.RETURNED
    return BillKind.UNKNOWN
