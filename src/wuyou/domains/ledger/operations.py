"""The one way money moves: `post`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from wuyou.domains.ledger import rules
from wuyou.domains.ledger.errors import AccountOverdrawn, JournalKeyReused
from wuyou.domains.ledger.reasons import reasons_of
from wuyou.domains.ledger.types import CLAWBACK_KIND, AccountKind, AccountRef, JournalDraft, PostedJournal
from wuyou.infra import db

# One statement books everything, or nothing. Reading downwards:
#   known     journals that are in the books already: replays, or reused keys
#   fresh     the others, with the ids they will have
#   legs      the transfers of the fresh ones, with the ids of their accounts (empty where an account must be opened)
#   locked    the accounts whose sums are kept, locked in the order of their ids, as they are now: a lock that had to
#             wait returns the row as the one before left it. `is_overdrawn` is judged on that. What takes back from a
#             promoter may leave the account below zero; nothing else may, and it excuses nothing booked beside it.
#   booked    the fresh journals, unless a key is reused or an account is missing or overdrawn; a key that somebody else
#             is booking at this moment is waited for and, once booked there, left out here
#   moved, reasoned, summed   the transfers, why payees' accounts change, and the sums, if and only if every fresh
#             journal was booked
# One journal costs this one statement; a thousand cost it once. Arrays travel as they are (`b`): to write one as a text
# takes longer than to make the drafts.
_BOOK = f"""
WITH wanted AS (
    SELECT * FROM unnest(%(keys)b::text[], %(kinds)b::text[], %(source_refs)b::text[], %(currencies)b::text[],
                         %(hashes)b::bytea[], %(occurred_at)b::timestamptz[])
        WITH ORDINALITY AS w(key, kind, source_ref, currency, input_hash, occurred_at, no)
), known AS MATERIALIZED (
    SELECT w.no, j.id, j.input_hash = w.input_hash AS is_same
    FROM wanted w JOIN ledger_journal j ON j.key = w.key
), fresh AS MATERIALIZED (
    SELECT nextval('ledger_journal_id_seq') AS id, w.*
    FROM wanted w WHERE NOT EXISTS (SELECT FROM known k WHERE k.no = w.no)
), legs AS MATERIALIZED (
    SELECT f.id AS journal_id, f.currency, t.amount_minor, t.kind,
           starts_with(f.kind, '{CLAWBACK_KIND}') AS is_clawback,
           d.id AS debit_id, d.is_summed AS debit_is_summed, c.id AS credit_id, c.is_summed AS credit_is_summed
    FROM unnest(%(journal_nos)b::bigint[], %(debits)b::text[], %(credits)b::text[], %(amounts)b::bigint[],
                %(transfer_kinds)b::text[]) AS t(no, debit, credit, amount_minor, kind)
    JOIN fresh f ON f.no = t.no
    LEFT JOIN ledger_account d ON d.code = t.debit
    LEFT JOIN ledger_account c ON c.code = t.credit
), changes AS (
    SELECT account_id, sum(debit)::bigint AS debits, sum(credit)::bigint AS credits,
           coalesce(sum(debit) FILTER (WHERE is_clawback), 0)::bigint AS taken_back
    FROM (SELECT debit_id AS account_id, amount_minor AS debit, 0 AS credit, is_clawback
          FROM legs WHERE NOT debit_is_summed
          UNION ALL
          SELECT credit_id, 0, amount_minor, FALSE FROM legs WHERE NOT credit_is_summed) AS change
    GROUP BY account_id
), locked AS MATERIALIZED (
    SELECT a.id, a.code, c.debits, c.credits,
           CASE WHEN a.kind = '{AccountKind.PROMOTER_PAYABLE.value}'
                THEN c.debits > c.taken_back AND a.credits_minor + c.credits + c.taken_back < a.debits_minor + c.debits
                WHEN a.may_go_negative THEN FALSE
                WHEN a.side = 'credit' THEN a.credits_minor + c.credits < a.debits_minor + c.debits
                ELSE a.debits_minor + c.debits < a.credits_minor + c.credits END AS is_overdrawn
    FROM changes c JOIN ledger_account a ON a.id = c.account_id
    ORDER BY a.id FOR NO KEY UPDATE OF a
), booked AS (
    INSERT INTO ledger_journal (id, key, kind, source_ref, currency, input_hash, occurred_at, posted_at)
    SELECT id, key, kind, source_ref, currency, input_hash, occurred_at, %(now)s::timestamptz FROM fresh
    WHERE NOT EXISTS (SELECT FROM known WHERE NOT is_same)
      AND NOT EXISTS (SELECT FROM legs WHERE debit_id IS NULL OR credit_id IS NULL)
      AND NOT EXISTS (SELECT FROM locked WHERE is_overdrawn)
    ORDER BY key
    ON CONFLICT (key) DO NOTHING
    RETURNING id
), complete AS MATERIALIZED (
    SELECT (SELECT count(*) FROM booked) = (SELECT count(*) FROM fresh) AS is_complete
), moved AS (
    INSERT INTO ledger_transfer (journal_id, debit_id, credit_id, amount_minor, currency, kind, posted_at)
    SELECT journal_id, debit_id, credit_id, amount_minor, currency, kind, %(now)s::timestamptz FROM legs
    WHERE (SELECT is_complete FROM complete)
), reasoned AS (
    INSERT INTO ledger_reason (journal_id, account_id, source, formula, inputs, amount_minor)
    SELECT f.id, a.id, r.source, r.formula, r.inputs, r.amount_minor
    FROM ROWS FROM (jsonb_to_recordset(%(reasons)s::jsonb) AS (
                        no bigint, account text, source text, formula text, inputs jsonb, amount_minor bigint))
        WITH ORDINALITY AS r(no, account, source, formula, inputs, amount_minor, place)
    JOIN fresh f ON f.no = r.no JOIN ledger_account a ON a.code = r.account
    WHERE (SELECT is_complete FROM complete)
    ORDER BY r.place
), summed AS (
    UPDATE ledger_account a
    SET debits_minor = a.debits_minor + l.debits, credits_minor = a.credits_minor + l.credits
    FROM locked l WHERE a.id = l.id AND (SELECT is_complete FROM complete)
)
SELECT no, id, is_same, (SELECT is_complete FROM complete),
       EXISTS (SELECT FROM legs WHERE debit_id IS NULL OR credit_id IS NULL),
       (SELECT code FROM locked WHERE is_overdrawn LIMIT 1)
FROM (SELECT no, id, is_same FROM known UNION ALL SELECT no, id, NULL FROM fresh) AS outcome
"""  # noqa: S608  (our own text)

# In the order of the codes, so that two who open the same accounts wait for each other and never in a ring.
_OPEN_ACCOUNTS = """
INSERT INTO ledger_account
    (code, kind, owner, currency, side, may_go_negative, is_summed, debits_minor, credits_minor, created_at)
SELECT code, kind, owner, currency, side, may_go_negative, is_summed, 0, 0, %s::timestamptz
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::boolean[])
    AS a(code, kind, owner, currency, side, may_go_negative, is_summed)
ORDER BY code
ON CONFLICT (code) DO NOTHING
"""


class _LostRace(Exception):
    """Another transaction booked one of the keys while the statement ran; asked again, it is a replay."""


@db.requires_transaction
def post(*, journals: Sequence[JournalDraft], now: datetime) -> tuple[PostedJournal, ...]:
    """Book journals, all of them or none, and answer in their order.

    One key is one journal: a key that is in the books already, with the same contents, books nothing and answers with
    the journal that stands there; also when another transaction is booking it at this moment, and when it comes twice
    in one call. All journals of a call are one moment: a floor is judged on what the call changes in sum.

    Why a payee's account changes is kept beside it (`JournalDraft.reasons`), for good.

    Args:
        now: when it is booked, `posted_at`; statements go by it.

    Locks: the accounts whose sums are kept, in the order of their ids, until the transaction ends; summed ones never.
    Raises: `MalformedJournal`, `JournalKeyReused`, `AccountOverdrawn`; nothing is booked and the transaction lives on.
    Cost: one statement; two more when an account is opened; a savepoint around several journals.
    """
    drafts: dict[str, JournalDraft] = {}
    hashes: dict[str, bytes] = {}
    for draft in journals:
        rules.check_journal(draft)
        contents_hash = rules.input_hash(draft)
        if hashes.setdefault(draft.key, contents_hash) != contents_hash:
            raise JournalKeyReused(key=draft.key)
        drafts.setdefault(draft.key, draft)
    if not drafts:
        return ()
    posted = _book(list(drafts.values()), list(hashes.values()), now)
    answers: list[PostedJournal] = []
    for draft in journals:
        answer = posted[draft.key]
        answers.append(answer)
        if len(posted) < len(journals):  # some key comes twice: its second mention is a replay
            posted[draft.key] = replace(answer, was_replayed=True)
    return tuple(answers)


def _book(drafts: Sequence[JournalDraft], hashes: Sequence[bytes], now: datetime) -> dict[str, PostedJournal]:
    legs = [(no, transfer) for no, draft in enumerate(drafts, 1) for transfer in draft.transfers]
    why = [(no, reason) for no, draft in enumerate(drafts, 1) for reason in reasons_of(draft)]
    parameters = {
        "keys": [draft.key for draft in drafts],
        "kinds": [draft.kind for draft in drafts],
        "source_refs": [draft.source_ref for draft in drafts],
        "currencies": [draft.transfers[0].debit.currency.code for draft in drafts],
        "hashes": hashes,
        "occurred_at": [draft.occurred_at for draft in drafts],
        "journal_nos": [no for no, _ in legs],
        "debits": [transfer.debit.code for _, transfer in legs],
        "credits": [transfer.credit.code for _, transfer in legs],
        "amounts": [transfer.amount_minor for _, transfer in legs],
        "transfer_kinds": [transfer.kind for _, transfer in legs],
        "reasons": json.dumps(  # one text: an array of texts would have every quote of the inputs escaped once more
            [
                {
                    "no": no,
                    "account": reason.account.code,
                    "source": reason.source,
                    "formula": reason.formula,
                    "inputs": reason.inputs,
                    "amount_minor": reason.amount_minor,
                }
                for no, reason in why
            ],
            ensure_ascii=False,
        ),
        "now": now,
    }
    is_refused_before = False
    while True:
        try:
            outcome = _run(parameters, is_single=len(drafts) == 1)
        except _LostRace:
            is_refused_before = False
            continue
        for no, _, is_same, *_ in outcome:
            if is_same is False:
                raise JournalKeyReused(key=drafts[no - 1].key)
        *_, is_complete, is_account_missing, overdrawn = outcome[0]
        if is_complete:
            return {
                drafts[no - 1].key: PostedJournal(id_, drafts[no - 1].key, was_replayed=is_same is not None)
                for no, id_, is_same, *_ in outcome
            }
        if is_account_missing:
            _open_accounts({ref for _, leg in legs for ref in (leg.debit, leg.credit)}, now)
        elif is_refused_before:
            raise AccountOverdrawn(account=overdrawn)
        else:
            # The lock may have waited for somebody who booked this very journal. The account is ours now and stays as
            # it is, so a second look tells a replay from a refusal.
            is_refused_before = True


def _run(parameters: dict[str, object], *, is_single: bool) -> list[tuple[Any, ...]]:
    """Run the statement. Raises: `_LostRace` when it must run again; whatever it wrote is undone then."""
    if is_single:
        return _won(db.rows(_BOOK, parameters))
    with db.savepoint():
        return _won(db.rows(_BOOK, parameters))


def _won(outcome: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    *_, is_complete, is_account_missing, overdrawn = outcome[0]
    is_reused = any(is_same is False for _, _, is_same, *_ in outcome)
    if is_complete or is_reused or is_account_missing or overdrawn:
        return outcome
    raise _LostRace


def _open_accounts(refs: Iterable[AccountRef], now: datetime) -> None:
    accounts = list(refs)
    kinds = [ref.kind for ref in accounts]
    db.execute(
        _OPEN_ACCOUNTS,
        [
            now,
            [ref.code for ref in accounts],
            [kind.value for kind in kinds],
            [ref.owner for ref in accounts],
            [ref.currency.code for ref in accounts],
            [kind.side.value for kind in kinds],
            [kind.may_go_negative for kind in kinds],
            [kind.is_summed for kind in kinds],
        ],
    )
