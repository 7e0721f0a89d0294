"""What other domains and surfaces see of people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """The public face of a user."""

    id: int
    handle: str
    display_name: str
    avatar: str
    """Name of a picture in the interface's set."""
    is_staff: bool
