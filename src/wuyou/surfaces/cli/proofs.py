"""What commands that prove something have in common."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

import click

from wuyou.domains.ledger.types import InvariantCheck
from wuyou.infra import db


@contextmanager
def one_snapshot() -> Iterator[None]:
    """All reads are of one moment."""
    with db.transaction():
        db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def tell_proofs(checks: Sequence[InvariantCheck], *, as_json: bool) -> None:
    """Print a line for each proof, with the rows that it saw. Exit code 1 when one is broken, or looked at no row."""
    for check in checks:
        if as_json:
            click.echo(json.dumps(asdict(check) | {"holds": check.holds}, ensure_ascii=False))
            continue
        verdict = "ok" if check.holds else "BROKEN" if check.checked_count else "EMPTY"
        click.echo(
            f"{verdict:6}  {check.name}: {check.checked_count:,} {check.unit} checked, {check.breach_count:,} wrong"
        )
        for example in check.examples:
            click.echo(f"          {example}")
    failed = sum(not check.holds for check in checks)
    if failed:
        click.echo(f"{failed} of {len(checks)} proofs failed; a proof that looked at nothing proves nothing.", err=True)
        sys.exit(1)
