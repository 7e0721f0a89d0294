"""What was learnt, as one thing that never changes: read by any number of threads, kept as one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from wuyou.engines.ranking import lists, reasons
from wuyou.engines.ranking.blend import cohorts
from wuyou.engines.ranking.matrix import World, faded
from wuyou.engines.ranking.parts import Alike, Asked, Part, Popular, Shelves, normalised
from wuyou.engines.ranking.report import Report
from wuyou.engines.ranking.types import (
    PLAIN,
    Asker,
    Float32,
    Float64,
    Int64,
    Reason,
    ReasonKind,
    Recommendation,
    Shape,
    ids_of,
)

_FEW = 5
"""An item with fewer people than this is one that few know."""
_BEHIND = np.float32(1e-6)
"""What is popular stands behind everything that a part knows of, so that a list is full."""
_ROWS = 128

Ids = Iterable[int] | Int64


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Parts with their weights, and what they were learnt from.

    Shapes: people (n_people,), items (n_items,) ids, ascending; profiles (n_people, n_items) CSR, what each is asked
    by: their taste, faded; counts (n_items,) int64, how many people have an item;
    ties (n_people, n_people) CSR; is_group (n_people,); attributes, born_at (n_items,); weights (n_cohorts, n_parts)
    float32, how much each part counts for whom (see `blend.cohorts`).
    """

    people: Int64
    items: Int64
    counts: Int64
    profiles: sparse.csr_array
    shelves: Shelves
    ties: sparse.csr_array
    is_group: NDArray[np.bool_]
    attributes: Mapping[str, Int64]
    born_at: Float64
    learnt_until: float
    parts: tuple[Part, ...]
    weights: Float32
    popular: Popular
    report: Report

    @classmethod
    def of(
        cls,
        world: World,
        parts: Sequence[Part],
        weights: Float32,
        popular: Popular,
        shelves: Shelves,
        report: Report,
    ) -> Self:
        """From what a training made."""
        moments = [column[np.isfinite(column)] for column in (world.born_at, world.at) if column is not None]
        return cls(
            people=world.people,
            items=world.items,
            counts=np.bincount(world.taste.indices, minlength=len(world.items)).astype(np.int64),
            profiles=faded(world, report.fades_days),
            shelves=shelves,
            ties=world.ties,
            is_group=world.is_group,
            attributes=world.attributes,
            born_at=world.born_at,
            learnt_until=max((float(column.max()) for column in moments if len(column)), default=0.0),
            parts=tuple(parts),
            weights=weights,
            popular=popular,
            report=report,
        )

    # ------------------------------------------------------------------ questions

    def top_k(
        self,
        asker: Asker,
        k: int,
        *,
        exclude: Ids = (),
        among: Ids | None = None,
        shape: Shape = PLAIN,
        now: float | None = None,
    ) -> tuple[Recommendation, ...]:
        """The k best items for whoever asks, with reasons. What is popular, when nothing is known of them.

        Cost: as `ranked`; reasons for the k.
        """
        found = self.ranked(asker, k, exclude=exclude, among=among, shape=shape, now=now)
        return found.explained(found.items)

    def ranked(
        self,
        asker: Asker,
        k: int,
        *,
        exclude: Ids = (),
        among: Ids | None = None,
        shape: Shape = PLAIN,
        now: float | None = None,
    ) -> Ranked:
        """The same before it is said why: who shows a few of many asks for the reasons of those.

        Never one of `exclude` (ids: hidden, sold out, blocked), never what the asker has unless `shape` says so, and
        with `among` nothing else. Fewer than k only when there are no more.

        Args:
            now: seconds since 1970, for freshness; the last moment of the training where it is None.
        Cost: every part's scores of all items.
        """
        asked = self._asked([asker])
        has = asked.profiles.indices
        is_open = self._open(exclude, among)
        if not len(has) and not asked.ties.nnz:
            return self._popular(k, is_open, shape, now)
        if not shape.seen_too:
            is_open[has] = False
        told = [part.scores(asked) for part in self.parts]
        scores = lists.refreshed(self._mixed(asked, told)[0], self.born_at, shape, self._moment(now))
        places, unknown = self._listed(scores, is_open, k, shape, self._interest(asked, shape))
        weights = self.weights[self._cohorts(asked)[0]].tolist()

        def why(some: Int64) -> list[tuple[Reason, ...]]:
            found = reasons.of(list(zip(self.parts, weights, told, strict=True)), asked, some)
            return [tuple(self._named(reason) for reason in each) for each in found]

        return Ranked(self, places, scores, unknown, why)

    def popular_k(
        self,
        k: int,
        *,
        exclude: Ids = (),
        among: Ids | None = None,
        shape: Shape = PLAIN,
        now: float | None = None,
    ) -> tuple[Recommendation, ...]:
        """The k items that most people do most with now: the same for everyone, since it is not told for whom.

        Source: PIPL art. 24, a choice that does not rest on what is known of the person.
        """
        found = self._popular(k, self._open(exclude, among), shape, now)
        return found.explained(found.items)

    def rank_many(self, askers: Sequence[Asker], k: int, *, among: Sequence[Ids] | None = None) -> Int64:
        """The k best items of each, without reasons, for jobs; -1 where there are no more.

        Shapes: among, one list of ids for each asker; (n, k) int64 ids.
        """
        found = np.full((len(askers), k), -1, np.int64)
        for start in range(0, len(askers), _ROWS):
            asked = self._asked(askers[start : start + _ROWS])
            scores = self._mixed(asked)
            scores[asked.profiles.toarray() > 0] = -np.inf
            for row, one in enumerate(scores):
                if among is not None:
                    one = np.where(self._open((), among[start + row]), one, -np.inf)
                places = lists.best(one, k)
                found[start + row, : len(places)] = self.items[places]
        return found

    def scores(self, asker: Asker, items: Ids) -> Float32:
        """The blend's score of each of `items`, -inf for an unknown one. Shapes: (len(items),)."""
        places = self._places(_column(items))
        found = self._mixed(self._asked([asker]))[0]
        return np.where(places >= 0, found[places], -np.inf).astype(np.float32)

    # ------------------------------------------------------------------ keeping

    def save(self, path: Path) -> None:
        """As one file, which replaces what was there in one step."""
        from wuyou.engines.ranking import storage

        storage.save(self, path)

    @classmethod
    def load(cls, path: Path) -> Model:
        """From a file, mapped into memory: processes share its pages. Raises: ValueError for another version."""
        from wuyou.engines.ranking import storage

        return storage.load(path)

    # ------------------------------------------------------------------ inside

    def _asked(self, askers: Sequence[Asker]) -> Asked:
        rows = np.array([self._row(asker.person) for asker in askers], np.int64)
        profiles, ties = _picked(self.profiles, rows), _picked(self.ties, rows)
        if any(asker.recent for asker in askers):
            recent = [_known_of(self.items, asker.recent) for asker in askers]
            profiles = profiles.maximum(_ones(recent, profiles.shape[1])).tocsr()
        if any(asker.ties is not None for asker in askers):
            told = [
                ties[[at]] if asker.ties is None else _ones([_known_of(self.people, asker.ties)], ties.shape[1])
                for at, asker in enumerate(askers)
            ]
            ties = sparse.vstack(told, format="csr")
        return Asked(profiles, rows, ties)

    def _row(self, person: int | None) -> int:
        if person is None:
            return -1
        at = int(self.people.searchsorted(person))
        return at if at < len(self.people) and self.people[at] == person else -1

    def _places(self, ids: Int64) -> Int64:
        return _found(self.items, ids)

    def _cohorts(self, asked: Asked) -> Int64:
        is_group = np.append(self.is_group, False)[asked.rows]
        return cohorts(np.diff(asked.profiles.indptr), is_group)

    def _mixed(self, asked: Asked, told: Sequence[Float32] | None = None) -> Float32:
        """The blend for each, from what every part says where that is known already."""
        weights = self.weights[self._cohorts(asked)]
        mixed = np.tile(_BEHIND * self.popular.logs, (len(asked.rows), 1))
        for at, part in enumerate(self.parts):
            if weights[:, at].any():
                scores = part.scores(asked) if told is None else told[at]
                mixed += weights[:, at, None] * normalised(scores)
        return mixed

    def _open(self, exclude: Ids, among: Ids | None) -> NDArray[np.bool_]:
        is_open = np.full(len(self.items), among is None)
        if among is not None:
            places = self._places(_column(among))
            is_open[places[places >= 0]] = True
        places = self._places(_column(exclude))
        is_open[places[places >= 0]] = False
        return is_open

    def _popular(self, k: int, is_open: NDArray[np.bool_], shape: Shape, now: float | None) -> Ranked:
        scores = lists.refreshed(self.popular.logs, self.born_at, shape, self._moment(now))
        places, unknown = self._listed(scores, is_open, k, shape, np.zeros(len(self.items), np.float32))
        return Ranked(self, places, scores, unknown, lambda some: [(_MANY_LIKE_IT,)] * len(some))

    def _listed(
        self, scores: Float32, is_open: NDArray[np.bool_], k: int, shape: Shape, interest: Float32
    ) -> tuple[Int64, frozenset[int]]:
        places = lists.arranged(np.where(is_open, scores, -np.inf), k, shape, self.attributes)
        places, unknown = lists.with_unknown(places, k, shape, self.counts < _FEW, interest, is_open)
        return places, frozenset(unknown.tolist())

    def _interest(self, asked: Asked, shape: Shape) -> Float32:
        """How much each item is like those of who asks, for what is drawn of the unknown. Shapes: (n_items,)."""
        for part in self.parts:
            if shape.explore and isinstance(part, Alike):
                found: Float32 = normalised(part.scores(asked))[0]
                return found
        return np.zeros(len(self.items), np.float32)

    def _moment(self, now: float | None) -> float:
        return self.learnt_until if now is None else now

    def _named(self, reason: reasons.Told) -> Reason:
        """With ids in place of rows."""
        return Reason(
            reason.kind,
            reason.share,
            tuple(int(self.items[place]) for place in reason.items),
            tuple(int(self.people[place]) for place in reason.people),
            reason.attribute,
            reason.value,
        )


_SAID_MOST = 8
"""So many pages of a list keep their reasons."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """What was found for who asked, best first. Shapes: places (k,); scores (n_items,)."""

    _model: Model
    _places: Int64
    _scores: Float32
    _unknown: frozenset[int]
    _why: Callable[[Int64], list[tuple[Reason, ...]]]
    _said: dict[tuple[int, ...], tuple[Recommendation, ...]] = field(default_factory=dict, init=False)

    @property
    def items(self) -> tuple[int, ...]:
        """Ids, the best first."""
        return tuple(self._model.items[self._places].tolist())

    def explained(self, items: Sequence[int]) -> tuple[Recommendation, ...]:
        """Some of them, in the order in which they are asked for, with reasons. Raises: KeyError for another item.

        Cost: the profile's entries among `items`, for each part; none for the few that were asked for last.
        """
        asked = tuple(items)
        said = self._said.get(asked)
        if said is None:
            if len(self._said) >= _SAID_MOST:
                self._said.clear()
            said = self._said[asked] = self._explained(asked)
        return said

    def _explained(self, items: Sequence[int]) -> tuple[Recommendation, ...]:
        place_of = dict(zip(self.items, self._places.tolist(), strict=True))
        places = [place_of[item] for item in items]
        known = [place for place in places if place not in self._unknown]
        why = dict(zip(known, self._why(np.array(known, np.int64)), strict=True))
        return tuple(
            Recommendation(item, float(self._scores[place]), why.get(place, (_FEW_KNOW_IT,)))
            for item, place in zip(items, places, strict=True)
        )


_FEW_KNOW_IT = Reason(ReasonKind.NEW, 1.0)
_MANY_LIKE_IT = Reason(ReasonKind.POPULAR, 1.0)


def _column(ids: Ids) -> Int64:
    return ids_of(ids if isinstance(ids, np.ndarray) else np.array(list(ids), np.int64))


def _found(ids: Int64, wanted: Int64) -> Int64:
    """The place of each in `ids` (sorted), -1 for what is not there."""
    if not len(ids):
        return np.full(len(wanted), -1, np.int64)
    at = np.minimum(ids.searchsorted(wanted), len(ids) - 1)
    return np.where(ids[at] == wanted, at, -1)


def _known_of(ids: Int64, wanted: Sequence[int]) -> Int64:
    """The places of those that are there, each once, ascending."""
    places = np.unique(_found(ids, _column(wanted)))
    return places[places >= 0]


def _picked(table: sparse.csr_array, rows: Int64) -> sparse.csr_array:
    """Those rows; nothing for -1."""
    lengths = np.where(rows >= 0, np.diff(table.indptr)[rows] if table.shape[0] else 0, 0)
    ends = np.concatenate(([0], lengths.cumsum()))
    entries = np.concatenate(
        [np.arange(table.indptr[row], table.indptr[row + 1]) for row in rows.tolist() if row >= 0]
        or [np.zeros(0, np.int64)]
    )
    return sparse.csr_array((table.data[entries], table.indices[entries], ends), shape=(len(rows), table.shape[1]))


def _ones(rows: Sequence[Int64], width: int) -> sparse.csr_array:
    columns = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    ends = np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64)
    return sparse.csr_array((np.ones(len(columns), np.float32), columns, ends), shape=(len(rows), width))
