"""Recommendations as pages show them: a card, and in people's words why it is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import queries as content
from wuyou.domains.feed.types import Item, ItemKind, Recommended, Why, WhyKind
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.identity import queries as identity
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.viewmodels import goods, lines, post_cards
from wuyou.surfaces.storefront.viewmodels.post_cards import PostCard
from wuyou.surfaces.ui.parts import ProductCard


@dataclass(frozen=True, slots=True)
class Shown:
    """One recommendation: a post or a product, and why."""

    why: str
    icon: str
    post: PostCard | None = None
    product: ProductCard | None = None


def of_recommended(viewer: Viewer, found: Sequence[Recommended], now: datetime) -> tuple[Shown, ...]:
    """Recommendations as cards, in their order. Cost: a dozen queries, however many there are."""
    named = [item for each in found if (item := _named(each.reasons))]
    posts = content.posts_by_id(viewer, _ids([each.item for each in found], ItemKind.POST))
    products = catalog.products_by_id(_ids([*(each.item for each in found), *named], ItemKind.PRODUCT))
    liking = {one for each in found for why in each.reasons for one in why.people}
    titles = {key: lines.title_of(product) for key, product in products.items()}
    shown_posts = [posts[each.item.id] for each in found if each.item.kind is ItemKind.POST and each.item.id in posts]
    of_posts, faces = post_cards.with_people(viewer, shown_posts, liking)
    cards = {card.id: card for card in of_posts}
    known = {key: face.name for key, face in faces.items()}
    wanted = [each.item.id for each in found if each.item.kind is ItemKind.PRODUCT and each.item.id in products]
    of_goods = _goods(wanted, now) if wanted else {}
    made = []
    for each in found:
        said, icon = _said(each.reasons, titles, known)
        post = cards.get(each.item.id) if each.item.kind is ItemKind.POST else None
        product = of_goods.get(each.item.id) if each.item.kind is ItemKind.PRODUCT else None
        if post or product:
            made.append(Shown(said, icon, post, product))
    return tuple(made)


def _ids(items: Sequence[Item], kind: ItemKind) -> list[int]:
    return [item.id for item in items if item.kind is kind]


def _goods(product_ids: Sequence[int], now: datetime) -> dict[int, ProductCard]:
    products = catalog.products_by_id(product_ids)
    open_teams = groupbuy.open_teams_by_product(product_ids, now)
    persons = identity.persons_by_id({leader for each in open_teams.values() for leader in each.leader_ids})
    cards = goods.cards(list(products.values()), groupbuy.campaigns_by_product(product_ids, now), open_teams, persons)
    return {card.id: card for card in cards}


def _named(reasons: Sequence[Why]) -> Item | None:
    """What the reason names that is told: the first of the first one that names something."""
    return next((why.items[0] for why in reasons if why.items), None)


def _said(reasons: Sequence[Why], titles: Mapping[int, str], people: Mapping[int, str]) -> tuple[str, str]:
    """The first reason that can be said, and its icon."""
    for why in reasons:
        said = _sentence(why, titles, people)
        if said:
            return said, _ICONS[why.kind]
    return "", ""


def _sentence(why: Why, titles: Mapping[int, str], people: Mapping[int, str]) -> str:
    item = post_cards.name_of(why.called) if why.called else titles.get(why.items[0].id, "") if why.items else ""
    who = [people[one] for one in why.people if one in people]
    if why.kind is WhyKind.KNOWN_PEOPLE and who:
        if len(who) == 1:
            return _("%(who)s likes it") % {"who": who[0]}
        return _("%(who)s and %(other)s like it") % {"who": who[0], "other": who[1]}
    if why.kind is WhyKind.BECAUSE_OF and item:
        return _("Because of “%(item)s”") % {"item": item}
    if why.kind is WhyKind.AUTHOR and item:
        return _("By who made “%(item)s”") % {"item": item}
    if why.kind is WhyKind.TOPIC and item:
        return _("About the same as “%(item)s”") % {"item": item}
    if why.kind is WhyKind.THING and item:
        return _("Shows the same thing as “%(item)s”") % {"item": item}
    if why.kind is WhyKind.POPULAR:
        return _("Many like it now")
    return _("Just published") if why.kind is WhyKind.NEW else ""


_ICONS: Mapping[WhyKind, str] = {
    WhyKind.KNOWN_PEOPLE: "heart-handshake",
    WhyKind.BECAUSE_OF: "heart",
    WhyKind.AUTHOR: "user",
    WhyKind.TOPIC: "tag",
    WhyKind.THING: "packages",
    WhyKind.POPULAR: "sparkles",
    WhyKind.NEW: "clock",
}
