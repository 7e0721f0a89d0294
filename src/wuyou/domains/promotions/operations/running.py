"""Opening a promotion, stopping it, and giving back what is left of a red packet.

Locks, in this order: the promotion, then ledger accounts.
"""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import operations as shops
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.ledger import errors as ledger_errors
from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger import queries as ledger_queries
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountRef, JournalDraft, TransferDraft
from wuyou.domains.promotions import errors, funds, policies, queries, rules, types
from wuyou.domains.promotions.types import Funder, PromotionDraft, PromotionKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.tokens import new_token

RESERVE_KIND = "packet_reserve"
REST_KIND = "packet_rest"


@db.requires_transaction
def open_promotion(
    *, actor: Actor, draft: PromotionDraft, now: datetime, as_publisher: int | None = None
) -> types.Promotion:
    """Open a coupon or a red packet. All that a packet may ever pay is set aside at once, from its funder's account.

    Args: as_publisher: which publisher the actor is, as the alliance knows.
    Raises: `PromotionMalformed`, `PromotionNotFound` (not your shop), `FundsMissing`.
    Locks: of a packet, the funder's account. Cost: three statements; five more for a packet.
    """
    name = rules.check_draft(draft, now)
    if not _may_open(actor, draft, as_publisher):
        raise errors.PromotionNotFound()
    is_packet = draft.kind is PromotionKind.PACKET
    budget = (draft.off_minor or 0) * (draft.total_count or 0) if is_packet else draft.budget_minor
    within = None if draft.use_within is None else int(draft.use_within.total_seconds())
    made = db.row(
        """
        INSERT INTO promotions_promotion (
            kind, funder, name, shop_id, product_id, publisher_id, code, currency, off_minor, off_bps, cap_minor,
            threshold_minor, total_count, per_person, budget_minor, begins_at, until, use_within_s, combines, for_teams,
            opened_by_id, opened_at, slot_id)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        [draft.kind.value, draft.funder.value, name, draft.shop_id, draft.product_id, draft.publisher_id,
         new_token(9) if draft.has_code else None, draft.currency.code, draft.off_minor, draft.off_bps,
         draft.cap_minor, draft.threshold_minor, draft.total_count, draft.per_person, budget, draft.from_,
         draft.until, within, sorted(draft.combines), draft.for_teams, actor.user_id, now,
         draft.slot_id],
    )  # fmt: skip
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    promotion = queries.get_promotion(made[0])
    if is_packet:
        _reserve(promotion, now)
    _note(actor, promotion, now)
    return promotion


@db.requires_transaction
def stop_promotion(*, actor: Actor, promotion_id: int, now: datetime, as_publisher: int | None = None) -> None:
    """Nothing more is claimed from now on; what people have stays good. Twice is once.

    Raises: `PromotionNotFound` (not yours). Locks: the promotion.
    """
    promotion = queries.get_promotion(promotion_id)
    is_theirs = policies.may_run(
        actor,
        funder=promotion.funder,
        shop_id=promotion.shop_id,
        publisher_id=promotion.publisher_id,
        as_publisher=as_publisher,
    )
    if not is_theirs:
        raise errors.PromotionNotFound()
    stopped = db.execute(
        "UPDATE promotions_promotion SET until = %s WHERE id = %s AND until > %s", [now, promotion_id, now]
    )
    close_packet(promotion_id=promotion_id, now=now)
    if stopped:
        _note(actor, promotion, now)


@db.requires_transaction
def close_packet(*, promotion_id: int, now: datetime) -> bool:
    """Give what is left of a red packet back to its funder, once nobody can use one of it any more.

    Returns whether it is closed by this. Money that comes back later, from refunds, goes to the funder too.
    Locks: the promotion, against every use of it; then the accounts.
    """
    is_due = db.row(
        """
        SELECT 1 FROM promotions_promotion
        WHERE id = %s AND kind = 'PACKET' AND closed_at IS NULL AND until <= %s FOR UPDATE
        """,
        [promotion_id, now],
    )
    # In a statement of its own: what it reads is read after the wait.
    if is_due is None or db.row(
        """
        SELECT 1 FROM promotions_voucher
        WHERE promotion_id = %s AND state <> 'USED' AND (state = 'HELD' OR use_until > %s) LIMIT 1
        """,
        [promotion_id, now],
    ):
        return False
    db.execute("UPDATE promotions_promotion SET closed_at = %s WHERE id = %s", [now, promotion_id])
    promotion = queries.get_promotion(promotion_id)
    fund = funds.fund_of(promotion)
    if rest := ledger_queries.get_balance(fund).amount_minor:
        _book(REST_KIND, promotion, fund, funds.funder_of(promotion), rest, now)
    return True


def _note(actor: Actor, promotion: types.Promotion, now: datetime) -> None:
    """What a shop pays is the shop's act; what a publisher or the platform pays for its goods is not."""
    if promotion.funder is Funder.SHOP and promotion.shop_id is not None:
        shops.note_act(actor=actor, shop_id=promotion.shop_id, what="coupons", about=promotion.id, now=now)


def _may_open(actor: Actor, draft: PromotionDraft, as_publisher: int | None) -> bool:
    """Whether it is for the actor to open, and its product is one of the shop's, in the shop's currency."""
    try:
        if draft.product_id is not None:
            product = catalog.get_product(draft.product_id)
            if product.shop_id != draft.shop_id or product.currency is not draft.currency:
                return False
        return policies.may_run(
            actor,
            funder=draft.funder,
            shop_id=draft.shop_id,
            publisher_id=draft.publisher_id,
            as_publisher=as_publisher,
        )
    except (catalog_errors.ProductNotFound, catalog_errors.ShopNotFound):
        return False


def _reserve(promotion: types.Promotion, now: datetime) -> None:
    """Set aside all that a packet may pay. Raises `FundsMissing`."""
    payer, needed = funds.funder_of(promotion), promotion.budget_minor or 0
    if any(hold.account == payer for hold in statements.list_holds()):
        raise errors.FundsMissing(needed_minor=needed)
    try:
        _book(RESERVE_KIND, promotion, payer, funds.fund_of(promotion), needed, now)
    except ledger_errors.AccountOverdrawn as error:
        raise errors.FundsMissing(needed_minor=needed) from error
    # A shop's account may be below zero after refunds; booking has locked it, so it is read as it stays.
    if promotion.funder is Funder.SHOP and ledger_queries.get_balance(payer).amount_minor < 0:
        raise errors.FundsMissing(needed_minor=needed)


def _book(
    kind: str, promotion: types.Promotion, debit: AccountRef, credit: AccountRef, amount_minor: int, now: datetime
) -> None:
    transfer = TransferDraft(debit, credit, amount_minor, kind)
    draft = JournalDraft(f"{kind}:{promotion.id}", kind, f"packet:{promotion.id}", now, (transfer,))
    ledger.post(journals=[draft], now=now)
