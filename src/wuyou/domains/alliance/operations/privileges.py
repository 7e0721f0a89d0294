"""What is for those who come by a publisher's links, and what publishers pay of it: promotions know neither."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from wuyou.domains.alliance import queries
from wuyou.domains.alliance.operations.publishing import ensure_publisher
from wuyou.domains.promotions import operations as promotions
from wuyou.domains.promotions import queries as promotions_queries
from wuyou.domains.promotions.types import Funder, Promotion, PromotionDraft, PromotionKind, Voucher
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def claim_voucher(*, actor: Actor, promotion_id: int, now: datetime, code: str = "") -> Voucher:
    """Claim one of a promotion: for everybody, by the link that one came by, or by a code. Twice is once.

    Raises: those of `promotions.operations.claim`. Cost: six statements at most.
    """
    promotion = promotions_queries.get_promotion(promotion_id)
    came_by: frozenset[int] = frozenset()
    if promotion.publisher_id is not None and promotion.shop_id is not None:
        came_by = queries.publishers_who_brought(actor.user_id, promotion.shop_id, now)
    return promotions.claim(person_id=actor.person_id, promotion_id=promotion_id, came_by=came_by, code=code, now=now)


@db.requires_transaction
def open_packet(*, actor: Actor, draft: PromotionDraft, now: datetime) -> Promotion:
    """A publisher pays a part of a product's price for who comes by their links, out of what they have earned.

    Raises: those of `promotions.operations.open_promotion`. Locks: the publisher's account.
    """
    publisher = ensure_publisher(user_id=actor.person_id, now=now)
    draft = replace(draft, kind=PromotionKind.PACKET, funder=Funder.PUBLISHER, publisher_id=publisher.id)
    return promotions.open_promotion(actor=actor, draft=draft, as_publisher=publisher.id, now=now)


@db.requires_transaction
def stop_promotion(*, actor: Actor, promotion_id: int, now: datetime) -> None:
    """Nothing more of a promotion is claimed, also of one that a publisher pays.

    Raises: `PromotionNotFound` (not theirs). Twice is once.
    """
    publisher = queries.find_publisher(actor.person_id)
    promotions.stop_promotion(
        actor=actor, promotion_id=promotion_id, as_publisher=publisher.id if publisher else None, now=now
    )
