"""How the sandbox bank misbehaves: the same every time for the same seed and number."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from wuyou.kernel.money import BPS


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong at the bank. Shares are in basis points of all numbers; which ones, follows from `seed`.

    The default is a bank that does everything right at once.
    """

    seed: int = 0
    decline_bps: int = 0
    """Share of charges that are declined."""
    answer_lost_bps: int = 0
    """Share of charges and refunds that are made, and whose caller hears nothing."""
    lost_bps: int = 0
    """Share of notices that never arrive."""
    late_s: int = 0
    """Notices leave up to so many seconds late."""
    duplicates: int = 0
    """Every notice is sent so many times more, although it was acknowledged."""
    shuffled: bool = False
    """Notices that are due together leave in any order."""
    refund_failures: int = 0
    """So many submissions of each refund fail (insufficient balance) before one succeeds."""
    refund_late_s: int = 0
    """A refund is pending for so long before it is decided."""

    def declines(self, number: str) -> bool:
        """Whether the charge of this number is declined."""
        return self._draw("decline", number, BPS) < self.decline_bps

    def loses_answer(self, number: str) -> bool:
        """Whether the caller of this number hears nothing."""
        return self._draw("answer", number, BPS) < self.answer_lost_bps

    def loses_notice(self, number: str) -> bool:
        """Whether this notice never arrives."""
        return self._draw("lost", number, BPS) < self.lost_bps

    def delay_s(self, number: str) -> int:
        """How late this notice leaves, in seconds from 0 to `late_s`."""
        return self._draw("late", number, self.late_s + 1)

    def sort_key(self, number: str) -> int:
        """Place of this notice among those due together: the same for all, unless shuffled."""
        return self._draw("order", number, 1 << 31) if self.shuffled else 0

    def _draw(self, label: str, number: str, below: int) -> int:
        digest = hashlib.sha256(f"{self.seed}/{label}/{number}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % below
