"""Weeks of real group buys, told with the people and the goods of the world."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from importlib.resources import as_file, files
from pathlib import Path

from wuyou.kernel.clock import BUSINESS_ZONE, business_date
from wuyou.surfaces.cli.demo.town import VARIANTS, Town
from wuyou.surfaces.cli.demo.world import STAFF, TeamTerms, World, WorldProduct
from wuyou.surfaces.cli.replay.records import Good, Record, Records, read_records
from wuyou.surfaces.cli.replay.script import live
from wuyou.surfaces.cli.replay.simulated import Beginning

SEED = 20
SPAN = timedelta(days=38)
"""So long ago the world begins: five weeks, and the last weekly payout was three days ago."""

LAST_DAY = timedelta(hours=25)
"""The last of the history's teams is opened before this; what runs at the moment of loading is written down."""

STEP = timedelta(hours=2)
"""How often the schedule runs meanwhile: teams end, refunds return and orders complete at most so much late."""

OPENS, CLOSES = 8 * 60, 23 * 60 + 30
"""Teams are opened between these minutes of the day."""

SHORTEST, LONGEST = 6, 24
"""Hours of the teams that it tells of: friends take up to three to join, and every team has ended by now."""


def read_history(more: Path | None = None) -> Records:
    """The records that are shipped with the world (see README.md beside them), or those of a folder instead."""
    if more and (more / "groupbuys.parquet").exists():
        return read_records(more, seed=SEED)
    with as_file(files("wuyou.surfaces.cli.demo") / "groupbuys.parquet") as path:
        return read_records(path, seed=SEED)


def begins_at(now: datetime) -> datetime:
    """Midnight of the day on which the history begins."""
    return datetime.combine(business_date(now - SPAN), time(), BUSINESS_ZONE)


def beginnings(records: Records, world: World, town: Town, now: datetime) -> list[Beginning]:
    """The life of every record, spread over the days up to yesterday."""
    start = begins_at(now)
    days = (business_date(now - LAST_DAY) - business_date(start)).days
    told = retell(records, world)
    lives = []
    for row in told.rows:
        day, minute = divmod(told.launch_minute(row, days * (CLOSES - OPENS)), CLOSES - OPENS)
        at = start + timedelta(days=day, minutes=OPENS + minute)
        lives.append(Beginning(at, row.number, live(row, told, town)))
    return lives


def retell(records: Records, world: World) -> Records:
    """The same records, with each item a good of the world and each person one of its people.

    An item stays the same good wherever it is bought by teams of one size. Whether a team forms, and of how many, is as
    recorded; one that failed tells no size and may be of any that others formed. Nobody buys from themselves, and
    nobody sits in a team twice.
    """
    sizes = {row.good.size for row in records.rows if row.succeeded}
    shelf = [
        (number, product)
        for number, product in enumerate(world.products)
        if product.team and product.team.size in sizes and _may_be_told_of(product.team)
    ]
    people = [number for number, person in enumerate(world.people) if not person.newcomer and person.login != STAFF]
    owner_of = {number: world.owner_of[product.called] for number, product in shelf}
    numbers = {person.handle: number for number, person in enumerate(world.people)}
    rows = []
    for row in records.rows:
        number, product = _pick(records, row, shelf)
        place = records.draw("variant", row.number, len(_in_stock(product)))
        free = [each for each in people if each != numbers[owner_of[number]]]
        members = tuple(_members(records, row, free))
        good = Good(number * VARIANTS + _in_stock(product)[place], _size(product))
        rows.append(replace(row, initiator=members[0], participants=members[1:], good=good))
    return replace(records, rows=tuple(rows))


def _may_be_told_of(terms: TeamTerms) -> bool:
    return terms.is_unlimited and SHORTEST <= terms.hours <= LONGEST


def _pick(records: Records, row: Record, shelf: Sequence[tuple[int, WorldProduct]]) -> tuple[int, WorldProduct]:
    fitting = [each for each in shelf if not row.succeeded or _size(each[1]) == row.good.size]
    return fitting[records.draw("good", row.good.item, len(fitting))]


def _members(records: Records, row: Record, free: list[int]) -> Iterator[int]:
    for person in (row.initiator, *row.participants):
        yield free.pop(records.draw("person", person, len(free)))


def _in_stock(product: WorldProduct) -> list[int]:
    return [place for place, variant in enumerate(product.variants) if variant.stock != 0]


def _size(product: WorldProduct) -> int:
    assert product.team is not None  # noqa: S101  (only goods that are sold to teams are on the shelf)
    return product.team.size
