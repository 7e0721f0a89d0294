"""`wuyou awards`: prove who won what."""

from __future__ import annotations

import click

from wuyou.domains.awards import queries
from wuyou.surfaces.cli.proofs import one_snapshot, tell_proofs


@click.group()
def awards() -> None:
    """The awards: prove them."""


@awards.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def verify(as_json: bool) -> None:
    """Prove every winner again from what was counted when the award was given.

    Exit code 1 when a promise is broken, or a proof looked at no row.
    """
    with one_snapshot():
        checks = queries.verify()
    tell_proofs(checks, as_json=as_json)
