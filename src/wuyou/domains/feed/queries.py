"""Every read of the feed: the timeline, recommendations with their reasons, and search."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import queries as content
from wuyou.domains.content.types import Called, Post
from wuyou.domains.feed.learning import AUTHOR, THING, TOPIC
from wuyou.domains.feed.recommender import SERVING, Learnt
from wuyou.domains.feed.types import Item, ItemKind, Preference, Recommended, Why, WhyKind
from wuyou.domains.social import queries as social
from wuyou.domains.things import queries as things
from wuyou.engines.ranking import Asker, Ranked, Reason, ReasonKind
from wuyou.infra import db
from wuyou.infra.person_data import Records
from wuyou.kernel.paging import Page
from wuyou.kernel.sight import Kind, Viewer, keys_of

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

    Whom they mute is left out. Cost: two queries; the second costs as much as there are people.
    """
    if viewer.person_id is None:
        return Page((), None)
    known = known_people(viewer) - social.muted_by(viewer.person_id)
    return content.list_by_people(viewer, known | {viewer.person_id}, cursor=cursor, limit=limit)


def known_people(viewer: Viewer) -> frozenset[int]:
    """Whom the viewer follows, and their friends. Cost: none."""
    return keys_of(viewer, Kind.FOLLOWERS, Kind.FRIENDS)


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
    Cost: up to six queries, and one question to the model in process.
    """
    wanted = min(offset + limit + 1, MOST)
    learnt = SERVING.learnt()
    ranked = _ranked(learnt, viewer, wanted * _SPARE, kinds, now, personal=personal) if learnt else None
    known = [Item.of(number) for number in ranked.items] if ranked else []
    newest, seen = _seen(viewer, known, wanted if ItemKind.POST in kinds else 0)
    items = _mixed(known, [item for item in newest if learnt is None or item.number not in learnt.known])
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


def _seen(viewer: Viewer, items: Collection[Item], newest: int) -> tuple[list[Item], dict[Item, int]]:
    """The newest so many posts, the latest first; and of them and these items, those that the viewer may see at this
    moment, with whom they are from (0: a shop).
    """
    latest, posts = content.newest_and_authors(viewer, _ids(items, ItemKind.POST), newest=newest)
    products = catalog.listed_among(_ids(items, ItemKind.PRODUCT))
    return [Item(ItemKind.POST, post) for post in latest], {
        **{Item(ItemKind.POST, post): owner for post, owner in posts.items()},
        **{Item(ItemKind.PRODUCT, product): 0 for product in products},
    }


def _ids(items: Iterable[Item], kind: ItemKind) -> list[int]:
    return [item.id for item in items if item.kind is kind]


def _is_own(owner_id: int, viewer: Viewer) -> bool:
    return owner_id == viewer.person_id


def _named(viewer: Viewer, page: Sequence[Recommended], *, personal: bool) -> Iterator[Recommended]:
    """Reasons as far as the viewer may know of what they name; people whom they know, who like it in the open, first.

    What the model says of people was true when it was learnt: it is read anew.
    """
    named = {item for each in page for why in each.reasons for item in why.items}
    called = _called(viewer, named)
    known = known_people(viewer) if personal else frozenset()
    fans = _known_fans(viewer, {each.item for each in page}, known) if known else {}
    for each in page:
        people = tuple(sorted(fans.get(each.item, ())))[:_NAMED]
        reasons = [Why(WhyKind.KNOWN_PEOPLE, people=people)] if people else []
        reasons += [kept for why in each.reasons if (kept := _kept(why, called)) is not None]
        yield Recommended(each.item, tuple(reasons) or (Why(WhyKind.POPULAR),))


def _called(viewer: Viewer, items: Collection[Item]) -> dict[Item, Called | None]:
    """Those of these items that the viewer may see at this moment, and what a post is called."""
    posts = content.called_among(viewer, _ids(items, ItemKind.POST))
    products = catalog.listed_among(_ids(items, ItemKind.PRODUCT))
    return {
        **{Item(ItemKind.POST, post): called for post, called in posts.items()},
        **{Item(ItemKind.PRODUCT, product): None for product in products},
    }


def _known_fans(viewer: Viewer, items: Collection[Item], known: frozenset[int]) -> dict[Item, frozenset[int]]:
    """By item, who of these people likes it, as far as the viewer may know: in the open, or by a copy that they see."""
    posts = content.fans_by_post(viewer, _ids(items, ItemKind.POST), among=known)
    products = things.holders_by_product(viewer, _ids(items, ItemKind.PRODUCT), among=known)
    return {
        **{Item(ItemKind.POST, post): people for post, people in posts.items()},
        **{Item(ItemKind.PRODUCT, product): people for product, people in products.items()},
    }


def _kept(why: Why, called: Mapping[Item, Called | None]) -> Why | None:
    if why.kind is WhyKind.KNOWN_PEOPLE:
        return None
    if why.items:
        items = tuple([item for item in why.items if item in called])
        return Why(why.kind, items, called=called[items[0]]) if items else None
    return why
