"""Going through rows that are due: page by page, each in a transaction of its own, past those that fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import structlog

from wuyou.infra import db

log = structlog.get_logger(__name__)

PAGE = 200


def each_due(sql: str, params: Mapping[str, object], act: Callable[[int], object]) -> int:
    """Call `act` for every id that the statement finds; returns for how many it answered something true.

    One that fails is logged and left for the next scan; it does not keep the others waiting.

    Args: sql: selects ids, with `AND id > %(after)s ORDER BY id LIMIT %(limit)s` at its end.
    """
    done = after = 0
    while True:
        page = [row_id for (row_id,) in db.rows(sql, {**params, "after": after, "limit": PAGE})]
        for row_id in page:
            try:
                done += bool(db.in_transaction(partial(act, row_id)))
            except Exception:
                log.exception("due_row_failed", row_id=row_id)
        if len(page) < PAGE:
            return done
        after = page[-1]
