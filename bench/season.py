"""Months of an alliance whose books are proven every simulated night, and compared to the cent at each month's end.

Everything that happens is drawn from the seed (`tests/builders/season.py` says what) and done by the platform's own
operations and tasks, at the simulated moment. A model of its own keeps what everybody ought to have, sale by sale. One
line a month, then one JSON line; the first night or month that does not hold ends it with an error.

    make bench NAME=season                                          6 months, 60 orders a month
    make bench NAME=season ARGS="--seed 7 --months 6 --orders 600"  for a night
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

from bench import harness


def main() -> None:
    """Live the season and print it; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--months", type=int, default=6)
    parser.add_argument("--orders", type=int, default=60, help="a month")
    options = parser.parse_args()
    with harness.database():
        print_season(options.seed, options.months, options.orders)


def print_season(seed: int, months: int, orders: int) -> None:
    """Live it in the database that Django is set up on."""
    from tests.builders.season import Season

    began, nights, rows = time.perf_counter(), 0, 0
    total: Counter[str] = Counter()
    for month in Season(seed, orders).live(months):
        nights, rows = nights + month.nights, rows + month.rows
        total += month.counts
        told = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in sorted(month.counts.items()))
        print(f"{month.name}: {month.nights} nights, {month.rows:,} rows proven; {told}", flush=True)
    harness.print_json(
        seed=seed, months=months, nights=nights, rows_proven=rows, wall_s=round(time.perf_counter() - began, 1),
        **dict(sorted(total.items())),
    )  # fmt: skip


if __name__ == "__main__":
    main()
