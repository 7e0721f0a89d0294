"""`wuyou report`: an answer of the lake, as a table for people or CSV for programs."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import click
from django.conf import settings
from django.utils import translation

from wuyou.domains.insight import queries
from wuyou.domains.insight.types import Cell, Table
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.ui.errors import text_of

_DAY = click.DateTime(["%Y-%m-%d"])
_USUAL_DAYS = 7
_DAY_COLUMN = "day_ms"
"""The column of reports that says a day by its first moment."""


@click.command()
@click.argument("name", required=False)
@click.option("--from", "begins", type=_DAY, help="The first day; a week ago when left out.")
@click.option("--to", "until", type=_DAY, help="The day after the last; tomorrow when left out.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values, moments and all as they are.")
def report(name: str | None, begins: datetime | None, until: datetime | None, as_csv: bool) -> None:
    """Print a report on what people saw and did; without NAME, say which there are.

    It counts what the lake holds: the worker brings it up to date every hour, `wuyou lake compact` at once.
    """
    if name is None:
        for each in queries.list_reports():
            click.echo(f"{each.name:<20} {each.title}  {each.title_zh}")
        return
    end = until.date() if until else _today() + timedelta(days=1)
    start = begins.date() if begins else end - timedelta(days=_USUAL_DAYS)
    try:
        table = queries.run_report(name, actor=PLATFORM, begins=start, until=end)
    except DomainError as refused:
        with translation.override("en"):
            raise click.ClickException(text_of(refused)) from refused
    if as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([table.columns, *table.rows])
    else:
        _print(table)


def _print(table: Table) -> None:
    rows = [tuple(_shown(column, cell) for column, cell in zip(table.columns, row, strict=True)) for row in table.rows]
    heads = tuple("day" if column == _DAY_COLUMN else column for column in table.columns)
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for line in (heads, *rows):
        click.echo("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _shown(column: str, cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, str):
        return cell or "-"
    if column == _DAY_COLUMN:
        return datetime.fromtimestamp(cell / 1000, UTC).astimezone(ZoneInfo(settings.TIME_ZONE)).date().isoformat()
    return str(cell) if column.endswith("_id") else f"{cell:,}"


def _today() -> date:
    return utc_now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()
