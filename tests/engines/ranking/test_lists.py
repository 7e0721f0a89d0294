"""From scores to lists: order, sameness, freshness, what few know."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.ranking import worlds
from wuyou.engines import ranking
from wuyou.engines.ranking import Asker, Model, ReasonKind, Settings, Shape, lists

PERSON = worlds.FIRST_PERSON + 4
AUTHORS = np.array([0, 0, 0, 1, 1, 2, -1, -1])


@pytest.fixture(scope="module")
def model() -> Model:
    return ranking.train(worlds.drawn(), worlds.known_items(), settings=Settings(factors=8))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([-np.inf, 0.0, 1.0, 1.0, 2.5]), max_size=12), st.integers(0, 14))
def test_the_best_are_a_stable_sort(scores: list[float], k: int) -> None:
    order = sorted((at for at in range(len(scores)) if scores[at] > -np.inf), key=lambda at: (-scores[at], at))

    assert lists.best(np.array(scores, np.float32), k).tolist() == order[:k]


def test_without_diversity_the_list_is_the_order_of_scores() -> None:
    scores = np.arange(8, 0, -1).astype(np.float32)

    assert lists.arranged(scores, 4, Shape(), {"author": AUTHORS}).tolist() == [0, 1, 2, 3]


def test_each_of_the_same_author_takes_its_share_off_the_next() -> None:
    scores = np.array([1.0, 0.9, 0.8, 0.6, 0.35, 0.3, 0.1, 0.0], np.float32)

    found = lists.arranged(scores, 5, Shape(diversity=0.5), {"author": AUTHORS})

    # 1.0, then 0.6 before 0.9 / 2, then 0.45 before 0.3, 0.8 / 4 and 0.35 / 2.
    assert found.tolist() == [0, 3, 1, 5, 2]


def test_of_one_author_no_more_than_asked_even_far_down_the_list() -> None:
    scores = np.concatenate((np.ones(200), np.zeros(50))).astype(np.float32)
    authors = np.concatenate((np.zeros(200, np.int64), np.arange(1, 51)))

    found = lists.arranged(scores, 5, Shape(at_most={"author": 2}), {"author": authors})

    assert authors[found].tolist() == [0, 0, 1, 2, 3]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_list_holds_more_of_one_author_than_asked(model: Model, most: int) -> None:
    author = dict(zip(model.items.tolist(), model.attributes["author"].tolist(), strict=True))
    for person in range(worlds.FIRST_PERSON, worlds.FIRST_PERSON + 30):
        found = model.top_k(Asker(person), 12, shape=Shape(at_most={"author": most}, diversity=0.2))
        counts = np.bincount([author[one.item] for one in found if author[one.item] >= 0])
        assert len(found) == 12
        assert counts.max() <= most


def test_more_diversity_never_means_fewer_authors(model: Model) -> None:
    author = dict(zip(model.items.tolist(), model.attributes["author"].tolist(), strict=True))

    def authors(diversity: float) -> int:
        return sum(
            len({author[one.item] for one in model.top_k(Asker(person), 8, shape=Shape(diversity=diversity))})
            for person in range(worlds.FIRST_PERSON, worlds.FIRST_PERSON + 40)
        )

    assert authors(0.0) < authors(0.4) <= authors(0.9)


def test_what_is_born_a_half_life_ago_wins_half_of_freshness() -> None:
    scores, born = np.array([2.0, 2.0, 2.0, -1.0], np.float32), np.array([1000.0, 900.0, np.nan, 1000.0])

    found = lists.refreshed(scores, born, Shape(freshness=1.0, half_life_s=100.0), 1000.0)

    assert found.tolist() == [4.0, 3.0, 2.0, -1.0]


def test_new_items_come_first_where_freshness_is_asked_for() -> None:
    model = ranking.train(worlds.drawn(), worlds.known_items(), settings=Settings(parts=frozenset({"alike"})))
    day = 1_709_000_000.0 + 3600
    plain, fresh = (
        [one.item for one in model.top_k(Asker(PERSON), 60, shape=shape, now=day)]
        for shape in (Shape(), Shape(freshness=1000.0))
    )

    assert set(plain[:2]) != set(worlds.COLD[:2])
    assert set(fresh[:2]) == set(worlds.COLD[:2])


def test_a_share_of_the_list_is_what_few_know_and_says_so(model: Model) -> None:
    shape = Shape(explore=0.2, seed=3)

    found = model.top_k(Asker(PERSON), 10, shape=shape)

    new = [at for at, one in enumerate(found) if one.reasons[0].kind is ReasonKind.NEW]
    assert new == [4, 9]
    assert {found[at].item for at in new} <= set(worlds.COLD)
    assert found == model.top_k(Asker(PERSON), 10, shape=shape), "the same seed draws the same"
    assert [one.item for at, one in enumerate(found) if at not in new] == [
        one.item for one in model.top_k(Asker(PERSON), 10) if one.item not in {found[at].item for at in new}
    ][:8]


def test_each_seed_draws_and_all_cold_items_come_to_their_turn(model: Model) -> None:
    drawn = {
        one.item
        for seed in range(60)
        for one in model.popular_k(10, shape=Shape(explore=0.1, seed=seed))
        if one.reasons[0].kind is ReasonKind.NEW
    }

    assert drawn == set(worlds.COLD)
