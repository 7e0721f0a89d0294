"""A world of relations in plain sets, people who live it, the oracle over it, and a table whose rows are seen by rules.

The oracle is written from the text of the rule (docs/adr/0011), not from the code: it knows no tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import hypothesis
from django.db import connection, models
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.builders import social
from tests.builders.people import make_person
from tests.conftest import NOW
from wuyou.domains.social import queries
from wuyou.infra.sight import Sighted
from wuyou.kernel.sight import Audience, AudienceRule, Subject, SubjectKind

PEOPLE, LABELS, THINGS = 4, 3, 2

people = st.integers(0, PEOPLE - 1)
labels = st.integers(0, LABELS - 1)
audiences = st.builds(
    Audience,
    everyone=st.sampled_from([False, False, True]),
    followers=st.booleans(),
    friends=st.booleans(),
    persons=st.frozensets(people, max_size=2),
    labels=st.frozensets(labels, max_size=2),
)
few = st.builds(Audience, persons=st.frozensets(people, max_size=1), labels=st.frozensets(labels, max_size=1))
rules = st.builds(AudienceRule, audiences, few)
subjects = st.builds(Subject, st.sampled_from(SubjectKind), st.integers(1, THINGS))


class Piece(Sighted):
    """The smallest thing that can be seen: it has an owner and a rule, and nothing else."""

    class Meta(Sighted.Meta):
        app_label = "sight_world"
        db_table = "test_piece"


class Remark(models.Model):
    """What hangs on a piece, and is seen through it."""

    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "sight_world"
        db_table = "test_remark"


@contextmanager
def table_of_pieces() -> Iterator[None]:
    """The tables are there for as long as the block."""
    with connection.schema_editor() as editor:
        editor.create_model(Piece)
        editor.create_model(Remark)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Remark)
            editor.delete_model(Piece)


@dataclass
class World:
    """What is true, as sets of pairs."""

    follows: set[tuple[int, int]] = field(default_factory=set)
    friends: set[frozenset[int]] = field(default_factory=set)
    blocks: set[frozenset[int]] = field(default_factory=set)
    labelled: set[tuple[int, int]] = field(default_factory=set)
    """Label and person."""
    retired: set[int] = field(default_factory=set)
    holds: set[tuple[int, int]] = field(default_factory=set)
    """Person and thing."""
    circles: set[tuple[int, int]] = field(default_factory=set)
    """Person and circle."""
    averse: set[tuple[int, Subject]] = field(default_factory=set)
    """Person and what they want to see nothing about."""


def oracle(world: World, owner: int, rule: AudienceRule, about: frozenset[Subject], viewer: int | None) -> bool:
    """Whether this viewer may see that object."""

    def names(audience: Audience, labels: frozenset[int]) -> bool:
        return audience.everyone or (
            viewer is not None
            and (
                (audience.followers and (viewer, owner) in world.follows)
                or (audience.friends and frozenset((viewer, owner)) in world.friends)
                or viewer in audience.persons
                or any((label, viewer) in world.labelled for label in labels)
                or any((viewer, thing) in world.holds for thing in audience.holders)
                or any((viewer, circle) in world.circles for circle in audience.circles)
            )
        )

    if viewer == owner:
        return True
    if frozenset((viewer, owner)) in world.blocks or any((viewer, subject) in world.averse for subject in about):
        return False
    return names(rule.to, rule.to.labels - world.retired) and not names(rule.minus, rule.minus.labels)


def live(machine: type[RuleBasedStateMachine], worlds: int, seed: int = 0) -> None:
    """Live through so many worlds; the same for the same seed."""
    run_state_machine_as_test(
        hypothesis.seed(seed)(machine),
        settings=hypothesis_settings(
            max_examples=worlds,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate),
            database=None,
        ),
    )


class Relations(RuleBasedStateMachine):
    """People and all that can be between them. People and labels have small numbers here, rows have ids."""

    def meet(self, world: World) -> None:
        """Begin with people who do not know each other."""
        self.people = [make_person(NOW) for _ in range(PEOPLE)]
        self.ids = [person.id for person in self.people]
        # Two labels of the first person, one of the second.
        self.label_owner = [self.people[0], self.people[0], self.people[1]]
        self.labels = [social.make_label(NOW, owner, f"类{n}").id for n, owner in enumerate(self.label_owner)]
        self.world = world

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
        self.turn(one, subject, averse)

    def turn(self, one: int, subject: Subject, averse: bool) -> None:
        """Away from what somebody wants to see nothing about, or to it again."""
        if averse:
            social.block_subject(NOW, self.people[one], subject)
            self.world.averse.add((self.ids[one], subject))
        else:
            social.unblock_subject(self.people[one], subject)
            self.world.averse.discard((self.ids[one], subject))

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

    def for_owner(self, owner: int, rule: AudienceRule) -> AudienceRule:
        """The rule with ids, of labels that its owner has: another's are refused."""
        mine = {
            label
            for label, whose in zip(self.labels, self.label_owner, strict=True)
            if whose == self.people[owner] and label not in self.world.retired
        }
        named = self.with_ids(rule)
        return AudienceRule(*(replace(side, labels=side.labels & mine) for side in (named.to, named.minus)))

    def pair(self, one: int, other: int) -> frozenset[int]:
        return frozenset((self.ids[one], self.ids[other]))

    def are_blocked(self, one: int, other: int) -> bool:
        return self.pair(one, other) in self.world.blocks
