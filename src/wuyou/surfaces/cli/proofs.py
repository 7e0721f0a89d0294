"""What commands that prove something have in common, and those that do nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

import click

from wuyou.domains.ledger.types import InvariantCheck
from wuyou.infra import db
from wuyou.surfaces.proofs import PROOFS

_EXIT = "Exit code 1 when a promise is broken."


@contextmanager
def one_snapshot() -> Iterator[None]:
    """All reads are of one moment."""
    with db.transaction():
        db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def verify_command(proven: str, help_text: str) -> click.Command:
    """`verify`, which runs these of `PROOFS` on one moment and tells them."""

    @click.command("verify", help=f"{help_text} {_EXIT}")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
    def verify(as_json: bool) -> None:
        with one_snapshot():
            checks = PROOFS[proven]()
        _tell(checks, as_json=as_json)

    return verify


def _tell(checks: Sequence[InvariantCheck], *, as_json: bool) -> None:
    """Print a line for each proof, with the rows that it saw. Exit code 1 when one is broken."""
    for check in checks:
        if as_json:
            told = asdict(check) | {"holds": check.holds, "is_empty": check.is_empty}
            click.echo(json.dumps(told, ensure_ascii=False))
            continue
        if check.is_empty:
            click.echo(f"{'-':6}  {check.name}: nothing to check yet, no {check.unit}")
            continue
        verdict = "ok" if check.holds else "BROKEN"
        click.echo(
            f"{verdict:6}  {check.name}: {check.checked_count:,} {check.unit} checked, {check.breach_count:,} wrong"
        )
        for example in check.examples:
            click.echo(f"          {example}")
    if empty := sum(check.is_empty for check in checks):
        click.echo(f"{empty} of {len(checks)} proofs had nothing to check yet, and prove nothing.", err=True)
    if broken := sum(not check.holds and not check.is_empty for check in checks):
        click.echo(f"{broken} of {len(checks)} proofs failed.", err=True)
        sys.exit(1)


def _group(proven: str, help_text: str, verify_text: str) -> click.Group:
    group = click.Group(proven, help=help_text)
    group.add_command(verify_command(proven, verify_text))
    return group


alliance = _group(
    "alliance",
    "The commissions: prove them.",
    "Prove every winner from the log of clicks, and every part from its snapshot, refunds and the books.",
)
awards = _group(
    "awards",
    "The awards: prove them.",
    "Prove every winner again from what was counted when the award was given.",
)
payments = _group(
    "payments",
    "Money at providers: prove it.",
    "Prove what is disputed and what providers bill, from rows and the books.",
)
promotions = _group(
    "promotions",
    "Coupons and red packets: prove them.",
    "Prove every count, budget and packet from the vouchers, and every order's price from their uses.",
)
