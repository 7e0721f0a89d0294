"""From a paid line to a booked commission, and back.

Locks, in this order: the conversions of an order by id, then ledger accounts.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from wuyou.domains.alliance import booking, events, granting, queries, rules
from wuyou.domains.alliance.reasons import reasons_of
from wuyou.domains.alliance.types import SETTLE_KIND, CommissionState, PartyRole
from wuyou.domains.ledger.types import CLAWBACK_KIND, AccountKind, AccountRef, TransferDraft
from wuyou.domains.orders.events import OrderCompleted, OrderPaid, OrderRefunded
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.money import Currency


@db.requires_transaction
def record_conversions(*, paid: OrderPaid, now: datetime) -> int:
    """Credit each line of a paid order to the click that brought it; returns how many lines were brought by one.

    Publishes: `ConversionRecorded` per line. Twice is once (one conversion a line).
    Locks: the plans of first pieces, then the subsidies, whose counts it moves.
    Cost: one statement when the buyer came by no link, else four; three more where first pieces or subsidies are left.
    """
    clicks, terms = queries.trace(
        buyer_id=paid.buyer_id,
        shop_id=paid.shop_id,
        product_ids=sorted({line.product_id for line in paid.lines}),
        placed_at=paid.placed_at,
    )
    amounts = [line.amount_minor for line in paid.lines]
    wins = [
        rules.find_win(
            clicks,
            terms,
            buyer_id=paid.buyer_id,
            shop_id=paid.shop_id,
            product_id=line.product_id,
            placed_at=paid.placed_at,
        )
        for line in paid.lines
    ]
    grants = granting.grant(paid, wins)
    drafts: list[dict[str, object]] = []
    parts: list[dict[str, object]] = []
    for position, (line, win, granted) in enumerate(zip(paid.lines, wins, grants, strict=True)):
        if win is None or granted is None:
            continue
        frozen, first_position = granted
        drafts.append(
            {
                "line_id": line.line_id,
                "product_id": line.product_id,
                "click_id": win.click.id,
                "link_id": win.click.link_id,
                "plan_id": win.plan.id,
                "is_direct": win.is_direct,
                "rate_bps": frozen.rate_bps,
                "publisher_share_bps": frozen.shares.publisher_bps,
                "partner_share_bps": frozen.shares.partner_bps,
                "platform_share_bps": frozen.shares.platform_bps,
                "third_share_bps": frozen.third_share_bps,
                "service_bps": frozen.service_bps,
                "special_bps": frozen.special_bps,
                "subsidies": [asdict(each) for each in frozen.subsidies],
                "quantity": line.quantity,
                "first_position": first_position,
                "amount_minor": line.amount_minor,
                "line_position": position,
                "clicked_at": win.click.clicked_at.isoformat(),
            }
        )
        owners = _owners(win)
        parts += [
            {"line_id": line.line_id, "role": role.value, "publisher_id": owners.get(role), "estimated_minor": minor}
            for role, minor in rules.split_sale(line.amount_minor, frozen).items()
            if role.is_platforms or owners.get(role) is not None
        ]
    if not drafts:
        return 0
    made = db.rows(
        """
        WITH made AS (
            INSERT INTO alliance_conversion (
                line_id, product_id, click_id, link_id, plan_id, is_direct, rate_bps, publisher_share_bps,
                partner_share_bps, platform_share_bps, third_share_bps, service_bps, special_bps, subsidies, quantity,
                first_position, amount_minor, line_position, clicked_at,
                order_id, order_no, buyer_id, shop_id, currency, line_amounts_minor, order_total_minor,
                order_refunded_minor, refunded_minor, rule_version, state, placed_at, recorded_at)
            SELECT d.*, %(order)s::bigint, %(order_no)s::text, %(buyer)s::bigint, %(shop)s::bigint, %(currency)s::text,
                   %(amounts)s::bigint[], %(total)s::bigint, 0, 0, %(version)s::smallint, 'ESTIMATED',
                   %(placed_at)s::timestamptz, %(now)s::timestamptz
            FROM jsonb_to_recordset(%(drafts)s::jsonb) AS d(
                line_id bigint, product_id bigint, click_id bigint, link_id bigint, plan_id bigint, is_direct boolean,
                rate_bps int, publisher_share_bps int, partner_share_bps int, platform_share_bps int,
                third_share_bps int, service_bps int, special_bps int, subsidies jsonb, quantity int,
                first_position int, amount_minor bigint, line_position smallint, clicked_at timestamptz)
            ORDER BY d.line_position
            ON CONFLICT (line_id) DO NOTHING
            RETURNING id, line_id, link_id, rate_bps),
        parts AS (
            INSERT INTO alliance_commission (conversion_id, role, publisher_id, estimated_minor, settled_minor)
            SELECT made.id, p.role, p.publisher_id, p.estimated_minor, 0
            FROM made JOIN jsonb_to_recordset(%(parts)s::jsonb) AS p(
                line_id bigint, role text, publisher_id bigint, estimated_minor bigint) ON p.line_id = made.line_id
            RETURNING conversion_id, role, publisher_id, estimated_minor)
        SELECT made.id, made.line_id, parts.publisher_id, made.link_id, made.rate_bps, parts.estimated_minor
        FROM made JOIN parts ON parts.conversion_id = made.id AND parts.role = 'PUBLISHER' ORDER BY made.id
        """,
        {
            "order": paid.order_id,
            "order_no": paid.order_no,
            "buyer": paid.buyer_id,
            "shop": paid.shop_id,
            "currency": paid.currency,
            "amounts": amounts,
            "total": paid.items_minor + paid.shipping_minor,
            "version": rules.RULE_VERSION,
            "placed_at": paid.placed_at,
            "now": now,
            "drafts": json.dumps(drafts),
            "parts": json.dumps(parts),
        },
    )
    publish(
        *(
            events.ConversionRecorded(
                conversion_id, paid.order_id, paid.order_no, line_id, publisher_id, link_id, rate_bps, estimated_minor,
                paid.currency, now,
            )
            for conversion_id, line_id, publisher_id, link_id, rate_bps, estimated_minor in made
        )
    )  # fmt: skip
    return len(made)


def _owners(win: rules.Win) -> dict[PartyRole, int | None]:
    """Which publisher is paid for what; the platform's own parts belong to none."""
    return {
        PartyRole.PUBLISHER: win.click.publisher_id,
        PartyRole.THIRD: win.third_id,
        PartyRole.PARTNER: win.partner_id,
        PartyRole.RECRUITER: win.recruiter_id,
        PartyRole.SUBSIDY: win.click.publisher_id,
        PartyRole.THIRD_SUBSIDY: win.third_id,
    }


@db.requires_transaction
def confirm_conversions(*, order_id: int, now: datetime) -> int:
    """The buyer has the goods; returns how many conversions are confirmed by it. Publishes: `CommissionConfirmed`."""
    confirmed = db.rows(
        """
        UPDATE alliance_conversion v SET state = 'CONFIRMED', confirmed_at = %s
        FROM alliance_commission m
        WHERE v.order_id = %s AND v.state = 'ESTIMATED' AND m.conversion_id = v.id AND m.role = 'PUBLISHER'
        RETURNING v.id, v.order_no, m.publisher_id, v.confirmed_at
        """,
        [now, order_id],
    )
    publish(*(events.CommissionConfirmed(*columns) for columns in confirmed))
    return len(confirmed)


@db.requires_transaction
def settle_order(*, completed: OrderCompleted, now: datetime) -> None:
    """Book a completed order out of escrow: commission parts to their parties, the rest to the shop. Twice is once.

    Every completed order is settled here, brought by a link or not. The refunds counted are the greater of those heard
    of and those that the event's net amount implies, so news that comes in another order gives the same books. What
    the shop pays for conversions that are held stays in escrow until that is decided.

    Publishes: `CommissionSettled` per conversion. Cost: one statement and a booking; two more when a link brought it.
    """
    old = queries.standings_of_order(completed.order_id)
    if any(each.state is CommissionState.SETTLED or each.is_completed for each in old):
        return
    new = [
        rules.restate(each, max(each.order_refunded_minor, each.order_total_minor - completed.net_minor), settles=True)
        for each in old
    ]
    currency = Currency(completed.currency)
    escrow = AccountRef(AccountKind.MERCHANT_ESCROW, f"shop:{completed.shop_id}", currency)
    transfers = booking.commission_transfers(old, new, escrow)
    kept = {f"held:{each.id}": each.kept_minor for each in new}
    rest = completed.net_minor - sum(each.amount_minor for each in transfers if each.debit == escrow)
    rest -= sum(kept.values())
    shop = AccountRef(AccountKind.MERCHANT_PAYABLE, f"shop:{completed.shop_id}", currency)
    if rest:
        transfers.append(TransferDraft(escrow, shop, rest, "proceeds"))
    if transfers:
        why = reasons_of(old, new, transfers, shop, completed.order_no, completed.net_minor, kept)
        booking.book(SETTLE_KIND, completed.order_no, completed.order_no, transfers, why, completed.occurred_at, now)
    if not new:
        return
    booking.store(old, new, now)
    publish(
        *(
            events.CommissionSettled(
                each.id, completed.order_no, each.publisher_id, each.parts[PartyRole.PUBLISHER].settled_minor,
                completed.currency, now,
            )
            for each in new
            if each.state is CommissionState.SETTLED
        )
    )  # fmt: skip


@db.requires_transaction
def reverse_commissions(*, refunded: OrderRefunded, now: datetime) -> None:
    """Restate the commissions of an order for what has been refunded of it. Twice is once.

    Before settlement only the estimates change. After it the difference of the new and the old parts is booked between
    the parties and the shop, which bore the refund: after a full refund every party is back at 0, paid out or not.

    Publishes: `CommissionReversed` per conversion that changes. Cost: one statement when no link brought the order.
    """
    old = [
        each
        for each in queries.standings_of_order(refunded.order_id)
        if each.order_refunded_minor < refunded.refunded_minor
    ]
    if not old:
        return
    new = [rules.restate(each, refunded.refunded_minor) for each in old]
    shop = AccountRef(AccountKind.MERCHANT_PAYABLE, f"shop:{refunded.shop_id}", Currency(refunded.currency))
    transfers = booking.commission_transfers(old, new, shop)
    freed = {f"held:{before.id}": after.kept_minor - before.kept_minor for before, after in zip(old, new, strict=True)}
    if minor := -sum(freed.values()):
        escrow = AccountRef(AccountKind.MERCHANT_ESCROW, shop.owner, shop.currency)
        transfers.append(TransferDraft(escrow, shop, minor, "proceeds"))
    if transfers:
        why = reasons_of(old, new, transfers, shop, refunded.order_no, 0, freed)
        booking.book(CLAWBACK_KIND, refunded.refund_no, refunded.order_no, transfers, why, refunded.occurred_at, now)
    booking.store(old, new, now)
    publish(
        *(
            events.CommissionReversed(
                after.id, refunded.order_no, refunded.refund_no, after.publisher_id, before.publisher_minor,
                after.publisher_minor, before.state is CommissionState.SETTLED, refunded.currency, now,
            )
            for before, after in zip(old, new, strict=True)
            if before.publisher_minor != after.publisher_minor
        )
    )  # fmt: skip
