"""The review before an order, and placing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Variant
from wuyou.domains.groupbuy import errors as groupbuy_errors
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.groupbuy import queries as groupbuy_queries
from wuyou.domains.groupbuy.types import Campaign, Team
from wuyou.domains.identity import queries as identity
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders.types import LineDraft, OrderKind
from wuyou.domains.promotions import errors as promotions_errors
from wuyou.domains.promotions import queries as promotions
from wuyou.domains.promotions.types import BasketLine, Priced, Voucher
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Money
from wuyou.surfaces.storefront import errors, trail
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.forms import CART, TEAM, Purchase, PurchaseForm
from wuyou.surfaces.storefront.pages.links import carry
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.trail import Trail
from wuyou.surfaces.storefront.viewmodels import buying, coupons, lines, people, teams
from wuyou.surfaces.ui.errors import status_of, text_of


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def checkout(request: HttpRequest) -> HttpResponse:
    """Show what an order will be; place it when it is posted, and go on to the cashier."""
    actor = actor_of(request)
    way = trail.of(request)
    if request.method != "POST":
        return carry(request, _review_page(request, actor, PurchaseForm(request.GET).purchase()), way.via)
    wanted = PurchaseForm(request.POST).purchase()
    if "again" in request.POST:
        return _review_page(request, actor, wanted)
    try:
        return once(request, actor, lambda now: _place(actor, wanted, way, now))
    except groupbuy_errors.AlreadyMember as refused:
        messages.info(request, text_of(refused))
        return redirect(way.on(teams.href_of(wanted.team_token)))
    except DomainError as refused:
        return _review_page(request, actor, wanted, refused)


def _place(actor: Actor, wanted: Purchase, way: Trail, now: datetime) -> str:
    """Place the order, if it costs what the page said; returns where to pay."""
    if wanted.way == TEAM:
        order_no, amount_minor = _take_seat(actor, wanted, now)
    else:
        drafts = _drafts(actor, wanted)
        placed = orders.place_order(
            actor=actor, lines=drafts, kind=OrderKind.ALONE, voucher_ids=wanted.voucher_ids or (), now=now
        )
        if wanted.way == CART:
            orders.take_from_cart(actor=actor, variant_ids=[draft.variant_id for draft in drafts])
        order_no, amount_minor = placed.order_no, placed.total.amount_minor
    if amount_minor != wanted.expected_minor:
        raise errors.PriceChanged()
    if way.back:
        orders.note_origin(actor=actor, order_no=order_no, path=way.back)
    return reverse("storefront:pay", args=[order_no])


def _take_seat(actor: Actor, wanted: Purchase, now: datetime) -> tuple[str, int]:
    line = _line(wanted)
    if wanted.team_token:
        seat = groupbuy.join_team(
            actor=actor,
            team_token=wanted.team_token,
            variant_id=line.variant_id,
            quantity=line.quantity,
            accepts_reroute=wanted.accepts_reroute,
            voucher_ids=wanted.voucher_ids or (),
            now=now,
        )
    else:
        seat = groupbuy.open_team(
            actor=actor,
            campaign_id=_campaign(_variants([line])[0], None, now).id,
            variant_id=line.variant_id,
            quantity=line.quantity,
            accepts_reroute=wanted.accepts_reroute,
            voucher_ids=wanted.voucher_ids or (),
            now=now,
        )
    return seat.order_no, seat.amount_minor


def _drafts(actor: Actor, wanted: Purchase) -> list[LineDraft]:
    """The lines to order: the one chosen, or what the cart holds of a shop. Raises `LinesMalformed` for nothing."""
    if wanted.way != CART:
        return [_line(wanted)]
    kept = orders_queries.list_cart(actor.person_id)
    variants = catalog.variants_by_id(line.variant_id for line in kept)
    drafts = [
        LineDraft(line.variant_id, line.quantity)
        for line in kept
        if variants[line.variant_id].shop_id == wanted.shop_id
    ]
    if not drafts:
        raise orders_errors.LinesMalformed()
    return drafts


def _line(wanted: Purchase) -> LineDraft:
    if wanted.line is None:
        raise errors.FormMalformed()
    return wanted.line


def _variants(drafts: list[LineDraft]) -> list[Variant]:
    """The variants of these lines, in their order. Raises `VariantNotFound`."""
    found = catalog.variants_by_id(draft.variant_id for draft in drafts)
    if any(draft.variant_id not in found or not found[draft.variant_id].is_listed for draft in drafts):
        raise catalog_errors.VariantNotFound()
    return [found[draft.variant_id] for draft in drafts]


def _campaign(variant: Variant, team: Team | None, now: datetime) -> Campaign:
    """Under whose terms a team buys. Raises `CampaignNotFound`, `WrongProduct`."""
    if team is not None:
        if team.product_id != variant.product_id:
            raise groupbuy_errors.WrongProduct()
        return groupbuy_queries.get_campaign(team.campaign_id)
    campaign = groupbuy_queries.campaigns_by_product([variant.product_id], now).get(variant.product_id)
    if campaign is None:
        raise groupbuy_errors.CampaignNotFound()
    return campaign


def _review_page(
    request: HttpRequest, actor: Actor, wanted: Purchase, refused: DomainError | None = None
) -> HttpResponse:
    now, way = utc_now(), trail.of(request)
    context: dict[str, object] = {
        "review": _review(actor, wanted, way, now),
        "back": way.link,
        "now": now,
        "accepts_reroute": wanted.accepts_reroute,
        "refusal": text_of(refused) if refused else "",
    }
    return show(request, "checkout.html", context, status=status_of(refused) if refused else 200)


def _review(actor: Actor, wanted: Purchase, way: Trail, now: datetime) -> buying.Review:
    drafts = _drafts(actor, wanted)
    variants = _variants(drafts)
    products = catalog.products_by_id(variant.product_id for variant in variants)
    team = groupbuy_queries.get_team(wanted.team_token) if wanted.team_token else None
    campaign = _campaign(variants[0], team, now) if wanted.way == TEAM else None
    pairs = list(zip(drafts, variants, strict=True))
    prices = [(variant.team_price or variant.price) if campaign else variant.price for variant in variants]
    nothing = Money(0, prices[0].currency)
    basket = [
        BasketLine(variant.product_id, price.amount_minor * draft.quantity)
        for (draft, variant), price in zip(pairs, prices, strict=True)
    ]
    vouchers = promotions.vouchers_for(
        actor.person_id,
        shop_id=variants[0].shop_id,
        lines=basket,
        currency=nothing.currency,
        is_team=campaign is not None,
        now=now,
    )
    priced, voucher_refusal = _priced(basket, vouchers, wanted)
    goods, total = Money(priced.items_minor, nothing.currency), Money(priced.total_minor, nothing.currency)
    alone = sum((variant.price * draft.quantity for draft, variant in pairs), nothing)
    return buying.Review(
        way=wanted.way,
        lines=tuple(
            lines.product_line(
                products[variant.product_id],
                f"{lines.variant_name(variant)} × {draft.quantity}",
                price * draft.quantity,
            )
            for (draft, variant), price in zip(pairs, prices, strict=True)
        ),
        shop=people.shop_sign(catalog.get_shop(variants[0].shop_id)),
        goods=goods,
        taken=coupons.taken_by_steps(priced.steps, vouchers, nothing.currency),
        choices=coupons.choices(vouchers, basket, priced),
        is_best=bool(priced.steps) and priced == promotions.best_price(basket, vouchers),
        voucher_refusal=voucher_refusal,
        again_href=f"{reverse('storefront:checkout')}?{urlencode(_again(wanted, way))}",
        total=total,
        price_alone=alone if campaign else None,
        team_size=campaign.size if campaign else 0,
        leader=people.face(identity.get_person(team.leader_id)) if team else None,
        deadline=team.expires_at if team else None,
        hidden=(*_hidden(wanted, total), *way.fields),
        back_href=way.on(_back(wanted, variants[0])),
    )


def _priced(basket: list[BasketLine], vouchers: Sequence[Voucher], wanted: Purchase) -> tuple[Priced, str]:
    """What it costs with the vouchers chosen, or the best ones before anybody chose or where they do not fit."""
    best = promotions.best_price(basket, vouchers)
    if wanted.voucher_ids is None:
        return best, ""
    chosen = [voucher for voucher in vouchers if voucher.id in wanted.voucher_ids]
    try:
        return promotions.price(basket, chosen), ""
    except (promotions_errors.NotCombinable, promotions_errors.VoucherUnusable) as refused:
        return best, text_of(refused)


def _again(wanted: Purchase, way: Trail) -> list[tuple[str, str]]:
    """The review's own address, to which the vouchers that are ticked are added."""
    said = [(name, value) for name, value in _hidden(wanted, None) if value]
    return [*said, *way.fields]


def _hidden(wanted: Purchase, total: Money | None) -> tuple[tuple[str, str], ...]:
    fields: list[tuple[str, str]] = [("way", wanted.way), ("chosen", "on")]
    if total is not None:
        fields.append(("total", str(total.amount_minor)))
    if wanted.line:
        fields += [("variant", str(wanted.line.variant_id)), ("quantity", str(wanted.line.quantity))]
    if wanted.team_token:
        fields.append(("team", wanted.team_token))
    if wanted.shop_id:
        fields.append(("shop", str(wanted.shop_id)))
    return tuple(fields)


def _back(wanted: Purchase, variant: Variant) -> str:
    if wanted.way == CART:
        return reverse("storefront:cart")
    if wanted.team_token:
        return teams.href_of(wanted.team_token)
    return f"{lines.href_of(variant.product_id)}?{urlencode({'variant': variant.id})}"
