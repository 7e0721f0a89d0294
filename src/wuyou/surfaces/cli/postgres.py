"""`wuyou postgres`: the embedded server on its own, for tests, benches and a look inside."""

from __future__ import annotations

import subprocess

import click

from wuyou.config.env import get_env
from wuyou.infra.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, binary


@click.group("postgres")
def postgres() -> None:
    """Start, stop and inspect the embedded PostgreSQL."""


@postgres.command()
def start() -> None:
    """Start the server in the background and print its URL."""
    try:
        click.echo(_server().start())
    except EmbeddedPostgresError as error:
        raise click.ClickException(str(error)) from error


@postgres.command()
def stop() -> None:
    """Stop the server."""
    _server().stop()


@postgres.command()
def status() -> None:
    """Say whether the server runs; exit 3 when it does not, as service tools do."""
    now = _server().status()
    click.echo(f"running (process {now.pid}) in {now.directory}" if now.pid else f"not running; {now.directory}")
    if not now.pid:
        raise SystemExit(3)


@postgres.command()
def url() -> None:
    """Print the URL to put into DATABASE_URL."""
    click.echo(_server().url())


@postgres.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open psql on the installation's database."""
    database = get_env().database_url or _server().url()
    raise SystemExit(subprocess.run([str(binary("psql")), database, *arguments], check=False).returncode)


@postgres.command()
def destroy() -> None:
    """Stop the server and remove the database with everything in it."""
    _server().destroy()


def _server() -> EmbeddedPostgres:
    return EmbeddedPostgres(get_env().home / "postgres")
