"""Films over the API: given to a video, tagged by moments, refused whole."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django.fixtures import Settings

from tests.builders import content, goods
from tests.builders.films import make_film, usual_film
from tests.builders.pictures import make_photo
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import everything
from wuyou.domains.content.types import PostKind
from wuyou.kernel.clock import utc_now

NOBODY = ApiClient()
EVERYONE = {"to": {"everyone": True}}
pytestmark = pytest.mark.usefixtures("world")


def file(content: bytes, name: str = "film.mp4") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "video/mp4")


def test_video_is_written_filmed_tagged_published_and_played() -> None:
    mei, product = new_client(), goods.make_product(utc_now())
    said = {
        "kind": "VIDEO", "title": "一分钟看完", "audience": EVERYONE,
        "tags": [{"product_id": product.id, "from_ms": 2_000, "until_ms": 4_500}],
    }  # fmt: skip
    one = f"/posts/{mei.post('/posts', said).ok()['id']}"
    assert mei.post(f"{one}/publication", {}).code == "content.post_incomplete"

    given = mei.send_form(f"{one}/film", {"film": file(usual_film(9.0)), "poster_ms": "4000"}).ok()
    mei.post(f"{one}/publication", {}).ok()

    for line in (given, NOBODY.get(one).ok()):
        film = line["film"]
        assert (film["width"], film["height"], film["poster"]["width"]) == (160, 120, 160)
        assert abs(film["duration_ms"] - 9_000) < 100
        assert (film["url"], film["stream_url"]) == (f"{one}/film/film.mp4", f"{one}/film/stream.m3u8")
        assert [(tag["from_ms"], tag["until_ms"]) for tag in line["tags"]] == [(2_000, 4_500)]
        assert line["photos"] == []
        assert sum(len(block) for block in NOBODY.http.get(film["url"]).streaming_content) == film["size_bytes"]


def test_picture_that_is_sent_stands_for_the_film() -> None:
    mei = new_client()
    one = f"/posts/{mei.post('/posts', {'kind': 'VIDEO'}).ok()['id']}"
    given = mei.send_form(
        f"{one}/film", {"film": file(usual_film(1.0)), "poster": file(make_photo(320, 320), "p.jpg")}
    ).ok()
    assert (given["film"]["poster"]["width"], given["film"]["poster"]["height"]) == (320, 320)
    assert given["film"]["stream_url"] is None
    again = mei.send_form(f"{one}/film", {"film": file(usual_film(2.0))}).ok()
    assert abs(again["film"]["duration_ms"] - 2_000) < 100
    assert again["film"]["poster"]["width"] == 160
    other = mei.send_form(f"{one}/film", {"poster_ms": "1900"}).ok()["film"]
    assert other["poster"]["id"] != again["film"]["poster"]["id"]
    assert {**other, "poster": None} == {**again["film"], "poster": None}


def test_film_that_is_refused_changes_nothing(settings: Settings) -> None:
    mei, lin = new_client(), new_client()
    video = f"/posts/{content.make_video(utc_now(), mei.person)}/film"
    photos = f"/posts/{content.make_post(utc_now(), mei.person, photos=1)}/film"
    draft = f"/posts/{content.draft_post(utc_now(), mei.person)}/film"
    empty = f"/posts/{content.draft_post(utc_now(), mei.person, kind=PostKind.VIDEO)}/film"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    settings.FILM_MAX_SECONDS = 5
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "GIF")
    before = everything()
    for client, path, fields, code in (
        (mei, video, {"film": file(svg)}, "films.unreadable"),
        (mei, video, {"film": file(usual_film(9.0))}, "films.too_long"),
        (mei, video, {"film": file(make_film(1, codec="mpeg4"))}, "films.unplayable"),
        (mei, video, {"film": file(usual_film(1.0)), "poster": file(picture.getvalue())}, "pictures.unreadable"),
        (mei, video, {"film": file(usual_film(1.0)), "poster_ms": "-1"}, "surface.form_malformed"),
        (mei, empty, {"poster_ms": "1"}, "content.film_not_found"),
        (mei, empty, {"poster": file(make_photo(), "p.jpg")}, "content.film_not_found"),
        (mei, photos, {"film": file(usual_film(1.0))}, "content.film_misplaced"),
        (mei, draft, {"film": file(usual_film(1.0))}, "content.film_misplaced"),
        (lin, video, {"film": file(usual_film(1.0))}, "content.post_not_found"),
        (NOBODY, video, {"film": file(usual_film(1.0))}, "surface.sign_in_first"),
    ):
        answer = client.send_form(path, fields)
        assert answer.code == code, (path, fields, answer)
    settings.FILM_MAX_BYTES = 100
    assert mei.send_form(video, {"film": file(usual_film(1.0))}).code == "films.too_large"
    assert everything() == before
