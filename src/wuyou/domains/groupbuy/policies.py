"""Who may do what with campaigns and teams."""

from __future__ import annotations

from wuyou.domains.catalog import policies as catalog_policies
from wuyou.domains.catalog.types import Shop
from wuyou.kernel.actor import Actor


def may_run_campaigns(actor: Actor, shop: Shop) -> bool:
    """The shop opens campaigns, waives the rest of a team and dissolves teams; staff may for any shop."""
    return catalog_policies.is_shop_owner(actor, shop)
