"""The recommender that serves in this process: the newest learnt model, fetched when there is a newer one."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import structlog

from wuyou.domains.feed.types import KIND_MASK, ItemKind
from wuyou.engines.ranking import Asker, Model, Ranked, Shape
from wuyou.engines.ranking.types import Int64
from wuyou.infra import db, storage

log = structlog.get_logger(__name__)

FILE = "model"
_LOOK_EVERY_S = 20.0
_LISTS_KEPT = 64
"""Who scrolls on asks for the same list again, and who is not signed in for everybody's."""


class Rank(Protocol):
    """The list of one asker, in the shape of a day and an hour; the same question soon again costs nothing.

    Args: `hour` since 1970, the one that runs; `seed` draws what few know.
    """

    def __call__(self, asker: Asker, count: int, kinds: frozenset[ItemKind], seed: int, hour: int) -> Ranked: ...


@dataclass(frozen=True, slots=True)
class Learnt:
    """A learnt model, and which numbers of items it knows."""

    model: Model
    known: frozenset[int]
    rank: Rank

    @classmethod
    def of(cls, model: Model) -> Self:
        """Cost: once a model."""
        its_kinds = model.items & KIND_MASK
        by_kind: Mapping[ItemKind, Int64] = {kind: model.items[its_kinds == kind.value] for kind in ItemKind}

        @lru_cache(maxsize=_LISTS_KEPT)
        def rank(asker: Asker, count: int, kinds: frozenset[ItemKind], seed: int, hour: int) -> Ranked:
            among = None if len(kinds) == len(ItemKind) else np.concatenate([by_kind[kind] for kind in kinds])
            return model.ranked(asker, count, among=among, shape=shape(seed=seed), now=(hour + 1) * 3600.0)

        return cls(model, frozenset(model.items.tolist()), rank)


def shape(*, seed: int = 0, explore: float = 0.1) -> Shape:
    """Fresh things first, nobody's too often, and a place in ten for what few know."""
    return Shape(diversity=0.35, freshness=0.5, half_life_s=4 * 86_400.0, explore=explore, seed=seed)


class _Serving:
    """The model of this process. Any number of threads ask it; one fetches."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._learnt: Learnt | None = None
        self._key = ""
        self._looked_at = float("-inf")

    def learnt(self) -> Learnt | None:
        """The newest model, at most some twenty seconds old; None while nothing was learnt. Cost: no query mostly."""
        if time.monotonic() - self._looked_at >= _LOOK_EVERY_S and self._lock.acquire(blocking=self._learnt is None):
            try:
                if time.monotonic() - self._looked_at >= _LOOK_EVERY_S:
                    self._fetch()
                    self._looked_at = time.monotonic()
            finally:
                self._lock.release()
        return self._learnt

    def forget(self) -> None:
        """Look anew when next asked."""
        with self._lock:
            self._learnt, self._key, self._looked_at = None, "", float("-inf")

    def _fetch(self) -> None:
        found = db.row("SELECT key FROM feed_learnt_model ORDER BY id DESC LIMIT 1")
        if found is None:
            self._learnt, self._key = None, ""
        elif found[0] != self._key:
            try:
                with storage.open_file(found[0], FILE) as file, tempfile.NamedTemporaryFile(suffix=".model") as copy:
                    while part := file.read(1 << 20):
                        copy.write(part)
                    copy.flush()
                    # Mapped into memory: the pages stay when the name is gone.
                    self._learnt, self._key = Learnt.of(Model.load(Path(copy.name))), found[0]
            except (OSError, ValueError):
                log.exception("recommender_not_fetched", key=found[0])


SERVING = _Serving()
