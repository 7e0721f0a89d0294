"""What is looked for and what is found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A term to look for, and in which longer ones it means something else."""

    key: int
    """The caller's name of it, which its matches carry."""
    text: str
    exceptions: tuple[str, ...] = ()
    """«Fake leather» of «fake»: a match that lies within one of these is none."""


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """A term where it stands in the original text: `text[start:end]`."""

    start: int
    end: int
    key: int
