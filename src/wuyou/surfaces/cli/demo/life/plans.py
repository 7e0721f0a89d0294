"""What somebody of the town is about to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wuyou.surfaces.cli.demo.life.rhythm import Moment


@dataclass(frozen=True, slots=True)
class Plan:
    """One act. `deed` is done in its transaction; `then` after the commit, and is told what the deed returned."""

    what: str
    deed: Callable[[], Any]
    then: Callable[[Any], object] | None = None


Kind = Callable[[Moment], Plan | None]
"""A kind of acts: what of it can be done in a moment, or None."""
