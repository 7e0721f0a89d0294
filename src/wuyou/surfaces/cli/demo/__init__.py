"""`wuyou demo`: a small town to look around in."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from pathlib import Path

import click

from wuyou.config.env import get_env
from wuyou.infra.clock import simulated_clock
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.cli.demo import history, loading
from wuyou.surfaces.cli.demo.homes import Homes, read_homes
from wuyou.surfaces.cli.demo.life import living
from wuyou.surfaces.cli.demo.loading import State
from wuyou.surfaces.cli.demo.world import MEMBER, MERCHANT, STAFF, World, read_world
from wuyou.surfaces.cli.replay.records import Records

_SHOWN = "wuyou.demo.shown"
"""Set on the command line's context once this process has printed passwords."""

_LOOKS = {
    MEMBER: "member: teams under way, orders and earnings in every state",
    MERCHANT: "merchant: a shop with orders to send and teams to decide on",
    STAFF: "staff: every order, team, refund and the books",
}


@click.group()
def demo() -> None:
    """A small town of shops and people to look around in."""


@demo.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when the database is not empty.")
@click.option(
    "--world",
    "more",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder made by `python -m tools.world large`: what it adds to the world.",
)
@click.pass_context
def load(context: click.Context, if_empty: bool, more: Path | None) -> None:
    """Fill an empty database: shops, people with their things, five weeks of group buys, and teams under way now.

    A load that was interrupted is undone and begins anew. Passwords are made and printed once; only their hashes stay.
    """
    world, homes, records = _read(more)
    try:
        with simulated_clock():
            state = loading.read_state(world)
            if state in (State.LOADED, State.FOREIGN):
                if if_empty:
                    return
                raise click.ClickException("The database is not empty: the demo world needs an empty one.")
            if state is State.UNFINISHED:
                click.echo("The last load of the demo world was interrupted: starting it over.")
                loading.empty()
            now = utc_now()
            steps = loading.count_steps(world, homes, records)
            with click.progressbar(length=steps, label="Loading the demo world") as bar:
                passwords = loading.load(world, homes, records, now=now, progress=bar.update)
    except RuntimeError as error:
        raise click.ClickException("Another load or replay is under way in this database.") from error
    _show(world, passwords)
    context.find_root().meta[_SHOWN] = True


@demo.command()
@click.pass_context
def logins(context: click.Context) -> None:
    """Say who can sign in to the demo world."""
    world = read_world()
    if loading.read_state(world) is not State.LOADED:
        return
    names = [f"{world.login(kind).handle} ({kind})" for kind in _LOOKS]
    line = f"Sign in as {', '.join(names[:-1])} or {names[-1]}"
    if context.find_root().meta.get(_SHOWN):
        click.echo(f"{line}; the passwords are above.")
    else:
        click.echo(f"{line}; the passwords were shown when the demo world was loaded.")
        click.echo("Lost them? `wuyou people add NAME [--staff]` takes in somebody new.")


@demo.command()
def live() -> None:
    """Let the town go on until stopped, where the demo world is loaded; `wuyou run --demo` does it by itself."""
    world = read_world()
    if loading.read_state(world) is not State.LOADED:
        raise click.ClickException("There is no demo world in this database.")
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    if not living.live(world, stopping, click.echo):
        raise click.ClickException("The town lives already: another process sees to it.")


def _read(more: Path | None) -> tuple[World, Homes, Records]:
    if more and not (more / "world").is_dir():
        raise click.ClickException(f"{more} holds no world: `python -m tools.world large` makes one.")
    try:
        return read_world(more), read_homes(more), history.read_history(more)
    except (ValueError, TypeError, KeyError, OSError) as error:
        if more is None:
            raise
        raise click.ClickException(f"{more} is not as a world is written down: {error}") from error


def _show(world: World, passwords: Mapping[str, str]) -> None:
    click.echo(f"\nSign in at {get_env().base_url}/sign-in with one of these. The passwords are not shown again.\n")
    for kind, look in _LOOKS.items():
        handle = world.login(kind).handle
        click.echo(f"  {handle:10}{passwords[handle]:18}{look}")
    click.echo()
