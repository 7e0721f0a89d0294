"""Films of posts: seen as far as their posts are, tagged by moments, changed and gone with their files."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from tests.builders import content, goods, social, things
from tests.builders.alliance import published
from tests.builders.films import take_film
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.content import errors, events, operations, queries
from wuyou.domains.content.types import Filmed, Post, PostDraft, PostKind, TagDraft
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import operations as moderation
from wuyou.domains.moderation.types import Category, Verdict
from wuyou.infra import db, films, person_data, person_export, pictures, sight, storage
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FRIENDS, PUBLIC

pytestmark = pytest.mark.usefixtures("world")


def refuses(error: type[DomainError], act: Callable[[], object]) -> None:
    before = footprint()
    with pytest.raises(error):
        db.in_transaction(act)
    assert footprint() == before


def mine(author: Person, post_id: int) -> Post:
    return queries.get_post_for(sight.get_viewer(author.id), post_id)


def film_key(who: Person | None, post_id: int) -> str | None:
    try:
        return queries.get_film_for(sight.get_viewer(who.id if who else None), post_id)
    except errors.FilmNotFound:
        return None


def kept() -> set[str]:
    return {key for (key,) in db.rows("SELECT key FROM stored_file")}


def is_there(key: str) -> bool:
    try:
        films.open_part(key, films.FILM).close()
    except FileNotFoundError:
        return False
    return True


def set_film(now: datetime, author: Person, post_id: int, filmed: Filmed) -> Callable[[], None]:
    return partial(operations.set_film, actor=Actor(author.id), post_id=post_id, filmed=filmed, now=now)


def test_video_is_published_with_its_film_and_tags_at_moments(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    product = goods.make_product(now)
    thing = things.make_holding(now, mei, things.make_thing(now), audience=PUBLIC).thing
    filmed = content.take_filmed(2.0)
    assert filmed.film is not None

    post = content.make_post(
        now,
        mei,
        kind=PostKind.VIDEO,
        filmed=filmed,
        tags=[TagDraft(product_id=product.id, from_ms=500, until_ms=1_500), TagDraft(thing_id=thing.id)],
    )

    seen = mine(lin, post)
    assert seen.video is not None
    assert (seen.video.key, seen.video.duration_ms, seen.photos) == (filmed.film.key, filmed.film.duration_ms, ())
    assert (seen.video.width, seen.video.height, seen.video.poster.key) == (160, 120, filmed.poster.key)
    assert [
        (tag.product_id, tag.from_ms, tag.until_ms)
        for tag in queries.tags_by_post(sight.get_viewer(lin.id), [post])[post]
    ] == [
        (product.id, 500, 1_500),
        (None, None, None),
    ]
    assert seen.is_ad


def test_film_is_seen_by_who_sees_its_post(now: datetime) -> None:
    mei, friend, lin = (make_person(now) for _ in range(3))
    social.befriend(now, mei, friend)
    draft = content.draft_post(now, mei, kind=PostKind.VIDEO, filmed=content.take_filmed(), audience=FRIENDS)
    everyone = (mei, friend, lin, None)

    assert [film_key(who, draft) is not None for who in everyone] == [True, False, False, False]
    content.publish(now, mei, draft)
    assert [film_key(who, draft) is not None for who in everyone] == [True, True, False, False]
    social.block(now, mei, friend)
    assert [film_key(who, draft) is not None for who in everyone] == [True, False, False, False]


def test_film_of_what_is_under_review_is_its_authors(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    post = content.make_video(now, mei)
    db.in_transaction(lambda: operations.hold_post(post_id=post, now=now))
    assert (film_key(mei, post) is not None, film_key(lin, post), film_key(None, post)) == (True, None, None)


def test_only_a_video_has_a_film_and_no_other_pictures(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    filmed = content.take_filmed()
    picture = pictures.take_in(make_photo(seed=9))
    photos, video = content.draft_post(now, mei, photos=1), content.make_video(now, mei)
    start = partial(operations.start_post, actor=Actor(mei.id), now=now)

    for kind, taken in ((PostKind.PHOTOS, ()), (PostKind.ARTICLE, ()), (PostKind.VIDEO, (picture,))):
        refuses(errors.FilmMisplaced, partial(start, draft=PostDraft(kind, "好"), pictures=taken, filmed=filmed))
    refuses(errors.FilmMisplaced, set_film(now, mei, photos, filmed))
    refuses(
        errors.FilmMisplaced,
        lambda: operations.add_photos(actor=Actor(mei.id), post_id=video, pictures=[picture], now=now),
    )
    refuses(errors.PostNotFound, set_film(now, lin, video, filmed))
    passed_on = content.repost(now, lin, video)
    refuses(errors.FilmMisplaced, set_film(now, lin, passed_on, filmed))
    empty = content.draft_post(now, mei, kind=PostKind.VIDEO)
    refuses(errors.FilmNotFound, set_film(now, mei, empty, replace(filmed, film=None)))
    refuses(errors.PostIncomplete, lambda: operations.publish_post(actor=Actor(mei.id), post_id=empty, now=now))


def test_tag_comes_into_view_before_the_film_is_over(now: datetime) -> None:
    mei, product = make_person(now), goods.make_product(now)
    filmed = content.take_filmed(2.0)
    assert filmed.film is not None
    length = filmed.film.duration_ms

    def draft(from_ms: int | None, until_ms: int | None) -> PostDraft:
        return PostDraft(PostKind.VIDEO, tags=(TagDraft(product_id=product.id, from_ms=from_ms, until_ms=until_ms),))

    start = partial(operations.start_post, actor=Actor(mei.id), now=now, filmed=filmed)
    for wrong in ((length, None), (length + 1, length + 2), (500, 500), (500, 400), (None, 400)):
        refuses(errors.TagMalformed, partial(start, draft=draft(*wrong)))
    post = db.in_transaction(partial(start, draft=draft(length - 1, length + 500)))
    refuses(
        errors.TagMalformed,
        lambda: operations.edit_post(actor=Actor(mei.id), post_id=post, draft=draft(length, None), now=now),
    )
    # A shorter film would be over before.
    refuses(errors.TagMalformed, set_film(now, mei, post, Filmed(filmed.poster, take_film(1.0, seed=3))))


def test_another_film_takes_the_place_and_the_files_of_the_first_go(now: datetime) -> None:
    mei = make_person(now)
    post = content.make_video(now, mei)
    first = mine(mei, post).video
    later = now + timedelta(hours=1)
    other = content.take_filmed(1.0, seed=5)
    assert first is not None
    assert other.film is not None

    db.in_transaction(set_film(later, mei, post, other))

    seen = mine(mei, post)
    assert seen.video is not None
    assert (seen.video.key, seen.video.poster.key, seen.edited_at) == (other.film.key, other.poster.key, later)
    assert published(events.PostChanged) == [events.PostChanged(post, mei.id, later)]
    assert kept().isdisjoint({first.key, first.poster.key})
    storage.remove_discarded(utc_now() + timedelta(days=1))
    assert (is_there(first.key), is_there(other.film.key)) == (False, True)


def test_another_picture_leaves_the_film_as_it_is(now: datetime) -> None:
    mei = make_person(now)
    post = content.make_video(now, mei)
    first = mine(mei, post).video
    assert first is not None
    picture = pictures.take_in(make_photo(seed=7))

    db.in_transaction(
        lambda: operations.edit_post(
            actor=Actor(mei.id), post_id=post, draft=PostDraft(PostKind.VIDEO, "新封面", audience=PUBLIC), now=now,
            filmed=Filmed(picture),
        )
    )  # fmt: skip

    seen = mine(mei, post)
    assert seen.video is not None
    assert (seen.video.key, seen.video.poster.key, seen.text) == (first.key, picture.key, "新封面")
    assert first.poster.key not in kept()


def test_words_are_edited_without_touching_the_film(now: datetime) -> None:
    mei = make_person(now)
    post = content.make_video(now, mei)
    before = mine(mei, post).video
    db.in_transaction(
        lambda: operations.edit_post(
            actor=Actor(mei.id), post_id=post, draft=PostDraft(PostKind.VIDEO, "改了", audience=PUBLIC), now=now
        )
    )
    assert mine(mei, post).video == before


def test_film_that_was_put_too_long_ago_is_gone_and_changes_nothing(now: datetime) -> None:
    mei = make_person(now)
    filmed = content.take_filmed()
    assert filmed.film is not None
    key = filmed.film.key
    db.in_transaction(lambda: storage.discard([key]))
    start = partial(operations.start_post, actor=Actor(mei.id), now=now, filmed=filmed)
    refuses(storage.FileGone, partial(start, draft=PostDraft(PostKind.VIDEO)))


def test_film_that_no_post_came_for_is_swept_and_one_that_is_shown_stays(now: datetime) -> None:
    mei = make_person(now)
    waiting, post = take_film(1.0), content.make_video(now, mei)
    key = film_key(mei, post)
    db.execute("UPDATE stored_file SET stored_at = stored_at - interval '2 days', kept_at = NULL")
    storage.discard_orphans(utc_now())
    storage.remove_discarded(utc_now() + timedelta(days=1))
    assert (is_there(waiting.key), is_there(key or "")) == (False, True)


def test_film_goes_with_its_post_and_with_its_person(now: datetime) -> None:
    mei = make_person(now)
    gone, left = content.make_video(now, mei), content.make_video(now, mei, seconds=1.0)
    keys = [film_key(mei, post) or "" for post in (gone, left)]
    db.in_transaction(lambda: operations.remove_post(actor=Actor(mei.id), post_id=gone, now=now))
    storage.remove_discarded(utc_now() + timedelta(days=1))
    assert [is_there(key) for key in keys] == [False, True]

    db.in_transaction(lambda: person_data.erase_everywhere(person_id=mei.id, texts=[], now=now))
    storage.remove_discarded(utc_now() + timedelta(days=1))
    assert [is_there(key) for key in keys] == [False, False]
    assert db.rows("SELECT 1 FROM content_video") == []


def test_export_holds_ones_films_and_nobody_elses(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    mine_id, theirs = content.make_video(now, mei), content.make_video(now, lin, seconds=1.0)
    key = film_key(mei, mine_id) or ""
    into = io.BytesIO()

    person_export.write(mei.id, lambda person_id, people: {}, into, now)

    with zipfile.ZipFile(into) as archive:
        films_kept = [name for name in archive.namelist() if name.endswith(".mp4")]
        assert films_kept == [f"media/{key}.mp4"]
        with films.open_part(key, films.FILM) as film:
            assert archive.read(films_kept[0]) == film.read()
        (post,) = json.loads(archive.read("content/posts.json"))
        assert (post["film"], len(post["photos"])) == (key, 1)
    assert (film_key(lin, theirs) or "") not in str(into.getvalue())


def test_picture_that_stands_for_a_film_is_held_against_the_rules(now: datetime) -> None:
    mei, lin, staff = make_person(now), make_person(now), make_person(now, is_staff=True)
    shown, other = content.take_filmed(1.0, seed=2), content.take_filmed(1.0, seed=4)
    db.in_transaction(
        lambda: moderation.add_picture_rule(
            actor=Actor(staff.id, is_staff=True), phash=other.poster.phash, verdict=Verdict.HOLD,
            category=Category.RIGHTS, note="", now=now,
        )
    )  # fmt: skip
    fine = content.make_post(now, mei, kind=PostKind.VIDEO, filmed=shown)
    held = content.make_post(now, mei, kind=PostKind.VIDEO, filmed=content.take_filmed(1.0, seed=4))
    assert (film_key(lin, fine) is not None, film_key(lin, held)) == (True, None)

    db.in_transaction(set_film(now, mei, fine, other))

    assert (film_key(lin, fine), film_key(mei, fine) is not None) == (None, True)
