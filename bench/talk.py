"""A thousand open streams in one process, two hundred messages a second, and what dies meanwhile.

People talk in pairs through the operation that pages and the API use, on a server with fsync and synchronous commit on.
Every message goes to two streams: the other's and the sender's own. Listeners are plain asyncio in another process;
they come again by themselves, with the number of what they heard last, as browsers do. A third of the way the stream
program is ended by SIGKILL and started again; two thirds of the way the connection on which it listens to the database
is cut.

Delivery is the time from before the sender's transaction until the listener has read the message. p95_ms is over
messages sent while all streams stand, p95_all_ms over all of them: between them lie the time from the kill until the
last of the thousand has come again (recovery_s), and five seconds after the cut. Lost is what a listener should
have heard and did not.

    make bench NAME=talk
    make bench NAME=talk ARGS="--streams 200 --rate 100 --seconds 15"
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

from bench import harness

SENDERS = 4
AFTER_A_CUT_S = 5.0
NOW_S = 1_000_000_000


@dataclass
class Town:
    """Who talks with whom."""

    pairs: list[tuple[int, int, int]]
    """(one, other, conversation)"""
    cookies: dict[int, str]


@dataclass
class Sent:
    """What the senders did."""

    count: int = 0
    late: int = 0
    """Sends that began more than 100 ms after their time: the senders could not keep the rate."""
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=45)
    options = parser.parse_args()
    with harness.database():
        from wuyou.infra import db

        town = build_town(options.streams // 2)
        people = [person for one, other, _ in town.pairs for person in (one, other)]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        program = start_program(port)
        listeners = start_listeners(port, [(town.cookies[person], 0) for person in people])
        opened_in = json.loads(listeners.stdout.readline())["opened_in_s"]  # type: ignore[union-attr]
        print(f"{len(people):,} streams stand after {opened_in:.1f} s")

        sent, faults = Sent(), []
        begun = time.monotonic_ns()
        senders = start_senders(town, options.rate, options.seconds, sent)
        cpu, since = cpu_of(program), time.monotonic()
        time.sleep(options.seconds / 3)
        used = (cpu_of(program) - cpu) / (time.monotonic() - since)
        rss = max(process.memory_info().rss for process in tree_of(program))
        faults.append(time.monotonic_ns())
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        wait_until_closed(port)
        program = start_program(port)
        time.sleep(max(0.0, options.seconds / 3 - (time.monotonic_ns() - faults[0]) / NOW_S))
        faults.append(time.monotonic_ns())
        cut = db.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'wuyou stream'")
        assert cut == [(True,)], cut
        for sender in senders:
            sender.join()
        time.sleep(4)
        heard = stop_listeners(listeners)
        os.killpg(program.pid, signal.SIGTERM)
        program.wait(20)

        said: dict[int, set[tuple[int, int]]] = {person: set() for person in people}
        for one, other, conversation in town.pairs:
            for (seq,) in db.rows("SELECT seq FROM messaging_message WHERE conversation_id = %s", [conversation]):
                said[one].add((conversation, seq))
                said[other].add((conversation, seq))
        back = max(at for opened in heard["opened"] for at in opened)
        troubled = [(faults[0] - NOW_S, back + NOW_S), (faults[1] - NOW_S, faults[1] + AFTER_A_CUT_S * NOW_S)]
        lost = twice = 0
        steady, all_ms = [], []
        for person, of_person in zip(people, heard["heard"], strict=True):
            numbers = [(conversation, seq) for conversation, seq, _, _ in of_person]
            lost += len(said[person] - set(numbers))
            twice += len(numbers) - len(set(numbers))
            for _, _, at, until in of_person:
                took = (until - at) / 1_000_000
                all_ms.append(took)
                if not any(begin <= at < end for begin, end in troubled):
                    steady.append(took)
        expected = sum(map(len, said.values()))
        print(
            f"{sent.count:,} messages in {(time.monotonic_ns() - begun) / NOW_S:.0f} s ({sent.late:,} sent late), "
            f"{expected:,} deliveries, {lost} lost, {twice} twice\n"
            f"sending: p50 {percentile(sent.seconds, 50) * 1_000:.1f} ms,"
            f" p95 {percentile(sent.seconds, 95) * 1_000:.1f} ms\n"
            f"delivery, outside of faults: p50 {percentile(steady, 50):.1f} ms, p95 {percentile(steady, 95):.1f} ms, "
            f"p99 {percentile(steady, 99):.1f} ms;"
            f" all: p95 {percentile(all_ms, 95):.1f} ms, longest {max(all_ms):,.0f} ms\n"
            f"from the kill until all had come again {(back - faults[0]) / NOW_S:.1f} s;"
            f" streams opened {sum(map(len, heard['opened'])):,} times\n"
            f"stream program: {used:.2f} of one core, {rss / 1e6:.0f} MB"
        )
        harness.print_json(
            p95_ms=percentile(steady, 95),
            p50_ms=percentile(steady, 50),
            recovery_s=(back - faults[0]) / NOW_S,
            p95_all_ms=percentile(all_ms, 95),
            lost=lost,
            twice=twice,
            cpu_cores=used,
            streams=len(people),
            rate=options.rate,
            sent=sent.count,
            sent_late=sent.late,
            rss_mb=rss / 1e6,
            send_p95_ms=percentile(sent.seconds, 95) * 1_000,
        )


def build_town(pairs: int) -> Town:
    """Pairs of friends with a conversation each, and a session for everybody."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model

    from wuyou.domains.identity import operations as identity
    from wuyou.domains.messaging import operations as messaging
    from wuyou.domains.social import operations as social
    from wuyou.infra import db
    from wuyou.kernel.actor import Actor

    now = _now()

    def two(number: int) -> tuple[int, int, int]:
        one, other = (
            identity.register(handle=f"talker_{number}_{side}", display_name="阿九", now=now).id for side in (1, 2)
        )
        social.request_friend(actor=Actor(one), person_id=other, reason="一起", now=now)
        social.request_friend(actor=Actor(other), person_id=one, reason="一起", now=now)
        return one, other, messaging.open_conversation(actor=Actor(one), person_id=other, now=now)

    made = [db.in_transaction(partial(two, number)) for number in range(pairs)]
    users = get_user_model()._default_manager.in_bulk([person for one, other, _ in made for person in (one, other)])
    cookies = {}
    for user in users.values():
        store = import_module(settings.SESSION_ENGINE).SessionStore()
        store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        store.save()
        cookies[user.pk] = store.session_key
    return Town(made, cookies)


def start_senders(town: Town, rate: float, seconds: float, sent: Sent) -> list[threading.Thread]:
    """Threads that keep the rate together, each through the real operation."""
    from django.db import connection

    from wuyou.domains.messaging import operations as messaging
    from wuyou.domains.messaging.types import Draft
    from wuyou.infra import db
    from wuyou.kernel.actor import Actor

    total, start = int(rate * seconds), time.monotonic() + 0.5

    def work(first: int) -> None:
        for number in range(first, total, SENDERS):
            due = start + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            one, other, conversation = town.pairs[number * 7 % len(town.pairs)]
            sender = one if number % 2 else other
            began = time.monotonic()
            draft = Draft(f"{time.monotonic_ns()} 明天几点见")

            def entry(
                sender: int = sender, conversation: int = conversation, draft: Draft = draft, n: int = number
            ) -> int:
                return messaging.send_message(
                    actor=Actor(sender),
                    conversation_id=conversation,
                    client_id=f"bench-{n:08d}",
                    draft=draft,
                    now=_now(),
                )

            db.in_transaction(entry)
            with sent.lock:
                sent.count += 1
                sent.late += began - due > 0.1
                sent.seconds.append(time.monotonic() - began)
        connection.close()

    threads = [threading.Thread(target=work, args=[first]) for first in range(SENDERS)]
    for thread in threads:
        thread.start()
    return threads


def start_program(port: int) -> subprocess.Popen[bytes]:
    """`wuyou stream` with one process, once it answers."""
    program = subprocess.Popen(
        [Path(sys.executable).with_name("wuyou"), "stream"],
        env={**os.environ, "WUYOU_STREAM_PORT": str(port), "WUYOU_LOG_LEVEL": "ERROR"},
        start_new_session=True,
    )
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return program
        except OSError:
            time.sleep(0.05)


def wait_until_closed(port: int) -> None:
    """Until nobody answers there: workers end a moment after what started them."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return
        time.sleep(0.01)


def start_listeners(port: int, streams: list[tuple[str, int]]) -> subprocess.Popen[str]:
    """The listeners, told where and as whom to listen."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench._talk_listeners"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"port": port, "streams": streams}) + "\n")
    process.stdin.flush()
    return process


def stop_listeners(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What they heard."""
    said, _ = process.communicate("stop\n", timeout=60)
    answer: dict[str, Any] = json.loads(said)
    return answer


def tree_of(program: subprocess.Popen[bytes]) -> list[psutil.Process]:
    root = psutil.Process(program.pid)
    return [root, *root.children(recursive=True)]


def cpu_of(program: subprocess.Popen[bytes]) -> float:
    times = [process.cpu_times() for process in tree_of(program)]
    return sum(of.user + of.system for of in times)


def percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) * percent // 100, len(values) - 1)]


def _now() -> datetime:
    from wuyou.kernel.clock import utc_now

    return utc_now()


if __name__ == "__main__":
    main()
