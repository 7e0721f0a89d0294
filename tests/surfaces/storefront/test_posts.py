"""Posts on their pages: read, answered, kept, passed on; and listed where they belong, for whom they are open to."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse

from tests.builders import content, social, things
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.content import operations, queries
from wuyou.domains.content.types import PostDraft, PostKind, ReactionKind, TagDraft
from wuyou.domains.identity.types import Person
from wuyou.domains.things import queries as thing_queries
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS, PUBLIC

Budget = Callable[[int], AbstractContextManager[object]]


def page(path: str, person: Person | None = None, language: str = "en", **query: int) -> str:
    answer = browser(person, language).get(path, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def post(path: str, person: Person, **sent: object) -> object:
    return browser(person).post(path, {**key(), **sent})


def sold_post(market: Market, author: Person, **how: object) -> int:
    tags = (TagDraft(product_id=market.product.id, photo=0, x=2_550, y=7_500, words="就是它"),)
    return content.make_post(utc_now(), author, photos=2, tags=tags, title="早餐的蜂蜜", **how)


def response(post_id: int, viewer: Person | None = None) -> object:
    return queries.responses_by_post(sight.get_viewer(viewer.id if viewer else None), [post_id])[post_id]


def test_post_shows_pictures_what_is_on_them_and_that_it_is_advertising(market: Market) -> None:
    mei = make_person(utc_now(), "Mei")
    told = sold_post(market, mei)
    shown = page(f"/posts/{told}")

    assert shown.count('class="gallery__slide') == 2
    dot = re.search(r'<a class="dot" href="([^"]+)"[^>]* data-sheet[^>]*>.*?<svg x="([^"]+)" y="([^"]+)"', shown)
    assert dot is not None
    (tag,) = queries.tags_by_post(sight.get_viewer(None), [told])[told]
    assert dot.groups() == (f"/posts/{told}/tags/{tag.id}", "25.5%", "75%")
    assert "就是它" in shown
    assert "Advertising" in shown
    assert shown.index("Mei") < shown.index("Advertising") < shown.index("早餐的蜂蜜</h1>")


def test_post_that_gains_nothing_bears_no_mark(market: Market) -> None:
    assert "Advertising" not in page(f"/posts/{sold_post(market, make_person(utc_now()), earns=False)}")


@pytest.mark.parametrize(("language", "marked"), [("en", "Advertising"), ("zh-hans", "广告")])
def test_mark_is_in_the_readers_language(market: Market, language: str, marked: str) -> None:
    shown = page(f"/posts/{sold_post(market, make_person(utc_now()))}", language=language)
    assert re.search(rf'<span class="post__ad"[^>]*>{marked}</span>', shown)


def test_sheet_is_the_part_alone(market: Market) -> None:
    path = f"/posts/{sold_post(market, make_person(utc_now()))}"
    part = browser().get(path, headers={"X-Sheet": "1"}).content.decode()
    assert part.lstrip().startswith('<article class="sheet-part"')
    assert "<html" not in part


def test_what_one_may_not_see_answers_like_what_is_not_there(market: Market) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    hidden = content.make_post(now, mei, photos=1, audience=FRIENDS, topics=("山里",), text="只给朋友")
    comment = content.comment(now, mei, hidden, "只有朋友读到")
    photo = queries.get_post_for(sight.get_viewer(mei.id), hidden).photos[0].id
    stranger = browser(lin)

    gone = [hidden + 10_000_000, photo + 10_000_000]
    for path, nowhere in (
        (f"/posts/{hidden}", f"/posts/{gone[0]}"),
        (f"/posts/{hidden}/history", f"/posts/{gone[0]}/history"),
        (f"/posts/{hidden}/repost", f"/posts/{gone[0]}/repost"),
        (f"/posts/photos/{photo}/320", f"/posts/photos/{gone[1]}/320"),
        (f"/comments/{comment}/answer", f"/comments/{comment + 10_000_000}/answer"),
    ):
        asked, never = stranger.get(path), stranger.get(nowhere)
        assert (asked.status_code, never.status_code) == (404, 404), path
        assert "只给朋友" not in asked.content.decode()
    before = footprint()
    for path, sent in (
        (f"/posts/{hidden}/comment", {"text": "我也要"}),
        (f"/posts/{hidden}/react", {"kind": "LIKE"}),
        (f"/posts/{hidden}/thank", {}),
        (f"/posts/{hidden}/save", {}),
        (f"/posts/{hidden}/repost", {"text": "", "audience": "everyone"}),
        (f"/comments/{comment}/edit", {"text": "改"}),
        (f"/comments/{comment}/remove", {}),
    ):
        assert stranger.post(path, {**key(), **sent}).status_code == 404, path
    assert footprint() == before
    for path in ("/", "/topics/山里", f"/u/{mei.handle}", f"/u/{mei.handle}/posts"):
        assert "只给朋友" not in stranger.get(path).content.decode(), path
    known, unknown = (
        page(f"/topics/{name}", lin)
        .partition("<main")[2]
        .partition("</main>")[0]
        .replace(quote(name), "*")
        .replace(name, "*")
        for name in ("山里", "海边")
    )
    assert known == unknown != ""


def test_comment_is_answered_in_its_thread_edited_and_taken_back(market: Market) -> None:
    now = utc_now()
    mei, lin = make_person(now, "Mei"), make_person(now, "Lin")
    told = content.make_post(now, mei)

    answer = post(f"/posts/{told}/comment", lin, text="在哪里买的?")
    (thread,) = queries.list_comments(sight.get_viewer(None), told).items
    assert answer["Location"] == f"/posts/{told}#comment-{thread.id}"  # type: ignore[index]
    post(f"/posts/{told}/comment", mei, text="山下的店", answers=thread.id)
    (reply,) = queries.comments_by_thread(sight.get_viewer(None), [thread.id])[thread.id]
    assert (reply.text, reply.answers_id) == ("山下的店", thread.id)
    post(f"/comments/{thread.id}/edit", lin, text="在哪里可以买到?")

    shown = page(f"/posts/{told}", lin)
    assert "在哪里可以买到?" in shown
    assert "山下的店" in shown
    assert shown.count(f"/comments/{thread.id}/edit") == 1
    assert f"/comments/{reply.id}/edit" not in shown
    assert f"/comments/{reply.id}/remove" not in shown
    assert page(f"/posts/{told}", mei).count("/remove") == 2

    post(f"/comments/{thread.id}/remove", mei)
    assert queries.list_comments(sight.get_viewer(None), told).items == ()


def test_form_of_an_answer_is_a_page_and_knows_its_place_when_it_is_fetched_into_one(market: Market) -> None:
    now = utc_now()
    mei, lin = make_person(now, "Mei"), make_person(now, "Lin")
    told = content.make_post(now, mei)
    asked = content.comment(now, lin, told, "在哪里买的?")
    assert f"/comments/{asked}/answer" in page(f"/posts/{told}", mei)
    assert f"/comments/{asked}/answer" not in page(f"/posts/{told}")

    alone = page(f"/comments/{asked}/answer", mei)
    assert "Your answer to Lin" in alone
    assert "在哪里买的?" in alone
    assert f'<input type="hidden" name="answers" value="{asked}">' in alone
    assert f'action="/posts/{told}/comment"' in alone
    assert "#talk-" not in alone.partition("<main")[2]
    fetched = browser(mei).get(f"/comments/{asked}/answer", headers={"HX-Request": "true"}).content.decode()
    assert f'hx-target="#talk-{told}"' in fetched


@pytest.mark.parametrize("text", ["", " ", "x" * 1_001, "\x00"])
def test_refused_comment_changes_nothing_and_a_refused_edit_keeps_its_words(market: Market, text: str) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    told = content.make_post(now, mei)
    mine = content.comment(now, lin, told)
    writer, author = browser(lin), browser(mei)
    before = footprint()

    assert writer.post(f"/posts/{told}/comment", {**key(), "text": text}).status_code == 422
    edited = writer.post(f"/comments/{mine}/edit", {**key(), "text": text})
    assert edited.status_code == 422
    assert text.strip("\x00") in edited.content.decode()
    assert author.post(f"/comments/{mine}/edit", {**key(), "text": "不是我的"}).status_code == 404
    assert footprint() == before


def test_reaction_thanks_and_saving_are_one_tap_and_back(market: Market) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    told = content.make_post(now, mei)

    post(f"/posts/{told}/react", lin, kind="USEFUL")
    post(f"/posts/{told}/save", lin)
    post(f"/posts/{told}/thank", lin)
    seen = response(told, lin)
    assert (seen.mine, seen.is_saved) == (ReactionKind.USEFUL, True)  # type: ignore[attr-defined]
    shown = page(f"/posts/{told}", lin)
    assert len(re.findall(r'aria-pressed="true"', shown)) == 3
    assert "Thanked" in shown
    assert "周末去露营" in page("/posts/saved", lin)
    assert "周末去露营" not in page("/posts/saved", mei)

    post(f"/posts/{told}/react", lin, kind="USEFUL", back="USEFUL")
    post(f"/posts/{told}/save", lin, back="1")
    post(f"/posts/{told}/thank", lin, back="1")
    seen = response(told, lin)
    assert (seen.mine, seen.is_saved, seen.reactions) == (None, False, 0)  # type: ignore[attr-defined]
    assert 'aria-pressed="true"' not in page(f"/posts/{told}", lin)


@pytest.mark.parametrize("kind", ["", "LOVE", "like"])
def test_unknown_reaction_is_refused(market: Market, kind: str) -> None:
    now = utc_now()
    told = content.make_post(now, make_person(now))
    reader = browser(make_person(now))
    before = footprint()
    assert reader.post(f"/posts/{told}/react", {**key(), "kind": kind}).status_code == 422
    assert footprint() == before


def test_repost_has_words_and_an_audience_and_shows_what_it_passes_on(market: Market) -> None:
    now = utc_now()
    mei, lin, friend = make_person(now, "Mei"), make_person(now, "Lin"), make_person(now)
    social.befriend(now, lin, friend)
    told = content.make_post(now, mei, title="露营清单")

    answer = post(f"/posts/{told}/repost", lin, text="很有用", audience="friends")
    address = answer["Location"]  # type: ignore[index]
    assert "露营清单" in page(address, friend)
    assert "很有用" in page(address, friend)
    assert browser(mei).get(address).status_code == 404
    assert "Lin passes on" in page(f"/u/{lin.handle}/posts", friend)
    assert "passed on" not in page(f"/posts/{told}", mei)
    assert "passed on once" in page(f"/posts/{told}", friend)


def test_refused_repost_keeps_its_words(market: Market) -> None:
    now = utc_now()
    told, reader = content.make_post(now, make_person(now)), browser(make_person(now))
    before = footprint()
    for sent in ({"text": "好" * 2_001, "audience": "everyone"}, {"text": "好好好", "audience": "chosen"}):
        answer = reader.post(f"/posts/{told}/repost", {**key(), **sent})
        assert answer.status_code == 422
        assert sent["text"] in answer.content.decode()
    assert footprint() == before


def test_edited_post_says_so_and_shows_what_it_said(market: Market) -> None:
    now = utc_now()
    mei = make_person(now)
    told = content.make_post(now, mei, text="原来这么说")
    draft = PostDraft(PostKind.PHOTOS, "现在这么说", audience=PUBLIC)
    db.in_transaction(lambda: operations.edit_post(actor=Actor(mei.id), post_id=told, draft=draft, now=now))

    shown = page(f"/posts/{told}")
    assert "现在这么说" in shown
    assert "原来这么说" not in shown
    assert f'href="/posts/{told}/history"' in shown
    assert "原来这么说" in page(f"/posts/{told}/history")


def test_series_leads_on_and_back_as_far_as_one_sees_it(market: Market) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    series = db.in_transaction(lambda: operations.make_series(actor=Actor(mei.id), title="装修日记", now=now))
    first, hidden, last = (
        content.make_post(now + timedelta(hours=hour), mei, title=f"第{hour}天", series_id=series, audience=audience)
        for hour, audience in ((1, PUBLIC), (2, FRIENDS), (3, PUBLIC))
    )

    shown = page(f"/posts/{first}", lin)
    assert f'rel="next" href="/posts/{last}"' in shown
    assert 'rel="prev"' not in shown
    assert "第2天" not in shown
    assert f'rel="next" href="/posts/{hidden}"' in page(f"/posts/{first}", mei)
    assert [f"第{day}天" in page(f"/series/{series}", lin) for day in (1, 2, 3)] == [True, False, True]

    private = db.in_transaction(lambda: operations.make_series(actor=Actor(mei.id), title="只给自己", now=now))
    content.make_post(now, mei, series_id=private, audience=FRIENDS)
    assert browser(lin).get(f"/series/{private}").status_code == 404
    assert browser(lin).get(f"/series/{private + 10_000}").status_code == 404


def test_series_is_named_otherwise_and_taken_apart_by_its_author_alone(market: Market) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    series, other = (
        db.in_transaction(lambda title=title: operations.make_series(actor=Actor(mei.id), title=title, now=now))  # type: ignore[misc]
        for title in ("装修日记", "露营日记")
    )
    told = content.make_post(now, mei, series_id=series)
    rename, remove = f"/series/{series}/rename", f"/series/{series}/remove"

    own, others, nobody = browser(mei), browser(lin), browser()
    before = footprint()
    for client, status in ((others, 404), (nobody, 302)):
        assert [client.post(path, {"title": "别人的"}).status_code for path in (rename, remove)] == [status] * 2
    assert rename not in others.get(f"/series/{series}").content.decode()
    for wrong in ("", "露营日记", "字" * 61):
        refused = own.post(rename, {"title": wrong})
        assert (refused.status_code >= 400, rename in refused.content.decode()) == (True, True)
    assert footprint() == before

    assert browser(mei).post(rename, {"title": "小屋日记"}).status_code == 302
    assert "小屋日记" in page(f"/series/{series}", lin)
    assert browser(mei).post(remove).status_code == 302
    assert browser(mei).get(f"/series/{series}").status_code == 404
    assert browser(mei).get(f"/series/{other}").status_code == 200
    assert queries.get_post_for(sight.get_viewer(lin.id), told).series_id is None


def test_own_posts_are_looked_at_with_anothers_eyes_and_nobody_elses_are(market: Market) -> None:
    now = utc_now()
    mei, lin, other = make_person(now), make_person(now), make_person(now)
    social.befriend(now, mei, lin)
    for_all, for_friends = (content.make_post(now, mei, audience=audience) for audience in (PUBLIC, FRIENDS))
    address = f"/u/{mei.handle}/posts"

    def shown(eyes: str) -> list[int]:
        listed = page(address, mei, **({"as": eyes} if eyes else {}))  # type: ignore[arg-type]
        return [one for one in (for_all, for_friends) if f'data-seen="post:{one}"' in listed]

    assert shown("") == shown(lin.handle) == [for_all, for_friends]
    assert shown(other.handle) == shown("-") == [for_all]
    assert f"{address}?as={lin.handle}" in page(f"/u/{mei.handle}", mei, **{"as": lin.handle})  # type: ignore[arg-type]
    assert browser(lin).get(address, {"as": mei.handle}).status_code == 404
    assert browser().get(address, {"as": "-"}).status_code == 404
    assert browser(mei).get(address, {"as": "nobody-here"}).status_code == 404


def test_topic_is_written_as_its_author_did_and_leads_to_its_posts(market: Market) -> None:
    now = utc_now()
    told = content.make_post(now, make_person(now), title="山顶", text="看日出 #Camping#")
    assert f'href="{reverse("storefront:topic", args=["Camping"])}"' in page(f"/posts/{told}")
    shown = page("/topics/camping")
    assert "#Camping</h1>" in shown
    assert "山顶" in shown


def test_post_stands_where_what_it_points_at_stands(committed: Market) -> None:
    now = utc_now()
    mei = make_person(now, "Mei")
    told = sold_post(committed, mei)
    thing = thing_queries.things_by_product([committed.product.id])[committed.product.id]
    for path in (
        "/",
        f"/u/{mei.handle}",
        f"/u/{mei.handle}/posts",
        f"/things/{thing.id}",
        f"/p/{committed.product.id}",
    ):
        assert f'href="/posts/{told}"' in page(path), path


def test_tag_on_what_the_reader_may_not_know_of_is_not_there(market: Market) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    secret = things.make_holding(now, mei, things.make_thing(now, name="藏着的东西"), audience=FRIENDS).thing
    told = content.make_post(now, mei, photos=1, tags=(TagDraft(thing_id=secret.id, photo=0, x=1, y=1),))
    assert "藏着的东西" in page(f"/posts/{told}", mei, "zh-hans")
    assert "藏着的东西" not in page(f"/posts/{told}", lin, "zh-hans")
    assert 'class="dot"' not in page(f"/posts/{told}", lin)


def test_drafts_are_their_authors_alone(market: Market) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    content.draft_post(now, mei, text="还没写完")
    later = content.draft_post(now, mei, text="明天出来")
    content.publish(now, mei, later, at=now + timedelta(days=1))
    shown = page("/posts/drafts", mei)
    assert "还没写完" in shown
    assert "明天出来" in shown
    assert "还没写完" not in page("/posts/drafts", lin)
    assert "It comes out" in page(f"/posts/{later}", mei)


def test_comments_go_on_and_the_end_is_marked(market: Market) -> None:
    now = utc_now()
    mei = make_person(now)
    told = content.make_post(now, mei)
    said = [content.comment(now, mei, told, f"第{place}句") for place in range(21)]
    shown = page(f"/posts/{told}")
    assert f'href="/posts/{told}?after={said[1]}"' in shown
    assert "第0句" not in shown
    assert "第0句" in page(f"/posts/{told}", after=said[1])


@pytest.mark.parametrize("count", [1, 6])
def test_budget_of_a_post_does_not_grow(committed: Market, django_assert_num_queries: Budget, count: int) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    tags = tuple(TagDraft(product_id=committed.product.id, photo=place, x=1, y=1) for place in range(count))
    told = content.make_post(now, mei, photos=count, tags=tags, topics=[f"题{n}" for n in range(count)])
    for _ in range(count):
        reader = make_person(now)
        said = content.comment(now, reader, told)
        content.comment(now, mei, told, answers_id=said)
        content.react(now, reader, told)
    stranger, friend = browser(), browser(lin)
    friend.get("/")
    with django_assert_num_queries(11):
        assert stranger.get(f"/posts/{told}").status_code == 200
    with django_assert_num_queries(17):
        assert friend.get(f"/posts/{told}").status_code == 200


@pytest.mark.parametrize("count", [1, 6])
def test_budget_of_a_topic_does_not_grow(committed: Market, django_assert_num_queries: Budget, count: int) -> None:
    now = utc_now()
    for _ in range(count):
        content.make_post(now, make_person(now), photos=2, topics=("露营",))
    with django_assert_num_queries(4):
        assert browser().get("/topics/露营").status_code == 200
