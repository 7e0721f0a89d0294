"""Channels by the API: what is open, what is in one for whom, and why one's own post is there."""

from __future__ import annotations

from functools import partial

import pytest

from tests.builders import channels, content, social
from tests.builders.people import make_person
from tests.surfaces.api.client import ApiClient, client_for
from wuyou.domains.channels.types import Rule
from wuyou.domains.content import operations as content_operations
from wuyou.infra import db
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.usefixtures("world")


def test_channels_are_listed_and_read_by_anybody_as_far_as_they_see_them() -> None:
    now, mei, lin = utc_now(), make_person(utc_now()), make_person(utc_now())
    channel = channels.make_channel(now, Rule(topics_any=("露营",), per_author=None), slug="haohuo", picture="tent")
    channels.make_channel(now, is_open=False)
    posts = [content.make_post(now, mei, topics=("露营",)) for _ in range(3)]
    channels.settle(now)
    channels.pin(now, channel, posts[0])
    anybody = ApiClient()

    (line,) = anybody.get("/channels").ok()["items"]
    assert line == {
        "slug": "haohuo", "name": "有好货", "name_en": "Good finds", "about": "挑过的", "about_en": "Chosen",
        "picture": "tent",
    }  # fmt: skip
    first = anybody.get("/channels/haohuo/posts?limit=2").ok()
    assert [(one["post"]["id"], one["is_pinned"]) for one in first["items"]] == [(posts[0], True), (posts[2], False)]
    rest = anybody.get(f"/channels/haohuo/posts?limit=2&cursor={first['next_cursor']}").ok()
    assert ([one["post"]["id"] for one in rest["items"]], rest["next_cursor"]) == ([posts[1]], None)
    social.block(now, mei, lin)
    assert client_for(lin).get("/channels/haohuo/posts").ok()["items"] == []
    assert anybody.get("/channels/no-such/posts").code == "channels.channel_not_found"
    assert anybody.get("/channels/HAOHUO/posts").code == "surface.form_malformed"


def test_its_author_alone_reads_why_a_post_is_in_a_channel() -> None:
    now, mei, lin = utc_now(), make_person(utc_now()), make_person(utc_now())
    channels.make_channel(now, slug="haohuo")
    post = content.make_post(now, mei, topics=("露营",))
    channels.settle(now)

    (placed,) = client_for(mei).get(f"/posts/{post}/placements").ok()["items"]

    assert (placed["channel"]["slug"], placed["by_rule"], placed["by_hand"]) == ("haohuo", True, False)
    assert placed["reasons"] == [{"condition": "TOPICS_ANY", "by": ["露营"]}]
    parts = placed["quality"]
    assert parts.pop("total") == sum(parts.values())
    for other in (lin,):
        assert client_for(other).get(f"/posts/{post}/placements").code == "content.post_not_found"
    db.in_transaction(partial(content_operations.hold_post, post_id=post, now=now))
    assert client_for(mei).get(f"/posts/{post}/placements").ok()["items"] == []
