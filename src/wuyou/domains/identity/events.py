"""What identity tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PersonErased:
    """A person is gone, with everything that was theirs: whoever keeps an index or a copy drops them from it."""

    name: ClassVar[str] = "identity.person_erased"
    version: ClassVar[int] = 1
    person_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class SignedInAnew:
    """Somebody signed in as a person with a browser that had not been seen with them."""

    name: ClassVar[str] = "identity.signed_in_anew"
    version: ClassVar[int] = 1
    person_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class WaysInChanged:
    """A password, an address, a number or a second factor of a person came, went or was replaced."""

    name: ClassVar[str] = "identity.ways_in_changed"
    version: ClassVar[int] = 1
    person_id: int
    what: str
    """What changed, as the notice by mail is called: `password_changed`, `phone_removed`."""
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ExportReady:
    """A copy of their data that a person asked for can be fetched."""

    name: ClassVar[str] = "identity.export_ready"
    version: ClassVar[int] = 1
    person_id: int
    export_id: int
    occurred_at: datetime
