"""Errors that the business expects. HTTP exists only in surfaces; texts are translated there by code."""

from __future__ import annotations

from enum import Enum


class ErrorKind(Enum):
    """What the caller can do about it."""

    INVALID = "invalid"
    """The input is wrong; send another."""
    FORBIDDEN = "forbidden"
    """Known, but not allowed to you."""
    NOT_FOUND = "not_found"
    """No such thing, or none that you may see."""
    CONFLICT = "conflict"
    """True a moment ago, no longer now."""
    LIMIT = "limit"
    """Too often for now; wait a while."""
    UNAVAILABLE = "unavailable"
    """Try again later."""


class DomainError(Exception):
    """An anticipated refusal: nothing has changed.

    Subclasses set `code` (stable, `domain.what`) and `kind`; `facts` are the values its text needs.
    """

    code: str = "kernel.invalid"
    kind: ErrorKind = ErrorKind.INVALID

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code}({details})"
