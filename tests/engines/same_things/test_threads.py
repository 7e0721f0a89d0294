"""Readers beside a writer and a merge: every answer is that of one moment."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from wuyou.engines.same_things import Audience, Holdings, RestrictedHolding, SameThings, Viewer, index

SETS = 5
PEOPLE = 200


def test_readers_see_whole_steps_while_it_is_written_and_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_SMALL_DELTA", 50)
    monkeypatch.setattr(index, "_DELTA_SHARE", 10**9)
    # At every step each person holds the five things of one set, all of it or nothing, half of them among friends only.
    everything = Holdings.of((person, thing) for person in range(PEOPLE) for thing in range(SETS))
    levels = {"family": np.arange(100, dtype=np.int32) // SETS}
    same = SameThings(everything, levels=levels)
    merges = 0
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            for step in (0, 1, 2):
                mine = range(step * SETS, (step + 1) * SETS)
                for viewer in (Viewer(), Viewer(tokens=frozenset({1}))):
                    found = same.search(mine, viewer, at_least=1, limit=None)
                    if any(match.count != SETS for match in found):
                        wrong.append(found)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    before = same._snapshot.things.base
    until = time.monotonic() + 2
    step = 0
    friends = Audience(frozenset({1}))
    while time.monotonic() < until and not wrong:
        old, new = step % 3, (step + 1) % 3
        for first in range(0, PEOPLE, 50):
            moved = range(first, first + 50)
            same.apply(
                Holdings.of((person, new * SETS + n) for person in moved if person % 2 for n in range(SETS)),
                Holdings.of((person, old * SETS + n) for person in moved for n in range(SETS)),
                restrict=[
                    RestrictedHolding(person, new * SETS + n, friends)
                    for person in moved
                    if not person % 2
                    for n in range(SETS)
                ],
                unrestrict=[
                    RestrictedHolding(person, old * SETS + n, friends) for person in moved for n in range(SETS)
                ],
            )
            merges += same._snapshot.things.base is not before
            before = same._snapshot.things.base
        step += 1
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert merges > 1
    same.compact()
    mine = range(step % 3 * SETS, (step % 3 + 1) * SETS)
    assert list(same.have_all(mine, Viewer(tokens=frozenset({1})))) == list(range(PEOPLE))
    assert list(same.have_all(mine, Viewer())) == list(range(1, PEOPLE, 2))


def test_what_was_written_during_a_merge_is_kept() -> None:
    """The merge works on an older state: what came since, in both directions, stands on the new bulk."""
    same = SameThings(Holdings.of([(1, 1), (2, 2)]), merge_in_background=False)
    friends = Audience(frozenset({1}))
    row, other = RestrictedHolding(5, 1, friends), RestrictedHolding(6, 1, friends)
    same.apply(Holdings.of([(3, 3)]), Holdings.of([(1, 1)]), restrict=[row])
    before = same._snapshot
    merged, restricted = before.things.compacted(), before.restricted.compacted()
    same.apply(Holdings.of([(1, 1), (4, 4)]), Holdings.of([(3, 3), (2, 2)]), restrict=[other], unrestrict=[row])
    now = same._snapshot
    things = now.things.rebased(before.things, merged.base)
    assert sorted(zip(*(column.tolist() for column in things.all_pairs()), strict=True)) == [(1, 1), (4, 4)]
    rows = now.restricted.rebased(before.restricted, restricted.bulk)
    assert rows.all_rows()[1].tolist() == [1 << 32 | 6]
    assert things.people_count == 2
