"""What others see of stock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stock:
    """How many of one variant there are."""

    on_hand: int = 0
    reserved: int = 0
    """Of them, kept for orders."""
    shipped: int = 0
    """Ever sent."""

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved
