"""Channels on their pages, and on other people's: what is not open to everyone is in none of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial

import pytest

from tests.builders import channels, content, goods, social
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import browser
from wuyou.domains.channels import operations
from wuyou.domains.channels.types import Channel, Rule
from wuyou.domains.content import operations as content_operations
from wuyou.domains.content import queries as content_queries
from wuyou.domains.content.types import PostDraft, PostKind, TagDraft
from wuyou.domains.identity.types import Person
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS

pytestmark = pytest.mark.usefixtures("world")
Budget = Callable[[int], AbstractContextManager[object]]


def page(path: str, person: Person | None = None, language: str = "en", **query: object) -> str:
    answer = browser(person, language).get(path, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def told(author: Person, title: str, **how: object) -> int:
    return content.make_post(utc_now(), author, title=title, **{"topics": ("露营",), "photos": 1, **how})


def opened(**how: object) -> Channel:
    return channels.make_channel(utc_now(), slug="haohuo", picture="tent", **how)


# ---------------------------------------------------------------------- pages


def test_home_and_discover_lead_to_channels_in_the_readers_language() -> None:
    for path in ("/", "/discover"):
        assert "channel-strip" not in page(path)
    opened()
    channels.make_channel(utc_now(), name="关着", name_en="Closed one", is_open=False)

    for path in ("/", "/discover"):
        assert '<a class="channel-strip__tab" href="/channels/haohuo">' in page(path)
        assert "Good finds" in page(path)
        assert "有好货" in page(path, language="zh-hans")
        assert "Closed one" not in page(path)
    assert "channel-strip" not in page("/", q="蜂蜜")
    assert "channel-strip" in page("/following", make_person(utc_now()))


def test_all_channels_show_what_one_would_find_first() -> None:
    now, mei = utc_now(), make_person(utc_now())
    opened()
    first = told(mei, "山口的风")
    channels.settle(now)

    said = page("/channels")

    photo = content_queries.get_post_for(sight.get_viewer(None), first).photos[0].id
    assert f"/posts/photos/{photo}/" in said
    assert re.search(r'href="/channels/haohuo" data-seen="channel:\d+"', said)
    assert "No channels yet" not in said


def test_a_channel_shows_its_posts_pinned_first_and_goes_on() -> None:
    now, mei = utc_now(), make_person(utc_now(), "Mei")
    channel = opened(rule=Rule(topics_any=("露营",), per_author=None))
    posts = [told(mei, f"第{n}篇", photos=0) for n in range(26)]
    channels.settle(now)
    channels.pin(now, channel, posts[0])

    said = page("/channels/haohuo")

    shown = [int(one) for one in re.findall(r'data-seen="post:(\d+)"', said)]
    assert (shown[0], len(shown)) == (posts[0], 24)
    assert said.index("Chosen by our editors") < said.index(f'data-seen="post:{shown[1]}"')
    assert 'data-list="channel-haohuo"' in said
    assert 'href="/channels/haohuo?after=24"' in said
    rest = [int(one) for one in re.findall(r'data-seen="post:(\d+)"', page("/channels/haohuo", after=24))]
    assert sorted(shown + rest) == posts
    assert page("/channels/haohuo", language="zh-hans").count("编辑精选") == 1


@pytest.mark.parametrize("slug", ["no-such", "haohu", "HAOHUO", "a" * 50, "hao_huo"])
def test_an_address_of_no_channel_is_not_found_anywhere(slug: str) -> None:
    opened()
    for tail in ("", "/embed", "/feed.json", "/code"):
        assert browser().get(f"/channels/{slug}{tail}").status_code == 404
    for odd in ("/channels/../staff", "/channels/haohuo/embed/x", "/channels/%00", "/channels/a b"):
        assert browser().get(odd).status_code == 404
    for after in ("x", "-1", "9" * 30):
        assert browser().get("/channels/haohuo", {"after": after}).status_code == 422
    assert browser().get("/channels/haohuo", {"after": "9" * 18}).status_code == 200


def test_a_closed_channel_is_found_nowhere() -> None:
    channel = opened()
    db.in_transaction(partial(operations.close_channel, actor=channels.staff_actor(utc_now()), channel_id=channel.id))
    for tail in ("", "/embed", "/feed.json", "/code"):
        assert browser().get(f"/channels/haohuo{tail}").status_code == 404
    assert "Good finds" not in page("/channels")


def test_what_is_closed_is_on_no_page_no_cover_no_frame_and_in_no_feed() -> None:
    now, mei, lin = utc_now(), make_person(utc_now()), make_person(utc_now())
    opened()
    narrowed, held, blocked = told(mei, "窄了的"), told(mei, "在审的"), told(make_person(now), "拉黑的")
    author = content_queries.get_post_for(sight.get_viewer(None), blocked).owner_id
    channels.settle(now)
    photos = {
        post: content_queries.get_post_for(sight.get_viewer(None), post).photos[0].id
        for post in (narrowed, held, blocked)
    }
    paths = ("/channels", "/channels/haohuo", "/channels/haohuo/embed", "/channels/haohuo/feed.json")

    def is_anywhere(post: int, person: Person | None = None, among: tuple[str, ...] = paths) -> bool:
        answers = [browser(person).get(path).content.decode() for path in among]
        return any(f"/posts/{post}" in one or f"/posts/photos/{photos[post]}/" in one for one in answers)

    assert all(is_anywhere(post, lin) and is_anywhere(post) for post in photos)
    draft = PostDraft(PostKind.PHOTOS, "给朋友", "窄了的", topics=("露营",), audience=FRIENDS)
    db.in_transaction(
        partial(content_operations.edit_post, actor=Actor(mei.id), post_id=narrowed, draft=draft, now=now)
    )
    db.in_transaction(partial(content_operations.hold_post, post_id=held, now=now))
    db.in_transaction(partial(social.operations.block, actor=Actor(author), person_id=lin.id, now=now))

    for person in (None, mei, lin):
        assert not is_anywhere(narrowed, person)
        assert not is_anywhere(held, person)
    assert not is_anywhere(blocked, lin, paths[:2])
    assert is_anywhere(blocked, None, paths)


def test_its_author_reads_on_the_post_in_which_channel_it_is_and_why() -> None:
    now, mei, lin = utc_now(), make_person(utc_now()), make_person(utc_now())
    channel = opened(rule=Rule(topics_any=("露营",), least_signs=3))
    post = told(mei, "山口的风")
    channels.settle(now)

    said = page(f"/posts/{post}", mei)

    assert "In Good finds" in said
    assert "One of these topics: #露营" in said
    assert "In Good finds" not in page(f"/posts/{post}", lin)
    assert "In Good finds" in page("/posts", mei)
    assert "入选「有好货」" in page(f"/posts/{post}", mei, "zh-hans")
    channels.pin(now, channel, post)
    assert "Chosen by our editors" in page(f"/posts/{post}", mei)
    channels.keep_out(now, channel, post)
    assert "In Good finds" not in page(f"/posts/{post}", mei)
    assert "In Good finds" not in page("/posts", mei)


def test_a_post_that_was_opened_from_a_channel_leads_back_to_it() -> None:
    mei, channel = make_person(utc_now()), opened()
    post = told(mei, "山口的风")

    said = page(f"/posts/{post}", **{"from": "/channels/haohuo"})

    assert f'data-origin="channel:{channel.id}"' in said
    assert 'href="/channels/haohuo"' in said
    for odd in ("/channels/no-such", "https://evil.example/channels/haohuo", "//evil.example", "/channels/haohuo/../x"):
        assert "data-origin" not in page(f"/posts/{post}", **{"from": odd})


@pytest.mark.parametrize("count", [1, 6])
def test_budgets_do_not_grow(django_assert_num_queries: Budget, count: int) -> None:
    now = utc_now()
    product = goods.make_product(now)
    for n in range(count):
        slug = f"channel-{n}" if n else "haohuo"
        channels.make_channel(now, Rule(topics_any=("露营",), per_author=None), slug=slug)
        tags = (TagDraft(product_id=product.id),)
        content.make_post(now + timedelta(minutes=n), make_person(now), topics=("露营",), photos=1, tags=tags)
    channels.settle(now)
    for path, queries in (
        ("/channels", 4),
        ("/channels/haohuo", 6),
        ("/channels/haohuo/embed", 6),
        ("/channels/haohuo/feed.json", 10),
    ):
        with django_assert_num_queries(queries):
            assert browser().get(path).status_code == 200


# ---------------------------------------------------------------------- on another site


def test_a_frame_may_stand_anywhere_and_knows_nobody() -> None:
    now, mei = utc_now(), make_person(utc_now(), "Mei")
    opened()
    post = told(mei, "山口的风")
    channels.settle(now)

    for person in (None, mei):
        answer = browser(person).get("/channels/haohuo/embed")
        policy = answer["Content-Security-Policy"]
        assert "frame-ancestors *" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "X-Frame-Options" not in answer
        assert not answer.cookies
        said = answer.content.decode()
        assert f'href="/posts/{post}?from=%2Fchannels%2Fhaohuo" target="_top"' in said
        assert "csrf" not in said
        assert "data-beacon" not in said
        assert all('target="_top"' in link for link in re.findall(r"<a [^>]+>", said))
    assert browser().get("/channels/haohuo/embed").content == browser(mei).get("/channels/haohuo/embed").content
    for path in ("/channels/haohuo", "/channels/haohuo/code", "/"):
        assert "frame-ancestors 'none'" in browser().get(path)["Content-Security-Policy"]


def test_a_frame_speaks_the_language_and_wears_the_theme_that_its_address_names() -> None:
    opened()
    said = browser().get("/channels/haohuo/embed", {"lang": "zh-hans", "theme": "dark"}).content.decode()
    assert 'lang="zh-hans"' in said
    assert 'data-theme="dark"' in said
    assert "有好货" in said
    odd = browser().get("/channels/haohuo/embed", {"lang": "../x", "theme": '"><script>'}).content.decode()
    assert 'lang="en"' in odd
    assert 'data-theme="auto"' in odd


@pytest.mark.parametrize("path", ["/channels/haohuo/embed", "/channels/haohuo/feed.json", "/channels/widget.js"])
def test_what_has_not_changed_is_not_sent_again_and_what_was_closed_is_asked_for(path: str) -> None:
    now, mei = utc_now(), make_person(utc_now())
    opened()
    post = told(mei, "山口的风")
    channels.settle(now)
    first = browser().get(path)
    assert first["Cache-Control"] == "public, no-cache"
    assert browser().get(path, headers={"If-None-Match": f'"x", W/{first["ETag"]}'}).status_code == 304

    db.in_transaction(partial(content_operations.hold_post, post_id=post, now=now))

    again = browser().get(path, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == (304 if path.endswith(".js") else 200)


def test_the_feed_is_a_json_feed_with_goods_prices_and_addresses() -> None:
    now, mei = utc_now(), make_person(utc_now(), "Mei")
    product = goods.make_product(now)
    goods.make_campaign(now, product)
    opened()
    post = told(mei, "早餐的蜂蜜", tags=(TagDraft(product_id=product.id, photo=0, x=1, y=1, words="就是它"),))
    channels.settle(now)

    answer = browser().get("/channels/haohuo/feed.json")
    feed = json.loads(answer.content)

    assert answer["Content-Type"].startswith("application/feed+json")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert not answer.cookies
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["title"], feed["home_page_url"]) == ("Good finds", "http://testserver/channels/haohuo")
    (item,) = feed["items"]
    assert item["id"] == f"http://testserver/posts/{post}"
    assert (item["title"], item["tags"], item["authors"][0]["name"]) == ("早餐的蜂蜜", ["露营"], "Mei")
    assert item["image"].startswith("http://testserver/posts/photos/")
    (tag,) = item["_wuyou"]["tags"]
    assert item["_wuyou"]["is_advertising"] is True
    assert (tag["title"], tag["words"]) == ("Mountain honey", "就是它")
    assert tag["price"] == {"amount_minor": 5900, "currency": "CNY"}
    assert tag["team_price"] == {"amount_minor": 3900, "currency": "CNY"}
    assert re.fullmatch(rf"http://testserver/posts/{post}/tags/\d+", tag["url"])
    assert tag["picture"].endswith("/honey.webp")
    chinese = json.loads(browser().get("/channels/haohuo/feed.json", {"lang": "zh-hans"}).content)
    assert (chinese["title"], chinese["language"]) == ("有好货", "zh-hans")


def test_the_feed_goes_on_and_answers_what_browsers_ask_before() -> None:
    now = utc_now()
    opened(rule=Rule(topics_any=("露营",), per_author=None))
    mei = make_person(now)
    posts = [told(mei, f"第{n}篇", photos=0) for n in range(22)]
    channels.settle(now)
    feed = json.loads(browser().get("/channels/haohuo/feed.json").content)
    assert feed["next_url"] == "http://testserver/channels/haohuo/feed.json?after=20"

    rest = json.loads(browser().get(feed["next_url"]).content)

    assert "next_url" not in rest
    ids = [item["id"].rsplit("/", 1)[1] for item in feed["items"] + rest["items"]]
    assert sorted(map(int, ids)) == posts
    asked = browser().options("/channels/haohuo/feed.json", headers={"Origin": "https://other.example"})
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")
    assert asked["Access-Control-Allow-Headers"] == "If-None-Match"
    assert browser().post("/channels/haohuo/feed.json").status_code == 405


def test_what_to_copy_names_this_very_place() -> None:
    opened()
    said = page("/channels/haohuo/code")
    for wanted in (
        "&lt;script src=&quot;http://testserver/channels/widget.js&quot; data-channel=&quot;haohuo&quot; async&gt;",
        "http://testserver/channels/haohuo/embed",
        "http://testserver/channels/haohuo/feed.json",
    ):
        assert wanted in said or wanted.replace("&quot;", '"') in said
