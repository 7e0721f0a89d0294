"""What whoever asks gets: never what is excluded, always with reasons, and the same again."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.ranking import worlds
from wuyou.engines import ranking
from wuyou.engines.ranking import (
    Asker,
    Interactions,
    Items,
    Kind,
    Model,
    ReasonKind,
    Settings,
    Shape,
    Ties,
    blend,
    ease,
    matrix,
    storage,
)
from wuyou.engines.ranking.parts import Regression

EVERY_ITEM = [*range(worlds.FIRST_ITEM, worlds.FIRST_ITEM + worlds.ITEMS), *worlds.COLD]
NO_FACTORS = Settings(parts=Settings().parts - {"factors"})
PERSON = worlds.FIRST_PERSON + 4


@pytest.fixture(scope="module")
def acts() -> Interactions:
    return worlds.drawn()


@pytest.fixture(scope="module")
def model(acts: Interactions) -> Model:
    return ranking.train(acts, worlds.known_items(), worlds.tied(), Settings(factors=8))


def items_of(found: tuple[ranking.Recommendation, ...]) -> list[int]:
    return [one.item for one in found]


# ---------------------------------------------------------------------- what may be in a list


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.sampled_from(EVERY_ITEM)),
    st.none() | st.sets(st.sampled_from(EVERY_ITEM)),
    st.integers(worlds.FIRST_PERSON - 2, worlds.FIRST_PERSON + worlds.PEOPLE + 2),
    st.lists(st.sampled_from([*EVERY_ITEM, 1]), max_size=3),
    st.integers(0, 70),
    st.sampled_from([Shape(), Shape(diversity=0.5, explore=0.3, freshness=1.0), Shape(at_most={"brand": 2})]),
)
def test_a_list_holds_what_may_be_in_it_once_and_nothing_else(
    model: Model,
    acts: Interactions,
    exclude: set[int],
    among: set[int] | None,
    person: int,
    recent: list[int],
    k: int,
    shape: Shape,
) -> None:
    found = items_of(model.top_k(Asker(person, tuple(recent)), k, exclude=exclude, among=among, shape=shape))

    may = (set(EVERY_ITEM) if among is None else among) - exclude - worlds.has(acts, person) - set(recent)
    assert len(found) == len(set(found))
    assert set(found) <= may
    if not shape.at_most:
        assert len(found) == min(k, len(may))


def test_what_one_has_is_there_for_who_wants_it(model: Model, acts: Interactions) -> None:
    found = items_of(model.top_k(Asker(PERSON), len(EVERY_ITEM), shape=Shape(seen_too=True)))

    assert set(found) == set(EVERY_ITEM)
    assert worlds.has(acts, PERSON)


def test_people_find_what_is_of_their_camp(model: Model) -> None:
    own = 0
    for person in range(worlds.FIRST_PERSON, worlds.FIRST_PERSON + worlds.PEOPLE):
        found = items_of(model.top_k(Asker(person), 5, exclude=worlds.COLD))
        camp = (person - worlds.FIRST_PERSON) % worlds.CAMPS
        own += sum((item - worlds.FIRST_ITEM) % worlds.CAMPS == camp for item in found)

    assert own > 0.9 * 5 * worlds.PEOPLE


def test_scores_fall_and_are_those_that_are_told_of_items(model: Model) -> None:
    found = model.top_k(Asker(PERSON), 10)

    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    np.testing.assert_allclose(model.scores(Asker(PERSON), items_of(found)), [one.score for one in found])
    assert model.scores(Asker(PERSON), [3]).tolist() == [-np.inf]


def test_many_are_ranked_as_each_alone(model: Model, acts: Interactions) -> None:
    askers = [Asker(worlds.FIRST_PERSON + at) for at in range(0, 60, 7)] + [Asker(None, (worlds.FIRST_ITEM,))]

    found = model.rank_many(askers, 8)

    assert found.tolist() == [items_of(model.top_k(asker, 8)) for asker in askers]


def test_many_are_ranked_among_what_each_is_asked_for(model: Model, acts: Interactions) -> None:
    free = sorted(set(EVERY_ITEM) - worlds.has(acts, PERSON))[:4]

    found = model.rank_many([Asker(PERSON), Asker(PERSON)], 6, among=[free, []])

    assert found[0].tolist() == [*items_of(model.top_k(Asker(PERSON), 6, among=free)), -1, -1]
    assert found[1].tolist() == [-1] * 6


# ---------------------------------------------------------------------- for whom


def test_who_was_in_the_training_is_served_as_somebody_unknown_with_the_same_things(acts: Interactions) -> None:
    model = ranking.train(acts, settings=Settings(parts=frozenset({"regression", "neighbours", "popular"})))
    known = model.rank_many([Asker(PERSON)], 10)

    assert {part.name for part in model.parts} & {"regression", "neighbours"}
    np.testing.assert_array_equal(model.rank_many([Asker(None, tuple(worlds.has(acts, PERSON)))], 10), known)


def test_what_one_did_since_counts(model: Model, acts: Interactions) -> None:
    of_another_camp = tuple(
        item
        for item in range(worlds.FIRST_ITEM, worlds.FIRST_ITEM + worlds.ITEMS)
        if (item - worlds.FIRST_ITEM) % 3 == 2
    )[:9]

    before = model.scores(Asker(PERSON), [worlds.FIRST_ITEM + 59])
    after = model.scores(Asker(PERSON, of_another_camp), [worlds.FIRST_ITEM + 59])

    assert (PERSON - worlds.FIRST_PERSON) % 3 != 2
    assert after > before


def test_whoever_is_unknown_and_says_nothing_gets_what_is_popular(model: Model) -> None:
    assert model.top_k(Asker(), 7) == model.top_k(Asker(12, (1,)), 7) == model.popular_k(7)


def test_popular_is_the_same_for_all_and_goes_by_numbers(model: Model, acts: Interactions) -> None:
    counts = np.bincount(acts.items - worlds.FIRST_ITEM, minlength=worlds.ITEMS)

    found = model.popular_k(worlds.ITEMS)

    numbers = [int(counts[one.item - worlds.FIRST_ITEM]) for one in found]
    assert numbers == sorted(counts.tolist(), reverse=True)
    assert all(reason.kind is ReasonKind.POPULAR for one in found for reason in one.reasons)


def test_ties_told_in_place_of_those_of_the_training(acts: Interactions) -> None:
    model = ranking.train(acts, ties=worlds.tied(), settings=Settings(parts=frozenset({"known"})))

    assert model.top_k(Asker(PERSON), 5) != model.top_k(Asker(PERSON, ties=(worlds.FIRST_PERSON,)), 5)


# ---------------------------------------------------------------------- reasons


def test_every_item_says_why(model: Model, acts: Interactions) -> None:
    for person in range(worlds.FIRST_PERSON, worlds.FIRST_PERSON + 30):
        for one in model.top_k(Asker(person), 10):
            assert one.reasons
            assert sum(reason.share for reason in one.reasons) <= 1 + 1e-6
            for reason in one.reasons:
                assert set(reason.items) <= worlds.has(acts, person)
                assert (reason.kind is ReasonKind.BECAUSE_OF) <= bool(reason.items)
                assert (reason.kind is ReasonKind.KNOWN_PEOPLE) <= bool(reason.people)


# ---------------------------------------------------------------------- the same again


def test_the_same_data_and_seed_give_the_same_model(acts: Interactions) -> None:
    one, other = (ranking.train(acts, worlds.known_items(), settings=Settings(factors=8)) for _ in range(2))

    assert one.report.weights == other.report.weights
    askers = [Asker(worlds.FIRST_PERSON + at) for at in range(20)]
    np.testing.assert_array_equal(one.rank_many(askers, 10), other.rank_many(askers, 10))
    for asker in askers:
        assert one.top_k(asker, 5) == other.top_k(asker, 5)


def test_the_order_of_rows_does_not_matter(acts: Interactions) -> None:
    mixed = np.random.default_rng(1).permutation(len(acts))
    twice = np.concatenate((mixed, mixed[:50]))

    one = ranking.train(acts, settings=NO_FACTORS)
    other = ranking.train(Interactions(acts.people[twice], acts.items[twice]), settings=NO_FACTORS)

    assert one.top_k(Asker(PERSON), 10) == other.top_k(Asker(PERSON), 10)


def test_a_file_gives_back_the_model(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model.arrow")

    loaded = Model.load(tmp_path / "model.arrow")

    assert loaded.report == model.report
    for person in range(worlds.FIRST_PERSON, worlds.FIRST_PERSON + 20):
        assert loaded.top_k(Asker(person), 10) == model.top_k(Asker(person), 10)
    assert loaded.popular_k(5) == model.popular_k(5)
    assert [path.name for path in tmp_path.iterdir()] == ["model.arrow"]


def test_a_file_that_is_no_model_of_this_version_is_refused(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text").write_text("no model")
    with pa.OSFile(str(tmp_path / "other"), "wb") as file, pa.ipc.new_file(file, pa.schema([("a", pa.int64())])):
        pass
    monkeypatch.setattr(storage, "VERSION", storage.VERSION + 1)
    model.save(tmp_path / "newer")
    monkeypatch.undo()

    for name in ("text", "other", "newer"):
        with pytest.raises(ValueError, match="no model"):
            Model.load(tmp_path / name)


def test_threads_read_one_model(model: Model) -> None:
    askers = [Asker(worlds.FIRST_PERSON + at) for at in range(40)]
    expected = [model.top_k(asker, 10) for asker in askers]
    found: list[list[tuple[ranking.Recommendation, ...]]] = []

    def read() -> None:
        found.append([model.top_k(asker, 10) for asker in askers])

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [expected] * 4


# ---------------------------------------------------------------------- little to learn from


def test_nobody_to_hold_out_of_takes_the_default_weights() -> None:
    model = ranking.train(Interactions.of([(1, 10), (1, 11), (2, 10), (2, 12), (3, 11)]))

    assert model.report.ndcg is None
    assert model.report.people_count == 0
    assert items_of(model.top_k(Asker(3), 2))[0] == 10
    assert items_of(model.popular_k(9)) == [10, 11, 12]


def test_nothing_at_all_gives_empty_lists() -> None:
    model = ranking.train(Interactions.of([]))

    assert model.top_k(Asker(1, (2,)), 5) == ()
    assert model.popular_k(5) == ()


def test_items_that_nobody_touched_are_found_by_what_they_are() -> None:
    items = Items(np.array([1, 2, 3, 4]), {"author": np.array([5, 5, 6, 6])})
    model = ranking.train(Interactions.of([(1, 1), (2, 1), (2, 3), (3, 3), (3, 1)]), items)

    first = model.top_k(Asker(1), 3)[:2]

    assert 2 in items_of(first)
    reason = next(reason for one in first if one.item == 2 for reason in one.reasons)
    assert (reason.kind, reason.attribute, reason.value, reason.items) == (ReasonKind.FROM, "author", 5, (1,))


def test_glances_are_weaker_than_purchases_and_sights_say_nothing() -> None:
    kinds = np.array([Kind.CLICK, Kind.BOUGHT, Kind.SEEN, Kind.CLICK, Kind.CLICK, Kind.CLICK], np.int8)
    model = ranking.train(Interactions(np.array([1, 1, 1, 2, 2, 2]), np.array([7, 8, 9, 7, 7, 7]), kinds))

    np.testing.assert_allclose(model.shelves.taste.toarray(), [[0.3, 1, 0], [0.9, 0, 0]], rtol=1e-5)


# ---------------------------------------------------------------------- bad columns


@pytest.mark.parametrize(
    "made",
    [
        lambda: Interactions(np.array([1, 2]), np.array([1])),
        lambda: Interactions(np.array([-1]), np.array([1])),
        lambda: Interactions(np.array([1.5]), np.array([1])),
        lambda: Interactions(np.array([1]), np.array([1]), np.array([8], np.int8)),
        lambda: Interactions(np.array([1]), np.array([1]), weights=np.array([-1.0])),
        lambda: Interactions(np.array([1]), np.array([1]), weights=np.array([np.nan])),
        lambda: Interactions(np.array([1]), np.array([1]), at=np.array([np.inf])),
        lambda: Items(np.array([1, 1])),
        lambda: Items(np.array([1]), {"author": np.array([1, 2])}),
        lambda: Items(np.array([1]), born_at=np.array([np.nan])),
        lambda: Items(np.array([1]), seen=np.array([-1.0])),
        lambda: Items(np.array([1]), seen=np.array([1.0, 2.0])),
        lambda: Ties(np.array([1]), np.array([1, 2])),
        lambda: Ties(np.array([1]), np.array([2]), np.array([-1.0])),
        lambda: Shape(diversity=1.5),
        lambda: Shape(explore=-0.1),
        lambda: Shape(half_life_s=0),
        lambda: Shape(at_most={"author": 0}),
    ],
)
def test_columns_that_make_no_sense_are_refused(made: object) -> None:
    with pytest.raises(ValueError):
        made()  # type: ignore[operator]


# ---------------------------------------------------------------------- trial, groups


def test_the_latest_is_held_out_where_times_are_known_and_the_rest_stays() -> None:
    acts = worlds.drawn(timed=True)
    world = matrix.World.of(acts)

    trial = matrix.trial_of(world, share=0.2, most_people=50, seed=0)

    assert trial is not None
    assert acts.at is not None
    assert world.at is not None
    assert trial.world.taste.nnz + trial.wanted.nnz == world.taste.nnz
    assert len(trial.rows) == 50
    last = {
        (person, item): moment
        for person, item, moment in zip(acts.people.tolist(), acts.items.tolist(), acts.at.tolist(), strict=True)
    }
    for at, row in enumerate(trial.rows.tolist()):
        person = int(world.people[row])
        held = {int(world.items[place]) for place in trial.wanted[[at]].indices}
        kept = worlds.has(acts, person) - held
        assert held
        assert kept
        assert max(last[person, item] for item in kept) < min(last[person, item] for item in held)


def test_nobody_is_asked_who_has_one_thing_only() -> None:
    acts = Interactions(np.arange(500), np.arange(500) % 9)

    assert matrix.trial_of(matrix.World.of(acts), share=0.2, most_people=100, seed=0) is None


def test_a_group_knows_its_members_and_they_know_it() -> None:
    groups = ranking.Groups(np.array([900, 900]), np.array([1, 2]))

    model = ranking.train(
        Interactions.of([(900, 7), (1, 8), (2, 9), (3, 8)]),
        settings=Settings(parts=frozenset({"known"})),
        groups=groups,
    )

    assert items_of(model.top_k(Asker(1), 1)) == [7]
    assert model.top_k(Asker(1), 1)[0].reasons[0].people == (900,)
    assert set(items_of(model.top_k(Asker(900), 2))) == {8, 9}


def test_a_ladder_is_climbed_while_it_helps(acts: Interactions) -> None:
    model = ranking.train(acts, settings=Settings(parts=frozenset({"regression"})))

    world = matrix.World.of(acts)
    trial = matrix.trial_of(world, share=0.2, most_people=1500, seed=0)
    assert trial is not None
    parts = {
        ridge: Regression(ease.whole(trial.world.taste, ridge=ridge, nearest=200)) for ridge in (30.0, 100.0, 300.0)
    }
    reached = {ridge: blend.pool_of([part], trial, 20).worth_of(np.ones(1), 20) for ridge, part in parts.items()}
    found = model.report.parts["regression"].worth
    assert found is not None
    assert found >= max(reached.values())


def moving(seed: int = 5) -> Interactions:
    """People who had things of one camp and since some weeks have things of another, whichever."""
    draws = np.random.default_rng(seed)
    people, items, at = [], [], []
    for person in range(150):
        before, since = draws.permutation(4)[:2]
        for camp, count, day in ((before, 10, 0.0), (since, 6, 100.0)):
            people += [person] * count
            items += (camp * 20 + draws.permutation(20)[:count]).tolist()
            at += ((day + draws.random(count) * 10) * 86_400).tolist()
    return Interactions(np.array(people), np.array(items), at=np.array(at))


def test_what_people_did_last_counts_more_where_tastes_move(tmp_path: Path) -> None:
    acts = moving()

    model = ranking.train(acts, settings=Settings(parts=frozenset({"neighbours", "popular"})))

    assert model.report.fades_days is not None
    assert acts.at is not None
    for person in range(5):
        mine = acts.people == person
        newest = int(acts.items[mine][np.argmax(acts.at[mine])])
        found = items_of(model.top_k(Asker(person), 5))
        assert sum(item // 20 == newest // 20 for item in found) >= 4
    model.save(tmp_path / "model")
    assert Model.load(tmp_path / "model").top_k(Asker(3), 5) == model.top_k(Asker(3), 5)


def test_nothing_fades_where_times_say_nothing() -> None:
    assert ranking.train(worlds.drawn(timed=True), settings=NO_FACTORS).report.fades_days is None


def test_a_thing_counts_half_after_the_days_it_fades_in_and_never_nothing() -> None:
    at = np.array([0.0, 30.0, 3000.0, 3030.0]) * 86_400
    world = matrix.World.of(Interactions(np.array([1, 1, 2, 2]), np.array([7, 8, 7, 9]), at=at))
    old = matrix.World.of(Interactions(np.array([1, 1]), np.array([7, 8]), at=np.array([0.0, 86_400.0 * 9999])))

    np.testing.assert_allclose(matrix.faded(world, 30).toarray(), [[0.5, 1, 0], [0.5, 0, 1]])
    np.testing.assert_allclose(matrix.faded(old, 30).toarray(), [[0.01, 1]])
    assert matrix.faded(world, None) is world.taste
