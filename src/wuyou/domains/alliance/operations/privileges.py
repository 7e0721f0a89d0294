"""What is for those who come by a publisher's links, and what publishers pay of it: promotions know neither."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from wuyou.domains.alliance import errors, queries
from wuyou.domains.alliance.operations.publishing import ensure_publisher
from wuyou.domains.alliance.types import Ways
from wuyou.domains.promotions import operations as promotions
from wuyou.domains.promotions import queries as promotions_queries
from wuyou.domains.promotions.types import Funder, Promotion, PromotionDraft, PromotionKind, Voucher
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def claim_voucher(*, actor: Actor, promotion_id: int, now: datetime, code: str = "") -> Voucher:
    """Claim one of a promotion: for everybody, by the link that one came by, or by a code. Twice is once.

    What is for a publisher's links keeps the place of the last one by which the person came, if they came by any.
    Raises: those of `promotions.operations.claim`. Cost: seven statements at most.
    """
    promotion = promotions_queries.get_promotion(promotion_id)
    ways = Ways()
    if promotion.publisher_id is not None and promotion.shop_id is not None:
        ways = queries.ways_to_shop(actor.user_id, promotion.shop_id, now)
    voucher = promotions.claim(
        person_id=actor.person_id,
        promotion_id=promotion_id,
        came_by=ways.publisher_ids,
        slot_ids=ways.slot_ids,
        code=code,
        now=now,
    )
    slot_id = ways.slot_of(promotion.publisher_id, promotion.slot_id)
    if slot_id is not None and voucher.claimed_at == now:  # one that was at hand stays what it was claimed as
        db.execute(
            """
            INSERT INTO alliance_voucher_origin (voucher_id, slot_id, claimed_at) VALUES (%s, %s, %s)
            ON CONFLICT DO NOTHING
            """,
            [voucher.id, slot_id, now],
        )
    return voucher


@db.requires_transaction
def open_packet(*, actor: Actor, draft: PromotionDraft, now: datetime) -> Promotion:
    """A publisher pays a part of a product's price for who comes by their links, out of what they have earned.

    Raises: those of `promotions.operations.open_promotion`; `SlotNotFound` for a place that is not theirs.
    Locks: the publisher's account.
    """
    publisher = ensure_publisher(user_id=actor.person_id, now=now)
    if draft.slot_id is not None and draft.slot_id not in {slot.id for slot in queries.list_slots(publisher.id)}:
        raise errors.SlotNotFound()
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
