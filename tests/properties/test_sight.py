"""Whatever people do, and however rules are edited: every way of asking who sees what answers as the oracle does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.builders import social
from tests.builders.people import make_person
from tests.conftest import NOW, empty_tables
from tests.properties.sight_world import Piece, Remark, World, oracle, table_of_pieces
from wuyou.config import wiring
from wuyou.domains.social import queries
from wuyou.infra import db, sight
from wuyou.kernel.sight import Audience, AudienceRule, Kind, Subject, SubjectKind, Viewer, may_see, rule_of, token

PEOPLE, LABELS, THINGS, CIRCLES, PIECES = 4, 3, 2, 2, 6

people = st.integers(0, PEOPLE - 1)
labels = st.integers(0, LABELS - 1)
subjects = st.builds(Subject, st.sampled_from(SubjectKind), st.integers(1, THINGS))
audiences = st.builds(
    Audience,
    everyone=st.sampled_from([False, False, True]),
    followers=st.booleans(),
    friends=st.booleans(),
    persons=st.frozensets(people, max_size=2),
    labels=st.frozensets(labels, max_size=2),
    holders=st.frozensets(st.integers(1, THINGS), max_size=1),
    circles=st.frozensets(st.integers(1, CIRCLES), max_size=1),
)
few = st.builds(Audience, followers=st.booleans(), persons=st.frozensets(people, max_size=1),
                labels=st.frozensets(labels, max_size=1))  # fmt: skip
rules = st.builds(AudienceRule, audiences, few | audiences)

_holdings: set[tuple[int, int]] = set()
_circles: set[tuple[int, int]] = set()


def held_by(person_id: int) -> Iterable[int]:
    """A source of tokens as a higher domain has one: things held."""
    return [token(Kind.HOLDERS, thing) for holder, thing in _holdings if holder == person_id]


def circles_of(person_id: int) -> Iterable[int]:
    """Another one: circles joined."""
    return [token(Kind.CIRCLE, circle) for member, circle in _circles if member == person_id]


SOURCES = (*wiring.SIGHT_SOURCES, held_by, circles_of)


@dataclass(frozen=True)
class Kept:
    """What the test knows of a piece."""

    owner: int
    rule: AudienceRule
    about: frozenset[Subject]


class SightMachine(RuleBasedStateMachine):
    """People, their relations, and pieces with rules. People and labels have small numbers here, rows have ids."""

    @initialize(rule=rules, about=st.frozensets(subjects, max_size=2))
    def begin(self, rule: AudienceRule, about: frozenset[Subject]) -> None:
        empty_tables()
        _holdings.clear()
        _circles.clear()
        self.people = [make_person(NOW) for _ in range(PEOPLE)]
        self.ids = [person.id for person in self.people]
        # Two labels of the first person, one of the second.
        self.label_owner = [self.people[0], self.people[0], self.people[1]]
        self.labels = [social.make_label(NOW, owner, f"类{n}").id for n, owner in enumerate(self.label_owner)]
        self.world = World(holds=_holdings, circles=_circles)
        self.pieces: dict[int, Kept] = {}
        self.put(0, rule, about)

    # ------------------------------------------------------------------ pieces

    @precondition(lambda self: len(self.pieces) < PIECES)
    @rule(owner=people, rule=rules, about=st.frozensets(subjects, max_size=2))
    def put(self, owner: int, rule: AudienceRule, about: frozenset[Subject]) -> None:
        kept = Kept(self.ids[owner], self.with_ids(rule), about)
        piece = Piece.objects.create(owner_id=kept.owner, **sight.columns(kept.owner, kept.rule, kept.about))
        Remark.objects.create(piece=piece)
        self.pieces[piece.id] = kept

    @rule(which=st.integers(0, 99), rule=rules)
    def edit(self, which: int, rule: AudienceRule) -> None:
        piece_id = sorted(self.pieces)[which % len(self.pieces)]
        kept = self.pieces[piece_id] = replace(self.pieces[piece_id], rule=self.with_ids(rule))
        Piece.objects.filter(id=piece_id).update(**sight.columns(kept.owner, kept.rule, kept.about))

    # ------------------------------------------------------------------ relations

    @rule(one=people, other=people)
    def follow(self, one: int, other: int) -> None:
        if one != other and not self.are_blocked(one, other):
            social.follow(NOW, self.people[one], self.people[other])
            self.world.follows.add((self.ids[one], self.ids[other]))

    @rule(one=people, other=people)
    def unfollow(self, one: int, other: int) -> None:
        social.unfollow(NOW, self.people[one], self.people[other])
        self.world.follows.discard((self.ids[one], self.ids[other]))

    @rule(one=people, other=people)
    def befriend(self, one: int, other: int) -> None:
        if one != other and not self.are_blocked(one, other):
            social.befriend(NOW, self.people[one], self.people[other])
            self.world.friends.add(self.pair(one, other))

    @rule(one=people, other=people)
    def unfriend(self, one: int, other: int) -> None:
        social.unfriend(NOW, self.people[one], self.people[other])
        self.world.friends.discard(self.pair(one, other))

    @rule(one=people, other=people)
    def block(self, one: int, other: int) -> None:
        if one != other:
            social.block(NOW, self.people[one], self.people[other])
            pair = self.pair(one, other)
            self.world.blocks.add(pair)
            self.world.friends.discard(pair)
            self.world.follows -= {tuple(pair), tuple(reversed(tuple(pair)))}

    @rule(one=people, other=people)
    def unblock(self, one: int, other: int) -> None:
        social.unblock(NOW, self.people[one], self.people[other])
        blocked = [tied.person_id for tied in queries.list_blocked(self.ids[other])]
        if self.ids[one] not in blocked:
            self.world.blocks.discard(self.pair(one, other))

    @rule(label=labels, member=people)
    def put_label(self, label: int, member: int) -> None:
        owner = self.label_owner[label]
        if self.people[member] != owner and self.labels[label] not in self.world.retired:
            social.put_label(NOW, owner, self.labels[label], self.people[member])
            self.world.labelled.add((self.labels[label], self.ids[member]))

    @rule(label=labels, member=people)
    def take_label(self, label: int, member: int) -> None:
        if self.labels[label] not in self.world.retired:
            social.take_label(self.label_owner[label], self.labels[label], self.people[member])
            self.world.labelled.discard((self.labels[label], self.ids[member]))

    @rule(label=labels)
    def retire_label(self, label: int) -> None:
        social.retire_label(NOW, self.label_owner[label], self.labels[label])
        self.world.retired.add(self.labels[label])

    @rule(one=people, subject=subjects, averse=st.booleans())
    def block_subject(self, one: int, subject: Subject, averse: bool) -> None:
        if averse:
            social.block_subject(NOW, self.people[one], subject)
            self.world.averse.add((self.ids[one], subject))
        else:
            social.unblock_subject(self.people[one], subject)
            self.world.averse.discard((self.ids[one], subject))

    @rule(one=people, thing=st.integers(1, THINGS))
    def hold(self, one: int, thing: int) -> None:
        _holdings.symmetric_difference_update({(self.ids[one], thing)})

    @rule(one=people, circle=st.integers(1, CIRCLES))
    def join(self, one: int, circle: int) -> None:
        _circles.symmetric_difference_update({(self.ids[one], circle)})

    # ------------------------------------------------------------------ what must be so

    @invariant()
    def every_way_of_asking_answers_as_the_oracle(self) -> None:
        for person_id in (None, *self.ids):
            expected = {
                piece_id
                for piece_id, kept in self.pieces.items()
                if oracle(self.world, kept.owner, kept.rule, kept.about, person_id)
            }
            assert answers(sight.get_viewer(person_id)) == [expected] * 6, person_id

    @invariant()
    def whoever_views_as_another_sees_of_their_own_what_the_other_does(self) -> None:
        owner = self.ids[0]
        for person_id in (None, *self.ids):
            expected = {
                piece_id
                for piece_id, kept in self.pieces.items()
                if kept.owner == owner and oracle(self.world, owner, kept.rule, kept.about, person_id)
            }
            assert answers(sight.view_as(owner, person_id)) == [expected] * 6, person_id

    @invariant()
    def rows_say_their_rule(self) -> None:
        for piece in Piece.objects.all():
            kept = self.pieces[piece.id]
            named = [replace(side, persons=side.persons - {kept.owner}) for side in (kept.rule.to, kept.rule.minus)]
            assert rule_of(piece.sight) == AudienceRule(*named)

    # ------------------------------------------------------------------ small words

    def with_ids(self, rule: AudienceRule) -> AudienceRule:
        return AudienceRule(
            *(
                replace(
                    side,
                    persons=frozenset(self.ids[n] for n in side.persons),
                    labels=frozenset(self.labels[n] for n in side.labels),
                )
                for side in (rule.to, rule.minus)
            )
        )

    def pair(self, one: int, other: int) -> frozenset[int]:
        return frozenset((self.ids[one], self.ids[other]))

    def are_blocked(self, one: int, other: int) -> bool:
        return self.pair(one, other) in self.world.blocks


def answers(viewer: Viewer) -> list[set[int]]:
    """The pieces that a viewer sees: by check, listed, through what hangs on them, by statements, and by counting."""
    ids = list(Piece.objects.values_list("id", flat=True))
    return [
        {piece.id for piece in Piece.objects.all() if may_see(viewer, piece.sight)},
        set(Piece.objects.filter(sight.visible_to(viewer)).values_list("id", flat=True)),
        set(Remark.objects.filter(sight.visible_to(viewer, "piece__")).values_list("piece_id", flat=True)),
        {row[0] for row in db.rows(f"SELECT p.id FROM test_piece p WHERE {sight.visible_sql(viewer, 'p')}")},
        {row[0] for row in db.rows(f"SELECT p.id FROM test_piece p WHERE {sight.findable_sql(viewer, 'p')}")},
        {each for each in ids if Piece.objects.filter(sight.visible_to(viewer), id=each).count()},
    ]


@pytest.mark.usefixtures("world")
def test_every_way_of_asking_answers_as_the_oracle() -> None:
    with table_of_pieces(), override_settings(SIGHT_SOURCES="tests.properties.test_sight.SOURCES"):
        run_state_machine_as_test(
            SightMachine,
            settings=settings(
                max_examples=40,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=True,
            ),
        )
