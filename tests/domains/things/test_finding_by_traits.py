"""People search by what people say of themselves, alone and together with what they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import faces, social
from tests.builders.people import make_person
from tests.builders.things import make_holding, make_thing
from wuyou.domains.identity.types import Person
from wuyou.domains.social.types import AgeBand, Alike, Role, TraitQuery
from wuyou.domains.things import common_ground, errors, finding, neighbours, operations
from wuyou.domains.things.neighbours import Neighbours
from wuyou.domains.things.types import FoundPerson, Nearness, PeopleQuery, ThingKind
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC, Subject, SubjectKind

Refresh = Callable[[], None]


@pytest.fixture(params=["memory", "sql"])
def refresh(request: pytest.FixtureRequest, world: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Refresh]:
    """Searches are answered by memory, which is built when the test says so, or by SQL."""
    if request.param == "sql":
        monkeypatch.setattr(neighbours, "finder", common_ground.InSql)
        yield lambda: None
    else:
        kept = Neighbours()
        monkeypatch.setattr(neighbours, "finder", lambda: kept)
        yield kept.build


def find(person: Person | None, query: PeopleQuery, limit: int = 20) -> tuple[FoundPerson, ...]:
    return finding.find_people(sight.get_viewer(person.id if person else None), query, limit=limit).people


def ids(found: tuple[FoundPerson, ...]) -> list[int]:
    return [one.person_id for one in found]


def says(**asked: object) -> PeopleQuery:
    return PeopleQuery(said=TraitQuery(**asked))  # type: ignore[arg-type]


def test_people_of_my_age_with_my_hobby(now: datetime, refresh: Refresh) -> None:
    me, both, older, other_hobby = (make_person(now) for _ in range(4))
    for person, hobby, band in (
        (me, "摄影", AgeBand(1995, 5)),
        (both, " 摄影 ", AgeBand(1990, 10)),
        (older, "摄影", AgeBand(1970, 10)),
        (other_hobby, "钓鱼", AgeBand(1995, 5)),
    ):
        faces.say_hobby(person, hobby)
        faces.say_age(now, person, band)
    refresh()

    found = find(me, says(same_age=True, same_hobbies=True))

    assert ids(found) == [both.id]
    assert found[0].alike == Alike(("摄影",), (), is_same_age=True)
    assert (found[0].count, found[0].shared) == (0, ())


def test_what_they_have_and_what_they_say_must_both_hold(now: datetime, refresh: Refresh) -> None:
    me, both, has, says_it = (make_person(now) for _ in range(4))
    thing = make_thing(now, brand="海鸥")
    for person in (me, both, has):
        make_holding(now, person, thing, audience=PUBLIC)
    for person in (both, says_it):
        faces.say_hobby(person)
        faces.describe(person, "", Role.MAKER)
        faces.say_place(person, "杭州")
    refresh()
    asked = TraitQuery(hobbies=("摄影",), place="杭州", role=Role.MAKER)

    for query in (
        PeopleQuery(at_least=1, said=asked),
        PeopleQuery(thing_ids=(thing.id,), said=asked),
        PeopleQuery(brand="海鸥", said=asked),
    ):
        found = find(me, query)
        assert ids(found) == [both.id]
        assert found[0].alike == Alike(("摄影",), ("杭州",), role=Role.MAKER)
        assert [shared.id for shared in found[0].shared] == [thing.id]
    assert set(ids(find(me, PeopleQuery(said=asked)))) == {both.id, says_it.id}
    assert find(me, PeopleQuery(brand="凤凰", said=asked)) == ()


def test_the_rarest_things_decide_first_and_then_shared_hobbies(now: datetime, refresh: Refresh) -> None:
    me, rare, two, one, nothing_two, nothing_one = (make_person(now) for _ in range(6))
    scarce, common = make_thing(now), make_thing(now)
    make_holding(now, me, scarce)
    make_holding(now, me, common)
    make_holding(now, rare, scarce, audience=PUBLIC)
    for person in (one, two):
        make_holding(now, person, common, audience=PUBLIC)
    for hobby in ("摄影", "徒步"):
        for person in (me, two, nothing_two):
            faces.say_hobby(person, hobby)
    for person in (rare, one, nothing_one):
        faces.say_hobby(person, "摄影")
    refresh()

    found = find(me, says(same_hobbies=True))

    assert ids(found) == [rare.id, two.id, one.id, nothing_two.id, nothing_one.id]
    assert found[1].alike.hobbies == ("摄影", "徒步")


def test_pages_go_on_where_they_ended_also_among_equals(now: datetime, refresh: Refresh) -> None:
    me = make_person(now)
    things = [make_thing(now) for _ in range(2)]
    hobbies = ("摄影", "徒步", "做饭")
    for hobby in hobbies:
        faces.say_hobby(me, hobby)
    for thing in things:
        make_holding(now, me, thing)
    for number in range(14):
        person = make_person(now)
        for hobby in hobbies[: 1 + number % 3]:
            faces.say_hobby(person, hobby)
        for thing in things[: number % 2 + number % 4 // 3]:
            make_holding(now, person, thing, audience=PUBLIC)
    refresh()
    viewer, query = sight.get_viewer(me.id), says(same_hobbies=True)
    whole = ids(find(me, query, limit=100))

    paged: list[int] = []
    cursor: int | None = None
    while True:
        page = finding.find_people(viewer, query, cursor=cursor, limit=3)
        paged += ids(page.people)
        cursor = page.next_cursor
        if cursor is None:
            break

    assert paged == whole
    assert len(whole) == 14


def test_something_of_a_family_is_found_from_any_thing_of_it(now: datetime, refresh: Refresh) -> None:
    me, sister, shade, elsewhere = (make_person(now) for _ in range(4))
    family = make_thing(now, kind=ThingKind.FAMILY)
    mine, theirs = (make_thing(now, parent=family) for _ in range(2))
    variant = make_thing(now, kind=ThingKind.VARIANT, parent=theirs)
    lonely = make_thing(now)
    for person, thing in ((me, mine), (sister, theirs), (shade, variant), (elsewhere, lonely)):
        make_holding(now, person, thing, audience=PUBLIC)
    refresh()

    for named in (family, mine, theirs):
        assert set(ids(find(None, PeopleQuery(family_of=named.id)))) == {me.id, sister.id, shade.id}
    assert set(ids(find(me, PeopleQuery(family_of=mine.id)))) == {sister.id, shade.id}
    assert find(me, PeopleQuery(family_of=lonely.id)) == ()
    assert find(me, PeopleQuery(family_of=mine.id, brand="凤凰")) == ()
    social.block_subject(now, me, Subject(SubjectKind.THING, family.id))
    with pytest.raises(errors.ThingNotFound):
        find(me, PeopleQuery(family_of=10**9))
    assert find(me, PeopleQuery(family_of=mine.id)) == ()


def _narrow(now: datetime, me: Person, other: Person, trait: int) -> None:
    faces.open_trait(now, other, trait, ONLY_ME)


def _unfriend(now: datetime, me: Person, other: Person, trait: int) -> None:
    social.unfriend(now, other, me)


def _block(now: datetime, me: Person, other: Person, trait: int) -> None:
    social.block(now, other, me)


def _be_blocked(now: datetime, me: Person, other: Person, trait: int) -> None:
    social.block(now, me, other)


def _hide(now: datetime, me: Person, other: Person, trait: int) -> None:
    actor = Actor(other.id)
    db.in_transaction(partial(operations.allow_finding, actor=actor, is_allowed=False, now=now))


@pytest.mark.parametrize("withdraw", [_narrow, _unfriend, _block, _be_blocked, _hide])
def test_what_is_closed_is_not_found_by_at_once(
    now: datetime, refresh: Refresh, withdraw: Callable[[datetime, Person, Person, int], None]
) -> None:
    me, other = make_person(now), make_person(now)
    social.befriend(now, me, other)
    faces.say_hobby(me)
    trait = faces.say_hobby(other, audience=FRIENDS)
    refresh()
    assert ids(find(me, says(hobbies=("摄影",)))) == ids(find(me, says(same_hobbies=True))) == [other.id]

    withdraw(now, me, other, trait)

    assert find(me, says(hobbies=("摄影",))) == find(me, says(same_hobbies=True)) == ()


def test_a_narrowed_trait_takes_nothing_from_what_both_have(now: datetime, refresh: Refresh) -> None:
    me, other = make_person(now), make_person(now)
    thing = make_thing(now)
    for person in (me, other):
        make_holding(now, person, thing, audience=PUBLIC)
    faces.say_hobby(other, audience=ONLY_ME)
    refresh()

    found = find(me, PeopleQuery(at_least=1))

    assert [(one.person_id, one.nearness, one.alike) for one in found] == [(other.id, Nearness.THING, Alike())]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (TraitQuery(hobbies=("字" * 31,)), "hobby"),
        (TraitQuery(hobbies=(" ",)), "hobby"),
        (TraitQuery(hobbies=("甲",) * 13), "hobby"),
        (TraitQuery(place="城" * 101), "place"),
        (TraitQuery(role=Role.MEMBER), "role"),
    ],
)
@pytest.mark.django_db
def test_questions_that_make_no_sense_are_refused(said: TraitQuery, field: str) -> None:
    with pytest.raises(errors.QuestionMalformed) as caught:
        find(None, PeopleQuery(said=said))
    assert caught.value.facts == {"field": field}


@pytest.mark.django_db
def test_what_people_say_costs_two_queries_more(
    now: datetime, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(neighbours, "finder", common_ground.InSql)
    me = make_person(now)
    thing = make_thing(now)
    make_holding(now, me, thing)
    for _ in range(3):
        other = make_person(now)
        faces.say_hobby(other)
        make_holding(now, other, thing, audience=PUBLIC)
    viewer = sight.get_viewer(me.id)

    with django_assert_num_queries(8):
        assert len(finding.find_people(viewer, PeopleQuery(at_least=1)).people) == 3
    with django_assert_num_queries(10):
        query = PeopleQuery(at_least=1, said=TraitQuery(hobbies=("摄影",)))
        assert len(finding.find_people(viewer, query).people) == 3
