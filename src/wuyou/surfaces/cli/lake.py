"""`wuyou lake`: the files of what people saw and did, and of what happened."""

from __future__ import annotations

import click

from wuyou.infra import lake as files
from wuyou.infra.lake.proof import State
from wuyou.kernel.clock import utc_now


@click.group()
def lake() -> None:
    """Parquet files by day, for whoever counts and learns."""


@lake.command()
def compact() -> None:
    """Bring the files up to the tables now, as the worker does every hour."""
    try:
        written = files.compact(utc_now())
    except files.BusyError as busy:
        raise click.ClickException(f"{busy}; try again in a moment") from busy
    click.echo(f"{written} files written")


@lake.command()
def verify() -> None:
    """Compare tables and files day by day; exit code 1 when a row is missing or too many."""
    proofs = files.verify()
    click.echo(f"{'stream':<10} {'day':<10} {'in table':>12} {'in file':>12} {'came before':>12}")
    for proof in proofs:
        rows = "-" if proof.table_rows is None else f"{proof.table_rows:,}"
        counts = f"{rows:>12} {proof.file_rows:>12,} {proof.duplicate_rows:>12,}"
        click.echo(f"{proof.stream:<10} {proof.day} {counts}  {proof.state}")
    if any(proof.state is State.BROKEN for proof in proofs):
        raise SystemExit(1)
