"""`wuyou people`: take people in and let programs act for them. Secrets are printed once and kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from django.utils import translation

from wuyou.domains.identity import errors, operations, queries
from wuyou.domains.identity.types import TokenScope
from wuyou.infra import db
from wuyou.kernel import tokens
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.ui.errors import text_of

_PASSWORD_BYTES = 12


@click.group()
def people() -> None:
    """Who may sign in, and with what programs act for them."""


@people.command()
@click.argument("handle")
@click.option("--name", help="How others see them; the handle when left out.")
@click.option("--staff", "is_staff", is_flag=True, help="May enter the console at /staff.")
def add(handle: str, name: str | None, is_staff: bool) -> None:
    """Take a person in and print their password: the only time that it can be read."""
    password = tokens.new_token(_PASSWORD_BYTES)
    with _refusals_in_words():
        password_hash = operations.hash_password(password)
        person = db.in_transaction(
            lambda: operations.register(
                handle=handle,
                display_name=handle if name is None else name,
                password_hash=password_hash,
                is_staff=is_staff,
                now=utc_now(),
            )
        )
    click.echo(f"{person.display_name} signs in as {person.handle} with this password:", err=True)
    click.echo(password)


@people.command()
@click.argument("handle")
@click.option("--label", default="command line", show_default=True, help="What the token is for.")
@click.option("--outlet", "is_outlet", is_flag=True, help="Good for handing in events of behaviour, and nothing else.")
def token(handle: str, label: str, is_outlet: bool) -> None:
    """Print an access token for a program that acts as this person: the only time that it can be read."""
    scope = TokenScope.BEHAVIOUR if is_outlet else TokenScope.EVERYTHING
    with _refusals_in_words():
        person = queries.find_person(handle)
        if person is None:
            raise errors.PersonNotFound
        made = db.in_transaction(
            lambda: operations.issue_access_token(user_id=person.id, label=label, now=utc_now(), scope=scope)
        )
    does = "An outlet hands in events as one of" if is_outlet else "Programs act as"
    click.echo(f"{does} {person.handle} with this token (Authorization: Bearer …):", err=True)
    click.echo(made)


@contextmanager
def _refusals_in_words() -> Iterator[None]:
    """Say in one line why something is refused; exit code 1."""
    try:
        yield
    except DomainError as refused:
        with translation.override("en"):
            raise click.ClickException(text_of(refused)) from refused
