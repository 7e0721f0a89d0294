"""kill -9 of the beacon, or of its connections, while pages hand in: what was acknowledged is there, exactly once."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import threading
import time
from collections.abc import Iterator

import pytest

from tests.builders.beacons import BROWSER, SESSION, Beacon, beaconing, now_ms, said
from tests.builders.streams import free_port
from tests.builders.waiting import cut_others, others, wait_until
from wuyou.infra import db

pytestmark = pytest.mark.concurrency

CLIENTS = 4
FAULTS = 6


class Client:
    """Hands in batch after batch, as pages do: one that is not acknowledged is sent again, with the same ids."""

    def __init__(self, port: int, origin: str) -> None:
        self.port, self.origin = port, origin
        self.acknowledged: list[str] = []
        self.sent_again = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        while not self.stopping.is_set():
            batch = [said(object_id=number + 1) for number in range(20)]
            while not self._hand_in(batch):
                self.sent_again += 1
                time.sleep(0.02)
            self.acknowledged += [event["id"] for event in batch]

    def _hand_in(self, batch: list[dict[str, object]]) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        body = json.dumps({"session": SESSION, "sent_at": now_ms(), "events": batch})
        try:
            connection.request("POST", "/beacon", body, {"Origin": self.origin, "User-Agent": BROWSER})
            return connection.getresponse().status == 204
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@contextlib.contextmanager
def clients(beacon: Beacon) -> Iterator[list[Client]]:
    several = [Client(beacon.port, beacon.origin) for _ in range(CLIENTS)]
    for client in several:
        client.thread.start()
    try:
        yield several
    finally:
        for client in several:
            client.stopping.set()
        # The last batches need somebody who answers.
        for client in several:
            client.thread.join(60)
            assert not client.thread.is_alive()


def progress(several: list[Client]) -> int:
    return sum(len(client.acknowledged) for client in several)


def wait_for_more(several: list[Client]) -> None:
    before = [len(client.acknowledged) for client in several]
    wait_until(lambda: all(len(client.acknowledged) > count for client, count in zip(several, before, strict=True)))


def check(several: list[Client]) -> None:
    ids = [str(event_id) for (event_id,) in db.rows("SELECT event_id FROM behaviour_event")]
    acknowledged = [event_id for client in several for event_id in client.acknowledged]
    assert len(ids) == len(set(ids))
    assert set(acknowledged) - set(ids) == set()
    assert len(acknowledged) == len(set(acknowledged)) > 20 * FAULTS


def test_killed_beacon_loses_nothing_that_was_acknowledged(world: None) -> None:
    draw = random.Random(20_261_129)
    port = free_port()
    with contextlib.ExitStack() as programs:
        beacon = programs.enter_context(beaconing(port, WUYOU_BEACON_BATCHES="1000000"))
        with clients(beacon) as several:
            for _ in range(FAULTS):
                wait_for_more(several)
                time.sleep(draw.uniform(0, 0.3))
                beacon.kill()
                beacon = programs.enter_context(beaconing(port, WUYOU_BEACON_BATCHES="1000000"))
            wait_for_more(several)

    assert min(client.sent_again for client in several) >= FAULTS
    check(several)


def test_cut_connections_lose_nothing_that_was_acknowledged(world: None) -> None:
    draw = random.Random(20_261_130)
    cut = 0
    with beaconing(WUYOU_BEACON_BATCHES="1000000") as beacon, clients(beacon) as several:
        for _ in range(FAULTS):
            wait_for_more(several)
            time.sleep(draw.uniform(0, 0.1))
            wait_until(others)
            cut += cut_others()
        wait_for_more(several)

    assert cut >= FAULTS
    check(several)
