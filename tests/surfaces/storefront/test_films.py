"""Films over HTTP: by parts, for whom the post is open to at that moment, and as what they are."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.builders import content, goods, social
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import browser
from wuyou.domains.content import queries
from wuyou.domains.content.types import TagDraft
from wuyou.domains.identity.types import Person
from wuyou.infra import films, sight
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS
from wuyou.surfaces.ui import ranges

pytestmark = pytest.mark.usefixtures("world")

PAGE, PART = 10, 1


def bytes_of(post_id: int, author: Person, name: str = films.FILM) -> bytes:
    with films.open_part(queries.get_film_for(sight.get_viewer(author.id), post_id), name) as file:
        return file.read()


def get(client: Client, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    answer = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    body = answer.getvalue()
    return answer.status_code, body, dict(answer.items())


@pytest.fixture
def author(world: None) -> Person:
    return make_person(utc_now(), "Mei")


def test_whole_film_is_sent_as_what_it_is(author: Person) -> None:
    post = content.make_video(utc_now(), author)
    whole = bytes_of(post, author)

    status, body, headers = get(browser(), f"/posts/{post}/film/film.mp4")

    assert (status, body) == (200, whole)
    said = {
        "Content-Type": "video/mp4",
        "Content-Length": str(len(whole)),
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie, Accept-Language",
        "Content-Security-Policy": "default-src 'none'; media-src 'self'",
    }
    assert headers | said == headers
    assert get(browser(), f"/posts/{post}/film/film.mp4", If_None_Match=headers["ETag"])[:2] == (304, b"")
    head = browser().head(f"/posts/{post}/film/film.mp4", headers={"Range": "bytes=0-9"})
    assert (head.status_code, head["Content-Length"]) == (200, str(len(whole)))


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-", 0, None), ("bytes=0-0", 0, 1), ("bytes=10-99", 10, 100), ("bytes=-7", -7, None),
        ("bytes=500-", 500, None), ("bytes=10-999999999", 10, None), ("bytes=-999999999", 0, None),
    ],
)  # fmt: skip
def test_part_is_sent_as_it_was_asked_for(author: Person, asked: str, first: int, end: int | None) -> None:
    post = content.make_video(utc_now(), author)
    whole = bytes_of(post, author)
    begins = first if first >= 0 else len(whole) + first
    expected = whole[begins : len(whole) if end is None else end]

    status, body, headers = get(browser(), f"/posts/{post}/film/film.mp4", Range=asked)

    assert (status, body) == (206, expected)
    assert headers["Content-Range"] == f"bytes {begins}-{begins + len(expected) - 1}/{len(whole)}"
    assert headers["Content-Length"] == str(len(expected))


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=999999999-9999999999", "bytes=-0"])
def test_part_that_is_not_there_is_said_to_be_none(author: Person, asked: str) -> None:
    post = content.make_video(utc_now(), author)
    status, body, headers = get(browser(), f"/posts/{post}/film/film.mp4", Range=asked)
    assert (status, body, headers["Content-Range"]) == (416, b"", f"bytes */{len(bytes_of(post, author))}")


@pytest.mark.parametrize(
    "asked", ["bytes=9-1", "bytes=-", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b", f"bytes={'9' * 40}-"]
)
def test_what_is_no_range_gets_the_whole(author: Person, asked: str) -> None:
    post = content.make_video(utc_now(), author)
    assert get(browser(), f"/posts/{post}/film/film.mp4", Range=asked)[0] == 200


def test_part_of_another_film_is_not_mixed_with_the_one_that_was_begun(author: Person) -> None:
    post = content.make_video(utc_now(), author)
    path = f"/posts/{post}/film/film.mp4"
    tag = get(browser(), path)[2]["ETag"]
    assert get(browser(), path, Range="bytes=5-9", If_Range=tag)[0] == 206
    assert get(browser(), path, Range="bytes=5-9", If_Range='"another"')[0] == 200


def test_open_end_is_answered_by_parts_that_make_the_whole(author: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "MOST_BYTES", 1_000)
    post = content.make_video(utc_now(), author)
    whole, got, client = bytes_of(post, author), b"", browser()
    while len(got) < len(whole):
        status, body, _ = get(client, f"/posts/{post}/film/film.mp4", Range=f"bytes={len(got)}-")
        assert (status, 0 < len(body) <= 1_000) == (206, True)
        got += body
    assert got == whole


def test_pieces_are_served_like_the_whole_and_only_what_is_there(author: Person) -> None:
    post = content.make_video(utc_now(), author, seconds=9.0)
    client = browser()
    for name, media_type in (
        ("stream.m3u8", "application/vnd.apple.mpegurl"), ("head.mp4", "video/mp4"), ("0.m4s", "video/mp4"),
    ):  # fmt: skip
        status, body, headers = get(client, f"/posts/{post}/film/{name}")
        assert (status, body, headers["Content-Type"]) == (200, bytes_of(post, author, name), media_type)
    for name in ("99.m4s", "film.mp4.bak", "..", "frame.jpg"):
        assert client.get(f"/posts/{post}/film/{name}").status_code == 404
    short = content.make_video(utc_now(), author)
    assert client.get(f"/posts/{short}/film/stream.m3u8").status_code == 404


def test_every_part_is_for_whom_the_post_is_open_to_now(author: Person) -> None:
    now = utc_now()
    friend, lin = make_person(now), make_person(now)
    social.befriend(now, author, friend)
    post = content.make_video(now, author, seconds=9.0, audience=FRIENDS)
    names = ("film.mp4", "stream.m3u8", "head.mp4", "0.m4s")

    def statuses(who: Person | None, post_id: int = post) -> set[int]:
        return {get(browser(who), f"/posts/{post_id}/film/{name}", Range="bytes=0-9")[0] for name in names}

    assert (statuses(author), statuses(friend)) == ({206}, {206})
    assert (statuses(lin), statuses(None)) == ({404}, {404})
    # What one may not see answers like what is not there.
    hidden, missing = (browser(lin).get(f"/posts/{one}/film/film.mp4") for one in (post, 999_999))
    assert (hidden.status_code, missing.status_code) == (404, 404)
    tag = get(browser(friend), f"/posts/{post}/film/film.mp4")[2]["ETag"]
    social.block(now, author, friend)
    assert statuses(friend) == {404}
    assert get(browser(friend), f"/posts/{post}/film/film.mp4", If_None_Match=tag)[0] == 404


@pytest.mark.parametrize("seconds", [1.0, 9.0])
def test_page_and_part_cost_the_same_for_every_film(
    author: Person, django_assert_num_queries: DjangoAssertNumQueries, seconds: float
) -> None:
    now = utc_now()
    product = goods.make_product(now)
    tags = [TagDraft(product_id=product.id, from_ms=at) for at in (100, 300, 500)]
    post = content.make_video(now, author, seconds=seconds, tags=tags)
    client = browser()
    client.get(f"/posts/{post}")
    with django_assert_num_queries(PAGE):
        page = client.get(f"/posts/{post}").content.decode()
    assert page.count('film__pill"') == 3
    with django_assert_num_queries(PART):
        client.get(f"/posts/{post}/film/film.mp4", headers={"Range": "bytes=0-9"}).getvalue()
