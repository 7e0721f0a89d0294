"""How many real friends stand among the people with whom somebody shares the rarest things.

The ranking knows nothing of friendships: it looks with the eyes of who holds no token but their own, so that nothing
which only friends may see counts. Beside it stand plain counting and chance.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from wuyou.domains.social import queries as social
from wuyou.domains.things import finding, serving
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Nearness, PeopleQuery
from wuyou.kernel.sight import make_viewer

TOP, SAMPLE, SEED = 20, 500, 7


@dataclass(frozen=True, slots=True)
class Hits:
    """Of one way to rank, on average a person."""

    found: float
    """Friends in the top."""
    share: float
    """Of all their friends."""
    any: float
    """People with one friend in the top at least."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The figures and what they are of."""

    people: int
    sampled: int
    friends: float
    rarity: Hits
    count: Hits
    chance: Hits


def rank(people: Sequence[int], *, progress: Callable[[int], None], sample: int = SAMPLE, top: int = TOP) -> Ranking:
    """Measure on a sample of these people, of those who have friends. Entry point that reads."""
    serving.serve()
    friends = social.friends_by_person(people)
    asked = random.Random(SEED).sample(sorted(friends), min(sample, len(friends)))  # noqa: S311  (a sample)
    others = len(people) - 1
    rarity, count = [], []
    for person_id in asked:
        viewer = make_viewer(person_id)
        found = finding.find_people(viewer, PeopleQuery(at_least=1), limit=top).people
        rarity.append({one.person_id for one in found if one.nearness is Nearness.THING} & friends[person_id])
        count.append(set(things.most_in_common(viewer, limit=top)) & friends[person_id])
        progress(1)
    sizes = [len(friends[person_id]) for person_id in asked]
    return Ranking(
        len(people),
        len(asked),
        fmean(sizes),
        _hits(rarity, sizes),
        _hits(count, sizes),
        Hits(
            fmean(top * size / others for size in sizes),
            top / others,
            fmean(1 - _none_of(top, size, others) for size in sizes),
        ),
    )


def _hits(found: Sequence[set[int]], sizes: Sequence[int]) -> Hits:
    return Hits(
        fmean(len(one) for one in found),
        fmean(len(one) / size for one, size in zip(found, sizes, strict=True)),
        fmean(bool(one) for one in found),
    )


def _none_of(top: int, size: int, others: int) -> float:
    """The chance that none of so many friends is among `top` people drawn from all others."""
    chance = 1.0
    for drawn in range(min(top, others)):
        chance *= max(others - size - drawn, 0) / (others - drawn)
    return chance
