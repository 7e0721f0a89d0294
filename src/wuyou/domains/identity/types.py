"""What other domains and surfaces see of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Person:
    """The public face of a user."""

    id: int
    handle: str
    display_name: str
    avatar: str
    """Name of a picture in the interface's set."""
    is_staff: bool
    is_erased: bool = False
    """Gone: nothing of them is left but this row, and pages say a word in place of a name."""


@dataclass(frozen=True, slots=True)
class DataExport:
    """A copy of their data that somebody asked for."""

    id: int
    asked_at: datetime
    ready_at: datetime | None
    """None while it is being written."""
    expires_at: datetime | None
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody asked to be erased."""

    asked_at: datetime
    due_at: datetime
    is_held_up: bool
    """It was due, and something was still open."""
