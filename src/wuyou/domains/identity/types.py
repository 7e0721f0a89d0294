"""What other domains and surfaces see of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class RealNameLevel(StrEnum):
    """How far it is proven who somebody is, from least to most."""

    DOCUMENT = "document"
    """A document number was checked by itself; nobody looked at the person."""
    PERSON = "person"
    """A provider compared the person with the document."""


class TokenScope(StrEnum):
    """What an access token is good for."""

    EVERYTHING = ""
    """A program acts as the person."""
    BEHAVIOUR = "behaviour"
    """An outlet of theirs hands in events of behaviour, and nothing else."""


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
    real_name: RealNameLevel | None = None
    """How far it is proven who they are: everybody may know that, and nobody the name."""


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


class ContactKind(StrEnum):
    """How somebody can be reached."""

    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Contact:
    """An e-mail address or a phone number, in its canonical form (see `identity.contacts`)."""

    kind: ContactKind
    value: str


@dataclass(frozen=True, slots=True)
class OwnContact:
    """A confirmed way to reach somebody, as only they see it."""

    contact: Contact
    is_primary: bool
    """Whether notices go there first."""


@dataclass(frozen=True, slots=True)
class WaysIn:
    """By what somebody can sign in."""

    has_password: bool
    emails: int
    phones: int
    passkeys: int

    @property
    def count(self) -> int:
        """How many there are. The last one is never taken away."""
        return int(self.has_password) + self.emails + self.phones + self.passkeys


@dataclass(frozen=True, slots=True)
class OwnToken:
    """One of one's own access tokens, without its secret."""

    id: int
    label: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A place where one is signed in."""

    id: int
    key: str
    """Of the session; never shown."""
    address: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime


class ProvenAge(StrEnum):
    """How old somebody was when they were proven, no closer than this."""

    UNDER_18 = "under_18"
    ADULT = "adult"


@dataclass(frozen=True, slots=True)
class RealNameProof:
    """What is kept of a real-name proof: never a name, a document or its number."""

    level: RealNameLevel
    provider: str
    checked_on: date
    age_band: ProvenAge
