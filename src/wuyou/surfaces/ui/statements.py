"""A statement for reading: each amount with the sum that it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from wuyou.domains.ledger.types import AccountRef, ClosedStatement, PayoutLine
from wuyou.engines.statements.files import Document, decimal
from wuyou.engines.statements.formulas import COMMISSION
from wuyou.kernel.money import Currency, Money, allocate, apply_bps
from wuyou.surfaces.ui import parts, payouts


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line."""

    no: int
    at: datetime
    what: str
    about: str
    sum: str
    """The sum in figures."""
    amount: Money
    balance: Money


def table_of(statements: Sequence[ClosedStatement], owners: Mapping[str, str]) -> parts.Table:
    """Closed months, the newest first."""
    columns = (
        parts.Column(_("Month")),
        parts.Column(_("Account")),
        parts.Column(_("Before"), numeric=True),
        parts.Column(_("After"), numeric=True),
        parts.Column(_("Lines"), numeric=True),
    )
    rows = tuple(
        parts.Row(
            (f"{each.month:%Y-%m}", owners.get(each.account.owner, ""), each.opening, each.closing, each.line_count),
            reverse("storefront:statement", args=[each.number]),
        )
        for each in statements
    )
    return parts.Table(_("Statements"), columns, rows)


def payouts_of(lines: Sequence[PayoutLine], owners: Mapping[str, str]) -> parts.Table:
    """What was paid out, or why not."""
    columns = (
        parts.Column(_("Payout")),
        parts.Column(_("Account")),
        parts.Column(_("Amount"), numeric=True),
        parts.Column(_("State")),
        parts.Column(_("Why")),
        parts.Column(_("When")),
    )
    rows = tuple(
        parts.Row(
            (
                each.number,
                owners.get(each.account.owner, ""),
                each.amount,
                payouts.chip(each.state),
                payouts.why(each.why),
                each.ended_at or each.made_at,
            )
        )
        for each in lines
    )
    return parts.Table(_("Payouts"), columns, rows)


def head_of(document: Document, owners: Mapping[str, str]) -> tuple[parts.Fact, ...]:
    """What the statement begins with."""
    head = document["head"]
    currency = Currency(head["currency"])
    return (
        parts.Fact(_("Account"), owners.get(AccountRef.parse(head["account"]).owner, head["account"])),
        parts.Fact(_("Month"), head["month"]),
        parts.Fact(_("Before"), Money(head["opening_minor"], currency)),
        parts.Fact(_("After"), Money(head["closing_minor"], currency), total=True),
        parts.Fact(_("Closed"), datetime.fromisoformat(head["closed_at"])),
    )


def proof_of(document: Document) -> tuple[parts.Fact, ...]:
    """What proves it."""
    return (
        parts.Fact(_("Hash"), document["hash"]),
        parts.Fact(_("Of the month before"), document["head"]["previous"]),
        parts.Fact(_("Signature"), document["signature"]),
        parts.Fact(_("Key"), document["head"]["key_id"]),
    )


def lines_of(document: Document) -> tuple[StatementLine, ...]:
    """The lines, each with its sum."""
    currency = Currency(document["head"]["currency"])
    return tuple(
        StatementLine(
            line["no"],
            datetime.fromisoformat(line["posted_at"]),
            _kind(line["kind"]),
            line["source"],
            _sum(line["formula"], line["inputs"], currency),
            Money(line["amount_minor"], currency),
            Money(line["balance_minor"], currency),
        )
        for line in document["lines"]
    )


def _kind(kind: str) -> str:
    return {
        "settle": _("Settled"),
        "unsettle": _("Taken back after a refund"),
        "refund": _("Refunded to the buyer"),
        "payout": _("Paid out"),
        "payout_return": _("Payout that came back"),
        "write_off": _("Debt written off"),
    }.get(kind, kind)


def _sum(formula: str, inputs: Mapping[str, Any], currency: Currency) -> str:
    """`(100.00 − 25.00) × 10% = 7.50; PUBLISHER 5.25 of 5.25 + 1.50 + 0.75; − 7.00 before`."""

    def figure(minor: int) -> str:
        return decimal(minor, currency.exponent)

    if formula != COMMISSION:
        plus = " + ".join(f"{_name(name)} {figure(minor)}" for name, minor in inputs["plus"].items())
        minus = "".join(f" − {_name(name)} {figure(minor)}" for name, minor in inputs["minus"].items())
        return f"{plus}{minus}".strip()
    lines = inputs["lines_minor"]
    paid = lines[inputs["line"]]
    refunded = allocate(min(inputs["refunded_minor"], sum(lines)), lines)[inputs["line"]]
    base = f"({figure(paid)} − {figure(refunded)})" if refunded else figure(paid)
    rate = f"{decimal(inputs['rate_bps'], 2)}%"
    commission = figure(apply_bps(paid - refunded, inputs["rate_bps"]))
    share = f"{decimal(inputs['shares_bps'][inputs['parties'].index(inputs['party'])], 2)}%"
    mine = figure(inputs["parts_minor"][inputs["parties"].index(inputs["party"])])
    text = f"{base} × {rate} = {commission}; × {share} = {mine}"
    before = inputs["before_minor"]
    return f"{text}; − {figure(before)} {_('booked before')}" if before else text


def _name(name: str) -> str:
    return {
        "paid_less_refunds": _("paid less refunds"),
        "refund": _("refund"),
        "payout": _("payout"),
        "payout_returned": _("payout that came back"),
        "written_off": _("written off"),
    }.get(name, name)
