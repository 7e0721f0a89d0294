"""Who may do what with promotions."""

from __future__ import annotations

from wuyou.domains.catalog import policies as catalog_policies
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.promotions.types import Funder
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor


def may_run(
    actor: Actor, *, funder: Funder, shop_id: int | None, publisher_id: int | None, as_publisher: int | None
) -> bool:
    """Who pays for it opens, watches and stops it; staff do so for the platform, and for any shop.

    Args: as_publisher: which publisher the actor is, as the alliance knows.
    """
    if funder is Funder.PUBLISHER:
        return publisher_id is not None and publisher_id == as_publisher
    if funder is Funder.PLATFORM:
        return actor.is_staff
    return shop_id is not None and catalog_policies.may(actor, catalog.get_shop(shop_id), Permission.MARKETING)


PERSON_COLUMNS = PersonColumns(
    kept={
        "promotions_voucher.person_id": "what sales cost, and what promotions gave, under a pseudonym",
        "promotions_promotion.slot_id": "for the links of which place it was; a place of who is gone has lost its name",
        "promotions_promotion.opened_by_id": "who put the money of a shop, a publisher or the platform into it",
    }
)
