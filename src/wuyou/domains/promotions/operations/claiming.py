"""Claiming. Lock: the promotion's row; whoever claims one waits for who claims another of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.promotions import errors, queries, types
from wuyou.infra import db


@db.requires_transaction
def claim(
    *,
    person_id: int,
    promotion_id: int,
    now: datetime,
    came_by: Collection[int] = (),
    slot_ids: Collection[int] = (),
    code: str = "",
) -> types.Voucher:
    """Give a person one of a promotion. Who has one that they may use is given that one again, so twice is once.

    Args:
        came_by: the publishers by whose links the person came, as the alliance knows.
        slot_ids: the places of those links.
        code: what the person knows; where there is one it opens a promotion that is not for everybody.

    Raises: `PromotionNotFound` (also when it is not for them), `PromotionOver`, `NoneLeft`, `PersonLimitReached`.
    Locks: the promotion. Cost: four statements at most.
    """
    promotion = _locked(promotion_id)
    if not _is_for(promotion, came_by, slot_ids, code):
        raise errors.PromotionNotFound()
    if at_hand := queries.usable_by_promotion(person_id, [promotion_id], now):
        return at_hand[promotion_id]
    if not promotion.from_ <= now < promotion.until:
        raise errors.PromotionOver()
    is_spent = promotion.kind is types.PromotionKind.COUPON and promotion.spent_minor == promotion.budget_minor
    if is_spent or promotion.left_count == 0:
        raise errors.NoneLeft()
    use_until = promotion.until if promotion.use_within is None else now + promotion.use_within
    claimed = db.row(
        """
        WITH had AS (SELECT count(*) AS n FROM promotions_voucher WHERE promotion_id = %s AND person_id = %s),
        counted AS (
            UPDATE promotions_promotion SET claimed_count = claimed_count + 1 FROM had
            WHERE id = %s AND had.n < per_person RETURNING id)
        INSERT INTO promotions_voucher (promotion_id, person_id, ordinal, state, claimed_at, use_until)
        SELECT counted.id, %s, had.n + 1, 'OPEN', %s, %s FROM counted, had RETURNING id
        """,
        [promotion_id, person_id, promotion_id, person_id, now, use_until],
    )
    if claimed is None:
        raise errors.PersonLimitReached(most=promotion.per_person)
    promotion = replace(promotion, claimed_count=promotion.claimed_count + 1)
    return types.Voucher(claimed[0], promotion, person_id, types.VoucherState.OPEN, now, use_until)


def _locked(promotion_id: int) -> types.Promotion:
    found = db.row(
        f"SELECT {queries.PROMOTION} FROM promotions_promotion p WHERE p.id = %s FOR NO KEY UPDATE",  # noqa: S608
        [promotion_id],
    )
    if found is None:
        raise errors.PromotionNotFound()
    return queries.promotion_from(found)


def _is_for(promotion: types.Promotion, came_by: Collection[int], slot_ids: Collection[int], code: str) -> bool:
    """Whether the person may know of it: it is for everybody, they came by its channel, or they know its code."""
    if (
        promotion.product_id is not None
        and not catalog.products_by_id([promotion.product_id])[promotion.product_id].is_listed
    ):
        return False
    if promotion.code and code == promotion.code:
        return True
    if promotion.publisher_id is None:
        return not promotion.code
    return promotion.publisher_id in came_by and promotion.slot_id in (None, *slot_ids)
