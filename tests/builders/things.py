"""Things and copies for tests and the demo world, made through operations only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import count

from wuyou.domains.identity.types import Person
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import operations
from wuyou.domains.things.types import (
    Holding,
    HoldingDraft,
    HoldingSource,
    HoldingState,
    ReviewDraft,
    Shelf,
    Thing,
    ThingKind,
)
from wuyou.infra import db
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import ONLY_ME, PUBLIC, AudienceRule

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


def make_review(
    now: datetime,
    person: Person,
    thing: Thing,
    text: str = "",
    *,
    rating: int | None = None,
    audience: AudienceRule = PUBLIC,
    shows_proof: bool = True,
    pictures: Sequence[Picture] = (),
) -> int:
    """What this person says of a thing; to everyone unless said otherwise."""
    draft = ReviewDraft(text or f"用了 {next(_numbers)} 年", rating, shows_proof, audience)
    return db.in_transaction(
        lambda: operations.write_review(
            actor=Actor(person.id), thing_id=thing.id, draft=draft, now=now, pictures=pictures
        )
    )


def thank(now: datetime, person: Person, kind: AppreciatedKind, source_id: int) -> None:
    """Thank for something that was said of a thing."""
    db.in_transaction(lambda: operations.give_thanks(actor=Actor(person.id), kind=kind, source_id=source_id, now=now))
