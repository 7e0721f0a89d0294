"""Goods as pages show them: cards in a grid and the page of one product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from wuyou.domains.catalog.types import Photo, Product, Shop, Variant
from wuyou.domains.groupbuy.types import Campaign, OpenTeams, Team
from wuyou.domains.identity.types import Person
from wuyou.kernel.money import Money
from wuyou.surfaces.storefront.viewmodels import covers, lines, people, teams
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.ui import goods_pictures, parts
from wuyou.surfaces.ui.templatetags.ui import money
from wuyou.surfaces.ui.texts import in_language

LOW_STOCK = 5
"""From here down the page says how many are left; above it nobody needs to hurry."""


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Everything that the page of a product shows. `price_team` is None while it is not sold to teams."""

    id: int
    title: str
    brief: str
    picture: str
    photos: tuple[Cover, ...]
    """The shop's own, those of the chosen form first; where there are none, the picture stands for it."""
    href: str
    shop: parts.Person
    variant_id: int
    choices: tuple[parts.Choice, ...]
    price_alone: Money
    price_team: Money | None
    saving: Money | None
    team_size: int
    max_quantity: int
    """Pieces in one order, alone or with a team."""
    max_team_quantity: int
    left: int | None
    """How many are left, when that is few; None when there are plenty."""
    is_sold_out: bool
    teams: tuple[parts.TeamRow, ...]
    my_teams: tuple[parts.TeamRow, ...]
    """Running teams in which the reader has a place."""
    only_new_buyers: bool


def first_choice(product: Product, available: Mapping[int, int], wanted: int | None = None) -> Variant:
    """The variant that a page is about: the one asked for, else the cheapest that is there, else the cheapest."""
    for variant in product.variants:
        if variant.id == wanted:
            return variant
    return min(product.variants, key=lambda v: (not available.get(v.id, 1), v.price.amount_minor, v.id))


def cards(
    products: Sequence[Product],
    campaigns: Mapping[int, Campaign],
    open_teams: Mapping[int, OpenTeams],
    persons: Mapping[int, Person],
) -> tuple[parts.ProductCard, ...]:
    """Cards for a grid; the faces are those of the leaders of teams that can be joined."""
    return tuple(_card(each, campaigns.get(each.id), open_teams.get(each.id), persons) for each in products)


def _card(
    product: Product, campaign: Campaign | None, open_teams: OpenTeams | None, persons: Mapping[int, Person]
) -> parts.ProductCard:
    variant = first_choice(product, {})
    return parts.ProductCard(
        id=product.id,
        title=lines.title_of(product),
        href=lines.href_of(product.id),
        picture=goods_pictures.picture_of(product, goods_pictures.ON_CARD),
        price_alone=variant.price,
        price_team=variant.team_price if campaign else None,
        team_size=campaign.size if campaign else 0,
        open_team_count=open_teams.count if open_teams else 0,
        people=tuple(people.face(persons[leader_id]) for leader_id in open_teams.leader_ids) if open_teams else (),
    )


def product_page(
    product: Product,
    *,
    shop: Shop,
    campaign: Campaign | None,
    available: Mapping[int, int],
    photos: Sequence[Photo],
    running: Sequence[Team],
    persons: Mapping[int, Person],
    viewer_id: int | None,
    wanted_variant: int | None = None,
) -> ProductPage:
    """The page of a product for one reader."""
    variant = first_choice(product, available, wanted_variant)
    price_team = variant.team_price if campaign else None
    left = available[variant.id]
    mine = [team for team in running if teams.holds_place(teams.seat_of(team, viewer_id))]
    others = [team for team in running if team not in mine]
    return ProductPage(
        id=product.id,
        title=lines.title_of(product),
        brief=in_language(product.brief, product.brief_en),
        picture=goods_pictures.picture_of(product, goods_pictures.AT_LARGE),
        photos=_shots(photos, variant),
        href=lines.href_of(product.id),
        shop=people.shop_sign(shop),
        variant_id=variant.id,
        choices=choices(product, available, variant.id, for_teams=campaign is not None),
        price_alone=variant.price,
        price_team=price_team,
        saving=variant.price - price_team if price_team else None,
        team_size=campaign.size if campaign else 0,
        max_quantity=max(1, min(left, 999)),
        max_team_quantity=campaign.max_per_order if campaign else 0,
        left=left if 0 < left <= LOW_STOCK else None,
        is_sold_out=not any(available.values()),
        teams=tuple(teams.row(team, product, persons, can_join=True) for team in others),
        my_teams=tuple(teams.row(team, product, persons, can_join=False) for team in mine),
        only_new_buyers=bool(campaign and campaign.new_buyers_only),
    )


def _shots(photos: Sequence[Photo], variant: Variant) -> tuple[Cover, ...]:
    chosen = sorted(photos, key=lambda photo: photo.variant_id != variant.id)
    return tuple(covers.of_shop_photo(photo, in_language(photo.alt, photo.alt_en)) for photo in chosen)


def choices(
    product: Product, available: Mapping[int, int], chosen_id: int, *, for_teams: bool
) -> tuple[parts.Choice, ...]:
    """The variants to choose from; none where there is only one. Prices stand on them where they differ."""
    if len(product.variants) == 1:
        return ()
    prices = {
        variant.id: (variant.team_price or variant.price) if for_teams else variant.price
        for variant in product.variants
    }
    differ = len({price.amount_minor for price in prices.values()}) > 1
    return tuple(
        parts.Choice(
            value=str(variant.id),
            label=lines.variant_name(variant),
            note=_note(variant, prices[variant.id], available, differ),
            disabled=not available.get(variant.id),
            chosen=variant.id == chosen_id,
        )
        for variant in product.variants
    )


def _note(variant: Variant, price: Money, available: Mapping[int, int], differ: bool) -> str:
    if not available.get(variant.id):
        return _("Sold out")
    return str(money(price, "short")) if differ else ""
