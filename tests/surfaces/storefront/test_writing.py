"""Writing posts: steps keep everything, ends do what they say, and what is refused is still there."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.builders import content, things
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.content import queries
from wuyou.domains.content.types import Post, PostState, TagDraft
from wuyou.domains.identity.types import Person
from wuyou.infra import sight
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS, PUBLIC

Budget = Callable[[int], AbstractContextManager[object]]
EVERYONE = {"audience": "everyone"}


def photo(seed: int = 1) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{seed}.jpg", make_photo(320, 240, seed=seed), "image/jpeg")


def sends(page: str) -> dict[str, list[str]]:
    """What the form of a page sends: hidden fields, fields and chosen options."""
    form = page.partition('id="compose"')[2].partition("</form>")[0]
    sent: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(photo|tag)" value="([^"]*)"', form):
        sent.setdefault(name, []).append(value)
    for select in re.findall(r'<select name="tag_photo".*?</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="(\d*)" selected', select)
        sent.setdefault("tag_photo", []).append(chosen[1] if chosen else "")
    for name in ("tag_x", "tag_y", "tag_words"):
        sent[name] = re.findall(rf'name="{name}" value="([^"]*)"', form)
    return {name: values for name, values in sent.items() if values}


def press(client: Client, path: str, sent: dict[str, object], **more: object) -> object:
    return client.post(path, {**key(), **EVERYONE, **sent, **more})


def own(author: Person) -> list[Post]:
    viewer = sight.get_viewer(author.id)
    return [*queries.list_unpublished(author.id), *queries.list_of_owner(viewer, author.id).items]


def test_everything_is_kept_from_step_to_step_and_published(market: Market) -> None:
    mei = make_person(utc_now(), "Mei")
    client, path = browser(mei), "/posts/new?kind=photos"
    words = {"title": "山里的早餐", "text": "水很甜", "topics": "露营, 周末", "earns": "1"}

    page = client.post(path, {**key(), **EVERYONE, **words, "pictures": [photo(1), photo(2)]}).content.decode()
    assert len(sends(page)["photo"]) == 2
    page = press(client, path, {**words, **sends(page)}, find="蜂蜜", do="find").content.decode()  # type: ignore[attr-defined]
    assert f'value="product:{market.product.id}"' in page
    page = press(client, path, {**words, **sends(page)}, add=f"product:{market.product.id}").content.decode()  # type: ignore[attr-defined]
    first = sends(page)
    assert (first["tag"], first["tag_photo"]) == ([f"product:{market.product.id}"], ["0"])
    placed = {**first, "tag_x": ["30"], "tag_y": ["60.5"], "tag_words": ["就是它"]}
    page = press(client, path, {**words, **placed}, move="later:0").content.decode()  # type: ignore[attr-defined]
    moved = sends(page)
    assert moved["photo"] == first["photo"][::-1]
    assert (moved["tag_photo"], moved["tag_x"], moved["tag_y"]) == (["1"], ["30"], ["60.5"])
    assert [text in page for text in words.values()] == [True] * 4
    assert own(mei) == []

    answer = press(client, path, {**words, **moved}, do="publish")

    (post,) = own(mei)
    assert answer["Location"] == f"/posts/{post.id}"  # type: ignore[index]
    assert (post.title, post.text, len(post.photos), post.is_ad) == ("山里的早餐", "水很甜", 2, True)
    assert [topic.name for topic in queries.topics_by_post([post.id])[post.id]] == ["露营", "周末"]
    (tag,) = queries.tags_by_post(sight.get_viewer(mei.id), [post.id])[post.id]
    assert (tag.product_id, tag.photo_id, tag.x, tag.y) == (market.product.id, post.photos[1].id, 3_000, 6_050)
    assert tag.words == "就是它"


def test_who_takes_nothing_sends_no_commission_and_bears_no_mark(market: Market) -> None:
    mei = make_person(utc_now())
    tag = {"tag": f"product:{market.product.id}", "tag_photo": "", "tag_x": "", "tag_y": "", "tag_words": ""}
    press(browser(mei), "/posts/new", {"text": "好吃", **tag}, do="publish")
    assert [(post.earns, post.is_ad) for post in own(mei)] == [(False, False)]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"text": "x" * 2_001}, 422),
        ({"title": "x" * 61}, 422),
        ({"topics": "有 空格! 和标点!"}, 422),
        ({"series": "999999"}, 404),
        ({"series": "x"}, 422),
        ({"audience": "chosen"}, 422),
        ({"audience": "chosen", "audience_to_people": "nobody_of_this_name"}, 422),
        ({"do": "schedule", "at": ""}, 422),
        ({"do": "schedule", "at": "2001-01-01T10:00"}, 422),
        ({"do": "save"}, 422),
        ({"tag": "thing:1", "tag_photo": "", "tag_x": "120", "tag_y": "1", "tag_words": ""}, 404),
        ({"pictures": SimpleUploadedFile("x.svg", b"<svg><script>alert(1)</script></svg>", "image/svg+xml")}, 422),
    ],
)
def test_refused_post_keeps_what_was_written_and_the_pictures(
    market: Market, wrong: dict[str, object], status: int
) -> None:
    mei = make_person(utc_now())
    client = browser(mei)
    page = client.post("/posts/new", {**key(), **EVERYONE, "pictures": photo()}).content.decode()
    taken = sends(page)
    before = footprint()

    said = {"text": "写了很久", "title": "好", "topics": "露营", **taken}
    answer = client.post("/posts/new", {**key(), **EVERYONE, **said, "do": "publish", **wrong})

    assert answer.status_code == status
    shown = answer.content.decode()
    assert sends(shown)["photo"] == taken["photo"]
    assert str({**said, **wrong}["text"]) in shown
    assert str({**said, **wrong}["title"]) in shown
    assert 'role="alert"' in shown
    assert {name: part for name, part in footprint().items() if name.startswith("content_")} == {
        name: part for name, part in before.items() if name.startswith("content_")
    }


@pytest.mark.parametrize(
    "sent",
    [
        {"photo": "forged"},
        {"photo": "p1"},
        {"tag": "thing:x"},
        {"tag": ["thing:1", "thing:2"], "tag_photo": "", "tag_x": "", "tag_y": "", "tag_words": ""},
        {"tag": "thing:1", "tag_photo": "7", "tag_x": "", "tag_y": "", "tag_words": ""},
        {"audience": "nonsense"},
        {"add": "shop:1"},
        {"move": "up:0"},
        {"remove": "0"},
        {"drop": "x"},
    ],
)
def test_form_that_no_page_sends_is_refused_and_changes_nothing(market: Market, sent: dict[str, object]) -> None:
    client = browser(make_person(utc_now()))
    before = footprint()
    assert client.post("/posts/new", {**key(), **EVERYONE, "text": "好", **sent}).status_code == 422
    assert footprint() == before


def test_anothers_pictures_and_posts_are_nobodys_to_use(market: Market) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    token = sends(browser(mei).post("/posts/new", {**key(), **EVERYONE, "pictures": photo()}).content.decode())["photo"]
    theirs = content.make_post(now, mei, photos=1)
    reader = browser(lin)
    before = footprint()
    assert reader.post("/posts/new", {**key(), **EVERYONE, "photo": token, "do": "publish"}).status_code == 422
    assert reader.get(f"/posts/{theirs}/edit").status_code == 404
    assert reader.post(f"/posts/{theirs}/edit", {**key(), **EVERYONE, "do": "save"}).status_code == 404
    assert reader.post(f"/posts/{theirs}/remove", key()).status_code == 404
    assert footprint() == before


def test_draft_is_kept_scheduled_and_published(market: Market) -> None:
    mei = make_person(utc_now())
    client = browser(mei)
    press(client, "/posts/new", {"text": "先放着"}, do="draft")
    (draft,) = own(mei)
    path = f"/posts/{draft.id}/edit"
    assert draft.state is PostState.DRAFT
    assert "先放着" in client.get(path).content.decode()

    later = timezone.localtime(utc_now() + timedelta(days=2)).replace(second=0, microsecond=0)
    press(client, path, {"text": "后天发", "at": later.strftime("%Y-%m-%dT%H:%M")}, do="schedule")
    (waiting,) = own(mei)
    assert (waiting.state, waiting.publish_at, waiting.text) == (PostState.SCHEDULED, later, "后天发")
    assert later.strftime("%Y-%m-%dT%H:%M") in client.get(path).content.decode()
    press(client, path, {"text": "后天发"}, do="draft")
    assert [post.state for post in own(mei)] == [PostState.DRAFT]
    press(client, path, {"text": "还是现在"}, do="publish")
    assert [(post.state, post.text) for post in own(mei)] == [(PostState.PUBLISHED, "还是现在")]


def test_published_post_is_edited_with_its_pictures_in_another_order(market: Market) -> None:
    now = utc_now()
    mei = make_person(now)
    thing = things.make_holding(now, mei, things.make_thing(now), audience=PUBLIC).thing
    told = content.make_post(now, mei, photos=2, tags=(TagDraft(thing_id=thing.id, photo=1, x=5_000, y=2_500),))
    client, path = browser(mei), f"/posts/{told}/edit"
    before = sends(client.get(path).content.decode())
    assert (before["tag_photo"], before["tag_x"], before["tag_y"]) == (["1"], ["50"], ["25"])
    page = client.post(path, {**key(), **EVERYONE, **before, "text": "改", "pictures": photo(7)}).content.decode()
    page = press(client, path, {**sends(page), "text": "改"}, move="first:2").content.decode()  # type: ignore[attr-defined]
    page = press(client, path, {**sends(page), "text": "改"}, remove="1").content.decode()  # type: ignore[attr-defined]
    press(client, path, {**sends(page), "text": "改了"}, do="save", audience="friends")

    (post,) = own(mei)
    assert (post.text, len(post.photos), post.edited_at is not None) == ("改了", 2, True)
    assert f"p{post.photos[1].id}" == before["photo"][1]
    (tag,) = queries.tags_by_post(sight.get_viewer(mei.id), [post.id])[post.id]
    assert tag.photo_id == post.photos[1].id
    assert queries.rule_of_post(mei.id, told) == FRIENDS
    assert len(queries.list_revisions(sight.get_viewer(mei.id), told)) == 1


def test_series_is_begun_with_a_post_and_gone_with_a_refusal(market: Market) -> None:
    mei = make_person(utc_now())
    client = browser(mei)
    begun = {"series": "new", "new_series": "装修日记"}
    press(client, "/posts/new", {"text": "", **begun}, do="publish")
    assert queries.list_series_of(mei.id) == ()
    press(client, "/posts/new", {"text": "第一天", **begun}, do="publish")
    (series,) = queries.list_series_of(mei.id)
    assert [post.series_id for post in own(mei)] == [series.id]


def test_form_that_is_sent_twice_makes_one_post(market: Market) -> None:
    mei = make_person(utc_now())
    client, sent = browser(mei), {**key(), **EVERYONE, "text": "一次", "do": "publish"}
    assert client.post("/posts/new", sent)["Location"] == client.post("/posts/new", sent)["Location"]
    assert len(own(mei)) == 1


def test_removed_post_is_gone(market: Market) -> None:
    now = utc_now()
    mei = make_person(now)
    told = content.make_post(now, mei)
    assert browser(mei).post(f"/posts/{told}/remove", key())["Location"] == "/posts"
    assert browser(mei).get(f"/posts/{told}").status_code == 404


def test_composer_is_for_who_is_signed_in(market: Market) -> None:
    assert browser().get("/posts/new")["Location"].startswith("/sign-in?next=")
    assert browser(make_person(utc_now())).get("/posts/new?kind=film").status_code == 422


@pytest.mark.parametrize("count", [1, 6])
def test_budget_does_not_grow(market: Market, django_assert_num_queries: Budget, count: int) -> None:
    now = utc_now()
    mei = make_person(now)
    owned = [things.make_holding(now, mei, things.make_thing(now), audience=PUBLIC).thing for _ in range(count)]
    tags = (TagDraft(product_id=market.product.id), *(TagDraft(thing_id=thing.id) for thing in owned))
    told = content.make_post(now, mei, photos=count, tags=tags)
    client = browser(mei)
    client.get("/")
    with django_assert_num_queries(17):
        assert client.get(f"/posts/{told}/edit").status_code == 200
