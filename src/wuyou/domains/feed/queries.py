"""Every read of the feed: the timeline, recommendations with their reasons, and search."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import queries as content
from wuyou.domains.content.types import Post
from wuyou.domains.feed.learning import AUTHOR, THING, TOPIC
from wuyou.domains.feed.recommender import SERVING, Learnt
from wuyou.domains.feed.types import Item, ItemKind, Preference, Recommended, Why, WhyKind
from wuyou.domains.social import queries as social
from wuyou.domains.things import queries as things
from wuyou.engines.ranking import Asker, Ranked, Reason, ReasonKind
from wuyou.infra import db
from wuyou.infra.person_data import Records
from wuyou.kernel.paging import Page
from wuyou.kernel.sight import Kind, Viewer, split

MOST = 240
"""So far down a list of recommendations goes; who wants more looks for something else."""
RECENT = 200
"""So many of the latest things that somebody did decide what they are shown."""
_SPARE = 3
"""So many times more is asked of the model than is shown: some of it the reader may not see."""
_NEWEST_EVERY = 4
"""Every so manieth place is for what came after the model was learnt."""
_ATTRIBUTES = {AUTHOR: WhyKind.AUTHOR, TOPIC: WhyKind.TOPIC, THING: WhyKind.THING}
_NAMED = 3


def get_preference(person_id: int) -> Preference:
    """What somebody has chosen. Cost: one query."""
    found = db.row("SELECT is_personal FROM feed_preference WHERE person_id = %s", [person_id])
    return Preference(*found) if found else Preference()


def list_timeline(viewer: Viewer, *, cursor: int | None = None, limit: int = 24) -> Page[Post]:
    """What the people whom the viewer follows, their friends, and they themselves published, the latest first.

    Whom they mute is left out. Cost: six queries; the first costs as much as there are people.
    """
    if viewer.person_id is None:
        return Page((), None)
    known = known_people(viewer) - social.muted_by(viewer.person_id)
    return content.list_by_people(viewer, known | {viewer.person_id}, cursor=cursor, limit=limit)


def known_people(viewer: Viewer) -> set[int]:
    """Whom the viewer follows, and their friends. Cost: none."""
    return {key for kind, key in map(split, viewer.tokens) if kind in {Kind.FOLLOWERS, Kind.FRIENDS}}


def wants_personal(viewer: Viewer) -> bool:
    """Whether what the viewer likes may decide what they are shown. Cost: one query for who is signed in."""
    return viewer.person_id is not None and get_preference(viewer.person_id).is_personal


def list_recommended(
    viewer: Viewer,
    *,
    personal: bool,
    now: datetime,
    kinds: Collection[ItemKind] = (ItemKind.POST,),
    offset: int = 0,
    limit: int = 24,
) -> Page[Recommended]:
    """What may please the viewer, and why; the cursor is the offset of the next page.

    Args: `personal` as `wants_personal` says; who does not is shown what everybody is. The list stands still for an
    hour, and what is drawn for a day.
    Cost: up to seven queries, and one question to the model in process.
    """
    wanted = min(offset + limit + 1, MOST)
    learnt = SERVING.learnt()
    ranked = _ranked(learnt, viewer, wanted * _SPARE, kinds, now, personal=personal) if learnt else None
    items = _mixed(map(Item.of, ranked.items if ranked else ()), _newest(viewer, learnt, kinds, wanted))
    seen = _seen(viewer, items)
    shown = [item for item in items if item in seen and not _is_own(seen[item], viewer)]
    page = _explained(ranked, shown[offset : offset + limit])
    end = offset + limit
    return Page(tuple(_named(viewer, page, personal=personal)), end if len(shown) > end and end < MOST else None)


def recent_of(person_id: int) -> tuple[Item, ...]:
    """What somebody did lately, in private too: for their own recommendations alone. Cost: two queries."""
    posts = content.list_touched_by(person_id, limit=RECENT)
    products = things.list_products_of(person_id, limit=RECENT)
    return (
        *(Item(ItemKind.POST, post) for post in posts),
        *(Item(ItemKind.PRODUCT, product) for product in products),
    )


def export_person(person_id: int) -> Iterator[Records]:
    """What a person chose."""
    yield "feed_settings", db.records("SELECT is_personal FROM feed_preference WHERE person_id = %s", [person_id])


# ---------------------------------------------------------------------- ranked


def _ranked(
    learnt: Learnt, viewer: Viewer, count: int, kinds: Collection[ItemKind], now: datetime, *, personal: bool
) -> Ranked:
    asker, number = Asker(), 0
    if personal and viewer.person_id is not None:
        number = viewer.person_id
        asker = Asker(
            person=number,
            recent=tuple(item.number for item in recent_of(number)),
            ties=tuple(sorted(known_people(viewer))),
        )
    another_every_day = (now.toordinal() * 1_000_003 + number) & 0x7FFFFFFF
    return learnt.rank(asker, count, frozenset(kinds), another_every_day, int(now.timestamp()) // 3600)


def _newest(viewer: Viewer, learnt: Learnt | None, kinds: Collection[ItemKind], wanted: int) -> list[Item]:
    """What the model has not heard of yet, the latest first."""
    if ItemKind.POST not in kinds:
        return []
    items = [Item(ItemKind.POST, post) for post in content.list_newest_ids(viewer, limit=wanted)]
    return [item for item in items if learnt is None or item.number not in learnt.known]


def _mixed(ranked: Iterable[Item], newest: Sequence[Item]) -> list[Item]:
    """One of the newest in every few; the rest of them at the end."""
    mixed: list[Item] = []
    waiting = deque(newest)
    for place, item in enumerate(ranked, start=1):
        mixed.append(item)
        if waiting and place % (_NEWEST_EVERY - 1) == 0:
            mixed.append(waiting.popleft())
    return [*mixed, *waiting]


def _explained(ranked: Ranked | None, items: Sequence[Item]) -> list[Recommended]:
    """Items with the reasons of the model; what it has not heard of is new."""
    known = set(ranked.items) if ranked else set()
    why = {
        found.item: tuple(why for reason in found.reasons if (why := _why(reason)) is not None)
        for found in (ranked.explained([item.number for item in items if item.number in known]) if ranked else ())
    }
    return [
        Recommended(item, (why[item.number] or (Why(WhyKind.POPULAR),)) if item.number in why else (Why(WhyKind.NEW),))
        for item in items
    ]


def _why(reason: Reason) -> Why | None:
    items = tuple(map(Item.of, reason.items[:_NAMED]))
    if reason.kind is ReasonKind.BECAUSE_OF:
        return Why(WhyKind.BECAUSE_OF, items)
    if reason.kind is ReasonKind.KNOWN_PEOPLE:
        return Why(WhyKind.KNOWN_PEOPLE)
    if reason.kind is ReasonKind.FROM:
        return Why(_ATTRIBUTES[reason.attribute], items)
    return Why(WhyKind.NEW if reason.kind is ReasonKind.NEW else WhyKind.POPULAR)


# ---------------------------------------------------------------------- seen now


def _seen(viewer: Viewer, items: Iterable[Item]) -> dict[Item, int]:
    """Those of these items that the viewer may see at this moment, and who they are from (0: a shop)."""
    items = list(items)
    posts = content.authors_among(viewer, [item.id for item in items if item.kind is ItemKind.POST])
    products = catalog.listed_among([item.id for item in items if item.kind is ItemKind.PRODUCT])
    return {
        **{Item(ItemKind.POST, post): owner for post, owner in posts.items()},
        **{Item(ItemKind.PRODUCT, product): 0 for product in products},
    }


def _is_own(owner_id: int, viewer: Viewer) -> bool:
    return owner_id == viewer.person_id


def _named(viewer: Viewer, page: Sequence[Recommended], *, personal: bool) -> Iterator[Recommended]:
    """Reasons as far as the viewer may know of what they name; people whom they know, who like it in the open, first.

    What the model says of people was true when it was learnt: it is read anew.
    """
    named = {item for each in page for why in each.reasons for item in why.items}
    seen = _seen(viewer, named) if named else {}
    known = known_people(viewer) if personal else set()
    fans = _known_fans(viewer, {each.item for each in page}) if known else {}
    for each in page:
        people = tuple(sorted(fans.get(each.item, frozenset()) & known))[:_NAMED]
        reasons = [Why(WhyKind.KNOWN_PEOPLE, people=people)] if people else []
        reasons += [kept for why in each.reasons if (kept := _kept(why, seen)) is not None]
        yield Recommended(each.item, tuple(reasons) or (Why(WhyKind.POPULAR),))


def _known_fans(viewer: Viewer, items: Collection[Item]) -> dict[Item, frozenset[int]]:
    """By item, whose liking it the viewer may know of: what was said in the open, and copies that they see."""
    posts = content.fans_by_post(viewer, [item.id for item in items if item.kind is ItemKind.POST])
    products = things.holders_by_product(viewer, [item.id for item in items if item.kind is ItemKind.PRODUCT])
    return {
        **{Item(ItemKind.POST, post): people for post, people in posts.items()},
        **{Item(ItemKind.PRODUCT, product): people for product, people in products.items()},
    }


def _kept(why: Why, seen: Mapping[Item, int]) -> Why | None:
    if why.kind is WhyKind.KNOWN_PEOPLE:
        return None
    if why.items:
        items = tuple(item for item in why.items if item in seen)
        return Why(why.kind, items) if items else None
    return why
