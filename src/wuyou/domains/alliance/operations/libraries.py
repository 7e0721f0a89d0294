"""Exclusive libraries (专有商品库): goods that a shop offers to one publisher alone, at a rate of their own.

A library is a collaboration for one, with a plan for each of its goods: what a sale pays is decided as for any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.alliance import errors, queries, types
from wuyou.domains.alliance.operations.collaborations import invite, open_collaboration
from wuyou.domains.alliance.operations.plans import set_plan
from wuyou.domains.alliance.types import USUAL_SHARES
from wuyou.infra import db
from wuyou.kernel.actor import Actor

MOST_GOODS = 50


@db.requires_transaction
def open_library(
    *,
    actor: Actor,
    shop_id: int,
    publisher_id: int,
    name: str,
    product_ids: Sequence[int],
    rate_bps: int,
    until: datetime | None,
    words: str,
    now: datetime,
) -> types.Collaboration:
    """Offer goods of a shop to one publisher alone: they are invited, and paid by it once they have taken it.

    Args: rate_bps: for all of the goods, to begin with; `set_plan` changes it, with the notice of a cut; until: when it
    ends; None for no end; words: a word to them.
    Raises: `ShopNotFound` (also for who may not), `PublisherNotFound`, `LibraryMalformed`, `ProductNotFound`,
    `CollaborationMalformed`, `PlanMalformed`.
    Locks: the shop's plans. Cost: some ten queries, and five for each product.
    """
    if not 0 < len(product_ids) <= MOST_GOODS or len(set(product_ids)) != len(product_ids):
        raise errors.LibraryMalformed(field="goods")
    if queries.get_publisher(publisher_id).user_id == actor.user_id:
        raise errors.LibraryMalformed(field="publisher")
    one = actor.within("open-library")
    library = open_collaboration(
        actor=one,
        shop_id=shop_id,
        name=name,
        terms=words,
        takes_applications=False,
        only_id=publisher_id,
        now=now,
    )
    for product_id in sorted(product_ids):
        set_plan(
            actor=one,
            shop_id=shop_id,
            product_id=product_id,
            rate_bps=rate_bps,
            publisher_share_bps=USUAL_SHARES.publisher_bps,
            partner_share_bps=USUAL_SHARES.partner_bps,
            platform_share_bps=USUAL_SHARES.platform_bps,
            from_=now,
            until=until,
            collaboration_id=library.id,
            now=now,
        )
    invite(actor=one, collaboration_id=library.id, publisher_id=publisher_id, words=words, now=now)
    return library
