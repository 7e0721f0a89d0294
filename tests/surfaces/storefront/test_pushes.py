"""Pushes: signed by us, sealed for one browser, true in the moment of sending, and sent out to the internet alone."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from tests.builders import social
from tests.builders.people import actor_for, make_person
from tests.builders.push import Browser, PushService, push_service
from tests.concurrency.conftest import Rush
from tests.concurrency.conftest import rush as rush
from tests.surfaces.storefront.conftest import browser, footprint
from wuyou.config import env
from wuyou.domains.identity.types import Person
from wuyou.domains.notifications import errors, operations, policies, queries
from wuyou.domains.notifications.types import Channel, Decision, Kind, Origin, Preference, Topic
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.outgoing import push, wire
from wuyou.surfaces.storefront.outgoing.tasks import send_due_pushes

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    """Sessions end by the real clock."""
    return utc_now().replace(microsecond=0)


@pytest.fixture
def service(db: None, settings: Settings, now: datetime) -> Iterator[PushService]:
    with push_service(settings, now) as service:
        yield service


def sign_in(service: PushService, person: Person) -> tuple[Client, Browser]:
    """A browser in which this person is signed in, and that takes pushes."""
    client, device = browser(person), service.make_browser()
    assert client.post("/notifications/push", device.fields).status_code == 204
    return client, device


def ship(now: datetime, person: Person, number: int = 1) -> None:
    db.in_transaction(
        lambda: operations.notify(person_id=person.id, kind=Kind.ORDER_SHIPPED, object_id=number, now=now)
    )


def choose(now: datetime, person: Person, preference: Preference) -> None:
    db.in_transaction(lambda: operations.set_preference(actor=actor_for(person), preference=preference, now=now))


def devices(person: Person) -> int:
    return len(queries.subscriptions_of(person.id, utc_now()))


def waiting() -> int:
    (found,) = db.rows("SELECT count(*) FROM notifications_delivery WHERE channel = 'PUSH'")
    return int(found[0])


# ---------------------------------------------------------------------- what comes


def test_push_is_signed_and_sealed_and_says_only_how_many_wait(service: PushService, now: datetime) -> None:
    me, lin = make_person(now, "梅"), make_person(now, "Lin")
    _, device = sign_in(service, me)
    choose(now, me, Preference(language="en"))
    social.follow(now, lin, me)
    ship(now, me)

    assert send_due_pushes(now + 4 * SECOND) == 0
    assert send_due_pushes(now + 5 * SECOND) == 1
    assert send_due_pushes(now + 60 * MINUTE) == 0

    assert service.refusals == []
    (read,) = device.read
    ids = [n.id for group in queries.list_groups(get_viewer(me.id)).items for n in group.notifications]
    assert read == {
        "count": 2,
        "ids": sorted(ids, reverse=True),
        "text": "There are 2 new things for you.",
        "href": "/notifications",
    }
    assert b"new things" not in device.sealed[0]
    assert {name: device.headers[0][name] for name in ("ttl", "urgency", "topic", "content-encoding")} == {
        "ttl": "86400",
        "urgency": "normal",
        "topic": "wuyou",
        "content-encoding": "aes128gcm",
    }
    assert waiting() == 0


def test_who_allows_it_is_told_who_and_what_and_led_there(service: PushService, now: datetime) -> None:
    me, lin = make_person(now, "梅"), make_person(now, "Lin")
    _, device = sign_in(service, me)
    choose(now, me, Preference(language="en", shows_content=True))
    social.follow(now, lin, me)

    send_due_pushes(now + 5 * SECOND)

    (read,) = device.read
    assert (read["text"], read["href"]) == ("Lin follows you.", "/friends?view=followers")


def test_only_the_browser_itself_can_open_it(service: PushService, now: datetime) -> None:
    me = make_person(now)
    _, device = sign_in(service, me)
    other = service.make_browser()
    ship(now, me)
    send_due_pushes(now + 5 * SECOND)

    other.sealed = device.sealed

    with pytest.raises(Exception, match=r"Decryption|Tag"):
        _ = other.read


def test_each_browser_of_a_person_gets_it_and_no_other(service: PushService, now: datetime) -> None:
    me, lin = make_person(now), make_person(now)
    mine = [sign_in(service, me)[1] for _ in range(2)]
    _, theirs = sign_in(service, lin)
    ship(now, me)

    assert send_due_pushes(now + 5 * SECOND) == 1

    assert [len(device.read) for device in (*mine, theirs)] == [1, 1, 0]


def test_what_we_do_not_sign_the_service_refuses(service: PushService, now: datetime, settings: Settings) -> None:
    """The control of the double: it looks at signatures, at whom they are for, and at their time."""
    me = make_person(now)
    _, device = sign_in(service, me)
    (subscription,) = queries.subscriptions_of(me.id, now)
    assert push.send(subscription, b"{}", now).status == 201
    assert push.send(subscription, b"{}", now - timedelta(days=1)).status == 403
    settings.PUSH_KEY = env._new_push_key()
    assert push.send(subscription, b"{}", now).status == 403

    assert service.refusals == ["too old, or for too long", "another key"]
    assert len(device.sealed) == 1


# ---------------------------------------------------------------------- looked at again


def nothing(now: datetime, me: Person, lin: Person) -> None:
    return


def read(now: datetime, me: Person, lin: Person) -> None:
    ids = [n.id for group in queries.list_groups(get_viewer(me.id)).items for n in group.notifications]
    db.in_transaction(lambda: operations.mark_read(actor=actor_for(me), notification_ids=ids, now=now))


def taken_back(now: datetime, me: Person, lin: Person) -> None:
    social.withdraw(now, lin, social.request_id(lin, me))


def blocked(now: datetime, me: Person, lin: Person) -> None:
    social.block(now, lin, me)


def filtered(now: datetime, me: Person, lin: Person) -> None:
    choose(now, me, Preference({Origin.STRANGER: Decision.FILTER}))


def off(now: datetime, me: Person, lin: Person) -> None:
    choose(now, me, Preference(silenced=frozenset({(Topic.PEOPLE, Channel.PUSH)})))


@pytest.mark.parametrize(
    ("meanwhile", "pushes"), [(nothing, 1), *((change, 0) for change in (read, taken_back, blocked, filtered, off))]
)
def test_what_changed_meanwhile_counts(
    service: PushService, now: datetime, meanwhile: Callable[[datetime, Person, Person], None], pushes: int
) -> None:
    me, lin = make_person(now), make_person(now)
    _, device = sign_in(service, me)
    social.ask(now, lin, me)

    meanwhile(now + SECOND, me, lin)

    assert send_due_pushes(now + 5 * SECOND) == pushes
    assert (len(device.sealed), waiting()) == (pushes, 0)


def test_who_reads_a_page_is_not_pushed_to_until_they_are_gone(service: PushService, now: datetime) -> None:
    me = make_person(now)
    client, device = sign_in(service, me)
    assert client.post("/notifications/here").status_code == 204
    here = queries.here_until(me.id)
    assert here is not None
    ship(now, me)

    assert send_due_pushes(now + 5 * SECOND) == 0
    assert send_due_pushes(here - SECOND) == 0
    service.now = here
    assert send_due_pushes(here) == 1
    assert len(device.read) == 1


def test_who_reads_what_waits_while_there_is_not_pushed_to_later(service: PushService, now: datetime) -> None:
    me = make_person(now)
    client, device = sign_in(service, me)
    client.post("/notifications/here")
    ship(now, me)
    send_due_pushes(now + 5 * SECOND)

    read(now, me, me)

    assert (send_due_pushes(now + 10 * MINUTE), device.sealed, waiting()) == (0, [], 0)


def test_without_a_browser_that_takes_them_nothing_waits(db: None, now: datetime) -> None:
    ship(now, make_person(now))

    assert waiting() == 0


# ---------------------------------------------------------------------- what the service answers


@pytest.mark.parametrize("status", [404, 410])
def test_browser_that_is_gone_is_forgotten_and_the_others_are_told(
    service: PushService, now: datetime, status: int
) -> None:
    me = make_person(now)
    (_, gone), (_, there) = sign_in(service, me), sign_in(service, me)
    service.answer(gone, status)
    ship(now, me)

    assert send_due_pushes(now + 5 * SECOND) == 1

    assert (devices(me), len(there.read), waiting()) == (1, 1, 0)


@pytest.mark.parametrize("status", [429, 500, 503, 400, 302])
def test_browser_that_cannot_be_reached_now_is_told_later_and_the_others_once(
    service: PushService, now: datetime, status: int
) -> None:
    me = make_person(now)
    (_, away), (_, there) = sign_in(service, me), sign_in(service, me)
    service.answer(away, status, Location="http://127.0.0.1:1/")
    ship(now, me)
    assert send_due_pushes(now + 5 * SECOND) == 0
    assert (len(there.read), devices(me), waiting()) == (1, 2, 1)
    service.answers.clear()

    assert send_due_pushes(now + 5 * MINUTE) == 0
    assert send_due_pushes(now + 5 * MINUTE + 5 * SECOND) == 1

    assert (len(there.read), len(away.read), waiting()) == (1, 1, 0)


def test_what_came_meanwhile_is_told_to_both(service: PushService, now: datetime) -> None:
    me = make_person(now)
    (_, away), (_, there) = sign_in(service, me), sign_in(service, me)
    service.answer(away, 500)
    ship(now, me, 1)
    send_due_pushes(now + 5 * SECOND)
    ship(now + MINUTE, me, 2)
    service.answers.clear()

    send_due_pushes(now + 6 * MINUTE)

    assert [len(device.read) for device in (there, away)] == [2, 1]
    assert away.read[-1]["count"] == 2


def test_retry_after_is_waited_for(service: PushService, now: datetime) -> None:
    me = make_person(now)
    _, device = sign_in(service, me)
    service.answer(device, 429, Retry_After="1800")
    ship(now, me)
    send_due_pushes(now + 5 * SECOND)
    service.answers.clear()

    assert send_due_pushes(now + 30 * MINUTE) == 0
    assert send_due_pushes(now + 30 * MINUTE + 5 * SECOND) == 1


def test_silent_service_holds_nothing_up_for_long(
    service: PushService, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "ANSWER_S", 0.2)
    me, lin = make_person(now), make_person(now)
    _, silent = sign_in(service, me)
    _, there = sign_in(service, lin)
    service.slow.add(silent.endpoint.removeprefix(service.origin))
    ship(now, me)
    ship(now + SECOND, lin)

    assert send_due_pushes(now + 10 * SECOND) == 1
    assert (len(there.read), waiting()) == (1, 1)


def test_service_that_answers_drop_by_drop_is_cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each drop comes in time; all of them together do not."""
    settings.PUSH_TO_LOCAL = True
    monkeypatch.setattr(wire, "END_S", 0.5)
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 2")
            for _ in range(100):
                try:
                    connection.sendall(b"X")
                except OSError:
                    return
                time.sleep(0.1)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    began = time.monotonic()

    with pytest.raises(wire.Unreachable):
        wire.post(f"http://127.0.0.1:{listening.getsockname()[1]}/x", b"1", {})

    assert time.monotonic() - began < 5
    listening.close()


def test_browser_that_always_fails_is_given_up_with_what_waited_for_it(service: PushService, now: datetime) -> None:
    me = make_person(now)
    (_, dead), (_, there) = sign_in(service, me), sign_in(service, me)
    service.answer(dead, 500)
    ship(now, me)
    for minute in range(0, 24 * 60, 5):
        service.now = now + minute * MINUTE
        send_due_pushes(now + minute * MINUTE + 10 * SECOND)
        if not waiting():
            break

    assert (waiting(), service.hits) == (0, 1 + 4)  # once to the one, four times to the other
    assert [left.endpoint for left in queries.subscriptions_of(me.id, now)] == [there.endpoint]


def test_slow_browsers_of_a_person_are_waited_for_all_at_once(
    service: PushService, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "ANSWER_S", 1.0)
    me = make_person(now)
    for _ in range(6):
        _, device = sign_in(service, me)
        service.slow.add(device.endpoint.removeprefix(service.origin))
    ship(now, me)
    began = time.monotonic()

    send_due_pushes(now + 5 * SECOND)

    assert time.monotonic() - began < 5  # one after the other it were six


@pytest.mark.concurrency
def test_two_workers_at_once_push_once(rush: Rush, now: datetime, settings: Settings) -> None:
    with push_service(settings, now) as service:
        me = make_person(now)
        _, device = sign_in(service, me)
        ship(now, me)

        rush([lambda: send_due_pushes(now + 5 * SECOND)] * 2)

        assert len(device.sealed) == 1


# ---------------------------------------------------------------------- whose browser


def test_signing_out_ends_the_pushes_there_and_not_elsewhere(service: PushService, now: datetime) -> None:
    me = make_person(now)
    (left, gone), (_, there) = sign_in(service, me), sign_in(service, me)

    left.post("/sign-out")

    assert db.rows("SELECT count(*) FROM notifications_subscription") == [(1,)]
    ship(now, me)
    send_due_pushes(now + 5 * SECOND)
    assert (len(gone.sealed), len(there.sealed)) == (0, 1)


def test_session_that_is_ended_elsewhere_takes_its_pushes_with_it(service: PushService, now: datetime) -> None:
    from wuyou.domains.identity import operations as identity

    me = make_person(now, has_password=True)
    lost, device = browser(), service.make_browser()
    lost.post("/sign-in", {"handle": me.handle, "password": "a-long-enough-password"})
    assert lost.post("/notifications/push", device.fields).status_code == 204
    assert devices(me) == 1

    db.in_transaction(lambda: identity.end_sessions(user_id=me.id))

    assert db.rows("SELECT count(*) FROM notifications_subscription") == [(0,)]


def test_session_that_is_over_takes_no_pushes(service: PushService, now: datetime) -> None:
    me = make_person(now)
    _, device = sign_in(service, me)
    ship(now, me)
    db.execute("UPDATE django_session SET expire_date = %s", [now])

    assert (send_due_pushes(now + 5 * SECOND), device.sealed) == (0, [])


def test_browser_belongs_to_who_signed_in_last(service: PushService, now: datetime) -> None:
    me, lin = make_person(now), make_person(now)
    _, device = sign_in(service, me)

    assert browser(lin).post("/notifications/push", device.fields).status_code == 204

    assert (devices(me), devices(lin)) == (0, 1)


def test_nobody_turns_off_anothers_browser(service: PushService, now: datetime) -> None:
    me, lin = make_person(now), make_person(now)
    client, device = sign_in(service, me)

    browser(lin).post("/notifications/push/stop", {"endpoint": device.endpoint})
    assert devices(me) == 1
    client.post("/notifications/push/stop", {"endpoint": device.endpoint})
    assert devices(me) == 0


def test_oldest_browser_is_forgotten_for_the_ninth(service: PushService, now: datetime) -> None:
    me = make_person(now)
    made = [sign_in(service, me)[1] for _ in range(9)]

    assert {found.endpoint for found in queries.subscriptions_of(me.id, now)} == {each.endpoint for each in made[1:]}


def test_browsers_are_exported_without_their_keys_and_erased(service: PushService, now: datetime) -> None:
    me = make_person(now)
    client, device = sign_in(service, me)
    client.post("/notifications/here")
    (record,) = dict(queries.export_person(me.id))["notification_devices"]
    assert record["endpoint"] == device.endpoint
    assert set(record) == {"endpoint", "made_at", "last_read_at"}

    db.in_transaction(lambda: operations.erase_person(person_id=me.id, now=now))

    assert db.rows("SELECT count(*) FROM notifications_subscription") == [(0,)]
    assert db.rows("SELECT count(*) FROM notifications_presence") == [(0,)]


@pytest.mark.parametrize("path", ["push", "push/stop", "here"])
def test_strangers_are_refused_and_change_nothing(service: PushService, path: str) -> None:
    fields, before = service.make_browser().fields, footprint()

    assert browser().post(f"/notifications/{path}", fields).status_code == 403
    assert footprint() == before


def test_forged_posts_are_refused(service: PushService, now: datetime) -> None:
    me = make_person(now)
    client = Client(enforce_csrf_checks=True)
    client.cookies = browser(me).cookies

    assert client.post("/notifications/push", service.make_browser().fields).status_code == 403
    assert devices(me) == 0


# ---------------------------------------------------------------------- only out to the internet


GOOD = Browser("https://push.example.com/send/x").fields


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.example.com/x"},
        {"endpoint": "https://push.example.com:8443/x"},
        {"endpoint": "https://user:secret@push.example.com/x"},
        {"endpoint": "https:///x"},
        {"endpoint": "ftp://push.example.com/x"},
        {"endpoint": "https://push.example.com/" + "x" * 1_000},
        {"endpoint": "https://push.example.com/\r\nX: y"},
        {"endpoint": "https://[::1/x"},
        {"endpoint": ""},
        {"p256dh": ""},
        {"p256dh": GOOD["p256dh"][:-4]},
        {"p256dh": "B" + "A" * 86},
        {"p256dh": "é" * 87},
        {"auth": "AAAA"},
        {"auth": "!" * 22},
    ],
)
def test_what_no_push_could_be_sent_to_is_refused_and_changes_nothing(
    db: None, now: datetime, wrong: dict[str, str]
) -> None:
    client = browser(make_person(now))
    policies.check_subscription(**GOOD)
    before = footprint()

    answer = client.post("/notifications/push", {**GOOD, **wrong})

    assert answer.status_code == 422
    assert footprint() == before
    with pytest.raises(errors.SubscriptionMalformed):
        policies.check_subscription(**{**GOOD, **wrong})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_address_inside_is_not_spoken_to(address: str) -> None:
    assert not wire.is_public(address)


@pytest.mark.parametrize("address", ["142.250.0.1", "2a00:1450:4001:82f::200a", "::ffff:142.250.0.1"])
def test_address_outside_is(address: str) -> None:
    assert wire.is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_nothing_is_sent_inside_whatever_it_is_called(settings: Settings, host: str) -> None:
    """A listener stands there, and hears nothing."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.2)
    assert settings.PUSH_TO_LOCAL is False
    for url in (f"https://{host}/x", f"http://{host}:{listening.getsockname()[1]}/x"):
        with pytest.raises(wire.Unreachable):
            wire.post(url, b"1", {})
    with pytest.raises(TimeoutError):
        listening.accept()
    listening.close()


# ---------------------------------------------------------------------- keys and pages


def test_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: object) -> None:
    from pathlib import Path

    kept = Path(str(tmp_path)) / "push_key"
    first = env._kept_secret(kept, env._new_push_key)

    assert env._kept_secret(kept, env._new_push_key) == first
    assert kept.stat().st_mode & 0o777 == 0o600
    assert push._key(first).public_key.curve.name == "secp256r1"


def test_page_of_settings_names_the_key_and_the_worker_stands_for_all_pages(db: None, now: datetime) -> None:
    client = browser(make_person(now))
    page = client.get("/notifications/settings").content.decode()
    assert f'data-key="{push.public_key()}"' in page
    assert django_settings.PUSH_KEY not in page

    worker = client.get("/worker.js")

    assert worker["Content-Type"].startswith("text/javascript")
    assert b"showNotification" in worker.content
