"""Sight on rows: what the table refuses, when a change counts, and by which index lists go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from tests.builders import social
from tests.builders.people import make_person
from tests.properties.sight_world import Piece, table_of_pieces
from wuyou.domains.identity.types import Person
from wuyou.infra import db, sight
from wuyou.kernel.sight import (
    FRIENDS,
    MAX_KEY,
    ONLY_ME,
    PUBLIC,
    Audience,
    AudienceRule,
    Eyes,
    Kind,
    Subject,
    SubjectKind,
    Viewer,
    compile_rule,
    make_viewer,
    may_see,
    token,
)


@pytest.fixture
def pieces(world: None) -> Iterator[None]:
    with table_of_pieces():
        yield


@pytest.fixture
def owner(pieces: None, now: datetime) -> Person:
    return make_person(now)


def put(owner: Person, rule: AudienceRule) -> int:
    return Piece.objects.create(owner_id=owner.id, **sight.columns(owner.id, rule)).id


def seen_by(person_id: int | None) -> list[int]:
    viewer = sight.get_viewer(person_id)
    return list(Piece.objects.filter(sight.visible_to(viewer)).order_by("id").values_list("id", flat=True))


def test_row_that_was_not_compiled_is_refused_by_the_table(owner: Person) -> None:
    good = compile_rule(owner.id, PUBLIC)
    others = compile_rule(owner.id + 1, PUBLIC)
    piece = Piece.objects.create(owner_id=owner.id, **sight.columns(owner.id, PUBLIC))

    for opens, closes in [
        (good.opens, []),
        ([], good.closes),
        (good.opens, others.closes),
        (others.opens, good.closes),
    ]:
        with pytest.raises(IntegrityError, match="sight_is_compiled"):
            Piece.objects.create(owner_id=owner.id, sight_opens=list(opens), sight_closes=list(closes))
        with pytest.raises(IntegrityError, match="sight_is_compiled"):
            Piece.objects.filter(id=piece.id).update(sight_opens=list(opens), sight_closes=list(closes))
    assert Piece.objects.get().sight == good


def test_every_table_that_is_seen_has_the_index_and_the_constraint(pieces: None) -> None:
    for model in [Piece, *(model for model in apps.get_models() if issubclass(model, sight.Sighted))]:
        assert [index for index in model._meta.indexes if index.fields == ["sight_opens"]], model
        assert [each for each in model._meta.constraints if each.name.endswith("_sight_is_compiled")], model


def test_viewer_costs_one_query_for_all_sources_and_nobody_costs_none(owner: Person) -> None:
    assert len(sight.sources()) > 1
    with CaptureQueriesContext(connection) as asked:
        sight.get_viewer(owner.id)
        sight.view_as(make_viewer(owner.id), owner.id)
    assert len(asked) == 2
    with CaptureQueriesContext(connection) as asked:
        assert sight.get_viewer(None) == make_viewer(None)
        stranger = make_viewer(None, within=owner.id)
        assert sight.view_as(make_viewer(owner.id), None) == Eyes(stranger, stranger)
    assert len(asked) == 0


def test_sources_are_those_that_the_installation_names(owner: Person) -> None:
    with override_settings(SIGHT_SOURCES="tests.infra.test_sight.SOURCES"):
        assert sight.get_viewer(owner.id) == make_viewer(owner.id, [1, 2])


SOURCES = (lambda known_to=None: "SELECT 1", lambda known_to=None: "SELECT 2 WHERE %(me)s > 0")


def test_every_way_of_asking_answers_alike_for_each_rule_and_each_who_looks(owner: Person, now: datetime) -> None:
    """Statements, conditions and the check of one row; also within one's own, and where tokens cannot be known."""
    other, third = make_person(now), make_person(now)
    held, label, brand = frozenset({40}), frozenset({5}), Subject(SubjectKind.BRAND, 9)
    rules = [
        PUBLIC,
        FRIENDS,
        ONLY_ME,
        AudienceRule(Audience(persons=frozenset({other.id}))),
        AudienceRule(Audience(holders=held)),
        AudienceRule(Audience(circles=frozenset({3}), labels=label)),
        AudienceRule(Audience(everyone=True), Audience(holders=held)),
        AudienceRule(Audience(everyone=True), Audience(persons=frozenset({other.id, owner.id}))),
    ]
    for whose in (owner, third):
        for rule in rules:
            for about, is_withheld in (((), False), ((brand,), False), ((), True)):
                columns = sight.columns(whose.id, rule, about, is_withheld=is_withheld)
                Piece.objects.create(owner_id=whose.id, **columns)
    tokens = [
        [],
        [token(Kind.FRIENDS, owner.id), token(Kind.LABEL, 5)],
        [token(Kind.HOLDERS, 40), token(Kind.BLOCKED_BRAND, 9)],
        [token(Kind.CIRCLE, 3), token(Kind.BLOCKED, third.id)],
    ]
    unknown = frozenset({Kind.HOLDERS}), frozenset({Kind.HOLDERS, Kind.CIRCLE})
    answers = set()
    for who in (None, owner.id, other.id):
        for within in (None, owner.id, other.id):
            for held_tokens in tokens if who is not None else [[]]:
                for may_open in (frozenset(), *unknown):
                    for may_close in (frozenset(), *unknown):
                        viewer = replace(make_viewer(who, held_tokens, within), may_open=may_open, may_close=may_close)
                        answers.add(answer_of_all(viewer))
    assert len(answers) > 30


def answer_of_all(viewer: Viewer) -> frozenset[int]:
    """The rows that a viewer sees, by all ways of asking, which agree."""
    checked = frozenset(piece.id for piece in Piece.objects.all() if may_see(viewer, piece.sight))
    listed = frozenset(Piece.objects.filter(sight.visible_to(viewer)).values_list("id", flat=True))
    told = [
        frozenset(row[0] for row in db.rows(f"SELECT p.id FROM test_piece p WHERE {condition(viewer, 'p')}"))
        for condition in (sight.visible_sql, sight.findable_sql)
    ]
    assert told == [checked, checked]
    assert listed == checked
    return checked


def test_tokens_of_a_statement_are_those_of_its_rows(owner: Person) -> None:
    found = db.row(f"SELECT {sight.token_sql('2', str(owner.id))}, {sight.token_sql('1 + 1', '3 + 4')}")

    assert found == (token(Kind.PERSON, owner.id), token(Kind.PERSON, 7))


def test_whoever_views_as_another_is_told_what_is_sure_and_what_may_be(owner: Person, now: datetime) -> None:
    friend = make_person(now)
    social.befriend(now, owner, friend)
    open_to_friends, to_holders = put(owner, FRIENDS), put(owner, AudienceRule(Audience(holders=frozenset({40}))))
    not_to_holders = put(owner, AudienceRule(Audience(everyone=True), Audience(holders=frozenset({40}))))
    put(friend, PUBLIC)
    looking = sight.get_viewer(owner.id)

    eyes, strangers = sight.view_as(looking, friend.id), sight.view_as(looking, None)

    assert [answer_of_all(viewer) for viewer in (eyes.surely, eyes.at_most)] == [
        {open_to_friends},
        {open_to_friends, to_holders, not_to_holders},
    ]
    assert [answer_of_all(viewer) for viewer in (strangers.surely, strangers.at_most)] == [{not_to_holders}] * 2
    assert (eyes.surely.person_id, eyes.surely.within, strangers.surely.person_id) == (friend.id, owner.id, None)


def test_largest_ids_are_compared_whole(owner: Person) -> None:
    """Numbers beyond 32 bits, and neighbours of one another beyond 53, are told apart."""
    piece = put(owner, AudienceRule(Audience(holders=frozenset({MAX_KEY}))))
    condition = [make_viewer(owner.id + 1, [token(Kind.HOLDERS, key)]) for key in (MAX_KEY, MAX_KEY - 1)]

    found = [list(Piece.objects.filter(sight.visible_to(viewer)).values_list("id", flat=True)) for viewer in condition]

    assert found == [[piece], []]


def test_change_counts_in_its_own_transaction_and_for_others_from_its_commit(owner: Person, now: datetime) -> None:
    friend = make_person(now)
    social.befriend(now, owner, friend)
    piece = put(owner, FRIENDS)
    assert seen_by(friend.id) == [piece]
    elsewhere: list[list[int]] = []

    def look() -> None:
        elsewhere.append(seen_by(friend.id))
        connection.close()

    with db.transaction():
        Piece.objects.filter(id=piece).update(**sight.columns(owner.id, ONLY_ME))
        assert seen_by(friend.id) == []
        assert not may_see(sight.get_viewer(friend.id), Piece.objects.get().sight)
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    assert elsewhere == [[piece]]
    assert seen_by(friend.id) == []
    assert seen_by(owner.id) == [piece]


def test_what_is_withheld_is_seen_again_once_it_is_released_and_twice_is_once(owner: Person, now: datetime) -> None:
    other = make_person(now)
    piece, beside = put(owner, PUBLIC), put(owner, PUBLIC)
    before = Piece.objects.get(id=piece).sight

    with db.transaction():
        sight.withhold("test_piece", [piece])
        sight.withhold("test_piece", [piece, piece])

    assert (seen_by(other.id), seen_by(None), seen_by(owner.id)) == ([beside], [beside], [piece, beside])
    assert db.rows(f"SELECT id FROM test_piece p WHERE {sight.withheld_sql('p')}") == [(piece,)]
    with db.transaction():
        sight.release("test_piece", [piece])
        sight.release("test_piece", [piece])
    assert seen_by(other.id) == [piece, beside]
    assert Piece.objects.get(id=piece).sight == before


@pytest.mark.parametrize("ending", [social.unfriend, social.block])
@pytest.mark.parametrize("by_owner", [True, False])
def test_end_of_a_friendship_counts_at_once(owner: Person, now: datetime, ending: object, by_owner: bool) -> None:
    friend = make_person(now)
    social.befriend(now, owner, friend)
    piece = put(owner, FRIENDS)
    assert seen_by(friend.id) == [piece]

    ending(now, *((owner, friend) if by_owner else (friend, owner)))  # type: ignore[operator]

    assert seen_by(friend.id) == []


def test_block_counts_at_once_for_what_is_public_and_not_for_who_is_not_signed_in(owner: Person, now: datetime) -> None:
    other = make_person(now)
    mine, theirs = put(owner, PUBLIC), put(other, PUBLIC)

    social.block(now, owner, other)

    assert (seen_by(owner.id), seen_by(other.id), seen_by(None)) == ([mine], [theirs], [mine, theirs])


def test_list_goes_by_the_index_where_little_is_open(owner: Person) -> None:
    """Of 20,000 rows that are open to their owner alone, one label opens forty: those forty are found by the index."""
    labelled, private = AudienceRule(Audience(labels=frozenset({5}))), ONLY_ME
    for rule, count in ((private, 20_000), (labelled, 40)):
        db.execute(
            "INSERT INTO test_piece (owner_id, sight_opens, sight_closes)"
            " SELECT %s, %s, %s FROM generate_series(1, %s)",
            [owner.id, *sight.columns(owner.id, rule).values(), count],
        )
    db.execute("ANALYZE test_piece")
    viewer = make_viewer(owner.id + 1, [token(Kind.LABEL, 5)])
    listed = Piece.objects.filter(sight.visible_to(viewer)).order_by("-id")[:20]

    assert len(listed) == 20
    assert "piece_sight" in listed.explain()
    statement = f"SELECT p.id FROM test_piece p WHERE {sight.findable_sql(viewer, 'p')} ORDER BY p.id DESC LIMIT 20"
    assert any("piece_sight" in line for (line,) in db.rows(f"EXPLAIN {statement}"))
    assert [id_ for (id_,) in db.rows(statement)] == [piece.id for piece in listed]
