"""How much comes from where in a minute, and what says of itself that it is nobody's browser. Of this process alone."""

from __future__ import annotations

from functools import lru_cache

from crawleruseragents import is_crawler

PERSON_EVENTS = 1_200
"""More events a minute than that no visitor makes: what comes above is marked."""
_MOST_AGENT = 400


class Minute:
    """Counts by name within the minute of the clock; the next minute begins anew."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: dict[str, int] = {}

    def add(self, name: str, count: int, now_ms: int) -> int:
        """How many it is by now."""
        minute = now_ms // 60_000
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        total = self._counts[name] = self._counts.get(name, 0) + count
        return total


@lru_cache(maxsize=10_000)
def is_bot(agent: str) -> bool:
    """Whether a `User-Agent` is a program's that says so, or empty."""
    return not agent or bool(is_crawler(agent[:_MOST_AGENT]))
