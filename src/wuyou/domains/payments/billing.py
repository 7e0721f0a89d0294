"""Providers' bills beside our books: what each line says, whether we hold the same, and what it cost.

A line is matched when it is what we hold, and stands open as a discrepancy when it is not. What is open is looked at
again every time: a refund that settles a day late resolves its line by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, TransferDraft
from wuyou.domains.payments import rules
from wuyou.domains.payments.providers.base import BillLine
from wuyou.domains.payments.types import BillKind, BillState, DiscrepancyReason
from wuyou.infra import db
from wuyou.kernel.clock import BUSINESS_ZONE, business_date

FEE_KIND = "provider_fee"
_JOURNALS_AT_ONCE = 500

_OURS = """
    SELECT l.id, l.bill_id, l.kind, l.number, l.amount_minor, l.currency,
           coalesce(i.amount_minor, f.amount_minor, d.withdrawn_minor), coalesce(i.currency, fi.currency, di.currency),
           coalesce(i.state = 'captured', f.state = 'succeeded', d.withdrawn_minor >= l.amount_minor)
    FROM payments_bill_line l
    LEFT JOIN payments_intent i ON l.kind = 'paid' AND i.intent_no = l.number AND i.provider = l.provider
    LEFT JOIN payments_refund f ON l.kind = 'returned' AND f.refund_no = l.number
                               AND EXISTS (SELECT FROM payments_intent x
                                           WHERE x.id = f.intent_id AND x.provider = l.provider)
    LEFT JOIN payments_intent fi ON fi.id = f.intent_id
    LEFT JOIN payments_dispute d ON l.kind = 'dispute' AND d.provider = l.provider AND d.dispute_ref = l.number
    LEFT JOIN payments_intent di ON di.id = d.intent_id
"""


def keep_lines(bill_id: int, provider: str, lines: Sequence[BillLine]) -> list[BillLine]:
    """Keep the lines that no bill had before; returns these. Of two bills at once, one waits for the other's lines."""
    kept = {
        ref
        for (ref,) in db.rows(
            """
            INSERT INTO payments_bill_line (bill_id, provider, line_ref, kind, number, amount_minor, currency,
                                            fee_minor, fee_currency, at, said, is_matched)
            SELECT %s, %s, l.ref, l.kind, l.number, l.amount, l.currency, l.fee, l.fee_currency, l.at, l.said,
                   l.kind IN ('fee', 'passed')
            FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::text[],
                        %s::timestamptz[], %s::text[])
                AS l (ref, kind, number, amount, currency, fee, fee_currency, at, said)
            ORDER BY l.ref
            ON CONFLICT (provider, line_ref) DO NOTHING RETURNING line_ref
            """,
            [bill_id, provider, [each.line_ref for each in lines], [each.kind.value for each in lines],
             [each.number for each in lines], [each.amount.amount_minor for each in lines],
             [each.amount.currency.code for each in lines], [each.fee for each in lines],
             [each.fee_currency.code for each in lines], [each.at for each in lines], [each.said for each in lines]],
        )
    }  # fmt: skip
    return list({each.line_ref: each for each in lines if each.line_ref in kept}.values())


def book_fees(provider: str, lines: Sequence[BillLine], now: datetime) -> None:
    """Book what the provider keeps for each line from what it holds for us, once a line."""
    costing = [each for each in lines if each.fee and each.kind is not BillKind.PASSED]
    for place in range(0, len(costing), _JOURNALS_AT_ONCE):
        some = costing[place : place + _JOURNALS_AT_ONCE]
        ledger.post(journals=[_journal(provider, each, now) for each in some], now=now)


def _journal(provider: str, line: BillLine, now: datetime) -> JournalDraft:
    held = AccountRef(AccountKind.CLEARING, provider, line.fee_currency)
    fees = AccountRef(AccountKind.PROVIDER_FEES, provider, line.fee_currency)
    debit, credit = (fees, held) if line.fee > 0 else (held, fees)
    transfer = TransferDraft(debit, credit, abs(line.fee), FEE_KIND)
    key = f"{FEE_KIND}:{provider}:{line.line_ref}"
    return JournalDraft(key, FEE_KIND, line.number or line.line_ref, min(line.at, now), (transfer,))


def look_at_lines(*, bill_id: int | None, now: datetime) -> None:
    """Compare lines that are not matched with what we hold: of one bill, or all that stand open.

    What has become right meanwhile is matched, and its discrepancy resolved by itself.
    """
    right: list[int] = []
    wrong: list[tuple[int, int, DiscrepancyReason, str, str, int | None, str]] = []
    found = db.rows(
        f"""{_OURS} WHERE NOT l.is_matched AND (l.bill_id = %(bill)s OR (%(bill)s::bigint IS NULL AND EXISTS (
            SELECT FROM payments_discrepancy p WHERE p.line_id = l.id AND p.resolved_at IS NULL))) ORDER BY l.id""",
        {"bill": bill_id},
    )
    for line_id, of_bill, kind, number, *sums in found:
        reason = why_open(BillKind(kind), *sums)
        if reason is None:
            right.append(line_id)
        else:
            wrong.append((line_id, of_bill, reason, kind, number, sums[2], sums[3] or ""))
    db.execute(
        """
        WITH matched AS (UPDATE payments_bill_line SET is_matched = true WHERE id = ANY(%(right)s) RETURNING id)
        UPDATE payments_discrepancy p SET resolved_at = %(now)s FROM matched
        WHERE p.line_id = matched.id AND p.resolved_at IS NULL
        """,
        {"right": right, "now": now},
    )
    _note(wrong, now)


def why_open(
    kind: BillKind, billed_minor: int, billed_in: str, ours_minor: int | None, ours_in: str | None, is_done: bool | None
) -> DiscrepancyReason | None:
    """Why a line is not what we hold; None when it is."""
    if kind is BillKind.UNKNOWN:
        return DiscrepancyReason.UNKNOWN_LINE
    if ours_minor is None:
        return DiscrepancyReason.MISSING_HERE
    if kind is BillKind.DISPUTE:
        return None if is_done else DiscrepancyReason.AMOUNT
    if (billed_minor, billed_in) != (ours_minor, ours_in):
        return DiscrepancyReason.AMOUNT
    return None if is_done else DiscrepancyReason.STATE


def look_for_missing(*, bill_id: int | None, now: datetime) -> None:
    """What we hold as done on the day of a bill, or of all that were read lately, and no bill has."""
    found = db.rows(
        """
        WITH b AS (
            SELECT id, provider, day::timestamp AT TIME ZONE %(zone)s AS begins,
                   (day + 1)::timestamp AT TIME ZONE %(zone)s AS ends
            FROM payments_bill
            WHERE id = %(bill)s OR (%(bill)s::bigint IS NULL AND state = 'read' AND day >= %(since)s))
        SELECT b.id, 'paid', i.intent_no, i.amount_minor, i.currency
        FROM b JOIN payments_intent i
          ON i.provider = b.provider AND i.captured_at >= b.begins AND i.captured_at < b.ends
        WHERE NOT EXISTS (SELECT FROM payments_bill_line l
                          WHERE l.provider = i.provider AND l.kind = 'paid' AND l.number = i.intent_no)
        UNION ALL
        SELECT b.id, 'returned', f.refund_no, f.amount_minor, i.currency
        FROM b JOIN payments_refund f ON f.state = 'succeeded' AND f.settled_at >= b.begins AND f.settled_at < b.ends
        JOIN payments_intent i ON i.id = f.intent_id AND i.provider = b.provider
        WHERE NOT EXISTS (SELECT FROM payments_bill_line l
                          WHERE l.provider = i.provider AND l.kind = 'returned' AND l.number = f.refund_no)
          -- What a lost dispute stands for was never sent.
          AND NOT EXISTS (SELECT FROM payments_dispute d WHERE d.intent_id = i.id AND d.absorbed_minor > 0)
        ORDER BY 2, 3
        """,
        {
            "bill": bill_id,
            "zone": BUSINESS_ZONE.key,
            "since": business_date(now) - timedelta(days=rules.BILL_DAYS),
        },
    )
    missing = DiscrepancyReason.MISSING_THERE
    _note([(None, of_bill, missing, *facts) for of_bill, *facts in found], now)


def resolve_found(now: datetime) -> None:
    """What was missing from a bill has come with a later one."""
    db.execute(
        """
        UPDATE payments_discrepancy p SET resolved_at = %s
        FROM payments_bill b, payments_bill_line l
        WHERE p.bill_id = b.id AND p.line_id IS NULL AND p.resolved_at IS NULL
          AND l.provider = b.provider AND l.kind = p.what AND l.number = p.number
        """,
        [now],
    )


def _note(found: Sequence[tuple[int | None, int, DiscrepancyReason, str, str, int | None, str]], now: datetime) -> None:
    db.execute(
        """
        INSERT INTO payments_discrepancy (line_id, bill_id, reason, what, number, ours_minor, ours_currency, noted_at,
                                          resolution)
        SELECT w.*, %s, '' FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[],
                                       %s::text[]) AS w
        ON CONFLICT DO NOTHING
        """,
        [now, *_columns([(*each[:2], each[2].value, *each[3:]) for each in found], 7)],
    )


def _columns(rows: Sequence[Sequence[Any]], count: int) -> list[list[Any]]:
    return [[row[place] for row in rows] for place in range(count)]


def begin_bill(provider: str, day: date, state: BillState, reason: str, count: int, now: datetime) -> int | None:
    """The row of a bill, in this state from now on; None when it was read before.

    Where somebody saw no bill, and took that for an empty one, it is still read by who was given it.
    """
    row = db.row(
        """
        INSERT INTO payments_bill (provider, day, state, reason, line_count, asked_at, read_at)
        VALUES (%(provider)s, %(day)s, %(state)s, %(reason)s, %(count)s, %(now)s, %(read_at)s)
        ON CONFLICT (provider, day) DO UPDATE
        SET state = EXCLUDED.state, reason = EXCLUDED.reason, line_count = EXCLUDED.line_count,
            asked_at = EXCLUDED.asked_at, read_at = EXCLUDED.read_at
        WHERE payments_bill.state <> 'read' OR (payments_bill.line_count = 0 AND EXCLUDED.line_count > 0)
        RETURNING id
        """,
        {
            "provider": provider,
            "day": day,
            "state": state.value,
            "reason": reason[:60],
            "count": count,
            "now": now,
            "read_at": now if state is BillState.READ else None,
        },
    )
    return int(row[0]) if row else None
