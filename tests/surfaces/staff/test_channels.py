"""The editors' pages: a channel is defined after a look at what it would take, posts are placed, and why is told."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.builders import channels, content
from tests.builders.people import make_person
from tests.surfaces.staff.conftest import signed_in
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.channels import queries
from wuyou.domains.channels.types import Rule
from wuyou.domains.content.types import PostKind
from wuyou.domains.social.types import Role
from wuyou.kernel.sight import FRIENDS
from wuyou.surfaces.staff.access import new_key

FORM = {
    "name": "有好货", "name_en": "Good finds", "slug": "haohuo", "position": "3", "about": "挑过的",
    "about_en": "Chosen", "picture": "tent",
    "topics_any": "#露营 帐篷，轻装", "kinds": ["PHOTOS"], "roles": ["ARTIST"], "language": "ZH",
    "sells": "no", "least_quality": "10", "most_age_days": "30", "half_life_days": "5", "per_author": "",
    "ad_every": "4", "most": "50",
}  # fmt: skip


def sent(**how: object) -> dict[str, object]:
    return {**FORM, "idempotency_key": new_key(), "do": "save", **how}


def test_a_channel_is_previewed_then_defined_then_opened(present: datetime, client: Client) -> None:
    mei = make_person(present)
    post = content.make_post(present, mei, title="山口的风", topics=("露营",))
    other = content.make_post(present, mei, title="一壶茶", topics=("茶",))
    channels.settle(present)
    new = reverse("staff:new-channel")
    wanted = sent(roles=[], least_quality="", language="")
    before = footprint()

    previewed = client.post(new, {**wanted, "do": "preview"}).content.decode()

    assert footprint() == before
    assert "Of the latest posts 1 fit and 1 do not." in previewed
    assert previewed.index("山口的风") < previewed.index("What does not fit, and why") < previewed.index("一壶茶")
    assert 'value="#露营 帐篷 轻装"' in previewed
    made = client.post(new, wanted)
    (channel,) = queries.list_all()
    assert made["Location"] == reverse("staff:channel", args=[channel.id])
    assert client.post(new, wanted).status_code == 302
    assert len(queries.list_all()) == 1
    assert channel.rule == Rule(
        topics_any=("露营", "帐篷", "轻装"), kinds=(PostKind.PHOTOS,), sells=False, most_age_days=30,
        half_life_days=5, per_author=None, ad_every=4, most=50,
    )  # fmt: skip
    assert Client().get("/channels/haohuo").status_code == 404
    client.post(reverse("staff:open-channel", args=[channel.id]), {"open": "yes", "idempotency_key": new_key()})
    assert f"/posts/{post}" in Client().get("/channels/haohuo").content.decode()
    assert f"/posts/{other}" not in Client().get("/channels/haohuo").content.decode()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"slug": "../etc"}, "The name in the address has 2 to 16"),
        ({"slug": "<script>"}, "The name in the address has 2 to 16"),
        ({"name": ""}, "Please look at the names"),
        ({"position": "x"}, "A place is a whole number"),
        ({"least_quality": "1001"}, "least_quality, from 0 to 1000"),
        ({"least_quality": "many"}, "least_quality, from 0 to 1000"),
        ({"half_life_days": "0"}, "half_life_days"),
        ({"ad_every": "1"}, "ad_every"),
        ({"topics_none": "露营"}, "The rule asks for #露营 and shuts it out too."),
        ({"things": "not a thing"}, "a thing that nobody may know of"),
        ({"things": "/things/999999999"}, "a thing that nobody may know of"),
    ],
)
def test_bad_rules_are_refused_with_a_sentence_and_change_nothing(
    present: datetime, client: Client, wrong: dict[str, str], sentence: str
) -> None:
    before = footprint()

    answer = client.post(reverse("staff:new-channel"), sent(**wrong))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert footprint() == before


def test_an_empty_rule_is_refused(present: datetime, client: Client) -> None:
    form = {"name": "a", "name_en": "a", "slug": "aa", "idempotency_key": new_key()}
    answer = client.post(reverse("staff:new-channel"), form)
    assert (answer.status_code, queries.list_all()) == (422, ())


def test_a_rule_that_somebody_else_saved_meanwhile_is_not_overwritten(present: datetime, client: Client) -> None:
    channel = channels.make_channel(present)
    where = reverse("staff:save-channel-rule", args=[channel.id])
    page = client.get(reverse("staff:channel", args=[channel.id])).content.decode()
    assert '<input type="hidden" name="version" value="1">' in page
    channels.save_rule(present, channel, Rule(topics_any=("茶",)))

    late = client.post(where, sent(version="1", topics_any="火车"))

    assert late.status_code == 409
    assert "Somebody else has saved a rule meanwhile" in late.content.decode()
    assert queries.get_channel(channel.id).rule.topics_any == ("茶",)
    assert client.post(where, sent(version="2", topics_any="火车")).status_code == 302
    assert queries.get_channel(channel.id).rule.topics_any == ("火车",)
    versions = client.get(reverse("staff:channel", args=[channel.id])).content.decode().partition("Rules it had")[2]
    assert versions.index("火车") < versions.index("茶") < versions.index("露营")


def test_posts_are_placed_by_hand_and_the_log_says_by_whom_and_why(present: datetime, client: Client) -> None:
    channel, post = channels.make_channel(present), content.make_post(present, make_person(present), title="一壶茶")
    where = reverse("staff:place-post", args=[channel.id])
    form = {
        "post": f"https://wuyou.example/posts/{post}?from=x",
        "what": "PIN",
        "place": "2",
        "days": "3",
        "reason": "好文",
    }

    refused = client.post(where, {**form, "reason": "", "idempotency_key": new_key()})
    assert (refused.status_code, queries.list_hands(channel.id, now=present)) == (422, ())
    assert client.post(where, {**form, "post": "nonsense", "idempotency_key": new_key()}).status_code == 404
    assert client.post(where, {**form, "idempotency_key": new_key()}).status_code == 302
    (hand,) = queries.list_hands(channel.id, now=present)
    assert (hand.post_id, hand.place, hand.reason) == (post, 2, "好文")
    page = client.get(reverse("staff:channel", args=[channel.id])).content.decode()
    assert "一壶茶" in page
    assert "Pinned · 2" in page
    go = {"post": str(post), "what": "GO", "back": str(post), "idempotency_key": new_key()}
    assert client.post(where, go)["Location"] == f"{reverse('staff:channel-post')}?post={post}"
    assert queries.list_hands(channel.id, now=present) == ()
    assert "值班" in client.get(reverse("staff:channel", args=[channel.id])).content.decode()


def test_where_a_post_is_says_why_and_why_not(present: datetime, client: Client) -> None:
    channels.make_channel(present, name="露营频道", name_en="Camping")
    channels.make_channel(present, Rule(topics_any=("茶",), least_signs=4_000), name="茶", name_en="Brewing")
    mei = make_person(present)
    post = content.make_post(present, mei, topics=("露营",))
    private = content.make_post(present, mei, topics=("露营",), audience=FRIENDS)
    channels.settle(present)
    where = reverse("staff:channel-post")

    page = client.get(where, {"post": f"/posts/{post}"}).content.decode()

    assert page.index("Camping") < page.index("One of these topics: #露营") < page.index("Brewing")
    assert "does not fit" in page
    assert "Length of the text: " in page
    closed, absent = (client.get(where, {"post": one}) for one in (str(private), "999999999"))
    assert (closed.status_code, absent.status_code) == (404, 404)
    seen, gone = (
        one.content.decode().partition("<main")[2].replace(f'value="{asked}"', "")
        for one, asked in ((closed, str(private)), (absent, "999999999"))
    )
    assert seen == gone
    assert client.get(where).status_code == 200


def test_editors_see_channels_and_nothing_else_of_the_console(present: datetime, client: Client) -> None:
    mei = make_person(present, "Mei", handle="mei_edits")
    hers, channel = signed_in(mei), channels.make_channel(present)
    paths = [reverse("staff:channels"), reverse("staff:channel", args=[channel.id]), reverse("staff:channel-post")]
    assert [hers.get(path).status_code for path in paths] == [404, 404, 404]

    made = client.post(reverse("staff:channel-editors"), {"handle": "@mei_edits", "idempotency_key": new_key()})

    assert made.status_code == 302
    assert [hers.get(path).status_code for path in paths] == [200, 200, 200]
    assert f'href="{paths[1]}"' in hers.get(f"/channels/{channel.slug}").content.decode()
    assert paths[1] not in Client().get(f"/channels/{channel.slug}").content.decode()
    assert hers.get(reverse("staff:overview")).status_code == 404
    assert hers.get(reverse("staff:channel-editors")).status_code == 404
    assert reverse("staff:orders") not in hers.get(paths[0]).content.decode()
    nobody = client.post(reverse("staff:channel-editors"), {"handle": "nobody_here", "idempotency_key": new_key()})
    assert nobody.status_code == 404
    client.post(reverse("staff:channel-editors"), {"dismiss": str(mei.id), "idempotency_key": new_key()})
    assert hers.get(paths[0]).status_code == 404


@pytest.mark.parametrize("count", [1, 5])
def test_pages_cost_the_same_however_much_there_is(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    mei = make_person(present)
    posts = [content.make_post(present, mei, topics=("露营",), title=f"第{n}篇") for n in range(count)]
    made = [channels.make_channel(present, Rule(roles=(Role.ARTIST,))) for _ in range(count)]
    for post in posts:
        channels.put_in(present, made[0], post)
    with django_assert_num_queries(5):
        assert client.get(reverse("staff:channels")).status_code == 200
    with django_assert_num_queries(11):
        assert client.get(reverse("staff:channel", args=[made[0].id])).status_code == 200
    with django_assert_num_queries(16):
        assert client.get(reverse("staff:channel-post"), {"post": str(posts[0])}).status_code == 200
