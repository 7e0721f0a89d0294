"""Coupons and red packets: claimed where goods are looked at, kept in one place."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries as alliance_queries
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.domains.promotions import errors, queries
from wuyou.domains.promotions.types import Voucher
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.storefront.access import actor_of, is_ours, page_before, signed_in, viewer_id
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import coupons
from wuyou.surfaces.ui import parts, promotions
from wuyou.surfaces.ui.errors import count_refusal, text_of
from wuyou.surfaces.ui.parsing import optional_id

MAX_CODE = 16


def offers_of(request: HttpRequest, product: Product, now: datetime) -> tuple[promotions.Offer, ...]:
    """What may be claimed for a product, and what of it the reader has. Cost: one query; three for who is signed in."""
    reader = viewer_id(request)
    ways = alliance_queries.ways_to_shop(reader, product.shop_id, now)
    found = queries.list_claimable(
        shop_id=product.shop_id,
        product_id=product.id,
        came_by=ways.publisher_ids,
        slot_ids=ways.slot_ids,
        now=now,
    )
    found = tuple(each for each in found if each.currency is product.currency)
    mine = queries.usable_by_promotion(reader, [each.id for each in found], now) if reader else {}
    return tuple(
        promotions.offer_of(each, is_mine=each.id in mine, until=mine[each.id].use_until if each.id in mine else None)
        for each in found
    )


@require_safe
@signed_in
def list_coupons(request: HttpRequest) -> HttpResponse:
    """What one has, what one used, and a place for a code."""
    now = utc_now()
    page = queries.list_vouchers(actor_of(request).person_id, cursor=optional_id(request, "after"), limit=30)
    products = catalog.products_by_id(each.promotion.product_id for each in page.items if each.promotion.product_id)
    shops = catalog.shops_by_id(each.promotion.shop_id for each in page.items if each.promotion.shop_id)
    href = f"{reverse('storefront:coupons')}?after={page.next_cursor}" if page.next_cursor else ""
    return show(
        request,
        "coupons.html",
        {
            "vouchers": tuple(coupons.voucher(each, products, shops, now) for each in page.items),
            "next_href": href,
            "empty": parts.Empty(
                _("No coupons yet"), _("You find them on the pages of products, and with codes from others."), "gift"
            ),
        },
        place="me",
    )


@require_POST
@signed_in
def claim(request: HttpRequest, promotion_id: int) -> HttpResponse:
    """Claim one, and stay where one was. Twice is once."""
    return _claim(
        request,
        lambda actor, now: alliance.claim_voucher(
            actor=actor, promotion_id=promotion_id, code=request.POST.get("code", "")[:MAX_CODE], now=now
        ),
    )


@require_POST
@signed_in
def claim_by_code(request: HttpRequest) -> HttpResponse:
    """Claim what a code opens."""
    code = request.POST.get("code", "").strip()[:MAX_CODE]

    def effect(actor: Actor, now: datetime) -> Voucher:
        promotion = queries.find_by_code(code) if code.isascii() and code.isprintable() and code else None
        if promotion is None:
            raise errors.PromotionNotFound()
        return alliance.claim_voucher(actor=actor, promotion_id=promotion.id, code=code, now=now)

    return _claim(request, effect)


def _claim(request: HttpRequest, effect: Callable[[Actor, datetime], Voucher]) -> HttpResponse:
    actor, now = actor_of(request), utc_now()
    is_fragment = request.headers.get("HX-Request") == "true"
    try:
        voucher = db.in_transaction(lambda: effect(actor, now))
    except DomainError as refused:
        count_refusal(refused)
        if is_fragment:
            return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"toast": text_of(refused)})})
        messages.error(request, text_of(refused))
        return redirect(_back(request))
    if is_fragment:
        offer = promotions.offer_of(voucher.promotion, is_mine=True, until=voucher.use_until)
        return show(request, "offer.html", {"offer": offer})
    messages.success(request, _("It is yours. You can use it when you order"))
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    return target if is_ours(request, target) else page_before(request)
