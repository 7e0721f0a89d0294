"""Each part scores as its formula says: the worked numbers of the docstrings, and oracles in plain arithmetic."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from wuyou.engines.ranking import Interactions, Items, Kind, blend, ease, factors, neighbours, popularity
from wuyou.engines.ranking.matrix import World
from wuyou.engines.ranking.parts import Asked, Factors, Kin, Known, Shelves, alike_of
from wuyou.engines.ranking.types import Float32


def table(rows: object) -> sparse.csr_array:
    return sparse.csr_array(np.array(rows, np.float32))


def drawn(people: int, items: int, *, seed: int = 1, density: float = 0.2) -> sparse.csr_array:
    """Random tastes of two camps, so that there is something to find."""
    draws = np.random.default_rng(seed)
    camp = np.arange(people)[:, None] % 2 == np.arange(items)[None, :] % 2
    return table(draws.random((people, items)) < np.where(camp, 2 * density, density / 4))


def asked_by(profiles: sparse.csr_array, ties: sparse.csr_array | None = None, people: int = 0) -> Asked:
    count = profiles.shape[0]
    nobody = sparse.csr_array((count, people), dtype=np.float32)
    return Asked(profiles, np.full(count, -1, np.int64), nobody if ties is None else ties)


# ---------------------------------------------------------------------- neighbours


def test_two_items_go_together_as_the_docstring_says() -> None:
    taste = np.zeros((11, 2))
    taste[:4, 0] = 1
    taste[2:, 1] = 1

    found = neighbours.neighbours(table(taste), neighbours.Scaling(shrink=2)).toarray()

    assert found[0, 1] == pytest.approx(1 / 6)
    assert found[0, 0] == found[1, 1] == 0


def test_neighbours_are_the_formula_in_plain_loops() -> None:
    taste = drawn(30, 12)
    scaling = neighbours.Scaling(source=0.4, person=0.7, target=0.6, shrink=1.5, nearest=12)
    plain = taste.toarray().astype(np.float64)
    sizes, degrees = plain.sum(axis=1), plain.sum(axis=0)

    found = neighbours.neighbours(taste, scaling).toarray()

    for source in range(12):
        for target in range(12):
            both = sum(sizes[person] ** -0.7 for person in range(30) if plain[person, source] and plain[person, target])
            expected = both / (degrees[source] ** 0.4 * degrees[target] ** 0.6) * both / (both + 1.5)
            assert found[source, target] == pytest.approx(0 if source == target else expected, rel=1e-5)


def test_small_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    taste = drawn(60, 40)
    at_once = neighbours.neighbours(taste, neighbours.Scaling(nearest=7)).toarray()

    monkeypatch.setattr(neighbours, "_BLOCK_CELLS", 50)

    assert len(neighbours.blocks(taste.T.tocsr(), np.diff(taste.indptr).astype(float))) > 10
    np.testing.assert_array_equal(neighbours.neighbours(taste, neighbours.Scaling(nearest=7)).toarray(), at_once)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(-3, 3), min_size=6, max_size=6), min_size=1, max_size=5), st.integers(1, 6))
def test_of_each_row_the_largest_stay(rows: list[list[int]], most: int) -> None:
    found = neighbours.largest(table(rows), most).toarray()

    for row, kept in zip(rows, found, strict=True):
        order = sorted((column for column in range(6) if row[column]), key=lambda at: (-abs(row[at]), at))[:most]
        assert [row[at] if at in order else 0 for at in range(6)] == kept.tolist()


# ---------------------------------------------------------------------- regression


def test_regression_of_two_items_is_as_the_docstring_says() -> None:
    found = ease.whole(table([[1, 1], [1, 0]]), ridge=1.0, nearest=2).toarray()

    np.testing.assert_allclose(found, [[0, 1 / 3], [1 / 2, 0]], rtol=1e-5)


def regression_of(taste: sparse.csr_array, ridge: float) -> Float32:
    gram = (taste.T @ taste).toarray().astype(np.float64)
    inverse = np.linalg.inv(gram + ridge * np.eye(len(gram)))
    weights = np.eye(len(gram)) - inverse / np.diag(inverse)
    return weights.astype(np.float32)


@pytest.mark.parametrize(("people", "items"), [(60, 25), (25, 60)])
def test_either_side_inverted_gives_the_same_regression(people: int, items: int) -> None:
    taste = drawn(people, items)

    found = ease.whole(taste, ridge=3.0, nearest=items).toarray()

    np.testing.assert_allclose(found, regression_of(taste, 3.0), atol=2e-5)


def test_a_neighbourhood_of_all_items_is_the_whole_regression() -> None:
    taste = drawn(80, 20, density=0.4)

    found = ease.local(taste, ridge=2.0, neighbourhood=20, nearest=20, central=0.0).toarray()

    both = (taste.T @ taste).toarray() > 0
    assert both.all()
    np.testing.assert_allclose(found, regression_of(taste, 2.0), atol=2e-5)


def test_neighbourhoods_keep_as_many_weights_as_asked_and_none_to_itself() -> None:
    found = ease.local(drawn(200, 120), ridge=5.0, neighbourhood=30, nearest=10, central=0.2)

    assert found.nnz <= 120 * 10
    assert not found.diagonal().any()
    assert np.diff(found.tocsc().indptr).min() > 0


def test_neighbourhoods_of_fifty_thousand_items_need_no_square_of_them() -> None:
    draws = np.random.default_rng(4)
    people, items = np.repeat(np.arange(1_000), 8), draws.zipf(1.3, 8_000) % 50_000
    taste = sparse.csr_array((np.ones(8_000, np.float32), (people, items)), shape=(1_000, 50_000))

    tracemalloc.start()
    found = ease.local(taste, ridge=5.0, neighbourhood=20, nearest=10, central=0.5)
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    square_bytes = 50_000 * 50_000 * 4
    assert found.shape == (50_000, 50_000)
    assert found.nnz > 5_000
    assert most_bytes < square_bytes / 50


# ---------------------------------------------------------------------- factors


def test_folding_in_solves_the_equations_of_the_loss() -> None:
    taste, fit = drawn(12, 30), factors.Fit(size=6, unseen=0.2, ridge=0.05)
    points = np.random.default_rng(3).standard_normal((30, 6)).astype(np.float32)

    found = factors.solved(taste, np.zeros((12, 6), np.float32), points, fit, steps=40)

    for person, row in enumerate(taste.toarray()):
        ridge = 0.05 * (np.count_nonzero(row) + 0.2 * 30)
        system = 0.2 * points.T @ points + (points.T * row) @ points + ridge * np.eye(6)
        np.testing.assert_allclose(found[person], np.linalg.solve(system, points.T @ row), atol=1e-3)


def test_factors_find_the_camp() -> None:
    taste = drawn(80, 30)
    fit = factors.Fit(size=4, sweeps=8)

    scores = Factors.of(factors.item_factors(taste, fit, seed=0), fit).scores(asked_by(taste))

    camp = np.arange(80)[:, None] % 2 == np.arange(30)[None, :] % 2
    unknown = taste.toarray() == 0
    assert scores[camp & unknown].mean() > 2 * scores[~camp & unknown].mean()


def test_factors_are_the_same_for_the_same_seed() -> None:
    taste, fit = drawn(40, 20), factors.Fit(size=4, sweeps=2)

    np.testing.assert_array_equal(factors.item_factors(taste, fit, seed=5), factors.item_factors(taste, fit, seed=5))
    assert not np.array_equal(factors.item_factors(taste, fit, seed=5), factors.item_factors(taste, fit, seed=6))


# ---------------------------------------------------------------------- people


def test_who_shares_rare_things_is_nearer_than_who_shares_common_ones() -> None:
    taste = table([[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 0], [1, 0, 0, 0]])
    shelves = Shelves.of(taste, most_holders=10)

    kin = shelves.kin(Asked(taste[[0]], np.array([0]), table(np.zeros((1, 5)))), 5).toarray()[0]
    scores = Kin(shelves, 1).scores(Asked(taste[[0]], np.array([0]), table(np.zeros((1, 5)))))[0]

    assert kin[0] == 0, "nobody is their own kin"
    assert kin[1] > kin[2] > 0
    assert kin[1] == pytest.approx(np.log1p(5 / 2) ** 2 / np.sqrt(2), rel=1e-5)
    assert scores[2] == pytest.approx(kin[1])
    assert scores[3] == 0, "only the nearest counts"


def test_what_everybody_has_makes_nobody_kin() -> None:
    shelves = Shelves.of(table([[1, 0], [1, 1], [1, 0]]), most_holders=2)

    assert shelves.kin(asked_by(table([[1, 0]])), 3).nnz == 0


def test_people_one_knows_count_by_tie_and_by_likeness() -> None:
    taste = table([[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    ties = table([[0, 1, 1, 0]])

    scores = Known(Shelves.of(taste, most_holders=9), trust=0.5).scores(asked_by(taste[[0]], ties))[0]

    assert scores[1] > scores[2] == 0.5
    assert scores[3] == 0


# ---------------------------------------------------------------------- attributes


def test_items_are_alike_by_rare_values() -> None:
    part = alike_of({"author": np.array([7, 7, 8, -1]), "topic": np.array([1, 1, 1, 1])}, 4)
    assert part is not None

    scores = part.scores(asked_by(table([[1, 0, 0, 0]])))[0]

    author, topic = np.log1p(3 / 2), np.log1p(1)
    assert scores[0] == pytest.approx(1, rel=1e-5)
    assert scores[1] == pytest.approx(1, rel=1e-5)
    assert 0 < scores[2] < scores[3] == pytest.approx(topic / np.hypot(author, topic), rel=1e-5)


def test_nothing_is_alike_without_attributes() -> None:
    assert alike_of({"author": np.array([-1, -1])}, 2) is None


# ---------------------------------------------------------------------- the blend


def test_ndcg_is_as_the_docstring_says() -> None:
    found = blend.ndcg(np.array([[True, False, True], [False] * 3, [True] * 3]), np.array([2, 1, 0]))

    np.testing.assert_allclose(found, [0.920, 0, 0], atol=5e-4)


def test_a_blend_is_worth_what_its_short_and_its_deep_list_reach() -> None:
    right = np.zeros((1, 8), np.bool_)
    right[0, [0, 5]] = True
    scores = np.arange(8, 0, -1, dtype=np.float32)[None, None]
    pool = blend.Pool(("one",), scores, np.ones((1, 8), np.bool_), right, np.array([2]), 8)

    best = 1 + 1 / np.log2(3)
    assert pool.ndcg_of(np.ones(1), 2) == pytest.approx(1 / best)
    assert pool.worth_of(np.ones(1), 2) == pytest.approx((1 + (1 + 1 / np.log2(7))) / 2 / best)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_a_blend_is_never_worse_than_its_best_part_on_what_was_held_out(seed: int, parts: int) -> None:
    draws = np.random.default_rng(seed)
    right = draws.random((20, 30)) < 0.1
    scores = (draws.random((parts, 20, 30)) + right * draws.random((parts, 1, 1))).astype(np.float32)
    pool = blend.Pool(
        tuple("abcd"[:parts]), scores, draws.random((20, 30)) < 0.9, right, right.sum(axis=1).astype(np.int64), 15
    )

    weights, reached = blend.chosen_weights(pool, 5)

    assert reached >= max(pool.worth_of(np.eye(parts)[part], 5) for part in range(parts))
    assert reached == pytest.approx(pool.worth_of(weights, 5))
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()


def test_a_group_is_weighed_apart_from_people_and_much_apart_from_little() -> None:
    sizes, is_group = np.array([1, 2, 3, 9, 10, 4]), np.array([False, False, False, False, False, True])

    assert blend.cohorts(sizes, is_group).tolist() == [0, 0, 1, 1, 2, 4]


def test_whoever_is_ranked_better_by_another_part_gets_weights_of_their_own() -> None:
    draws = np.random.default_rng(0)
    right = np.zeros((200, 30), np.bool_)
    right[np.arange(200), draws.integers(0, 30, 200)] = True
    good, bad = (right + draws.random((200, 30)) * by for by in (0.1, 10.0))
    is_group = np.arange(200) % 2 == 1
    scores = np.where(is_group[:, None], np.stack((good, bad)), np.stack((bad, good))).astype(np.float32)
    pool = blend.Pool(("first", "second"), scores, np.ones_like(right), right, np.ones(200, np.int64), 10)
    cohort = blend.cohorts(np.full(200, 5), is_group)

    weights, reached = blend.weights_of(pool, cohort, 5)

    assert weights.each[1, 1] > 0.9
    assert weights.each[4, 0] > 0.9
    assert reached > pool.ndcg_of(weights.overall, 5) + 0.1
    assert weights.each.sum(axis=1).tolist() == pytest.approx([1] * blend.COHORTS)


def test_few_who_differ_keep_the_weights_of_all() -> None:
    draws = np.random.default_rng(0)
    right = draws.random((60, 20)) < 0.1
    scores = draws.random((2, 60, 20)).astype(np.float32)
    pool = blend.Pool(("first", "second"), scores, np.ones_like(right), right, right.sum(axis=1).astype(np.int64), 10)

    weights, _ = blend.weights_of(pool, blend.cohorts(np.arange(60) % 12, np.arange(60) % 2 == 1), 5)

    assert (weights.each == weights.overall).all()


# ---------------------------------------------------------------------- popularity


def test_a_rate_is_drawn_to_the_mean_as_the_docstring_says() -> None:
    found = popularity.drawn(np.array([3.0]), np.array([100.0]), 0.01, 100.0)

    assert found[0] == pytest.approx(0.02)


def test_rates_that_differ_by_chance_alone_are_drawn_together_and_real_ones_are_not() -> None:
    draws = np.random.default_rng(2)
    sights = np.full(200, 1000.0)
    alike = draws.binomial(1000, 0.05, 200).astype(np.float64)
    real = draws.binomial(1000, np.where(np.arange(200) % 2, 0.02, 0.08)).astype(np.float64)

    together, apart = popularity.rates(alike, sights), popularity.rates(real, sights)

    assert np.ptp(together) < 0.3 * np.ptp(alike / sights)
    assert np.ptp(apart) > 0.8 * np.ptp(real / sights)
    assert popularity.rates(np.zeros(3), np.zeros(3)).tolist() == [0, 0, 0]


def test_what_is_liked_often_of_few_sights_comes_before_what_is_merely_shown_often() -> None:
    people = np.arange(4_000)
    items = np.where(people < 3_000, 1, 2)
    liked = np.concatenate((people[:30], people[3_000:3_100]))
    kinds = np.repeat(np.array([Kind.SEEN, Kind.LIKE], np.int8), (4_000, len(liked)))
    both = np.concatenate((people, liked))
    world = World.of(Interactions(both, np.concatenate((items, items[liked])), kinds))

    by_number = popularity.popular_of(world, days=30).logs
    by_sight = popularity.popular_of(world, days=30, by_sight=True).logs

    np.testing.assert_allclose(np.expm1(by_number), [24, 80], rtol=1e-5)
    assert by_sight[1] > 5 * by_sight[0]


def test_who_saw_something_need_not_be_told() -> None:
    liked = Interactions(np.array([1, 2]), np.array([7, 5]), np.full(2, Kind.LIKE, np.int8))
    people, shown = np.arange(30), np.repeat(np.array([7, 9]), (20, 10))
    by_people = World.of(Interactions(people, shown, np.full(30, Kind.SEEN, np.int8)), Items(np.array([5, 7, 9])))

    world = World.of(liked, Items(np.array([9, 7, 5]), seen=np.array([10.0, 20.0, 0.0])))

    assert world.seen.tolist() == by_people.seen.tolist() == [0, 20, 10]
    assert world.people.tolist() == [1, 2]


def test_acts_count_half_after_the_days_they_fade_in() -> None:
    at = np.array([0.0, 86_400.0 * 30, 86_400.0 * 30])
    world = World.of(Interactions(np.array([1, 2, 3]), np.array([7, 7, 8]), at=at))

    np.testing.assert_allclose(popularity.acts_of(world, 30), [1.5, 1.0])
