"""What things tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class HoldingAdded:
    """Somebody has a copy on record that was not there."""

    name: ClassVar[str] = "things.holding_added"
    version: ClassVar[int] = 1
    holding_id: int
    owner_id: int
    thing_id: int
    state: str
    source: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class HoldingsImported:
    """Somebody has very many copies on record that were not there; no `HoldingAdded` is told for them."""

    name: ClassVar[str] = "things.holdings_imported"
    version: ClassVar[int] = 1
    owner_id: int
    count: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class HoldingChanged:
    """A copy stands otherwise (`was` differs from `state`), or others may see it than before (both are the same)."""

    name: ClassVar[str] = "things.holding_changed"
    version: ClassVar[int] = 1
    holding_id: int
    owner_id: int
    thing_id: int
    was: str
    state: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class HoldingRemoved:
    """A copy is off the record, and its history with it."""

    name: ClassVar[str] = "things.holding_removed"
    version: ClassVar[int] = 1
    holding_id: int
    owner_id: int
    thing_id: int
    state: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class FindingChanged:
    """A person allows from now on, or no longer, being found by what they have."""

    name: ClassVar[str] = "things.finding_changed"
    version: ClassVar[int] = 1
    person_id: int
    is_allowed: bool
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ThingMerged:
    """Two things were one: every copy of the one is now a copy of the other; no `HoldingChanged` is told for them."""

    name: ClassVar[str] = "things.thing_merged"
    version: ClassVar[int] = 1
    thing_id: int
    into_id: int
    occurred_at: datetime
