"""The feed: of whom one knows, of what may please, each with its reason, and never what one may not see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest

from tests.builders import content, goods, social, things
from tests.builders.people import make_person
from wuyou.domains.content import operations as content_operations
from wuyou.domains.content.types import PostDraft, PostKind, TagDraft
from wuyou.domains.feed import learning, operations, queries, tasks
from wuyou.domains.feed.recommender import SERVING
from wuyou.domains.feed.types import Item, ItemKind, Preference, Recommended, WhyKind
from wuyou.domains.identity.types import Person
from wuyou.domains.insight import operations as insight
from wuyou.domains.social import operations as social_operations
from wuyou.domains.things import operations as thing_operations
from wuyou.domains.things.types import HoldingState
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    SERVING.forget()
    yield
    SERVING.forget()


def timeline(viewer: Person | None, **how: int) -> list[int]:
    return [post.id for post in queries.list_timeline(sight.get_viewer(viewer.id if viewer else None), **how).items]


def recommended(viewer: Person | None, now: datetime, kind: ItemKind = ItemKind.POST) -> dict[int, Recommended]:
    looks = sight.get_viewer(viewer.id if viewer else None)
    page = queries.list_recommended(looks, personal=queries.wants_personal(looks), now=now, kinds=(kind,), limit=100)
    return {each.item.id: each for each in page.items}


def learn(now: datetime) -> int:
    learnt = tasks.learn_recommendations(now)
    SERVING.forget()
    return learnt


def only_for(now: datetime, author: Person, post_id: int) -> None:
    draft = PostDraft(PostKind.PHOTOS, "只给自己", audience=ONLY_ME)
    db.in_transaction(
        lambda: content_operations.edit_post(actor=Actor(author.id), post_id=post_id, draft=draft, now=now)
    )


def test_numbers_of_items_are_as_their_docstring_says() -> None:
    assert Item(ItemKind.PRODUCT, 7).number == 29
    assert Item.of(29) == Item(ItemKind.PRODUCT, 7)


def test_timeline_is_of_whom_one_follows_befriends_and_oneself_the_latest_first(now: datetime) -> None:
    me, followed, friend, stranger, muted = (make_person(now) for _ in range(5))
    social.follow(now, me, followed)
    social.follow(now, me, muted)
    social.befriend(now, me, friend)
    db.in_transaction(lambda: social_operations.mute(actor=Actor(me.id), person_id=muted.id, now=now))
    first = content.make_post(now, followed)
    for_friends = content.make_post(now + timedelta(minutes=1), friend, audience=FRIENDS)
    passed_on = content.repost(now + timedelta(minutes=2), friend, content.make_post(now, stranger))
    mine = content.make_post(now + timedelta(minutes=3), me)
    content.make_post(now + timedelta(minutes=4), followed, audience=FRIENDS)
    content.make_post(now + timedelta(minutes=4), muted)
    content.draft_post(now, friend)

    assert timeline(me) == [mine, passed_on, for_friends, first]
    assert timeline(None) == []
    assert timeline(stranger) != timeline(me)


def test_timeline_goes_on_where_its_page_ended_also_among_posts_of_one_moment(now: datetime) -> None:
    me, lin, wu = (make_person(now) for _ in range(3))
    for person in (lin, wu):
        social.follow(now, me, person)
    posts = [content.make_post(now, person) for _ in range(4) for person in (lin, wu)]
    late = content.draft_post(now, lin)
    posts = [late, *reversed(posts)]
    content.publish(now + timedelta(hours=1), lin, late)  # drafted last, out last: its number says nothing of it
    early = content.draft_post(now, wu)
    content.publish(now - timedelta(hours=1), wu, early)
    posts.append(early)

    viewer = sight.get_viewer(me.id)
    read: list[int] = []
    cursor = None
    while True:
        page = queries.list_timeline(viewer, cursor=cursor, limit=3)
        read += [post.id for post in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert read == posts


def test_post_that_is_closed_leaves_the_timeline_at_once(now: datetime) -> None:
    me, lin = make_person(now), make_person(now)
    social.follow(now, me, lin)
    post = content.make_post(now, lin)
    assert timeline(me) == [post]

    only_for(now, lin, post)
    assert timeline(me) == []
    other = content.make_post(now, lin)
    social.block(now, lin, me)
    assert timeline(me) == []
    assert timeline(lin) == [other, post]


def test_without_a_model_the_newest_is_recommended_and_says_so(now: datetime) -> None:
    me, lin = make_person(now), make_person(now)
    content.make_post(now, me)
    first, second = content.make_post(now, lin), content.make_post(now + timedelta(minutes=1), lin)
    content.make_post(now, lin, audience=FRIENDS)

    found = queries.list_recommended(sight.get_viewer(me.id), personal=True, now=now)

    assert {each.item.id for each in found.items} == {first, second}
    assert all(each.reasons for each in found.items)


def fans_and_posts(now: datetime) -> tuple[Person, Person, Person, list[int], list[int]]:
    """Campers like posts of camping, readers those of books; one of the campers has not seen all."""
    author, me, friend = (make_person(now) for _ in range(3))
    campers = [make_person(now) for _ in range(12)]
    readers = [make_person(now) for _ in range(12)]
    camping = [content.make_post(now, author, text=f"露营 {n}", topics=["露营"]) for n in range(6)]
    books = [content.make_post(now, author, text=f"读书 {n}", topics=["读书"]) for n in range(6)]
    for people, posts in ((campers, camping), (readers, books)):
        for n, person in enumerate(people):
            for post in posts[n % 2 :]:
                content.react(now, person, post)
    for post in camping[:3]:
        content.react(now, me, post)
    return me, friend, author, camping, books


def test_what_goes_with_what_one_liked_comes_first_and_says_why(now: datetime) -> None:
    me, _, _, camping, books = fans_and_posts(now)
    learn(now)

    page = queries.list_recommended(sight.get_viewer(me.id), personal=True, now=now, limit=3)

    assert {each.item.id for each in page.items} <= set(camping[3:]) | set(books)
    first = page.items[0]
    assert first.item.id in camping[3:]
    because = [why for why in first.reasons if why.kind is WhyKind.BECAUSE_OF]
    assert because
    assert {item.id for item in because[0].items} <= set(camping[:3])


def test_who_wants_nothing_personal_is_shown_what_everybody_is(now: datetime) -> None:
    me, friend, *_ = fans_and_posts(now)
    learn(now)
    before = list(recommended(me, now))
    nobody = list(recommended(None, now))
    assert before != nobody

    db.in_transaction(lambda: operations.choose_personal(actor=Actor(me.id), is_personal=False))
    db.in_transaction(lambda: operations.choose_personal(actor=Actor(friend.id), is_personal=False))

    assert queries.get_preference(me.id) == Preference(is_personal=False)
    assert list(recommended(me, now)) == list(recommended(friend, now)) == nobody
    whys = {why.kind for each in recommended(me, now).values() for why in each.reasons}
    assert whys <= {WhyKind.POPULAR, WhyKind.NEW}
    db.in_transaction(lambda: operations.choose_personal(actor=Actor(me.id), is_personal=True))
    assert list(recommended(me, now)) == before


def test_what_is_closed_after_it_was_learnt_is_not_shown_nor_named(now: datetime) -> None:
    me, _, author, camping, _ = fans_and_posts(now)
    learn(now)
    assert camping[4] in recommended(me, now)

    only_for(now, author, camping[4])
    only_for(now, author, camping[0])

    found = recommended(me, now)
    assert camping[4] not in found
    named = {item.id for each in found.values() for why in each.reasons for item in why.items}
    assert camping[0] not in named
    social.block(now, author, me)
    assert recommended(me, now) == {}


def test_whom_one_knows_is_named_only_where_one_may_know_it(now: datetime) -> None:
    me, _, _, _, books = fans_and_posts(now)
    friend = make_person(now)
    social.befriend(now, me, friend)
    for post in books[:4]:
        content.react(now, friend, post)
    learn(now)

    def named() -> set[int]:
        return {
            person
            for each in recommended(me, now).values()
            for why in each.reasons
            if why.kind is WhyKind.KNOWN_PEOPLE
            for person in why.people
        }

    assert named() == {friend.id}
    for post in books[:4]:
        db.in_transaction(
            lambda post=post: content_operations.take_reaction_back(actor=Actor(friend.id), post_id=post)  # type: ignore[misc]
        )
    assert named() == set()


def test_private_copies_teach_nothing_about_others_and_count_for_oneself(now: datetime) -> None:
    me, keeper = make_person(now), make_person(now)
    products = [goods.make_product(now) for _ in range(4)]
    made = db.in_transaction(
        lambda: thing_operations.ensure_variants(variant_ids=[product.variants[0].id for product in products], now=now)
    )
    things_of = [made[product.variants[0].id] for product in products]
    for _ in range(6):
        person = make_person(now)
        for thing in things_of[:2]:
            things.make_holding(now, person, thing, audience=PUBLIC)
    for thing in things_of[2:]:
        things.make_holding(now, keeper, thing, audience=ONLY_ME)
    learn(now)
    learnt = SERVING.learnt()
    assert learnt is not None
    assert keeper.id not in learnt.model.people.tolist()

    things.make_holding(now, me, things_of[0], audience=ONLY_ME)

    found = recommended(me, now, ItemKind.PRODUCT)
    assert products[0].id not in found
    assert next(iter(found)) == products[1].id
    assert queries.recent_of(me.id) == (Item(ItemKind.PRODUCT, products[0].id),)


def test_wish_that_is_open_counts_and_what_was_given_away_does_not(now: datetime) -> None:
    me = make_person(now)
    product = goods.make_product(now)
    made = db.in_transaction(lambda: thing_operations.ensure_variants(variant_ids=[product.variants[0].id], now=now))
    thing = made[product.variants[0].id]
    things.make_holding(now, me, thing, state=HoldingState.WANT, audience=PUBLIC)
    learn(now)

    learnt = SERVING.learnt()
    assert learnt is not None
    assert me.id in learnt.model.people.tolist()


def test_list_goes_on_by_offset_without_saying_anything_twice(now: datetime) -> None:
    me, *_ = fans_and_posts(now)
    learn(now)
    viewer = sight.get_viewer(me.id)
    whole = [each.item for each in queries.list_recommended(viewer, personal=True, now=now, limit=9).items]
    read: list[Item] = []
    offset: int | None = 0
    while offset is not None:
        page = queries.list_recommended(viewer, personal=True, now=now, offset=offset, limit=4)
        read += [each.item for each in page.items]
        offset = page.next_cursor

    assert len(read) == len(set(read)) == len(whole)
    assert set(read) == set(whole)


def test_new_post_is_recommended_before_it_was_learnt(now: datetime) -> None:
    me, _, author, _, _ = fans_and_posts(now)
    learn(now)
    late = content.make_post(
        now + timedelta(minutes=1), author, tags=(TagDraft(product_id=goods.make_product(now).id),)
    )

    found = recommended(me, now)

    assert found[late].reasons[0].kind is WhyKind.NEW
    assert list(found).index(late) < 6


def test_two_models_are_kept_and_a_person_who_leaves_takes_all_along(now: datetime) -> None:
    me, *_ = fans_and_posts(now)
    for _ in range(3):
        learn(now)
    assert db.row("SELECT count(*) FROM feed_learnt_model") == (2,)
    db.in_transaction(lambda: operations.choose_personal(actor=Actor(me.id), is_personal=False))

    db.in_transaction(lambda: operations.erase_person(person_id=me.id, now=now))

    assert db.row("SELECT count(*) FROM feed_learnt_model") == (0,)
    assert db.row("SELECT count(*) FROM feed_preference") == (0,)
    SERVING.forget()
    assert SERVING.learnt() is None


def test_how_often_something_was_on_a_screen_is_learnt_from_the_figures_of_the_lake(now: datetime) -> None:
    author = make_person(now)
    met, passed_by = (content.make_post(now, author, text=text) for text in ("溪谷", "山口"))
    closed = content.make_post(now, author, audience=ONLY_ME)
    rows = [("post", post, 3, sights, 0, 0, 0, 0) for post, sights in ((met, 40), (closed, 7))]
    for day in (now.date(), now.date() - timedelta(days=1)):
        db.in_transaction(partial(insight.keep_day, day=day, rows=rows))

    known = learning.known_items()

    assert known.seen is not None
    assert dict(zip(known.ids.tolist(), known.seen.tolist(), strict=True)) == {
        Item(ItemKind.POST, met).number: 80,
        Item(ItemKind.POST, passed_by).number: 0,
    }
