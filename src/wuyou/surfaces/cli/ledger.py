"""`wuyou ledger`: look at the books, prove them, pay out."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, time
from operator import attrgetter

import click

from wuyou.domains.ledger import queries, statements
from wuyou.domains.ledger.types import AccountKind, AccountRef, Statement, StatementLine
from wuyou.infra import db
from wuyou.kernel.clock import BUSINESS_ZONE, utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.cli.proofs import one_snapshot, verify_command

_PAGE = 1_000
_FIELDS = tuple(field.name for field in fields(StatementLine))
_values = attrgetter(*_FIELDS)


class _Moment(click.ParamType[datetime]):
    name = "moment"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day or a moment such as 2026-03-01 or 2026-03-01T12:00", param, ctx)
        return moment if moment.tzinfo else datetime.combine(moment, moment.time() or time(), BUSINESS_ZONE)


class _Account(click.ParamType[AccountRef]):
    name = "account"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> AccountRef:
        try:
            return AccountRef.parse(value)
        except DomainError:
            self.fail(
                f"{value!r} is not an account such as merchant_payable/shop:12/CNY or buyers_held/CNY", param, ctx
            )


@click.group()
def ledger() -> None:
    """The books: prove them, read them, pay out."""


ledger.add_command(verify_command("ledger", "Prove every promise of the books from their rows."))


@ledger.command()
@click.argument("account", type=_Account())
@click.option(
    "--from", "from_", type=_Moment(), help="First moment of the period; from the first transfer when left out."
)
@click.option("--until", type=_Moment(), help="First moment after the period; up to now when left out.")
@click.option("--json", "style", flag_value="json", help="One JSON object.")
@click.option("--csv", "style", flag_value="csv", help="Comma-separated, one line a transfer.")
def statement(account: AccountRef, from_: datetime | None, until: datetime | None, style: str | None) -> None:
    """Print an account: opening balance, every line, closing balance. Days are those of the business zone."""
    write = {"json": _write_json, "csv": _write_csv}.get(style or "", _write_table)
    try:
        with one_snapshot():
            head = queries.get_statement(account, from_=from_, until=until, limit=_PAGE)
            write(head, _all_lines(head))
    except DomainError as error:
        raise click.ClickException(str(error)) from error


@ledger.command()
@click.option("--kind", type=click.Choice([kind.value for kind in AccountKind]), help="Only accounts of this kind.")
@click.option("--owner", help="Only accounts of this owner, such as shop:12.")
def accounts(kind: str | None, owner: str | None) -> None:
    """List accounts with their balances, in the order they were opened."""
    cursor = None
    while True:
        page = queries.list_accounts(kind=AccountKind(kind) if kind else None, owner=owner, cursor=cursor, limit=_PAGE)
        for account in page.items:
            click.echo(f"{account.ref.code:48} {_amount(account.balance):>20}")
        cursor = page.next_cursor
        if cursor is None:
            return


@ledger.command()
@click.argument("account", type=_Account())
@click.option("--amount-minor", type=int, required=True, help="In the smallest unit: 1299 is 12.99 CNY.")
@click.option("--payout-no", required=True, help="Your number of this payout; the same number never pays twice.")
@click.option("--provider", required=True, help="Whose clearing account the money left.")
def payout(account: AccountRef, amount_minor: int, payout_no: str, provider: str) -> None:
    """Record that what was owed on a payable account was paid out."""
    now = utc_now()
    try:
        paid = db.in_transaction(
            lambda: statements.record_payout(
                account=account,
                amount=Money(amount_minor, account.currency),
                payout_no=payout_no,
                provider=provider,
                now=now,
            )
        )
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    left = queries.get_balance(account)
    click.echo(f"{paid.payout_no}: {_amount(paid.amount)} to {account.code}, {_amount(left)} left")


def _all_lines(head: Statement) -> Iterator[StatementLine]:
    page = head.lines
    while True:
        yield from page.items
        if page.next_cursor is None:
            return
        page = queries.next_lines(head, page.items[-1], _PAGE)


def _write_table(head: Statement, lines: Iterator[StatementLine]) -> None:
    currency = head.ref.currency
    click.echo(f"{head.ref.code}  {_day(head.from_, 'the beginning')} until {_day(head.until, 'now')}")
    row = "{:19}  {:32}  {:16}  {:44} {:>18} {:>18}"
    click.echo(row.format("posted", "journal", "kind", "other account", "change", "balance"))
    click.echo(row.format("", "opening", "", "", "", _amount(head.opening)))
    for line in lines:
        click.echo(
            row.format(
                line.posted_at.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M:%S"),
                line.journal_key,
                line.kind,
                line.counter_account,
                ("+" if line.delta_minor > 0 else "") + _amount(Money(line.delta_minor, currency)),
                _amount(Money(line.balance_minor, currency)),
            )
        )
    click.echo(row.format("", f"closing, {head.line_count:,} lines", "", "", "", _amount(head.closing)))


def _write_json(head: Statement, lines: Iterator[StatementLine]) -> None:
    click.echo(
        json.dumps(
            {
                "account": head.ref.code,
                "currency": head.ref.currency.code,
                "from": head.from_ and head.from_.isoformat(),
                "until": head.until and head.until.isoformat(),
                "opening_minor": head.opening.amount_minor,
                "closing_minor": head.closing.amount_minor,
                "lines": [dict(zip(_FIELDS, _values(line), strict=True)) for line in lines],
            },
            ensure_ascii=False,
            default=datetime.isoformat,
        )
    )


def _write_csv(head: Statement, lines: Iterator[StatementLine]) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow([*_FIELDS, "currency"])
    for line in lines:
        cells = (cell.isoformat() if isinstance(cell, datetime) else cell for cell in _values(line))
        out.writerow([*cells, head.ref.currency.code])


def _amount(money: Money) -> str:
    """`1,299.00 CNY`, without going through a float."""
    currency: Currency = money.currency
    whole, part = divmod(abs(money.amount_minor), 10**currency.exponent)
    digits = f"{whole:,}.{part:0{currency.exponent}}" if currency.exponent else f"{whole:,}"
    return f"{'-' if money.amount_minor < 0 else ''}{digits} {currency.code}"


def _day(moment: datetime | None, otherwise: str) -> str:
    return moment.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M") if moment else otherwise
