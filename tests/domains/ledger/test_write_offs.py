"""A debt is forgiven by two people, never by one, and never more than is owed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import IntegrityError

from tests.builders.ledger import PAYABLE, PROMOTER, REVENUE, book, draft, lively_books
from tests.builders.people import make_person
from wuyou.domains.ledger import queries, statements
from wuyou.domains.ledger.errors import (
    AccountUnknown,
    ReasonMissing,
    SecondPersonNeeded,
    StaffOnly,
    WriteOffDecided,
    WriteOffExceedsDebt,
    WriteOffOpen,
    WriteOffUnknown,
)
from wuyou.domains.ledger.types import AccountRef, WriteOffState
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError

pytestmark = pytest.mark.django_db
DEBT = 3_480


@pytest.fixture(autouse=True)
def books_hold() -> Iterator[None]:
    yield
    assert [check for check in queries.verify() if check.breach_count] == []


@pytest.fixture(autouse=True)
def owing(now: datetime) -> None:
    """A publisher who owes 34.80."""
    lively_books(now)
    book(draft("unsettle:R9", (PROMOTER, PAYABLE, 5_000), now=now), now=now)
    assert queries.get_balance(PROMOTER).amount_minor == -DEBT


@pytest.fixture
def ann(now: datetime) -> Actor:
    return Actor(make_person(now, "Ann").id, is_staff=True)


@pytest.fixture
def ben(now: datetime) -> Actor:
    return Actor(make_person(now, "Ben").id, is_staff=True)


def ask(
    actor: Actor,
    now: datetime,
    amount_minor: int = DEBT,
    *,
    account: AccountRef = PROMOTER,
    reason: str = "gone abroad",
) -> str:
    return db.in_transaction(
        lambda: statements.ask_write_off(
            actor=actor, account=account, amount_minor=amount_minor, reason=reason, now=now
        )
    )


def approve(actor: Actor, number: str, now: datetime) -> None:
    db.in_transaction(lambda: statements.approve_write_off(actor=actor, number=number, now=now))


def debt() -> int:
    return -queries.get_balance(PROMOTER).amount_minor


def test_one_asks_another_approves_and_the_platform_bears_it(now: datetime, ann: Actor, ben: Actor) -> None:
    before = queries.get_balance(REVENUE).amount_minor
    number = ask(ann, now, 3_000)
    assert (number, debt()) == ("publisher1-CNY-1", DEBT)
    approve(ben, number, now)
    assert (debt(), queries.get_balance(REVENUE).amount_minor) == (480, before - 3_000)
    (done,) = statements.list_write_offs().items
    assert (done.state, done.asked_by, done.decided_by) == (WriteOffState.APPROVED, ann.user_id, ben.user_id)
    assert statements.written_off(PROMOTER).amount_minor == 3_000
    with pytest.raises(WriteOffDecided):
        approve(ben, number, now)
    assert ask(ann, now, 480) == "publisher1-CNY-2"


def test_who_asked_does_not_approve_not_even_in_the_database(now: datetime, ann: Actor) -> None:
    number = ask(ann, now)
    with pytest.raises(SecondPersonNeeded):
        approve(ann, number, now)
    assert debt() == DEBT
    with pytest.raises(IntegrityError, match="write_off_takes_two"), db.transaction():
        db.execute("UPDATE ledger_write_off SET decided_by_id = asked_by_id, decided_at = now(), journal_id = 1")


def test_refused_write_off_books_nothing_and_makes_room_for_another(now: datetime, ann: Actor, ben: Actor) -> None:
    number = ask(ann, now)
    with pytest.raises(WriteOffOpen):
        ask(ben, now)
    db.in_transaction(lambda: statements.refuse_write_off(actor=ben, number=number, now=now))
    assert (debt(), statements.list_write_offs().items[0].state) == (DEBT, WriteOffState.REFUSED)
    with pytest.raises(WriteOffDecided):
        approve(ben, number, now)
    assert ask(ann, now) == "publisher1-CNY-2"


def test_debt_that_was_earned_back_meanwhile_is_not_forgiven(now: datetime, ann: Actor, ben: Actor) -> None:
    number = ask(ann, now)
    book(draft("settle:W9", (REVENUE, PROMOTER, 1), now=now), now=now)
    with pytest.raises(WriteOffExceedsDebt):
        approve(ben, number, now)
    assert debt() == DEBT - 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"amount_minor": DEBT + 1}, WriteOffExceedsDebt),
        ({"amount_minor": 0}, WriteOffExceedsDebt),
        ({"account": PAYABLE, "amount_minor": 1}, WriteOffExceedsDebt),
        ({"account": REVENUE, "amount_minor": 1}, AccountUnknown),
        ({"reason": " "}, ReasonMissing),
    ],
)
def test_write_off_that_cannot_be_is_refused(
    changes: dict[str, object], error: type[DomainError], now: datetime, ann: Actor
) -> None:
    with pytest.raises(error):
        ask(ann, now, **changes)  # type: ignore[arg-type]
    assert (statements.list_write_offs().items, debt()) == ((), DEBT)


def test_write_offs_are_staffs_alone(now: datetime, ann: Actor, ben: Actor) -> None:
    number = ask(ann, now)
    nobody = Actor(ben.user_id)
    with pytest.raises(StaffOnly):
        ask(nobody, now)
    with pytest.raises(StaffOnly):
        approve(nobody, number, now)
    with pytest.raises(StaffOnly):
        db.in_transaction(lambda: statements.refuse_write_off(actor=nobody, number=number, now=now))
    with pytest.raises(WriteOffUnknown):
        approve(ben, "publisher9-CNY-1", now)
    assert statements.list_write_offs().items[0].state is WriteOffState.ASKED
