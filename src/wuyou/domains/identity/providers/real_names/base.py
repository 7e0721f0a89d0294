"""The port that everybody fits who can say whether a document belongs to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from wuyou.domains.identity.types import RealNameLevel


@dataclass(frozen=True, slots=True)
class Checked:
    """What a provider says. It lives no longer than the request: only a digest of the number and the age band stay."""

    level: RealNameLevel
    provider: str
    number: str
    """In the form that is the same however it was written."""
    born_on: date


class RealNameProvider(Protocol):
    """Checks a document, and logs nothing of what it is told.

    May talk to a network: never call it inside a transaction.
    """

    name: str

    def check(self, *, name: str, number: str, today: date) -> Checked:
        """Say what is proven. Raises `DocumentMalformed`."""
