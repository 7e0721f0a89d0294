"""How an account's sums are told, and how the hot ones are kept short: two statements that must agree.

A hot account is never updated when booking. A checkpoint holds its totals over all transactions before a number, every
one of which has ended; whoever was still running then has a number that is not before it. Sums up to an id or a time
would lose slow committers, because both are given before the commit (docs/adr/0003-ledger.md).
"""

from __future__ import annotations

# The greatest number of all is named as the other end so that the planner knows a short range when it sees one, and
# takes the index. A checkpoint from the future comes from a copy of the books in a new server, whose numbers begin
# again: it is left out, and everything is summed.
SUMS = """
    SELECT a.id, a.code, a.kind, a.owner, a.side, a.currency, a.is_summed, a.created_at,
           a.debits_minor + coalesce(c.debits_minor, 0) + coalesce(since.debits, 0) AS debits,
           a.credits_minor + coalesce(c.credits_minor, 0) + coalesce(since.credits, 0) AS credits
    FROM ledger_account a
    LEFT JOIN ledger_checkpoint c
        ON c.account_id = a.id AND c.before_xid <= pg_snapshot_xmin(pg_current_snapshot())
    LEFT JOIN LATERAL (
        SELECT (sum(t.amount_minor) FILTER (WHERE t.debit_id = a.id))::bigint AS debits,
               (sum(t.amount_minor) FILTER (WHERE t.credit_id = a.id))::bigint AS credits
        FROM ledger_transfer t
        WHERE a.is_summed AND t.xid BETWEEN coalesce(c.before_xid, '0') AND '18446744073709551615'
          AND a.id IN (t.debit_id, t.credit_id)
    ) AS since ON TRUE
"""
"""The sums of accounts, exact in the snapshot of the statement that reads them; a `WHERE a.…` may follow."""

CHECKPOINT = """
    INSERT INTO ledger_checkpoint (account_id, before_xid, debits_minor, credits_minor, taken_at)
    SELECT a.id, edge.xid, coalesce(c.debits_minor, 0) + coalesce(since.debits, 0),
           coalesce(c.credits_minor, 0) + coalesce(since.credits, 0), %s::timestamptz
    FROM ledger_account a
    CROSS JOIN (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xid) AS edge
    LEFT JOIN ledger_checkpoint c ON c.account_id = a.id AND c.before_xid <= edge.xid
    LEFT JOIN LATERAL (
        SELECT (sum(t.amount_minor) FILTER (WHERE t.debit_id = a.id))::bigint AS debits,
               (sum(t.amount_minor) FILTER (WHERE t.credit_id = a.id))::bigint AS credits
        FROM ledger_transfer t
        WHERE t.xid >= coalesce(c.before_xid, '0') AND t.xid < edge.xid AND a.id IN (t.debit_id, t.credit_id)
    ) AS since ON TRUE
    WHERE a.is_summed
    ON CONFLICT (account_id) DO UPDATE
    SET before_xid = EXCLUDED.before_xid, taken_at = EXCLUDED.taken_at,
        debits_minor = EXCLUDED.debits_minor, credits_minor = EXCLUDED.credits_minor
"""
"""Move the checkpoints up to the oldest transaction that still runs. Each row it writes is true by itself, so of two
that run at once either may stay."""
