"""Booking: what goes in once, what is refused, what it costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.builders.ledger import CLEARING, DUE, ESCROW, HELD, PAYABLE, PROMOTER, REVENUE, account, book, draft
from wuyou.domains.ledger import operations, queries, rules
from wuyou.domains.ledger.errors import AccountOverdrawn, JournalKeyReused, MalformedAccount, MalformedJournal
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, Side, TransferDraft
from wuyou.infra import db
from wuyou.kernel.money import MAX_MINOR, Currency

pytestmark = pytest.mark.django_db


def minor(ref: AccountRef) -> int:
    return queries.get_balance(ref).amount_minor


def rows() -> tuple[int, int]:
    counted = db.row("SELECT (SELECT count(*) FROM ledger_journal), (SELECT count(*) FROM ledger_transfer)")
    assert counted is not None
    return counted[0], counted[1]


def test_post_moves_money_between_accounts_that_it_opens(now: datetime) -> None:
    (posted,) = book(draft("capture:W1", (CLEARING, HELD, 1_299), now=now), now=now)
    assert not posted.was_replayed
    assert posted.key == "capture:W1"
    assert (minor(CLEARING), minor(HELD)) == (1_299, 1_299)
    assert queries.get_account(HELD).credits_minor == 1_299


def test_post_of_several_journals_answers_in_their_order(now: datetime) -> None:
    keys = [f"capture:W{n}" for n in (3, 1, 2)]
    posted = book(*(draft(key, (CLEARING, HELD, 100), now=now) for key in keys), now=now)
    assert [journal.key for journal in posted] == keys
    assert minor(HELD) == 300


def test_post_of_nothing_books_nothing(now: datetime) -> None:
    assert book(now=now) == ()


def test_post_twice_books_once(now: datetime) -> None:
    journal = draft("capture:W1", (CLEARING, HELD, 1_299), now=now)
    (first,) = book(journal, now=now)
    (again,) = book(journal, now=now + timedelta(days=1))
    assert again == replace(first, was_replayed=True)
    assert minor(HELD) == 1_299
    assert rows() == (1, 1)


def test_post_of_the_same_key_twice_in_one_call_books_once(now: datetime) -> None:
    journal = draft("capture:W1", (CLEARING, HELD, 1_299), now=now)
    first, again = book(journal, journal, now=now)
    assert (first.was_replayed, again.was_replayed) == (False, True)
    assert first.id == again.id
    assert minor(HELD) == 1_299


def test_post_told_of_the_same_fact_at_another_moment_or_in_another_order_is_a_replay(now: datetime) -> None:
    legs = ((ESCROW, PAYABLE, 900), (ESCROW, PROMOTER, 80), (ESCROW, REVENUE, 20))
    book(draft("release:W1", (HELD, ESCROW, 1_000), now=now), now=now)
    book(draft("settle:W1", *legs, now=now), now=now)
    (again,) = book(draft("settle:W1", *reversed(legs), now=now + timedelta(hours=1)), now=now)
    assert again.was_replayed
    assert minor(ESCROW) == 0


@pytest.mark.parametrize(
    "other",
    [
        lambda journal: replace(journal, kind="other"),
        lambda journal: replace(journal, source_ref="order:W2"),
        lambda journal: replace(journal, transfers=(replace(journal.transfers[0], amount_minor=1_300),)),
        lambda journal: replace(journal, transfers=(replace(journal.transfers[0], kind="other"),)),
        lambda journal: replace(journal, transfers=(replace(journal.transfers[0], debit=ESCROW),)),
        lambda journal: replace(journal, transfers=journal.transfers * 2),
    ],
)
@pytest.mark.parametrize("is_together", [True, False])
def test_post_of_a_used_key_with_other_contents_is_refused_and_changes_nothing(
    now: datetime, other: Callable[[JournalDraft], JournalDraft], is_together: bool
) -> None:
    book(draft("release:W0", (HELD, ESCROW, 5_000), now=now), now=now)
    journal = draft("capture:W1", (CLEARING, HELD, 1_299), now=now)
    new = draft("capture:W2", (CLEARING, HELD, 1), now=now)
    if not is_together:
        book(journal, now=now)
    before, held = rows(), minor(HELD)
    with db.transaction():
        with pytest.raises(JournalKeyReused):
            operations.post(journals=[new, *([journal] if is_together else []), other(journal)], now=now)
        assert rows() == before
        assert minor(HELD) == held
        operations.post(journals=[new], now=now)
    assert minor(HELD) == held + 1


def test_post_below_a_floor_is_refused_and_the_transaction_lives(now: datetime) -> None:
    with db.transaction():
        operations.post(journals=[draft("release:W1", (HELD, ESCROW, 1_000), now=now)], now=now)
        with pytest.raises(AccountOverdrawn) as refused:
            operations.post(journals=[draft("settle:W1", (ESCROW, PAYABLE, 1_001), now=now)], now=now)
        assert refused.value.facts == {"account": ESCROW.code}
        assert (minor(ESCROW), minor(PAYABLE), rows()) == (1_000, 0, (1, 1))
        operations.post(journals=[draft("settle:W1", (ESCROW, PAYABLE, 1_000), now=now)], now=now)
    assert (minor(ESCROW), minor(PAYABLE)) == (0, 1_000)


def test_post_of_several_journals_books_all_or_none(now: datetime) -> None:
    book(draft("release:W1", (HELD, ESCROW, 1_000), now=now), now=now)
    before = rows()
    with pytest.raises(AccountOverdrawn):
        book(
            draft("capture:W2", (CLEARING, HELD, 70), now=now),
            draft("settle:W1", (ESCROW, PAYABLE, 1_001), now=now),
            now=now,
        )
    assert rows() == before
    assert minor(CLEARING) == 0


def test_post_judges_floors_on_what_the_call_changes_in_sum(now: datetime) -> None:
    book(
        draft("settle:W1", (ESCROW, PAYABLE, 1_000), now=now),
        draft("release:W1", (HELD, ESCROW, 1_000), now=now),
        now=now,
    )
    assert (minor(ESCROW), minor(PAYABLE)) == (0, 1_000)


def test_post_counts_no_replay_towards_a_floor(now: datetime) -> None:
    release = draft("release:W1", (HELD, ESCROW, 1_000), now=now)
    book(release, now=now)
    with pytest.raises(AccountOverdrawn):
        book(release, draft("settle:W1", (ESCROW, PAYABLE, 1_500), now=now), now=now)


@pytest.mark.parametrize("ref", [PAYABLE, CLEARING, HELD, REVENUE])
def test_accounts_with_a_meaning_below_zero_may_go_there(now: datetime, ref: AccountRef) -> None:
    legs = (DUE, ref, 5) if ref.kind.side is Side.DEBIT else (ref, DUE, 5)
    book(draft("anything:1", legs, now=now), now=now)
    assert minor(ref) == -5


def test_promoter_goes_below_zero_by_a_clawback_and_by_nothing_else(now: datetime) -> None:
    book(draft("settle:W0", (HELD, PROMOTER, 100), now=now), now=now)
    for refused in (
        [draft("fine:F1", (PROMOTER, REVENUE, 101), now=now)],
        [draft("unsettle:R1", (PROMOTER, PAYABLE, 100), now=now), draft("fine:F1", (PROMOTER, REVENUE, 101), now=now)],
    ):
        with pytest.raises(AccountOverdrawn):
            book(*refused, now=now)
    assert minor(PROMOTER) == 100
    book(draft("unsettle:R1", (PROMOTER, PAYABLE, 130), now=now), now=now)
    assert minor(PROMOTER) == -30
    with pytest.raises(AccountOverdrawn):
        book(draft("fine:F1", (PROMOTER, REVENUE, 1), now=now), now=now)
    book(draft("settle:W1", (HELD, PROMOTER, 5), now=now), now=now)
    book(draft("unsettle:R2", (PROMOTER, PAYABLE, 5), now=now), now=now)
    assert minor(PROMOTER) == -30
    book(draft("settle:W2", (HELD, PROMOTER, 50), now=now), draft("fine:F1", (PROMOTER, REVENUE, 20), now=now), now=now)
    assert minor(PROMOTER) == 0


def test_promoter_pays_a_debt_and_a_clawback_in_one_call_when_the_debt_alone_is_covered(now: datetime) -> None:
    book(draft("settle:W0", (HELD, PROMOTER, 100), now=now), now=now)
    book(
        draft("unsettle:R1", (PROMOTER, PAYABLE, 130), now=now),
        draft("fine:F1", (PROMOTER, REVENUE, 50), now=now),
        now=now,
    )
    assert minor(PROMOTER) == -80


def malformed(now: datetime) -> dict[str, JournalDraft]:
    good = draft("capture:W1", (CLEARING, HELD, 1), now=now)
    leg = good.transfers[0]
    usd = account(AccountKind.BUYERS_HELD, currency=Currency.USD)
    return {
        "no transfers": replace(good, transfers=()),
        "nothing moves": replace(good, transfers=(replace(leg, amount_minor=0),)),
        "backwards": replace(good, transfers=(replace(leg, amount_minor=-1),)),
        "too much": replace(good, transfers=(replace(leg, amount_minor=MAX_MINOR + 1),)),
        "a float": replace(good, transfers=(replace(leg, amount_minor=1.0),)),  # type: ignore[arg-type]
        "a truth": replace(good, transfers=(replace(leg, amount_minor=True),)),
        "to itself": replace(good, transfers=(replace(leg, credit=CLEARING),)),
        "two currencies in a transfer": replace(good, transfers=(replace(leg, credit=usd),)),
        "two currencies in a journal": replace(
            good, transfers=(leg, TransferDraft(account(AccountKind.CLEARING, "b", Currency.USD), usd, 1, "x"))
        ),
        "no key": replace(good, key=""),
        "long key": replace(good, key="k" * (rules.MAX_KEY_LENGTH + 1)),
        "a key with a separator": replace(good, key="a\x1fb"),
        "no kind": replace(good, kind=""),
        "a source with a line end": replace(good, source_ref="order\n1"),
        "a transfer without kind": replace(good, transfers=(replace(leg, kind=""),)),
        "a moment without a zone": replace(good, occurred_at=now.replace(tzinfo=None)),
    }


@pytest.mark.parametrize("name", list(malformed(datetime.now().astimezone())))
def test_post_refuses_what_cannot_be_booked_and_books_nothing_beside_it(now: datetime, name: str) -> None:
    with pytest.raises(MalformedJournal):
        book(draft("capture:W9", (CLEARING, HELD, 1), now=now), malformed(now)[name], now=now)
    assert rows() == (0, 0)


@pytest.mark.parametrize(
    ("kind", "owner"),
    [
        (AccountKind.MERCHANT_ESCROW, ""),
        (AccountKind.BUYERS_HELD, "shop:1"),
        (AccountKind.MERCHANT_ESCROW, "shop/1"),
        (AccountKind.MERCHANT_ESCROW, "shop\x1f1"),
        (AccountKind.MERCHANT_ESCROW, "s" * 101),
    ],
)
def test_account_ref_refuses_an_owner_that_does_not_fit(kind: AccountKind, owner: str) -> None:
    with pytest.raises(MalformedAccount):
        AccountRef(kind, owner, Currency.CNY)


@pytest.mark.parametrize("ref", [CLEARING, HELD, ESCROW, account(AccountKind.PROMOTER_PAYABLE, "推广:7", Currency.JPY)])
def test_account_ref_is_read_back_from_its_code(ref: AccountRef) -> None:
    assert AccountRef.parse(ref.code) == ref


@pytest.mark.parametrize("code", ["", "held", "nothing/CNY", "buyers_held/XXX", "merchant_escrow/CNY", "a/b/c/d", "//"])
def test_account_ref_of_no_code_is_refused(code: str) -> None:
    with pytest.raises(MalformedAccount):
        AccountRef.parse(code)


def test_largest_amount_is_booked(now: datetime) -> None:
    book(draft("release:W1", (HELD, ESCROW, MAX_MINOR), (HELD, ESCROW, MAX_MINOR), now=now), now=now)
    assert minor(ESCROW) == 2 * MAX_MINOR


def test_post_costs_one_statement_and_two_more_where_an_account_is_opened(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with db.transaction():
        with django_assert_num_queries(3):
            operations.post(journals=[draft("release:W1", (HELD, ESCROW, 10), now=now)], now=now)
        with django_assert_num_queries(1):
            operations.post(journals=[draft("release:W2", (HELD, ESCROW, 10), now=now)], now=now)
        with django_assert_num_queries(1):
            operations.post(journals=[draft("release:W2", (HELD, ESCROW, 10), now=now)], now=now)
        many = [draft(f"release:W{n}", (HELD, ESCROW, 10), now=now) for n in range(3, 103)]
        with django_assert_num_queries(3):  # the statement, between a savepoint and its release
            operations.post(journals=many, now=now)
    assert minor(ESCROW) == 102 * 10
