"""Whatever is asked of the books, in whatever order, they hold and say what a plain model says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.builders.ledger import account, pay_out
from tests.conftest import empty_tables
from wuyou.domains.ledger import operations, queries, rules, tasks
from wuyou.domains.ledger.errors import AccountOverdrawn, JournalKeyReused, PayoutExceedsBalance, PayoutNoReused
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, Side, TransferDraft
from wuyou.infra import db
from wuyou.kernel.money import MAX_MINOR, Currency

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)

ACCOUNTS = {
    currency: [
        account(kind, owner, currency) for kind in AccountKind for owner in (("a:1", "b:2") if kind.is_owned else ("",))
    ]
    for currency in (Currency.CNY, Currency.JPY)
}
FLOORED = [ref for refs in ACCOUNTS.values() for ref in refs if not ref.kind.may_go_negative]
PAYABLES = [ref for ref in ACCOUNTS[Currency.CNY] if ref.kind.is_payable]

texts = st.text(
    st.characters(exclude_categories=["C", "Z"], include_characters=" 物友😀"), min_size=1, max_size=12
).filter(str.isprintable)
amounts = st.one_of(st.integers(1, 500), st.integers(1, MAX_MINOR))


@st.composite
def journals(draw: st.DrawFn) -> JournalDraft:
    refs = ACCOUNTS[draw(st.sampled_from(list(ACCOUNTS)))]
    pairs = st.lists(st.sampled_from(refs), min_size=2, max_size=2, unique=True)
    kind = draw(st.sampled_from(["capture", "release", "settle", "unsettle", "refund"]))
    leg = st.builds(lambda pair, amount: TransferDraft(*pair, amount, kind), pairs, amounts)
    legs = draw(st.lists(leg, min_size=1, max_size=4))
    # Few keys, so that they meet again.
    return JournalDraft(f"{kind}:{draw(st.integers(1, 30))}", kind, draw(texts), NOW, tuple(legs))


class CallerError(Exception):
    """Something else in the caller's transaction went wrong."""


@dataclass
class Outcome:
    """What the model expects of a call: an error, or the balances after it."""

    error: type[Exception] | None
    known: dict[str, bytes]
    sums: Counter[AccountRef]


class Books(RuleBasedStateMachine):
    """The books beside a model: a dictionary of balances and one of keys."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, bytes] = {}
        self.drafts: list[JournalDraft] = []
        self.balances: Counter[AccountRef] = Counter()
        self.payouts: dict[str, tuple[AccountRef, int]] = {}
        self.clock = NOW

    def teardown(self) -> None:
        try:
            if self.known:
                assert [check for check in queries.verify() if not check.holds] == []
        finally:
            empty_tables()

    # ------------------------------------------------------------------ the model

    def expect(self, drafts: list[JournalDraft]) -> Outcome:
        known, balances = dict(self.known), Counter(self.balances)
        for draft in drafts:
            contents = rules.input_hash(draft)
            if known.setdefault(draft.key, contents) != contents:
                return Outcome(JournalKeyReused, self.known, self.balances)
        taken_back, otherwise_debited = Counter[AccountRef](), set[AccountRef]()
        for key in known.keys() - self.known.keys():
            draft = next(one for one in drafts if one.key == key)
            for leg in draft.transfers:
                balances[leg.debit] += leg.amount_minor if leg.debit.kind.side is Side.DEBIT else -leg.amount_minor
                balances[leg.credit] += leg.amount_minor if leg.credit.kind.side is Side.CREDIT else -leg.amount_minor
                if draft.kind == "unsettle":
                    taken_back[leg.debit] += leg.amount_minor
                else:
                    otherwise_debited.add(leg.debit)
        for ref, balance in balances.items():
            is_floored = not ref.kind.may_go_negative
            is_promoter = ref.kind is AccountKind.PROMOTER_PAYABLE and ref in otherwise_debited
            if (is_floored and balance < 0) or (is_promoter and balance + taken_back[ref] < 0):
                return Outcome(AccountOverdrawn, self.known, self.balances)
        return Outcome(None, known, balances)

    def post(self, drafts: list[JournalDraft]) -> None:
        expected = self.expect(drafts)
        if expected.error:
            with pytest.raises(expected.error):
                db.in_transaction(lambda: operations.post(journals=drafts, now=self.clock))
            return
        posted = db.in_transaction(lambda: operations.post(journals=drafts, now=self.clock))
        seen = set(self.known)
        for draft, answer in zip(drafts, posted, strict=True):
            assert (answer.key, answer.was_replayed) == (draft.key, draft.key in seen)
            seen.add(draft.key)
        self.known, self.balances = expected.known, expected.sums
        self.drafts += drafts

    # ------------------------------------------------------------------ what may be asked

    @rule(drafts=st.lists(journals(), min_size=1, max_size=4))
    def post_anything(self, drafts: list[JournalDraft]) -> None:
        self.post(drafts)

    @rule(ref=st.sampled_from(FLOORED), data=st.data())
    def post_about_as_much_as_there_is(self, ref: AccountRef, data: st.DataObject) -> None:
        amount = self.balances[ref] + data.draw(st.integers(-1, 1))
        if 0 < amount <= MAX_MINOR:
            out = TransferDraft(ref, account(AccountKind.BUYERS_HELD, "", ref.currency), amount, "settle")
            self.post([JournalDraft(f"settle:{data.draw(st.integers(1, 30))}", "settle", "edge", NOW, (out,))])

    @precondition(lambda self: self.drafts)
    @rule(data=st.data(), hours=st.integers(0, 48))
    def post_again_something_told_differently(self, data: st.DataObject, hours: int) -> None:
        draft = data.draw(st.sampled_from(self.drafts))
        legs = data.draw(st.permutations(draft.transfers))
        self.post([replace(draft, transfers=tuple(legs), occurred_at=NOW + timedelta(hours=hours))])

    @precondition(lambda self: self.drafts)
    @rule(data=st.data())
    def post_a_used_key_with_other_contents(self, data: st.DataObject) -> None:
        draft = data.draw(st.sampled_from(self.drafts))
        first = replace(draft.transfers[0], kind=draft.transfers[0].kind + "!")
        self.post([replace(draft, transfers=(first, *draft.transfers[1:]))])

    @rule(drafts=st.lists(journals(), min_size=1, max_size=3))
    def post_in_a_transaction_that_fails_afterwards(self, drafts: list[JournalDraft]) -> None:
        def interrupted() -> None:
            operations.post(journals=drafts, now=self.clock)
            raise CallerError

        with pytest.raises(self.expect(drafts).error or CallerError):
            db.in_transaction(interrupted)

    @rule(drafts=st.lists(journals(), min_size=2, max_size=4))
    def post_one_by_one_in_a_transaction_and_go_on_after_refusals(self, drafts: list[JournalDraft]) -> None:
        with db.transaction():
            for draft in drafts:
                expected = self.expect([draft])
                if expected.error:
                    with pytest.raises(expected.error):
                        operations.post(journals=[draft], now=self.clock)
                    continue
                operations.post(journals=[draft], now=self.clock)
                self.known, self.balances = expected.known, expected.sums
                self.drafts.append(draft)

    @rule(ref=st.sampled_from(PAYABLES), number=st.integers(1, 8), data=st.data())
    def pay_out(self, ref: AccountRef, number: int, data: st.DataObject) -> None:
        payout_no = f"P{number}"
        balance = self.balances[ref]
        amount = data.draw(st.integers(1, min(max(balance + 1, 1), MAX_MINOR)))
        clearing = account(AccountKind.CLEARING, "sandbox")
        booked = self.payouts.get(payout_no)
        if booked == (ref, amount):
            assert pay_out(amount, payout_no, account=ref, now=self.clock).amount.amount_minor == amount
        elif ref not in self.balances:
            return
        elif booked:
            with pytest.raises(PayoutNoReused):
                pay_out(amount, payout_no, account=ref, now=self.clock)
        elif amount > balance:
            with pytest.raises(PayoutExceedsBalance):
                pay_out(amount, payout_no, account=ref, now=self.clock)
        else:
            pay_out(amount, payout_no, account=ref, now=self.clock)
            self.payouts[payout_no] = (ref, amount)
            self.balances[ref] -= amount
            self.balances[clearing] -= amount

    @rule()
    def checkpoint(self) -> None:
        tasks.checkpoint_summed_accounts(self.clock)

    @rule(minutes=st.integers(1, 600))
    def wait(self, minutes: int) -> None:
        self.clock += timedelta(minutes=minutes)

    # ------------------------------------------------------------------ what must be true after each step

    @invariant()
    def balances_are_the_models(self) -> None:
        refs = [ref for refs in ACCOUNTS.values() for ref in refs] + [account(AccountKind.CLEARING, "sandbox")]
        assert {ref: money.amount_minor for ref, money in queries.balances(refs).items()} == {
            ref: self.balances[ref] for ref in refs
        }

    @invariant()
    def books_sum_to_zero(self) -> None:
        sums: Counter[Currency] = Counter()
        for one in queries.list_accounts().items:
            sums[one.ref.currency] += one.debits_minor - one.credits_minor
        assert not any(sums.values())

    @precondition(lambda self: self.known)
    @rule(currency=st.sampled_from(list(ACCOUNTS)), data=st.data())
    def statement_agrees_with_the_balance(self, currency: Currency, data: st.DataObject) -> None:
        refs = [ref for ref in ACCOUNTS[currency] if ref in self.balances]
        if not refs:
            return
        ref = data.draw(st.sampled_from(refs))
        from_ = data.draw(st.sampled_from([None, NOW + timedelta(hours=1), self.clock]))
        statement = queries.get_statement(ref, from_=from_, limit=1_000)
        moved = sum(line.delta_minor for line in statement.lines.items)
        assert statement.closing.amount_minor == self.balances[ref]
        assert statement.opening.amount_minor + moved == self.balances[ref]


@pytest.mark.usefixtures("world")
def test_books_hold_whatever_is_asked_of_them() -> None:
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
