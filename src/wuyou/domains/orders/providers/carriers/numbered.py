"""Carriers whose numbers the shop has from them: they made a label somewhere else."""

from __future__ import annotations

from dataclasses import dataclass

from wuyou.domains.orders.rules import clean_tracking_no


@dataclass(frozen=True, slots=True)
class NumberedCarrier:
    """A carrier that is known by name alone."""

    code: str
    makes_labels: bool = False

    def number_for(self, *, order_no: str, given: str, nth: int = 1) -> str:
        """The given number without blanks, in capitals. Raises `NumberMalformed`."""
        return clean_tracking_no(given)
