"""However news of charges and refunds travels, the books end where the bank's truth is."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import payments as build
from tests.domains.payments import books
from wuyou.domains.payments import errors, operations, queries, tasks
from wuyou.domains.payments.providers import sandbox
from wuyou.domains.payments.providers.sandbox import Faults, SandboxBank, notices
from wuyou.domains.payments.types import ChargeState, IntentState, RefundState
from wuyou.infra import db
from wuyou.surfaces.webhooks.receive import receive_notice

AMOUNT_MINOR = 10_000
PARTS_MINOR = (3_333, 1, 6_666)
"""Refunds of one intent: together the whole of it."""

FAULTS = st.builds(
    Faults,
    seed=st.integers(0, 9),
    decline_bps=st.sampled_from([0, 0, 3_000]),
    answer_lost_bps=st.sampled_from([0, 3_000, 10_000]),
    lost_bps=st.sampled_from([0, 3_000, 10_000]),
    late_s=st.sampled_from([0, 60, 4_000]),
    duplicates=st.sampled_from([0, 2]),
    shuffled=st.booleans(),
    refund_failures=st.integers(0, 3),
    refund_late_s=st.sampled_from([0, 120]),
)
NUMBERS = st.integers(0, 2)
ACTS = st.one_of(
    st.tuples(st.sampled_from(["charge", "authorise", "ask_capture", "close"]), NUMBERS),
    st.tuples(st.just("refund"), NUMBERS),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 30, 600, 4_000])),
    st.tuples(st.just("replay"), st.integers(0, 30)),
    st.tuples(st.sampled_from(["poll", "submit", "deliver", "deliver_deaf", "deliver_torn"]), st.just(0)),
)


@dataclass
class Town:
    """Three intents at one bank, and everything that can happen to the news of them."""

    now: datetime
    faults: Faults
    intents: list[str] = field(default_factory=list)
    refunds: list[str] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        sandbox.set_faults(self.faults)
        payer_id = build.make_payer(self.now)
        self.intents = [
            build.open_intent(self.now, payer_id=payer_id, amount=build.yuan(AMOUNT_MINOR)) for _ in range(3)
        ]

    def act(self, verb: str, argument: int) -> None:
        getattr(self, f"do_{verb}")(argument)

    def do_charge(self, index: int) -> None:
        self._pay(SandboxBank().charge, index)

    def do_authorise(self, index: int) -> None:
        self._pay(SandboxBank().authorise, index)

    def _pay(self, verb: object, index: int) -> None:
        assert callable(verb)
        try:
            result = verb(intent_no=self.intents[index], amount=build.yuan(AMOUNT_MINOR), now=self.now)
        except errors.ProviderUnavailable:
            return
        build.apply(result, self.now)

    def do_ask_capture(self, index: int) -> None:
        if queries.get_intent(self.intents[index]).state is IntentState.AUTHORISED:
            db.in_transaction(lambda: operations.request_capture(intent_no=self.intents[index], now=self.now))

    def do_close(self, index: int) -> None:
        db.in_transaction(lambda: operations.close_intent(intent_no=self.intents[index], now=self.now))

    def do_refund(self, index: int) -> None:
        intent = queries.get_intent(self.intents[index])
        if intent.state is IntentState.CAPTURED:
            asked = queries.list_refunds(intent_no=intent.intent_no).items
            if len(asked) < len(PARTS_MINOR):
                self.refunds.append(build.request_refund(intent.intent_no, PARTS_MINOR[len(asked)], self.now))

    def do_wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def do_poll(self, _: int = 0) -> None:
        tasks.reconcile_due_charges(self.now)

    def do_submit(self, _: int = 0) -> None:
        tasks.submit_due_refunds(self.now)

    def do_deliver(self, _: int = 0) -> None:
        tasks.deliver_due_notices(self.now, self._receive)

    def do_deliver_deaf(self, _: int) -> None:
        """Nothing arrives."""
        tasks.deliver_due_notices(self.now, lambda body, headers: "")

    def do_deliver_torn(self, _: int) -> None:
        """Everything arrives, and no acknowledgement goes back."""

        def receive(body: bytes, headers: Mapping[str, str]) -> str:
            self._receive(body, headers)
            return ""

        tasks.deliver_due_notices(self.now, receive)

    def do_replay(self, index: int) -> None:
        """Something heard before is heard once more."""
        if self.heard:
            body = self.heard[index % len(self.heard)]
            assert self._receive(body, notices.sign_notice(body, self.now)) == "success"

    def _receive(self, body: bytes, headers: Mapping[str, str]) -> str:
        self.heard.append(body)
        return receive_notice(provider="sandbox", body=body, headers=headers, now=self.now).text

    def settle(self) -> None:
        """Good weather: the bank behaves, unpaid intents are given up, staff tries again what was given up."""
        sandbox.set_faults(Faults(seed=self.faults.seed))
        for index, number in enumerate(self.intents):
            if queries.get_intent(number).state is not IntentState.CAPTURED:
                self.do_close(index)
        for _ in range(12):
            self.now += timedelta(hours=7)
            for refund in queries.list_refunds(state=RefundState.FAILED).items:
                number = refund.refund_no
                db.in_transaction(lambda number=number: operations.retry_refund(refund_no=number, now=self.now))
            self.do_poll()
            self.do_submit()
            self.do_deliver()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=FAULTS, acts=st.lists(ACTS, max_size=30))
def test_whatever_happens_to_the_news_the_books_follow_the_bank(
    world: None, now: datetime, faults: Faults, acts: list[tuple[str, int]]
) -> None:
    before = books.balances()
    town = Town(now, faults)
    for verb, argument in acts:
        town.act(verb, argument)
    town.settle()

    bank = SandboxBank(Faults())
    captured = []
    for number in town.intents:
        charge = bank.query_charge(intent_no=number, now=town.now)
        assert charge is not None
        assert charge.state in (ChargeState.CAPTURED, ChargeState.VOIDED), "nothing is left in the air"
        is_captured = charge.state is ChargeState.CAPTURED
        intent = queries.get_intent(number)
        assert intent.state is (IntentState.CAPTURED if is_captured else IntentState.CLOSED)
        captured += [number] if is_captured else []
    returned_minor = 0
    for number in town.refunds:
        refund, told = queries.get_refund(number), bank.query_refund(refund_no=number, now=town.now)
        assert told is not None
        assert refund.state is told.state is RefundState.SUCCEEDED
        returned_minor += refund.amount.amount_minor

    captured_minor = AMOUNT_MINOR * len(captured)
    assert books.balances() == {
        "clearing": before["clearing"] + captured_minor - returned_minor,
        "held": before["held"] + captured_minor,
        "due": before["due"] - returned_minor,
    }
    told = Counter(books.published(*town.intents, *town.refunds))
    assert max(told.values(), default=0) <= 1, "nothing is told twice"
    assert {number for name, number in told if name == "payment_captured"} == set(captured)
    assert {number for name, number in told if name == "refund_succeeded"} == set(town.refunds)
    assert queries.list_mismatches().items == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.randoms(use_true_random=False))
def test_all_notices_ten_times_in_any_order_are_the_same_books(
    world: None, now: datetime, order: random.Random
) -> None:
    before = books.balances()
    town = Town(now, Faults(refund_failures=1))
    wallet, card, closed = town.intents
    bank = SandboxBank()
    amount = build.yuan(AMOUNT_MINOR)
    bank.charge(intent_no=wallet, amount=amount, now=now, faults=Faults(decline_bps=10_000))
    bank.charge(intent_no=wallet, amount=amount, now=now)
    bank.authorise(intent_no=card, amount=amount, now=now)
    bank.capture(intent_no=card, amount=amount, now=now)
    bank.authorise(intent_no=closed, amount=amount, now=now)
    bank.void(intent_no=closed, amount=amount, now=now)
    refund_no = build.new_number("R")
    for _ in range(2):  # fails, then succeeds
        bank.refund(refund_no=refund_no, intent_no=wallet, amount=build.yuan(3_333), now=now)
    told: list[bytes] = []
    tasks.deliver_due_notices(now, lambda body, _: told.append(body) or "success")
    assert len(told) == 8

    waiting = told * 10
    order.shuffle(waiting)
    while waiting:  # what is not acknowledged comes again, after all others
        body, waiting = waiting[0], waiting[1:]
        answer = receive_notice(provider="sandbox", body=body, headers=notices.sign_notice(body, now), now=now)
        if answer.text != "success":
            assert answer.text == "payments.refund_not_found"
            waiting.append(body)
        if queries.get_intent(wallet).state is IntentState.CAPTURED:
            build.request_refund(wallet, 3_333, now, refund_no)

    states = [queries.get_intent(number).state for number in town.intents]
    assert states == [IntentState.CAPTURED, IntentState.CAPTURED, IntentState.CLOSED]
    assert queries.get_refund(refund_no).state is RefundState.SUCCEEDED
    after = books.balances()
    assert {name: after[name] - before[name] for name in after} == {"clearing": 16_667, "held": 20_000, "due": -3_333}
    events = Counter(books.published(wallet, card, closed, refund_no))
    for name, number in (("payment_captured", wallet), ("payment_captured", card), ("refund_succeeded", refund_no)):
        assert events[name, number] == 1
    assert set(events) - {("payment_authorised", card), ("payment_authorised", closed)} == {
        ("payment_captured", wallet),
        ("payment_captured", card),
        ("refund_succeeded", refund_no),
    }
    assert max(events.values()) == 1
    assert queries.list_mismatches().items == ()
