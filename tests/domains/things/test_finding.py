"""People search: whatever the world, memory answers what SQL answers, and nobody is shown for what is closed now."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from tests.builders import social
from tests.builders.people import make_person
from tests.builders.things import make_holding, make_thing
from wuyou.domains.identity.types import Person
from wuyou.domains.things import common_ground, errors, finding, neighbours, operations
from wuyou.domains.things.common_ground import Near
from wuyou.domains.things.neighbours import Neighbours
from wuyou.domains.things.types import Holding, HoldingState, Nearness, PeopleQuery, Thing, ThingKind
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC, Audience, AudienceRule, Subject, SubjectKind, Viewer


@pytest.fixture
def index(world: None, monkeypatch: pytest.MonkeyPatch) -> Neighbours:
    """An index that answers, and follows the log only when a test says so."""
    kept = Neighbours()
    monkeypatch.setattr(neighbours, "finder", lambda: kept)
    return kept


def looking(person: Person | None) -> Viewer:
    return sight.get_viewer(person.id if person else None)


def found_by(person: Person | None, query: PeopleQuery) -> list[int]:
    return [found.person_id for found in finding.find_people(looking(person), query).people]


def open_to(now: datetime, person: Person, holding: Holding, rule: AudienceRule) -> None:
    db.in_transaction(
        lambda: operations.set_audience(actor=Actor(person.id), holding_ids=[holding.id], rule=rule, now=now)
    )


class World:
    """Some people with shelves, open in many ways, who then change their minds."""

    def __init__(self, now: datetime, seed: int) -> None:
        self.now, self.random = now, random.Random(seed)
        self.people = [make_person(now) for _ in range(9)]
        families = [make_thing(now, kind=ThingKind.FAMILY, brand=brand) for brand in ("海鸥", "英雄")]
        models = [
            make_thing(
                now, parent=self.random.choice([*families, None]), brand=self.random.choice(["", "凤凰", "海鸥"])
            )
            for _ in range(8)
        ]
        variants = [make_thing(now, kind=ThingKind.VARIANT, parent=model, brand="") for model in models[:3] * 2]
        self.things: list[Thing] = [*families, *models, *variants]
        self.holdings: list[tuple[Person, Holding]] = []
        for one, other in ((0, 1), (1, 2), (3, 4)):
            social.befriend(now, self.people[one], self.people[other])
        social.block(now, self.people[5], self.people[0])
        social.block_subject(now, self.people[2], Subject(SubjectKind.THING, models[0].id))
        social.block_subject(now, self.people[2], Subject(SubjectKind.THING, families[0].id))
        for _ in range(70):
            self.add()

    def rule(self) -> AudienceRule:
        anybody = frozenset({self.random.choice(self.people).id})
        closed = AudienceRule(Audience(everyone=True), Audience(persons=anybody))
        named = AudienceRule(Audience(friends=True, persons=anybody))
        fellows = AudienceRule(Audience(holders=frozenset({self.things[3].id})))
        return self.random.choice([PUBLIC, PUBLIC, PUBLIC, FRIENDS, ONLY_ME, closed, named, fellows])

    def add(self) -> None:
        person, thing = self.random.choice(self.people), self.random.choice(self.things)
        state = self.random.choice([HoldingState.OWN, HoldingState.OWN, HoldingState.HAD, HoldingState.WANT])
        self.holdings.append((person, make_holding(self.now, person, thing, state=state, audience=self.rule())))

    def change(self) -> None:
        what = self.random.choice(["add", "open", "open", "move", "remove", "hide", "merge"])
        at = self.random.randrange(len(self.holdings))
        person, holding = self.holdings[at]
        actor = Actor(person.id)
        if what == "add":
            self.add()
        elif what == "open":
            open_to(self.now, person, holding, self.rule())
        elif what == "move":
            to = self.random.choice(list(HoldingState))
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("wuyou.domains.things.rules.may_move", lambda *_: True)
                db.in_transaction(
                    lambda: operations.move_holding(actor=actor, holding_id=holding.id, to=to, now=self.now)
                )
        elif what == "remove":
            db.in_transaction(lambda: operations.remove_holdings(actor=actor, holding_ids=[holding.id], now=self.now))
            del self.holdings[at]
        elif what == "hide":
            allowed = self.random.random() < 0.5
            db.in_transaction(lambda: operations.allow_finding(actor=actor, is_allowed=allowed, now=self.now))
        else:
            one, other = self.random.sample(self.things, 2)
            if one.kind is other.kind:
                curator = Actor(person.id, is_staff=True)
                db.in_transaction(
                    lambda: operations.merge_things(actor=curator, thing_id=one.id, into_id=other.id, now=self.now)
                )
                self.things.remove(one)

    def answers(self, finder: Neighbours | common_ground.InSql) -> list[object]:
        """What everyone is answered to many questions.

        Who blocked a thing is asked about things alone: that a copy is closed to its blocker only the last look knows.
        """
        found: list[object] = []
        for person in [None, *self.people]:
            viewer = looking(person)
            ground = common_ground.ground_of(viewer)
            everything = common_ground.ground_on(viewer, [thing.id for thing in self.things])
            among = frozenset(one.id for one in self.people[:4])
            known = (Nearness.THING,) if person is self.people[2] else tuple(Nearness)
            found += [
                in_any_order(finder.nearest(viewer, asked, at_least=at_least, limit=20, levels=levels, among=only))
                for levels in {known[:1], known}
                for at_least, only in ((1, None), (2, None), (3, among))
                for asked in (ground, everything)
            ]
            found += [finder.holders(viewer, level, [key]) for level in known for key in everything.keys[level]]
            found.append(finder.holders(viewer, Nearness.THING, everything.keys[Nearness.THING][:2], among=among))
        return found


def in_any_order(found: list[Near]) -> list[Near]:
    """What is as rare as the other stands in whichever order."""
    return [replace(near, shared=tuple(sorted(near.shared))) for near in found]  # type: ignore[type-var]


@pytest.mark.parametrize("seed", range(4))
def test_memory_answers_what_sql_answers_whatever_happens(now: datetime, index: Neighbours, seed: int) -> None:
    world = World(now, seed)
    index.build()
    assert world.answers(index) == world.answers(common_ground.InSql())

    for _ in range(6):
        for _ in range(world.random.randrange(1, 12)):
            world.change()
        while index.follow():
            pass
        assert world.answers(index) == world.answers(common_ground.InSql())


def test_who_shares_the_rarest_comes_first_with_the_reasons(now: datetime, index: Neighbours) -> None:
    me, near, far, crowd = (make_person(now) for _ in range(4))
    rare, *common = (make_thing(now) for _ in range(3))
    for thing in (rare, *common):
        make_holding(now, me, thing)
        make_holding(now, near, thing, audience=PUBLIC)
    for thing in common:
        make_holding(now, far, thing, audience=PUBLIC)
        make_holding(now, crowd, thing, audience=PUBLIC)
    index.build()

    found = finding.find_people(looking(me), PeopleQuery(at_least=2)).people

    assert [one.person_id for one in found] == [near.id, far.id, crowd.id]
    assert [thing.id for thing in found[0].shared] == [rare.id, *(thing.id for thing in common)]
    assert (found[0].count, found[0].nearness) == (3, Nearness.THING)
    assert found_by(me, PeopleQuery(at_least=3)) == [near.id]
    assert found_by(me, PeopleQuery(thing_ids=(rare.id, common[0].id))) == [near.id]
    assert found_by(None, PeopleQuery(thing_ids=(common[0].id,))) == [crowd.id, far.id, near.id]
    assert found_by(me, PeopleQuery()) == []


def test_families_and_brands_follow_when_few_share_the_thing_itself(now: datetime, index: Neighbours) -> None:
    me, same_thing, same_family, same_brand, stranger = (make_person(now) for _ in range(5))
    family = make_thing(now, kind=ThingKind.FAMILY, brand="海鸥")
    mine, sister = (make_thing(now, parent=family, brand="海鸥") for _ in range(2))
    cousin, other = make_thing(now, brand="海鸥"), make_thing(now, brand="凤凰")
    make_holding(now, me, mine)
    for person, thing in ((same_thing, mine), (same_family, sister), (same_brand, cousin), (stranger, other)):
        make_holding(now, person, thing, audience=PUBLIC)
    index.build()

    found = finding.find_people(looking(me), PeopleQuery(at_least=1)).people

    assert [(one.person_id, one.nearness) for one in found] == [
        (same_thing.id, Nearness.THING),
        (same_family.id, Nearness.FAMILY),
        (same_brand.id, Nearness.BRAND),
    ]
    assert [thing.id for thing in found[1].shared] == [family.id]
    assert found[2].brands == ("海鸥",)
    assert found_by(me, PeopleQuery(brand=" 海鸥 ")) == [same_thing.id, same_brand.id, same_family.id]


def test_pages_go_on_where_they_ended(now: datetime, index: Neighbours) -> None:
    me = make_person(now)
    things = [make_thing(now) for _ in range(4)]
    for thing in things:
        make_holding(now, me, thing)
    for number in range(23):
        person = make_person(now)
        for thing in things[: number % 4]:
            make_holding(now, person, thing, audience=PUBLIC)
        make_holding(now, person, things[3], audience=PUBLIC)
    index.build()
    for query in (PeopleQuery(at_least=2), PeopleQuery(thing_ids=(things[3].id,))):
        whole = (
            found_by(me, query)
            if query.at_least
            else [one.person_id for one in finding.find_people(looking(me), query, limit=100).people]
        )

        paged: list[int] = []
        cursor: int | None = None
        while True:
            page = finding.find_people(looking(me), query, cursor=cursor, limit=4)
            paged += [one.person_id for one in page.people]
            cursor = page.next_cursor
            if cursor is None:
                break

        assert paged == whole
        assert len(paged) == len(set(paged)) > 10


def test_friends_of_friends_are_no_friends_of_mine(now: datetime, index: Neighbours) -> None:
    me, friend, beyond, stranger, secret = (make_person(now) for _ in range(5))
    social.befriend(now, me, friend)
    social.befriend(now, friend, secret)
    for person, other in ((friend, beyond), (beyond, friend), (friend, stranger), (friend, me), (me, friend)):
        social.follow(now, person, other)
    thing = make_thing(now)
    for person in (me, friend, beyond, stranger, secret):
        make_holding(now, person, thing, audience=PUBLIC)
    index.build()

    assert found_by(me, PeopleQuery(at_least=1, friends_of_friends=True)) == [beyond.id]
    assert found_by(me, PeopleQuery(friends_of_friends=True)) == [beyond.id]
    assert found_by(None, PeopleQuery(friends_of_friends=True)) == []
    assert found_by(me, PeopleQuery(circle_id=1)) == []


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (PeopleQuery(at_least=-1), errors.QuestionMalformed),
        (PeopleQuery(at_least=1001), errors.QuestionMalformed),
        (PeopleQuery(thing_ids=tuple(range(21))), errors.QuestionMalformed),
        (PeopleQuery(brand="x" * 201), errors.QuestionMalformed),
        (PeopleQuery(thing_ids=(10**9,)), errors.ThingNotFound),
    ],
)
@pytest.mark.django_db
def test_questions_that_make_no_sense_are_refused(query: PeopleQuery, error: type[Exception]) -> None:
    with pytest.raises(error):
        finding.find_people(looking(None), query)


# ---------------------------------------------------------------------- staleness


def _narrow(now: datetime, owner: Person, holding: Holding, other: Person) -> None:
    open_to(now, owner, holding, ONLY_ME)


def _exclude(now: datetime, owner: Person, holding: Holding, other: Person) -> None:
    open_to(now, owner, holding, AudienceRule(Audience(everyone=True), Audience(persons=frozenset({other.id}))))


def _give_away(now: datetime, owner: Person, holding: Holding, other: Person) -> None:
    db.in_transaction(
        lambda: operations.move_holding(actor=Actor(owner.id), holding_id=holding.id, to=HoldingState.GIVEN, now=now)
    )


def _remove(now: datetime, owner: Person, holding: Holding, other: Person) -> None:
    db.in_transaction(lambda: operations.remove_holdings(actor=Actor(owner.id), holding_ids=[holding.id], now=now))


def _hide(now: datetime, owner: Person, holding: Holding, other: Person) -> None:
    db.in_transaction(lambda: operations.allow_finding(actor=Actor(owner.id), is_allowed=False, now=now))


def _block(now: datetime, owner: Person, holding: Holding, other: Person) -> None:
    social.block(now, owner, other)


def _erase(now: datetime, owner: Person, holding: Holding, other: Person) -> None:
    db.in_transaction(lambda: operations.erase_person(person_id=owner.id, now=now))


@pytest.mark.parametrize("withdraw", [_narrow, _exclude, _give_away, _remove, _hide, _block, _erase])
def test_what_is_closed_is_not_found_by_although_memory_knows_it_still(
    now: datetime, index: Neighbours, withdraw: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    me, owner = make_person(now), make_person(now)
    thing = make_thing(now)
    make_holding(now, me, thing)
    holding = make_holding(now, owner, thing, audience=PUBLIC)
    index.build()
    asked = PeopleQuery(at_least=1, thing_ids=(thing.id,))
    assert found_by(me, asked) == [owner.id]

    withdraw(now, owner, holding, me)  # nobody has told the index

    assert found_by(me, asked) == []
    assert found_by(me, PeopleQuery(thing_ids=(thing.id,))) == []
    if withdraw in (
        _narrow,
        _exclude,
        _give_away,
        _remove,
        _erase,
    ):  # a block and a wish not to be found are asked apart
        monkeypatch.setattr(common_ground, "seen_now", lambda viewer, claims: set(claims))
        assert found_by(me, asked) == [owner.id], "without the last look, what memory knows leaks"


def test_nobody_is_found_by_what_was_closed_before_they_asked(
    now: datetime, index: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An owner closes and opens a copy while the index follows on a connection of its own, and somebody searches."""
    me, owner = make_person(now), make_person(now)
    thing = make_thing(now)
    make_holding(now, me, thing)
    holding = make_holding(now, owner, thing, audience=PUBLIC)
    index.build()
    done = threading.Event()

    def follow() -> None:
        from django.db import connection

        while not done.wait(0.02):
            index.follow()
        connection.close()

    follower = threading.Thread(target=follow)
    follower.start()
    try:
        leaked = {True: 0, False: 0}
        for looks_again in (True, False) * 15:
            open_to(now, owner, holding, PUBLIC)
            while not found_by(me, PeopleQuery(at_least=1)):
                pass
            with monkeypatch.context() as patch:
                if not looks_again:
                    patch.setattr(common_ground, "seen_now", lambda viewer, claims: set(claims))
                open_to(now, owner, holding, ONLY_ME)
                leaked[looks_again] += bool(found_by(me, PeopleQuery(at_least=1)))
    finally:
        done.set()
        follower.join()

    assert leaked[True] == 0
    assert leaked[False] > 0, "the control never met an index that was behind"
