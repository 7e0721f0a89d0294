"""Who may do what with a complaint."""

from __future__ import annotations

from wuyou.domains.catalog.types import Permission, Shop
from wuyou.domains.complaints import errors
from wuyou.domains.complaints.rules import MAX_PHOTOS, is_complainable
from wuyou.domains.complaints.types import Complaint, Side
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor

__all__ = ["MAX_PHOTOS", "is_complainable", "require_staff", "side_of"]


def side_of(actor: Actor, complaint: Complaint, shop: Shop) -> Side | None:
    """On which side of a complaint somebody stands; None: they know nothing of it.

    Who buys in a shop of their own, or works there, is the buyer. Staff who have a side of their own do not stand on
    theirs.
    """
    if actor.user_id == complaint.buyer_id:
        return Side.BUYER
    if Permission.ORDERS in shop.permissions_of(actor.user_id):
        return Side.SELLER
    return Side.STAFF if actor.is_staff else None


def require_staff(side: Side) -> None:
    """Raises `StaffOnly`, also for staff whose own complaint or shop it is."""
    if side is not Side.STAFF:
        raise errors.StaffOnly()


PERSON_COLUMNS = PersonColumns(
    erased=(),
    kept={
        "complaints_complaint.buyer_id": "what was decided about a sale, under a pseudonym, as long as the books are",
        "complaints_step.author_id": "whose turn it was, under a pseudonym; the words and pictures are gone",
    },
)
