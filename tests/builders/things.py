"""Things and copies for tests and the demo world, made through operations only."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from wuyou.domains.identity.types import Person
from wuyou.domains.things import operations
from wuyou.domains.things.types import Holding, HoldingDraft, HoldingSource, HoldingState, Shelf, Thing, ThingKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import ONLY_ME, AudienceRule

_numbers = count(1)


def make_thing(
    now: datetime,
    name: str = "",
    *,
    kind: ThingKind = ThingKind.MODEL,
    brand: str = "海鸥",
    parent: Thing | None = None,
) -> Thing:
    """A thing that no shop sells; a model on its own unless said otherwise."""
    return db.in_transaction(
        lambda: operations.add_thing(
            kind=kind,
            name=name or f"相机 {next(_numbers)}",
            name_en="Camera",
            brand=brand,
            parent_id=parent.id if parent else None,
            now=now,
        )
    )


def make_holding(
    now: datetime,
    person: Person,
    thing: Thing | None = None,
    *,
    state: HoldingState = HoldingState.OWN,
    source: HoldingSource = HoldingSource.HAND,
    audience: AudienceRule = ONLY_ME,
    story: str = "",
    giver: Person | None = None,
) -> Holding:
    """A copy of this person's, of a new thing unless one is given; private unless opened."""
    thing = thing or make_thing(now)
    draft = HoldingDraft(thing.id, state, source, story=story, other_id=giver.id if giver else None, audience=audience)
    return db.in_transaction(lambda: operations.add_holding(actor=Actor(person.id), draft=draft, now=now))


def make_shelf(now: datetime, person: Person, name: str = "") -> Shelf:
    """An empty shelf of this person's."""
    return db.in_transaction(
        lambda: operations.make_shelf(actor=Actor(person.id), name=name or f"架子 {next(_numbers)}", now=now)
    )
