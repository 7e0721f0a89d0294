"""Coupons and red packets: what is there to claim, what you have, and what you run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries as alliance_queries
from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import policies as catalog_policies
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.promotions import errors, operations, queries
from wuyou.domains.promotions.types import (
    Effect,
    Funder,
    Layer,
    Promotion,
    PromotionKind,
    Voucher,
    VoucherState,
)
from wuyou.domains.promotions.types import PromotionDraft as Opened
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.api.amounts import Amount, amount_of
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.problems import DOCUMENTED, NotAllowed
from wuyou.surfaces.api.scalars import ONE_LINE, CurrencyCode, Draft, Id, Moment, PageQuery

router = Router(tags=["promotions"])

AmountMinor = Annotated[int, Field(ge=1, le=10**8, examples=[1000])]
_CLAIMING = (errors.PromotionNotFound, errors.PromotionOver, errors.NoneLeft, errors.PersonLimitReached)


class VoucherDraft(Draft):
    """What you claim with."""

    code: Annotated[str, StringConstraints(max_length=16, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    """What opens a promotion that is not for everybody; empty without one."""


class PromotionDraft(Draft):
    """A coupon of your shop, or a red packet."""

    kind: Annotated[PromotionKind, Field(strict=False)]
    funder: Annotated[Funder, Field(strict=False)] = Funder.SHOP
    """Who pays for a red packet: your shop, you as a publisher, or (staff) the platform."""
    name: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=ONE_LINE)]
    shop_id: Id | None = None
    """Null is every shop, for the platform's."""
    product_id: Id | None = None
    """Null is everything of the shop."""
    publisher_id: Id | None = None
    """Only for who comes by a link of this publisher, or knows the code."""
    currency: CurrencyCode
    off_minor: AmountMinor | None = None
    """What it takes off, in the smallest unit; or a rate."""
    off_bps: Annotated[int, Field(ge=1, le=9_999, examples=[1200])] | None = None
    cap_minor: AmountMinor | None = None
    """The most that a rate takes off."""
    threshold_minor: Annotated[int, Field(ge=0, le=10**15, examples=[10000])] = 0
    """What the goods must cost before anything is taken off; more than it takes off."""
    total_count: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    per_person: Annotated[int, Field(ge=1, le=100)] = 1
    budget_minor: Annotated[int, Field(ge=1, le=10**15)] | None = None
    """The most that all of a coupon take off together."""
    begins_at: Moment | None = None
    """Null is now."""
    until: Moment
    use_within_hours: Annotated[int, Field(ge=1, le=2_160)] | None = None
    """After the claim; null is until `until`."""
    combines: Annotated[list[Annotated[Layer, Field(strict=False)]], Field(max_length=3)] = []
    """With what it may be used together; both must say so."""
    for_teams: bool = False
    has_code: bool = False


@dataclass(frozen=True, slots=True)
class PromotionPage:
    """A coupon or a red packet."""

    __pydantic_config__ = DOCUMENTED

    id: int
    kind: PromotionKind
    funder: Funder
    layer: Layer
    name: str
    shop_id: int | None
    product_id: int | None
    off: Amount | None
    off_bps: int | None
    cap: Amount | None
    threshold: Amount
    left_count: int | None
    """How many may still be claimed; null is without a limit."""
    per_person: int
    begins_at: datetime
    until: datetime
    combines: tuple[Layer, ...]
    for_teams: bool


@dataclass(frozen=True, slots=True)
class PromotionList:
    """Promotions."""

    items: tuple[PromotionPage, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """A promotion of yours, and what it has done."""

    __pydantic_config__ = DOCUMENTED

    promotion: PromotionPage
    code: str
    """Whoever knows it may claim; empty without one."""
    claimed_count: int
    used_count: int
    back_count: int
    """Vouchers that came back with a whole refund."""
    redeemed: Amount
    """What paid orders took."""
    back: Amount
    """What of that went back."""


@dataclass(frozen=True, slots=True)
class RunList:
    """Promotions of yours, newest first."""

    items: tuple[RunPage, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class VoucherPage:
    """One of a promotion, that you have."""

    __pydantic_config__ = DOCUMENTED

    id: int
    state: VoucherState
    claimed_at: datetime
    use_until: datetime
    promotion: PromotionPage


@dataclass(frozen=True, slots=True)
class VoucherList:
    """What you have, newest first."""

    items: tuple[VoucherPage, ...]
    next_cursor: int | None


@operation(
    router, "GET", "/products/{product_id}/promotions", entry=Entry.READ, refuses=[catalog_errors.ProductNotFound]
)
def list_claimable(call: Call, product_id: Id) -> PromotionList:
    """List what may be claimed for a product: for everybody, and for who came by the link that you came by."""
    product = catalog.get_product(product_id)
    ways = alliance_queries.ways_to_shop(call.actor.user_id, product.shop_id, call.now)
    found = queries.list_claimable(
        shop_id=product.shop_id,
        product_id=product_id,
        came_by=ways.publisher_ids,
        slot_ids=ways.slot_ids,
        now=call.now,
    )
    return PromotionList(tuple(_promotion(each) for each in found))


@operation(router, "POST", "/promotions/{promotion_id}/voucher", entry=Entry.WRITE, refuses=[*_CLAIMING])
def claim_voucher(call: Call, promotion_id: Id, body: VoucherDraft) -> VoucherPage:
    """Claim one. Who has one that they may use gets that one, so twice is once."""
    return _voucher(alliance.claim_voucher(actor=call.actor, promotion_id=promotion_id, code=body.code, now=call.now))


@operation(router, "GET", "/vouchers", entry=Entry.READ)
def list_vouchers(call: Call, query: Query[PageQuery]) -> VoucherList:
    """List your vouchers, newest first."""
    page = queries.list_vouchers(call.actor.person_id, cursor=query.cursor, limit=query.limit)
    return VoucherList(tuple(_voucher(each) for each in page.items), page.next_cursor)


@operation(
    router,
    "POST",
    "/promotions",
    entry=Entry.ONCE,
    status=201,
    refuses=[errors.PromotionMalformed, errors.PromotionNotFound, errors.FundsMissing],
)
def open_promotion(call: Call, body: PromotionDraft) -> RunPage:
    """Open a coupon or a red packet. All that a packet may pay is set aside at once."""
    draft = Opened(
        kind=body.kind,
        funder=body.funder,
        name=body.name,
        currency=Currency(body.currency),
        from_=body.begins_at or call.now,
        until=body.until,
        shop_id=body.shop_id,
        product_id=body.product_id,
        publisher_id=body.publisher_id,
        off_minor=body.off_minor,
        off_bps=body.off_bps,
        cap_minor=body.cap_minor,
        threshold_minor=body.threshold_minor,
        total_count=body.total_count,
        per_person=body.per_person,
        budget_minor=body.budget_minor,
        use_within=timedelta(hours=body.use_within_hours) if body.use_within_hours else None,
        combines=frozenset(body.combines),
        for_teams=body.for_teams,
        has_code=body.has_code,
    )
    if body.funder is Funder.PUBLISHER:
        return _run(alliance.open_packet(actor=call.actor, draft=draft, now=call.now), None)
    return _run(operations.open_promotion(actor=call.actor, draft=draft, now=call.now), None)


@operation(router, "POST", "/promotions/{promotion_id}/closure", entry=Entry.WRITE, refuses=[errors.PromotionNotFound])
def stop_promotion(call: Call, promotion_id: Id) -> RunPage:
    """Stop one of yours: nothing more is claimed, what people have stays good. Twice is once."""
    alliance.stop_promotion(actor=call.actor, promotion_id=promotion_id, now=call.now)
    promotion = queries.get_promotion(promotion_id)
    return _run(promotion, queries.effects_by_promotion([promotion_id])[promotion_id])


@operation(
    router,
    "GET",
    "/shops/{shop_id}/promotions",
    entry=Entry.READ,
    refuses=[catalog_errors.ShopNotFound, NotAllowed],
)
def list_promotions_of_shop(call: Call, shop_id: Id, query: Query[PageQuery]) -> RunList:
    """List what your shop runs and what it has done, newest first."""
    if not catalog_policies.may(call.actor, catalog.get_shop(shop_id), Permission.MARKETING):
        raise NotAllowed
    page = queries.list_promotions(funder=Funder.SHOP, shop_id=shop_id, cursor=query.cursor, limit=query.limit)
    effects = queries.effects_by_promotion([each.id for each in page.items])
    return RunList(tuple(_run(each, effects[each.id]) for each in page.items), page.next_cursor)


def _promotion(promotion: Promotion) -> PromotionPage:
    return PromotionPage(
        promotion.id,
        promotion.kind,
        promotion.funder,
        promotion.layer,
        promotion.name,
        promotion.shop_id,
        promotion.product_id,
        amount_of(promotion.off) if promotion.off else None,
        promotion.off_bps,
        amount_of(promotion.cap) if promotion.cap else None,
        amount_of(promotion.threshold),
        promotion.left_count,
        promotion.per_person,
        promotion.from_,
        promotion.until,
        tuple(sorted(promotion.combines)),
        promotion.for_teams,
    )


def _run(promotion: Promotion, effect: Effect | None) -> RunPage:
    done = effect or Effect(0, 0, 0, 0, 0, 0)
    return RunPage(
        _promotion(promotion),
        promotion.code,
        promotion.claimed_count,
        done.used_count,
        done.back_count,
        amount_of(Money(done.redeemed_minor, promotion.currency)),
        amount_of(Money(done.back_minor, promotion.currency)),
    )


def _voucher(voucher: Voucher) -> VoucherPage:
    return VoucherPage(voucher.id, voucher.state, voucher.claimed_at, voucher.use_until, _promotion(voucher.promotion))
