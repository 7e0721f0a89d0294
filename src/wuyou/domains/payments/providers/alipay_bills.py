"""Alipay's bill of a day: a ZIP file with a table of what was traded, in GB 18030, with its own counts below it.

Source: opendocs.alipay.com, `alipay.data.dataservice.bill.downloadurl.query`, bill type `trade`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

from wuyou.domains.payments import errors
from wuyou.domains.payments.providers import bills
from wuyou.domains.payments.providers.base import BillLine
from wuyou.domains.payments.types import BillKind
from wuyou.kernel.money import Currency, Money

_REF, _NUMBER, _WHAT, _ENDED = "支付宝交易号", "商户订单号", "业务类型", "完成时间"
_AMOUNT, _REFUND_NO, _FEE = "订单金额（元）", "退款批次号/请求号", "服务费（元）"
_NEEDED = (_REF, _NUMBER, _WHAT, _ENDED, _AMOUNT, _REFUND_NO, _FEE)
_KINDS = {"交易": BillKind.PAID, "退款": BillKind.RETURNED}
_END = "业务明细列表结束"
_COUNTS = {kind: re.compile(rf"#{name}合计：\s*([0-9]+)笔", re.ASCII) for name, kind in _KINDS.items()}


def lines_of(content: bytes) -> Sequence[BillLine]:
    """The lines of a bill. Raises `BillMalformed` unless it is there to its end, and counts as it says itself."""
    text = _details(content).splitlines()
    begin = next((place for place, line in enumerate(text) if line.lstrip("\ufeff").startswith(_REF)), None)
    end = next((place for place, line in enumerate(text) if line.startswith("#") and _END in line), None)
    if begin is None or end is None or end < begin:
        raise errors.BillMalformed(reason="truncated")
    found = [_line(row) for row in bills.rows_of(text[begin:end], _NEEDED)]
    below = "\n".join(text[end:])
    for kind, pattern in _COUNTS.items():
        said = pattern.search(below)
        if said is None or int(said[1]) != sum(line.kind is kind for line in found):
            raise errors.BillMalformed(reason="truncated")
    return found


def _line(row: bills.Row) -> BillLine:
    kind = _KINDS.get(row[_WHAT], BillKind.UNKNOWN)
    is_trade = kind is BillKind.PAID
    number = row[_NUMBER] if is_trade else row[_REFUND_NO]
    ref = row[_REF] if is_trade else f"{row[_REF]}:{row[_WHAT]}:{row[_REFUND_NO]}"
    return BillLine(
        ref[:120],
        kind,
        number[:64],
        Money(abs(bills.fen_of(row[_AMOUNT])), Currency.CNY),
        -bills.fen_of(row[_FEE]),  # what is charged stands there below zero
        Currency.CNY,
        bills.moment_of(row[_ENDED]),
        row[_WHAT][:60],
    )


def _details(content: bytes) -> str:
    """The table of details in the file; the other one holds sums alone."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > bills.MOST_BYTES:
                raise errors.BillMalformed(reason="too_large")
            texts = [packed.read(each).decode("gb18030") for each in packed.infolist()]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, NotImplementedError, RuntimeError, OSError, EOFError):
        raise errors.BillMalformed(reason="not_a_zip_file") from None
    found = [text for text in texts if any(line.startswith(_REF) for line in text.splitlines())]
    if len(found) != 1:
        raise errors.BillMalformed(reason="truncated")
    return found[0]
