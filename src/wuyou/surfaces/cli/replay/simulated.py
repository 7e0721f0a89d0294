"""Living through weeks in minutes: one process, a simulated clock, the same operations, handlers and tasks."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.groupbuy import queries as groupbuy_queries
from wuyou.domains.groupbuy import tasks as groupbuy_tasks
from wuyou.domains.groupbuy.types import TeamState
from wuyou.domains.ledger import queries as ledger_queries
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountKind
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import tasks as orders_tasks
from wuyou.domains.payments import errors as payments_errors
from wuyou.domains.payments import tasks as payments_tasks
from wuyou.infra import db, events
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.surfaces.checkout.paying import pay
from wuyou.surfaces.cli.replay.cast import Cast
from wuyou.surfaces.cli.replay.records import Good, Records
from wuyou.surfaces.cli.replay.script import Bought, Life, live
from wuyou.surfaces.webhooks.receive import receive_notice

TICK = timedelta(hours=1)
LAUNCHES = timedelta(days=14)
"""Teams are opened over two weeks."""
TEAM_TTL = timedelta(hours=24)
RETURN_WINDOW = timedelta(days=7)
PAYOUT_EVERY = timedelta(days=7)
AFTERLIFE = timedelta(hours=26)
"""How long the clock runs on after everyone has done their part, so that every team ends and every refund returns."""


class SimulatedPlatform:
    """The platform's public operations, called in this process at a simulated time."""

    def __init__(self, cast: Cast, start: datetime) -> None:
        self.cast = cast
        self.now = start
        self.first_account = ledger_queries.last_account_id()
        self.order_ids: dict[str, int] = {}

    def open_team(self, person: int, good: Good, number: int) -> Bought:
        offer = self.cast.offers[good]
        taken = db.in_transaction(
            lambda: groupbuy.open_team(
                actor=self._actor(person),
                campaign_id=offer.campaign_id,
                variant_id=offer.variant_id,
                quantity=1,
                now=self.now,
            )
        )
        self.order_ids[taken.order_no] = taken.order_id
        return Bought(person, taken.order_no, taken.team_token)

    def join_team(self, person: int, good: Good, team_token: str) -> Bought:
        taken = db.in_transaction(
            lambda: groupbuy.join_team(
                actor=self._actor(person),
                team_token=team_token,
                variant_id=self.cast.offers[good].variant_id,
                quantity=1,
                now=self.now,
            )
        )
        self.order_ids[taken.order_no] = taken.order_id
        return Bought(person, taken.order_no, team_token)

    def pay(self, bought: Bought) -> None:
        try:
            pay(actor=self._actor(bought.person), intent_no=bought.order_no, now=self.now)
        except payments_errors.ProviderUnavailable:
            return  # the bank's answer was lost: its notice or our question will tell

    def link_of(self, team_token: str) -> str | None:
        return groupbuy_queries.get_team(team_token).link_token

    def click(self, person: int, link: str) -> None:
        user_id = self.cast.people[person]
        db.in_transaction(
            lambda: alliance.record_click(token=link, visitor=f"replay{user_id}", user_id=user_id, now=self.now)
        )

    def has_formed(self, team_token: str) -> bool:
        return groupbuy_queries.get_team(team_token).state is TeamState.FORMED

    def ship(self, bought: Bought) -> None:
        db.in_transaction(
            lambda: orders.ship_order(actor=PLATFORM, order_id=self.order_ids[bought.order_no], now=self.now)
        )

    def receive(self, bought: Bought) -> None:
        db.in_transaction(lambda: orders.receive_order(order_id=self.order_ids[bought.order_no], now=self.now))

    def let_time_act(self) -> None:
        """What worker and schedule would have done by now."""
        subscribers = events.subscribers()
        events.drain(subscribers, self.now)
        for task in (
            payments_tasks.reconcile_due_charges,
            groupbuy_tasks.expire_due_teams,
            orders_tasks.close_unpaid_orders,
            orders_tasks.complete_received_orders,
            payments_tasks.submit_due_refunds,
            self._hear_the_bank,
        ):
            while task(self.now):
                events.drain(subscribers, self.now)

    def pay_out(self) -> None:
        """Send everyone of this replay what is settled, as at the end of a business week."""
        for kind in (AccountKind.MERCHANT_PAYABLE, AccountKind.PROMOTER_PAYABLE):
            cursor: int | None = self.first_account
            while True:
                page = ledger_queries.list_accounts(kind=kind, cursor=cursor)
                for account in page.items:
                    if account.balance.amount_minor > 0:
                        number = f"PO{self.cast.run}-{self.now:%y%m%d%H}-{account.id}"
                        send = partial(
                            statements.record_payout,
                            account=account.ref,
                            amount=account.balance,
                            payout_no=number,
                            provider="sandbox",
                            now=self.now,
                        )
                        db.in_transaction(send)
                cursor = page.next_cursor
                if cursor is None:
                    break

    def _hear_the_bank(self, now: datetime) -> int:
        def send(body: bytes, headers: Mapping[str, str]) -> str:
            return receive_notice(provider="sandbox", body=body, headers=headers, now=now).text

        return payments_tasks.deliver_due_notices(now, send=send)

    def _actor(self, person: int) -> Actor:
        return Actor(self.cast.people[person])


@dataclass(frozen=True, slots=True)
class Beginning:
    """A life and when it begins. `number` names it in what `live_through` returns."""

    at: datetime
    number: int
    life: Life


def play(records: Records, platform: SimulatedPlatform, *, progress: Callable[[int], None]) -> dict[int, str]:
    """Live through all records; returns the team of each. `progress` is told how many records are done with."""
    minutes = int(LAUNCHES.total_seconds()) // 60
    beginnings = [
        Beginning(
            platform.now + timedelta(minutes=records.launch_minute(row, minutes)),
            row.number,
            live(row, records, platform),
        )
        for row in records.rows
    ]
    return live_through(beginnings, platform, progress=progress)


def live_through(
    beginnings: Iterable[Beginning],
    platform: SimulatedPlatform,
    *,
    progress: Callable[[int], None],
    end: datetime | None = None,
    step: timedelta = TICK,
    is_prompt: bool = False,
) -> dict[int, str]:
    """Live through many lives at once; returns what those that ended returned, by number.

    Args: end: stop there, whatever is still under way; without it time goes on until every team has ended and every
    refund has returned. step: how often the schedule runs. is_prompt: news is heard as it happens and not when the
    schedule runs, which takes longer.
    """
    subscribers = events.subscribers()
    ended: dict[int, str] = {}
    order = count()
    waiting: list[tuple[datetime, int, int, Life, Callable[[], object], datetime]] = [
        (each.at, next(order), each.number, each.life, _always, each.at) for each in beginnings
    ]
    heapq.heapify(waiting)
    tick = platform.now
    next_payout = tick + 2 * PAYOUT_EVERY
    while end is None or tick < end:
        tick = tick + step if end is None else min(tick + step, end)
        while waiting and waiting[0][0] < tick:
            due, _, number, life, is_ready, give_up_at = heapq.heappop(waiting)
            platform.now = due
            if not is_ready():
                # A life that waits in vain is left where it is; the comparison with its record will tell.
                if due <= give_up_at:
                    heapq.heappush(waiting, (due + step, next(order), number, life, is_ready, give_up_at))
                continue
            try:
                wait = next(life)
            except StopIteration as lived:
                ended[number] = lived.value
                progress(1)
            else:
                resumes_at = due + wait.pause
                heapq.heappush(waiting, (resumes_at, next(order), number, life, wait.until, resumes_at + wait.patience))
            while is_prompt and events.dispatch(subscribers, due):
                pass
        platform.now = tick
        platform.let_time_act()
        if tick >= next_payout:
            platform.pay_out()
            next_payout += PAYOUT_EVERY
        if end is None and not waiting:
            end = tick + max(RETURN_WINDOW, TEAM_TTL) + AFTERLIFE
    progress(len(waiting))
    return ended


def _always() -> bool:
    return True


def expected_span() -> timedelta:
    """About how much simulated time a replay takes: launches, sending, carrying, return window."""
    return LAUNCHES + timedelta(days=1, hours=8) + timedelta(days=3) + RETURN_WINDOW + AFTERLIFE + 2 * TICK
