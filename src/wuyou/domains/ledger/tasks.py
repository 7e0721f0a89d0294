"""What the schedule calls."""

from __future__ import annotations

from datetime import datetime

from wuyou.config.env import get_env
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.statements.months import begin_of, last_closable, month_after, month_before, month_of
from wuyou.domains.ledger.sums import CHECKPOINT
from wuyou.domains.ledger.types import AccountKind
from wuyou.infra import db, scans
from wuyou.kernel.clock import business_date

# Accounts with a month to close: something stands on them, or something was booked before the month's end and is on no
# statement yet.
_TO_CLOSE = """
    SELECT a.id FROM ledger_account a
    LEFT JOIN LATERAL (SELECT month, closing_minor, through_reason FROM ledger_statement
                       WHERE account_id = a.id ORDER BY month DESC LIMIT 1) AS s ON TRUE
    WHERE a.kind = ANY(%(kinds)s::text[]) AND (s.month IS NULL OR s.month < %(month)s)
      AND (s.closing_minor <> 0
           OR EXISTS (SELECT FROM ledger_reason r JOIN ledger_journal j ON j.id = r.journal_id
                      WHERE r.account_id = a.id AND r.id > coalesce(s.through_reason, 0)
                        AND j.posted_at < %(until)s::timestamptz
                        AND NOT EXISTS (SELECT FROM ledger_statement_line l WHERE l.reason_id = r.id)))
      AND a.id > %(after)s ORDER BY a.id LIMIT %(limit)s
"""


def plan_payouts(now: datetime) -> int:
    """From the day of payouts on, put into its batches what the month before owes; returns how many accounts.

    Entry point. Whose month is closed later is found by a later run.
    """
    env = get_env()
    if business_date(now).day < env.payout_day:
        return 0
    return statements.plan_batch(month=month_before(month_of(now)), minimum_minor=env.payout_minimum_minor, now=now)


def send_due_payouts(now: datetime) -> int:
    """Bring every payout that is due to its provider; returns how many. Entry point."""
    return statements.send_due(now)


def checkpoint_summed_accounts(now: datetime) -> int:
    """Sum what has become final of every hot account, so that reading its balance stays short; returns how many.

    Entry point. A balance is exact with any checkpoint or none: how often this runs decides only how much is summed at
    a read. Cost: one range of an index, since the last checkpoint, for each hot account.
    """
    return db.in_transaction(lambda: db.execute(CHECKPOINT, [now]))


def close_months(now: datetime) -> int:
    """Close the months that are over, account by account; returns how many accounts had one. Entry point."""
    month = last_closable(now)
    env = get_env()
    kinds = [kind.value for kind in AccountKind if kind.is_payable]
    return scans.each_due(
        _TO_CLOSE,
        {"kinds": kinds, "month": month, "until": begin_of(month_after(month))},
        lambda account_id: statements.close_account(
            account_id=account_id, issuer=env.base_url, private_key=env.statement_key, now=now
        ),
    )
