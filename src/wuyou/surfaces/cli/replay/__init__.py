"""`wuyou replay`: real group buys lived through again, and every cent accounted for."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import click

from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind
from wuyou.domains.payments.providers.sandbox import Faults, set_faults
from wuyou.infra import db, events
from wuyou.infra.clock import simulated_clock
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.cli.replay import books, simulated
from wuyou.surfaces.cli.replay.cast import assemble
from wuyou.surfaces.cli.replay.records import Records, read_records
from wuyou.surfaces.cli.replay.simulated import SimulatedPlatform

TROUBLED_BANK = Faults(answer_lost_bps=200, lost_bps=1000, late_s=7200, duplicates=1, shuffled=True, refund_failures=1)
"""Two answers in a hundred and one notice in ten are lost; notices come late, twice and out of order."""


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--limit", default=5000, show_default=True, help="How many records, evenly spaced over the file.")
@click.option("--seed", default=1, show_default=True, help="Seed of the prices, rates and times.")
@click.option("--troubled-bank", is_flag=True, help="The sandbox bank loses, delays, repeats and shuffles.")
def replay(path: Path, limit: int, seed: int, troubled_bank: bool) -> None:
    """Live through the group buys recorded at PATH: open, click, join, pay, expire, refund, ship, receive, settle."""
    try:
        records = read_records(path, limit=limit, seed=seed)
    except (FileNotFoundError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    db.in_transaction(lambda: events.register(events.subscribers()))
    with simulated_clock():
        report = run_simulated(records, end=utc_now(), faults=TROUBLED_BANK if troubled_bank else Faults())
    if not report:
        raise SystemExit(1)


def run_simulated(records: Records, *, end: datetime, faults: Faults) -> bool:
    """Replay so that the story ends about `end`; print the account; returns whether everything agrees."""
    start = (end - simulated.expected_span()).replace(minute=0, second=0, microsecond=0)
    click.echo(f"{len(records.rows):,} group buys, {len(records.people):,} people, {len(records.goods):,} goods.")
    click.echo(f"Prices, rates and times are generated from seed {records.seed}; the records tell none.")
    before = ledger.last_journal_id()
    set_faults(faults)
    with click.progressbar(length=len(records.people) + len(records.goods), label="people and goods") as bar:
        cast = assemble(
            records,
            now=start,
            team_ttl=simulated.TEAM_TTL,
            return_window=simulated.RETURN_WINDOW,
            progress=bar.update,
        )
    platform = SimulatedPlatform(cast, start)
    began = time.perf_counter()
    with click.progressbar(length=len(records.rows), label="group buys       ") as bar:
        teams = simulated.play(records, platform, progress=bar.update)
    seconds = time.perf_counter() - began
    set_faults(Faults())
    return print_report(records, teams, len(platform.order_ids), seconds, before)


def print_report(records: Records, teams: dict[int, str], order_count: int, seconds: float, before: int) -> bool:
    """Print teams, orders, money and proof; returns whether all of it agrees."""
    outcome = books.compare(records, teams)
    wanted = sum(row.succeeded for row in records.rows)
    click.echo(f"\nTeams formed   {outcome.formed:>7,}   records say {wanted:,}")
    click.echo(f"Teams expired  {outcome.expired:>7,}   records say {len(records.rows) - wanted:,}")
    click.echo(f"One by one     {len(outcome.contradicted):>7,}   contradict their record")
    click.echo(
        f"Orders         {order_count:>7,}   records say {records.order_count:,}; {order_count / seconds:,.0f} a second"
    )
    flows = books.read_flows(ledger.list_turnover(after_journal_id=before))
    click.echo("\nMoney (CNY)")
    _amount("captured", flows.captured)
    _amount("refunded", flows.refunded)
    for kind, amount in sorted(flows.paid_out.items(), key=lambda item: item[0].value):
        _amount(f"paid out from {kind.value}", amount)
    for kind, amount in sorted(flows.owed.items(), key=lambda item: item[0].value):
        if amount or kind is AccountKind.REFUNDS_DUE:
            _amount(f"still owed on {kind.value}", amount)
    _amount("unaccounted for", flows.difference)
    click.echo("\nLedger")
    checks = books.prove()
    for check in checks:
        click.echo(f"  {'holds' if check.holds else 'BROKEN':<7}{check.checked_count:>9,} {check.unit}: {check.name}")
    is_right = (
        not outcome.contradicted
        and order_count == records.order_count
        and flows.difference == 0
        and all(check.holds for check in checks)
    )
    click.echo("\nEverything agrees." if is_right else "\nThis does not agree; see above.")
    return is_right


def _amount(name: str, minor: int) -> None:
    sign = "-" if minor < 0 else ""
    click.echo(f"  {name:<38}{sign}{abs(minor) // 100:>14,}.{abs(minor) % 100:02}")
