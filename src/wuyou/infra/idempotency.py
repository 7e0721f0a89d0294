"""One answer for one key: a request repeated with the same key gets the first answer and changes nothing.

The key is claimed in the transaction of the effect. A second request with the same key waits on the unique index until
the first has committed, then reads its answer; when the first rolled back, the second does the work.
Contract (24 h, replay header, 422 for another body) as published by Spree's store API.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wuyou.infra import db
from wuyou.kernel.errors import DomainError, ErrorKind

KEPT_FOR = timedelta(hours=24)
MAX_KEY_LENGTH = 200


class KeyReused(DomainError):
    """The key was used before for another request."""

    code = "idempotency.key_reused"
    kind = ErrorKind.INVALID


class KeyMalformed(DomainError):
    """A key is 1 to 200 printable ASCII characters."""

    code = "idempotency.key_malformed"


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered the first time."""

    status: int
    body: str


@db.requires_transaction
def claim(*, owner: str, key: str, request_hash: str, now: datetime) -> KeptAnswer | None:
    """Claim a key for this request; None means: do the work and `keep` the answer.

    Work that spans several transactions claims in one of its own before it begins. If its process then dies, or if the
    same request comes again before the answer is kept, the claim is found without an answer and this is None again:
    such work must do its effect once by itself.

    Raises: `KeyMalformed`, `KeyReused` (same key, other request). Cost: one statement.
    """
    if not 0 < len(key) <= MAX_KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise KeyMalformed()
    # What is kept is written again as it is: one that is only read would not be seen by a statement that began before.
    ((claimed_for, status, body),) = db.rows(
        """
        INSERT INTO idempotency_key AS kept (owner, key, request_hash, expires_at)
        VALUES (%(owner)s, %(key)s, %(request_hash)s, %(expires_at)s)
        ON CONFLICT (owner, key) DO UPDATE
        SET request_hash = CASE WHEN kept.expires_at > %(now)s THEN kept.request_hash ELSE EXCLUDED.request_hash END,
            expires_at = CASE WHEN kept.expires_at > %(now)s THEN kept.expires_at ELSE EXCLUDED.expires_at END,
            status = CASE WHEN kept.expires_at > %(now)s THEN kept.status END,
            body = CASE WHEN kept.expires_at > %(now)s THEN kept.body END
        RETURNING request_hash, status, body
        """,
        {"owner": owner, "key": key, "request_hash": request_hash, "expires_at": now + KEPT_FOR, "now": now},
    )
    if claimed_for != request_hash:
        raise KeyReused()
    return KeptAnswer(status, body) if status is not None else None


@db.requires_transaction
def keep(*, owner: str, key: str, status: int, body: str) -> KeptAnswer:
    """Keep the answer to a claimed request; the first one kept stays and is returned. Cost: one statement."""
    kept = db.row(
        """
        UPDATE idempotency_key SET status = COALESCE(status, %s), body = COALESCE(body, %s)
        WHERE owner = %s AND key = %s RETURNING status, body
        """,
        [status, body, owner, key],
    )
    return KeptAnswer(*kept) if kept else KeptAnswer(status, body)


@db.requires_transaction
def give_up(*, owner: str, key: str) -> None:
    """Free a key that was claimed in a transaction of its own, because the work was refused. An answered one stays."""
    db.execute("DELETE FROM idempotency_key WHERE owner = %s AND key = %s AND status IS NULL", [owner, key])


@db.requires_transaction
def forget_person(*, person_id: int, texts: Sequence[str]) -> None:
    """Drop the answers kept for a person, and take what names them out of those kept for others.

    Others' answers stay, because whoever asks again must still change nothing. Cost: one pass over the day's answers.
    """
    db.execute("DELETE FROM idempotency_key WHERE split_part(owner, ':', 2) = %s", [str(person_id)])
    for text in texts:
        quoted = json.dumps(text, ensure_ascii=False)
        db.execute(
            "UPDATE idempotency_key SET body = replace(body, %s, %s) WHERE body LIKE %s",
            [quoted, '""', "%" + re.sub(r"([\\%_])", r"\\\1", quoted) + "%"],
        )


@db.requires_transaction
def forget_expired(now: datetime) -> int:
    """Drop answers older than their day; returns how many."""
    return db.execute("DELETE FROM idempotency_key WHERE expires_at <= %s", [now])
