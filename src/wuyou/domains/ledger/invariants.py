"""What must always be true of the books, each as one query over every row it speaks of.

A query yields a row for each thing that it looked at: `what` in words, and `is_broken`. None trusts what another one
proves: sums are taken from the transfers, flags from the chart of accounts, hashes from the rows.
"""

# ruff: noqa: S608  (queries are put together from this file's own texts; no value reaches them)

from __future__ import annotations

from wuyou.domains.ledger.rules import FIELD, LINE
from wuyou.domains.ledger.sums import SUMS
from wuyou.domains.ledger.types import CLAWBACK_KIND, PAYOUT_KIND, PAYOUT_RETURN_KIND, WRITE_OFF_KIND, AccountKind

_FROM_TRANSFERS = """
    SELECT a.id, a.code, a.kind, a.may_go_negative, coalesce(d.total, 0) AS debits, coalesce(c.total, 0) AS credits,
           CASE a.side WHEN 'credit' THEN 1 ELSE -1 END * (coalesce(c.total, 0) - coalesce(d.total, 0)) AS balance
    FROM ledger_account a
    LEFT JOIN (SELECT debit_id, sum(amount_minor) AS total FROM ledger_transfer GROUP BY debit_id) d
        ON d.debit_id = a.id
    LEFT JOIN (SELECT credit_id, sum(amount_minor) AS total FROM ledger_transfer GROUP BY credit_id) c
        ON c.credit_id = a.id
"""

_CHART = ", ".join(
    f"('{kind.value}', '{kind.side.value}', {kind.may_go_negative}, {kind.is_summed}, {kind.is_owned})"
    for kind in AccountKind
)

_PAYABLE = "(" + ", ".join(f"'{kind.value}'" for kind in AccountKind if kind.is_payable) + ")"

ALL: tuple[tuple[str, str, str], ...] = (
    (
        "balances of a currency sum to zero",
        "accounts",
        f"""
        SELECT currency || ' is off by ' || sum(debits - credits) OVER (PARTITION BY currency) AS what,
               sum(debits - credits) OVER (PARTITION BY currency) <> 0 AS is_broken
        FROM ({SUMS}) AS told
        """,
    ),
    (
        "a balance is the sum of its transfers",
        "accounts",
        f"""
        SELECT told.code || ' says ' || told.debits || ' debited and ' || told.credits || ' credited, its transfers '
                   || real.debits || ' and ' || real.credits AS what,
               told.debits <> real.debits OR told.credits <> real.credits AS is_broken
        FROM ({SUMS}) AS told JOIN ({_FROM_TRANSFERS}) AS real USING (id)
        """,
    ),
    (
        "checkpoints are the sum of what was final",
        "summed accounts",
        """
        SELECT a.code || ' was checkpointed wrongly before transaction ' || c.before_xid AS what,
               c.account_id IS NOT NULL
               AND (c.debits_minor, c.credits_minor)
                   <> (coalesce(sum(t.amount_minor) FILTER (WHERE t.debit_id = a.id), 0),
                       coalesce(sum(t.amount_minor) FILTER (WHERE t.credit_id = a.id), 0)) AS is_broken
        FROM ledger_account a
        LEFT JOIN ledger_checkpoint c ON c.account_id = a.id
        LEFT JOIN ledger_transfer t ON t.xid < c.before_xid AND a.id IN (t.debit_id, t.credit_id)
        WHERE a.is_summed
        GROUP BY a.code, c.account_id
        """,
    ),
    (
        "no balance is below its floor",
        "accounts",
        f"""
        SELECT code || ' stands at ' || balance AS what, NOT may_go_negative AND balance < 0 AS is_broken
        FROM ({_FROM_TRANSFERS}) AS real
        """,
    ),
    (
        "a promoter is below zero by clawback only",
        "accounts",
        f"""
        SELECT real.code || ' stands at ' || balance || ', taken back ' || coalesce(taken_back, 0) AS what,
               kind = '{AccountKind.PROMOTER_PAYABLE.value}' AND balance < -coalesce(taken_back, 0) AS is_broken
        FROM ({_FROM_TRANSFERS}) AS real
        LEFT JOIN (SELECT t.debit_id AS id, sum(t.amount_minor) AS taken_back
                   FROM ledger_transfer t JOIN ledger_journal j ON j.id = t.journal_id
                   WHERE starts_with(j.kind, '{CLAWBACK_KIND}') GROUP BY t.debit_id) AS clawback USING (id)
        """,
    ),
    (
        "an account is what the chart says of its code",
        "accounts",
        f"""
        SELECT a.code || ' has other properties than its kind' AS what,
               (a.side = chart.side AND a.may_go_negative = chart.may_go_negative AND a.is_summed = chart.is_summed
                AND (a.owner <> '') = chart.is_owned
                AND a.code = concat_ws('/', a.kind, nullif(a.owner, ''), a.currency)) IS NOT TRUE AS is_broken
        FROM ledger_account a
        LEFT JOIN (VALUES {_CHART}) AS chart (kind, side, may_go_negative, is_summed, is_owned) ON chart.kind = a.kind
        """,
    ),
    (
        "a transfer fits its journal and its accounts",
        "transfers",
        """
        SELECT 'transfer ' || t.id || ' in ' || t.currency AS what,
               (t.amount_minor > 0 AND t.debit_id <> t.credit_id AND t.posted_at = j.posted_at
                AND t.currency = j.currency AND t.currency = d.currency AND t.currency = c.currency) IS NOT TRUE
                   AS is_broken
        FROM ledger_transfer t
        LEFT JOIN ledger_journal j ON j.id = t.journal_id
        LEFT JOIN ledger_account d ON d.id = t.debit_id
        LEFT JOIN ledger_account c ON c.id = t.credit_id
        """,
    ),
    (
        "a journal moves money",
        "journals",
        """
        SELECT j.key || ' is empty' AS what, t.journal_id IS NULL AS is_broken
        FROM ledger_journal j
        LEFT JOIN (SELECT DISTINCT journal_id FROM ledger_transfer) AS t ON t.journal_id = j.id
        """,
    ),
    (
        "a journal is as it was booked",
        "journals",
        # rules.contents, from the rows
        f"""
        SELECT j.key || ' was changed after it was booked' AS what,
               j.input_hash <> sha256(convert_to(
                   concat_ws('{FIELD}', j.key, j.kind, j.source_ref) || coalesce('{LINE}' || t.lines, ''), 'UTF8'))
                   AS is_broken
        FROM ledger_journal j
        LEFT JOIN (
            SELECT journal_id, string_agg(line, '{LINE}' ORDER BY line COLLATE "C") AS lines
            FROM (SELECT t.journal_id, concat_ws('{FIELD}', d.code, c.code, t.amount_minor, t.kind) AS line
                  FROM ledger_transfer t
                  LEFT JOIN ledger_account d ON d.id = t.debit_id
                  LEFT JOIN ledger_account c ON c.id = t.credit_id) AS leg
            GROUP BY journal_id
        ) AS t ON t.journal_id = j.id
        """,
    ),
    (
        "payouts are what the books paid out",
        "journals",
        f"""
        SELECT j.key || ' and its payout differ' AS what,
               CASE WHEN p.id IS NULL THEN j.kind = '{PAYOUT_KIND}'
                    ELSE j.kind <> '{PAYOUT_KIND}' OR j.key <> '{PAYOUT_KIND}:' || p.payout_no
                         OR p.currency <> j.currency
                         OR p.amount_minor IS DISTINCT FROM (SELECT sum(t.amount_minor) FROM ledger_transfer t
                                                             WHERE t.journal_id = j.id AND t.debit_id = p.account_id)
                    END AS is_broken
        FROM ledger_journal j LEFT JOIN ledger_payout p ON p.journal_id = j.id
        """,
    ),
    (
        "reasons give what payees' accounts moved by",
        "journals",
        f"""
        SELECT j.key || ' moves a payee by other than its reasons say' AS what,
               wrong.journal_id IS NOT NULL AS is_broken
        FROM ledger_journal j LEFT JOIN (
            SELECT DISTINCT journal_id FROM (
                SELECT t.journal_id, t.credit_id AS account_id, t.amount_minor AS moved, 0 AS reasoned
                FROM ledger_transfer t JOIN ledger_account a ON a.id = t.credit_id WHERE a.kind IN {_PAYABLE}
                UNION ALL
                SELECT t.journal_id, t.debit_id, -t.amount_minor, 0
                FROM ledger_transfer t JOIN ledger_account a ON a.id = t.debit_id WHERE a.kind IN {_PAYABLE}
                UNION ALL
                SELECT journal_id, account_id, 0, amount_minor FROM ledger_reason) AS both_sides
            GROUP BY journal_id, account_id HAVING sum(moved) <> sum(reasoned)) AS wrong ON wrong.journal_id = j.id
        """,
    ),
    (
        "statements follow from reasons, month upon month",
        "accounts",
        """
        SELECT a.code || ' has statements that do not follow' AS what,
               coalesce(bool_or(s.opening_minor <> s.carried OR s.previous <> s.before
                   OR s.closing_minor <> s.opening_minor + s.lines_minor OR s.line_count <> s.lines
                   OR s.is_forgetful OR s.is_misread OR s.has_strangers), FALSE) AS is_broken
        FROM ledger_account a LEFT JOIN (
            SELECT s.account_id, s.opening_minor, s.closing_minor, s.line_count, l.lines_minor, l.lines,
                   s.head ->> 'previous' AS previous,
                   lag(s.closing_minor, 1, 0::bigint) OVER months AS carried,
                   lag(s.hash, 1, repeat('0', 64)) OVER months AS before,
                   EXISTS (SELECT FROM ledger_reason r WHERE r.account_id = s.account_id AND r.id <= s.through_reason
                           AND NOT EXISTS (SELECT FROM ledger_statement_line x WHERE x.reason_id = r.id))
                       AS is_forgetful,
                   ((s.head ->> 'opening_minor')::bigint, (s.head ->> 'closing_minor')::bigint,
                    (s.head ->> 'line_count')::int, s.head ->> 'number', s.head ->> 'month', s.head ->> 'account')
                       IS DISTINCT FROM (s.opening_minor, s.closing_minor, s.line_count, s.number,
                                         to_char(s.month, 'YYYY-MM'), a.code) AS is_misread,
                   l.has_strangers
            FROM ledger_statement s JOIN ledger_account a ON a.id = s.account_id
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(r.amount_minor), 0)::bigint AS lines_minor, count(*) AS lines,
                       coalesce(bool_or(r.account_id <> s.account_id), FALSE) AS has_strangers
                FROM ledger_statement_line x JOIN ledger_reason r ON r.id = x.reason_id
                WHERE x.statement_id = s.id) AS l
            WINDOW months AS (PARTITION BY s.account_id ORDER BY s.month)) AS s ON s.account_id = a.id
        GROUP BY a.code
        """,
    ),
    (
        "payout lines are what left the books and came back",
        "journals",
        f"""
        SELECT j.key || ' and the line of its payout differ' AS what,
               (j.kind = '{PAYOUT_KIND}' AND l.id IS NOT NULL
                    AND (l.state NOT IN ('SENT', 'PAID', 'FAILED') OR l.amount_minor <> p.amount_minor
                         OR l.account_id <> p.account_id OR (l.state = 'FAILED') <> (r.id IS NOT NULL))
                OR (j.kind = '{PAYOUT_RETURN_KIND}') <> (back.id IS NOT NULL)
                OR back.id IS NOT NULL AND (
                    SELECT sum(t.amount_minor) FROM ledger_transfer t
                    JOIN ledger_payout q ON q.id = back.payout_id AND q.account_id = t.credit_id
                    WHERE t.journal_id = j.id AND t.amount_minor = q.amount_minor) IS NULL) IS TRUE AS is_broken
        FROM ledger_journal j
        LEFT JOIN ledger_payout p ON p.journal_id = j.id
        LEFT JOIN ledger_payout_line l ON l.number = p.payout_no
        LEFT JOIN ledger_payout_return r ON r.payout_id = p.id
        LEFT JOIN ledger_payout_return back ON back.journal_id = j.id
        UNION ALL
        SELECT 'line ' || l.number || ' left no books', TRUE FROM ledger_payout_line l
        WHERE l.state IN ('SENT', 'PAID', 'FAILED')
          AND NOT EXISTS (SELECT FROM ledger_payout p WHERE p.payout_no = l.number)
        """,
    ),
    (
        "a debt is written off by two",
        "journals",
        f"""
        SELECT j.key || ' is not what two people agreed to' AS what,
               (j.kind = '{WRITE_OFF_KIND}') <> (w.id IS NOT NULL)
               OR w.id IS NOT NULL AND (
                    w.decided_by_id IS NOT DISTINCT FROM w.asked_by_id OR w.decided_by_id IS NULL
                    OR w.amount_minor IS DISTINCT FROM (SELECT sum(t.amount_minor) FROM ledger_transfer t
                                                        WHERE t.journal_id = j.id AND t.credit_id = w.account_id))
                   AS is_broken
        FROM ledger_journal j LEFT JOIN ledger_write_off w ON w.journal_id = j.id
        """,
    ),
)
"""Name, unit of what is counted, query."""
