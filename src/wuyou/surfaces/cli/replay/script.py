"""What the people of one record do, told once; who plays it is the platform's matter."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from wuyou.surfaces.cli.replay.records import Good, Record, Records


@dataclass(frozen=True, slots=True)
class Bought:
    """A seat that someone ordered."""

    person: int
    order_no: str
    team_token: str


class Platform(Protocol):
    """The public operations that the people of the records use."""

    def open_team(self, person: int, good: Good, number: int) -> Bought: ...
    def join_team(self, person: int, good: Good, team_token: str) -> Bought: ...
    def pay(self, bought: Bought) -> None: ...
    def link_of(self, team_token: str) -> str | None: ...
    def click(self, person: int, link: str) -> None: ...
    def has_formed(self, team_token: str) -> bool: ...
    def ship(self, bought: Bought) -> None: ...
    def receive(self, bought: Bought) -> None: ...


@dataclass(frozen=True, slots=True)
class Wait:
    """Go on after `pause`, and not before `until` answers something true; after `patience` the life stops for good."""

    pause: timedelta
    until: Callable[[], object] = lambda: True
    patience: timedelta = timedelta(days=3)


Life = Generator[Wait, None, str]
"""One record lived through; returns the token of its team."""


def live(row: Record, records: Records, platform: Platform) -> Life:
    """Open a team; if the record says so, others click the leader's link, join and pay; goods are sent and received.

    A record that failed is left alone after the leader's payment: its team must run out of time by itself.
    """
    opened = platform.open_team(row.initiator, row.good, row.number)
    platform.pay(opened)
    token = opened.team_token
    if not row.succeeded:
        return token
    links: list[str] = []
    yield Wait(_minutes(records, row, "share", 5, 120), lambda: _found(links, platform.link_of(token)))
    bought = [opened]
    for person in row.participants:
        platform.click(person, links[0])
        bought.append(platform.join_team(person, row.good, token))
        platform.pay(bought[-1])
    yield Wait(_minutes(records, row, "ship", 300, 1800), lambda: platform.has_formed(token))
    for seat in bought:
        platform.ship(seat)
    yield Wait(_minutes(records, row, "carry", 1440, 4320))
    for seat in bought:
        platform.receive(seat)
    return token


def _minutes(records: Records, row: Record, step: str, least: int, most: int) -> timedelta:
    return timedelta(minutes=records.pause_minutes(row, step, least, most))


def _found(kept: list[str], link: str | None) -> bool:
    if link is not None:
        kept.append(link)
    return link is not None
