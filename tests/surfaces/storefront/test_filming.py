"""Writing a video: its film is kept from step to step, its picture chosen, and what is in view said in seconds."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from tests.builders import content
from tests.builders.films import make_film, usual_film
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.content import queries
from wuyou.domains.content.types import Post, PostKind, PostState, TagDraft
from wuyou.domains.identity.types import Person
from wuyou.infra import sight
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS
from wuyou.surfaces.storefront.viewmodels import films

PATH = "/posts/new?kind=video"
EVERYONE = {"audience": "everyone"}
FIELDS = ("film", "poster", "poster_at", "tag", "tag_from", "tag_until", "tag_words")


def named(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("film.mp4", content, "video/mp4")


def film(seconds: float = 2.0) -> SimpleUploadedFile:
    return named(usual_film(seconds))


def sends(page: str) -> dict[str, list[str]]:
    """What the fields of the form hold."""
    form = page.partition('id="compose"')[2].partition("</form>")[0]
    found = {name: re.findall(rf'name="{name}" value="([^"]*)"', form) for name in FIELDS}
    return {name: values for name, values in found.items() if values}


def press(client: Client, path: str = PATH, **sent: object) -> str:
    return client.post(path, {**key(), **EVERYONE, **sent}).content.decode()


def own(author: Person) -> list[Post]:
    viewer = sight.get_viewer(author.id)
    return [*queries.list_unpublished(author.id), *queries.list_of_owner(viewer, author.id).items]


@pytest.fixture
def committed_market(committed: Market) -> Market:
    """Films are put outside of transactions."""
    return committed


def test_film_is_kept_from_step_to_step_and_published_with_its_moments(committed_market: Market) -> None:
    mei, product = make_person(utc_now(), "Mei"), committed_market.product
    client = browser(mei)
    page = press(client, title="一分钟", film_file=film())
    first = sends(page)
    assert (len(first["film"]), len(first["poster"]), own(mei)) == (1, 1, [])
    page = press(client, title="一分钟", **sends(page), add=f"product:{product.id}")
    assert sends(page)["film"] == first["film"]
    timed = {**sends(page), "tag_from": ["0.5"], "tag_until": ["0:01.5"], "tag_words": ["就是它"]}
    page = press(client, title="一分钟", **timed, find="没有的", do="find")
    assert (sends(page)["tag_from"], sends(page)["tag_until"]) == (["0.5"], ["0:01.5"])
    page = press(client, title="一分钟", **{**sends(page), "poster_at": ["1.5"]}, do="moment")
    assert sends(page)["poster"] != first["poster"]
    token = sends(page)["film"][0]
    waiting = client.get("/posts/films/waiting", {"film": token}, headers={"Range": "bytes=0-99"})
    assert (waiting.status_code, len(waiting.getvalue())) == (206, 100)

    press(client, title="一分钟", **sends(page), do="publish")

    (post,) = own(mei)
    assert (post.kind, post.title, post.state) == (PostKind.VIDEO, "一分钟", PostState.PUBLISHED)
    assert post.video is not None
    (tag,) = queries.tags_by_post(sight.get_viewer(mei.id), [post.id])[post.id]
    assert (tag.product_id, tag.from_ms, tag.until_ms, tag.words) == (product.id, 500, 1_500, "就是它")
    shown = client.get(f"/posts/{post.id}").content.decode()
    assert f'src="/posts/{post.id}/film/film.mp4"' in shown
    assert re.search(r'<li data-from="500" data-until="1500" hidden><a class="film__pill"', shown)
    assert f'href="/posts/{post.id}/film/film.mp4#t=0" data-seek="500"' in shown
    card = client.get("/posts").content.decode().partition(f'href="/posts/{post.id}"')[2].partition("</article>")[0]
    assert films.clock(post.video.duration_ms) in card


def test_picture_of_ones_own_stands_for_the_film(committed_market: Market) -> None:
    mei = make_person(utc_now())
    client = browser(mei)
    page = press(client, film_file=film())
    own_picture = SimpleUploadedFile("p.jpg", make_photo(300, 400), "image/jpeg")
    page = press(client, **sends(page), poster_file=own_picture)
    press(client, **sends(page), do="publish")
    (post,) = own(mei)
    assert post.video is not None
    assert (post.video.poster.width, post.video.poster.height) == (300, 400)


def test_published_film_is_exchanged_and_its_words_edited_alone(committed_market: Market) -> None:
    now = utc_now()
    mei, product = make_person(now), committed_market.product
    tags = [TagDraft(product_id=product.id, from_ms=250, until_ms=1_000)]
    post_id = content.make_video(now, mei, tags=tags)
    client, path = browser(mei), f"/posts/{post_id}/edit"
    before = sends(client.get(path).content.decode())
    assert (before["film"], before["tag_from"], before["tag_until"]) == (["film"], ["0.25"], ["1"])

    press(client, path, **before, text="改了", do="save")
    (same,) = own(mei)
    page = press(client, path, **before, film_file=film(1.0))
    press(client, path, **sends(page), text="换了", do="save")
    (other,) = own(mei)

    assert same.video is not None
    assert other.video is not None
    assert (same.text, other.text, other.video.key == same.video.key) == ("改了", "换了", False)
    assert [
        (tag.from_ms, tag.until_ms) for tag in queries.tags_by_post(sight.get_viewer(mei.id), [other.id])[other.id]
    ] == [(250, 1_000)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"film_file": named(b"<svg><script>alert(1)</script></svg>")},
            "to its end",
        ),
        ({"film_file": named(b"<!doctype html>" * 99)}, "to its end"),
        ({"film_file": named(make_film(1, codec="mpeg4"))}, "cannot play"),
        ({"film_file": film(9.0)}, "too long"),
        ({"tag_from": "99", "do": "publish"}, "a moment of the video"),
        ({"tag_from": "1", "tag_until": "0.5", "do": "publish"}, "a moment of the video"),
        ({"tag_from": "soon", "do": "publish"}, ""),
        ({"tag_until": "-1", "do": "publish"}, ""),
        ({"poster_at": "x", "do": "moment"}, ""),
        ({"poster_file": SimpleUploadedFile("x.jpg", b"GIF89a", "image/jpeg")}, "cannot read this picture"),
    ],
)
def test_refused_video_keeps_its_film_and_what_was_written(
    committed_market: Market, settings: Settings, wrong: dict[str, object], said: str
) -> None:
    settings.FILM_MAX_SECONDS = 5
    client = browser(make_person(utc_now()))
    page = press(client, title="写了很久", film_file=film())
    page = press(client, title="写了很久", **sends(page), add=f"product:{committed_market.product.id}")
    kept = sends(page)
    for each in wrong.values():
        if isinstance(each, SimpleUploadedFile):
            each.seek(0)
    before = footprint()

    answer = client.post(PATH, {**key(), **EVERYONE, "title": "写了很久", **kept, **wrong})

    assert answer.status_code == 422
    shown = answer.content.decode()
    assert (sends(shown)["film"], sends(shown)["poster"], sends(shown)["tag"]) == (
        kept["film"], kept["poster"], kept["tag"],
    )  # fmt: skip
    assert "写了很久" in shown
    assert 'role="alert"' in shown
    assert said in shown
    assert footprint() == before


def test_film_is_nobody_elses_to_use_or_to_look_at(committed_market: Market) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    kept = sends(press(browser(mei), film_file=film()))
    theirs = content.make_video(now, mei, audience=FRIENDS)
    reader = browser(lin)
    before = footprint()
    for sent in (
        {**kept, "do": "publish"},
        {**kept, "film": "forged", "do": "publish"},
        {"film": "film", "poster": "p1", "do": "publish"},
        {**kept, "poster": kept["film"], "do": "publish"},
    ):
        assert reader.post(PATH, {**key(), **EVERYONE, **sent}).status_code == 422
    assert reader.get("/posts/films/waiting", {"film": kept["film"][0]}).status_code == 422
    assert browser().get("/posts/films/waiting", {"film": kept["film"][0]}).status_code == 302
    assert reader.get(f"/posts/{theirs}/film/film.mp4").status_code == 404
    assert reader.post("/posts/new?kind=photos", {**key(), **EVERYONE, "film_file": film()}).status_code == 422
    assert footprint() == before


def test_video_without_a_film_stays_a_draft(committed_market: Market) -> None:
    mei = make_person(utc_now())
    client = browser(mei)
    assert client.post(PATH, {**key(), **EVERYONE, "text": "还没拍", "do": "publish"}).status_code == 422
    press(client, text="还没拍", do="draft")
    (draft,) = own(mei)
    page = client.get(f"/posts/{draft.id}/edit").content.decode()
    assert 'name="film_file"' in page
    page = press(client, f"/posts/{draft.id}/edit", text="拍好了", film_file=film())
    press(client, f"/posts/{draft.id}/edit", text="拍好了", **sends(page), do="publish")
    (post,) = own(mei)
    assert (post.text, post.video is not None, post.published_at is not None) == ("拍好了", True, True)
