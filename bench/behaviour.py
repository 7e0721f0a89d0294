"""Events of behaviour over HTTP in batches of 50, beside a plain COPY of the same rows on the same server.

Pages hand in over 32 connections that stay open, as a proxy's do; their requests are made beforehand, so that what is
measured is the beacon and the database. A quarter of them are signed in. Each round takes an empty table, and so does
the COPY after it: one connection, one transaction, the lines exactly as the beacon wrote them, into a table with the
same columns, partitions and key. fsync and synchronous commit are on.

vs_copy is the median of the rounds' ratios. Lost is what was acknowledged and is not in the lake afterwards, counted by
id from its files. cpu_us_per_event is user and system time of beacon and database together; the client's own stands
beside it, because it has its share of the same cores.

    make bench NAME=behaviour
    make bench NAME=behaviour ARGS="--events 50000 --rounds 2"
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import harness

BATCH = 50
CONNECTIONS = 32
VISITORS = 20_000
PEOPLE = 50
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass
class Round:
    """What one round of requests came to."""

    seconds: float
    acknowledged: set[str]
    latencies: list[float]
    beacon_cpu_s: float
    database_cpu_s: float
    client_cpu_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with harness.database() as server:
        from wuyou.infra import db
        from wuyou.infra.behaviour import partitions

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        partitions.make_days_ahead(_now())
        make_peer()
        cookies = sign_in(PEOPLE)
        program = start_program(port)
        rates, copies, ratios, latencies = [], [], [], []
        cpu: dict[str, list[float]] = {"beacon": [], "database": [], "client": []}
        try:
            for number in range(options.rounds + 1):
                db.execute("TRUNCATE behaviour_event")
                requests = make_requests(port, options.events // BATCH, cookies, number)
                done = hand_in(port, requests, program, server)
                lines = read_lines()
                copied = copy(lines)
                rate, peer = len(done.acknowledged) / done.seconds, lines.count(b"\n") / copied
                is_warm_up = number == 0
                print(
                    f"{'warm-up' if is_warm_up else f'round {number}':<8} {rate:>9,.0f} events/s over HTTP,"
                    f" {peer:>9,.0f} by COPY: {rate / peer:.3f}"
                )
                if is_warm_up:
                    continue
                rates.append(rate)
                copies.append(peer)
                ratios.append(rate / peer)
                for name, used_s in (
                    ("beacon", done.beacon_cpu_s),
                    ("database", done.database_cpu_s),
                    ("client", done.client_cpu_s),
                ):
                    cpu[name].append(used_s * 1e6 / len(done.acknowledged))
                latencies += done.latencies
            lost, sizes = count_lost(done.acknowledged), say_sizes(len(done.acknowledged))
        finally:
            os.killpg(program.pid, signal.SIGTERM)
            program.wait(20)
        latencies.sort()
        us = {name: statistics.median(values) for name, values in cpu.items()}
        print(
            f"a batch is answered within p50 {latencies[len(latencies) // 2] * 1e3:.1f} ms,"
            f" p95 {latencies[len(latencies) * 95 // 100] * 1e3:.1f} ms with {CONNECTIONS} at once\n"
            f"CPU: {us['beacon']:.1f} µs an event for the beacon, {us['database']:.1f} µs for the database,"
            f" {us['client']:.1f} µs for the client; {lost} lost\n{sizes}"
        )
        harness.print_json(
            vs_copy=statistics.median(ratios),
            events_per_s=statistics.median(rates),
            lost=lost,
            cpu_us_per_event=us["beacon"] + us["database"],
            beacon_cpu_us_per_event=us["beacon"],
            client_cpu_us_per_event=us["client"],
            copy_events_per_s=statistics.median(copies),
            p95_ms=latencies[len(latencies) * 95 // 100] * 1e3,
            batch=BATCH,
            rounds=options.rounds,
        )


# ---------------------------------------------------------------------- the two ways


def hand_in(port: int, requests: list[tuple[bytes, list[str]]], program: subprocess.Popen[bytes], server: Any) -> Round:
    """Send all requests, each on the next free connection; what is answered with 204 is acknowledged."""
    acknowledged: set[str] = set()
    latencies: list[float] = []
    waiting = iter(requests)

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request, ids in waiting:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 204"), head
            latencies.append(time.perf_counter() - began)
            acknowledged.update(ids)
        writer.close()

    async def all_work() -> None:
        await asyncio.gather(*(work() for _ in range(CONNECTIONS)))

    before, begun = _cpu(program, server), time.perf_counter()
    asyncio.run(all_work())
    seconds = time.perf_counter() - begun
    used = [after - earlier for after, earlier in zip(_cpu(program, server), before, strict=True)]
    return Round(seconds, acknowledged, latencies, *used)


def read_lines() -> bytes:
    """The rows as the beacon wrote them, in the order in which they lie."""
    from wuyou.infra import db
    from wuyou.infra.behaviour import COLUMNS

    with (
        db.cursor() as cursor,
        cursor.copy(f"COPY (SELECT {', '.join(COLUMNS)} FROM behaviour_event) TO STDOUT") as out,  # noqa: S608
    ):
        return b"".join(bytes(block) for block in out)


def copy(lines: bytes) -> float:
    """Seconds for one COPY of these lines into an empty table of the same kind."""
    from wuyou.infra import db
    from wuyou.infra.behaviour import COLUMNS

    db.execute("TRUNCATE behaviour_peer")
    begun = time.perf_counter()

    def entry() -> None:
        with db.cursor() as cursor, cursor.copy(f"COPY behaviour_peer ({', '.join(COLUMNS)}) FROM STDIN") as into:
            for at in range(0, len(lines), 262_144):
                into.write(lines[at : at + 262_144])

    db.in_transaction(entry)
    return time.perf_counter() - begun


# ---------------------------------------------------------------------- around them


def make_peer() -> None:
    """A table with the columns, the key and the partitions of the log."""
    from wuyou.infra import db
    from wuyou.infra.behaviour import partitions

    def entry() -> None:
        db.execute("CREATE TABLE behaviour_peer (LIKE behaviour_event INCLUDING ALL) PARTITION BY RANGE (day)")
        for day in partitions.days():
            db.execute(
                f"CREATE TABLE behaviour_peer_{day:%Y%m%d} PARTITION OF behaviour_peer"
                f" FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
            )

    db.in_transaction(entry)


def make_requests(port: int, count: int, cookies: list[str], seed: int) -> list[tuple[bytes, list[str]]]:
    """Requests as a browser sends them, and the ids in each."""
    draw = random.Random(seed)
    made = []
    for _ in range(count):
        sent_at = time.time_ns() // 1_000_000
        visitor = f"{draw.randrange(VISITORS):08x}-0000-4000-8000-000000000000"
        events = [make_event(draw, sent_at) for _ in range(BATCH)]
        body = json.dumps({"session": visitor, "sent_at": sent_at, "events": events}, separators=(",", ":")).encode()
        cookie = f"theme=dark; visitor={visitor}"
        if draw.random() < 0.25:
            cookie += f"; sessionid={draw.choice(cookies)}"
        head = (
            f"POST /beacon HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:8000\r\n"
            f"User-Agent: {AGENT}\r\nAccept: */*\r\nAccept-Language: zh-CN,zh;q=0.9\r\n"
            f"Content-Type: text/plain\r\nCookie: {cookie}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append((head.encode() + body, [str(event["id"]) for event in events]))
    return made


def make_event(draw: random.Random, at_ms: int) -> dict[str, object]:
    """One event of the usual mix."""
    tail, salt = draw.getrandbits(60), draw.getrandbits(12)
    event: dict[str, object] = {
        "id": f"{at_ms >> 16:08x}-{at_ms & 0xFFFF:04x}-7{salt:03x}-8{tail >> 48:03x}-{tail & (1 << 48) - 1:012x}",
        "kind": draw.choices(("exposure", "dwell", "click"), (60, 25, 15))[0],
        "at": at_ms - draw.randrange(5_000),
        "object_kind": draw.choice(("post", "product", "thing")),
        "object_id": draw.randrange(1, 100_000),
        "surface": draw.choice(("home", "post", "product", "thing")),
    }
    if event["kind"] == "dwell":
        event["value"] = draw.randrange(1_000, 60_000)
    else:
        event |= {"list": "new", "position": draw.randrange(1, 40)}
    if draw.random() < 0.3:
        event |= {"origin_kind": "post", "origin_id": draw.randrange(1, 100_000)}
    return event


def sign_in(count: int) -> list[str]:
    """Keys of sessions of as many people."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model

    from wuyou.domains.identity import operations as identity
    from wuyou.infra import db

    keys = []
    for number in range(count):
        person = db.in_transaction(
            lambda number=number: identity.register(handle=f"reader_{number}", display_name="阿九", now=_now())
        )
        user = get_user_model()._default_manager.get(pk=person.id)
        store = import_module(settings.SESSION_ENGINE).SessionStore()
        store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        store.save()
        keys.append(store.session_key)
    return keys


def count_lost(acknowledged: set[str]) -> int:
    """Acknowledged events of the last round that the lake does not hold, after a compaction that proves itself."""
    from wuyou.infra import lake
    from wuyou.infra.lake import reading
    from wuyou.infra.lake.proof import State

    lake.compact(_now())
    broken = [proof for proof in lake.verify() if proof.state is not State.HOLDS]
    assert not broken, broken
    _, rows = reading.ask("SELECT event_id FROM behaviour", {}, date(2020, 1, 1), date(2100, 1, 1))
    held = [event_id for (event_id,) in rows]
    assert len(held) == len(set(held))
    return len(acknowledged - set(held))


def say_sizes(count: int) -> str:
    """What the last round takes, as for a million events."""
    from wuyou.infra import db
    from wuyou.infra.behaviour import partitions
    from wuyou.infra.lake import files

    today = partitions.today(_now())
    found = db.row("SELECT pg_total_relation_size(%s::regclass)", [partitions.name_of(today)])
    table, file = found[0] if found else 0, files.path_of("behaviour", today).stat().st_size
    return f"a million events: {table / count:,.0f} MB in the table with its key, {file / count:,.0f} MB in the lake"


def start_program(port: int) -> subprocess.Popen[bytes]:
    """`wuyou beacon` with one process, once it answers."""
    program = subprocess.Popen(
        [Path(sys.executable).with_name("wuyou"), "beacon"],
        env={
            **os.environ,
            "WUYOU_BEACON_PORT": str(port),
            "WUYOU_BEACON_BATCHES": "100000000",
            "WUYOU_LOG_LEVEL": "ERROR",
        },
        start_new_session=True,
    )
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return program
        except OSError:
            time.sleep(0.05)


def _cpu(program: subprocess.Popen[bytes], server: Any) -> tuple[float, float, float]:
    """Seconds so far of beacon, database and this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (
        harness.tree_cpu(program.pid),
        harness.tree_cpu(server.status().pid),
        used.ru_utime + used.ru_stime,
    )


def _now() -> datetime:
    from wuyou.kernel.clock import utc_now

    return utc_now()


if __name__ == "__main__":
    main()
