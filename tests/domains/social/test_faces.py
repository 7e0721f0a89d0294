"""Faces, roles and what people say of themselves: shown to whom they are made for, and found by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from tests.builders import erasure, faces, social
from tests.builders.people import actor_for, make_person
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.identity.types import Person
from wuyou.domains.social import errors, operations, policies, queries
from wuyou.domains.social.types import AgeBand, Alike, FaceDraft, OwnFaces, Role, TraitKind, TraitQuery
from wuyou.infra import db, person_data, sight
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC, Audience, AudienceRule, Viewer

pytestmark = pytest.mark.django_db

FIVE, TEN = AgeBand(1995, 5), AgeBand(1990, 10)


def looking(person: Person | None) -> Viewer:
    return sight.get_viewer(person.id if person else None)


def only(*people: Person) -> AudienceRule:
    return AudienceRule(Audience(persons=frozenset(person.id for person in people)))


def who(viewer: Person | None, asked: TraitQuery) -> dict[int, int]:
    return queries.people_who_say(looking(viewer), asked)


def rows() -> tuple[object, ...]:
    return tuple(db.rows(f"SELECT * FROM {table} ORDER BY id") for table in ("social_face", "social_trait"))


def refused(error: type[DomainError], call: Callable[[], object]) -> DomainError:
    """The call is refused, and nothing has changed."""
    before = rows()
    with pytest.raises(error) as caught:
        call()
    assert rows() == before
    return caught.value


# ---------------------------------------------------------------------- faces


def test_a_face_is_shown_to_whom_it_was_made_for(now: datetime) -> None:
    lin, colleague, family, stranger = (make_person(now, name) for name in ("林小梅", "同事", "妈妈", "路人"))
    faces.make_face(lin, "设计师林", audience=only(colleague), avatar="fox", words="做灯", roles=(Role.DESIGNER,))
    faces.make_face(lin, "小梅", audience=only(family))
    faces.describe(lin, "喜欢老相机", Role.MAKER)

    assert faces.name_seen(colleague, lin) == "设计师林"
    assert faces.name_seen(family, lin) == "小梅"
    assert faces.name_seen(stranger, lin) == faces.name_seen(None, lin) == faces.name_seen(lin, lin) == "林小梅"
    seen = queries.faces_by_person(looking(colleague), [lin.id])[lin.id]
    assert (seen.person.handle, seen.person.avatar, seen.words, seen.roles) == (
        lin.handle, "fox", "做灯", (Role.DESIGNER,),
    )  # fmt: skip
    main = queries.faces_by_person(looking(stranger), [lin.id])[lin.id]
    assert (main.person, main.words, main.roles) == (lin, "喜欢老相机", (Role.MAKER,))


def test_the_first_of_several_is_shown_in_the_order_of_their_owner(now: datetime) -> None:
    lin, friend = make_person(now, "林小梅"), make_person(now)
    first, second = (faces.make_face(lin, name) for name in ("第一", "第二"))
    assert faces.name_seen(friend, lin) == "第一"

    db.in_transaction(lambda: operations.order_faces(actor=actor_for(lin), face_ids=[second, first]))

    assert faces.name_seen(friend, lin) == "第二"
    assert [face.id for face in queries.list_own_faces(lin.id).others] == [second, first]
    for wrong in ([first], [first, first], [first, second, 10**9]):
        refused(errors.FaceNotFound, lambda ids=wrong: operations.order_faces(actor=actor_for(lin), face_ids=ids))  # type: ignore[misc]


def test_narrowing_a_rule_takes_a_face_away_at_once(now: datetime) -> None:
    lin, friend = make_person(now, "林小梅"), make_person(now)
    social.befriend(now, lin, friend)
    face = faces.make_face(lin, "小梅", audience=FRIENDS)
    assert faces.name_seen(friend, lin) == "小梅"

    faces.change_face(lin, face, FaceDraft("小梅", audience=AudienceRule(FRIENDS.to, only(friend).to)))
    assert faces.name_seen(friend, lin) == "林小梅"

    faces.change_face(lin, face, FaceDraft("梅", audience=FRIENDS))
    assert faces.name_seen(friend, lin) == "梅"
    social.unfriend(now, friend, lin)
    assert faces.name_seen(friend, lin) == "林小梅"


def test_a_face_is_not_seen_across_a_block_and_nobody_is_met_there(now: datetime) -> None:
    lin, other = make_person(now, "林小梅"), make_person(now)
    faces.make_face(lin, "设计师林")
    assert queries.faces_met(looking(other), [lin.id])[lin.id].person.display_name == "设计师林"

    social.block(now, other, lin)

    assert faces.name_seen(other, lin) == "林小梅"
    assert queries.faces_met(looking(other), [lin.id]) == {}


def test_my_page_with_anothers_eyes_has_the_face_that_they_see(now: datetime) -> None:
    lin, colleague = make_person(now, "林小梅"), make_person(now)
    faces.make_face(lin, "设计师林", audience=only(colleague))

    eyes = sight.view_as(sight.get_viewer(lin.id), colleague.id).surely

    assert queries.faces_by_person(eyes, [lin.id])[lin.id].person.display_name == "设计师林"
    nobody = sight.view_as(sight.get_viewer(lin.id), None).surely
    assert queries.faces_by_person(nobody, [lin.id])[lin.id].person.display_name == "林小梅"


def test_many_faces_are_one_query(now: datetime, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    people = [make_person(now, f"人{n}") for n in range(5)]
    for person in people[:3]:
        faces.make_face(person, f"又名{person.display_name}")
    viewer = looking(make_person(now))

    with django_assert_num_queries(1):
        seen = queries.faces_by_person(viewer, [*(person.id for person in people), 10**9])
    with django_assert_num_queries(0):
        assert queries.faces_by_person(viewer, []) == {}

    assert [seen[person.id].person.display_name for person in people] == ["又名人0", "又名人1", "又名人2", "人3", "人4"]
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (FaceDraft(" "), "name"),
        (FaceDraft("林" * 41), "name"),
        (FaceDraft("a\u200bb"), "name"),
        (FaceDraft("林", avatar="../x"), "avatar"),
        (FaceDraft("林", words="字" * 201), "words"),
    ],
)
def test_malformed_faces_are_refused(now: datetime, draft: FaceDraft, field: str) -> None:
    lin = make_person(now)
    face = faces.make_face(lin)
    made = refused(errors.FaceMalformed, lambda: operations.make_face(actor=actor_for(lin), draft=draft, now=now))
    refused(
        errors.FaceMalformed, lambda: operations.change_face(actor=actor_for(lin), face_id=face, draft=draft, now=now)
    )
    assert made.facts == {"field": field}


def test_faces_of_others_and_rules_that_name_nobody_are_refused(now: datetime) -> None:
    lin, other = make_person(now), make_person(now)
    face = faces.make_face(lin)
    draft, actor = FaceDraft("x"), actor_for(other)
    refused(errors.FaceNotFound, lambda: operations.change_face(actor=actor, face_id=face, draft=draft, now=now))
    refused(errors.FaceNotFound, lambda: operations.remove_face(actor=actor, face_id=face))
    nobody = FaceDraft("x", audience=AudienceRule(Audience(persons=frozenset({10**9}))))
    refused(PersonNotFound, lambda: operations.make_face(actor=actor, draft=nobody, now=now))
    refused(PersonNotFound, lambda: operations.change_face(actor=actor_for(lin), face_id=face, draft=nobody, now=now))


def test_so_many_faces_and_no_more(now: datetime) -> None:
    lin = make_person(now)
    made = [faces.make_face(lin, f"脸{n}") for n in range(policies.MAX_FACES)]

    refused(errors.TooManyFaces, lambda: operations.make_face(actor=actor_for(lin), draft=FaceDraft("再一个"), now=now))
    db.in_transaction(lambda: operations.remove_face(actor=actor_for(lin), face_id=made[0]))

    assert faces.make_face(lin, "再一个")
    assert faces.name_seen(None, lin) == "脸1"


def test_the_main_face_is_described_once_and_again(now: datetime) -> None:
    lin = make_person(now, "林小梅")
    faces.describe(lin, "  喜欢\n 老相机 ", Role.MERCHANT, Role.MEMBER, Role.DESIGNER, Role.MERCHANT)
    assert queries.list_own_faces(lin.id) == OwnFaces("喜欢 老相机", (Role.DESIGNER, Role.MERCHANT))

    faces.describe(lin)

    assert queries.list_own_faces(lin.id) == OwnFaces()
    main_id = db.row("SELECT id FROM social_face WHERE owner_id = %s", [lin.id])
    assert main_id is not None
    refused(errors.FaceNotFound, lambda: operations.remove_face(actor=actor_for(lin), face_id=main_id[0]))
    with pytest.raises(IntegrityError), db.savepoint():
        db.execute("UPDATE social_face SET is_main = false")


# ---------------------------------------------------------------------- what is said of oneself


def test_a_hobby_is_the_same_in_any_spelling(now: datetime) -> None:
    lin, other = make_person(now), make_person(now)
    kept = faces.say_hobby(lin, " Ｌｅｉｃａ  M6 ")

    assert faces.say_hobby(lin, "LEICA m6", ONLY_ME) == kept
    own = queries.get_own_trait(lin.id, kept)
    assert (own.trait.words, own.audience) == (("LEICA m6",), ONLY_ME)

    faces.open_trait(now, lin, kept, PUBLIC)
    assert who(other, TraitQuery(hobbies=("leica　M6",))) == {lin.id: 0}
    faces.say_hobby(lin, "摄影")
    assert who(other, TraitQuery(hobbies=("摄影", "leica m6"))) == {lin.id: 0}
    assert who(other, TraitQuery(hobbies=("摄影", "钓鱼"))) == {}


def test_a_place_is_found_by_each_of_its_words(now: datetime) -> None:
    lin, other = make_person(now), make_person(now)
    faces.say_place(lin, "中国", "浙江省", "杭州市")
    faces.say_place(other, "USA", "", "New York")

    for place in ("杭州", "杭州市", "浙江", "浙江 杭州", "中国·浙江"):
        assert who(None, TraitQuery(place=place)) == {lin.id: 0}, place
    assert who(None, TraitQuery(place="new york")) == {other.id: 0}
    assert who(None, TraitQuery(place="杭州 上海")) == who(None, TraitQuery(place=" · ")) == {}
    assert [trait.words for trait in queries.list_traits(looking(None), lin.id)] == [("中国", "浙江省", "杭州市")]


def test_the_same_is_asked_with_what_one_has_said_oneself(now: datetime) -> None:
    me, lin, mo, silent = (make_person(now) for _ in range(4))
    for hobby in ("摄影", "徒步", "做饭"):
        faces.say_hobby(lin, hobby)
    faces.say_hobby(mo, "做饭")
    faces.say_age(now, lin, FIVE)
    assert who(me, TraitQuery(same_hobbies=True)) == who(me, TraitQuery(same_age=True)) == {}

    for hobby in ("摄影", "做饭", "钓鱼"):
        faces.say_hobby(me, hobby, ONLY_ME)
    faces.say_age(now, me, TEN, ONLY_ME)

    assert who(me, TraitQuery(same_hobbies=True)) == {lin.id: 2, mo.id: 1}
    assert who(me, TraitQuery(same_age=True)) == who(me, TraitQuery(same_hobbies=True, same_age=True)) == {lin.id: 2}
    assert who(None, TraitQuery(same_hobbies=True)) == {}
    assert queries.people_who_say(looking(me), TraitQuery(same_hobbies=True), among={mo.id, silent.id}) == {mo.id: 1}
    alike = queries.alike_by_person(looking(me), TraitQuery(same_hobbies=True, same_age=True), [lin.id, silent.id])
    assert alike == {lin.id: Alike(("摄影", "做饭"), (), is_same_age=True), silent.id: Alike()}


def test_ages_are_the_same_where_their_years_meet(now: datetime) -> None:
    me, adult = make_person(now), make_person(now)
    others = {band: make_person(now) for band in (AgeBand(1985, 5), AgeBand(1990, 5), FIVE, TEN, AgeBand(2000, 10))}
    for band, person in others.items():
        faces.say_age(now, person, band)
    faces.prove(now, adult)
    faces.say_age(now, adult, None)

    faces.say_age(now, me, FIVE)
    assert who(me, TraitQuery(same_age=True)).keys() == {others[FIVE].id, others[TEN].id}
    faces.say_age(now, me, AgeBand(1980, 10))
    assert who(me, TraitQuery(same_age=True)).keys() == {others[AgeBand(1985, 5)].id}
    assert len(queries.list_own_traits(me.id)) == 1


def test_nobody_is_found_by_what_they_did_not_open_to_who_asks(now: datetime) -> None:
    me, lin = make_person(now), make_person(now)
    faces.say_hobby(me, audience=ONLY_ME)
    faces.say_age(now, me, FIVE, ONLY_ME)
    traits = [
        faces.say_hobby(lin, audience=ONLY_ME),
        faces.say_place(lin, "杭州", audience=ONLY_ME),
        faces.say_age(now, lin, FIVE, ONLY_ME),
    ]
    asked = [
        TraitQuery(hobbies=("摄影",)),
        TraitQuery(place="杭州"),
        TraitQuery(same_age=True),
        TraitQuery(same_hobbies=True),
    ]
    assert [who(me, one) for one in asked] == [{}] * 4
    assert queries.list_traits(looking(me), lin.id) == ()

    for trait in traits:
        faces.open_trait(now, lin, trait, only(me))
    assert [list(who(me, one)) for one in asked] == [[lin.id]] * 4
    assert [who(None, one) for one in asked] == [{}] * 4
    assert len(queries.list_traits(looking(me), lin.id)) == 3

    social.block(now, lin, me)
    assert [who(me, one) for one in asked] == [{}] * 4


def test_a_role_is_found_on_the_face_that_is_shown(now: datetime) -> None:
    me, lin = make_person(now), make_person(now)
    faces.describe(lin, "", Role.MAKER)
    faces.make_face(lin, "商家林", roles=(Role.MERCHANT,), audience=only(me))

    assert who(me, TraitQuery(role=Role.MERCHANT)) == who(None, TraitQuery(role=Role.MAKER)) == {lin.id: 0}
    assert who(me, TraitQuery(role=Role.MAKER)) == who(None, TraitQuery(role=Role.MERCHANT)) == {}
    asked = TraitQuery(role=Role.MERCHANT)
    assert queries.alike_by_person(looking(me), asked, [lin.id]) == {lin.id: Alike(role=Role.MERCHANT)}


def test_what_is_asked_must_all_hold(now: datetime) -> None:
    lin, mo = make_person(now), make_person(now)
    for person in (lin, mo):
        faces.say_hobby(person)
    faces.say_place(lin, "杭州")
    faces.describe(mo, "", Role.ARTIST)

    assert who(None, TraitQuery(hobbies=("摄影",), place="杭州")) == {lin.id: 0}
    assert who(None, TraitQuery(hobbies=("摄影",), role=Role.ARTIST)) == {mo.id: 0}
    assert who(None, TraitQuery(place="杭州", role=Role.ARTIST)) == who(None, TraitQuery()) == {}


def test_searching_is_one_query_and_so_are_its_reasons(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    me, lin = make_person(now), make_person(now)
    for person in (me, lin):
        faces.say_hobby(person)
        faces.say_place(person, "杭州")
        faces.say_age(now, person, FIVE)
        faces.describe(person, "", Role.ARTIST)
    viewer, asked = looking(me), TraitQuery(("摄影",), True, True, "杭州", Role.ARTIST)

    with django_assert_num_queries(1):
        assert queries.people_who_say(viewer, asked) == {lin.id: 1}
    with django_assert_num_queries(1):
        alike = queries.alike_by_person(viewer, asked, [lin.id])
    with django_assert_num_queries(0):
        assert queries.people_who_say(viewer, TraitQuery()) == {}
        assert queries.alike_by_person(viewer, asked, []) == {}
    assert alike == {lin.id: Alike(("摄影",), ("杭州",), True, Role.ARTIST)}


def test_an_age_that_the_proof_refutes_is_refused(now: datetime) -> None:
    adult, young = make_person(now), make_person(now)
    faces.prove(now, adult)
    faces.prove(now, young, faces.BORN_2009)
    say = operations.say_age

    refused(
        errors.AgeRefuted,
        lambda: say(actor=actor_for(adult), band=AgeBand(2010, 5), audience=ONLY_ME, now=now),
    )
    refused(
        errors.AgeRefuted,
        lambda: say(actor=actor_for(young), band=AgeBand(2000, 5), audience=ONLY_ME, now=now),
    )
    refused(errors.AgeNotProven, lambda: say(actor=actor_for(young), band=None, audience=ONLY_ME, now=now))
    faces.say_age(now, adult, AgeBand(2005, 5))
    faces.say_age(now, young, AgeBand(2005, 5), FRIENDS)
    faces.say_age(now, adult, None)
    assert [own.trait.band for own in queries.list_own_traits(adult.id)] == [None]


def test_a_proof_takes_back_the_age_that_it_refutes(now: datetime) -> None:
    person = make_person(now)
    faces.say_age(now, person, AgeBand(2010, 10), ONLY_ME)
    faces.say_hobby(person)
    faces.prove(now, person)

    assert db.in_transaction(lambda: operations.drop_refuted_age(actor=actor_for(person)))

    assert [own.trait.kind for own in queries.list_own_traits(person.id)] == [TraitKind.HOBBY]
    faces.say_age(now, person, TEN)
    assert not db.in_transaction(lambda: operations.drop_refuted_age(actor=actor_for(person)))
    assert len(queries.list_own_traits(person.id)) == 2


def test_the_age_of_the_young_is_for_friends_and_chosen_people(now: datetime) -> None:
    young, proven = make_person(now), make_person(now)
    faces.prove(now, proven, faces.BORN_2009)
    say = operations.say_age
    for person, band in ((young, AgeBand(2010, 5)), (proven, AgeBand(2005, 5))):
        trait = faces.say_age(now, person, band, FRIENDS)
        for open_wide in (
            PUBLIC,
            AudienceRule(Audience(followers=True)),
            AudienceRule(Audience(holders=frozenset({1}))),
        ):
            refused(
                errors.AgeTooOpen,
                lambda p=person, b=band, r=open_wide: say(actor=actor_for(p), band=b, audience=r, now=now),  # type: ignore[misc]
            )
            refused(
                errors.AgeTooOpen,
                lambda p=person, t=trait, r=open_wide: operations.open_trait(  # type: ignore[misc]
                    actor=actor_for(p), trait_id=t, audience=r, now=now
                ),
            )
    grown = now + timedelta(days=5 * 366)
    faces.open_trait(grown, proven, queries.list_own_traits(proven.id)[0].trait.id, PUBLIC)


@pytest.mark.parametrize(
    "band", [AgeBand(1991, 5), AgeBand(1995, 10), AgeBand(1990, 7), AgeBand(1890, 10), AgeBand(2015, 5)]
)
def test_ages_that_nobody_has_are_refused(now: datetime, band: AgeBand) -> None:
    lin = make_person(now)
    refused(
        errors.TraitMalformed,
        lambda: operations.say_age(actor=actor_for(lin), band=band, audience=ONLY_ME, now=now),
    )


@pytest.mark.parametrize("hobby", ["", "  ", "字" * 31, "a\nb", "\u200b"])
def test_malformed_words_are_refused(now: datetime, hobby: str) -> None:
    lin = make_person(now)
    refused(
        errors.TraitMalformed,
        lambda: operations.say_hobby(actor=actor_for(lin), hobby=hobby, audience=ONLY_ME, now=now),
    )
    place = [hobby] if hobby.strip() else []
    refused(
        errors.TraitMalformed,
        lambda: operations.say_place(actor=actor_for(lin), words=place, audience=ONLY_ME, now=now),
    )


def test_so_many_hobbies_and_places_and_no_more(now: datetime) -> None:
    lin = make_person(now)
    actor = actor_for(lin)
    for n in range(policies.MAX_HOBBIES):
        faces.say_hobby(lin, f"爱好{n}")
    for n in range(policies.MAX_PLACES):
        faces.say_place(lin, f"城{n}")

    refused(errors.TooManyTraits, lambda: operations.say_hobby(actor=actor, hobby="再一个", audience=ONLY_ME, now=now))
    refused(
        errors.TooManyTraits, lambda: operations.say_place(actor=actor, words=["再一城"], audience=ONLY_ME, now=now)
    )
    faces.say_hobby(lin, "爱好0", ONLY_ME)
    first = queries.list_own_traits(lin.id)[0].trait.id
    db.in_transaction(lambda: operations.take_trait_back(actor=actor, trait_id=first))
    faces.say_hobby(lin, "再一个")


def test_what_others_say_is_not_mine_to_change(now: datetime) -> None:
    lin, other = make_person(now), make_person(now)
    trait = faces.say_hobby(lin)
    refused(
        errors.TraitNotFound,
        lambda: operations.open_trait(actor=actor_for(other), trait_id=trait, audience=PUBLIC, now=now),
    )
    refused(errors.TraitNotFound, lambda: operations.take_trait_back(actor=actor_for(other), trait_id=trait))


def test_all_of_it_is_taken_along_and_erased(now: datetime) -> None:
    lin, other = make_person(now), make_person(now)
    marks = {"标记名", "标记语", "标记主", "标记好", "标记城"}
    faces.make_face(lin, "标记名", words="标记语", roles=(Role.MAKER,))
    faces.describe(lin, "标记主")
    faces.say_hobby(lin, "标记好")
    faces.say_place(lin, "标记城")
    faces.say_age(now, lin, FIVE)
    faces.say_hobby(other, audience=AudienceRule(PUBLIC.to, only(lin).to))

    taken = str([list(records) for source in person_data.sources() for _, records in source.export(lin.id)])
    assert [mark for mark in marks if mark not in taken] == []
    assert "标记" not in str([list(r) for source in person_data.sources() for _, r in source.export(other.id)])

    erasure.erase(now, lin.id)

    assert {mark: places for mark, places in erasure.places_of(marks).items() if places} == {}
    assert queries.list_own_faces(lin.id) == OwnFaces()
    assert queries.list_own_traits(lin.id) == ()
    assert [own.audience for own in queries.list_own_traits(other.id)] == [PUBLIC]
    assert queries.faces_met(looking(other), [lin.id]) == {}
