"""From paid lines to conversions: whose link brought them, under which plan, and what everyone may expect."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from wuyou.domains.alliance import events, granting, queries, rules
from wuyou.domains.alliance.granting import Granted
from wuyou.domains.alliance.rules import Win
from wuyou.domains.alliance.types import PartyRole
from wuyou.domains.orders.events import OrderPaid
from wuyou.infra import db
from wuyou.infra.events import publish

_RECORD = """
    WITH made AS (
        INSERT INTO alliance_conversion (
            line_id, order_id, order_no, buyer_id, shop_id, product_id, click_id, link_id, plan_id, is_direct, rate_bps,
            publisher_share_bps, partner_share_bps, platform_share_bps, third_share_bps, service_bps, special_bps,
            subsidies, quantity, first_position, currency, amount_minor, line_amounts_minor, line_position,
            order_total_minor, clicked_at, placed_at,
            order_refunded_minor, refunded_minor, rule_version, state, recorded_at)
        SELECT d.*, 0, 0, %(version)s::smallint, 'ESTIMATED', %(now)s::timestamptz
        FROM jsonb_to_recordset(%(drafts)s::jsonb) AS d(
            line_id bigint, order_id bigint, order_no text, buyer_id bigint, shop_id bigint, product_id bigint,
            click_id bigint, link_id bigint, plan_id bigint, is_direct boolean, rate_bps int, publisher_share_bps int,
            partner_share_bps int, platform_share_bps int, third_share_bps int, service_bps int, special_bps int,
            subsidies jsonb, quantity int, first_position int, currency text, amount_minor bigint,
            line_amounts_minor bigint[], line_position smallint, order_total_minor bigint, clicked_at timestamptz,
            placed_at timestamptz)
        ORDER BY d.line_id
        ON CONFLICT (line_id) DO NOTHING
        RETURNING id, line_id, order_id, order_no, link_id, rate_bps, currency),
    parts AS (
        INSERT INTO alliance_commission (conversion_id, role, publisher_id, estimated_minor, settled_minor)
        SELECT made.id, p.role, p.publisher_id, p.estimated_minor, 0
        FROM made JOIN jsonb_to_recordset(%(parts)s::jsonb) AS p(
            line_id bigint, role text, publisher_id bigint, estimated_minor bigint) ON p.line_id = made.line_id
        RETURNING conversion_id, role, publisher_id, estimated_minor)
    SELECT made.id, made.order_id, made.order_no, made.line_id, parts.publisher_id, made.link_id, made.rate_bps,
           parts.estimated_minor, made.currency
    FROM made JOIN parts ON parts.conversion_id = made.id AND parts.role = 'PUBLISHER' ORDER BY made.id
"""


@db.requires_transaction
def record_conversions(*, paid: Sequence[OrderPaid], now: datetime) -> int:
    """Credit each line of paid orders to the click that brought it; returns how many lines were brought by one.

    Publishes: `ConversionRecorded` per line. Twice is once (one conversion a line), in one call or in several.
    Locks: the plans of first pieces, then the subsidies, whose counts it moves; each by id.
    Cost: one statement when no buyer came by a link, else five; three more where first pieces or subsidies are left;
    one more for an order whose last click no plan pays.
    """
    orders = list({each.order_id: each for each in reversed(paid)}.values())[::-1]
    wins = _find_wins(orders)
    drafts: list[dict[str, object]] = []
    parts: list[dict[str, object]] = []
    for each, won, granted in zip(orders, wins, granting.grant(list(zip(orders, wins, strict=True))), strict=True):
        for position, (win, given) in enumerate(zip(won, granted, strict=True)):
            if win is not None and given is not None:
                drafts.append(_draft(each, position, win, given))
                parts += _parts(each, position, win, given)
    if not drafts:
        return 0
    made = db.rows(
        _RECORD, {"version": rules.RULE_VERSION, "now": now, "drafts": json.dumps(drafts), "parts": json.dumps(parts)}
    )
    publish(
        *(
            events.ConversionRecorded(
                conversion_id, order_id, order_no, line_id, publisher_id, link_id, rate_bps, minor, currency, now
            )
            for conversion_id, order_id, order_no, line_id, publisher_id, link_id, rate_bps, minor, currency in made
        )
    )
    return len(made)


def _find_wins(paid: Sequence[OrderPaid]) -> list[list[Win | None]]:
    """What brought each line of each order. Nearly always that is the order's last click; else all are looked at."""
    clicks = queries.last_clicks(paid)
    if not clicks:
        return [[None] * len(each.lines) for each in paid]
    by_goods = queries.terms_by_goods(
        clicks.values(), {line.product_id for each in paid if each.order_id in clicks for line in each.lines}
    )
    found = []
    for each in paid:
        click = clicks.get(each.order_id)
        wins: list[Win | None] = [None] * len(each.lines)
        if click is not None:
            of_shop = by_goods.get((each.shop_id, None), [])
            wins = [
                _find_win(
                    [click], [*of_shop, *by_goods.get((each.shop_id, line.product_id), ())], each, line.product_id
                )
                for line in each.lines
            ]
            if None in wins:
                traced = queries.trace(
                    buyer_id=each.buyer_id,
                    shop_id=each.shop_id,
                    product_ids=sorted({line.product_id for line in each.lines}),
                    placed_at=each.placed_at,
                )
                wins = [_find_win(*traced, each, line.product_id) for line in each.lines]
        found.append(wins)
    return found


def _find_win(
    clicks: Sequence[rules.TracedClick], terms: Sequence[rules.PlanTerms], paid: OrderPaid, product_id: int
) -> Win | None:
    return rules.find_win(
        clicks, terms, buyer_id=paid.buyer_id, shop_id=paid.shop_id, product_id=product_id, placed_at=paid.placed_at
    )


def _draft(paid: OrderPaid, position: int, win: Win, granted: Granted) -> dict[str, object]:
    """A conversion's row, as `_RECORD` takes it."""
    line, (frozen, first_position) = paid.lines[position], granted
    return {
        "line_id": line.line_id,
        "order_id": paid.order_id,
        "order_no": paid.order_no,
        "buyer_id": paid.buyer_id,
        "shop_id": paid.shop_id,
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
        "currency": paid.currency,
        "amount_minor": line.amount_minor,
        "line_amounts_minor": [each.amount_minor for each in paid.lines],
        "line_position": position,
        "order_total_minor": paid.items_minor + paid.shipping_minor,
        "clicked_at": win.click.clicked_at.isoformat(),
        "placed_at": paid.placed_at.isoformat(),
    }


def _parts(paid: OrderPaid, position: int, win: Win, granted: Granted) -> list[dict[str, object]]:
    """What every party may expect of a line, as `_RECORD` takes it."""
    line, owners = paid.lines[position], _owners(win)
    return [
        {"line_id": line.line_id, "role": role.value, "publisher_id": owners.get(role), "estimated_minor": minor}
        for role, minor in rules.split_sale(line.amount_minor, granted[0]).items()
        if role.is_platforms or owners.get(role) is not None
    ]


def _owners(win: Win) -> dict[PartyRole, int | None]:
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
def confirm_conversions(*, order_ids: Collection[int], now: datetime) -> int:
    """The buyers have the goods; returns how many conversions are confirmed by it. Publishes: `CommissionConfirmed`.

    Locks: the conversions, by id.
    """
    confirmed = db.rows(
        """
        WITH due AS (SELECT id FROM alliance_conversion WHERE order_id = ANY(%s) AND state = 'ESTIMATED'
                     ORDER BY id FOR UPDATE)
        UPDATE alliance_conversion v SET state = 'CONFIRMED', confirmed_at = %s
        FROM due, alliance_commission m
        WHERE v.id = due.id AND m.conversion_id = v.id AND m.role = 'PUBLISHER'
        RETURNING v.id, v.order_no, m.publisher_id, v.confirmed_at
        """,
        [sorted(order_ids), now],
    )
    publish(*(events.CommissionConfirmed(*columns) for columns in sorted(confirmed)))
    return len(confirmed)
