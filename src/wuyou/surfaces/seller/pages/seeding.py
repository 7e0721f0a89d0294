"""Where are the shop's goods seen, in which posts, and where do posts with goods lead people on to them?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.channels import queries as channels
from wuyou.domains.content import queries as content
from wuyou.domains.insight import queries as insight
from wuyou.domains.insight.policies import LEAST_PEOPLE
from wuyou.domains.insight.types import Figures
from wuyou.domains.social import queries as social
from wuyou.infra.behaviour import ObjectKind
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import BUSINESS_ZONE, business_date, utc_now
from wuyou.kernel.money import BPS
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.seller.access import Desk, clerks_with
from wuyou.surfaces.seller.viewmodels import chosen_days, person_part, show
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.parts import Column, Figure
from wuyou.surfaces.ui.templatetags.ui import rate
from wuyou.surfaces.ui.texts import in_language, shortened

_DAYS: Final = (28, 90)
_MOST: Final = 12
"""Rows of a table."""
_NAME_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Reach:
    """How often something was shown, how long it was looked at in all, and how often it led on."""

    shown: int = 0
    looked_s: int = 0
    led: int = 0

    def plus(self, other: Reach) -> Reach:
        return Reach(self.shown + other.shown, self.looked_s + other.looked_s, self.led + other.led)

    @property
    def cells(self) -> tuple[object, ...]:
        return (self.shown, self.looked_s, self.led, rate(min(BPS, self.led * BPS // self.shown)) if self.shown else "")

    @property
    def rank(self) -> tuple[int, int]:
        return self.led, self.shown


@clerks_with(Permission.MARKETING)
@require_safe
def seeding(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """What was seen of the shop's goods, the posts that show them, and the places that lead to goods.

    Nothing of fewer than twenty people is in any figure, and no post that who asks may not see. Cost: 18 queries.
    """
    days, tabs = chosen_days(request, _DAYS)
    viewer, now = get_viewer(desk.actor.person_id), utc_now()
    begins = business_date(now) - timedelta(days=days - 1)
    since = datetime.combine(begins, time(), BUSINESS_ZONE)
    until = business_date(now) + timedelta(days=1)

    def reach(kind: ObjectKind, ids: Collection[int]) -> dict[int, Reach]:
        # Asked as anybody and not as staff.
        asker = Actor(desk.actor.person_id)
        found = insight.figures_by_object(kind.value, ids, actor=asker, begins=begins, until=until) if ids else {}
        return {key: _sum(each, is_post=kind is ObjectKind.POST) for key, each in found.items()}

    product_ids = catalog.list_product_ids(desk.shop.id)
    goods = reach(ObjectKind.PRODUCT, product_ids)
    own = content.goods_shown(viewer, since=since, product_ids=product_ids)
    anyones = content.goods_shown(viewer, since=since)
    posts = reach(ObjectKind.POST, own.keys() | anyones.keys())
    return show(
        request,
        desk,
        "seeding",
        "seeding",
        tabs=tabs,
        figures=_figures(goods, {key: posts.get(key, Reach()) for key in own}),
        goods=_goods(desk, goods),
        posts=_posts(viewer, own, posts),
        topics=_topics(own, posts),
        channels=_channels(own, posts, now),
        least=LEAST_PEOPLE,
        empty=parts.Empty(
            _("Nothing of yours was seen by enough people yet"),
            _("Figures begin where a day had %(n)s people or more. Whoever is paid for it writes about your goods.")
            % {"n": LEAST_PEOPLE},
            "sprout",
            parts.Action(_("Who may fit you"), desk.href("creators"), "primary", "user-search"),
        ),
    )


def _sum(days: Iterable[Figures], *, is_post: bool) -> Reach:
    """What days brought: of a post what was pressed further on, of goods what was pressed on them."""
    whole = Reach()
    for day in days:
        led = day.onward if is_post else day.clicks
        whole = whole.plus(Reach(day.exposures or 0, day.dwell_s or 0, led or 0))
    return whole


def _figures(goods: Mapping[int, Reach], posts: Mapping[int, Reach]) -> tuple[Figure, ...]:
    of_goods, of_posts = (_whole(each.values()) for each in (goods, posts))
    return (
        Figure(_("Your goods shown"), of_goods.shown, _("In lists, posts and on their own pages.")),
        Figure(_("Pressed"), of_goods.led, _("Presses on what shows them.")),
        Figure(_("Posts that show them"), len(posts), _("Of this time, as far as you may see them.")),
        Figure(_("Led on by them"), of_posts.led, _("Presses in these posts on the goods that they show.")),
    )


def _goods(desk: Desk, found: Mapping[int, Reach]) -> parts.Table:
    best = sorted(found, key=lambda key: found[key].rank, reverse=True)[:_MOST]
    products = catalog.products_by_id(best) if best else {}
    rows = tuple(
        parts.Row(
            (shortened(in_language(products[key].title, products[key].title_en), _NAME_SHOWN), *found[key].cells),
            desk.href("product", key) if Permission.GOODS in desk.permissions else "",
        )
        for key in best
        if found[key].shown
    )
    return parts.Table(_("Your goods"), _columns(_("Goods"), _("Pressed")), rows)


def _posts(viewer: Viewer, own: Mapping[int, frozenset[int]], reached: Mapping[int, Reach]) -> parts.Table:
    """The posts that led most people on to the shop's goods, with who wrote them."""
    best = sorted((key for key in own if key in reached), key=lambda key: reached[key].rank, reverse=True)[:_MOST]
    names, authors = content.called_among(viewer, best), content.authors_among(viewer, best)
    faces = social.faces_met(viewer, authors.values()) if authors else {}
    rows = tuple(
        parts.Row(
            (
                shortened(names[key].title or names[key].plain or _("Photos"), _NAME_SHOWN),
                person_part(faces[authors[key]].person),
                *reached[key].cells,
            ),
            reverse("storefront:post", args=[key]),
        )
        for key in best
        if key in names and authors.get(key) in faces and reached[key].shown
    )
    name, *figures = _columns(_("Post"), _("Led on"))
    return parts.Table(_("Posts that show your goods"), (name, Column(_("By")), *figures), rows)


def _topics(own: Collection[int], reached: Mapping[int, Reach]) -> parts.Table:
    about = content.topics_by_post(reached)
    names = {topic.id: topic.name for topics in about.values() for topic in topics}
    of_post = {key: [topic.id for topic in topics] for key, topics in about.items()}
    return _places(
        _("Topics"), names, of_post, own, reached, lambda key: reverse("storefront:topic", args=[names[key]])
    )


def _channels(own: Collection[int], reached: Mapping[int, Reach], now: datetime) -> parts.Table:
    found = {each.id: each for each in channels.list_open()}
    names = {key: in_language(each.text.name, each.text.name_en) for key, each in found.items()}
    of_post = channels.channels_by_post(reached, now=now) if reached else {}

    def href(key: int) -> str:
        return reverse("storefront:channel", args=[found[key].slug])

    return _places(_("Channels"), names, of_post, own, reached, href)


def _places(
    caption: str,
    names: Mapping[int, str],
    of_post: Mapping[int, Iterable[int]],
    own: Collection[int],
    reached: Mapping[int, Reach],
    href: Callable[[int], str],
) -> parts.Table:
    """Places by how often people went on to goods, anybody's; and how many of the posts there show the shop's."""
    sums: dict[int, list[int]] = defaultdict(list)
    for post_id, places in of_post.items():
        for place in places:
            sums[place].append(post_id)
    whole = {place: _whole(reached[key] for key in posts) for place, posts in sums.items() if place in names}
    best = sorted((key for key, each in whole.items() if each.shown), key=lambda key: whole[key].rank, reverse=True)
    rows = tuple(
        parts.Row(
            (names[key], len(sums[key]), sum(post_id in own for post_id in sums[key]), *whole[key].cells), href(key)
        )
        for key in best[:_MOST]
    )
    name, *figures = _columns(caption, _("Led on"))
    counts = (Column(_("Posts with goods"), numeric=True), Column(_("With yours"), numeric=True))
    return parts.Table(caption, (name, *counts, *figures), rows)


def _columns(name: str, led: str) -> tuple[Column, ...]:
    """A name and the cells of a reach."""
    numbers = (_("Shown"), _("Looked at in all, seconds"), led, _("Of those shown"))
    return (Column(name), *(Column(number, numeric=True) for number in numbers))


def _whole(each: Iterable[Reach]) -> Reach:
    whole = Reach()
    for one in each:
        whole = whole.plus(one)
    return whole
