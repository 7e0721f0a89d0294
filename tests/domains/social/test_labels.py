"""Labels, notes and blocked things: a person's own order, seen by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.builders import social
from tests.builders.people import actor_for, make_person
from tests.domains.social.test_relations import refuses, told
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.social import errors, operations, policies, queries
from wuyou.domains.social.types import Label
from wuyou.infra import db, sight
from wuyou.kernel.sight import PUBLIC, Audience, AudienceRule, Kind, Subject, SubjectKind, compile_rule, may_see, token

pytestmark = pytest.mark.django_db


def rename(owner: object, label_id: int, name: str) -> None:
    db.in_transaction(lambda: operations.rename_label(actor=actor_for(owner), label_id=label_id, name=name))  # type: ignore[arg-type]


def test_label_is_on_whom_its_owner_puts_it(now: datetime) -> None:
    me, you, third = (make_person(now) for _ in range(3))
    label = social.make_label(now, me, " 同学 ", you, you, third)
    other = social.make_label(now, me, "老乡")

    social.take_label(me, label.id, third)
    social.take_label(me, label.id, third)

    assert queries.list_labels(me.id) == (Label(label.id, "同学", 1), Label(other.id, "老乡", 0))
    assert queries.members_of_label(me.id, label.id) == {you.id}
    assert queries.list_labels(you.id) == ()
    assert told() == []


def test_labels_of_one_person_have_different_names(now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    label = social.make_label(now, me, "同学")
    other = social.make_label(now, me, "同事")

    refuses(errors.LabelTaken, lambda: social.make_label(now, me, "同学"))
    refuses(errors.LabelTaken, lambda: rename(me, other.id, "同学"))
    rename(me, label.id, "同学")
    rename(me, label.id, "老同学")
    social.make_label(now, you, "同学")

    assert {each.name for each in queries.list_labels(me.id)} == {"老同学", "同事"}


@pytest.mark.parametrize("name", ["", " ", "x" * 21, "a\tb"])
def test_label_has_a_name_that_can_be_shown(now: datetime, name: str) -> None:
    me = make_person(now)
    label = social.make_label(now, me, "x" * 20)

    refuses(errors.LabelMalformed, lambda: social.make_label(now, me, name))
    refuses(errors.LabelMalformed, lambda: rename(me, label.id, name))


def test_label_of_another_is_not_to_be_found(now: datetime) -> None:
    me, you, third = (make_person(now) for _ in range(3))
    label = social.make_label(now, me, "同学", third)
    calls: list[Callable[[], object]] = [
        lambda: social.put_label(now, you, label.id, third),
        lambda: social.take_label(you, label.id, third),
        lambda: social.retire_label(now, you, label.id),
        lambda: rename(you, label.id, "我的"),
        lambda: queries.members_of_label(you.id, label.id),
        lambda: queries.check_rule(you.id, AudienceRule(Audience(labels=frozenset({label.id})))),
        lambda: queries.check_rule(you.id, AudienceRule(PUBLIC.to, Audience(labels=frozenset({label.id})))),
    ]
    for call in calls:
        refuses(errors.LabelNotFound, call)
    refuses(errors.NotYourself, lambda: social.put_label(now, me, label.id, me))


def test_retired_label_opens_nothing_and_goes_on_closing(now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    label = social.make_label(now, me, "同学", you)
    named = Audience(labels=frozenset({label.id}))
    opened, closed = compile_rule(me.id, AudienceRule(named)), compile_rule(me.id, AudienceRule(PUBLIC.to, named))
    assert may_see(sight.get_viewer(you.id), opened)

    social.retire_label(now, me, label.id)
    social.retire_label(now, me, label.id)

    assert not may_see(sight.get_viewer(you.id), opened)
    assert not may_see(sight.get_viewer(you.id), closed)
    assert queries.list_labels(me.id) == ()
    refuses(errors.LabelNotFound, lambda: social.take_label(me, label.id, you))
    refuses(errors.LabelNotFound, lambda: social.put_label(now, me, label.id, make_person(now)))
    refuses(errors.LabelNotFound, lambda: rename(me, label.id, "新同学"))
    social.make_label(now, me, "同学")


def test_note_is_its_writers(now: datetime) -> None:
    me, you, third = (make_person(now) for _ in range(3))

    def note(text: str) -> None:
        db.in_transaction(lambda: operations.set_note(actor=actor_for(me), person_id=you.id, text=text, now=now))

    note("楼下的邻居")
    note(" 三楼的邻居 ")

    assert queries.notes_by_person(me.id, [you.id, third.id]) == {you.id: "三楼的邻居"}
    assert queries.notes_by_person(you.id, [me.id, you.id]) == {}
    assert told() == []
    refuses(errors.NoteMalformed, lambda: note("x" * 201))
    refuses(errors.NoteMalformed, lambda: note("a\nb"))
    note("  ")
    assert queries.notes_by_person(me.id, [you.id]) == {}


def test_blocked_thing_and_brand_are_kept_apart(now: datetime) -> None:
    me = make_person(now)
    thing, brand = Subject(SubjectKind.THING, 5), Subject(SubjectKind.BRAND, 5)

    for subject in (thing, thing, brand):
        social.block_subject(now, me, subject)
    assert queries.list_blocked_subjects(me.id) == {thing, brand}
    social.unblock_subject(me, thing)

    assert queries.list_blocked_subjects(me.id) == {brand}
    assert set(sight.held_by(me.id)) == {token(Kind.BLOCKED_BRAND, 5)}
    assert told() == []


def test_rule_names_people_there_are_and_not_too_many(now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    label = social.make_label(now, me, "同学")
    good = AudienceRule(
        Audience(persons=frozenset({you.id}), labels=frozenset({label.id})), Audience(persons=frozenset({me.id}))
    )

    queries.check_rule(me.id, good)
    queries.check_rule(me.id, PUBLIC)
    half = frozenset(range(1, policies.MAX_NAMED // 2 + 1))
    queries.check_rule(me.id, AudienceRule(Audience(holders=half), Audience(circles=half)))

    with pytest.raises(errors.AudienceTooLarge) as refused:
        queries.check_rule(me.id, AudienceRule(Audience(holders=half), Audience(circles=half | {10**6})))
    assert refused.value.facts == {"most": 500}
    for audience in (Audience(persons=frozenset({10**9})), Audience(persons=frozenset({you.id, 10**9}))):
        with pytest.raises(PersonNotFound):
            queries.check_rule(me.id, AudienceRule(audience))
        with pytest.raises(PersonNotFound):
            queries.check_rule(me.id, AudienceRule(PUBLIC.to, audience))
