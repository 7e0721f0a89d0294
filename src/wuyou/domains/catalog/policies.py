"""Who may do what with a shop."""

from __future__ import annotations

from wuyou.domains.catalog import errors, types
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor


def is_shop_owner(actor: Actor, shop: types.Shop) -> bool:
    """Whether the actor runs this shop; staff may act for any."""
    return actor.is_staff or actor.user_id == shop.owner_id


def require_shop_owner(actor: Actor, shop: types.Shop) -> None:
    """Raises `ShopNotFound` for everyone else."""
    if not is_shop_owner(actor, shop):
        raise errors.ShopNotFound()


PERSON_COLUMNS = PersonColumns(
    kept={"catalog_shop.owner_id": "what buyers bought there, and the books, name the shop; it loses its own name"}
)
