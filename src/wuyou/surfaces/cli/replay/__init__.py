"""`wuyou replay`: real group buys lived through again, and every cent accounted for."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click

from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind
from wuyou.domains.payments.providers.sandbox import Faults, set_faults
from wuyou.infra import db, events
from wuyou.infra.clock import ClockTakenError, simulated_clock
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.cli.replay import books, over_http, simulated
from wuyou.surfaces.cli.replay.cast import Cast, assemble
from wuyou.surfaces.cli.replay.records import Records, read_records
from wuyou.surfaces.cli.replay.simulated import SimulatedPlatform

TROUBLED_BANK = Faults(answer_lost_bps=200, lost_bps=1000, late_s=7200, duplicates=1, shuffled=True, refund_failures=1)
"""Two answers in a hundred and one notice in ten are lost; notices come late, twice and out of order."""


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--limit", default=5000, show_default=True, help="How many records, evenly spaced over the file.")
@click.option("--seed", default=1, show_default=True, help="Seed of the prices, rates and times.")
@click.option("--troubled-bank", is_flag=True, help="The sandbox bank loses, delays, repeats and shuffles.")
@click.option("--via", metavar="URL", help="Play over HTTP against a running platform, in real time.")
@click.option("--clients", default=8, show_default=True, help="With --via: people at a time.")
@click.option("--seconds", default=60.0, show_default=True, help="With --via: launches are spread over so long.")
def replay(
    path: Path, limit: int, seed: int, troubled_bank: bool, via: str | None, clients: int, seconds: float
) -> None:
    """Live through the group buys recorded at PATH: open, click, join, pay, expire, refund, ship, receive, settle.

    By default in this process and in simulated weeks that end now; with --via against a running web server and worker,
    in real time with teams that last seconds. Both use the public operations, and both end with the same account.
    """
    try:
        records = read_records(path, limit=limit, seed=seed)
    except (FileNotFoundError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    logging.getLogger().setLevel(logging.ERROR)
    db.in_transaction(lambda: events.register(events.subscribers()))
    faults = TROUBLED_BANK if troubled_bank else Faults()
    if via:
        is_right = run_over_http(records, via=via, clients=clients, seconds=seconds, faults=faults)
    else:
        try:
            with simulated_clock():
                is_right = run_simulated(records, end=utc_now(), faults=faults)
        except ClockTakenError as error:
            raise click.ClickException(str(error)) from error
    if not is_right:
        raise SystemExit(1)


def run_over_http(records: Records, *, via: str, clients: int, seconds: float, faults: Faults) -> bool:
    """Replay against a running platform; print the account; returns whether everything agrees."""
    _introduce(records)
    before = ledger.last_journal_id()
    set_faults(replace(faults, late_s=min(faults.late_s, 5)))
    cast = _assemble(records, utc_now(), over_http.TEAM_TTL, over_http.RETURN_WINDOW)
    platform = over_http.HttpPlatform(cast, via)
    began = time.perf_counter()
    with click.progressbar(length=len(records.rows), label="group buys       ") as bar:
        teams = over_http.play(records, platform, clients=clients, seconds=seconds, progress=bar.update)
    elapsed = time.perf_counter() - began
    over_http.wait_for_the_end(teams, progress=lambda line: click.echo(f"  {line}"))
    set_faults(Faults())
    click.echo(f"Requests repeated because no answer came: {platform.repeated:,}")
    return print_report(records, teams, platform.order_count, elapsed, before)


def run_simulated(records: Records, *, end: datetime, faults: Faults) -> bool:
    """Replay so that the story ends about `end`; print the account; returns whether everything agrees."""
    start = (end - simulated.expected_span()).replace(minute=0, second=0, microsecond=0)
    _introduce(records)
    before = ledger.last_journal_id()
    set_faults(faults)
    cast = _assemble(records, start, simulated.TEAM_TTL, simulated.RETURN_WINDOW)
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


def _introduce(records: Records) -> None:
    click.echo(f"{len(records.rows):,} group buys, {len(records.people):,} people, {len(records.goods):,} goods.")
    click.echo(f"Prices, rates and times are generated from seed {records.seed}; the records tell none.")


def _assemble(records: Records, now: datetime, team_ttl: timedelta, return_window: timedelta) -> Cast:
    with click.progressbar(length=len(records.people) + len(records.goods), label="people and goods ") as bar:
        return assemble(records, now=now, team_ttl=team_ttl, return_window=return_window, progress=bar.update)


def _amount(name: str, minor: int) -> None:
    sign = "-" if minor < 0 else ""
    click.echo(f"  {name:<38}{sign}{abs(minor) // 100:>14,}.{abs(minor) % 100:02}")
