"""What the schedule calls."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.ledger.sums import CHECKPOINT
from wuyou.infra import db


def checkpoint_summed_accounts(now: datetime) -> int:
    """Sum what has become final of every hot account, so that reading its balance stays short; returns how many.

    Entry point. A balance is exact with any checkpoint or none: how often this runs decides only how much is summed at
    a read. Cost: one range of an index, since the last checkpoint, for each hot account.
    """
    return db.in_transaction(lambda: db.execute(CHECKPOINT, [now]))
