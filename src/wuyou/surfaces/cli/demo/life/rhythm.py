"""When something happens in the town: a grid of ten seconds, of which more are lively by day than at night."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.surfaces.cli.demo.life.neighbours import Neighbours

Option = TypeVar("Option")

SLOT_S = 10
SEED = 21
_LIVELY = (
    *(60,) * 7, 110, 150, *(220,) * 3, *(280,) * 2, *(220,) * 4, 250, *(320,) * 4, 110,
)  # fmt: skip
"""Of a thousand slots of each hour in Shanghai, so many are lively: a thousand and a half a day, one in half a minute
while people are up."""
_WHEN_LOOKED_AT = 450
"""The same for the first while after somebody started the town, at whatever hour they do."""
_AT_ONCE = (1, 4)
"""So many slots after that, something happens in any case: whoever started it looks at it now."""
_FIRST_WHILE = timedelta(minutes=20)
_DAY = range(8, 24)


def slot_of(now: datetime) -> int:
    """The slot that a moment belongs to."""
    return int(now.timestamp()) // SLOT_S


def begins_at(slot: int) -> datetime:
    """When a slot begins."""
    return datetime.fromtimestamp(slot * SLOT_S, UTC)


def is_lively(slot: int, woke_at: datetime) -> bool:
    """Whether something happens in a slot of a town that was started at `woke_at`."""
    at = begins_at(slot)
    if slot - slot_of(woke_at) in _AT_ONCE:
        return True
    share = _LIVELY[at.astimezone(BUSINESS_ZONE).hour]
    if at - woke_at < _FIRST_WHILE:
        share = max(share, _WHEN_LOOKED_AT)
    return draw(f"{slot}/lively", 1000) < share


def are_up(at: datetime, woke_at: datetime) -> bool:
    """Whether people are up: by day, and for the first while after somebody started the town."""
    return at.astimezone(BUSINESS_ZONE).hour in _DAY or at - woke_at < _FIRST_WHILE


def draw(label: str, below: int) -> int:
    """A number in [0, below) that the seed and the label decide."""
    digest = hashlib.sha256(f"{SEED}/{label}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


@dataclass(frozen=True, slots=True)
class Moment:
    """A slot in which something may happen, and who lives there."""

    neighbours: Neighbours
    slot: int
    now: datetime
    is_day: bool = True
    """Whether people are up."""

    def draw(self, label: str, below: int) -> int:
        """A number in [0, below) that the slot and the label decide."""
        return draw(f"{self.slot}/{label}", below)

    def pick(self, label: str, options: Sequence[Option]) -> Option | None:
        """One of these, or None of none."""
        return options[self.draw(label, len(options))] if options else None

    def shuffle(self, label: str, options: Sequence[Option]) -> list[Option]:
        """All of these in an order that the slot decides."""
        places = sorted(range(len(options)), key=lambda place: self.draw(f"{label} {place}", 1 << 32))
        return [options[place] for place in places]
