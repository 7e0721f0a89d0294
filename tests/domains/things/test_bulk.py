"""Very many copies at once keep what one promises, and are found by who has the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from tests.builders.people import make_person
from tests.builders.things import make_holding, make_thing
from wuyou.domains.identity.types import Person
from wuyou.domains.things import common_ground, errors, operations, queries
from wuyou.domains.things.neighbours import Neighbours
from wuyou.domains.things.types import BulkCopy, Cause, CodedThing, HoldingState, Nearness, ThingKind
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import FRIENDS, PUBLIC, AudienceRule, make_viewer

BOOKS = (
    CodedThing("test:works", ThingKind.FAMILY, "作者的书"),
    *(CodedThing(f"test:{n}", ThingKind.MODEL, f"书 {n}", above="test:works") for n in range(4)),
)


def ensure(now: datetime, books: Sequence[CodedThing] = BOOKS) -> dict[str, int]:
    return db.in_transaction(lambda: operations.ensure_coded(things=books, now=now))


def bring(
    now: datetime, person: Person, ids: dict[str, int], *codes: str, rule: AudienceRule = PUBLIC, rating: int = 4
) -> int:
    copies = [BulkCopy(person.id, ids[code], code, HoldingState.HAD, rating) for code in codes]
    return db.in_transaction(lambda: operations.import_in_bulk(holdings=copies, rule=rule, now=now))


@pytest.mark.django_db
def test_things_are_made_once_below_their_family_and_stay_as_they_are(now: datetime) -> None:
    first = ensure(now)
    renamed = [CodedThing("test:1", ThingKind.MODEL, "别的名字")]

    assert ensure(now) == first
    assert ensure(now, renamed) == {"test:1": first["test:1"]}
    assert queries.get_thing(first["test:1"]).name == "书 1"
    assert queries.get_thing(first["test:1"]).parent_id == first["test:works"]
    with pytest.raises(errors.TreeMalformed):
        ensure(now, [CodedThing("test:lost", ThingKind.MODEL, "书", above="test:nowhere")])
    with pytest.raises(errors.TreeMalformed):
        ensure(now, [CodedThing("test:1", ThingKind.FAMILY, "系列")])


@pytest.mark.django_db
def test_a_copy_comes_once_with_its_history_and_is_seen_as_the_rule_says(now: datetime) -> None:
    one, other = make_person(now), make_person(now)
    ids = ensure(now)

    assert bring(now, one, ids, "test:0", "test:1") == 2
    assert bring(now, one, ids, "test:1", "test:2", rule=FRIENDS) == 1

    seen = queries.list_holdings_of(sight.get_viewer(other.id), one.id).items
    assert sorted(copy.thing.name for copy in seen) == ["书 0", "书 1"]
    assert {line.cause for copy in seen for line in queries.list_provenance(one.id, copy.id)} == {Cause.IMPORTED}


@pytest.mark.django_db
def test_one_wrong_copy_refuses_all(now: datetime) -> None:
    person, ids = make_person(now), ensure(now)

    with pytest.raises(errors.RatingOutOfRange):
        bring(now, person, ids, "test:0", rating=6)
    with pytest.raises(errors.ThingNotFound):
        bring(now, person, {**ids, "test:9": max(ids.values()) + 1}, "test:0", "test:9")

    assert queries.list_holdings_of(make_viewer(person.id), person.id).items == ()
    assert not db.rows("SELECT 1 FROM event WHERE name = 'things.holdings_imported'")


@pytest.mark.django_db
def test_copies_of_what_was_merged_are_of_what_stays(now: datetime) -> None:
    person, ids, stays = make_person(now), ensure(now), make_thing(now)
    curator = Actor(person.id, is_staff=True)
    db.in_transaction(lambda: operations.merge_things(actor=curator, thing_id=ids["test:0"], into_id=stays.id, now=now))

    bring(now, person, ids, "test:0")

    (copy,) = queries.list_holdings_of(make_viewer(person.id), person.id).items
    assert copy.thing.id == stays.id


def test_memory_follows_what_came_in_bulk(world: None, now: datetime) -> None:
    me, *others = (make_person(now) for _ in range(4))
    ids = ensure(now)
    make_holding(now, me, queries.get_thing(ids["test:0"]))
    index = Neighbours()
    index.build()
    for number, person in enumerate(others):
        bring(now, person, ids, *(f"test:{n}" for n in range(number + 1)))
    viewer = sight.get_viewer(me.id)
    ground = common_ground.ground_of(viewer)

    def ask(finder: Neighbours | common_ground.InSql) -> list[object]:
        return [(near.person_id, near.rarity_millibits) for near in finder.nearest(viewer, ground, at_least=1, limit=9)]

    assert ask(index) == [], "it has not read on"
    while index.follow():
        pass

    assert ask(index) == ask(common_ground.InSql())
    assert index.holders(viewer, Nearness.THING, [ids["test:1"]]) == [person.id for person in others[1:]]
