"""`wuyou statement`: prove a statement from its file and the public key; the key itself; the files.

`verify` and `key` know neither the database nor Django: whoever holds a file checks it on any machine.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from wuyou.config.env import get_env
from wuyou.engines.statements import chain, files
from wuyou.engines.statements.checking import check
from wuyou.surfaces.cli.main import set_up_django


class _PublicKey(click.ParamType[str]):
    name = "key"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = Path(value).read_text().strip() if Path(value).is_file() else value.strip()
        try:
            chain.check_public(text)
        except ValueError:
            self.fail("a key is 43 letters of base64url, or a file that holds them", param, ctx)
        return text


@click.group()
def statement() -> None:
    """Statements of payees: prove one, say the key that signs them, write their files."""


@statement.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "public_key", type=_PublicKey(), required=True, help="The public key, or a file that holds it.")
def verify(file: Path, public_key: str) -> None:
    """Prove a statement (JSON or CSV): every amount from its inputs, the sums, the chain, the signature.

    Exit code 1 when something does not follow; each line says what and where.
    """
    try:
        document = files.read(file.read_bytes())
    except files.MalformedFile as error:
        raise click.ClickException(str(error)) from error
    findings = check(document, public_key)
    for finding in findings:
        click.echo(f"WRONG  {finding}")
    if findings:
        sys.exit(1)
    head = document["head"]
    click.echo(
        f"ok     {head['number']} of {head['account']}: {head['line_count']:,} lines from {head['opening_minor']}"
        f" to {head['closing_minor']}, closed {head['closed_at']} by {head['issuer']}"
    )


@statement.command()
@click.option("--renew", is_flag=True, help="Make a new key first; what the old one signed is verified with its own.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with the key and its id.")
def key(renew: bool, as_json: bool) -> None:
    """Print the public key that statements are signed with from now on."""
    env = get_env()
    if renew:
        env.renew_statement_key()
    public = chain.public_key(env.statement_key)
    click.echo(json.dumps({"key_id": chain.key_id(public), "public_key": public}) if as_json else public)


@statement.command("list")
@click.argument("owner")
def list_(owner: str) -> None:
    """List the statements of an owner, such as shop:12 or publisher:7, the newest first."""
    set_up_django()
    from wuyou.domains.ledger import statements

    cursor = None
    while True:
        page = statements.list_statements([owner], cursor=cursor)
        for each in page.items:
            click.echo(
                f"{each.number:32} {each.line_count:>8,} lines {each.closing.amount_minor:>16} {each.account.code}"
            )
        cursor = page.next_cursor
        if cursor is None:
            return


@statement.command()
@click.argument("number")
@click.option("--csv", "as_csv", is_flag=True, help="The table instead of JSON.")
def show(number: str, as_csv: bool) -> None:
    """Print the file of a statement, as it can be verified."""
    set_up_django()
    from wuyou.domains.ledger import statements

    document = statements.find_document(number)
    if document is None:
        raise click.ClickException(f"no closed statement is called {number!r}")
    click.echo((files.write_csv if as_csv else files.write_json)(document), nl=False)


@statement.command()
def close() -> None:
    """Close the months that are over now, rather than when the schedule comes to it."""
    set_up_django()
    from wuyou.domains.ledger import tasks
    from wuyou.kernel.clock import utc_now

    click.echo(f"{tasks.close_months(utc_now()):,} accounts had a month to close")
