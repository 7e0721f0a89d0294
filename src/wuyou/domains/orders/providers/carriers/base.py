"""The port that every carrier fits."""

from __future__ import annotations

from typing import Protocol


class Carrier(Protocol):
    """Brings a parcel. Asks nobody over a network: what a carrier tells of a parcel comes in as scans."""

    @property
    def code(self) -> str:
        """1 to 8 capitals, which stand in rows: never give them another meaning."""

    @property
    def makes_labels(self) -> bool:
        """Whether numbers are made here; else the shop has them from the carrier."""

    def number_for(self, *, order_no: str, given: str, nth: int = 1) -> str:
        """The number under which a parcel goes.

        Args: given: what the shop said; ignored by who makes labels. nth: which parcel of the order it is, from 1.
        Raises: `NumberMalformed`.
        """
