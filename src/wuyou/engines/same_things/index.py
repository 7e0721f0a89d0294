"""`SameThings`: one writer at a time, any number of readers, none of whom waits for another."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wuyou.engines.same_things import search
from wuyou.engines.same_things.arrays import high_of, low_of, pair_keys
from wuyou.engines.same_things.layer import Layer
from wuyou.engines.same_things.level import Level
from wuyou.engines.same_things.restricted import Audiences, Restricted, columns_of, known_columns_of
from wuyou.engines.same_things.types import (
    EVERY_THING,
    Audience,
    Holdings,
    Int32,
    Int64,
    Match,
    RestrictedColumns,
    RestrictedHolding,
    Viewer,
)

_SMALL_DELTA = 20_000
"""Pairs that are never worth a merge: they cost a question some tens of microseconds."""
_DELTA_SHARE = 100
"""Beyond one pair in so many the delta is merged: once in that many changes, the bulk is copied once."""
_OPEN_FILE, _RESTRICTED_FILE = "holdings.parquet", "restricted.parquet"
_PARQUET_ROWS = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class _Snapshot:
    """Everything one question reads. Never changed; a writer publishes another."""

    things: Layer
    levels: tuple[tuple[Level, Layer], ...]
    restricted: Restricted

    @property
    def delta_count(self) -> int:
        return max(layer.delta_count for layer in (self.things, *(layer for _, layer in self.levels))) + (
            self.restricted.delta_count
        )


class SameThings:
    """People with the same N things.

    Readers take the snapshot of the moment and never lock; `apply` and `compact` publish a new one. Numbers of people
    and things are dense: memory goes with the largest number, 8 bytes each.

    Args:
        holdings: what everyone may see.
        restricted: what only an audience may see.
        levels: name → group of each thing (-1 for none), from near to far: family, brand.
        merge_in_background: let a thread merge the delta when `apply` finds it large; else `apply` does it.
    """

    def __init__(
        self,
        holdings: Holdings | None = None,
        *,
        restricted: Iterable[RestrictedHolding] | RestrictedColumns = (),
        levels: Mapping[str, Int32] | None = None,
        merge_in_background: bool = True,
    ) -> None:
        if EVERY_THING in (levels or {}):
            raise ValueError(f"{EVERY_THING!r} is the name of the exact level")
        columns = holdings or Holdings.of(())
        self._audiences = Audiences()
        rows = Restricted.build(*columns_of(restricted, self._audiences))
        things = Layer.build(columns.things, columns.people)
        grouped = [Level.build(name, groups) for name, groups in (levels or {}).items()]
        self._snapshot = _Snapshot(things, tuple((level, _lifted(level, things)) for level in grouped), rows)
        self._in_background = merge_in_background
        self._writing = threading.Lock()
        self._merging = threading.Lock()

    # ------------------------------------------------------------------ questions

    def search(
        self,
        things: Iterable[int] | NDArray[np.integer],
        viewer: Viewer,
        *,
        at_least: int = 3,
        limit: int | None = 50,
        fallback: Sequence[str] = (),
        among: Iterable[int] | NDArray[np.integer] | None = None,
    ) -> tuple[Match, ...]:
        """The best `limit` people who share at least `at_least` of `things`, as this viewer may see them.

        Best is the largest sum of rarities (see `rarity_millibits`), then the most things, then the smallest number.
        When they are fewer than `limit`, people who share that many families, brands … follow, level by level in the
        order of `fallback`; a level counts groups, and `Match.level` says which. All people when `limit` is None; with
        `among`, nobody else is looked for.

        Raises: KeyError for a level that the index does not have; ValueError for `at_least` below 1.
        """
        if at_least < 1:
            raise ValueError("people who share nothing are not searched for")
        snapshot = self._snapshot
        mine = _column(things)
        opened = self._audiences.opened_by(viewer.tokens)
        excluded = _excluded(viewer)
        only = None if among is None else _column(among)
        found = _matches(
            search.best(
                snapshot.things,
                mine,
                _not_open(snapshot.things, snapshot.restricted.granted(opened, mine)),
                at_least=at_least,
                limit=limit,
                excluded=excluded,
                among=only,
            ),
            EVERY_THING,
        )
        by_name = {level.name: (level, layer) for level, layer in snapshot.levels}
        for name in fallback:
            level, layer = by_name[name]
            if limit is not None and len(found) >= limit:
                break
            groups = np.unique(level.of(mine))
            groups = groups[groups >= 0]
            granted = level.lifted(snapshot.restricted.granted(opened, level.things_of(groups)))
            met = np.array([match.person for match in found], np.int64)
            found += _matches(
                search.best(
                    layer,
                    groups,
                    _not_open(layer, granted),
                    at_least=at_least,
                    limit=None if limit is None else limit - len(found),
                    excluded=np.union1d(excluded, met),
                    among=only,
                ),
                name,
            )
        return tuple(found)

    def have_all(
        self,
        things: Iterable[int] | NDArray[np.integer],
        viewer: Viewer,
        *,
        level: str = EVERY_THING,
        limit: int | None = None,
        among: Iterable[int] | NDArray[np.integer] | None = None,
    ) -> tuple[int, ...]:
        """Everyone who has all of these things, or something of each of these groups of a level, ascending.

        The rarest list is asked about in the others. Nobody for no things; nobody else than `among`, where it is given.
        Raises: KeyError for a level that the index does not have.
        """
        snapshot = self._snapshot
        mine = _column(things)
        opened = self._audiences.opened_by(viewer.tokens)
        if level == EVERY_THING:
            layer, granted = snapshot.things, snapshot.restricted.granted(opened, mine)
        else:
            groups, layer = {known.name: (known, layer) for known, layer in snapshot.levels}[level]
            granted = groups.lifted(snapshot.restricted.granted(opened, groups.things_of(mine)))
        found = search.everyone_with_all(
            layer,
            mine,
            _not_open(layer, granted),
            excluded=_excluded(viewer),
            among=None if among is None else _column(among),
        )
        return tuple(found[:limit].tolist())

    def things_of(self, person: int) -> tuple[int, ...]:
        """What this person holds openly, ascending."""
        return tuple(high_of(self._snapshot.things.pairs_of(np.array([person], np.int64))).tolist())

    def holders(self, thing: int) -> int:
        """How many hold this thing openly."""
        return int(self._snapshot.things.holders(np.array([thing], np.int64))[0])

    def pairs_with(self, things: Iterable[int]) -> tuple[tuple[int, int], ...]:
        """(person, thing) of whoever holds one of these, openly or not: for who keeps the index, never for a viewer."""
        snapshot = self._snapshot
        column = _column(things)
        return _pairs(np.union1d(snapshot.things.pairs_with(column), snapshot.restricted.pairs_with(column)))

    def pairs_of(self, person: int) -> tuple[tuple[int, int], ...]:
        """(person, thing) of all that a person holds, openly or not: for who keeps the index, never for a viewer."""
        snapshot = self._snapshot
        openly = snapshot.things.pairs_of(np.array([person], np.int64))
        return _pairs(np.union1d(openly, snapshot.restricted.pairs_of(person)))

    @property
    def people_count(self) -> int:
        """People who hold anything openly."""
        return self._snapshot.things.people_count

    @property
    def holdings_count(self) -> int:
        """Open holdings; restricted ones are not counted."""
        return self._snapshot.things.pairs_count

    @property
    def delta_count(self) -> int:
        """Changes that are not merged yet, the largest layer's and the restricted ones'."""
        return self._snapshot.delta_count

    @property
    def size_bytes(self) -> int:
        """Memory of the bulk arrays of all levels."""
        snapshot = self._snapshot
        return sum(layer.base.size_bytes for layer in (snapshot.things, *(layer for _, layer in snapshot.levels)))

    # ------------------------------------------------------------------ changes

    def apply(
        self,
        adds: Holdings | None = None,
        removes: Holdings | None = None,
        *,
        restrict: Iterable[RestrictedHolding] = (),
        unrestrict: Iterable[RestrictedHolding] = (),
        forget: Holdings | None = None,
        groups: Mapping[str, Mapping[int, int]] | None = None,
    ) -> None:
        """Removals, then additions, in one step: the next question sees all of it, those under way none of it.

        Adding what is there and removing what is not change nothing, so that events may come twice. A holding whose
        audience narrows is `removes` and `restrict` in one call: at no moment does anyone see it who may not.

        Args:
            forget: pairs of which nothing stays, open or restricted, before anything is added.
            groups: by level, the group of things that are new or belong elsewhere now (-1 for none).
        """
        forgotten = _keys(forget)
        added, removed = _keys(adds), np.union1d(_keys(removes), forgotten)
        regrouped = groups or {}
        with self._writing:
            snapshot = self._snapshot
            things = snapshot.things.edited(added, removed)
            levels = [
                _relevelled(*level, regrouped, snapshot.things, things, added, removed) for level in snapshot.levels
            ]
            gone = known_columns_of(unrestrict, self._audiences)
            if len(forgotten):
                rows = snapshot.restricted.rows_of(forgotten)
                gone = np.concatenate((gone[0], rows[0])), np.concatenate((gone[1], rows[1]))
            restricted = snapshot.restricted.edited(columns_of(restrict, self._audiences), gone)
            self._snapshot = _Snapshot(things, tuple(levels), restricted)
        if self.delta_count > max(_SMALL_DELTA, self.holdings_count // _DELTA_SHARE):
            self._merge_soon()

    def compact(self) -> None:
        """Merge the delta into the bulk. Readers and writers go on meanwhile; a second call waits for the first."""
        with self._merging:
            self._merge()

    def _merge_soon(self) -> None:
        if not self._in_background:
            self.compact()
        elif self._merging.acquire(blocking=False):

            def work() -> None:
                try:
                    self._merge()
                finally:
                    self._merging.release()

            threading.Thread(target=work, name="same-things-merge", daemon=True).start()

    def _merge(self) -> None:
        before = self._snapshot
        things = before.things.compacted()
        levels = [layer.compacted() for _, layer in before.levels]
        restricted = before.restricted.compacted()
        with self._writing:
            now = self._snapshot
            self._snapshot = _Snapshot(
                now.things.rebased(before.things, things.base),
                tuple(
                    (level, layer.rebased(then, merged.base))
                    for (level, layer), (_, then), merged in zip(now.levels, before.levels, levels, strict=True)
                ),
                now.restricted.rebased(before.restricted, restricted.bulk),
            )

    # ------------------------------------------------------------------ files

    def save(self, folder: Path) -> None:
        """Write the holdings as two Parquet files (person, thing) and (person, thing, allow, deny)."""
        snapshot = self._snapshot
        folder.mkdir(parents=True, exist_ok=True)
        people, things = snapshot.things.all_pairs()
        pq.write_table(pa.table({"person": people, "thing": things}), folder / _OPEN_FILE, row_group_size=_PARQUET_ROWS)
        numbers, pairs = snapshot.restricted.all_rows()
        audiences = [self._audiences[number] for number in numbers.tolist()]
        tokens = pa.list_(pa.int64())
        table = pa.table(
            {
                "person": low_of(pairs).astype(np.int32),
                "thing": high_of(pairs).astype(np.int32),
                "allow": pa.array([sorted(audience.allow) for audience in audiences], tokens),
                "deny": pa.array([sorted(audience.deny) for audience in audiences], tokens),
            }
        )
        pq.write_table(table, folder / _RESTRICTED_FILE)

    @classmethod
    def load(
        cls, folder: Path, *, levels: Mapping[str, Int32] | None = None, merge_in_background: bool = True
    ) -> SameThings:
        """From files that `save`, or any program, wrote."""
        table = pq.read_table(folder / _OPEN_FILE)
        rows = pq.read_table(folder / _RESTRICTED_FILE).to_pylist()
        restricted = (
            RestrictedHolding(
                row["person"], row["thing"], Audience(frozenset(row["allow"] or ()), frozenset(row["deny"] or ()))
            )
            for row in rows
        )
        return cls(
            Holdings(table["person"].to_numpy(), table["thing"].to_numpy()),
            restricted=restricted,
            levels=levels,
            merge_in_background=merge_in_background,
        )


def _column(things: Iterable[int] | NDArray[np.integer]) -> Int64:
    column = things if isinstance(things, np.ndarray) else np.array(list(things), np.int64)
    unique = np.unique(column.astype(np.int64))
    return unique[unique >= 0]


def _excluded(viewer: Viewer) -> Int64:
    itself = () if viewer.person is None else (viewer.person,)
    return np.array(sorted(viewer.excluded.union(itself)), np.int64)


def _keys(holdings: Holdings | None) -> Int64:
    if holdings is None:
        return np.zeros(0, np.int64)
    return np.unique(pair_keys(holdings.things, holdings.people))


def _pairs(keys: Int64) -> tuple[tuple[int, int], ...]:
    return tuple(zip(low_of(keys).tolist(), high_of(keys).tolist(), strict=True))


def _relevelled(
    level: Level,
    layer: Layer,
    regrouped: Mapping[str, Mapping[int, int]],
    before: Layer,
    after: Layer,
    added: Int64,
    removed: Int64,
) -> tuple[Level, Layer]:
    """A level and its pairs, after the pairs of things and the groups of some things have changed."""
    changed = regrouped.get(level.name)
    now = level.regrouped(changed) if changed else level
    touched = low_of(np.concatenate((added, removed)))
    if changed:
        touched = np.concatenate((touched, low_of(before.pairs_with(_column(changed)))))
    touched = np.unique(touched)
    had, has = level.lifted(before.pairs_of(touched)), now.lifted(after.pairs_of(touched))
    return now, layer.edited(np.setdiff1d(has, had), np.setdiff1d(had, has))


def _lifted(level: Level, things: Layer) -> Layer:
    people, features = things.all_pairs()
    groups = level.of(features)  # type: ignore[arg-type]
    known = groups >= 0
    return Layer.build(groups[known].astype(np.int32), people[known])


def _not_open(layer: Layer, granted: Int64) -> Int64:
    """Pairs that the layer does not hold already: a thing held openly and restricted counts once."""
    return granted[~layer.has(granted)] if len(granted) else granted


def _matches(found: search.Found, level: str) -> list[Match]:
    return [
        Match(person, weight, tuple(found.features[shared].tolist()), level)
        for person, weight, shared in zip(found.people.tolist(), found.weights.tolist(), found.shared, strict=True)
    ]
