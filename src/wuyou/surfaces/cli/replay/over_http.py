"""Living through records in real time over HTTP, by people who do not give up when the platform is away.

Every request that moves money carries a key made from its record, so a request repeated after a broken connection, a
restart or an answer that never came is the same request.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import click

from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.groupbuy.types import TeamState
from wuyou.domains.identity import operations as identity
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import FulfilmentState, PaymentState
from wuyou.infra import db, events
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency
from wuyou.surfaces.cli.replay.cast import Cast
from wuyou.surfaces.cli.replay.records import Good, Record, Records
from wuyou.surfaces.cli.replay.script import Bought, live

TEAM_TTL = timedelta(seconds=60)
"""Real seconds: a team that nobody joins ends while the replay runs; who waits for a killed server gets through."""
RETURN_WINDOW = timedelta(seconds=2)
PATIENCE_S = 180.0
"""How long somebody keeps asking a platform that does not answer."""
PAUSE_S = 0.1

Answer = Mapping[str, Any]


class PlatformAwayError(click.ClickException):
    """Nobody answered for too long."""


class HttpPlatform:
    """The API as the people of the records use it; safe to share between threads."""

    def __init__(self, cast: Cast, base_url: str) -> None:
        self.cast = cast
        parts = urlsplit(base_url)
        if parts.scheme != "http" or not parts.hostname:
            raise click.ClickException("the address must look like http://127.0.0.1:8000")
        self._host, self._port = parts.hostname, parts.port or 80
        self._connections = threading.local()
        self._tokens: dict[int, str] = {}
        self._lock = threading.Lock()
        self.order_count = 0
        self.repeated = 0

    def open_team(self, person: int, good: Good, number: int) -> Bought:
        offer = self.cast.offers[good]
        body = {"campaign_id": offer.campaign_id, "variant_id": offer.variant_id}
        seat = self._send(person, "POST", "/teams", body, key=f"open-{self.cast.run}-{number}")
        return self._bought(person, seat)

    def join_team(self, person: int, good: Good, team_token: str) -> Bought:
        body = {"variant_id": self.cast.offers[good].variant_id}
        path = f"/teams/{team_token}/seats"
        return self._bought(person, self._send(person, "POST", path, body, key=f"join-{team_token}"))

    def pay(self, bought: Bought) -> None:
        path = f"/orders/{bought.order_no}/payment"
        while True:
            paid = self._send(bought.person, "POST", path, {}, key=f"pay-{bought.order_no}")
            if paid["captured_at"] is not None:
                return
            time.sleep(PAUSE_S)

    def link_of(self, team_token: str) -> str | None:
        link: str | None = self._send(None, "GET", f"/teams/{team_token}", missing_is={"link_token": None})[
            "link_token"
        ]
        return link

    def click(self, person: int, link: str) -> None:
        self._send(person, "POST", "/clicks", {"token": link})

    def has_formed(self, team_token: str) -> bool:
        return bool(self._send(None, "GET", f"/teams/{team_token}")["state"] == TeamState.FORMED.value)

    def ship(self, bought: Bought) -> None:
        self._move(self._owner_of(bought), f"/orders/{bought.order_no}/shipment")

    def receive(self, bought: Bought) -> None:
        self._move(bought.person, f"/orders/{bought.order_no}/receipt")

    def _bought(self, person: int, seat: Answer) -> Bought:
        with self._lock:
            self.order_count += 1
        return Bought(person, seat["order_no"], seat["team_token"])

    def _move(self, person: int, path: str) -> None:
        """Ship or receive: moved before, by a request whose answer was lost, is moved."""
        self._send(person, "POST", path, {}, conflict_is={})

    def _owner_of(self, bought: Bought) -> int:
        order = self._send(bought.person, "GET", f"/orders/{bought.order_no}")
        return -1 - int(order["shop_id"])

    def _token(self, person: int) -> str:
        """An access token of this person, or of the owner of shop n for -1 - n."""
        with self._lock:
            if person not in self._tokens:
                user_id = self.cast.people[person] if person >= 0 else self.cast.owner_by_shop[-1 - person]
                self._tokens[person] = db.in_transaction(
                    lambda: identity.issue_access_token(user_id=user_id, label="replay", now=utc_now())
                )
            return self._tokens[person]

    def _send(
        self,
        person: int | None,
        method: str,
        path: str,
        body: Answer | None = None,
        *,
        key: str = "",
        missing_is: Answer | None = None,
        conflict_is: Answer | None = None,
    ) -> Answer:
        headers = {"Content-Type": "application/json"}
        if person is not None:
            headers["Authorization"] = f"Bearer {self._token(person)}"
        if key:
            headers["Idempotency-Key"] = key
        text = None if body is None else json.dumps(body)
        give_up_at = time.monotonic() + PATIENCE_S
        while True:
            status, content = self._ask(method, f"/api/v1{path}", text, headers)
            if status == 404 and missing_is is not None:
                return missing_is
            if status == 409 and conflict_is is not None:
                return conflict_is
            if 200 <= status < 300:
                return dict(json.loads(content)) if content else {}
            if 400 <= status < 500:
                raise click.ClickException(f"{method} {path}: {status} {content.decode(errors='replace')[:300]}")
            if time.monotonic() > give_up_at:
                raise PlatformAwayError(f"{method} {path}: no answer for {PATIENCE_S:.0f} s")
            with self._lock:
                self.repeated += 1
            time.sleep(PAUSE_S)

    def _ask(self, method: str, path: str, text: str | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """One attempt; (0, reason) when the connection broke."""
        connection = getattr(self._connections, "open", None)
        try:
            if connection is None:
                connection = http.client.HTTPConnection(self._host, self._port, timeout=30)
                self._connections.open = connection
            connection.request(method, path, text, dict(headers))
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            if connection is not None:
                connection.close()
            self._connections.open = None
            return 0, str(error).encode()


def play(
    records: Records,
    platform: HttpPlatform,
    *,
    clients: int,
    seconds: float,
    progress: Callable[[int], None],
) -> dict[int, str]:
    """Live through all records with so many clients, launches spread over `seconds`; returns the team of each."""
    began = time.monotonic()
    spacing = seconds / max(len(records.rows), 1)
    teams: dict[int, str] = {}
    lock = threading.Lock()

    def live_one(index: int, row: Record) -> None:
        from django.db import connection

        time.sleep(max(0.0, began + index * spacing - time.monotonic()))
        life = live(row, records, platform)
        try:
            while True:
                wait = next(life)
                while not wait.until():
                    time.sleep(PAUSE_S)
        except StopIteration as lived:
            with lock:
                teams[row.number] = lived.value
                progress(1)
        finally:
            connection.close()

    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(live_one, index, row) for index, row in enumerate(records.rows)]:
            done.result()
    return teams


def wait_for_the_end(teams: Mapping[int, str], *, progress: Callable[[str], None]) -> None:
    """Wait until every team has ended, every refund is back and every return window is over, as worker and schedule do.

    Raises: `PlatformAwayError` when nothing moves any more for too long.
    """
    give_up_at = time.monotonic() + PATIENCE_S
    last: tuple[int, ...] = ()
    while True:
        standing = _unfinished(teams)
        if not any(standing):
            return
        if standing != last:
            last, give_up_at = standing, time.monotonic() + PATIENCE_S
            progress(
                "{} teams forming, {} refunds on their way, {} orders to complete, {} events to handle".format(*last)
            )
        if time.monotonic() > give_up_at:
            raise PlatformAwayError("the platform stopped before everything had ended")
        time.sleep(0.5)


def _unfinished(teams: Mapping[int, str]) -> tuple[int, ...]:
    states = groupbuy.states_by_token(list(teams.values()))
    return (
        sum(state is TeamState.FORMING for state in states.values()),
        ledger.get_balance(AccountRef(AccountKind.REFUNDS_DUE, "", Currency.CNY)).amount_minor,
        orders.count_by_state().get((PaymentState.PAID.value, FulfilmentState.RECEIVED.value), 0),
        int(events.has_unread(utc_now())),
    )
