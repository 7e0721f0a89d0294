"""Who may do what with a claim."""

from __future__ import annotations

from wuyou.domains.aftersales import errors
from wuyou.domains.aftersales.rules import MAX_PHOTOS, kinds_for
from wuyou.domains.aftersales.types import Claim, ClaimSide
from wuyou.domains.catalog.types import Permission, Shop
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor

__all__ = ["MAX_PHOTOS", "kinds_for", "require_staff", "side_of"]


def side_of(actor: Actor, claim: Claim, shop: Shop) -> ClaimSide | None:
    """On which side of a claim somebody stands; None: they know nothing of it.

    Who buys in a shop of their own, or works there, is the buyer. Staff who have a side of their own do not stand on
    theirs.
    """
    if actor.user_id == claim.buyer_id:
        return ClaimSide.BUYER
    if Permission.ORDERS in shop.permissions_of(actor.user_id):
        return ClaimSide.SELLER
    return ClaimSide.STAFF if actor.is_staff else None


def require_staff(side: ClaimSide) -> None:
    """Raises `StaffOnly`, also for staff whose own claim or shop it is."""
    if side is not ClaimSide.STAFF:
        raise errors.StaffOnly()


PERSON_COLUMNS = PersonColumns(
    erased=(),
    kept={
        "aftersales_claim.buyer_id": "what became of a sale, under a pseudonym, as long as the books are kept",
        "aftersales_step.author_id": "whose turn it was, under a pseudonym; the words and pictures are gone",
    },
)
