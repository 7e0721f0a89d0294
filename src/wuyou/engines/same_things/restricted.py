"""Holdings that only some may see, and the pairs among them that one viewer's tokens open.

Audiences are interned: a number stands for (allow, deny). Rows are sorted by audience, and found either by the
audiences that the viewer's tokens open or by the things asked about, whichever are fewer; the decision is the same one,
exact for each row. Nothing of a row that the viewer may not see leaves this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wuyou.engines.same_things.arrays import high_of, low_of, offsets_of, pair_keys, ranges, within
from wuyou.engines.same_things.types import (
    Audience,
    Int32,
    Int64,
    RestrictedColumns,
    RestrictedHolding,
    dense_numbers,
)

_NOTHING = np.zeros(0, np.int64)


class Audiences:
    """Numbers for audiences. Only ever appended to by the one writer, so that readers of any snapshot may use it."""

    def __init__(self) -> None:
        self._numbers: dict[Audience, int] = {}
        self._audiences: list[Audience] = []
        self._allowing: dict[int, list[int]] = {}
        self._denying: dict[int, list[int]] = {}

    def number(self, audience: Audience) -> int:
        """Its number, a new one when it is new."""
        number = self._numbers.get(audience)
        if number is None:
            number = self._numbers[audience] = len(self._audiences)
            self._audiences.append(audience)
            for token in audience.deny:
                self._denying.setdefault(token, []).append(number)
            for token in audience.allow:
                self._allowing.setdefault(token, []).append(number)
        return number

    def find(self, audience: Audience) -> int | None:
        """Its number, or None."""
        return self._numbers.get(audience)

    def __getitem__(self, number: int) -> Audience:
        return self._audiences[number]

    def opened_by(self, tokens: Iterable[int]) -> Int64:
        """Numbers (sorted) of the audiences that let in who has these tokens; denial wins."""
        tokens = list(tokens)
        # What denies is read after what allows: an audience appended in between is then denied or not seen, never open.
        allowed = [number for token in tokens for number in self._allowing.get(token, ())]
        if not allowed:
            return _NOTHING
        denied = [number for token in tokens for number in self._denying.get(token, ())]
        return np.setdiff1d(np.array(allowed, np.int64), np.array(denied, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows (audience, thing, person) in this order, unique; and their positions by thing.

    Cost: 20 bytes a row and 8 an audience.
    """

    offsets: Int64
    pairs: Int64
    audiences: Int32
    things: Int32
    by_thing: Int32

    @classmethod
    def build(cls, audiences: Int64, pairs: Int64) -> Rows:
        """From unordered columns of audience numbers and keys thing << 32 | person."""
        order = np.lexsort((pairs, audiences))
        audiences, pairs = audiences[order], pairs[order]
        if len(pairs):
            new = (audiences[1:] != audiences[:-1]) | (pairs[1:] != pairs[:-1])
            chosen = np.concatenate(([True], new))
            audiences, pairs = audiences[chosen], pairs[chosen]
        by_thing = np.argsort(high_of(pairs), kind="stable")
        return cls(
            offsets_of(np.bincount(audiences)),
            pairs,
            audiences.astype(np.int32),
            high_of(pairs)[by_thing].astype(np.int32),
            by_thing.astype(np.int32),
        )

    def positions(self, audiences: Int64, pairs: Int64) -> Int64:
        """Where each given row stands, -1 where it is not."""
        found = np.full(len(pairs), -1, np.int64)
        for row, (audience, pair) in enumerate(zip(audiences.tolist(), pairs.tolist(), strict=True)):
            if audience < len(self.offsets) - 1:
                start, end = self.offsets[audience], self.offsets[audience + 1]
                at = int(start + self.pairs[start:end].searchsorted(pair))
                if at < end and self.pairs[at] == pair:
                    found[row] = at
        return found

    def positions_with(self, things: Int64) -> Int64:
        """Positions of the rows of `things` (sorted), in whatever audience."""
        first, last = self.things.searchsorted(things), self.things.searchsorted(things, side="right")
        return self.by_thing[ranges(first, last - first)].astype(np.int64)

    def positions_of(self, pairs: Int64) -> Int64:
        """Positions (sorted) of the rows of these pairs (sorted), in whatever audience."""
        at = self.positions_with(np.unique(high_of(pairs)))
        return np.sort(at[within(self.pairs[at], pairs)])

    def visible(self, opened: Int64, things: Int64) -> Int64:
        """Positions of the rows of `things` (sorted) in audiences that are `opened` (sorted)."""
        opened = opened[: opened.searchsorted(len(self.offsets) - 1)]
        starts = self.offsets[opened]
        lengths = self.offsets[opened + 1] - starts
        first, last = self.things.searchsorted(things), self.things.searchsorted(things, side="right")
        if lengths.sum() <= (last - first).sum():
            at = ranges(starts, lengths)
            return at[within(high_of(self.pairs[at]), things)]
        at = self.by_thing[ranges(first, last - first)].astype(np.int64)
        return at[within(self.audiences[at], opened)]


@dataclass(frozen=True, slots=True, eq=False)
class Restricted:
    """The bulk of the rows, the positions in it that are gone (sorted), and the rows since."""

    bulk: Rows
    gone: Int64
    recent: Rows

    @classmethod
    def build(cls, audiences: Int64, pairs: Int64) -> Restricted:
        """Everything in the bulk."""
        return cls(Rows.build(audiences, pairs), _NOTHING, Rows.build(_NOTHING, _NOTHING))

    @property
    def delta_count(self) -> int:
        """Rows that differ from the bulk."""
        return len(self.gone) + len(self.recent.pairs)

    @property
    def rows_count(self) -> int:
        """Rows held now."""
        return len(self.bulk.pairs) - len(self.gone) + len(self.recent.pairs)

    def edited(self, add: tuple[Int64, Int64], remove: tuple[Int64, Int64]) -> Restricted:
        """With rows removed and then rows added; columns of audience numbers and keys thing << 32 | person."""
        removed_at = self.bulk.positions(*remove)
        gone = np.union1d(self.gone, removed_at[removed_at >= 0])
        kept = np.ones(len(self.recent.pairs), np.bool_)
        recent_at = self.recent.positions(*remove)
        kept[recent_at[recent_at >= 0]] = False

        added_at = self.bulk.positions(*add)
        back = added_at >= 0
        gone = np.setdiff1d(gone, added_at[back])
        recent = Rows.build(
            np.concatenate((self.recent.audiences[kept], add[0][~back])),
            np.concatenate((self.recent.pairs[kept], add[1][~back])),
        )
        return Restricted(self.bulk, gone, recent)

    def compacted(self) -> Restricted:
        """The same rows without a delta."""
        return self.build(*self.all_rows())

    def all_rows(self) -> tuple[Int64, Int64]:
        """Columns of audience numbers and keys thing << 32 | person of every row."""
        kept = np.ones(len(self.bulk.pairs), np.bool_)
        kept[self.gone] = False
        audiences = np.concatenate((self.bulk.audiences[kept], self.recent.audiences)).astype(np.int64)
        return audiences, np.concatenate((self.bulk.pairs[kept], self.recent.pairs))

    def rebased(self, older: Restricted, bulk: Rows) -> Restricted:
        """The same rows on `bulk`, which holds what `older`, a former state of this, held."""
        recent, recent_then = self._recent_rows(), older._recent_rows()
        add = (recent - recent_then) | self._bulk_rows(np.setdiff1d(older.gone, self.gone))
        remove = (recent_then - recent) | self._bulk_rows(np.setdiff1d(self.gone, older.gone))
        return Restricted(bulk, _NOTHING, Rows.build(_NOTHING, _NOTHING)).edited(_columns(add), _columns(remove))

    def rows_of(self, pairs: Int64) -> tuple[Int64, Int64]:
        """The rows of these pairs (thing, person) (sorted): columns of audience numbers and pairs."""
        bulk, recent = self.bulk.positions_of(pairs), self.recent.positions_of(pairs)
        bulk = bulk[~within(bulk, self.gone)]
        audiences = np.concatenate((self.bulk.audiences[bulk], self.recent.audiences[recent])).astype(np.int64)
        return audiences, np.concatenate((self.bulk.pairs[bulk], self.recent.pairs[recent]))

    def pairs_with(self, things: Int64) -> Int64:
        """Pairs (thing, person) of these things (sorted) that have a row, sorted, unique."""
        bulk, recent = self.bulk.positions_with(things), self.recent.positions_with(things)
        return np.unique(np.concatenate((self.bulk.pairs[bulk[~within(bulk, self.gone)]], self.recent.pairs[recent])))

    def pairs_of(self, person: int) -> Int64:
        """Pairs (thing, person) of this person that have a row, sorted, unique. Cost: a scan of all rows."""
        bulk = np.flatnonzero(low_of(self.bulk.pairs) == person)
        recent = self.recent.pairs[low_of(self.recent.pairs) == person]
        return np.unique(np.concatenate((self.bulk.pairs[bulk[~within(bulk, self.gone)]], recent)))

    def _recent_rows(self) -> set[tuple[int, int]]:
        return set(zip(self.recent.audiences.tolist(), self.recent.pairs.tolist(), strict=True))

    def _bulk_rows(self, at: Int64) -> set[tuple[int, int]]:
        return set(zip(self.bulk.audiences[at].tolist(), self.bulk.pairs[at].tolist(), strict=True))

    def granted(self, opened: Int64, things: Int64) -> Int64:
        """Pairs (thing, person) of `things` (sorted) that the `opened` audiences (sorted) let see; sorted, unique."""
        if not len(opened) or not self.rows_count:
            return _NOTHING
        bulk = self.bulk.visible(opened, things)
        recent = self.recent.visible(opened, things)
        return np.unique(np.concatenate((self.bulk.pairs[bulk[~within(bulk, self.gone)]], self.recent.pairs[recent])))


def columns_of(holdings: Iterable[RestrictedHolding] | RestrictedColumns, audiences: Audiences) -> tuple[Int64, Int64]:
    """Rows as columns; new audiences get a number."""
    if isinstance(holdings, RestrictedColumns):
        numbers = np.array([audiences.number(audience) for audience in holdings.audiences], np.int64)
        pairs = pair_keys(dense_numbers(holdings.things), dense_numbers(holdings.people))
        return numbers[holdings.which], pairs
    return _columns((audiences.number(row.audience), row.thing << 32 | row.person) for row in holdings)


def known_columns_of(holdings: Iterable[RestrictedHolding], audiences: Audiences) -> tuple[Int64, Int64]:
    """Rows as columns, without those whose audience was never seen."""
    numbered = ((audiences.find(row.audience), row.thing << 32 | row.person) for row in holdings)
    return _columns((number, pair) for number, pair in numbered if number is not None)


def _columns(rows: Iterable[tuple[int, int]]) -> tuple[Int64, Int64]:
    table: NDArray[np.int64] = np.array(list(rows), dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
