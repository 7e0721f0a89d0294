"""Posts over the API: written, published, answered, kept and passed on, for whom they are open to and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import content, goods, social, things
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import everything
from wuyou.domains.content.types import TagDraft
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS, PUBLIC

NOBODY = ApiClient()
EVERYONE = {"to": {"everyone": True}}


@pytest.fixture
def mei(db: None) -> ApiClient:
    return new_client()


def _items(reader: ApiClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.get(path).ok()["items"]
    return found


def test_a_post_is_written_published_and_read_by_whom_it_is_open_to(mei: ApiClient) -> None:
    lin, product = new_client(), goods.make_product(utc_now())
    said = {
        "title": "山里的早餐", "text": "水很甜 #露营", "tags": [{"product_id": product.id, "words": "就是它"}],
        "audience": EVERYONE,
    }  # fmt: skip
    first = mei.post("/posts", said, key="post-1")
    assert (first.status, mei.post("/posts", said, key="post-1").body) == (201, first.body)
    one = f"/posts/{first.body['id']}"
    assert (first.body["state"], lin.get(one).code, _items(mei, "/posts/drafts")[0]["id"]) == (
        "DRAFT", "content.post_not_found", first.body["id"],
    )  # fmt: skip

    out = mei.post(f"{one}/publication", {}).ok()

    assert (out["state"], out["is_ad"], out["topics"]) == ("PUBLISHED", True, ["露营"])
    for reader in (lin, NOBODY):
        for path in ("/posts", "/posts?q=山里", "/topics?name=露营", f"/people/{mei.person.id}/posts"):
            (line,) = _items(reader, path)
            assert (line["title"], line["audience"], line["tags"][0]["product_id"]) == ("山里的早餐", None, product.id)
    edited = mei.put(one, {**said, "text": "风很大"}).ok()
    assert (edited["text"], edited["audience"]["to"]["everyone"]) == ("风很大", True)
    assert [each["text"] for each in _items(NOBODY, f"{one}/revisions")] == ["水很甜 #露营"]
    social.block(utc_now(), lin.person, mei.person)
    assert (lin.get(one).status, NOBODY.get(one).status) == (404, 200)
    assert mei.ask("DELETE", one).status == 204
    assert NOBODY.get(one).code == "content.post_not_found"


def test_a_post_is_scheduled_and_a_draft_again(mei: ApiClient) -> None:
    one = f"/posts/{mei.post('/posts', {'text': '后天'}).ok()['id']}"
    at = (utc_now() + timedelta(days=2)).isoformat()
    assert mei.post(f"{one}/publication", {"at": at}).ok()["state"] == "SCHEDULED"
    assert mei.post(f"{one}/draft").ok()["state"] == "DRAFT"
    past = mei.post(f"{one}/publication", {"at": "2020-01-01T00:00:00Z"})
    assert past.code == "content.not_in_future"


def test_comments_reactions_thanks_and_what_one_saves(mei: ApiClient) -> None:
    lin = new_client()
    one = f"/posts/{content.make_post(utc_now(), mei.person)}"
    asked = lin.post(f"{one}/comments", {"text": "在哪里买的?"}).ok()
    mei.post(f"{one}/comments", {"text": "山下", "answers_id": asked["id"]}).ok()
    (thread,) = _items(NOBODY, f"{one}/comments")
    assert (thread["comment"]["text"], [each["text"] for each in thread["answers"]]) == ("在哪里买的?", ["山下"])
    assert lin.put(f"/comments/{asked['id']}", {"text": "哪里有卖?"}).ok()["edited_at"] is not None
    for path, body in (("reaction", [{"kind": "USEFUL"}]), ("thanks", [{}]), ("save", [])):
        assert lin.ask("PUT", f"{one}/{path}", *body).status == 204
    response = lin.get(one).ok()["response"]
    assert response == {
        "reaction_count": 1, "comment_count": 2, "repost_count": 0, "my_reaction": "USEFUL", "is_saved": True,
    }  # fmt: skip
    assert [(each["person"]["id"], each["kind"]) for each in _items(mei, f"{one}/reactions")] == [
        (lin.person.id, "USEFUL")
    ]
    assert (len(_items(lin, "/posts/saved")), len(_items(mei, "/posts/saved"))) == (1, 0)
    for path in ("reaction", "thanks", "save"):
        assert lin.ask("DELETE", f"{one}/{path}").status == 204
    assert lin.get(one).ok()["response"]["my_reaction"] is None
    assert mei.ask("DELETE", f"/comments/{asked['id']}").status == 204
    assert _items(NOBODY, f"{one}/comments") == []


def test_a_repost_is_seen_by_whom_both_are_open_to(mei: ApiClient) -> None:
    lin, friend = new_client(), new_client()
    social.befriend(utc_now(), mei.person, lin.person)
    one = content.make_post(utc_now(), mei.person, audience=FRIENDS)
    passed = lin.post(f"/posts/{one}/reposts", {"text": "看", "audience": EVERYONE}).ok()
    assert passed["origin_id"] == one
    assert [each["id"] for each in _items(mei, f"/posts/{one}/reposts")] == [passed["id"]]
    assert friend.get(f"/posts/{passed['id']}").code == "content.post_not_found"


def test_a_series_is_made_read_renamed_and_taken_apart(mei: ApiClient) -> None:
    series = mei.post("/series", {"title": "装修日记"}).ok()
    one = f"/series/{series['id']}"
    assert mei.post("/series", {"title": "装修日记"}).code == "content.series_name_taken"
    assert NOBODY.get(one).code == "content.series_not_found"
    content.make_post(utc_now(), mei.person, series_id=series["id"])
    assert [len(NOBODY.get(one).ok()["posts"]), len(_items(mei, "/series"))] == [1, 1]
    assert mei.put(one, {"title": "装修"}).ok()["title"] == "装修"
    assert mei.ask("DELETE", one).status == 204
    assert NOBODY.get(one).code == "content.series_not_found"


def test_what_is_not_ones_own_or_not_right_is_refused_whole(mei: ApiClient) -> None:
    lin = new_client()
    now = utc_now()
    hidden = content.make_post(now, mei.person, audience=FRIENDS)
    shown = content.make_post(now, mei.person)
    said = content.comment(now, mei.person, shown)
    secret = things.make_thing(now)
    before = everything()
    for method, path, body, code in (
        ("GET", f"/posts/{hidden}", None, "content.post_not_found"),
        ("GET", f"/posts/{hidden}/comments", None, "content.post_not_found"),
        ("GET", f"/posts/{hidden}/reactions", None, "content.post_not_found"),
        ("GET", f"/posts/{hidden}/reposts", None, "content.post_not_found"),
        ("POST", f"/posts/{hidden}/comments", {"text": "我"}, "content.post_not_found"),
        ("PUT", f"/posts/{hidden}/reaction", {"kind": "LIKE"}, "content.post_not_found"),
        ("PUT", f"/posts/{hidden}/save", None, "content.post_not_found"),
        ("POST", f"/posts/{hidden}/reposts", {}, "content.post_not_found"),
        ("PUT", f"/posts/{shown}", {"text": "改"}, "content.post_not_found"),
        ("DELETE", f"/posts/{shown}", None, "content.post_not_found"),
        ("POST", f"/posts/{shown}/publication", {}, "content.post_not_found"),
        ("PUT", f"/comments/{said}", {"text": "改"}, "content.comment_not_found"),
        ("DELETE", f"/comments/{said}", None, "content.comment_not_found"),
        ("PUT", f"/posts/{shown}/reaction", {"kind": "LOVE"}, "surface.form_malformed"),
        ("POST", "/posts", {"text": "好", "tags": [{"thing_id": secret.id}]}, "things.thing_not_found"),
        ("POST", "/posts", {"text": "好", "tags": [{"x": 1}]}, "content.tag_malformed"),
        ("POST", "/posts", {"text": "好", "topics": ["两 个"]}, "content.topic_malformed"),
        ("POST", "/posts", {"text": "好", "series_id": 1}, "content.series_not_found"),
        ("POST", "/posts", {"text": "好" * 2_001}, "content.text_malformed"),
    ):
        answer = lin.ask(method, path, *([body] if body is not None else []))
        assert answer.code == code, (method, path, body, answer)
    assert everything() == before


@pytest.mark.parametrize("count", [1, 6])
def test_lists_cost_the_same_for_many(
    mei: ApiClient, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    thing = things.make_holding(utc_now(), mei.person, things.make_thing(utc_now()), audience=PUBLIC).thing
    for _ in range(count):
        content.make_post(utc_now(), new_client().person, photos=1, tags=(TagDraft(thing_id=thing.id),))
    with django_assert_num_queries(6):
        assert len(_items(NOBODY, "/posts")) == count
    with django_assert_num_queries(7):
        assert len(_items(NOBODY, f"/things/{thing.id}/posts")) == count
