"""Vouchers at orders: priced, held, redeemed, given back. `ref` is the order's number.

Locks, in this order: promotions (shared, only against their closing) with vouchers, by promotion; then the promotions
whose budget is counted, by id; then ledger accounts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, TransferDraft
from wuyou.domains.promotions import errors, funds, queries, rules, types
from wuyou.domains.promotions.types import Funder, Priced, PromotionKind, UseState, VoucherState
from wuyou.infra import db
from wuyou.kernel.money import Currency

REDEEM_KIND = "packet_redeem"
BACK_KIND = "packet_back"


@db.requires_transaction
def price(
    *,
    person_id: int,
    shop_id: int,
    is_team: bool,
    currency: Currency,
    lines: Sequence[types.BasketLine],
    voucher_ids: Sequence[int],
    now: datetime,
) -> Priced:
    """What a basket of one shop costs with these vouchers, which are locked until the transaction ends.

    Raises: `VoucherUnusable`, `NotCombinable`. Locks: the vouchers. Cost: one statement.
    """
    found = [
        queries.voucher_from(columns)
        for columns in db.rows(
            f"""
            SELECT v.id, v.person_id, v.state, v.claimed_at, v.use_until, {queries.PROMOTION}
            FROM promotions_voucher v JOIN promotions_promotion p ON p.id = v.promotion_id
            WHERE v.id = ANY(%s) AND v.person_id = %s ORDER BY p.id, v.id
            FOR NO KEY UPDATE OF v FOR KEY SHARE OF p
            """,  # noqa: S608  (the columns are literals of this package)
            [sorted(voucher_ids), person_id],
        )
    ]
    if len(found) != len(voucher_ids):
        raise errors.VoucherUnusable()
    for voucher in found:
        promotion = voucher.promotion
        is_right = promotion.currency is currency and promotion.shop_id in (None, shop_id)
        if not is_right or not voucher.is_usable(now) or promotion.closed_at or (is_team and not promotion.for_teams):
            raise errors.VoucherUnusable()
    return rules.price(lines, [queries.offer_of(voucher) for voucher in found])


@db.requires_transaction
def hold(*, ref: str, priced: Priced, now: datetime) -> None:
    """Keep the vouchers of a priced basket for an order, until it is paid or given up.

    Raises: `NoneLeft` when a budget was used up meanwhile. Locks: promotions with a budget. Cost: two statements.
    """
    uses = [
        {"voucher": step.voucher_id, "layer": step.layer.value, "amount": step.amount_minor, "lines": step.line_minor}
        for step in priced.steps
    ]
    db.execute(
        """
        WITH held AS (UPDATE promotions_voucher SET state = 'HELD' WHERE id = ANY(%s))
        INSERT INTO promotions_use (voucher_id, ref, layer, state, amount_minor, line_minor, held_at)
        SELECT u.voucher, %s, u.layer, 'HELD', u.amount, u.lines, %s
        FROM jsonb_to_recordset(%s::jsonb) AS u(voucher bigint, layer text, amount bigint, lines bigint[])
        ORDER BY u.voucher
        """,
        [list(priced.voucher_ids), ref, now, json.dumps(uses)],
    )
    if not _spend({step.promotion_id: step.amount_minor for step in priced.steps}):
        raise errors.NoneLeft()


@db.requires_transaction
def redeem(*, ref: str, now: datetime) -> None:
    """The order is paid: its vouchers are used, and red packets pay their part to where the buyer's money lies.

    A packet of the shop itself pays the shop at once: to the sale it is a lower price. Twice is once.
    Locks: the vouchers, then accounts. Cost: one statement; a booking and one more where there is a packet.
    """
    transfers: list[TransferDraft] = []
    for use in _uses(ref, UseState.HELD):
        amount = use.amount_minor - use.back_minor
        if use.promotion.kind is PromotionKind.PACKET and amount:
            fund = funds.fund_of(use.promotion)
            transfers.append(TransferDraft(fund, _paid_to(use.promotion), amount, REDEEM_KIND))
    db.execute(
        """
        WITH used AS (UPDATE promotions_use SET state = 'REDEEMED', redeemed_at = %s WHERE ref = %s AND state = 'HELD'
                      RETURNING voucher_id)
        UPDATE promotions_voucher v SET state = 'USED' FROM used WHERE v.id = used.voucher_id
        """,
        [now, ref],
    )
    if transfers:
        draft = JournalDraft(f"redeem:{ref}", REDEEM_KIND, f"order:{ref}", now, tuple(transfers))
        ledger.post(journals=[draft], now=now)


@db.requires_transaction
def release(*, ref: str) -> None:
    """The order was given up unpaid: its vouchers are their owner's again. Twice is once."""
    uses = _uses(ref, UseState.HELD)
    db.execute(
        """
        WITH freed AS (UPDATE promotions_use SET state = 'RELEASED' WHERE ref = %s AND state = 'HELD'
                       RETURNING voucher_id)
        UPDATE promotions_voucher v SET state = 'OPEN' FROM freed WHERE v.id = freed.voucher_id
        """,
        [ref],
    )
    _spend({use.promotion.id: -use.amount_minor for use in uses})


@db.requires_transaction
def take_up(*, ref: str, now: datetime) -> None:
    """An order that was given up is paid after all: its vouchers are used for it, at what was promised then.

    Raises: `VoucherGone` when one was used elsewhere, or there is no money for it any more.
    """
    uses = _uses(ref, UseState.RELEASED)
    if any(use.voucher_state is not VoucherState.OPEN or use.promotion.closed_at for use in uses):
        raise errors.VoucherGone()
    db.execute(
        """
        WITH held AS (UPDATE promotions_use SET state = 'HELD' WHERE ref = %s AND state = 'RELEASED'
                      RETURNING voucher_id)
        UPDATE promotions_voucher v SET state = 'HELD' FROM held WHERE v.id = held.voucher_id
        """,
        [ref],
    )
    if not _spend({use.promotion.id: use.amount_minor - use.back_minor for use in uses}):
        raise errors.VoucherGone()
    redeem(ref=ref, now=now)


@db.requires_transaction
def give_back(
    *, ref: str, refunded_minor: int, total_minor: int, lies_in: AccountRef, now: datetime
) -> types.GivenBack:
    """Money of an order goes back to its buyer, and with it, in proportion, what others paid for them.

    What a packet paid goes back to it while it is open, else to its funder. When all of the order has gone back and a
    voucher is still of use, it is its owner's again.

    Args:
        refunded_minor: all that goes back of what the buyer paid, `total_minor`, with this refund.
        lies_in: where the order's money lies.

    Locks: the vouchers. Cost: a statement, and two for each voucher at most.
    """
    transfers: list[TransferDraft] = []
    freed: dict[int, int] = {}
    funded = 0
    for use in _uses(ref, UseState.REDEEMED, UseState.RELEASED):
        promotion, is_redeemed = use.promotion, use.state is UseState.REDEEMED
        back = rules.share_back(use.amount_minor, refunded_minor, total_minor)
        funded += back if promotion.funder is not Funder.SHOP else 0
        is_open_again = is_redeemed and rules.is_voucher_back(
            is_whole=refunded_minor == total_minor,
            use_until=use.use_until,
            is_closed=promotion.closed_at is not None,
            now=now,
        )
        db.execute(
            """
            WITH use AS (UPDATE promotions_use SET back_minor = %s, is_voucher_back = %s WHERE id = %s)
            UPDATE promotions_voucher SET state = 'OPEN' WHERE id = %s AND %s
            """,
            [back, is_open_again, use.id, use.voucher_id, is_open_again],
        )
        if not is_redeemed:
            continue
        freed[promotion.id] = use.back_minor - back
        source = lies_in if promotion.funder is not Funder.SHOP else funds.funder_of(promotion)
        goes_to = funds.funder_of(promotion) if promotion.closed_at else funds.fund_of(promotion)
        if promotion.kind is PromotionKind.PACKET and back > use.back_minor and source != goes_to:
            transfers.append(TransferDraft(source, goes_to, back - use.back_minor, BACK_KIND))
    _spend(freed)
    return types.GivenBack(funded, tuple(transfers))


def _paid_to(promotion: types.Promotion) -> AccountRef:
    if promotion.funder is Funder.SHOP:
        return funds.funder_of(promotion)
    return AccountRef(AccountKind.BUYERS_HELD, "", promotion.currency)


@dataclass(frozen=True, slots=True)
class _Use:
    """A use in hand."""

    id: int
    voucher_id: int
    state: UseState
    amount_minor: int
    back_minor: int
    voucher_state: VoucherState
    use_until: datetime
    promotion: types.Promotion


def _uses(ref: str, *states: UseState) -> list[_Use]:
    """An order's uses in these states, with their vouchers in hand and their packets kept from being closed."""
    return [
        _Use(number, voucher_id, UseState(state), amount, back, VoucherState(voucher_state), use_until,
             queries.promotion_from(promotion))
        for number, voucher_id, state, amount, back, voucher_state, use_until, *promotion in db.rows(
            f"""
            SELECT u.id, u.voucher_id, u.state, u.amount_minor, u.back_minor, v.state, v.use_until, {queries.PROMOTION}
            FROM promotions_use u JOIN promotions_voucher v ON v.id = u.voucher_id
            JOIN promotions_promotion p ON p.id = v.promotion_id
            WHERE u.ref = %s AND u.state = ANY(%s) ORDER BY p.id, v.id
            FOR NO KEY UPDATE OF u, v FOR KEY SHARE OF p
            """,  # noqa: S608  (the columns are literals of this package)
            [ref, [state.value for state in states]],
        )
    ]  # fmt: skip


def _spend(by_promotion: Mapping[int, int]) -> bool:
    """Count what coupons with a budget take, or get back; returns whether all of them had it."""
    return all(_spend_one(promotion_id, amount) for promotion_id, amount in sorted(by_promotion.items()) if amount)


def _spend_one(promotion_id: int, amount: int) -> bool:
    # A packet's money is counted by the books, a coupon without a budget by nobody: no row is fought for there.
    found = db.row(
        """
        WITH counted AS (
            UPDATE promotions_promotion SET spent_minor = spent_minor + %s
            WHERE id = %s AND kind = 'COUPON' AND budget_minor IS NOT NULL AND spent_minor + %s <= budget_minor
            RETURNING id)
        SELECT EXISTS (SELECT FROM counted)
               OR EXISTS (SELECT FROM promotions_promotion
                          WHERE id = %s AND (kind = 'PACKET' OR budget_minor IS NULL))
        """,
        [amount, promotion_id, amount, promotion_id],
    )
    return found is not None and bool(found[0])
