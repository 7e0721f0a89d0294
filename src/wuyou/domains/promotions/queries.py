"""Every read of promotions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from wuyou.domains.ledger.types import InvariantCheck
from wuyou.domains.promotions import errors, proofs, rules, types
from wuyou.domains.promotions.rules import Offer
from wuyou.domains.promotions.types import Funder, Layer, PromotionKind, UseState, VoucherState
from wuyou.infra import db
from wuyou.infra.person_data import Records
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

PROMOTION = """
    p.id, p.kind, p.funder, p.name, p.currency, p.shop_id, p.product_id, p.publisher_id, p.code, p.off_minor,
    p.off_bps, p.cap_minor, p.threshold_minor, p.total_count, p.claimed_count, p.per_person, p.budget_minor,
    p.spent_minor, p.begins_at, p.until, p.use_within_s, p.combines, p.for_teams, p.closed_at, p.slot_id
"""
"""The columns of `promotion_from`."""
MOST_VOUCHERS = 100
"""So many of a person's vouchers are looked at for a basket, those that are over first."""


def promotion_from(columns: Sequence[Any]) -> types.Promotion:
    """A promotion from its columns in the order of `PROMOTION`."""
    number, kind, funder, name, code, shop_id, product_id, publisher_id, secret = columns[:9]
    off_minor, off_bps, cap_minor, threshold_minor, total_count, claimed_count, per_person, budget_minor = columns[9:17]
    spent_minor, begins_at, until, use_within_s, combines, for_teams, closed_at, slot_id = columns[17:]
    return types.Promotion(
        number,
        PromotionKind(kind),
        Funder(funder),
        name,
        Currency(code),
        shop_id,
        product_id,
        publisher_id,
        secret or "",
        off_minor,
        off_bps,
        cap_minor,
        threshold_minor,
        total_count,
        claimed_count,
        per_person,
        budget_minor,
        spent_minor,
        begins_at,
        until,
        None if use_within_s is None else timedelta(seconds=use_within_s),
        frozenset(Layer(layer) for layer in combines),
        for_teams,
        closed_at,
        slot_id,
    )


def get_promotion(promotion_id: int) -> types.Promotion:
    """A promotion, for who has checked that its reader may see it. Raises `PromotionNotFound`."""
    found = db.row(f"SELECT {PROMOTION} FROM promotions_promotion p WHERE p.id = %s", [promotion_id])  # noqa: S608
    if found is None:
        raise errors.PromotionNotFound()
    return promotion_from(found)


def find_by_code(code: str) -> types.Promotion | None:
    """The promotion that a code is of."""
    found = db.row(f"SELECT {PROMOTION} FROM promotions_promotion p WHERE p.code = %s", [code])  # noqa: S608
    return promotion_from(found) if found else None


def list_promotions(
    *,
    funder: Funder,
    shop_id: int | None = None,
    publisher_id: int | None = None,
    cursor: int | None = None,
    limit: int = 20,
) -> Page[types.Promotion]:
    """What a shop, a publisher or the platform runs, newest first, for themselves. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        SELECT {PROMOTION} FROM promotions_promotion p
        WHERE p.funder = %(funder)s
          AND CASE %(funder)s WHEN 'SHOP' THEN p.shop_id = %(shop)s
                              WHEN 'PUBLISHER' THEN p.publisher_id = %(publisher)s ELSE true END
          AND (%(cursor)s::bigint IS NULL OR p.id < %(cursor)s) ORDER BY p.id DESC LIMIT %(limit)s
        """,  # noqa: S608  (the columns are literals of this module)
        {"funder": funder.value, "shop": shop_id, "publisher": publisher_id, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([promotion_from(columns) for columns in found], limit, lambda each: each.id)


def list_special_of(publisher_id: int, now: datetime) -> tuple[types.Promotion, ...]:
    """What may be claimed now by a publisher's links alone, whoever pays for it, newest first. Cost: one query."""
    found = db.rows(
        f"""
        SELECT {PROMOTION} FROM promotions_promotion p
        WHERE p.publisher_id = %s AND p.begins_at <= %s AND p.until > %s
          AND (p.total_count IS NULL OR p.claimed_count < p.total_count) ORDER BY p.id DESC LIMIT %s
        """,  # noqa: S608  (the columns are literals of this module)
        [publisher_id, now, now, MAX_PAGE],
    )
    return tuple(promotion_from(columns) for columns in found)


def list_claimable(
    *,
    shop_id: int,
    product_id: int | None = None,
    came_by: Collection[int] = (),
    slot_ids: Collection[int] = (),
    now: datetime,
) -> tuple[types.Promotion, ...]:
    """What may be claimed now for a product, or for a shop: what is for everybody, and what is for who came by these
    publishers' links, of these places. What is found by a code alone is not told. Most first. Cost: one query.
    """
    found = db.rows(
        f"""
        SELECT {PROMOTION} FROM promotions_promotion p
        WHERE (p.shop_id = %(shop)s OR p.shop_id IS NULL)
          AND (p.product_id IS NULL OR p.product_id = %(product)s)
          AND ((p.publisher_id = ANY(%(came_by)s) AND (p.slot_id IS NULL OR p.slot_id = ANY(%(slots)s)))
               OR (p.publisher_id IS NULL AND p.code IS NULL))
          AND p.begins_at <= %(now)s AND p.until > %(now)s
          AND (p.total_count IS NULL OR p.claimed_count < p.total_count)
        ORDER BY p.publisher_id IS NULL, coalesce(p.off_minor, p.cap_minor) DESC, p.id LIMIT 20
        """,  # noqa: S608  (the columns are literals of this module)
        {"shop": shop_id, "product": product_id, "came_by": list(came_by), "slots": list(slot_ids), "now": now},
    )
    return tuple(promotion_from(columns) for columns in found)


_CLAIMABLE = """
    (p.publisher_id = %(publisher)s::bigint OR (p.publisher_id IS NULL AND p.code IS NULL))
    AND p.begins_at <= %(now)s AND p.until > %(now)s
    AND (p.total_count IS NULL OR p.claimed_count < p.total_count)
    AND (p.kind = 'PACKET' OR p.budget_minor IS NULL OR p.spent_minor < p.budget_minor)
"""
"""By everybody, or by who comes by one publisher's links, now."""


def claimable_for(*, publisher_id: int | None, now: datetime) -> tuple[list[int], list[int]]:
    """The shops for all of whose goods, and the products for which, `claimable_by_product` finds something.

    Cost: one query over what may be claimed.
    """
    found = db.rows(
        f"SELECT p.shop_id, p.product_id FROM promotions_promotion p WHERE p.shop_id IS NOT NULL AND {_CLAIMABLE}",  # noqa: S608
        {"publisher": publisher_id, "now": now},
    )
    shops = {shop_id for shop_id, product_id in found if product_id is None}
    return sorted(shops), sorted({product_id for _, product_id in found if product_id is not None})


def claimable_by_product(
    shop_by_product: Mapping[int, int], *, publisher_id: int | None, now: datetime
) -> dict[int, types.Promotion]:
    """What may be claimed now for each of these products or its shop, by everybody or by who comes by one publisher's
    links; of several what takes most off. What is found by a code alone, and what is for goods of every shop, is left
    out; so is what has none left. Cost: one query.
    """
    found = db.rows(
        f"""
        SELECT {PROMOTION} FROM promotions_promotion p
        WHERE p.shop_id = ANY(%(shops)s) AND (p.product_id IS NULL OR p.product_id = ANY(%(products)s))
          AND {_CLAIMABLE}
        ORDER BY coalesce(p.off_minor, p.cap_minor) DESC, p.id
        """,  # noqa: S608  (the columns are literals of this module)
        {
            "shops": sorted(set(shop_by_product.values())),
            "products": sorted(shop_by_product),
            "publisher": publisher_id,
            "now": now,
        },
    )
    of_product: dict[int, types.Promotion] = {}
    of_shop: dict[int, types.Promotion] = {}
    for promotion in map(promotion_from, found):
        if promotion.product_id is not None:
            of_product.setdefault(promotion.product_id, promotion)
        elif promotion.shop_id is not None:
            of_shop.setdefault(promotion.shop_id, promotion)
    best = {}
    for product_id, shop_id in shop_by_product.items():
        rivals = [each for each in (of_product.get(product_id), of_shop.get(shop_id)) if each is not None]
        if rivals:
            best[product_id] = max(rivals, key=lambda each: each.off_minor or each.cap_minor or 0)
    return best


def list_vouchers(person_id: int, *, cursor: int | None = None, limit: int = 20) -> Page[types.Voucher]:
    """A person's vouchers, newest first. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = _vouchers(
        "v.person_id = %s AND (%s::bigint IS NULL OR v.id < %s) ORDER BY v.id DESC LIMIT %s",
        [person_id, cursor, cursor, limit + 1],
    )
    return cut_page(found, limit, lambda each: each.id)


def usable_by_promotion(person_id: int, promotion_ids: Collection[int], now: datetime) -> dict[int, types.Voucher]:
    """Of these promotions, a voucher that the person has and may use. Cost: one query; none without promotions."""
    if not promotion_ids:
        return {}
    found = _vouchers(
        "v.person_id = %s AND v.promotion_id = ANY(%s) AND v.state = 'OPEN' AND v.use_until > %s ORDER BY v.id DESC",
        [person_id, list(promotion_ids), now],
    )
    return {voucher.promotion.id: voucher for voucher in found}


def vouchers_for(
    person_id: int, *, shop_id: int, lines: Sequence[types.BasketLine], currency: Currency, is_team: bool, now: datetime
) -> tuple[types.Voucher, ...]:
    """What a person has that may be of use for a basket of one shop, those that are over first first.

    Cost: one query.
    """
    found = _vouchers(
        """
        v.person_id = %s AND v.state = 'OPEN' AND v.use_until > %s AND p.currency = %s AND p.closed_at IS NULL
        AND (p.shop_id = %s OR p.shop_id IS NULL) AND (p.product_id = ANY(%s) OR p.product_id IS NULL)
        AND (p.for_teams OR NOT %s) ORDER BY v.use_until, v.id LIMIT %s
        """,
        [person_id, now, currency.code, shop_id, [line.product_id for line in lines], is_team, MOST_VOUCHERS],
    )
    return tuple(found)


def best_price(lines: Sequence[types.BasketLine], vouchers: Sequence[types.Voucher]) -> types.Priced:
    """The vouchers that leave the least to pay, of those that may be used together. Cost: none."""
    return rules.best(lines, _one_each(vouchers))


def price(lines: Sequence[types.BasketLine], vouchers: Sequence[types.Voucher]) -> types.Priced:
    """What a basket costs with all of these vouchers. Raises `NotCombinable`, `VoucherUnusable`. Cost: none."""
    return rules.price(lines, [offer_of(voucher) for voucher in vouchers])


def offer_of(voucher: types.Voucher) -> Offer:
    """A voucher as the price sees it."""
    promotion = voucher.promotion
    is_limited = promotion.kind is PromotionKind.COUPON and promotion.budget_minor is not None
    return Offer(
        voucher.id,
        promotion.id,
        promotion.name,
        promotion.layer,
        promotion.product_id,
        promotion.off_minor,
        promotion.off_bps,
        promotion.cap_minor,
        promotion.threshold_minor,
        promotion.combines,
        is_shops=promotion.funder is Funder.SHOP,
        left_minor=(promotion.budget_minor or 0) - promotion.spent_minor if is_limited else None,
    )


def uses_by_ref(refs: Collection[str]) -> dict[str, tuple[types.Use, ...]]:
    """What vouchers did for orders that the reader may see. Cost: one query; none without orders."""
    if not refs:
        return {}
    found: dict[str, list[types.Use]] = {}
    for ref, name, layer, funder, state, code, amount, back, is_back in db.rows(
        """
        SELECT u.ref, p.name, u.layer, p.funder, u.state, p.currency, u.amount_minor, u.back_minor, u.is_voucher_back
        FROM promotions_use u JOIN promotions_voucher v ON v.id = u.voucher_id
        JOIN promotions_promotion p ON p.id = v.promotion_id WHERE u.ref = ANY(%s) ORDER BY u.id
        """,
        [list(refs)],
    ):
        currency = Currency(code)
        found.setdefault(ref, []).append(
            types.Use(
                ref, name, Layer(layer), Funder(funder), UseState(state), Money(amount, currency),
                Money(back, currency), is_back,
            )
        )  # fmt: skip
    return {ref: tuple(uses) for ref, uses in found.items()}


def sums_of(uses: Sequence[types.Use]) -> tuple[int, int, int]:
    """What the uses of one order took: from the shop, from others, and what of the latter went back. Cost: none."""
    of_shop = sum(use.amount.amount_minor for use in uses if use.funder is Funder.SHOP)
    others = [use for use in uses if use.funder is not Funder.SHOP]
    return of_shop, sum(use.amount.amount_minor for use in others), sum(use.back.amount_minor for use in others)


def effects_by_promotion(promotion_ids: Collection[int]) -> dict[int, types.Effect]:
    """What promotions have done, for who runs them. Cost: one query; none without promotions."""
    if not promotion_ids:
        return {}
    return {
        promotion_id: types.Effect(*counts)
        for promotion_id, *counts in db.rows(
            """
            SELECT p.id, p.claimed_count,
                   count(u.id) FILTER (WHERE u.state = 'HELD'), count(u.id) FILTER (WHERE u.state = 'REDEEMED'),
                   count(u.id) FILTER (WHERE u.is_voucher_back),
                   coalesce(sum(u.amount_minor) FILTER (WHERE u.state = 'REDEEMED'), 0)::bigint,
                   coalesce(sum(u.back_minor) FILTER (WHERE u.state = 'REDEEMED'), 0)::bigint
            FROM promotions_promotion p LEFT JOIN promotions_voucher v ON v.promotion_id = p.id
            LEFT JOIN promotions_use u ON u.voucher_id = v.id WHERE p.id = ANY(%s) GROUP BY p.id
            """,
            [list(promotion_ids)],
        )
    }


def verify() -> tuple[InvariantCheck, ...]:
    """What must always be true of promotions, proven from the rows; for a nightly job."""
    return proofs.verify()


def export_person(person_id: int) -> Iterator[Records]:
    """The vouchers that a person claimed, and what they did."""
    yield (
        "vouchers",
        db.records(
            """
            SELECT p.name, p.kind, v.state, v.claimed_at, v.use_until, u.ref AS order_no, u.amount_minor, p.currency
            FROM promotions_voucher v JOIN promotions_promotion p ON p.id = v.promotion_id
            LEFT JOIN promotions_use u ON u.voucher_id = v.id WHERE v.person_id = %s ORDER BY v.id, u.id
            """,
            [person_id],
        ),
    )


def _one_each(vouchers: Sequence[types.Voucher]) -> list[Offer]:
    """Of each promotion the voucher that is over first: two of one take the same."""
    found: dict[int, types.Voucher] = {}
    for voucher in vouchers:
        found.setdefault(voucher.promotion.id, voucher)
    return [offer_of(voucher) for voucher in found.values()]


def _vouchers(where: str, params: Sequence[object]) -> list[types.Voucher]:
    return [
        voucher_from(columns)
        for columns in db.rows(
            f"""
            SELECT v.id, v.person_id, v.state, v.claimed_at, v.use_until, {PROMOTION}
            FROM promotions_voucher v JOIN promotions_promotion p ON p.id = v.promotion_id WHERE {where}
            """,  # noqa: S608  (the texts are literals of this package)
            params,
        )
    ]


def voucher_from(columns: Sequence[Any]) -> types.Voucher:
    """A voucher from its columns and those of its promotion."""
    voucher_id, person_id, state, claimed_at, use_until, *promotion = columns
    return types.Voucher(voucher_id, promotion_from(promotion), person_id, VoucherState(state), claimed_at, use_until)
