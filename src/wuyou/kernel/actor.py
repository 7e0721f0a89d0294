"""Who is acting. Passed to every operation; a request object never is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, or the platform itself when `user_id` is None."""

    user_id: int | None
    is_staff: bool = False
    doing: str = ""
    """The larger act of which each operation is a part, as the log of a shop calls it; empty where one is the whole."""

    def within(self, doing: str) -> Self:
        """The same one in the middle of a larger act, unless they are in one already."""
        return self if self.doing else replace(self, doing=doing)

    @property
    def person_id(self) -> int:
        """The acting person's id. Raises `PermissionError` when the platform acts where a person must."""
        if self.user_id is None:
            raise PermissionError("a person must act here")
        return self.user_id


PLATFORM = Actor(user_id=None, is_staff=True)
"""The platform acting by itself: jobs, handlers, schedules."""
