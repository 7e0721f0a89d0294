"""Posts: a draft is its author's, what is published is seen as far as it is open, and what earns says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.builders import content, goods, social, teams, things
from tests.builders.alliance import published
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.catalog.errors import ProductNotFound
from wuyou.domains.content import errors, events, operations, queries, tasks
from wuyou.domains.content.types import Post, PostDraft, PostKind, PostState, Tag, TagDraft
from wuyou.domains.identity.types import Person
from wuyou.domains.things import operations as thing_operations
from wuyou.domains.things import queries as thing_queries
from wuyou.domains.things.errors import ThingNotFound
from wuyou.infra import db, sight, storage
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FOLLOWERS, FRIENDS, ONLY_ME, PUBLIC, Subject, SubjectKind

pytestmark = pytest.mark.usefixtures("world")


def refuses(error: type[DomainError], act: Callable[[], object], **facts: object) -> None:
    before = footprint()
    with pytest.raises(error) as refused:
        db.in_transaction(act)
    assert footprint() == before
    assert refused.value.facts | facts == refused.value.facts


def post_as(viewer: Person | None, post_id: int) -> Post | None:
    return queries.posts_by_id(sight.get_viewer(viewer.id if viewer else None), [post_id]).get(post_id)


def tags_as(viewer: Person | None, post_id: int) -> tuple[Tag, ...]:
    return queries.tags_by_post(sight.get_viewer(viewer.id if viewer else None), [post_id]).get(post_id, ())


def newest(viewer: Person | None) -> list[int]:
    return [post.id for post in queries.list_newest(sight.get_viewer(viewer.id if viewer else None)).items]


def start(now: datetime, author: Person, draft: PostDraft, pictures: Sequence[Picture] = ()) -> Callable[[], int]:
    return lambda: operations.start_post(actor=Actor(author.id), draft=draft, now=now, pictures=pictures)


def edit(now: datetime, author: Person, post_id: int, draft: PostDraft, **how: object) -> None:
    db.in_transaction(
        lambda: operations.edit_post(actor=Actor(author.id), post_id=post_id, draft=draft, now=now, **how)  # type: ignore[arg-type]
    )


def test_draft_is_its_authors_and_has_readers_once_it_is_published(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    draft = content.draft_post(now, mei, photos=2)

    assert (post_as(lin, draft), post_as(None, draft), newest(lin)) == (None, None, [])
    mine = post_as(mei, draft)
    assert mine is not None
    assert (mine.state, mine.is_withheld, len(mine.photos)) == (PostState.DRAFT, True, 2)

    content.publish(now, mei, draft)

    seen = post_as(None, draft)
    assert seen is not None
    assert (seen.state, seen.is_withheld, seen.published_at) == (PostState.PUBLISHED, False, now)
    assert newest(lin) == [draft]
    assert published(events.PostPublished) == [events.PostPublished(draft, mei.id, "PHOTOS", None, now)]


def test_post_is_open_to_whom_its_author_chose_and_edits_count_at_once(now: datetime) -> None:
    mei, friend, fan = (make_person(now) for _ in range(3))
    social.befriend(now, mei, friend)
    social.follow(now, fan, mei)
    post = content.make_post(now, mei, audience=FRIENDS)

    assert [post_as(who, post) is not None for who in (mei, friend, fan, None)] == [True, True, False, False]
    edit(now, mei, post, PostDraft(PostKind.PHOTOS, "给关注我的人", audience=FOLLOWERS))
    assert [post_as(who, post) is not None for who in (mei, friend, fan, None)] == [True, False, True, False]


def test_photo_is_seen_by_who_sees_its_post(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    post = content.draft_post(now, mei, photos=1)
    mine = post_as(mei, post)
    assert mine is not None
    photo = mine.photos[0].id

    with pytest.raises(errors.PhotoNotFound):
        queries.get_photo_for(sight.get_viewer(lin.id), photo)
    content.publish(now, mei, post)
    assert queries.get_photo_for(sight.get_viewer(lin.id), photo).id == photo


def test_each_person_has_their_own_latest_picture_that_the_viewer_may_see(now: datetime) -> None:
    loud, quiet, wordy, friend = (make_person(now) for _ in range(4))
    social.befriend(now, quiet, friend)
    early = content.make_post(now, quiet, photos=1)
    for_friends = content.make_post(now + timedelta(minutes=1), quiet, photos=1, audience=FRIENDS)
    content.draft_post(now, quiet, photos=1)
    written = [content.make_post(now + timedelta(hours=1 + number), loud, photos=1) for number in range(3)]
    content.make_post(now + timedelta(hours=9), loud)
    content.repost(now, wordy, early)

    def pictured(viewer: Person | None) -> dict[int, int]:
        people = [loud.id, quiet.id, wordy.id]
        found = queries.pictured_by_person(sight.get_viewer(viewer.id if viewer else None), people)
        return {person: post.id for person, post in found.items()}

    assert pictured(None) == {loud.id: written[-1], quiet.id: early}
    assert pictured(friend) == {loud.id: written[-1], quiet.id: for_friends}


@pytest.mark.parametrize(
    ("kind", "title", "text", "photos", "is_complete"),
    [
        (PostKind.PHOTOS, "", "一句话", 0, True),
        (PostKind.PHOTOS, "", "", 1, True),
        (PostKind.PHOTOS, "题目", "", 0, False),
        (PostKind.ARTICLE, "题目", "正文", 0, True),
        (PostKind.ARTICLE, "", "正文", 1, False),
        (PostKind.ARTICLE, "题目", "", 1, False),
        (PostKind.VIDEO, "题目", "正文", 1, False),
    ],
)
def test_what_is_published_has_what_its_readers_look_for(
    now: datetime, kind: PostKind, title: str, text: str, photos: int, is_complete: bool
) -> None:
    mei = make_person(now)
    draft = content.draft_post(now, mei, kind=kind, title=title, text=text, photos=photos)

    if is_complete:
        content.publish(now, mei, draft)
        assert newest(None) == [draft]
    else:
        refuses(
            errors.PostIncomplete,
            lambda: operations.publish_post(actor=Actor(mei.id), post_id=draft, now=now),
            kind=kind.value,
        )


def test_scheduled_post_comes_out_at_its_moment_and_once(now: datetime) -> None:
    mei = make_person(now)
    post = content.draft_post(now, mei)
    later = now + timedelta(hours=2)
    for at in (now, now + timedelta(days=366)):
        refuses(errors.NotInFuture, partial(operations.publish_post, actor=Actor(mei.id), post_id=post, now=now, at=at))
    content.publish(now, mei, post, at=later)

    waiting = post_as(mei, post)
    assert waiting is not None
    assert (waiting.state, waiting.publish_at) == (PostState.SCHEDULED, later)
    assert tasks.publish_due_posts(later - timedelta(seconds=1)) == 0
    assert newest(None) == []
    assert tasks.publish_due_posts(later) == 1
    assert tasks.publish_due_posts(later) == 0
    assert newest(None) == [post]
    refuses(errors.AlreadyPublished, lambda: operations.publish_post(actor=Actor(mei.id), post_id=post, now=later))
    refuses(errors.AlreadyPublished, lambda: operations.unschedule_post(actor=Actor(mei.id), post_id=post))


def test_schedule_can_be_taken_back(now: datetime) -> None:
    mei = make_person(now)
    post = content.draft_post(now, mei)
    content.publish(now, mei, post, at=now + timedelta(hours=1))

    db.in_transaction(lambda: operations.unschedule_post(actor=Actor(mei.id), post_id=post))

    assert tasks.publish_due_posts(now + timedelta(days=1)) == 0
    mine = post_as(mei, post)
    assert mine is not None
    assert mine.state is PostState.DRAFT


def test_what_leads_to_a_purchase_and_earns_is_marked_when_it_is_published(now: datetime) -> None:
    mei, seller = make_person(now), make_person(now)
    shop = goods.make_shop(now, owner_id=seller.id)
    product = goods.make_product(now, shop=shop)
    db.in_transaction(
        lambda: thing_operations.ensure_variants(variant_ids=[each.id for each in product.variants], now=now)
    )
    thing_id = thing_queries.things_by_product([product.id])[product.id].id
    sells, names = (TagDraft(product_id=product.id),), (TagDraft(thing_id=thing_id),)

    marks = {
        "earns": content.make_post(now, mei, tags=sells),
        "takes nothing": content.make_post(now, mei, tags=sells, earns=False),
        "sells it herself": content.make_post(now, seller, tags=sells, earns=False),
        "names the thing": content.make_post(now, mei, tags=names),
        "nothing": content.make_post(now, mei),
    }

    assert {why: seen.is_ad for why, post in marks.items() if (seen := post_as(None, post))} == {
        "earns": True,
        "takes nothing": False,
        "sells it herself": True,
        "names the thing": False,
        "nothing": False,
    }
    edit(now, mei, marks["nothing"], PostDraft(PostKind.PHOTOS, "现在能买了", tags=sells, audience=PUBLIC))
    edited = post_as(None, marks["nothing"])
    assert edited is not None
    assert edited.is_ad
    (before,) = queries.list_revisions(sight.get_viewer(None), marks["nothing"])
    assert (before.is_ad, before.version, before.said_until) == (False, 1, now)


def test_shop_opened_after_the_draft_counts_when_it_is_published(now: datetime) -> None:
    mei = make_person(now)
    shop = goods.make_shop(now, owner_id=mei.id)
    product = goods.make_product(now, shop=goods.make_shop(now))
    draft = content.draft_post(now, mei, tags=(TagDraft(product_id=product.id),), earns=False)
    with db.transaction():
        db.execute("UPDATE catalog_product SET shop_id = %s WHERE id = %s", [shop.id, product.id])

    content.publish(now, mei, draft)

    seen = post_as(None, draft)
    assert seen is not None
    assert seen.is_ad


def test_tags_lie_on_their_pictures_and_lead_to_what_they_name(now: datetime) -> None:
    mei = make_person(now)
    product = goods.make_product(now)
    tags = (TagDraft(product_id=product.id, photo=1, x=2_500, y=7_500, words="就是它"),)
    post = post_as(None, content.make_post(now, mei, photos=2, tags=tags))

    assert post is not None
    (tag,) = tags_as(None, post.id)
    assert (tag.photo_id, tag.x, tag.y, tag.words) == (post.photos[1].id, 2_500, 7_500, "就是它")
    assert (tag.product_id, tag.thing.product_id) == (product.id, product.id)


@pytest.mark.parametrize(
    "tag",
    [
        {},
        {"thing_id": 1, "product_id": 1},
        {"product_id": 1, "photo": 2},
        {"product_id": 1, "photo": -1},
        {"product_id": 1, "photo": 0, "x": 1},
        {"product_id": 1, "photo": 0, "x": 10_001, "y": 0},
        {"product_id": 1, "photo": 0, "x": -1, "y": 0},
        {"product_id": 1, "x": 1, "y": 1},
        {"product_id": 1, "from_ms": 0},
        {"product_id": 1, "photo": 0, "from_ms": 0},
    ],
)
def test_tag_without_a_place_that_its_post_has_is_refused(now: datetime, tag: dict[str, Any]) -> None:
    mei = make_person(now)
    product = goods.make_product(now)
    places: dict[str, Any] = {name: product.id if name == "product_id" else at for name, at in tag.items()}
    named = TagDraft(**places)
    taken = content.take_photos(2)

    refuses(
        errors.TagMalformed,
        lambda: operations.start_post(
            actor=Actor(mei.id), draft=PostDraft(PostKind.PHOTOS, "x", tags=(named,)), now=now, pictures=taken
        ),
    )


def test_what_one_may_not_know_of_is_not_tagged(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    private = things.make_thing(now)
    things.make_holding(now, lin, private)
    delisted = goods.make_product(now)
    with db.transaction():
        db.execute("UPDATE catalog_product SET is_listed = false WHERE id = %s", [delisted.id])

    for error, tag in (
        (ThingNotFound, TagDraft(thing_id=private.id)),
        (ProductNotFound, TagDraft(product_id=delisted.id)),
        (ProductNotFound, TagDraft(product_id=9_999)),
    ):
        refuses(
            error,
            start(now, mei, PostDraft(PostKind.PHOTOS, "x", tags=(tag,))),
        )


def test_tag_of_what_the_reader_may_not_know_of_is_not_shown(now: datetime) -> None:
    lin, mei = make_person(now), make_person(now)
    private = things.make_thing(now)
    things.make_holding(now, lin, private)
    post = content.make_post(now, lin, tags=(TagDraft(thing_id=private.id),))

    assert post_as(mei, post) is not None
    assert [tag.thing.id for tag in tags_as(lin, post)] == [private.id]
    assert tags_as(mei, post) == ()


def test_who_blocks_a_thing_sees_no_post_of_it(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    product = goods.make_product(now)
    post = content.make_post(now, mei, tags=(TagDraft(product_id=product.id),))
    (tag,) = tags_as(lin, post)

    social.block_subject(now, lin, Subject(SubjectKind.THING, tag.thing.id))

    assert post_as(lin, post) is None
    assert newest(lin) == []


def test_merged_thing_takes_its_posts_along(now: datetime) -> None:
    mei, lin, staff = make_person(now), make_person(now), make_person(now, is_staff=True)
    one, other = things.make_thing(now), things.make_thing(now)
    things.make_holding(now, mei, one, audience=PUBLIC)
    things.make_holding(now, mei, other, audience=PUBLIC)
    post = content.make_post(now, mei, tags=(TagDraft(thing_id=one.id),))
    draft = content.draft_post(now, mei, tags=(TagDraft(thing_id=one.id),))
    social.block_subject(now, lin, Subject(SubjectKind.THING, other.id))
    assert post_as(lin, post) is not None

    db.in_transaction(
        lambda: thing_operations.merge_things(
            actor=Actor(staff.id, is_staff=True), thing_id=one.id, into_id=other.id, now=now
        )
    )
    teams.settle_down(now)

    assert [tag.thing.id for tag in tags_as(mei, post)] == [other.id]
    assert (post_as(lin, post), post_as(None, draft)) == (None, None)
    assert [p.id for p in queries.list_by_thing(sight.get_viewer(None), [other.id]).items] == [post]


def test_topics_are_those_given_and_those_of_the_text_however_they_are_written(now: datetime) -> None:
    mei = make_person(now)
    one = content.make_post(now, mei, text="周末 #露营# 和 #Camping 去", topics=["CAMPING", "咖啡"])
    other = content.make_post(now, mei, text="又是 #camping")

    assert [topic.name for topic in queries.topics_by_post([one])[one]] == ["CAMPING", "咖啡", "露营"]
    topic = queries.find_topic("camping")
    assert topic is not None
    assert [p.id for p in queries.list_by_topic(sight.get_viewer(None), topic.id).items] == [other, one]
    for names, error in ((["两个 词"], errors.TopicMalformed), ([f"t{n}" for n in range(11)], errors.TooMany)):
        refuses(
            error,
            start(now, mei, PostDraft(PostKind.PHOTOS, "x", topics=tuple(names))),
        )


def test_article_is_clean_and_its_pictures_are_the_posts_own(now: datetime) -> None:
    mei = make_person(now)
    text = """# 标题

<script>alert(1)</script> **重** [链](https://example.org) [坏](javascript:alert(1))

![好图](1)
![别处](https://example.org/a.png)
![没有](2)
<img src=x onerror=alert(1)>
"""
    post = post_as(None, content.make_post(now, mei, kind=PostKind.ARTICLE, title="题", text=text, photos=1))

    assert post is not None
    assert '<img data-photo="1" alt="好图">' in post.html
    assert post.html.count("<img") == 1
    for bad in ("<script", 'href="javascript', "<img src", "<h1"):
        assert bad not in post.html
    assert '<a href="https://example.org" rel="nofollow ugc noopener noreferrer">' in post.html
    assert "<h2>标题</h2>" in post.html
    assert "<strong>重</strong>" in post.html


def test_posts_are_found_by_chinese_words_and_letters(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    camp = content.make_post(now, mei, title="露营水壶", text="轻,好看。Nalgene 的。")
    content.make_post(now, mei, text="水杯,壶也行", audience=ONLY_ME)
    content.draft_post(now, mei, text="水壶的草稿")

    def found(words: str) -> list[int]:
        return [post.id for post in queries.find_posts(sight.get_viewer(lin.id), words).items]

    assert (found("水壶"), found("营水"), found("nalg 露营"), found("壶水"), found("")) == (
        [camp],
        [camp],
        [camp],
        [],
        [],
    )


def test_what_was_said_stays_on_record(now: datetime) -> None:
    mei = make_person(now)
    post = content.make_post(now, mei, text="第一版")
    later = now + timedelta(hours=1)
    edit(later, mei, post, PostDraft(PostKind.PHOTOS, "第二版", audience=PUBLIC))

    seen = post_as(None, post)
    assert seen is not None
    assert (seen.text, seen.version, seen.edited_at) == ("第二版", 2, later)
    revisions = queries.list_revisions(sight.get_viewer(None), post)
    assert [(r.version, r.text, r.said_until) for r in revisions] == [(1, "第一版", later)]
    draft = content.draft_post(now, mei, text="草稿")
    edit(later, mei, draft, PostDraft(PostKind.PHOTOS, "新草稿"))
    assert queries.list_revisions(sight.get_viewer(mei.id), draft) == ()


def test_pictures_are_kept_in_the_order_that_is_named_and_the_rest_go(now: datetime) -> None:
    mei = make_person(now)
    post = content.make_post(now, mei, photos=3)
    mine = post_as(mei, post)
    assert mine is not None
    first, second, third = mine.photos

    edit(now, mei, post, PostDraft(PostKind.PHOTOS, "x", audience=PUBLIC),
         photos=[third.id, *content.take_photos(1), first.id])  # fmt: skip

    seen = post_as(None, post)
    assert seen is not None
    assert [seen.photos[0].id, seen.photos[2].id] == [third.id, first.id]
    assert len(seen.photos) == 3
    assert second.key not in [photo.key for photo in seen.photos]
    assert db.row("SELECT 1 FROM stored_file WHERE key = %s", [second.key]) is None
    refuses(
        errors.PhotoNotFound,
        lambda: operations.edit_post(
            actor=Actor(mei.id), post_id=post, draft=PostDraft(PostKind.PHOTOS, "x"), now=now, photos=[second.id]
        ),
    )
    refuses(
        errors.PostIncomplete,
        lambda: operations.edit_post(
            actor=Actor(mei.id), post_id=post, draft=PostDraft(PostKind.PHOTOS), now=now, photos=[]
        ),
    )


def test_removed_post_takes_everything_along_and_others_cannot_remove_it(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    post = content.make_post(
        now, mei, photos=1, topics=["露营"], tags=(TagDraft(product_id=goods.make_product(now).id),)
    )
    content.comment(now, lin, post)
    content.react(now, lin, post)
    passed_on = content.repost(now, lin, post)
    further = content.repost(now, mei, passed_on)
    seen = post_as(None, post)
    assert seen is not None
    refuses(errors.PostNotFound, lambda: operations.remove_post(actor=Actor(lin.id), post_id=post, now=now))

    db.in_transaction(lambda: operations.remove_post(actor=Actor(mei.id), post_id=post, now=now))

    assert newest(None) == []
    for table in ("post", "photo", "tag", "post_topic", "comment", "reaction", "revision"):
        assert db.row(f"SELECT count(*) FROM content_{table}") == (0,), table
    assert db.row("SELECT 1 FROM stored_file WHERE key = %s", [seen.photos[0].key]) is None
    assert {gone.post_id for gone in published(events.PostRemoved)} == {post, passed_on, further}  # type: ignore[attr-defined]


def test_repost_is_seen_by_whom_the_post_is_and_names_through_whom_it_came(now: datetime) -> None:
    mei, lin, wu, fan = (make_person(now) for _ in range(4))
    social.befriend(now, mei, lin)
    social.befriend(now, mei, wu)
    post = content.make_post(now, mei, audience=FRIENDS)
    first = content.repost(now, lin, post, text="看这个")
    second = content.repost(now, wu, first)

    assert post_as(fan, first) is None
    seen = post_as(wu, second)
    assert seen is not None
    assert (seen.origin_id, seen.via_id, seen.is_ad) == (post, first, False)
    assert [p.id for p in queries.list_reposts(sight.get_viewer(wu.id), post).items] == [second, first]
    assert queries.list_reposts(sight.get_viewer(fan.id), post).items == ()
    edit(now, mei, post, PostDraft(PostKind.PHOTOS, "只给自己", audience=ONLY_ME))
    assert [post_as(who, first) for who in (lin, wu, fan)] == [None] * 3
    refuses(
        errors.PostNotFound,
        lambda: operations.repost(actor=Actor(fan.id), post_id=post, audience=PUBLIC, now=now),
    )
    draft = content.draft_post(now, mei)
    refuses(
        errors.NotYetPublished,
        lambda: operations.repost(actor=Actor(mei.id), post_id=draft, audience=PUBLIC, now=now),
    )


def test_what_is_held_is_its_authors_alone_through_edits_until_it_is_let_go(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    post, draft = content.make_post(now, mei), content.draft_post(now, mei)
    passed_on = content.repost(now, lin, post)
    for held in (post, draft):
        db.in_transaction(partial(operations.hold_post, post_id=held, now=now))
    edit(now, mei, post, PostDraft(PostKind.PHOTOS, "改过了", audience=PUBLIC))
    content.publish(now, mei, draft)

    assert [post_as(lin, one) for one in (post, draft, passed_on)] == [None] * 3
    assert [post_as(mei, one) is not None for one in (post, draft)] == [True, True]

    for held in (post, draft):
        db.in_transaction(partial(operations.let_post_go, post_id=held, now=now))
    assert [post_as(lin, one) is not None for one in (post, draft, passed_on)] == [True] * 3


def test_draft_that_was_held_and_let_go_stays_a_draft(now: datetime) -> None:
    mei = make_person(now)
    draft = content.draft_post(now, mei)
    db.in_transaction(lambda: operations.hold_post(post_id=draft, now=now))
    db.in_transaction(lambda: operations.let_post_go(post_id=draft, now=now))

    assert post_as(None, draft) is None
    content.publish(now, mei, draft)
    assert post_as(None, draft) is not None


def test_series_is_read_in_the_order_of_publication(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    series = db.in_transaction(lambda: operations.make_series(actor=Actor(mei.id), title="相机入门", now=now))
    second = content.draft_post(now, mei, text="二", series_id=series)
    first = content.make_post(now, mei, text="一", series_id=series)
    content.publish(now + timedelta(hours=1), mei, second)

    assert [post.id for post in queries.list_by_series(sight.get_viewer(lin.id), series)] == [first, second]
    refuses(
        errors.SeriesNameTaken,
        lambda: operations.make_series(actor=Actor(mei.id), title="相机入门", now=now),
    )
    refuses(
        errors.SeriesNotFound,
        lambda: operations.start_post(
            actor=Actor(lin.id), draft=PostDraft(PostKind.PHOTOS, "x", series_id=series), now=now
        ),
    )
    refuses(errors.SeriesNotFound, lambda: operations.remove_series(actor=Actor(lin.id), series_id=series))
    db.in_transaction(lambda: operations.remove_series(actor=Actor(mei.id), series_id=series))
    assert queries.list_by_series(sight.get_viewer(lin.id), series) == ()
    assert set(newest(None)) == {first, second}


def test_picture_that_was_put_too_long_ago_is_sent_again(now: datetime) -> None:
    mei = make_person(now)
    taken = content.take_photos(1)
    with db.transaction():
        storage.discard([taken[0].key])

    refuses(
        storage.FileGone,
        lambda: operations.start_post(actor=Actor(mei.id), draft=PostDraft(PostKind.PHOTOS), now=now, pictures=taken),
    )


def test_bounds_are_told(now: datetime) -> None:
    mei = make_person(now)
    product = goods.make_product(now)
    one = TagDraft(product_id=product.id, photo=0)
    taken = content.take_photos(1)
    for draft, pictures, error, facts in (
        (PostDraft(PostKind.PHOTOS, "长" * 2_001), [], errors.TextMalformed, {"field": "text"}),
        (PostDraft(PostKind.PHOTOS, "x", "长" * 61), [], errors.TextMalformed, {"field": "title"}),
        (PostDraft(PostKind.PHOTOS, "x\x00"), [], errors.TextMalformed, {"field": "text"}),
        (PostDraft(PostKind.PHOTOS, "x", tags=(one,) * 6), taken, errors.TooMany, {"what": "tags_of_photo", "most": 5}),
        (PostDraft(PostKind.PHOTOS, "x", tags=(TagDraft(product_id=product.id),) * 21), [], errors.TooMany,
         {"what": "tags", "most": 20}),
        (PostDraft(PostKind.PHOTOS, "x"), taken * 19, errors.TooMany, {"what": "photos", "most": 18}),
    ):  # fmt: skip
        refuses(
            error,
            start(now, mei, draft, pictures),
            **facts,
        )
