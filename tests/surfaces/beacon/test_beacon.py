"""The beacon program: what it takes, of whom, what it refuses by name, and that nothing else is changed by it."""

from __future__ import annotations

import gzip
import json
import signal
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.builders.beacons import BROWSER, SESSION, Beacon, beaconing, now_ms, said
from tests.builders.people import make_person
from tests.builders.streams import session_of
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity import queries as identity_queries
from wuyou.domains.identity.types import TokenScope
from wuyou.infra import db

pytestmark = pytest.mark.concurrency

DAY_MS = 86_400_000


@pytest.fixture
def beacon(world: None) -> Iterator[Beacon]:
    with beaconing() as started:
        yield started


def rows() -> list[dict[str, Any]]:
    return db.records("SELECT * FROM behaviour_event ORDER BY object_id, event_id")


def outlet_token(now: datetime) -> tuple[int, str]:
    person = make_person(now)
    token = db.in_transaction(
        lambda: identity.issue_access_token(user_id=person.id, label="站", now=now, scope=TokenScope.BEHAVIOUR)
    )
    return person.id, token


def test_page_hands_in_what_was_seen_and_gets_a_visitor(beacon: Beacon, now: datetime) -> None:
    me = make_person(now)

    first = beacon.page([said(object_id=1), said(object_id=2, kind="dwell", value=3_000)])
    cookie = first.headers["set-cookie"]
    visitor = cookie.partition("=")[2].partition(";")[0]
    second = beacon.page([said(object_id=3)], cookie=f"theme=dark; visitor={visitor}; sessionid={session_of(me)}")

    assert (first.status, second.status, first.body) == (204, 204, b"")
    assert first.headers["access-control-allow-origin"] == beacon.origin
    assert first.headers["access-control-allow-credentials"] == "true"
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "set-cookie" not in second.headers
    assert [(row["object_id"], row["person_id"]) for row in rows()] == [(1, None), (2, None), (3, me.id)]
    assert {(row["visitor"], row["session"], row["source"], row["mark"]) for row in rows()} == {
        (UUID(visitor), UUID(SESSION), "page", None)
    }


def test_no_visitor_is_made_of_who_wants_no_trace(beacon: Beacon) -> None:
    for wish in ({"sec_gpc": "1"}, {"dnt": "1"}):
        answer = beacon.page([said()], cookie=f"visitor={uuid4()}", **wish)
        assert (answer.status, "set-cookie" in answer.headers) == (204, False)

    assert [row["visitor"] for row in rows()] == [None, None]


def test_person_is_never_taken_from_what_was_sent(beacon: Beacon, now: datetime) -> None:
    me = make_person(now)

    answer = beacon.page([said(person_id=me.id), said(object_id=13)], cookie="sessionid=nonsense; visitor=nonsense")

    assert answer.status == 200
    assert [row["person_id"] for row in rows()] == [None]
    assert rows()[0]["visitor"] == UUID(SESSION)


def test_bad_events_are_named_and_the_others_are_taken(beacon: Beacon) -> None:
    old, unknown, halved = said(at=now_ms() - 8 * DAY_MS), said(kind="stare"), said(object_id=None)
    numbered = {**said(), "id": 7}

    answer = beacon.page([said(object_id=1), old, unknown, numbered, halved, "nothing", said(object_id=2)])  # type: ignore[list-item]

    assert answer.status == 200
    assert (answer.said["accepted"], answer.said["refused_count"]) == (2, 5)
    assert [(each["index"], each["id"], each["code"]) for each in answer.said["refused"]] == [
        (1, old["id"], "behaviour.too_old"),
        (2, unknown["id"], "behaviour.malformed"),
        (3, None, "behaviour.malformed"),
        (4, halved["id"], "behaviour.malformed"),
        (5, None, "behaviour.malformed"),
    ]
    assert "$.kind" in answer.said["refused"][1]["detail"]
    assert "come together" in answer.said["refused"][3]["detail"]
    assert [row["object_id"] for row in rows()] == [1, 2]
    assert beacon.page([unknown]).status == 422


def batch_of(**facts: object) -> bytes:
    return json.dumps({"session": SESSION, "sent_at": 1, "events": [], **facts}).encode()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "behaviour.batch_malformed"),
        (b"{", 400, "behaviour.batch_malformed"),
        (b"[]", 400, "behaviour.batch_malformed"),
        (b"\xff\xfe", 400, "behaviour.batch_malformed"),
        (b'{"session": "x", "sent_at": 1, "events": []}', 400, "behaviour.batch_malformed"),
        (batch_of(), 400, "behaviour.empty"),
        (batch_of(person=1), 400, "behaviour.batch_malformed"),
        (batch_of(events=[1] * 501), 413, "behaviour.too_many"),
        (b" " * 70_000, 413, "behaviour.too_large"),
        (b"[" * 60_000, 400, "behaviour.batch_malformed"),
    ],
)
def test_what_is_no_batch_changes_nothing(beacon: Beacon, body: bytes, status: int, code: str) -> None:
    answer = beacon.post("/beacon", body, origin=beacon.origin, user_agent=BROWSER)

    assert (answer.status, answer.said["code"]) == (status, code)
    assert rows() == []


@pytest.mark.parametrize("said_length", [{}, {"Content-Length": "10", "Transfer-Encoding": "chunked"}], ids=str)
def test_body_that_is_longer_than_it_says_is_cut_off(beacon: Beacon, said_length: dict[str, str]) -> None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", beacon.port, timeout=20)
    parts = (b" " * 16_000 for _ in range(100))
    status = 413
    with suppress(OSError, http.client.HTTPException):  # it may hang up in the middle of what we send
        headers = {"Origin": beacon.origin, **said_length}
        connection.request("POST", "/beacon", parts, headers, encode_chunked=True)
        status = connection.getresponse().status
    connection.close()

    assert status in {400, 413}
    assert beacon.page([said()]).status == 204
    assert len(rows()) == 1


@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", "http://127.0.0.1:9999", "http://localhost:8000"]
)
def test_pages_of_others_hand_in_nothing(beacon: Beacon, origin: str) -> None:
    answer = beacon.page([said()], origin=origin)

    assert (answer.status, answer.said["code"]) == (403, "behaviour.origin_foreign")
    assert "access-control-allow-origin" not in answer.headers
    assert rows() == []


def test_programs_are_marked_and_kept(beacon: Beacon) -> None:
    agents = [BROWSER, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.5.0", ""]

    for number, agent in enumerate(agents, 1):
        assert beacon.page([said(object_id=number)], user_agent=agent).status == 204

    assert [row["mark"] for row in rows()] == [None, "bot", "bot", "bot"]


def test_more_than_a_person_does_is_marked_and_too_many_batches_are_refused(world: None) -> None:
    with beaconing(WUYOU_BEACON_BATCHES="5") as beacon:
        visitor = f"visitor={uuid4()}"
        full = [[said(object_id=number + 1) for _ in range(400)] for number in range(5)]
        # All of them may fall into two minutes of the clock: then each minute has its own five.
        statuses = [beacon.page(batch, cookie=visitor).status for batch in full]
        refused = [beacon.page([said(object_id=9)]) for _ in range(6)][-1]

    assert set(statuses) == {204}
    assert (refused.status, refused.said["code"]) == (429, "behaviour.too_often")
    marks = {row["object_id"]: row["mark"] for row in rows()}
    assert marks[1] is None
    assert marks[5] == "rate" or marks[3] is None
    assert len(rows()) >= 2_000


def test_outlet_hands_in_lines_with_a_token_made_for_it(beacon: Beacon, now: datetime) -> None:
    outlet, token = outlet_token(now)
    line = {**said(object_id=1), "visitor": "reader-7", "session": "s1", "agent": BROWSER}
    other = {**line, "id": str(uuid4()), "object_id": 2, "agent": "curl/8"}
    packed = gzip.compress(json.dumps(other).encode() + b"\n\n")

    plain = beacon.lines([line, {**line, "id": str(uuid4()), "visitor": ""}], token)
    zipped = beacon.post("/beacon/lines", packed, authorization=f"Bearer {token}", content_encoding="gzip")

    assert (plain.status, zipped.status) == (200, 204)
    assert [each["index"] for each in plain.said["refused"]] == [1]
    first, second = rows()
    assert (first["source"], first["outlet_id"], first["person_id"]) == ("outlet", outlet, None)
    assert first["visitor"] == second["visitor"] is not None
    assert first["session"] != first["visitor"]
    assert (first["mark"], second["mark"]) == (None, "bot")


def test_outlets_visitors_are_nobody_elses(beacon: Beacon, now: datetime) -> None:
    visitor = str(uuid4())
    beacon.page([said(object_id=1)], cookie=f"visitor={visitor}")
    for number in (2, 3):
        _, token = outlet_token(now)
        assert beacon.lines([{**said(object_id=number), "visitor": visitor}], token).status == 204

    assert len({row["visitor"] for row in rows()}) == 3


def test_tokens_are_good_for_one_thing_only(beacon: Beacon, now: datetime) -> None:
    _, narrow = outlet_token(now)
    me = make_person(now)
    wide = db.in_transaction(lambda: identity.issue_access_token(user_id=me.id, label="x", now=now))
    line = [{**said(), "visitor": "a"}]

    for token in ("", "wy_nonsense", wide):
        answer = beacon.lines(line, token)
        assert (answer.status, answer.said["code"]) == (401, "behaviour.token_wrong")
    page = beacon.page([said(object_id=5)], authorization=f"Bearer {narrow}")

    assert identity_queries.find_actor_by_token(narrow) is None
    assert identity_queries.tokens_of_use([narrow]) == frozenset()
    assert (page.status, [row["person_id"] for row in rows()]) == (204, [None])


def test_hostile_archives_are_refused(beacon: Beacon, now: datetime) -> None:
    _, token = outlet_token(now)
    bomb = gzip.compress(b" " * 100_000_000)
    assert len(bomb) < 200_000

    def send(body: bytes, encoding: str = "gzip") -> tuple[int, str]:
        answer = beacon.post("/beacon/lines", body, authorization=f"Bearer {token}", content_encoding=encoding)
        return answer.status, answer.said["code"]

    assert send(bomb) == (413, "behaviour.too_large")
    assert send(b"no archive") == (400, "behaviour.not_gzip")
    assert send(gzip.compress(b"{}")[:-4]) == (400, "behaviour.not_gzip")
    assert send(gzip.compress(b"{}") + b"more") == (400, "behaviour.not_gzip")
    assert send(zlib.compress(b"{}"), "deflate") == (415, "behaviour.encoding_unknown")
    assert send(gzip.compress(b"{}\n" * 10_001)) == (413, "behaviour.too_many")
    assert rows() == []


def test_other_addresses_and_methods_answer_nothing(beacon: Beacon) -> None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", beacon.port, timeout=20)
    for method, path, status in (("GET", "/beacon", 405), ("GET", "/", 404), ("POST", "/stream", 404)):
        connection.request(method, path, headers={"Origin": beacon.origin})
        response = connection.getresponse()
        response.read()
        assert response.status == status
    connection.request("GET", "/metrics")
    assert b"wuyou_behaviour_events_total" in connection.getresponse().read()
    connection.close()


def test_it_ends_when_asked_and_nothing_is_half_written(beacon: Beacon) -> None:
    assert beacon.page([said() for _ in range(50)]).status == 204

    beacon.process.send_signal(signal.SIGTERM)
    beacon.process.wait(15)

    assert len(rows()) == 50
