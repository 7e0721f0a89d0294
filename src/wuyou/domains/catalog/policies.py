"""Who may do what with a shop."""

from __future__ import annotations

from wuyou.domains.catalog import errors, types
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor


def may(actor: Actor, shop: types.Shop, permission: types.Permission) -> bool:
    """Whether the actor may do this in a shop: its owner everything, who works there what their role may; staff may act
    for any."""
    return actor.is_staff or permission in shop.permissions_of(actor.user_id)


def require(actor: Actor, shop: types.Shop, permission: types.Permission) -> None:
    """Raises `ShopNotFound` for everyone who may not."""
    if not may(actor, shop, permission):
        raise errors.ShopNotFound()


def require_staff(actor: Actor) -> None:
    """The operator's staff, or the platform itself. Raises `StaffOnly`."""
    if actor.user_id is not None and not actor.is_staff:
        raise errors.StaffOnly()


PERSON_COLUMNS = PersonColumns(
    erased=("catalog_clerk.person_id",),
    kept={
        "catalog_product.keyword_ids": "what goods are and whom they are for, by the site's own words: nobody is named",
        "catalog_shop.owner_id": "what buyers bought there, and the books, name the shop; it loses its own name",
        "catalog_act.person_id": "who did what in a shop is the shop's to know, under a pseudonym",
    },
)
