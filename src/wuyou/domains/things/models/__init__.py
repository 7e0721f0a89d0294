"""Rows of things, by noun."""

from wuyou.domains.things.models.copies import Arrival, Holding, HoldingLabel, Provenance, Shelf, Unfound
from wuyou.domains.things.models.reviews import Review, ReviewPicture
from wuyou.domains.things.models.tree import Thing

__all__ = ["Arrival", "Holding", "HoldingLabel", "Provenance", "Review", "ReviewPicture", "Shelf", "Thing", "Unfound"]
