"""Whatever the world, the edits and the viewer: the answer is that of counting everybody."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from wuyou.engines import same_things
from wuyou.engines.same_things import Audience, Holdings, Match, RestrictedHolding, SameThings, Viewer, layer, search

PEOPLE, THINGS, TOKENS = 40, 12, 4
FAMILIES = np.array([0, 0, 1, 1, 1, 2, 2, 3, -1, -1, 4], np.int32)
BRANDS = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2], np.int32)
LEVELS = {"family": FAMILIES, "brand": BRANDS}


@dataclass
class World:
    """The oracle: sets, and loops over everybody."""

    open: set[tuple[int, int]] = field(default_factory=set)
    restricted: set[RestrictedHolding] = field(default_factory=set)
    groups: dict[str, dict[int, int]] = field(
        default_factory=lambda: {name: dict(enumerate(column.tolist())) for name, column in LEVELS.items()}
    )

    @property
    def levels(self) -> dict[str, NDArray[np.int32]]:
        """The groups as columns."""
        return {
            name: np.array([groups.get(thing, -1) for thing in range(max(groups) + 1)], np.int32)
            for name, groups in self.groups.items()
        }

    def search(
        self,
        things: set[int],
        viewer: Viewer,
        at_least: int,
        limit: int | None,
        fallback: Iterable[str],
        among: frozenset[int] | None = None,
    ) -> list[Match]:
        found: list[Match] = []
        if among is not None:
            everyone = frozenset(range(PEOPLE))
            viewer = replace(viewer, excluded=viewer.excluded | (everyone - among))
        for level in ("thing", *fallback):
            room = None if limit is None else limit - len(found)
            found += self.at_level(level, things, viewer, at_least, {match.person for match in found})[:room]
        return found

    def at_level(self, level: str, things: set[int], viewer: Viewer, at_least: int, met: set[int]) -> list[Match]:
        def group(thing: int) -> int:
            return self.groups[level].get(thing, -1) if level in self.groups else thing

        openly = {(person, group(thing)) for person, thing in self.open if group(thing) >= 0}
        seen = openly | {
            (row.person, group(row.thing))
            for row in self.restricted
            if group(row.thing) >= 0 and row.audience.allow & viewer.tokens and not row.audience.deny & viewer.tokens
        }
        people = len({person for person, _ in openly})

        def rarity(one: int) -> int:
            holders = sum(thing == one for _, thing in openly)
            return round(1000 * math.log2(max(people, 1) / min(max(holders, 1), max(people, 1))))

        mine = {group(thing) for thing in things} - {-1}
        matches = []
        for person in {person for person, _ in seen} - viewer.excluded - {viewer.person} - met:
            shared = sorted(
                (thing for thing in mine if (person, thing) in seen),
                key=lambda thing: (sum(other == thing for _, other in openly), thing),
            )
            if len(shared) >= at_least:
                matches.append(Match(person, sum(map(rarity, shared)), tuple(shared), level))
        return sorted(matches, key=lambda match: (-match.rarity_millibits, -match.count, match.person))


people = st.integers(0, PEOPLE - 1)
things = st.integers(0, THINGS - 1) | st.integers(0, 3)
"""Some are held by many."""
tokens = st.frozensets(st.integers(1, TOKENS), max_size=2)
pairs = st.sets(st.tuples(people, things), max_size=150)
few_pairs = st.sets(st.tuples(people, things), max_size=20)
audiences = st.builds(Audience, allow=tokens, deny=tokens)
rows = st.sets(st.builds(RestrictedHolding, people, things, audiences), max_size=30)
regroupings = st.dictionaries(
    st.sampled_from(sorted(LEVELS)), st.dictionaries(st.integers(0, THINGS + 2), st.integers(-1, 6), max_size=3)
)
"""Things that are new or belong elsewhere now."""
viewers = st.builds(
    Viewer, person=st.none() | people, tokens=tokens, excluded=st.frozensets(people | st.just(10**6), max_size=5)
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[World, SameThings]:
    """A world after edits, and the index that followed them, merged now and then."""
    world = World(draw(pairs), draw(rows))
    index = SameThings(Holdings.of(world.open), restricted=world.restricted, levels=LEVELS, merge_in_background=False)
    for _ in range(draw(st.integers(0, 4))):
        adds, removes = draw(few_pairs), draw(few_pairs | st.just(set(list(world.open)[:20])))
        restrict, unrestrict = draw(rows), draw(rows | st.just(set(list(world.restricted)[:10])))
        forget = draw(few_pairs)
        groups = draw(regroupings)
        index.apply(
            Holdings.of(adds),
            Holdings.of(removes),
            restrict=restrict,
            unrestrict=unrestrict,
            forget=Holdings.of(forget),
            groups=groups,
        )
        world.open = (world.open - removes - forget) | adds
        world.restricted = {row for row in world.restricted - unrestrict if (row.person, row.thing) not in forget}
        world.restricted |= restrict
        for name, changed in groups.items():
            world.groups[name] |= changed
        if draw(st.booleans()):
            index.compact()
    return world, index


@pytest.fixture(autouse=True)
def _small_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worlds of forty people take several rounds, and blocks of a few cells, as large ones do."""
    monkeypatch.setattr(search, "_FIRST_ENTRIES", 4)
    monkeypatch.setattr(search, "_TRIALS", 2)
    monkeypatch.setattr(search, "_BLOCK_CELLS", 16)
    monkeypatch.setattr(layer, "_HEAD_SHARE", 5)
    monkeypatch.setattr(layer, "_HEAD_LEAST", 3)


@settings(max_examples=300, deadline=None)
@given(
    both=worlds(),
    mine=st.sets(things | st.just(99), max_size=THINGS),
    viewer=viewers,
    at_least=st.integers(1, 5),
    limit=st.none() | st.integers(0, 6),
    fallback=st.sampled_from([(), ("family",), ("brand",), ("family", "brand")]),
    among=st.none() | st.frozensets(people, max_size=PEOPLE),
)
def test_search_answers_what_counting_everybody_answers(
    both: tuple[World, SameThings],
    mine: set[int],
    viewer: Viewer,
    at_least: int,
    limit: int | None,
    fallback: tuple[str, ...],
    among: frozenset[int] | None,
) -> None:
    world, index = both
    found = index.search(mine, viewer, at_least=at_least, limit=limit, fallback=fallback, among=among)
    assert list(found) == world.search(mine, viewer, at_least, limit, fallback, among)
    assert found == index.search(sorted(mine), viewer, at_least=at_least, limit=limit, fallback=fallback, among=among)


@settings(max_examples=150, deadline=None)
@given(both=worlds(), mine=st.sets(things, max_size=4), viewer=viewers, level=st.sampled_from(["thing", *LEVELS]))
def test_have_all_are_those_whose_every_thing_is_seen(
    both: tuple[World, SameThings], mine: set[int], viewer: Viewer, level: str
) -> None:
    world, index = both
    things = mine
    if level != "thing":  # a thing of each group, since the oracle is asked with things
        groups = world.groups[level]
        mine = {groups[thing] for thing in mine if groups.get(thing, -1) >= 0}
    expected = sorted(match.person for match in world.at_level(level, things, viewer, max(len(mine), 1), set()))
    assert list(index.have_all(mine, viewer, level=level)) == expected


@settings(max_examples=150, deadline=None)
@given(both=worlds(), viewer=viewers, mine=st.sets(things, max_size=THINGS))
def test_what_the_viewer_may_not_see_changes_nothing(
    both: tuple[World, SameThings], viewer: Viewer, mine: set[int]
) -> None:
    world, index = both
    seen = {
        row for row in world.restricted if row.audience.allow & viewer.tokens and not row.audience.deny & viewer.tokens
    }
    bare = SameThings(Holdings.of(world.open), restricted=seen, levels=world.levels)
    asked = {"at_least": 1, "limit": 10, "fallback": ("family", "brand")}
    assert index.search(mine, viewer, **asked) == bare.search(mine, viewer, **asked)  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None)
@given(both=worlds())
def test_counts_follow_the_edits(both: tuple[World, SameThings]) -> None:
    world, index = both
    assert index.holdings_count == len(world.open)
    assert index.people_count == len({person for person, _ in world.open})
    for thing in range(THINGS):
        assert index.holders(thing) == sum(one == thing for _, one in world.open)
    for person in range(PEOPLE):
        assert list(index.things_of(person)) == sorted(thing for one, thing in world.open if one == person)


@settings(max_examples=50, deadline=None)
@given(both=worlds(), viewer=viewers, mine=st.sets(things, max_size=THINGS))
def test_saved_and_loaded_answers_the_same(
    both: tuple[World, SameThings], viewer: Viewer, mine: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    world, index = both
    folder: Path = tmp_path_factory.mktemp("index")
    index.save(folder)
    loaded = SameThings.load(folder, levels=world.levels)
    asked = {"at_least": 1, "fallback": ("family", "brand")}
    assert loaded.search(mine, viewer, **asked) == index.search(mine, viewer, **asked)  # type: ignore[arg-type]


def test_large_worlds_answer_as_a_full_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_FIRST_ENTRIES", 500)
    draws = np.random.default_rng(5)
    owners = draws.integers(0, 3_000, 60_000)
    owned = np.minimum(draws.zipf(1.3, 60_000), 5_000) - 1
    index = SameThings(Holdings(owners.astype(np.int32), owned.astype(np.int32)))
    held = np.zeros((3_000, 5_000), np.int64)
    held[owners, owned] = 1
    weights = same_things.rarity_millibits(int((held.sum(axis=1) > 0).sum()), held.sum(axis=0))
    for person in range(0, 3_000, 60):
        mine = held[person] > 0
        counts, sums = held[:, mine].sum(axis=1), held[:, mine] @ weights[mine]
        counts[person] = 0
        enough = np.flatnonzero(counts >= 3)
        order = enough[np.lexsort((enough, -counts[enough], -sums[enough]))][:20]
        found = index.search(index.things_of(person), Viewer(person), at_least=3, limit=20)
        assert [(match.person, match.count, match.rarity_millibits) for match in found] == [
            (one, counts[one], sums[one]) for one in order
        ]


def test_common_things_that_together_weigh_as_much_as_the_best_are_not_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "_FIRST_ENTRIES", 1)
    rare, one, other = 0, 1, 2
    index = SameThings(Holdings.of([(3, rare), (0, one), (0, other), (1, one), (2, other)]))
    found = index.search([rare, one, other], Viewer(), at_least=1, limit=1)
    assert found == (Match(0, 2000, (one, other)),)


def test_rarity_is_the_surprise_in_thousandths_of_a_bit() -> None:
    holders = np.array([100, 50_000, 100_000, 0])
    assert same_things.rarity_millibits(100_000, holders).tolist() == [9966, 1000, 0, 16610]


def test_a_narrowed_audience_is_one_step() -> None:
    index = SameThings(Holdings.of([(1, 7), (1, 8), (2, 7)]))
    friends = Audience(frozenset({5}))
    index.apply(removes=Holdings.of([(1, 7)]), restrict=[RestrictedHolding(1, 7, friends)])
    assert [match.person for match in index.search([7], Viewer(9), at_least=1)] == [2]
    assert [match.person for match in index.search([7], Viewer(9, frozenset({5})), at_least=1)] == [1, 2]


def test_someone_excluded_is_met_at_no_level() -> None:
    index = SameThings(Holdings.of([(1, 0), (2, 1)]), levels=LEVELS)
    found = index.search([0], Viewer(9, excluded=frozenset({2})), at_least=1, fallback=("family", "brand"))
    assert [(match.person, match.level) for match in found] == [(1, "thing")]


def test_an_empty_index_answers() -> None:
    index = SameThings()
    assert index.search([1, 2, 3], Viewer(1)) == ()
    assert index.have_all([1], Viewer(1)) == ()
    index.compact()
    index.apply(Holdings.of([(4, 1)]))
    assert index.have_all([1], Viewer(1)) == (4,)


@pytest.mark.parametrize("column", [[-1], [2**31 - 1], [1.5], [[1]]])
def test_what_is_no_dense_number_is_refused(column: list[object]) -> None:
    with pytest.raises(ValueError):
        Holdings(np.array(column), np.array([1]))


def test_wrong_questions_are_refused() -> None:
    index = SameThings()
    with pytest.raises(ValueError):
        index.search([1], Viewer(), at_least=0)
    with pytest.raises(KeyError):
        index.search([1], Viewer(), fallback=("family",))
    with pytest.raises(ValueError):
        SameThings(levels={"thing": FAMILIES})
    with pytest.raises(ValueError):
        Holdings(np.array([1, 2], np.int32), np.array([1], np.int32))


@settings(max_examples=100, deadline=None)
@given(both=worlds(), person=people, mine=st.sets(things, max_size=4))
def test_who_keeps_the_index_reads_everything_in_it(
    both: tuple[World, SameThings], person: int, mine: set[int]
) -> None:
    world, index = both
    everything = world.open | {(row.person, row.thing) for row in world.restricted}
    assert set(index.pairs_of(person)) == {pair for pair in everything if pair[0] == person}
    assert set(index.pairs_with(mine)) == {pair for pair in everything if pair[1] in mine}
