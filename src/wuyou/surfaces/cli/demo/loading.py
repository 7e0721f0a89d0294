"""Loading the world into an empty database, and starting over where a load did not come to its end."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial

from wuyou.domains.identity import operations as identity_operations
from wuyou.domains.identity import queries as identity
from wuyou.domains.moderation import filing
from wuyou.domains.moderation import operations as moderation
from wuyou.domains.notifications import operations as telling
from wuyou.domains.notifications import queries as notifications
from wuyou.infra import db, events
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.surfaces.cli.demo import history, scenes
from wuyou.surfaces.cli.demo.awarding import give_awards, name_awards
from wuyou.surfaces.cli.demo.channelling import define_channels
from wuyou.surfaces.cli.demo.describing import DESCRIBED, describe_goods
from wuyou.surfaces.cli.demo.emptying import empty_tables
from wuyou.surfaces.cli.demo.homemaking import count_steps as count_steps_at_home
from wuyou.surfaces.cli.demo.homemaking import settle_homes
from wuyou.surfaces.cli.demo.homes import Homes
from wuyou.surfaces.cli.demo.keywording import define_keywords
from wuyou.surfaces.cli.demo.life.looking import look_back
from wuyou.surfaces.cli.demo.town import Town, register_person, settle
from wuyou.surfaces.cli.demo.world import MEMBER, MERCHANT, STAFF, World, WorldPerson
from wuyou.surfaces.cli.replay.records import Records
from wuyou.surfaces.cli.replay.simulated import live_through

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nothing that is read for something else. Twelve of them carry 59 bits."""


_NEWS = timedelta(hours=12)
"""What is older was read by who is signed in as."""


class State(Enum):
    """What is in the database."""

    EMPTY = auto()
    UNFINISHED = auto()
    """A load was interrupted, and nobody else is there."""
    LOADED = auto()
    FOREIGN = auto()
    """People who are not of the world."""


def read_state(world: World) -> State:
    """Tell by who is there: a load makes everyone but staff in its first transaction, and staff in its last."""
    count = identity.count_people()
    if not count:
        return State.EMPTY
    missing = [person for person in world.people if identity.find_person(person.handle) is None]
    if not missing:
        return State.LOADED
    if [person.login for person in missing] == [STAFF] and count == len(world.people) - 1:
        return State.UNFINISHED
    return State.FOREIGN


def empty() -> None:
    """Undo a load that was not finished."""
    db.in_transaction(empty_tables)


def count_steps(world: World, homes: Homes, records: Records) -> int:
    """How much `load` will tell its `progress`."""
    return len(records.rows) + len(world.teams) + len(world.purchases) + count_steps_at_home(homes)


def load(
    world: World, homes: Homes, records: Records, *, now: datetime, progress: Callable[[int], None]
) -> Mapping[str, str]:
    """Live through everything up to `now`, in an empty database whose clock is ours; returns passwords by handle."""
    passwords = {person.handle: new_password() for person in world.people if person.login}
    db.in_transaction(lambda: events.register(events.subscribers()))
    start = history.begins_at(now)
    with _without_waiting_for_the_disk():
        settled = settle(world, passwords=passwords, now=start)
        db.in_transaction(partial(name_awards, now=start))
        town = Town(world, settled, start)
        lives = [*history.beginnings(records, world, town, now), *scenes.beginnings(world, town, now)]
        live_through(lives, town, end=now, step=history.STEP, is_prompt=True, progress=progress)
        for cart in world.carts:
            town.put_aside(cart.buyer, cart.goods)
        settle_homes(homes, settled, now=now, progress=progress)
        describe_goods(settled, world.owner_of[DESCRIBED], now=now)
        look_back([settled.people[person.handle] for person in world.people if not person.login], now)
        give_awards(
            {settled.people[person.handle] for person in world.people if person.login in (MEMBER, MERCHANT)}, now=now
        )
        events.drain(events.subscribers(), now)  # what was published is judged for channels before there are any
        for kind in (MEMBER, MERCHANT):
            read_the_old_news(settled.people[world.login(kind).handle], now)
    staff = world.login(STAFF)
    password_hash = identity_operations.hash_password(passwords[staff.handle])
    db.in_transaction(lambda: _open_the_console(staff, password_hash, now))
    return passwords


def read_the_old_news(person_id: int, now: datetime) -> None:
    """Who signs in finds the last hours unread, and not five weeks: then the bell can be seen to move. Entry point."""
    viewer = get_viewer(person_id)
    cursor: int | None = None
    while True:
        page = notifications.list_groups(viewer, cursor=cursor, limit=100)
        told = [each for group in page.items for each in group.notifications if each.happened_at < now - _NEWS]
        read = partial(telling.mark_read, actor=Actor(person_id), notification_ids=[each.id for each in told], now=now)
        db.in_transaction(read)
        cursor = page.next_cursor
        if cursor is None:
            return


def _open_the_console(staff: WorldPerson, password_hash: str, now: datetime) -> None:
    """Staff come, take in the rules that come with Wuyou, open channels, and define keywords."""
    actor = Actor(register_person(staff, password_hash, now), is_staff=True)
    moderation.import_term_rules(actor=actor, drafts=filing.starting_set(), now=now)
    define_channels(actor=actor, now=now)
    define_keywords(actor=actor, now=now)


def new_password() -> str:
    """Three times four letters that nobody can guess."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


@contextmanager
def _without_waiting_for_the_disk() -> Iterator[None]:
    """Commits reach the disk a little later, in their order; the one of staff, made after this, waits for them all."""
    db.execute("SET synchronous_commit TO off")
    try:
        yield
    finally:
        db.execute("RESET synchronous_commit")
