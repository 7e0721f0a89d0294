"""`wuyou demo load`, killed in the middle and begun anew: what stands in the database then, and who may load when."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.contrib.auth import authenticate
from pytest_django.plugin import DjangoDbBlocker
from tests.builders.processes import environment
from tests.conftest import empty_tables

from wuyou.domains.alliance import queries as alliance
from wuyou.domains.alliance.types import CommissionState
from wuyou.domains.awards import queries as awards
from wuyou.domains.awards.types import Rule
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.channels import queries as channels
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.groupbuy.types import SeatState
from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.statements import months
from wuyou.domains.messaging import queries as messaging
from wuyou.domains.messaging.types import MessageKind
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import FulfilmentState, Order, PaymentState, RefundState
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import GiftState
from wuyou.domains.things import finding
from wuyou.domains.things.types import Nearness, PeopleQuery
from wuyou.infra import db, event_log
from wuyou.infra.clock import simulated_clock
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import Kind, split
from wuyou.surfaces.cli.demo import demo, loading
from wuyou.surfaces.cli.demo.channelling import read_channels
from wuyou.surfaces.cli.demo.history import read_history
from wuyou.surfaces.cli.demo.homes import read_homes
from wuyou.surfaces.cli.demo.loading import State
from wuyou.surfaces.cli.demo.world import MEMBER, MERCHANT, STAFF, read_world

WORLD = read_world()
FILLED = ("tea", "kite", "dumpling")
"""What the teams that filled today bought."""


@dataclass(frozen=True)
class Loaded:
    """What became of a load that was killed, and of the one after it."""

    state_after_kill: State
    orders_after_kill: int
    done: Result
    at: datetime


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Loaded]:
    with django_db_blocker.unblock():
        try:
            _load_and_kill(orders_at_least=30)
            state, count = loading.read_state(WORLD), _count("orders_order")
            at = utc_now()
            yield Loaded(state, count, CliRunner().invoke(demo, ["load"]), at)
        finally:
            empty_tables()


def test_a_load_that_was_killed_is_undone_and_begun_anew(loaded: Loaded) -> None:
    assert loaded.state_after_kill is State.UNFINISHED
    assert loaded.orders_after_kill >= 30
    assert "was interrupted: starting it over" in loaded.done.stdout
    assert loaded.done.exit_code == 0, loaded.done.output
    assert loading.read_state(WORLD) is State.LOADED
    assert identity.count_people() == len(WORLD.people)
    assert _count("catalog_shop") == 8
    assert _count("catalog_product") == 48
    assert (_count("things_part"), _count("things_drawing"), _count("things_part_mark")) == (12, 1, 10)


def test_the_books_hold_and_no_news_was_lost(loaded: Loaded) -> None:
    checks = ledger.verify()

    assert [check.name for check in checks if not check.holds] == []
    assert event_log.list_letters().items == ()
    assert {reader.unread_count for reader in event_log.list_readers()} == {0}
    assert _count("payments_mismatch") == 0
    assert db.rows("SELECT 1 FROM payments_sandbox_notice WHERE delivered_at IS NULL") == [], "the bank was heard out"
    assert not _rows_that_nothing_may_change_any_more_do(), "the ledger's rows are final again"


def test_teams_ended_as_the_records_say(loaded: Loaded) -> None:
    rows = read_history().rows
    states = dict(db.rows("SELECT state, count(*) FROM groupbuy_team GROUP BY state"))

    assert states == {
        "FORMED": sum(row.succeeded for row in rows) + len(FILLED),
        "EXPIRED": sum(not row.succeeded for row in rows),
        "FORMING": len(WORLD.teams) - len(FILLED),
    }


def test_teams_of_different_people_are_filling_now(loaded: Loaded) -> None:
    running = groupbuy.list_running_teams(loaded.at, limit=50)
    left = sorted(team.expires_at - loaded.at for team in running if team.expires_at)

    assert 10 <= len(running) <= 16
    assert len(running) == len(WORLD.teams) - len(FILLED) - 1, "and one whose last seat waits for its payment"
    assert timedelta(minutes=19) < left[0] < timedelta(minutes=22)
    assert timedelta(hours=20) < left[-1] < timedelta(hours=24)
    assert len({team.leader_id for team in running}) >= 8
    assert {team.size for team in running} == {2, 3, 4, 5}
    assert [team for team in running if team.missing == 1 and team.size > 2], "some are one seat short"
    for team in running:
        assert [seat.state for seat in team.seats if seat.is_leader] == [SeatState.PAID]
        assert team.link_token


def test_the_member_has_orders_in_every_state(loaded: Loaded) -> None:
    member = _person(MEMBER)
    bought = _orders_of(member)
    teams = groupbuy.teams_by_order([order.id for order in bought])

    assert {order.payment for order in bought} == set(PaymentState)
    assert {order.fulfilment for order in bought} == set(FulfilmentState)
    assert {order.refund for order in bought} == set(RefundState)
    assert [order for order in bought if order.id in teams and order.payment is PaymentState.UNPAID]
    assert [order for order in bought if order.id not in teams and order.payment is PaymentState.UNPAID]
    assert all(order.pay_until > loaded.at for order in bought if order.payment is PaymentState.UNPAID)
    running = [teams[order.id] for order in bought if order.fulfilment is FulfilmentState.HELD and order.id in teams]
    assert len([team for team in running if team.leader_id == member.id]) == 2
    assert len([team for team in running if team.leader_id != member.id]) == 2
    assert orders.list_cart(member.id)


def test_the_member_has_earnings_in_every_state(loaded: Loaded) -> None:
    member = _person(MEMBER)
    earned = alliance.list_conversions(member.id, limit=100).items
    sums = alliance.earnings_of(member.id)

    assert {conversion.state for conversion in earned} == set(CommissionState)
    for amount in (sums.estimated, sums.confirmed, sums.settled, sums.reversed, sums.balance, sums.paid_out):
        assert amount.amount_minor > 0


def test_the_merchant_has_something_to_send_and_teams_to_decide_on(loaded: Loaded) -> None:
    (shop,) = catalog.list_shops_of(_person(MERCHANT).id)

    waiting = orders.list_orders_of_shop(shop.id, payment=PaymentState.PAID, fulfilment=(FulfilmentState.READY,))
    assert len(waiting.items) >= 3
    assert len(groupbuy.list_forming_teams(catalog.list_product_ids(shop.id), loaded.at)) >= 2


def test_people_are_found_by_what_they_share_with_the_member(loaded: Loaded) -> None:
    member = _person(MEMBER)

    found = finding.find_people(get_viewer(member.id), PeopleQuery(at_least=3))
    stranger = finding.find_people(get_viewer(None), PeopleQuery(at_least=3))

    assert len(found.people) >= 5
    assert {person.nearness for person in found.people[:3]} == {Nearness.THING}
    assert not stranger.people


def test_copies_are_open_in_every_way_and_arrivals_stay_private_unless_opened(loaded: Loaded) -> None:
    opens = {
        split(token)[0]
        for (tokens,) in db.rows("SELECT sight_opens FROM things_holding WHERE owner_id = %s", [_person(MEMBER).id])
        for token in tokens
    }
    (private,) = db.rows("SELECT count(*) FROM things_holding WHERE source = 'ORDER' AND cardinality(sight_opens) = 1")

    assert opens >= {Kind.EVERYONE, Kind.PERSON, Kind.FOLLOWERS, Kind.FRIENDS, Kind.LABEL, Kind.HOLDERS}
    assert private[0] > 50


def test_gifts_were_given_and_thanked_for_and_people_talk(loaded: Loaded) -> None:
    member = _person(MEMBER)
    given = social.list_gifts_to(member.id).items
    lines, _ = messaging.list_conversations(get_viewer(member.id))
    (asked,) = messaging.list_requests(get_viewer(member.id))

    assert {gift.state for gift in given} == {GiftState.OFFERED, GiftState.ACCEPTED, GiftState.GIVEN}
    assert any(gift.is_thanked for gift in given)
    assert any(gift.copy_id for gift in given), "a thing that was handed on"
    assert len(lines) == 4
    assert any(line.unread for line in lines)
    assert asked.last is not None
    assert asked.last.kind is MessageKind.CALL_OUT


def test_copies_have_photos_and_things_have_words_with_threads(loaded: Loaded) -> None:
    homes = read_homes()
    described = 1
    """A drawing of a product has threads of its own (`describing`)."""

    assert _count("things_photo") == sum(len(copy.photos) for copy in homes.copies)
    assert _count("things_review") == len(homes.reviews)
    assert _count("things_review_picture") == sum(len(review.photos) for review in homes.reviews)
    threads = len(homes.threads) + sum(len(review.threads) for review in homes.reviews)
    assert _count("things_annotation") >= threads + described
    assert _count("stored_file") >= _count("things_photo") + _count("things_review_picture") + described


def test_passwords_are_shown_once_and_kept_nowhere(loaded: Loaded) -> None:
    shown = {
        person.handle: line.split()[1]
        for person in WORLD.people
        for line in loaded.done.stdout.splitlines()
        if person.login and line.split()[:1] == [person.handle]
    }

    assert set(shown) == {WORLD.login(kind).handle for kind in (MEMBER, MERCHANT, STAFF)}
    assert len(set(shown.values())) == 3
    for handle, password in shown.items():
        user = authenticate(username=handle, password=password)
        assert user is not None
        assert user.is_staff == (handle == WORLD.login(STAFF).handle)
        assert _tables_that_hold(password) == []
    logins = CliRunner().invoke(demo, ["logins"]).stdout
    assert all(handle in logins for handle in shown)
    assert not any(password in logins for password in shown.values())


def test_a_loaded_world_is_not_loaded_again(loaded: Loaded) -> None:
    before = _count("event")

    silent = CliRunner().invoke(demo, ["load", "--if-empty"])
    refused = CliRunner().invoke(demo, ["load"])

    assert (silent.exit_code, silent.output) == (0, "")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "Error: The database is not empty: the demo world needs an empty one.\n"
    assert _count("event") == before


def _load_and_kill(*, orders_at_least: int) -> None:
    """Start a load in a process of its own and kill it in the middle."""
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("wuyou")), "demo", "load"],
        env=environment(),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 120
        while _count("orders_order") < orders_at_least:
            assert process.poll() is None, "the load ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    while not _clock_is_free():  # the server takes a moment to notice that its client is gone
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _clock_is_free() -> bool:
    try:
        with simulated_clock():
            return True
    except RuntimeError:
        return False


def _person(kind: str) -> Person:
    found = identity.find_person(WORLD.login(kind).handle)
    assert found is not None
    return found


def _orders_of(person: Person) -> tuple[Order, ...]:
    return orders.list_orders_of(person.id, limit=100).items


def _count(table: str) -> int:
    ((count,),) = db.rows(f"SELECT count(*) FROM {table}")
    return int(count)


def _rows_that_nothing_may_change_any_more_do() -> bool:
    try:
        db.in_transaction(lambda: db.execute("UPDATE ledger_journal SET kind = kind"))
    except Exception as error:  # noqa: BLE001
        return "are final" not in str(error)
    return True


def _tables_that_hold(word: str) -> list[str]:
    tables = db.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    return [
        name
        for (name,) in tables
        if db.rows(f"SELECT 1 FROM {name} t WHERE position(%s::text IN t::text) > 0 LIMIT 1", [word])
    ]


def test_channels_of_the_town_are_filled_by_their_rules_and_a_little_by_hand(loaded: Loaded) -> None:
    found = channels.list_open()

    assert [channel.slug for channel in found] == [channel["slug"] for channel in read_channels()]
    shown = {channel.slug: channels.list_posts(get_viewer(None), channel, now=loaded.at).items for channel in found}
    assert all(len(posts) >= 3 for posts in shown.values()), {slug: len(posts) for slug, posts in shown.items()}
    assert [posts[0].is_pinned for posts in shown.values()] == [True] + [False] * 6
    assert sum(len(channels.list_hands(channel.id, now=loaded.at)) for channel in found) == 2


def test_awards_are_named_and_given_by_what_the_town_did(loaded: Loaded) -> None:
    assert {award.rule for award in awards.list_awards()} == {Rule.MOST_THANKED, Rule.MOST_SOLD, Rule.MOST_READ}
    written_in = months.month_of(loaded.at - timedelta(days=36))
    if written_in not in awards.list_months():  # it is not the tenth yet
        return
    thanked = [one for one in awards.list_given(written_in) if one.round.award.rule is Rule.MOST_THANKED]
    assert [(one.place, one.figure, one.is_shown) for one in thanked] == [(1, 5, True), (2, 4, False)]
    assert all(check.holds for check in awards.verify())
