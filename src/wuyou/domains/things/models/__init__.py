"""Rows of things, by noun."""

from wuyou.domains.things.models.copies import Arrival, Holding, HoldingLabel, Provenance, Shelf, Unfound
from wuyou.domains.things.models.tree import Thing

__all__ = ["Arrival", "Holding", "HoldingLabel", "Provenance", "Shelf", "Thing", "Unfound"]
