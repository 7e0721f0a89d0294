"""The page of what happened, and the bell that leads to it."""

from __future__ import annotations

import re

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from tests.builders import messaging as talk
from tests.builders import social
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import browser, footprint
from wuyou.domains.notifications import queries
from wuyou.domains.notifications.types import Channel, Group, Kind, Notification, Origin, Pace, Preference, Topic
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.viewmodels.notifications import tell


@pytest.mark.parametrize(
    ("language", "sentence"), [("zh-hans", "丙、乙 和另外 1 人关注了你。"), ("en", "丙, 乙 and 1 other follow you.")]
)
def test_followers_are_told_in_one_sentence(db: None, language: str, sentence: str) -> None:
    now = utc_now()
    mei = make_person(now, "梅")
    for name in "甲乙丙":
        social.follow(now, make_person(now, name), mei)

    page = browser(mei, language).get("/notifications").content.decode()

    assert sentence in page
    assert page.count("<h1") == 1


def test_marking_what_was_shown_leaves_what_came_meanwhile(db: None) -> None:
    now = utc_now()
    mei = make_person(now, "梅")
    social.follow(now, make_person(now, "甲"), mei)
    client = browser(mei)
    ids = re.findall(r'name="id" value="(\d+)"', client.get("/notifications").content.decode())
    social.follow(now, make_person(now, "乙"), mei)

    answer = client.post("/notifications/read", {"id": ids})

    assert answer.status_code == 302
    assert queries.count_unread(get_viewer(mei.id)) == 1
    assert "(1)" in client.get("/notifications/bell").content.decode()


def test_a_message_leads_to_its_conversation_until_it_was_seen(db: None) -> None:
    now = utc_now()
    mei, lin = talk.make_friends(now, "梅", "林小溪")
    pair = talk.open_with(now, mei, lin)
    talk.say(now, lin, pair)
    client = browser(mei)
    assert f'class="text-link" href="/talk/{pair}"' in client.get("/notifications").content.decode()

    talk.see(now, mei, pair, 1)

    assert f'class="text-link" href="/talk/{pair}"' not in client.get("/notifications").content.decode()


@pytest.mark.parametrize(
    ("kind", "href"),
    [
        (Kind.FRIEND_REQUESTED, "/friends"),
        (Kind.FRIENDSHIP_BEGAN, "/friends"),
        (Kind.TIE_FADING, "/friends"),
        (Kind.FOLLOWED, "/friends?view=followers"),
        (Kind.GIFT_RECEIVED, "/gifts"),
        (Kind.GOODS_ARRIVED, "/things#arrivals"),
        (Kind.SIGNED_IN_ANEW, "/account"),
        (Kind.WAYS_IN_CHANGED, "/account"),
        (Kind.EXPORT_READY, "/privacy#data"),
        (Kind.TEAM_FORMED, "/orders"),
        (Kind.TEAM_ENDED, "/orders"),
    ],
)
def test_what_happened_leads_to_where_one_looks_after_it(kind: Kind, href: str) -> None:
    told = Notification(1, kind, None, None, "", {}, is_read=False, happened_at=utc_now())

    assert tell(Group(kind, (told,)), {}).href == href


@pytest.mark.parametrize("wrong", ["x", "-1", "9" * 30])
def test_malformed_mark_is_refused_and_changes_nothing(db: None, wrong: str) -> None:
    now = utc_now()
    mei = make_person(now, "梅")
    social.follow(now, make_person(now, "甲"), mei)

    answer = browser(mei).post("/notifications/read", {"id": [wrong]})

    assert answer.status_code == 422
    assert queries.count_unread(get_viewer(mei.id)) == 1


def test_empty_page_says_so_and_strangers_sign_in_first(db: None) -> None:
    mei = make_person(utc_now(), "梅")

    assert "没有新消息" in browser(mei, "zh-hans").get("/notifications").content.decode()
    assert browser().get("/notifications").status_code == 302


def test_who_blocked_later_is_on_no_page_and_in_no_count(db: None) -> None:
    now = utc_now()
    mei, lin = make_person(now, "梅"), make_person(now, "林小溪")
    social.ask(now, lin, mei)
    client = browser(mei)
    assert "林小溪" in client.get("/notifications").content.decode()

    social.block(now, lin, mei)

    assert "林小溪" not in client.get("/notifications").content.decode()
    assert "rail__count" not in client.get("/notifications/bell").content.decode()


# ---------------------------------------------------------------------- settings


def chosen(**changed: str) -> dict[str, str]:
    sent = {f"from.{origin.value}": "ACCEPT" for origin in Origin}
    sent |= {f"on.{topic.value}.{channel.value}": "1" for topic in Topic for channel in Channel}
    sent["pace"] = "HOURLY"
    return sent | {name.replace("from_", "from."): value for name, value in changed.items()}


def test_strangers_are_filtered_by_a_choice_on_the_page(db: None) -> None:
    now = utc_now()
    mei = make_person(now, "梅")
    social.follow(now, make_person(now, "甲"), mei)
    client = browser(mei)
    assert "(1)" in client.get("/notifications/bell").content.decode()

    answer = client.post("/notifications/settings", chosen(from_STRANGER="FILTER"))

    assert answer["Location"] == "/notifications/settings"
    settings_page = client.get("/notifications/settings").content.decode()
    assert 'name="from.STRANGER" value="FILTER" checked' in settings_page
    assert "甲" not in client.get("/notifications").content.decode()
    assert "rail__count" not in client.get("/notifications/bell").content.decode()
    box = client.get("/notifications?box=filtered").content.decode()
    assert "甲" in box
    (shown,) = re.findall(r'name="id" value="(\d+)"', box)
    assert client.post("/notifications/read", {"id": [shown], "box": "filtered"})["Location"].endswith("?box=filtered")


def test_topic_is_taken_off_the_page_and_ones_account_stays(db: None) -> None:
    mei = make_person(utc_now(), "梅")
    sent = chosen()
    del sent["on.PEOPLE.PAGE"], sent["on.ACCOUNT.PAGE"]

    browser(mei).post("/notifications/settings", sent)

    assert queries.get_preference(mei.id).silenced == {(Topic.PEOPLE, Channel.PAGE)}


def test_ways_and_pace_are_kept_as_they_were_chosen(db: None) -> None:
    mei = make_person(utc_now(), "梅")
    sent = chosen(pace="DAILY", shows_content="1")
    del sent["on.TALK.MAIL"], sent["on.ORDERS.PUSH"]

    browser(mei).post("/notifications/settings", sent)

    assert queries.get_preference(mei.id) == Preference(
        silenced=frozenset({(Topic.TALK, Channel.MAIL), (Topic.ORDERS, Channel.PUSH)}),
        pace=Pace.DAILY,
        language="en",
        shows_content=True,
    )
    page = browser(mei).get("/notifications/settings").content.decode()
    assert 'name="pace" value="DAILY" checked' in page
    assert 'name="shows_content" value="1" checked' in page


def test_what_this_installation_has_not_stays_as_it_was(db: None, settings: Settings) -> None:
    mei = make_person(utc_now(), "梅")
    sent = chosen(pace="NEVER")
    del sent["on.TALK.MAIL"]
    browser(mei).post("/notifications/settings", sent)
    settings.CODE_SENDERS = {"email": "", "phone": ""}
    del sent["pace"]

    page = browser(mei).get("/notifications/settings").content.decode()
    assert browser(mei).post("/notifications/settings", sent).status_code == 302

    assert 'name="pace"' not in page
    assert "on.TALK.MAIL" not in page
    kept = queries.get_preference(mei.id)
    assert (kept.pace, set(kept.silenced)) == (Pace.NEVER, {(Topic.TALK, Channel.MAIL)})


@pytest.mark.parametrize("wrong", [{"from_STRANGER": "SHOUT"}, {"from_FRIEND": ""}, {"pace": "WEEKLY"}])
def test_choice_that_is_none_is_refused_and_changes_nothing(db: None, wrong: dict[str, str]) -> None:
    mei = make_person(utc_now(), "梅")
    client = browser(mei)
    client.post("/notifications/settings", chosen(from_FRIEND="DROP"))
    before = footprint()

    answer = client.post("/notifications/settings", chosen(**wrong))

    assert answer.status_code == 422
    assert footprint() == before


def test_box_that_is_none_is_refused(db: None) -> None:
    assert browser(make_person(utc_now())).get("/notifications?box=x").status_code == 422


def test_settings_are_for_who_is_signed_in(db: None) -> None:
    assert browser().get("/notifications/settings").status_code == 302
    assert browser().post("/notifications/settings", chosen()).status_code == 302


def test_settings_cost_one_query_besides_the_shell(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = browser(make_person(utc_now()))
    client.get("/notifications/settings")
    with django_assert_num_queries(6):  # session, person, cart, what was chosen, addresses and number
        client.get("/notifications/settings")
