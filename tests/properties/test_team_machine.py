"""Whatever people do in whatever order: no team is over-full, nobody pays for nothing, every fen is in its place."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.builders.goods import make_campaign, make_product, make_shop
from tests.builders.payments import pay_at_the_bank
from tests.builders.people import make_person
from tests.builders.teams import join_team, open_team
from tests.conftest import NOW, empty_tables
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.groupbuy import tasks as groupbuy_tasks
from wuyou.domains.groupbuy.types import TakenSeat
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import tasks as orders_tasks
from wuyou.domains.payments import tasks as payments_tasks
from wuyou.infra import db, events, scans
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Currency

STOCK = 9
PEOPLE = 6

ROUNDS, MOST_ROUNDS = 3, 6
"""Rounds of the schedule that bring everything to its end, and when an event had to be tried again."""

people = st.integers(0, PEOPLE - 1)


class TeamMachine(RuleBasedStateMachine):
    @initialize(size=st.integers(2, 4), per_person=st.none() | st.integers(1, 2), total=st.none() | st.integers(4, 8))
    def open_campaign(self, size: int, per_person: int | None, total: int | None) -> None:
        empty_tables()
        db.in_transaction(lambda: events.register(events.subscribers()))
        self.now = NOW
        self.people = [make_person(NOW) for _ in range(PEOPLE)]
        self.shop = make_shop(NOW)
        self.product = make_product(NOW, shop=self.shop, stock=STOCK)
        self.campaign = make_campaign(NOW, self.product, size=size, max_per_person=per_person, total_limit=total)
        self.seats: list[TakenSeat] = []

    @rule(person=people, reroute=st.booleans(), pays=st.booleans())
    def open(self, person: int, reroute: bool, pays: bool) -> None:
        self.take_seat(
            lambda: open_team(self.now, self.people[person], self.campaign, self.product, accepts_reroute=reroute), pays
        )

    @rule(person=people, which=st.integers(0, 99), reroute=st.booleans(), pays=st.booleans())
    def join(self, person: int, which: int, reroute: bool, pays: bool) -> None:
        teams = db.rows(
            "SELECT token FROM groupbuy_team WHERE state = 'FORMING' AND expires_at IS NOT NULL ORDER BY id"
        )
        if teams:
            (token,) = teams[which % len(teams)]
            self.take_seat(
                lambda: join_team(self.now, self.people[person], token, self.product, accepts_reroute=reroute), pays
            )

    def take_seat(self, take: Callable[[], TakenSeat], pays: bool) -> None:
        """Some pay at once and are heard at once; the others are left to the other rules."""
        known = len(self.seats)
        self.attempt(lambda: self.seats.append(take()))
        if pays and len(self.seats) > known:
            pay_at_the_bank(self.seats[-1].order_no, self.now)
            self.hear()

    @precondition(lambda self: self.seats)
    @rule(which=st.integers(0, 99))
    def pay(self, which: int) -> None:
        self.attempt(lambda: pay_at_the_bank(self.seats[which % len(self.seats)].order_no, self.now))

    @rule()
    def hear(self) -> None:
        events.drain(events.subscribers(), self.now)

    @rule(minutes=st.sampled_from([1, 5, 10, 20, 300, 1500]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.seats)
    @rule(which=st.integers(0, 99))
    def miss_the_deadline_and_pay(self, which: int) -> None:
        """A held seat is released, and its money comes after all."""
        self.now += timedelta(minutes=16)
        orders_tasks.close_unpaid_orders(self.now)
        self.hear()
        self.attempt(lambda: pay_at_the_bank(self.seats[which % len(self.seats)].order_no, self.now))
        self.hear()

    @rule()
    def run_the_schedule(self) -> None:
        with mock.patch.object(scans.log, "exception", side_effect=AssertionError("a scan met a row that it cannot")):
            orders_tasks.close_unpaid_orders(self.now)
            groupbuy_tasks.expire_due_teams(self.now)
        payments_tasks.submit_due_refunds(self.now)

    @precondition(lambda self: self.seats)
    @rule(which=st.integers(0, 99), verb=st.sampled_from([groupbuy.waive_rest, groupbuy.cancel_team]))
    def seller_ends_a_team(self, which: int, verb: object) -> None:
        team_id = self.seats[which % len(self.seats)].team_id
        self.attempt(
            lambda: db.in_transaction(
                lambda: verb(actor=Actor(self.shop.owner_id), team_id=team_id, now=self.now)  # type: ignore[operator]
            )
        )

    @precondition(lambda self: self.seats)
    @rule(which=st.integers(0, 99), part=st.sampled_from([None, 1]))
    def refund(self, which: int, part: int | None) -> None:
        order_id = self.seats[which % len(self.seats)].order_id
        self.attempt(
            lambda: db.in_transaction(
                lambda: orders.request_refund(
                    seller=None, order_id=order_id, amount_minor=part, reason="asked", now=self.now
                )
            )
        )

    @precondition(lambda self: self.seats)
    @rule(which=st.integers(0, 99))
    def ship(self, which: int) -> None:
        order_id = self.seats[which % len(self.seats)].order_id
        self.attempt(
            lambda: db.in_transaction(lambda: orders.ship_order(actor=PLATFORM, order_id=order_id, now=self.now))
        )

    @invariant()
    def seats_fit(self) -> None:
        broken = db.rows(
            """
            SELECT t.id FROM groupbuy_team t
            LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE s.state = 'HELD') AS held,
                                      count(*) FILTER (WHERE s.state IN ('PAID', 'CONFIRMED')) AS paid
                               FROM groupbuy_seat s WHERE s.team_id = t.id) n ON true
            WHERE n.held + n.paid > t.size
               OR (t.state = 'FORMING' AND (t.taken, t.paid) <> (n.held + n.paid, n.paid))
               OR (t.state = 'FORMED') <> (t.paid = t.size OR t.was_waived)
            """
        )
        assert broken == []

    @invariant()
    def nobody_is_confirmed_without_money(self) -> None:
        broken = db.rows(
            """
            SELECT s.id FROM groupbuy_seat s JOIN payments_intent i ON i.intent_no = s.order_no
            WHERE s.state IN ('PAID', 'CONFIRMED') AND i.captured_at IS NULL
            """
        )
        assert broken == []

    @invariant()
    def stock_adds_up(self) -> None:
        (found,) = db.rows(
            """
            SELECT on_hand + shipped, reserved, (SELECT coalesce(sum(quantity), 0)::bigint FROM inventory_reservation)
            FROM inventory_stock_item
            """
        )
        assert found[0] == STOCK
        assert found[1] == found[2]

    def teardown(self) -> None:
        """Let everything come to its end, then look at each captured payment and at the books."""
        if not hasattr(self, "campaign"):
            return
        for again in range(MOST_ROUNDS):
            if again >= ROUNDS and not self.is_under_way():
                break
            self.now += timedelta(days=2)
            events.drain(events.subscribers(), self.now)
            self.run_the_schedule()
            payments_tasks.reconcile_due_charges(self.now)
            events.drain(events.subscribers(), self.now)
        self.seats_fit()
        self.stock_adds_up()
        stranded = db.rows(
            """
            SELECT s.order_no, s.state, o.fulfilment, o.refunded_minor FROM groupbuy_seat s
            JOIN orders_order o ON o.id = s.order_id JOIN payments_intent i ON i.intent_no = s.order_no
            WHERE i.captured_at IS NOT NULL
              AND NOT (s.state = 'CONFIRMED' AND o.fulfilment IN ('READY', 'SHIPPED'))
              AND NOT (s.state = 'REFUNDED' AND o.refunded_minor = o.total_minor)
            """
        )
        assert stranded == []
        assert db.rows("SELECT error FROM event_dead_letter") == []
        for kind in (AccountKind.BUYERS_HELD, AccountKind.REFUNDS_DUE):
            assert ledger.get_balance(AccountRef(kind, "", Currency.CNY)).amount_minor == 0
        assert [check for check in ledger.verify() if check.breach_count] == []

    def is_under_way(self) -> bool:
        """Whether something is left to hear, also what was refused once and waits, or a refund is to be brought."""
        return events.has_unread(self.now + timedelta(days=1)) or bool(
            db.rows("SELECT 1 FROM payments_refund WHERE state = 'pending' LIMIT 1")
        )

    @staticmethod
    def attempt(act: object) -> None:
        """What is refused has changed nothing; the invariants look right after."""
        with contextlib.suppress(DomainError):
            act()  # type: ignore[operator]


def test_any_sequence_of_people_and_time_keeps_every_promise(world: None) -> None:
    run_state_machine_as_test(
        TeamMachine,
        settings=settings(
            max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
