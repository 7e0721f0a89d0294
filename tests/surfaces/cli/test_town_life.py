"""The town goes on by itself: through the public doors, in nobody's name but its own, and good to who looks in."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from click.testing import CliRunner
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker
from tests.builders.people import make_person
from tests.conftest import empty_tables

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import operations as content
from wuyou.domains.content import queries as posts
from wuyou.domains.content.types import PostDraft, PostKind
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.groupbuy import queries as teams
from wuyou.domains.groupbuy.types import Team, TeamState
from wuyou.domains.identity import queries as identity
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.messaging import operations as messaging
from wuyou.domains.messaging import queries as talks
from wuyou.domains.messaging.types import Draft
from wuyou.domains.notifications import operations as telling
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as bought
from wuyou.domains.orders.types import FulfilmentState, LineDraft, OrderKind
from wuyou.domains.social import operations as social
from wuyou.domains.social import queries as relations
from wuyou.infra import db, events
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, make_viewer
from wuyou.surfaces.checkout.paying import pay
from wuyou.surfaces.cli.demo import demo
from wuyou.surfaces.cli.demo.homes import read_homes
from wuyou.surfaces.cli.demo.life import living
from wuyou.surfaces.cli.demo.life.living import Life
from wuyou.surfaces.cli.demo.life.looking import look_back
from wuyou.surfaces.cli.demo.life.rhythm import Moment, begins_at, slot_of
from wuyou.surfaces.cli.demo.life.written import read_written
from wuyou.surfaces.cli.demo.loading import read_the_old_news
from wuyou.surfaces.cli.demo.town import Settled, register_person, settle
from wuyou.surfaces.cli.demo.world import STAFF, read_world

pytestmark = pytest.mark.xdist_group("demo")
WORLD, WRITTEN = read_world(), read_written(read_homes())
NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
"""In Shanghai."""
LONG_AGO = NOON - timedelta(days=1)


@pytest.fixture(scope="module")
def settled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Settled]:
    """People, shops and somebody at the desk; no history."""
    with django_db_blocker.unblock():
        try:
            db.in_transaction(lambda: events.register(events.subscribers()))
            made = settle(WORLD, passwords={}, now=LONG_AGO)
            db.in_transaction(lambda: register_person(WORLD.login(STAFF), None, LONG_AGO))
            yield made
        finally:
            empty_tables()


@pytest.fixture
def life(settled: Settled) -> Life:
    return Life(WORLD, WRITTEN)


def pass_time(life: Life, begin: datetime, *, seconds: int, woke_at: datetime = LONG_AGO) -> Counter[str]:
    """Every slot of some time, with what a worker does between them."""
    done: Counter[str] = Counter()
    for slot in range(slot_of(begin), slot_of(begin + timedelta(seconds=seconds))):
        now = begins_at(slot)
        done.update(life.pass_slot(slot, now, woke_at))
        events.drain(events.subscribers(), now)
    return done


def test_a_slot_that_is_passed_twice_does_nothing_the_second_time(life: Life) -> None:
    acts = []
    for slot in range(slot_of(NOON), slot_of(NOON) + 12):
        acts.append(life.act_at(Moment(life.neighbours, slot, begins_at(slot))))
        events.drain(events.subscribers(), begins_at(slot))
    before = counts()

    again = [
        life.act_at(Moment(life.neighbours, slot, begins_at(slot))) for slot in range(slot_of(NOON), slot_of(NOON) + 12)
    ]

    assert len([act for act in acts if act]) >= 10
    assert again == [""] * 12
    assert counts() == before


def test_half_an_hour_of_the_town_is_lively_and_in_nobodys_name_who_can_sign_in(life: Life) -> None:
    before = counts()
    done = pass_time(life, NOON + timedelta(hours=1), seconds=1800)
    after = counts()

    assert sum(done.values()) >= 30
    assert {"react", "open_team"} <= set(done)
    assert after["orders_order"] > before["orders_order"]
    logins = [
        person.id
        for person in identity.persons_by_handle([person.handle for person in WORLD.people if person.login]).values()
    ]
    assert len(logins) == 3
    for table, column in DOERS.items():
        assert db.rows(f"SELECT 1 FROM {table} WHERE {column} = ANY(%s)", [logins]) == [], table
    assert [check.name for check in ledger.verify() if not check.holds] == []
    assert len(teams.list_running_teams(NOON + timedelta(minutes=90), limit=100)) <= 16


def test_a_visitors_team_is_joined_within_minutes_and_forms(life: Life) -> None:
    begin = NOON + timedelta(days=1)
    visitor = make_person(begin, "访客")
    team = open_paid_team(life, visitor.id, "honey", begin)
    assert (team.size, team.taken) == (3, 1)

    pass_time(life, begin, seconds=20)
    assert teams.get_team(team.token).taken == 1, "not at once: people take a moment"
    pass_time(life, begin + timedelta(seconds=20), seconds=200)

    formed = teams.get_team(team.token)
    assert formed.state is TeamState.FORMED
    assert {seat.user_id for seat in formed.seats} - {visitor.id} <= life.neighbours.ids
    (order,) = bought.list_orders_of(visitor.id).items
    assert order.fulfilment is FulfilmentState.READY, "this shop's keeper can be signed in as, and sends by hand"


def test_a_team_for_new_buyers_is_joined_by_newcomers(life: Life) -> None:
    begin = NOON + timedelta(days=2)
    visitor = make_person(begin)
    team = open_paid_team(life, visitor.id, "peach", begin)

    pass_time(life, begin, seconds=240)

    joined = {seat.user_id for seat in teams.get_team(team.token).seats} - {visitor.id}
    assert joined
    assert joined <= life.neighbours.newcomers


def test_whom_a_visitor_keeps_away_does_not_join_them(life: Life) -> None:
    begin = NOON + timedelta(days=3)
    visitor = make_person(begin)
    for person in sorted(life.neighbours.ids):
        block = partial(social.block, actor=Actor(visitor.id), person_id=person, now=begin)
        db.in_transaction(block)
    team = open_paid_team(life, visitor.id, "tea", begin)

    pass_time(life, begin, seconds=300)

    assert teams.get_team(team.token).taken == 1


def test_what_a_visitor_buys_in_the_town_is_sent_in_minutes(life: Life) -> None:
    begin = NOON + timedelta(days=4)
    visitor = make_person(begin)
    variant = catalog_variant(life, "bread")
    placed = db.in_transaction(
        lambda: orders.place_order(
            actor=Actor(visitor.id), lines=[LineDraft(variant, 1)], kind=OrderKind.ALONE, now=begin
        )
    )
    pay(actor=Actor(visitor.id), intent_no=placed.order_no, now=begin)
    events.drain(events.subscribers(), begin)

    pass_time(life, begin, seconds=180)

    assert bought.get_order(placed.id).fulfilment is FulfilmentState.SHIPPED


def test_a_visitors_post_is_welcomed_and_not_swarmed(life: Life) -> None:
    begin = NOON + timedelta(days=5)
    visitor = make_person(begin)
    draft = PostDraft(PostKind.ARTICLE, "第一次来，先坐坐。", "你好", audience=PUBLIC)
    post_id = db.in_transaction(lambda: content.start_post(actor=Actor(visitor.id), draft=draft, now=begin))
    db.in_transaction(lambda: content.publish_post(actor=Actor(visitor.id), post_id=post_id, now=begin))

    pass_time(life, begin, seconds=2400, woke_at=begin)

    response = posts.responses_by_post(make_viewer(None), [post_id])[post_id]
    assert 1 <= response.reactions <= 4
    assert 1 <= response.comments <= 2
    texts = [comment.text for comment in posts.list_comments(make_viewer(None), post_id).items]
    assert len(set(texts)) == len(texts)


def test_who_says_something_under_a_post_of_the_town_is_answered_once(life: Life) -> None:
    begin = NOON + timedelta(days=6)
    visitor = make_person(begin)
    pass_time(life, begin, seconds=600, woke_at=begin)
    post = next(post for post in posts.list_newest(make_viewer(None)).items if post.owner_id in life.neighbours.ids)
    for text in ("真好看", "还想问一句"):
        say = partial(content.write_comment, actor=Actor(visitor.id), post_id=post.id, text=text, now=begin)
        db.in_transaction(say)

    pass_time(life, begin + timedelta(minutes=10), seconds=1200, woke_at=begin)

    mine = [each for each in posts.list_comments(make_viewer(None), post.id).items if each.owner_id == visitor.id]
    answers = posts.comments_by_thread(make_viewer(None), [each.id for each in mine])
    (answer,) = [answer for thread in answers.values() for answer in thread]
    assert answer.owner_id == post.owner_id


def test_who_is_asked_agrees_and_who_is_written_to_answers_once(life: Life) -> None:
    begin = NOON + timedelta(days=6, hours=6)
    visitor = make_person(begin)
    me, momo = Actor(visitor.id), life.neighbours.people["momo"]
    db.in_transaction(lambda: social.request_friend(actor=me, person_id=momo, reason="都爱写信", now=begin))
    talk = db.in_transaction(lambda: messaging.open_conversation(actor=me, person_id=momo, now=begin))
    db.in_transaction(lambda: write_letter(me, talk, "你好", begin))

    pass_time(life, begin, seconds=600, woke_at=begin)
    later = begin + timedelta(minutes=10)
    db.in_transaction(lambda: write_letter(me, talk, "谢谢", later))
    pass_time(life, later, seconds=600, woke_at=begin)

    said = talks.list_messages(get_viewer(visitor.id), talk)
    assert [message.author_id for message in said] == [visitor.id, momo, visitor.id]
    assert said[1].text in WRITTEN.letters
    assert relations.friends_among(get_viewer(visitor.id), [momo]) == {momo}
    assert talks.count_unread_by_person([momo])[momo] == 0, "the second was read too"


def write_letter(me: Actor, talk: int, text: str, now: datetime) -> None:
    messaging.send_message(actor=me, conversation_id=talk, client_id=f"letter-{now:%H%M}", draft=Draft(text), now=now)


def test_what_the_town_looks_at_is_told_as_pages_do_and_once(life: Life, settled: Settled) -> None:
    begin = NOON + timedelta(days=7)
    visitor = make_person(begin)
    pass_time(life, begin, seconds=300, woke_at=begin)
    now = begin + timedelta(hours=12)

    count = look_back([*sorted(life.neighbours.ids), visitor.id], now)
    rows = seen()
    again = look_back([*sorted(life.neighbours.ids), visitor.id], now)

    assert again == count > 20
    assert seen() == rows, "told twice it is one"
    assert {kind for kind, *_ in rows} == {"exposure", "click", "dwell"}
    assert {person for _, _, person, _, _ in rows} <= life.neighbours.ids | {visitor.id}
    assert not [own for kind, post, own, _, _ in rows if (post, own) in owners()], "nobody reads their own"
    assert all(mark is None for _, _, _, mark, _ in rows)
    pressed = db.rows(
        "SELECT DISTINCT object_kind, origin_kind FROM behaviour_event WHERE origin_id IS NOT NULL AND source = 'page'"
    )
    assert pressed in ([], [("product", "post")])


def test_who_signs_in_finds_the_last_hours_unread(settled: Settled) -> None:
    now = NOON + timedelta(days=20)
    reader = make_person(now)
    for hours in (1, 11, 13, *range(24, 24 * 130, 24)):
        told_at = now - timedelta(hours=hours)
        tell = partial(telling.notify, person_id=reader.id, kind=Kind.REFUND_RETURNED, object_id=hours, now=told_at)
        db.in_transaction(tell)
    assert notifications.count_unread(get_viewer(reader.id)) > 100 - 2

    read_the_old_news(reader.id, now)

    assert notifications.count_unread(get_viewer(reader.id)) == 2


def test_posts_are_told_once_and_then_of_one_good_after_the_other(settled: Settled) -> None:
    written = replace(WRITTEN, posts=WRITTEN.posts[:4])
    life = Life(WORLD, written)
    told = []
    for turn in range(len(written.posts) + 6):
        now = NOON + timedelta(days=8, hours=3 * turn)
        if life.act_at(Moment(life.neighbours, slot_of(now), now)) == "publish":
            told.append(posts.list_newest(make_viewer(None), limit=1).items[0])

    names = [post.title for post in told]
    assert len(set(names)) == len(names), "nothing is told twice"
    retold = [name for name in names if name not in {post.title for post in written.posts}]
    assert len(retold) >= 4
    assert not [post for post in told if "{" in post.title + post.text]
    assert all(post.photos for post in told)


def test_two_processes_do_not_live_one_life(settled: Settled) -> None:
    lives, may_end = threading.Event(), threading.Event()

    def live_elsewhere() -> None:
        with living.alone() as is_alone:
            assert is_alone
            lives.set()
            may_end.wait(60)
        connection.close()

    elsewhere = threading.Thread(target=live_elsewhere)
    elsewhere.start()
    try:
        assert lives.wait(60)
        refused = CliRunner().invoke(demo, ["live"])
    finally:
        may_end.set()
        elsewhere.join()

    assert refused.exit_code == 1
    assert refused.stderr == "Error: The town lives already: another process sees to it.\n"
    with living.alone() as is_alone:
        assert is_alone, "and is free again"


DOERS = {
    "orders_order": "buyer_id",
    "groupbuy_seat": "user_id",
    "content_post": "owner_id",
    "content_comment": "owner_id",
    "content_reaction": "person_id",
    "social_follow": "follower_id",
    "things_review": "owner_id",
}


def seen() -> list[tuple[str, int, int, str | None, int | None]]:
    return db.rows(
        "SELECT kind, object_id, person_id, mark, position FROM behaviour_event WHERE source = 'page'"
        " AND object_kind = 'post' ORDER BY event_id"
    )


def owners() -> set[tuple[int, int]]:
    return set(db.rows("SELECT id, owner_id FROM content_post"))


def counts() -> dict[str, int]:
    return {table: db.rows(f"SELECT count(*) FROM {table}")[0][0] for table in (*DOERS, "event", "ledger_transfer")}


def catalog_variant(life: Life, picture: str) -> int:
    return catalog.get_product(life.neighbours.products[picture]).variants[0].id


def open_paid_team(life: Life, leader: int, picture: str, now: datetime) -> Team:
    product_id = life.neighbours.products[picture]
    campaign = teams.campaigns_by_product([product_id], now)[product_id]
    taken = db.in_transaction(
        lambda: groupbuy.open_team(
            actor=Actor(leader),
            campaign_id=campaign.id,
            variant_id=catalog_variant(life, picture),
            quantity=1,
            now=now,
        )
    )
    pay(actor=Actor(leader), intent_no=taken.order_no, now=now)
    events.drain(events.subscribers(), now)
    return teams.get_team(taken.team_token)
