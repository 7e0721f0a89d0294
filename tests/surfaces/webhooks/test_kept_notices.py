"""Whatever comes to the door is kept with what it did, and without what it said beyond a number and a sum."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import pytest
from django.db import Error, ProgrammingError

from tests.builders import payments as build
from tests.builders.payments import PERFECT, PRICE
from tests.domains.payments import books
from wuyou.domains.payments import operations, queries, rules, tasks
from wuyou.domains.payments.providers import get_provider
from wuyou.domains.payments.providers.base import Notice
from wuyou.domains.payments.providers.sandbox import notices
from wuyou.domains.payments.types import IntentState, NoticeOutcome, ReceivedNotice
from wuyou.infra import db
from wuyou.surfaces.webhooks.receive import MAX_BODY_BYTES, TOO_LARGE, receive_notice

pytestmark = pytest.mark.django_db


def charged(now: datetime) -> tuple[str, bytes]:
    """An intent whose money the bank has taken, and the notice of it."""
    number = build.open_intent(now)
    PERFECT.charge(intent_no=number, amount=PRICE, now=now)
    (notice,) = queries.list_notices(number=number).items
    return number, notice.body.encode()


def bring(body: bytes, now: datetime, *, signed_at: datetime | None = None, is_signed: bool = True) -> int:
    """Bring a notice to the door; returns the status of the answer."""
    headers = notices.sign_notice(body, signed_at or now) if is_signed else {}
    return receive_notice(provider="sandbox", body=body, headers=headers, now=now).status


def kept(number: str = "") -> list[ReceivedNotice]:
    """What is kept, in the order in which it came."""
    return [*reversed(queries.list_received_notices(number=number).items)]


def test_a_notice_is_kept_with_what_it_did_and_a_repetition_as_one(now: datetime) -> None:
    number, body = charged(now)

    assert [bring(body, now), bring(body, now + timedelta(seconds=15))] == [200, 200]

    first, second = kept(number)
    assert (first.outcome, second.outcome) == (NoticeOutcome.SETTLED, NoticeOutcome.DUPLICATE)
    assert (first.provider, first.what, first.said, first.amount) == ("sandbox", "charge", "captured", PRICE)
    assert first.notice_id == second.notice_id != ""
    assert first.digest == second.digest == hashlib.sha256(body).hexdigest()
    assert (first.size_bytes, first.reason) == (len(body), "")
    assert (first.received_at, first.handled_at) == (now, now)


def test_what_was_learnt_by_asking_makes_the_notice_late(now: datetime) -> None:
    number, body = charged(now)
    tasks.reconcile_due_charges(now + timedelta(seconds=5))
    assert queries.get_intent(number).state is IntentState.CAPTURED

    bring(body, now + timedelta(seconds=6))

    assert [notice.outcome for notice in kept(number)] == [NoticeOutcome.LATE]


def test_what_cannot_be_right_and_what_nobody_knows_are_kept_as_such(now: datetime) -> None:
    number, body = charged(now)
    assert bring(body.replace(b"12900", b"12901"), now) == 200
    assert bring(body.replace(number.encode(), b"nobody"), now) == 404

    wrong, unknown = kept()
    assert (wrong.outcome, wrong.amount) == (NoticeOutcome.MISMATCH, build.yuan(12_901))
    assert (unknown.outcome, unknown.number, unknown.reason) == (
        NoticeOutcome.UNKNOWN,
        "nobody",
        "payments.intent_not_found",
    )


def test_what_is_not_believed_is_kept_by_its_digest_alone(now: datetime) -> None:
    number, body = charged(now)
    before = books.payment_rows()
    too_long = body + b" " * MAX_BODY_BYTES

    assert bring(body, now, is_signed=False) == 403
    assert bring(body, now, signed_at=now - timedelta(minutes=6)) == 403
    assert bring(b"{}", now) == 400
    assert bring(too_long, now) == 413

    assert books.payment_rows() == before
    assert kept(number) == [], "what nobody signed says nothing of a payment"
    assert [(notice.outcome, notice.reason) for notice in kept()] == [
        (NoticeOutcome.FORGED, "payments.notice_forged"),
        (NoticeOutcome.STALE, "payments.notice_stale"),
        (NoticeOutcome.MALFORMED, "payments.notice_malformed"),
        (NoticeOutcome.MALFORMED, TOO_LARGE),
    ]
    assert {(notice.notice_id, notice.number, notice.said, notice.amount) for notice in kept()} == {("", "", "", None)}


def test_a_fault_of_ours_undoes_the_deed_and_keeps_the_notice_which_then_comes_again(now: datetime) -> None:
    number, body = charged(now)
    before = books.payment_rows()
    db.execute("ALTER TABLE ledger_transfer RENAME TO ledger_transfer_away")

    with pytest.raises(ProgrammingError):
        bring(body, now)

    db.execute("ALTER TABLE ledger_transfer_away RENAME TO ledger_transfer")
    assert books.payment_rows() == before
    (failed,) = kept(number)
    assert (failed.outcome, failed.reason) == (NoticeOutcome.FAILED, "ProgrammingError")

    assert bring(body, now + timedelta(seconds=15)) == 200
    assert [notice.outcome for notice in kept(number)] == [NoticeOutcome.FAILED, NoticeOutcome.SETTLED]
    assert books.balances()["clearing"] == 12_900


def test_a_process_that_died_leaves_a_notice_without_an_outcome(now: datetime) -> None:
    number, body = charged(now)
    notice = get_provider("sandbox").read_notice(body=body, headers=notices.sign_notice(body, now), now=now)
    operations.keep_notice(provider="sandbox", digest="0" * 64, size_bytes=len(body), notice=notice, now=now)

    assert [(one.outcome, one.handled_at) for one in kept(number)] == [(None, None)]
    bring(body, now)
    assert [one.outcome for one in kept(number)] == [None, NoticeOutcome.SETTLED]


@pytest.mark.parametrize("change", ["outcome = 'late'", "number = 'another'", "handled_at = NULL, outcome = ''"])
def test_a_kept_notice_stays_as_it_came(now: datetime, change: str) -> None:
    number, body = charged(now)
    bring(body, now)
    before = kept()

    with pytest.raises(Error), db.savepoint():
        db.execute(f"UPDATE payments_notice SET {change} WHERE number = %s", [number])

    assert kept() == before


def test_a_flood_of_what_nobody_signed_is_counted_beyond_a_limit_and_hides_nothing_signed(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_REFUSED_AN_HOUR", 3)
    number, body = charged(now)

    for index in range(5):
        assert bring(b"junk %d" % index, now, is_signed=False) == 403
    bring(body, now)

    assert [notice.outcome for notice in kept()] == [*[NoticeOutcome.FORGED] * 3, NoticeOutcome.SETTLED]
    assert queries.count_unkept_notices(now - timedelta(days=1)) == 2
    bring(b"junk", now + timedelta(minutes=61), is_signed=False)
    assert len(kept()) == 5, "an hour later there is room again"
    assert len(kept(number)) == 1


def test_one_notice_repeated_without_end_is_acknowledged_and_counted(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_REPETITIONS", 2)
    number, body = charged(now)

    assert [bring(body, now) for _ in range(4)] == [200] * 4

    assert [notice.outcome for notice in kept(number)] == [NoticeOutcome.SETTLED, NoticeOutcome.DUPLICATE]
    assert queries.count_unkept_notices(now - timedelta(days=1)) == 2


def test_old_notices_are_forgotten_those_that_were_not_believed_sooner(now: datetime) -> None:
    number, body = charged(now)
    bring(body, now)
    bring(b"junk", now, is_signed=False)

    assert tasks.forget_old_notices(now + timedelta(days=rules.KEEP_REFUSED_DAYS)) == 0
    assert tasks.forget_old_notices(now + timedelta(days=rules.KEEP_REFUSED_DAYS, seconds=1)) == 1
    assert [notice.number for notice in kept()] == [number]
    assert tasks.forget_old_notices(now + timedelta(days=rules.KEEP_NOTICES_DAYS, seconds=1)) == 1
    assert kept() == []


def test_what_is_about_nothing_of_ours_is_let_pass_and_kept(now: datetime) -> None:
    kept_id = operations.keep_notice(
        provider="stripe", digest="1" * 64, size_bytes=2, notice=Notice("evt_1", None), now=now
    )
    outcome = operations.apply_notice(notice=Notice("evt_1", None), kept_id=kept_id, now=now)

    assert outcome is NoticeOutcome.PASSED
    assert [(notice.outcome, notice.number) for notice in kept()] == [(NoticeOutcome.PASSED, "")]
