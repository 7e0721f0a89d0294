"""Every notice that came, believed or not, and what it did.

A notice that is believed is kept before anything is done with it, and its outcome in the transaction of what it did:
one without an outcome met a process that died. Nobody can fill the table from outside: of what nobody signed, and of
one notice repeated, so many are kept, and the others are counted.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from wuyou.domains.payments import disputing, rules, taking
from wuyou.domains.payments.providers.base import ChargeResult, DisputeResult, Notice, RefundResult
from wuyou.domains.payments.types import NoticeOutcome
from wuyou.infra import db

_COUNT_UNKEPT = """
    INSERT INTO payments_notices_counted (provider, hour_at, notice_count)
    SELECT %(provider)s, date_trunc('hour', %(now)s::timestamptz), 1 WHERE NOT EXISTS (SELECT FROM kept)
    ON CONFLICT (provider, hour_at) DO UPDATE SET notice_count = payments_notices_counted.notice_count + 1
"""
"""Of what was not `kept`, that it came."""


@db.requires_transaction
def keep_notice(*, provider: str, digest: str, size_bytes: int, notice: Notice, now: datetime) -> int | None:
    """Keep a notice whose signature was checked, before it is taken in.

    Args: `digest` is the SHA-256 of its body in hexadecimal digits; the body itself is not kept.

    Returns: its row's id; None when it came so often that it was only counted.
    Cost: one statement.
    """
    result = notice.result
    what, number = _about(result)
    kept = db.row(
        f"""
        WITH kept AS (
            INSERT INTO payments_notice (provider, notice_id, digest, size_bytes, what, number, said, amount_minor,
                                         currency, received_at, outcome, reason)
            SELECT %(provider)s, %(notice_id)s, %(digest)s, %(size_bytes)s, %(what)s, %(number)s, %(said)s,
                   %(amount_minor)s, %(currency)s, %(now)s, '', ''
            WHERE (SELECT count(*) FROM payments_notice WHERE provider = %(provider)s AND notice_id = %(notice_id)s)
                  < %(most)s
            RETURNING id
        ), counted AS ({_COUNT_UNKEPT})
        SELECT id FROM kept
        """,  # noqa: S608  (a literal of this module)
        {
            "provider": provider,
            "notice_id": notice.notice_id[:200] or digest,
            "digest": digest,
            "size_bytes": size_bytes,
            "what": what,
            "number": number[:64],
            "said": result.state.value if result else "",
            "amount_minor": result.amount.amount_minor if result else None,
            "currency": result.amount.currency.code if result else "",
            "now": now,
            "most": rules.MOST_REPETITIONS,
        },
    )
    return kept[0] if kept else None


@db.requires_transaction
def keep_refused_notice(
    *, provider: str, digest: str, size_bytes: int, outcome: NoticeOutcome, reason: str, now: datetime
) -> None:
    """Keep what came to the door and was not believed, or could not be read. Cost: one statement."""
    db.execute(
        f"""
        WITH kept AS (
            INSERT INTO payments_notice (provider, notice_id, digest, size_bytes, what, number, said, amount_minor,
                                         currency, received_at, outcome, reason, handled_at)
            SELECT %(provider)s, '', %(digest)s, %(size_bytes)s, '', '', '', NULL, '', %(now)s, %(outcome)s,
                   %(reason)s, %(now)s
            WHERE (SELECT count(*) FROM payments_notice
                   WHERE provider = %(provider)s AND notice_id = '' AND received_at > %(now)s - interval '1 hour')
                  < %(most)s
            RETURNING id
        )
        {_COUNT_UNKEPT}
        """,  # noqa: S608  (a literal of this module)
        {
            "provider": provider,
            "digest": digest,
            "size_bytes": size_bytes,
            "outcome": outcome.value,
            "reason": reason[:200],
            "now": now,
            "most": rules.MOST_REFUSED_AN_HOUR,
        },
    )


@db.requires_transaction
def apply_notice(*, notice: Notice, kept_id: int | None, now: datetime) -> NoticeOutcome:
    """Take in a notice that `read_notice` believed, and say with it what it did.

    Args: `kept_id` is its row's, from `keep_notice`.

    Raises: `IntentNotFound`, `RefundNotFound`.
    Cost: that of `apply_charge`, `apply_refund` or `apply_dispute`, and one statement.
    """
    outcome = _take(notice, now)
    if kept_id is not None:
        _note_outcome(kept_id, outcome, "", now)
    return outcome


@db.requires_transaction
def note_notice_failed(*, kept_id: int, outcome: NoticeOutcome, reason: str, now: datetime) -> None:
    """Say of a notice that it could not be taken in, and why; what it wanted was undone before. Cost: one statement."""
    _note_outcome(kept_id, outcome, reason, now)


@db.requires_transaction
def forget_old_notices(*, now: datetime) -> int:
    """Drop what is older than anybody will ask about: refused ones after a month, others after 400 days."""
    forgotten = db.execute(
        "DELETE FROM payments_notice WHERE received_at < CASE WHEN notice_id = '' THEN %s ELSE %s END",
        [now - timedelta(days=rules.KEEP_REFUSED_DAYS), now - timedelta(days=rules.KEEP_NOTICES_DAYS)],
    )
    db.execute(
        "DELETE FROM payments_notices_counted WHERE hour_at < %s", [now - timedelta(days=rules.KEEP_REFUSED_DAYS)]
    )
    return forgotten


def _about(result: ChargeResult | RefundResult | DisputeResult | None) -> tuple[str, str]:
    match result:
        case ChargeResult():
            return "charge", result.intent_no
        case RefundResult():
            return "refund", result.refund_no
        case DisputeResult():
            return "dispute", result.dispute_ref
        case None:
            return "", ""


def _take(notice: Notice, now: datetime) -> NoticeOutcome:
    match notice.result:
        case ChargeResult():
            return taking.take_charge(notice.result, now)[1]
        case RefundResult():
            return taking.take_refund(notice.result, now)[1]
        case DisputeResult():
            return disputing.take_dispute(notice.result, now)[1]
        case None:
            return NoticeOutcome.PASSED


def _note_outcome(kept_id: int, outcome: NoticeOutcome, reason: str, now: datetime) -> None:
    # What changes nothing is a repetition when the same notice was taken in before, else others told it first.
    db.execute(
        """
        UPDATE payments_notice n
        SET handled_at = %(now)s, reason = %(reason)s,
            outcome = CASE WHEN %(outcome)s = 'late' AND EXISTS (
                SELECT FROM payments_notice b
                WHERE b.provider = n.provider AND b.notice_id = n.notice_id AND b.id <> n.id
                  AND b.outcome IN ('settled', 'late', 'duplicate')
            ) THEN 'duplicate' ELSE %(outcome)s END
        WHERE id = %(id)s AND handled_at IS NULL
        """,
        {"id": kept_id, "outcome": outcome.value, "reason": reason[:200], "now": now},
    )
