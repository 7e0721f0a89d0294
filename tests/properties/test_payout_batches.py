"""Whatever a bank does with a month's payouts, each line is paid once or back once, and the sums agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders.ledger import CLEARING, ESCROW, HELD, account, book, draft
from wuyou.domains.ledger import queries, statements, tasks
from wuyou.domains.ledger.types import AccountKind, PayoutState
from wuyou.infra import db as database

THE_20TH = datetime(2026, 4, 20, 2, 0, tzinfo=UTC)
NUMBERS = count(1)
"""Examples share the books, each with payees of its own."""
PLACES = ("bank-1234", "bank-pending", "bank-bounce", "bank-closed", "bank-mute", "bank-mute-bounce")


@pytest.mark.django_db
@settings(
    max_examples=18, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    payees=st.lists(st.tuples(st.integers(1, 9_999), st.sampled_from(PLACES)), min_size=1, max_size=4),
    taken_back=st.integers(0, 3_000),
    again=st.lists(st.sampled_from(["plan", "send", "wait", "retry"]), max_size=8),
)
def test_each_line_is_paid_once_or_returned_once_and_sums_agree(
    db: None, now: datetime, payees: list[tuple[int, str]], taken_back: int, again: list[str]
) -> None:
    from tests.builders.people import make_person
    from wuyou.kernel.actor import Actor

    staff = Actor(make_person(now, "Staff").id, is_staff=True)
    refs = [account(AccountKind.PROMOTER_PAYABLE, f"publisher:{next(NUMBERS)}") for _ in payees]
    for ref, (owed, place) in zip(refs, payees, strict=True):
        key = ref.owner
        book(draft(f"capture:{key}", (CLEARING, HELD, owed), now=now), now=now)
        book(draft(f"release:{key}", (HELD, ESCROW, owed), now=now), now=now)
        book(draft(f"settle:{key}", (ESCROW, ref, owed), now=now), now=now)
        statements.name_payee(owner=ref.owner, provider="sandbox", reference=place, now=now)
    assert tasks.close_months(THE_20TH - timedelta(days=10)) >= len(payees)
    if taken_back:
        back = draft(f"unsettle:{refs[0].owner}", (refs[0], ESCROW, taken_back), now=THE_20TH)
        book(back, now=THE_20TH)
    before = {ref: queries.get_balance(ref).amount_minor for ref in refs}
    cleared = queries.get_balance(CLEARING).amount_minor

    at = THE_20TH
    statements.plan_batch(month=date(2026, 3, 1), minimum_minor=1, now=at)
    for step in ["send", *again, "wait", "send", "wait", "send", "wait", "send"]:
        if step == "plan":
            statements.plan_batch(month=date(2026, 3, 1), minimum_minor=1, now=at)
        elif step == "send":
            statements.send_due(at)
        elif step == "wait":
            at += timedelta(hours=7)
        else:
            failed = [line for line in statements.list_lines(owners=[ref.owner for ref in refs]).items
                      if line.state is PayoutState.FAILED]  # fmt: skip
            for line in failed[:1]:
                _retry(staff, line.number, at)

    lines = statements.list_lines(owners=[ref.owner for ref in refs], limit=100).items
    assert {line.state for line in lines} <= {PayoutState.PAID, PayoutState.FAILED, PayoutState.SKIPPED}
    paid = {ref: sum(line.amount.amount_minor for line in lines
                     if line.account == ref and line.state is PayoutState.PAID) for ref in refs}  # fmt: skip
    # What was owed is paid or still there, to the cent: what failed came back once.
    assert {ref: queries.get_balance(ref).amount_minor + paid[ref] for ref in refs} == before
    assert cleared - queries.get_balance(CLEARING).amount_minor == sum(paid.values())
    ((banked,),) = database.rows(
        """
        SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_sandbox_payout
        WHERE NOT will_fail AND payout_no = ANY(%s)
        """,
        [[line.number for line in lines]],
    )
    assert banked == sum(paid.values())
    assert all(queries.get_balance(ref).amount_minor >= min(0, before[ref]) for ref in refs)
    assert [check for check in queries.verify() if check.breach_count] == []


def _retry(staff: object, number: str, at: datetime) -> None:
    from wuyou.domains.ledger.errors import NotRetriable

    try:
        with database.savepoint():
            statements.retry_payout(actor=staff, number=number, now=at)  # type: ignore[arg-type]
    except NotRetriable:
        pass
