"""The stream program: who may listen, what they hear, and that nothing is lost whatever dies."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import datetime

import psutil
import pytest

from tests.builders import messaging as talk
from tests.builders import social
from tests.builders.people import actor_for, make_person
from tests.builders.streams import Listener, Program, get, session_of, streaming
from tests.builders.waiting import wait_until
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.messaging import operations
from wuyou.domains.notifications import operations as notifications_operations
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db
from wuyou.infra.sight import get_viewer

pytestmark = pytest.mark.concurrency


@pytest.fixture
def program(world: None) -> Iterator[Program]:
    with streaming() as started:
        yield started


def cookie(person: Person) -> dict[str, str]:
    return {"Cookie": f"theme=dark; sessionid={session_of(person)}"}


def listen(program: Program, person: Person) -> Listener:
    return Listener(program.port, cookie(person)).start()


def test_messages_are_heard_at_once_in_order_by_who_takes_part(program: Program, now: datetime) -> None:
    me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
    conversation = talk.open_with(now, me, you)
    mine, yours, theirs = (listen(program, person) for person in (me, you, third))

    for number in range(20):
        talk.say(now, me, conversation, f"第 {number} 句")
    talk.see(now, you, conversation, 20)
    wait_until(lambda: "seen" in yours.names() and "seen" in mine.names())
    talk.withdraw(now, me, conversation, 20)

    wait_until(lambda: "revised" in yours.names() and "revised" in mine.names())
    expected = [f"第 {number} 句" for number in range(20)]
    assert yours.texts() == mine.texts() == expected
    assert mine.names()[-2:] == ["seen", "revised"]
    assert [event.data for event in mine.said if event.name == "seen"] == [
        {"conversation": conversation, "by": you.id, "seen_up_to": 20}
    ]
    assert any(event.name == "counts" for event in yours.said)
    assert theirs.names() == []
    for listener in (mine, yours, theirs):
        listener.stop()


def test_counts_follow_and_typing_is_whispered(program: Program, now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    yours = listen(program, you)

    db.in_transaction(lambda: operations.tell_typing(actor=actor_for(me), conversation_id=conversation))
    talk.say(now, me, conversation)
    wait_until(lambda: [e.data for e in yours.said if e.name == "counts"][-1:] == [{"talk": 1}])
    talk.see(now, you, conversation, 1)
    wait_until(lambda: [e.data for e in yours.said if e.name == "counts"][-1:] == [{"talk": 0}])

    whispers = [e.data for e in yours.said if e.name == "whisper" and "bell" not in e.data]
    assert whispers == [{"typing": conversation, "by": me.id}]
    social.block(now, you, me)
    yours.stop()


def test_bell_rings_when_somebody_is_told_and_when_they_have_read_and_says_nothing_of_it(
    program: Program, now: datetime
) -> None:
    me, you = make_person(now), make_person(now)
    mine, yours = listen(program, me), listen(program, you)

    social.follow(now, you, me)
    wait_until(lambda: mine.names() == ["whisper"])
    (group,) = notifications.list_groups(get_viewer(me.id)).items
    read = [group.newest.id]
    for _ in range(2):  # the second time there is nothing left to read
        db.in_transaction(
            lambda: notifications_operations.mark_read(actor=actor_for(me), notification_ids=read, now=now)
        )
    wait_until(lambda: len(mine.names()) == 2)
    time.sleep(0.2)

    assert [event.data for event in mine.said if event.name == "whisper"] == [{"bell": True}] * 2
    assert yours.names() == []
    for listener in (mine, yours):
        listener.stop()


def test_bell_does_not_ring_for_what_was_undone(program: Program, now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    mine = listen(program, me)

    def undone() -> None:
        notifications_operations.notify(person_id=me.id, kind=Kind.ORDER_SHIPPED, object_id=1, now=now)
        raise LookupError

    with pytest.raises(LookupError):
        db.in_transaction(undone)
    social.follow(now, you, me)
    wait_until(lambda: mine.names() != [])
    time.sleep(0.2)

    assert mine.names() == ["whisper"]
    mine.stop()


def test_only_the_signed_in_and_only_our_pages_listen(program: Program, now: datetime) -> None:
    me = make_person(now)
    token = db.in_transaction(lambda: identity.issue_access_token(user_id=me.id, label="x", now=now))
    session = cookie(me)

    assert get(program.port, {})[0] == 401
    assert get(program.port, {"Cookie": "sessionid=nonsense"})[0] == 401
    assert get(program.port, {"Cookie": 'sessionid="'})[0] == 401
    assert get(program.port, {**session, "Authorization": "Bearer wy_nonsense"})[0] == 401
    assert get(program.port, session, method="POST")[0] == 405
    assert get(program.port, session, "/elsewhere")[0] == 404
    assert get(program.port, {**session, "Origin": "https://evil.example"})[0] == 403
    assert get(program.port, {**session, "Origin": "http://127.0.0.1:9999"})[0] == 403
    assert get(program.port, {"Authorization": f"Bearer {token}"})[0] == 200
    status, headers = get(program.port, {**session, "Origin": "http://127.0.0.1:8000"})
    assert (status, headers["access-control-allow-origin"], headers["access-control-allow-credentials"]) == (
        200,
        "http://127.0.0.1:8000",
        "true",
    )
    assert headers["content-type"].startswith("text/event-stream")
    wait_until(lambda: "wuyou_streams_open 0.0" in _metrics(program))


def test_stream_of_an_ended_session_or_token_ends_within_seconds(program: Program, now: datetime) -> None:
    from django.contrib.sessions.models import Session

    me, you = talk.make_friends(now, "阿九", "小林")
    token = db.in_transaction(lambda: identity.issue_access_token(user_id=me.id, label="x", now=now))
    by_session, by_token = listen(program, me), Listener(program.port, {"Authorization": f"Bearer {token}"}).start()
    yours = listen(program, you)

    started = time.monotonic()
    Session.objects.filter(session_key=by_session.headers["Cookie"].rpartition("=")[2]).delete()
    db.in_transaction(lambda: identity.revoke_own_token(token=token, now=now))

    wait_until(lambda: by_session.is_over and by_token.is_over)
    assert time.monotonic() - started < 8
    assert by_session.statuses == by_token.statuses == [200, 401]
    assert by_session.names() == by_token.names() == ["signed_out"]
    assert not yours.is_over
    yours.stop()


def test_a_person_holds_at_most_eight_streams(program: Program, now: datetime) -> None:
    me = make_person(now)
    listeners = [listen(program, me) for _ in range(8)]

    assert get(program.port, cookie(me))[0] == 429

    listeners[0].stop()
    wait_until(lambda: get(program.port, cookie(me))[0] == 200)
    for listener in listeners:
        listener.stop()


def test_nothing_is_lost_when_the_program_is_killed(world: None, now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    with streaming() as first:
        yours = listen(first, you)
        talk.say(now, me, conversation, "一")
        wait_until(lambda: yours.texts() == ["一"])
        os.killpg(first.process.pid, signal.SIGKILL)
        first.process.wait()
        talk.say(now, me, conversation, "二")

        with streaming(first.port):
            talk.say(now, me, conversation, "三")
            wait_until(lambda: len(yours.texts()) >= 3)
            assert yours.texts() == ["一", "二", "三"]
            yours.stop()


LISTENING = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'wuyou stream'"


def test_nothing_is_lost_when_listening_is_cut_off(program: Program, now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    yours = listen(program, you)

    for number in range(5):
        assert db.rows(f"SELECT pg_terminate_backend(pid) {LISTENING}") == [(True,)]
        talk.say(now, me, conversation, str(number))
        wait_until(lambda number=number: len(yours.texts()) == number + 1)  # type: ignore[misc]
        wait_until(lambda: db.row(f"SELECT count(*) {LISTENING}") == (1,))

    assert yours.texts() == ["0", "1", "2", "3", "4"]
    yours.stop()


def test_message_whose_wake_up_is_lost_comes_with_the_next_sweep(
    program: Program, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wuyou.infra import realtime

    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    yours = listen(program, you)
    monkeypatch.setattr(realtime, "_send", lambda notices: None)

    started = time.monotonic()
    talk.say(now, me, conversation, "没有铃声")

    wait_until(lambda: yours.texts() == ["没有铃声"])
    assert time.monotonic() - started < 5
    yours.stop()


def test_program_that_is_asked_to_stop_ends_its_streams_first(program: Program, now: datetime) -> None:
    me = make_person(now)
    mine = listen(program, me)
    mine.comes_again = False

    started = time.monotonic()
    program.stop()

    wait_until(lambda: mine.is_over)
    assert time.monotonic() - started < 6
    assert program.process.returncode == 0


def test_client_that_does_not_read_costs_little_and_gets_everything_later(program: Program, now: datetime) -> None:
    import socket

    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    (worker,) = psutil.Process(program.process.pid).children()
    with socket.create_connection(("127.0.0.1", program.port)) as slow:
        # Little room, and yet a whole segment of the loopback's: into less the kernel sends by its slow probes.
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        headers = "".join(f"{name}: {value}\r\n" for name, value in cookie(you).items())
        slow.sendall(f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode())
        time.sleep(0.5)
        before = worker.memory_info().rss
        for _ in range(400):
            talk.say(now, me, conversation, "长" * 4_000)
        time.sleep(1)
        assert worker.memory_info().rss - before < 40_000_000
        slow.settimeout(10)
        said = "长".encode() * 4_000
        got = bytearray()
        # Counting as often as a little comes would take longer than the coming.
        while len(got) < 400 * len(said) or got.count(said) < 400:
            piece = slow.recv(1 << 20)
            assert piece
            got += piece


def _metrics(program: Program) -> str:
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{program.port}/metrics", timeout=5) as response:
        return str(response.read().decode())
