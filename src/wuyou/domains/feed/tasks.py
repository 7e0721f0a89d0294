"""What time does to the feed. Entry points."""

from __future__ import annotations

import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path

from wuyou.domains.feed import learning, operations
from wuyou.domains.feed.recommender import FILE
from wuyou.infra import db, storage


def learn_recommendations(now: datetime) -> int:
    """Learn anew from what people did in the open, and let it serve; returns how many items it knows.

    Cost: some seconds to minutes of one core, by how much there is; outside of any transaction.
    """
    model = learning.learn()
    if model is None:
        return 0
    with tempfile.TemporaryDirectory(prefix="wuyou-learnt-") as folder:
        path = Path(folder) / FILE
        model.save(path)
        with path.open("rb") as file:
            key = storage.put({FILE: file})
    db.in_transaction(
        partial(operations.note_model, key=key, items=len(model.items), people=len(model.people), now=now)
    )
    return len(model.items)
