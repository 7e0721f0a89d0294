"""What is said of things over the API: for whom its writer opened it, and for nobody across a block."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import parts, social, things
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import everything
from wuyou.domains.things.types import Thing
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC

NOBODY = ApiClient()
EVERYONE = {"to": {"everyone": True}}


@pytest.fixture
def mei(db: None) -> ApiClient:
    return new_client()


@pytest.fixture
def thing(mei: ApiClient) -> Thing:
    """A thing that everyone may know of: one has it, openly."""
    known = things.make_thing(utc_now(), "海鸥相机")
    things.make_holding(utc_now(), mei.person, known, audience=PUBLIC)
    return known


def _items(reader: ApiClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.get(path).ok()["items"]
    return found


def test_a_review_is_read_by_whom_it_is_open_to(mei: ApiClient, thing: Thing) -> None:
    lin, path = new_client(), f"/things/{thing.id}/reviews"
    said = {"text": "快门声很好听", "rating": 5}
    first = mei.post(path, said, key="review-1")
    assert (first.status, mei.post(path, said, key="review-1").body) == (201, first.body)
    one = f"/reviews/{first.body['id']}"
    for reader in (lin, NOBODY):
        assert (reader.get(one).code, _items(reader, path)) == ("things.review_not_found", [])
        assert reader.get(f"/things/{thing.id}").ok()["ratings"]["count"] == 0
    assert first.body["audience"]["to"]["everyone"] is False

    edited = mei.put(one, {**said, "rating": 4, "audience": EVERYONE}).ok()

    assert (edited["audience"]["to"]["everyone"], edited["edited_at"] is not None) == (True, True)
    for reader in (lin, NOBODY):
        (line,) = _items(reader, path)
        assert (line["text"], line["rating"], line["proof"], line["audience"]) == ("快门声很好听", 4, "OWNER", None)
        assert reader.get(f"/things/{thing.id}").ok()["ratings"]["mean"] == "4.0"
    social.block(utc_now(), lin.person, mei.person)
    assert (lin.get(one).status, NOBODY.get(one).status) == (404, 200)


def test_what_is_said_is_changed_by_its_writer_alone_and_refused_whole(mei: ApiClient, thing: Thing) -> None:
    lin, path = new_client(), f"/things/{thing.id}/reviews"
    one = f"/reviews/{mei.post(path, {'text': '好', 'audience': EVERYONE}).ok()['id']}"
    hidden = things.make_thing(utc_now())
    before = everything()
    for method, where, body, code in (
        ("PUT", one, {"text": "坏"}, "things.review_not_found"),
        ("DELETE", one, None, "things.review_not_found"),
        ("POST", path, {"text": " "}, "things.text_malformed"),
        ("POST", path, {"text": "好", "rating": 0}, "surface.form_malformed"),
        ("POST", path, {"text": "好", "audience": {"to": {"labels": [9]}}}, "social.label_not_found"),
        ("POST", f"/things/{hidden.id}/reviews", {"text": "好"}, "things.thing_not_found"),
    ):
        assert lin.ask(method, where, *([body] if body else [])).code == code, (method, where, body)
    assert everything() == before
    assert mei.ask("DELETE", one).status == 204
    assert mei.ask("DELETE", one).code == "things.review_not_found"


def test_words_point_at_a_part_a_figure_or_a_region_of_a_drawing(mei: ApiClient) -> None:
    now = utc_now()
    sold = parts.make_sold(now)
    path = f"/things/{sold.thing.id}/annotations"
    part, drawing = parts.make_part(now, sold.thing), parts.make_drawing(now, sold.thing)
    figure = parts.make_figure(now, sold.thing)
    region = {"left": 1_000, "top": 2_000, "width": 3_000, "height": 4_000}
    for target in ({"part_id": part.id}, {"figure_id": figure.id}, {"drawing_id": drawing.id, "region": region}):
        said = mei.post(path, {"text": "看这里", "audience": EVERYONE, **target}).ok()
        assert {name: said[name] for name in target} == target

    before = everything()
    for wrong, code in (
        ({"part_id": part.id, "figure_id": figure.id}, "things.target_malformed"),
        ({"part_id": part.id, "region": region}, "things.region_malformed"),
        ({"part_id": 987_654}, "things.part_not_found"),
        ({"photo_id": 987_654}, "things.photo_not_found"),
        ({"drawing_id": 987_654}, "things.drawing_not_found"),
        ({"figure_id": 987_654}, "things.figure_not_found"),
    ):
        assert mei.post(path, {"text": "看这里", **wrong}).code == code
    assert everything() == before


def test_a_thread_is_read_with_the_answers_that_one_may_read(mei: ApiClient, thing: Thing) -> None:
    lin, zhao = new_client(), new_client()
    path = f"/things/{thing.id}/annotations"
    asked = lin.post(path, {"text": "测光准吗？", "purpose": "ASK", "audience": EVERYONE}).ok()
    one = f"/annotations/{asked['id']}"
    answers = [writer.post(f"{one}/answers", {"text": text}).ok()["id"]
               for writer, text in ((mei, "准"), (zhao, "不准"))]  # fmt: skip
    assert [answer["text"] for answer in NOBODY.get(one).ok()["answers"]] == ["准", "不准"]
    assert asked["json_ld"] == f"/annotations/{asked['id']}"
    linked = NOBODY.http.get(asked["json_ld"])
    assert (linked.status_code, linked.json()["body"]["value"]) == (200, "测光准吗？")

    social.block(utc_now(), zhao.person, mei.person)

    assert [answer["text"] for answer in mei.get(one).ok()["answers"]] == ["准"]
    assert [answer["text"] for answer in zhao.get(one).ok()["answers"]] == ["不准"]
    assert mei.ask("DELETE", f"/answers/{answers[1]}").code == "things.annotation_not_found"
    assert lin.ask("DELETE", f"/answers/{answers[1]}").status == 204
    assert mei.ask("DELETE", one).code == "things.annotation_not_found"
    social.block(utc_now(), lin.person, mei.person)
    assert mei.get(one).code == mei.post(f"{one}/answers", {"text": "？"}).code == "things.annotation_not_found"
    assert lin.ask("DELETE", one).status == 204
    assert _items(NOBODY, path) == []


def test_thanks_are_given_once_and_taken_back(mei: ApiClient, thing: Thing) -> None:
    lin, zhao = new_client(), new_client()
    review = mei.post(f"/things/{thing.id}/reviews", {"text": "好", "audience": EVERYONE}).ok()["id"]
    annotation = mei.post(f"/things/{thing.id}/annotations", {"text": "看这里", "audience": EVERYONE}).ok()["id"]
    answer = mei.post(f"/annotations/{annotation}/answers", {"text": "还有这里"}).ok()["id"]
    hidden = mei.post(f"/things/{thing.id}/reviews", {"text": "只给自己"}).ok()["id"]
    for path in (f"/reviews/{review}", f"/annotations/{annotation}", f"/answers/{answer}"):
        for _ in range(2):
            assert lin.put(f"{path}/thanks", {"words": "受教"}).status == 204
        assert mei.put(f"{path}/thanks", {}).code == "social.not_yourself"
    assert (shown := lin.get(f"/reviews/{review}").ok())["thanks_count"] == 1
    assert shown["is_thanked"] is True
    assert zhao.get(f"/reviews/{review}").ok()["is_thanked"] is False
    assert zhao.get(f"/annotations/{annotation}").ok()["answers"][0]["thanks_count"] == 1
    before = everything()
    assert lin.put(f"/reviews/{hidden}/thanks", {}).code == "things.words_not_found"
    assert everything() == before
    for path in (f"/reviews/{review}", f"/annotations/{annotation}", f"/answers/{answer}"):
        assert lin.ask("DELETE", f"{path}/thanks").status == 204
    assert zhao.get(f"/reviews/{review}").ok()["thanks_count"] == 0


def test_a_region_lies_within_a_picture(mei: ApiClient, thing: Thing) -> None:
    before = everything()
    path = f"/things/{thing.id}/annotations"
    region = {"left": 0, "top": 0, "width": 5_000, "height": 5_000}
    assert mei.post(path, {"text": "这里", "region": region}).code == "things.region_malformed"
    assert mei.post(path, {"text": "这里", "picture_id": 1, "region": region}).code == "things.picture_not_found"
    assert everything() == before


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_however_long(
    mei: ApiClient, thing: Thing, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lin = new_client()
    for _ in range(count):
        mei.post(f"/things/{thing.id}/reviews", {"text": "好", "audience": EVERYONE})
        one = mei.post(f"/things/{thing.id}/annotations", {"text": "看", "audience": EVERYONE}).ok()["id"]
        lin.post(f"/annotations/{one}/answers", {"text": "看了"})
    for reader, path, cost in (
        (lin, f"/things/{thing.id}/reviews", 2 + 5),
        (mei, f"/things/{thing.id}/reviews", 2 + 6),
        (lin, f"/things/{thing.id}/annotations", 2 + 8),
        (NOBODY, f"/things/{thing.id}/annotations", 6),
    ):
        with django_assert_num_queries(cost):
            assert len(_items(reader, path)) == count, path
