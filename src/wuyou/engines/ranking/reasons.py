"""Why an item scores as it does: each part's sum, taken apart again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from wuyou.engines.ranking.parts import Alike, Asked, Factors, Kin, Known, Linear, Part
from wuyou.engines.ranking.types import Float32, Float64, Int64, ReasonKind

_MOST = 3
"""Items or people of one reason."""
_LEAST_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Told:
    """A reason, with rows and columns in place of ids."""

    kind: ReasonKind
    share: float
    items: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    attribute: str = ""
    value: int = -1


def of(parts: Sequence[tuple[Part, float, Float32]], asked: Asked, places: Int64) -> list[list[Told]]:
    """For each of `places` the reasons, weightiest first; what weighs less than a twentieth is not said.

    Items count with what all parts that go by items give them; people, values and popularity stand for themselves.

    Args:
        parts: each with its weight and its scores for who asks.
    Shapes: asked, one asker; places (k,); scores (1, n_items).
    Cost: the profile's entries among `places`, for each part.
    """
    mine = asked.profiles.indices
    by_item = np.zeros((len(mine), len(places)))
    beside: list[list[Told]] = [[] for _ in places]
    for part, weight, scores in parts:
        whole = scores[0]
        length = float(np.sqrt(whole @ whole))
        if not length or not weight:
            continue
        scale = weight / length
        if isinstance(part, Linear | Factors | Kin):
            by_item += scale * _of_items(part, asked, places)
            continue
        if isinstance(part, Known):
            told = _of_people(part, asked, places, scale)
        elif isinstance(part, Alike):
            told = _of_values(part, asked, places, scale * whole[places])
        else:
            told = [Told(ReasonKind.POPULAR, scale * float(whole[place])) for place in places.tolist()]
        for at, one in enumerate(told):
            if one.share > 0:
                beside[at].append(one)
    return [_told(mine, by_item[:, at], beside[at]) for at in range(len(places))]


def _of_items(part: Linear | Factors | Kin, asked: Asked, places: Int64) -> Float64:
    """What each thing of the profile adds to the score of each place. Shapes: (profile, k)."""
    mine, weights = asked.profiles.indices, asked.profiles.data.astype(np.float64)[:, None]
    if isinstance(part, Linear):
        found: Float64 = weights * part.weights[mine][:, places].toarray()
        return found
    if isinstance(part, Kin):
        kin = part.shelves.kin(asked, part.nearest)
        theirs = part.shelves.taste[kin.indices][:, places]
        through: sparse.csr_array = part.shelves.rare[mine][:, kin.indices] @ theirs
        through_kin: Float64 = weights * through.toarray()
        return through_kin
    through_points: Float64 = weights * (part.points[mine] @ part.explained(asked, part.points[places].T))
    return through_points


def _of_people(part: Known, asked: Asked, places: Int64, scale: float) -> list[Told]:
    """For each place the people whom one knows, by what each adds to its score; share 0 where nobody does."""
    row = part.weighed(asked)
    worth = row.data[:, None] * part.shelves.taste[row.indices][:, places].toarray()
    found = []
    for column in worth.T:
        order = np.argsort(-column, kind="stable")[:_MOST]
        people = tuple(row.indices[order[column[order] > 0]].tolist())
        found.append(Told(ReasonKind.KNOWN_PEOPLE, scale * float(column.sum()), people=people))
    return found


def _of_values(part: Alike, asked: Asked, places: Int64, shares: Float32) -> list[Told]:
    """For each place the value in common that adds most, and the person's items that have it."""
    had = asked.profiles.indices
    mine = (asked.profiles @ part.values).toarray().ravel()
    has = np.zeros(asked.profiles.shape[1], np.bool_)
    has[had] = True
    found = []
    for place, share in zip(places.tolist(), shares.tolist(), strict=True):
        if share <= 0:
            found.append(Told(ReasonKind.FROM, 0.0))
            continue
        start, end = part.values.indptr[place], part.values.indptr[place + 1]
        columns = part.values.indices[start:end]
        value = int(columns[np.argmax(mine[columns] * part.values.data[start:end])])
        holders = part.by_value.indices[part.by_value.indptr[value] : part.by_value.indptr[value + 1]]
        same = tuple(holders[has[holders]][:_MOST].tolist())
        attribute = part.attributes[int(part.attribute_of[value])]
        found.append(Told(ReasonKind.FROM, share, same, (), attribute, int(part.value_of[value])))
    return found


def _told(mine: Int64, by_item: Float64, beside: list[Told]) -> list[Told]:
    found = list(beside)
    worth = np.maximum(by_item, 0.0)
    if len(mine) and worth.max() > 0:
        order = np.argsort(-worth, kind="stable")[:_MOST]
        order = order[worth[order] >= worth[order[0]] / 4]
        found.append(Told(ReasonKind.BECAUSE_OF, float(worth.sum()), items=tuple(mine[order].tolist())))
    total = sum(told.share for told in found)
    if not total:
        return [Told(ReasonKind.POPULAR, 1.0)]
    found.sort(key=lambda told: -told.share)
    return [replace(told, share=told.share / total) for told in found if told.share >= _LEAST_SHARE * total]
