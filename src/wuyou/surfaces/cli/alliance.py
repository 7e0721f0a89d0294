"""`wuyou alliance`: prove who brought what and what it pays."""

from __future__ import annotations

import click

from wuyou.domains.alliance import queries
from wuyou.surfaces.cli.proofs import one_snapshot, tell_proofs


@click.group()
def alliance() -> None:
    """The commissions: prove them."""


@alliance.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def verify(as_json: bool) -> None:
    """Prove every winner from the log of clicks, and every part from its snapshot, refunds and the books.

    Exit code 1 when a promise is broken, or a proof looked at no row.
    """
    with one_snapshot():
        checks = queries.verify()
    tell_proofs(checks, as_json=as_json)
