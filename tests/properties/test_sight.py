"""Whatever people do, and however rules are edited: every way of asking who sees what answers as the oracle does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import product

import pytest
from django.db.models import Count
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.conftest import empty_tables
from tests.properties.sight_world import (
    THINGS,
    Piece,
    Relations,
    Remark,
    World,
    labels,
    oracle,
    people,
    subjects,
    table_of_pieces,
)
from wuyou.config import wiring
from wuyou.infra import db, sight
from wuyou.kernel.sight import Audience, AudienceRule, Kind, Subject, Viewer, is_withheld, may_see, rule_of, token

CIRCLES, PIECES = 2, 6
How = Callable[[Iterable[bool]], bool]

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


def is_shown(holder: int, thing: int, viewer_id: int | None) -> bool:
    """Whether this viewer knows that somebody holds a thing: who has the first one shows it."""
    return thing == 1 or holder == viewer_id


def held_sql(known_to: Viewer | None = None) -> str:
    """A source of tokens as a higher domain has one: things held."""
    return _tokens_sql(
        (holder, token(Kind.HOLDERS, thing))
        for holder, thing in _holdings
        if known_to is None or is_shown(holder, thing, known_to.person_id)
    )


def circles_sql(known_to: Viewer | None = None) -> str:
    """Another one: circles joined, which nobody else knows of."""
    return _tokens_sql(
        (member, token(Kind.CIRCLE, circle))
        for member, circle in _circles
        if known_to is None or known_to.person_id == member
    )


def _tokens_sql(held: Iterable[tuple[int, int]]) -> str:
    rows = ", ".join(f"({person_id}, {number}::bigint)" for person_id, number in sorted(held))
    return f"SELECT held.token FROM (VALUES {rows or '(0, 0::bigint)'}) held(person, token) WHERE person = %(me)s"


SOURCES = (*wiring.SIGHT_SOURCES, held_sql, circles_sql)


@dataclass(frozen=True)
class Kept:
    """What the test knows of a piece."""

    owner: int
    rule: AudienceRule
    about: frozenset[Subject]
    is_withheld: bool = False


class SightMachine(Relations):
    """Pieces with rules among people and their relations."""

    @initialize(rule=rules, about=st.frozensets(subjects, max_size=2))
    def begin(self, rule: AudienceRule, about: frozenset[Subject]) -> None:
        empty_tables()
        _holdings.clear()
        _circles.clear()
        self.meet(World(holds=_holdings, circles=_circles))
        self.pieces: dict[int, Kept] = {}
        self.step = 0
        self.put(0, rule, about)

    # ------------------------------------------------------------------ pieces

    @precondition(lambda self: len(self.pieces) < PIECES)
    @rule(owner=people, rule=rules, about=st.frozensets(subjects, max_size=2))
    def put(self, owner: int, rule: AudienceRule, about: frozenset[Subject]) -> None:
        kept = Kept(self.ids[owner], self.for_owner(owner, rule), about)
        piece = Piece.objects.create(owner_id=kept.owner, **sight.columns(kept.owner, kept.rule, kept.about))
        Remark.objects.create(piece=piece)
        self.pieces[piece.id] = kept

    @rule(which=st.integers(0, 99), rule=rules)
    def edit(self, which: int, rule: AudienceRule) -> None:
        piece_id = sorted(self.pieces)[which % len(self.pieces)]
        owner = self.ids.index(self.pieces[piece_id].owner)
        kept = self.pieces[piece_id] = replace(self.pieces[piece_id], rule=self.for_owner(owner, rule))
        columns = sight.columns(kept.owner, kept.rule, kept.about, is_withheld=kept.is_withheld)
        Piece.objects.filter(id=piece_id).update(**columns)

    @rule(which=st.integers(0, 99), is_withheld=st.booleans())
    def withhold(self, which: int, is_withheld: bool) -> None:
        piece_id = sorted(self.pieces)[which % len(self.pieces)]
        with db.transaction():
            (sight.withhold if is_withheld else sight.release)("test_piece", [piece_id])
        self.pieces[piece_id] = replace(self.pieces[piece_id], is_withheld=is_withheld)

    # ------------------------------------------------------------------ what is held and joined

    @rule(one=people, thing=st.integers(1, THINGS))
    def hold(self, one: int, thing: int) -> None:
        _holdings.symmetric_difference_update({(self.ids[one], thing)})

    @rule(one=people, circle=st.integers(1, CIRCLES))
    def join(self, one: int, circle: int) -> None:
        _circles.symmetric_difference_update({(self.ids[one], circle)})

    # ------------------------------------------------------------------ what must be so

    @invariant()
    def every_way_of_asking_answers_as_the_oracle(self) -> None:
        self.step += 1
        for turn, person_id in enumerate((None, *self.ids), self.step):
            expected = {
                piece_id
                for piece_id, kept in self.pieces.items()
                if kept.owner == person_id
                or (not kept.is_withheld and oracle(self.world, kept.owner, kept.rule, kept.about, person_id))
            }
            assert answers(sight.get_viewer(person_id), turn) == [expected] * 2, (person_id, turn)

    @invariant()
    def whoever_views_as_another_is_told_what_holds_in_all_worlds_that_they_cannot_tell_apart(self) -> None:
        owner = self.ids[0]
        looking = sight.get_viewer(owner)
        rounds, which = divmod(self.step, len(self.ids) - 1)
        for turn, person_id in enumerate((None, owner, self.ids[which + 1]), rounds):
            worlds = [self.world] if person_id in {None, owner} else list(self.worlds_for(owner, person_id))
            eyes = sight.view_as(looking, person_id)
            assert answers(eyes.surely, turn) == [self.told(all, worlds, person_id)] * 2, (person_id, turn)
            # Let in in some world, and shut out not in every one: a rule that lets in and shuts out by the same thing
            # is not looked at more closely.
            let_in = self.told(any, worlds, person_id, minus=Audience())
            not_out = self.told(any, worlds, person_id, to=Audience(everyone=True))
            assert answers(eyes.at_most, turn) == [let_in & not_out] * 2, (person_id, turn)

    def told(self, how: How, worlds: list[World], person_id: int | None, **sides: Audience) -> set[int]:
        """What of the first person's own this person sees in all or in any of these worlds."""
        owner = self.ids[0]
        return {
            piece_id
            for piece_id, kept in self.pieces.items()
            if kept.owner == owner
            and (not kept.is_withheld or person_id == owner)
            and how(oracle(world, owner, replace(kept.rule, **sides), kept.about, person_id) for world in worlds)
        }

    def worlds_for(self, owner: int, person_id: int | None) -> Iterable[World]:
        """All that may be true of what a person holds and belongs to, for who knows what the owner does.

        What the person wants to see nothing about is left aside.
        """
        assert person_id is not None
        known = {
            (holder, thing) for holder, thing in _holdings if holder != person_id or is_shown(holder, thing, owner)
        }
        free = [("holds", thing) for thing in range(1, THINGS + 1) if (person_id, thing) not in known]
        free += [("circles", circle) for circle in range(1, CIRCLES + 1)]
        for chosen in product([False, True], repeat=len(free)):
            held = {one for one, is_so in zip(free, chosen, strict=True) if is_so}
            yield replace(
                self.world,
                holds=known | {(person_id, key) for what, key in held if what == "holds"},
                circles={(person_id, key) for what, key in held if what == "circles"},
                averse={(who, subject) for who, subject in self.world.averse if who != person_id},
            )

    @invariant()
    def rows_say_their_rule(self) -> None:
        for piece in Piece.objects.all():
            kept = self.pieces[piece.id]
            named = [replace(side, persons=side.persons - {kept.owner}) for side in (kept.rule.to, kept.rule.minus)]
            assert rule_of(piece.sight) == AudienceRule(*named)
            assert is_withheld(piece.sight) == kept.is_withheld


def by_check(viewer: Viewer) -> set[int]:
    return {piece.id for piece in Piece.objects.all() if may_see(viewer, piece.sight)}


def listed(viewer: Viewer) -> set[int]:
    return set(Piece.objects.filter(sight.visible_to(viewer)).values_list("id", flat=True))


def through_what_hangs_on_them(viewer: Viewer) -> set[int]:
    return set(Remark.objects.filter(sight.visible_to(viewer, "piece__")).values_list("piece_id", flat=True))


def by_statement(viewer: Viewer) -> set[int]:
    return {row[0] for row in db.rows(f"SELECT p.id FROM test_piece p WHERE {sight.visible_sql(viewer, 'p')}")}


def by_index(viewer: Viewer) -> set[int]:
    return {row[0] for row in db.rows(f"SELECT p.id FROM test_piece p WHERE {sight.findable_sql(viewer, 'p')}")}


def counted(viewer: Viewer) -> set[int]:
    found = Piece.objects.annotate(seen=Count("id", filter=sight.visible_to(viewer)))
    return set(found.filter(seen=1).values_list("id", flat=True))


WAYS = (by_check, listed, through_what_hangs_on_them, by_statement, by_index, counted)


def answers(viewer: Viewer, turn: int) -> list[set[int]]:
    """The pieces that a viewer sees, asked in two ways of six; the next two turns ask the others."""
    return [WAYS[(turn + way) % len(WAYS)](viewer) for way in (0, 3)]


@pytest.mark.usefixtures("world")
def test_every_way_of_asking_answers_as_the_oracle() -> None:
    with table_of_pieces(), override_settings(SIGHT_SOURCES="tests.properties.test_sight.SOURCES"):
        run_state_machine_as_test(
            SightMachine,
            settings=settings(
                max_examples=30,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=True,
            ),
        )
