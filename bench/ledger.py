"""Transfers a second through the books, beside a raw INSERT of the same rows in the same run, on a durable server.

What is booked is the life of orders: captured, released to the shop, settled between shop, promoter and platform; three
journals and five transfers an order, over 200 shops. A batch is 250 orders in one call. *Raw* puts the same journals
and transfers into tables with the same columns and a primary key each, nothing else, from arrays that were made
beforehand, ids included; the ledger's time begins with the drafts: checking, hashing, accounts, sums, floors, keys,
indexes, references. *Raw with indexes* has the ledger's indexes too. Rounds alternate; figures are medians, and a ratio
is the median of the rounds' ratios, so that it stands on a busy machine.

    make bench NAME=ledger
    make bench NAME=ledger ARGS="--rounds 10"
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from bench import harness

ORDERS = 250
"""Orders in a batch."""
SHOPS = 200
SINGLES = 200
"""Journals a round that are posted one by one, a transaction each."""
THREADS = 4


def main() -> None:
    """Run the bench and print its figures; the last line is one JSON object."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=20)
    rounds = options.parse_args().rounds
    with harness.database():
        print_figures(rounds)


def print_figures(rounds: int) -> None:
    """Measure everything in the database that Django is set up on."""
    from django.db import connection
    from tests.builders.ledger import CLEARING, HELD, REVENUE, account, draft

    from wuyou.domains.ledger import operations, queries, tasks
    from wuyou.domains.ledger.types import AccountKind, JournalDraft
    from wuyou.infra import db
    from wuyou.kernel.clock import utc_now

    now = utc_now()
    draws = random.Random(7)
    shops = [account(AccountKind.MERCHANT_ESCROW, f"shop:{n}") for n in range(SHOPS)]
    payable = {shop: account(AccountKind.MERCHANT_PAYABLE, shop.owner) for shop in shops}
    promoters = [account(AccountKind.PROMOTER_PAYABLE, f"publisher:{n}") for n in range(SHOPS)]
    numbers = iter(range(10**9))

    def order() -> list[JournalDraft]:
        number, shop, paid = next(numbers), draws.choice(shops), draws.randint(1_000, 100_000)
        promoted, fee = paid // 10, paid // 50
        legs = (
            (shop, payable[shop], paid - promoted - fee),
            (shop, draws.choice(promoters), promoted),
            (shop, REVENUE, fee),
        )
        return [
            draft(f"capture:W{number}", (CLEARING, HELD, paid), now=now, source_ref=f"order:W{number}"),
            draft(f"release:W{number}", (HELD, shop, paid), now=now, source_ref=f"order:W{number}"),
            draft(f"settle:W{number}", *legs, now=now, source_ref=f"order:W{number}"),
        ]

    def release() -> JournalDraft:
        return draft(f"release:S{next(numbers)}", (HELD, draws.choice(shops), 1_000), now=now)

    def post(journals: Sequence[JournalDraft]) -> None:
        with db.transaction():
            operations.post(journals=journals, now=now)

    post([draft(f"open:{n}", (HELD, shop, 1), (HELD, payable[shop], 1), now=now) for n, shop in enumerate(shops)])
    post([draft(f"open:P{n}", (REVENUE, promoter, 1), now=now) for n, promoter in enumerate(promoters)])
    for _ in range(3):  # plans are made, caches are warm
        post([journal for _ in range(ORDERS) for journal in order()])
        post([release()])
    db.execute("ANALYZE ledger_account")
    raw = _RawTables()

    seconds: dict[str, list[float]] = {}

    def measure(name: str, work: Callable[[], object]) -> None:
        began = time.perf_counter()
        work()
        seconds.setdefault(name, []).append(time.perf_counter() - began)

    for _ in range(rounds):
        batch = [journal for _ in range(ORDERS) for journal in order()]
        rows = raw.rows(batch, now)
        measure("batch", lambda: post(batch))  # noqa: B023  (called at once)
        measure("raw", lambda: raw.insert("plain", *rows))  # noqa: B023
        measure("raw with indexes", lambda: raw.insert("indexed", *rows))  # noqa: B023
        singles = [release() for _ in range(SINGLES)]
        single_rows = [raw.rows([one], now) for one in singles]
        measure("single", lambda: [post([one]) for one in singles])  # noqa: B023
        measure("raw single", lambda: [raw.insert("plain", *one) for one in single_rows])  # noqa: B023

    transfers = ORDERS * 5
    per_s = {name: transfers / statistics.median(times) for name, times in seconds.items() if "single" not in name}
    per_s |= {name: SINGLES / statistics.median(times) for name, times in seconds.items() if "single" in name}
    for name, figure in per_s.items():
        print(f"{name:18} {figure:10,.0f} transfers/s")

    def ratio(work: str, limit: str) -> float:
        """Speed as a part of the limit's, round by round."""
        return round(statistics.median(b / a for a, b in zip(seconds[work], seconds[limit], strict=True)), 3)

    def crowd(make: Callable[[], JournalDraft]) -> float:
        """Journals a second of several connections at once."""

        def one(journals: Sequence[JournalDraft]) -> None:
            for journal in journals:
                post([journal])
            connection.close()

        work = [[make() for _ in range(SINGLES)] for _ in range(THREADS)]
        began = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(one, work))
        return THREADS * SINGLES / (time.perf_counter() - began)

    hot = crowd(lambda: draft(f"capture:C{next(numbers)}", (CLEARING, HELD, 1_000), now=now))
    kept = crowd(lambda: draft(f"release:C{next(numbers)}", (HELD, shops[0], 1_000), now=now))
    print(f"{THREADS} at once, hot accounts (summed)      {hot:8,.0f} transfers/s")
    print(f"{THREADS} at once, one account (sums kept)    {kept:8,.0f} transfers/s")

    measure("balance without checkpoint", lambda: queries.get_balance(HELD))
    tasks.checkpoint_summed_accounts(now)
    for _ in range(5):
        measure("balance", lambda: queries.get_balance(HELD))
    measure("verify", harness.books_hold)
    hot_ms, long_ms = (1e3 * statistics.median(seconds[name]) for name in ("balance", "balance without checkpoint"))
    print(f"balance of a hot account: {hot_ms:.2f} ms after a checkpoint, {long_ms:.0f} ms over all transfers")
    print(f"{harness.books_hold()}, proven in {seconds['verify'][0]:.1f} s")
    harness.print_json(
        batch_vs_raw=ratio("batch", "raw"),
        batch_vs_raw_with_indexes=ratio("batch", "raw with indexes"),
        batch_per_s=round(per_s["batch"]),
        raw_per_s=round(per_s["raw"]),
        single_per_s=round(per_s["single"]),
        single_vs_raw=ratio("single", "raw single"),
        hot_at_once_per_s=round(hot),
        kept_at_once_per_s=round(kept),
        hot_balance_ms=round(hot_ms, 3),
        verify_s=round(seconds["verify"][0], 2),
    )


class _RawTables:
    """Copies of the ledger's two tables: plain with a primary key, and with the ledger's indexes."""

    def __init__(self) -> None:
        from wuyou.infra import db

        self._db = db
        for noun in ("journal", "transfer"):
            db.execute(f"CREATE TABLE plain_{noun} (LIKE ledger_{noun} INCLUDING DEFAULTS, PRIMARY KEY (id))")
            db.execute(f"CREATE TABLE indexed_{noun} (LIKE ledger_{noun} INCLUDING DEFAULTS INCLUDING INDEXES)")
        self._account_ids = dict(db.rows("SELECT code, id FROM ledger_account"))
        self._next_id = 1

    def rows(self, journals: Sequence[object], now: datetime) -> tuple[list[list[object]], list[list[object]]]:
        """The columns of both tables for these journals."""
        from wuyou.domains.ledger import rules

        journal_rows, transfer_rows = [], []
        for journal in journals:
            journal_id = self._next_id = self._next_id + 1
            contents = rules.input_hash(journal)
            journal_rows.append(
                (journal_id, journal.key, journal.kind, journal.source_ref, "CNY", contents, journal.occurred_at, now)
            )
            for leg in journal.transfers:
                self._next_id += 1
                accounts = self._account_ids[leg.debit.code], self._account_ids[leg.credit.code]
                transfer_rows.append((self._next_id, journal_id, *accounts, leg.amount_minor, "CNY", leg.kind, now))
        return _columns(journal_rows), _columns(transfer_rows)

    def insert(self, tables: str, journals: list[list[object]], transfers: list[list[object]]) -> None:
        """Two statements in a transaction."""
        with self._db.transaction():
            self._db.execute(
                f"""
                INSERT INTO {tables}_journal (id, key, kind, source_ref, currency, input_hash, occurred_at, posted_at)
                SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[],
                                     %s::timestamptz[], %s::timestamptz[])
                """,  # noqa: S608
                journals,
            )
            self._db.execute(
                f"""
                INSERT INTO {tables}_transfer
                    (id, journal_id, debit_id, credit_id, amount_minor, currency, kind, posted_at)
                SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
                                     %s::text[], %s::timestamptz[])
                """,  # noqa: S608
                transfers,
            )


def _columns(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


if __name__ == "__main__":
    main()
