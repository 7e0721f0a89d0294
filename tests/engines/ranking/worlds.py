"""Small seeded worlds in which there is something to find."""

from __future__ import annotations

import numpy as np

from wuyou.engines.ranking import Interactions, Items, Ties

PEOPLE, ITEMS, CAMPS = 120, 60, 3
FIRST_PERSON, FIRST_ITEM = 1000, 5000
COLD = (9001, 9002, 9003)
"""Items that nobody has."""


def drawn(seed: int = 7, *, people: int = PEOPLE, items: int = ITEMS, timed: bool = False) -> Interactions:
    """People of three camps, who mostly have things of their camp."""
    draws = np.random.default_rng(seed)
    own = np.arange(people)[:, None] % CAMPS == np.arange(items)[None, :] % CAMPS
    rows, columns = np.nonzero(draws.random((people, items)) < np.where(own, 0.35, 0.04))
    at = 1_700_000_000.0 + draws.random(len(rows)) * 86_400 * 100 if timed else None
    return Interactions(rows + FIRST_PERSON, columns + FIRST_ITEM, at=at)


def known_items(items: int = ITEMS) -> Items:
    """All of them and the cold ones, with an author for every four and a brand for the camp; the cold ones are new."""
    ids = np.concatenate((np.arange(items) + FIRST_ITEM, COLD))
    authors = np.concatenate((np.arange(items) // 4, (0, 1, -1)))
    brands = np.concatenate((np.arange(items) % CAMPS, (0, 1, 2)))
    born_at = np.concatenate((np.full(items, 1_690_000_000.0), np.full(len(COLD), 1_709_000_000.0)))
    return Items(ids, {"author": authors, "brand": brands}, born_at)


def tied(people: int = PEOPLE) -> Ties:
    """Everybody knows the next of their camp."""
    rows = np.arange(people)
    return Ties(rows + FIRST_PERSON, (rows + CAMPS) % people + FIRST_PERSON)


def has(interactions: Interactions, person: int) -> set[int]:
    """The items of a person."""
    return set(interactions.items[interactions.people == person].tolist())
