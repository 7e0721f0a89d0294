"""Every read of payments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from wuyou.domains.ledger.types import InvariantCheck
from wuyou.domains.payments import errors, proofs, rules
from wuyou.domains.payments.types import (
    BillState,
    Discrepancy,
    DiscrepancyReason,
    Dispute,
    DisputeState,
    Intent,
    IntentState,
    Mismatch,
    MismatchReason,
    NoticeOutcome,
    ProviderBill,
    ReceivedNotice,
    Refund,
    RefundState,
    SentNotice,
)
from wuyou.infra import db
from wuyou.infra.person_data import Obstacle, Records
from wuyou.kernel.clock import BUSINESS_ZONE, business_date
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

INTENT_COLUMNS = """
    i.intent_no, i.payer_id, i.purpose, i.amount_minor, i.currency, i.provider, i.provider_ref, i.state,
    i.refunds_minor, i.created_at, i.expires_at, i.handed_over_at, i.authorised_at, i.capture_asked_at, i.captured_at,
    i.closed_at
"""
REFUND_COLUMNS = """
    r.id, r.refund_no, i.intent_no, r.amount_minor, i.amount_minor, i.currency, i.provider, i.provider_ref, r.state,
    r.attempts, r.reason, r.requested_at, r.next_attempt_at, r.settled_at
"""

_INTENTS = f"SELECT {INTENT_COLUMNS} FROM payments_intent i"  # noqa: S608  (built of constants)
_REFUNDS = f"""
    SELECT {REFUND_COLUMNS} FROM payments_refund r JOIN payments_intent i ON i.id = r.intent_id
"""  # noqa: S608  (built of constants)


def intent_from(columns: Sequence[Any]) -> Intent:
    """Make an intent of a row of `INTENT_COLUMNS`."""
    no, payer_id, purpose, amount_minor, currency, provider, provider_ref, state, *rest = columns
    amount = Money(amount_minor, Currency(currency))
    return Intent(no, payer_id, purpose, amount, provider, provider_ref, IntentState(state), *rest)


def refund_from(columns: Sequence[Any]) -> Refund:
    """Make a refund of a row of `REFUND_COLUMNS`."""
    refund_id, refund_no, intent_no, amount_minor, captured_minor, code, provider, charge_ref, state, *rest = columns
    currency = Currency(code)
    amount, captured = Money(amount_minor, currency), Money(captured_minor, currency)
    return Refund(refund_id, refund_no, intent_no, amount, captured, provider, charge_ref, RefundState(state), *rest)


def find_intent(intent_no: str) -> Intent | None:
    """The intent of a number, or None."""
    found = db.row(f"{_INTENTS} WHERE i.intent_no = %s", [intent_no])
    return intent_from(found) if found else None


def get_intent(intent_no: str) -> Intent:
    """The intent of a number. Raises `IntentNotFound`."""
    intent = find_intent(intent_no)
    if intent is None:
        raise errors.IntentNotFound(intent_no=intent_no)
    return intent


def find_refund(refund_no: str) -> Refund | None:
    """The refund of a number, or None."""
    found = db.row(f"{_REFUNDS} WHERE r.refund_no = %s", [refund_no])
    return refund_from(found) if found else None


def get_refund(refund_no: str) -> Refund:
    """The refund of a number. Raises `RefundNotFound`."""
    refund = find_refund(refund_no)
    if refund is None:
        raise errors.RefundNotFound(refund_no=refund_no)
    return refund


def list_refunds(
    *,
    intent_no: str | None = None,
    state: RefundState | None = None,
    cursor: int | None = None,
    limit: int = 50,
    oldest_first: bool = False,
) -> Page[Refund]:
    """Refunds, newest first: of one intent, in one state, or all. For staff."""
    limit = max(1, min(limit, MAX_PAGE))
    beyond, order = (">", "ASC") if oldest_first else ("<", "DESC")
    found = db.rows(
        f"""{_REFUNDS}
        WHERE (%(intent_no)s::text IS NULL OR i.intent_no = %(intent_no)s::text)
          AND (%(state)s::text IS NULL OR r.state = %(state)s::text)
          AND (%(cursor)s::bigint IS NULL OR r.id {beyond} %(cursor)s::bigint)
        ORDER BY r.id {order} LIMIT %(limit)s
        """,
        {"intent_no": intent_no, "state": state.value if state else None, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([refund_from(columns) for columns in found], limit, lambda refund: refund.id)


def count_refunds_by_state() -> dict[RefundState, int]:
    """How many refunds stand in each state. Cost: one query over all refunds."""
    found = dict(db.rows("SELECT state, count(*) FROM payments_refund GROUP BY state"))
    return {state: found.get(state.value, 0) for state in RefundState}


def count_failed_refunds() -> int:
    """How many refunds wait for staff."""
    found = db.row("SELECT count(*) FROM payments_refund WHERE state = 'failed'")
    return int(found[0]) if found else 0


def count_mismatches(since: datetime) -> int:
    """How many mismatches were noted since a moment."""
    found = db.row("SELECT count(*) FROM payments_mismatch WHERE noted_at >= %s", [since])
    return int(found[0]) if found else 0


def list_mismatches(*, number: str | None = None, cursor: int | None = None, limit: int = 50) -> Page[Mismatch]:
    """What providers reported and what cannot be right, newest first; of one intent or refund, or all. For staff."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        """
        SELECT id, what, number, reason, provider, provider_ref, expected_minor, expected_currency,
               received_minor, received_currency, noted_at
        FROM payments_mismatch
        WHERE (%(number)s::text IS NULL OR number = %(number)s::text)
          AND (%(cursor)s::bigint IS NULL OR id < %(cursor)s::bigint)
        ORDER BY id DESC LIMIT %(limit)s
        """,
        {"number": number, "cursor": cursor, "limit": limit + 1},
    )
    mismatches = [
        Mismatch(
            mismatch_id,
            what,
            mismatched_no,
            MismatchReason(reason),
            provider,
            provider_ref,
            Money(expected_minor, Currency(expected_currency)),
            Money(received_minor, Currency(received_currency)),
            noted_at,
        )
        for (
            mismatch_id,
            what,
            mismatched_no,
            reason,
            provider,
            provider_ref,
            expected_minor,
            expected_currency,
            received_minor,
            received_currency,
            noted_at,
        ) in found
    ]
    return cut_page(mismatches, limit, lambda mismatch: mismatch.id)


def list_notices(*, number: str | None = None, cursor: int | None = None, limit: int = 50) -> Page[SentNotice]:
    """Notices that the sandbox bank sends or has sent, newest first; of one intent or refund, or all. For staff."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        """
        SELECT id, notice_id, number, body, attempts, due_at, delivered_at, is_lost FROM payments_sandbox_notice
        WHERE (%(number)s::text IS NULL OR number = %(number)s::text)
          AND (%(cursor)s::bigint IS NULL OR id < %(cursor)s::bigint)
        ORDER BY id DESC LIMIT %(limit)s
        """,
        {"number": number, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([SentNotice(*columns) for columns in found], limit, lambda notice: notice.id)


_DISPUTES = """
    SELECT d.id, d.provider, d.dispute_ref, i.intent_no, d.state, d.reason, d.amount_minor, i.currency,
           d.withdrawn_minor, d.returned_minor, d.absorbed_minor, d.opened_at, d.due_at, d.ended_at
    FROM payments_dispute d JOIN payments_intent i ON i.id = d.intent_id
"""


def _dispute_from(columns: Sequence[Any]) -> Dispute:
    row_id, provider, ref, intent_no, state, reason, amount_minor, currency, *rest = columns
    amount = Money(amount_minor, Currency(currency))
    return Dispute(row_id, provider, ref, intent_no, DisputeState(state), reason, amount, *rest)


def find_dispute(provider: str, dispute_ref: str) -> Dispute | None:
    """The dispute that a provider calls so, or None."""
    found = db.row(f"{_DISPUTES} WHERE d.provider = %s AND d.dispute_ref = %s", [provider, dispute_ref])
    return _dispute_from(found) if found else None


def get_dispute(dispute_id: int) -> Dispute:
    """A dispute. For staff. Raises `DisputeNotFound`."""
    found = db.row(f"{_DISPUTES} WHERE d.id = %s", [dispute_id])
    if found is None:
        raise errors.DisputeNotFound
    return _dispute_from(found)


def list_disputes(
    *, states: Sequence[DisputeState] = (), intent_no: str = "", cursor: int | None = None, limit: int = 50
) -> Page[Dispute]:
    """Disputes, newest first: in some states, of one payment, or all. For staff. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""{_DISPUTES}
        WHERE (%(states)s::text[] = '{{}}' OR d.state = ANY(%(states)s::text[]))
          AND (%(intent_no)s = '' OR i.intent_no = %(intent_no)s)
          AND (%(cursor)s::bigint IS NULL OR d.id < %(cursor)s::bigint)
        ORDER BY d.id DESC LIMIT %(limit)s
        """,
        {"states": [state.value for state in states], "intent_no": intent_no, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_dispute_from(columns) for columns in found], limit, lambda dispute: dispute.id)


def count_disputes_by_state() -> dict[DisputeState, int]:
    """How many disputes stand in each state. Cost: one query."""
    found = dict(db.rows("SELECT state, count(*) FROM payments_dispute GROUP BY state"))
    return {state: found.get(state.value, 0) for state in DisputeState}


def count_running_disputes() -> int:
    """How many disputes a bank has not decided. Cost: one query over an index."""
    found = db.row("SELECT count(*) FROM payments_dispute WHERE ended_at IS NULL")
    return int(found[0]) if found else 0


def disputes_matter_since(provider: str, now: datetime) -> datetime:
    """Since when a provider's disputes are of interest: the oldest whose money is not accounted for, or some days."""
    found = db.row(
        """
        SELECT min(opened_at) FROM payments_dispute
        WHERE provider = %s AND (ended_at IS NULL OR withdrawn_minor > returned_minor + absorbed_minor)
        """,
        [provider],
    )
    recent = now - timedelta(days=rules.FOLLOW_DISPUTES_DAYS)
    return min(found[0], recent) if found and found[0] else recent


_RECEIVED = """
    SELECT id, provider, notice_id, digest, size_bytes, what, number, said, amount_minor, currency, received_at,
           outcome, reason, handled_at
    FROM payments_notice
"""


def _received_from(columns: Sequence[Any]) -> ReceivedNotice:
    row_id, provider, notice_id, digest, size_bytes, what, number, said, amount_minor, currency, received_at = columns[
        :11
    ]
    outcome, reason, handled_at = columns[11:]
    amount = Money(amount_minor, Currency(currency)) if currency else None
    became = NoticeOutcome(outcome) if outcome else None
    return ReceivedNotice(
        row_id,
        provider,
        notice_id,
        digest,
        size_bytes,
        what,
        number,
        said,
        amount,
        received_at,
        became,
        reason,
        handled_at,
    )


def get_received_notice(notice_row_id: int) -> ReceivedNotice:
    """A notice that came to our door. For staff. Raises `NoticeNotFound`."""
    found = db.row(f"{_RECEIVED} WHERE id = %s", [notice_row_id])
    if found is None:
        raise errors.NoticeNotFound
    return _received_from(found)


def list_received_notices(
    *,
    provider: str = "",
    outcomes: Sequence[NoticeOutcome] = (),
    number: str = "",
    cursor: int | None = None,
    limit: int = 50,
) -> Page[ReceivedNotice]:
    """Notices that came to our door, newest first: of one provider, with some outcomes, of one payment, or all.

    For staff. Cost: one query over an index.
    """
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""{_RECEIVED}
        WHERE (%(provider)s = '' OR provider = %(provider)s) AND (%(number)s = '' OR number = %(number)s)
          AND (%(outcomes)s::text[] = '{{}}' OR outcome = ANY(%(outcomes)s::text[]))
          AND (%(cursor)s::bigint IS NULL OR id < %(cursor)s::bigint)
        ORDER BY id DESC LIMIT %(limit)s
        """,
        {
            "provider": provider,
            "outcomes": [outcome.value for outcome in outcomes],
            "number": number,
            "cursor": cursor,
            "limit": limit + 1,
        },
    )
    return cut_page([_received_from(columns) for columns in found], limit, lambda notice: notice.id)


def count_unkept_notices(since: datetime) -> int:
    """How many notices came since a moment that were only counted, because too many like them were kept."""
    found = db.row(
        "SELECT COALESCE(sum(notice_count), 0)::bigint FROM payments_notices_counted WHERE hour_at >= %s", [since]
    )
    return int(found[0]) if found else 0


def export_person(person_id: int) -> Iterator[Records]:
    """What a person was asked to pay, and what came back."""
    yield (
        "payments",
        db.records(
            """
            SELECT intent_no, purpose, amount_minor, currency, provider, state, refunds_minor, created_at, captured_at,
                   closed_at
            FROM payments_intent WHERE payer_id = %s ORDER BY id
            """,
            [person_id],
        ),
    )
    yield (
        "payment_refunds",
        db.records(
            """
            SELECT r.refund_no, i.intent_no, r.amount_minor, i.currency, r.state, r.requested_at, r.settled_at
            FROM payments_refund r JOIN payments_intent i ON i.id = r.intent_id WHERE i.payer_id = %s ORDER BY r.id
            """,
            [person_id],
        ),
    )

    yield (
        "payment_disputes",
        db.records(
            """
            SELECT i.intent_no, d.amount_minor, i.currency, d.state, d.reason, d.opened_at, d.ended_at
            FROM payments_dispute d JOIN payments_intent i ON i.id = d.intent_id WHERE i.payer_id = %s ORDER BY d.id
            """,
            [person_id],
        ),
    )


def verify() -> tuple[InvariantCheck, ...]:
    """What must always be true of money at providers, proven from the rows. Cost: see `proofs`; for a job."""
    return proofs.verify()


def obstacles_of(person_id: int) -> tuple[Obstacle, ...]:
    """Money of a person that is neither here nor back. Cost: one query."""
    found = db.row(
        """
        SELECT (SELECT count(*) FROM payments_refund r JOIN payments_intent i ON i.id = r.intent_id
                WHERE i.payer_id = %(me)s AND r.state <> 'succeeded'),
               (SELECT count(*) FROM payments_intent
                WHERE payer_id = %(me)s AND next_poll_at IS NOT NULL AND state <> 'captured')
             + (SELECT count(*) FROM payments_dispute d JOIN payments_intent i ON i.id = d.intent_id
                WHERE i.payer_id = %(me)s AND d.ended_at IS NULL)
        """,
        {"me": person_id},
    )
    refunds, intents = found or (0, 0)
    named = (Obstacle("refund_on_its_way", refunds), Obstacle("payment_on_its_way", intents))
    return tuple(obstacle for obstacle in named if obstacle.count)


_DISCREPANCIES = """
    SELECT p.id, b.provider, b.day, p.reason, p.number, coalesce(l.said, ''), p.ours_minor, p.ours_currency,
           l.amount_minor, l.currency, p.noted_at, p.resolved_at, p.resolved_by_id, p.resolution
    FROM payments_discrepancy p JOIN payments_bill b ON b.id = p.bill_id
    LEFT JOIN payments_bill_line l ON l.id = p.line_id
"""


def due_days(provider: str, now: datetime) -> tuple[date, ...]:
    """The days whose bill is to be asked for, oldest first: over, not read, and since the first payment there.

    Nobody looks further back than `rules.BILL_DAYS`. Cost: one query.
    """
    yesterday = business_date(now) - timedelta(days=1)
    found = db.rows(
        """
        SELECT d::date FROM generate_series(greatest(
                   (SELECT min(captured_at AT TIME ZONE %(zone)s)::date FROM payments_intent
                    WHERE provider = %(provider)s AND captured_at IS NOT NULL),
                   %(oldest)s::date), %(yesterday)s::date, interval '1 day') AS d
        WHERE NOT EXISTS (SELECT FROM payments_bill b
                          WHERE b.provider = %(provider)s AND b.day = d::date AND b.state = 'read')
          AND EXISTS (SELECT FROM payments_intent WHERE provider = %(provider)s AND captured_at IS NOT NULL)
        ORDER BY 1
        """,
        {
            "provider": provider,
            "zone": BUSINESS_ZONE.key,
            "oldest": yesterday - timedelta(days=rules.BILL_DAYS - 1),
            "yesterday": yesterday,
        },
    )
    return tuple(day for (day,) in found)


def list_bills(*, cursor: int | None = None, limit: int = 50) -> Page[ProviderBill]:
    """Bills, the latest asked for first. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        """
        SELECT b.id, b.provider, b.day, b.state, b.reason, b.line_count,
               (SELECT count(*) FROM payments_discrepancy p WHERE p.bill_id = b.id AND p.resolved_at IS NULL),
               b.asked_at, b.read_at
        FROM payments_bill b WHERE (%s::bigint IS NULL OR b.id < %s::bigint) ORDER BY b.id DESC LIMIT %s
        """,
        [cursor, cursor, limit + 1],
    )
    bills = [
        ProviderBill(bill_id, provider, day, BillState(state), *rest) for bill_id, provider, day, state, *rest in found
    ]
    return cut_page(bills, limit, lambda bill: bill.id)


def list_discrepancies(*, is_open: bool = True, cursor: int | None = None, limit: int = 50) -> Page[Discrepancy]:
    """What bills and we hold differently, newest first: what is open, or what was. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""{_DISCREPANCIES} WHERE (p.resolved_at IS NULL) = %s AND (%s::bigint IS NULL OR p.id < %s::bigint)
        ORDER BY p.id DESC LIMIT %s""",
        [is_open, cursor, cursor, limit + 1],
    )
    return cut_page([_discrepancy(columns) for columns in found], limit, lambda each: each.id)


def get_discrepancy(discrepancy_id: int) -> Discrepancy:
    """One difference. Raises `DiscrepancyNotFound`."""
    found = db.row(f"{_DISCREPANCIES} WHERE p.id = %s", [discrepancy_id])
    if found is None:
        raise errors.DiscrepancyNotFound
    return _discrepancy(found)


def count_discrepancies() -> tuple[int, int]:
    """How many are open, and how many were resolved. Cost: one query."""
    found = db.row("SELECT count(*) FILTER (WHERE resolved_at IS NULL), count(resolved_at) FROM payments_discrepancy")
    return (int(found[0]), int(found[1])) if found else (0, 0)


def _discrepancy(columns: Sequence[Any]) -> Discrepancy:
    row_id, provider, day, reason, number, said, ours, ours_in, theirs, theirs_in, *rest = columns
    return Discrepancy(
        row_id,
        provider,
        day,
        DiscrepancyReason(reason),
        number,
        said,
        Money(ours, Currency(ours_in)) if ours is not None and ours_in else None,
        Money(theirs, Currency(theirs_in)) if theirs is not None else None,
        *rest,
    )
