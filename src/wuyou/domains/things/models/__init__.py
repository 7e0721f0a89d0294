"""Rows of things, by noun."""

from wuyou.domains.things.models.copies import Arrival, Holding, HoldingLabel, Photo, Provenance, Shelf, Unfound
from wuyou.domains.things.models.parts import Drawing, Figure, Part, PartMark
from wuyou.domains.things.models.reviews import Review, ReviewPicture
from wuyou.domains.things.models.threads import Annotation, Reply
from wuyou.domains.things.models.tree import Thing

__all__ = [
    "Annotation",
    "Arrival",
    "Drawing",
    "Figure",
    "Holding",
    "HoldingLabel",
    "Part",
    "PartMark",
    "Photo",
    "Provenance",
    "Reply",
    "Review",
    "ReviewPicture",
    "Shelf",
    "Thing",
    "Unfound",
]
