"""Codes that were sent: tried a few times, used once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from wuyou.domains.identity import errors
from wuyou.infra import db
from wuyou.kernel import tokens

_KEPT = timedelta(hours=1)
"""Longer than any code is good for."""


@db.requires_transaction
def count_code_try(*, session: str, code: str, now: datetime) -> None:
    """Count a try before what was typed is compared with the code, so that many at once are counted as well.

    Args: code: the one that was sent. Raises: `TooManyCodeTries`, also when it was used. Cost: one statement.
    """
    key = _key(session, code)
    counted = db.execute(
        """
        WITH forgotten AS (DELETE FROM identity_code_try WHERE first_at <= %(since)s AND key <> %(key)s)
        INSERT INTO identity_code_try AS t (key, count, is_used, first_at) VALUES (%(key)s, 1, false, %(now)s)
        ON CONFLICT (key) DO UPDATE SET count = t.count + 1 WHERE NOT t.is_used AND t.count < %(most)s
        """,
        {"key": key, "now": now, "since": now - _KEPT, "most": settings.CODE_TRIES},
    )
    if not counted:
        raise errors.TooManyCodeTries()


@db.requires_transaction
def use_code(*, session: str, code: str) -> None:
    """Use a code up; of several who send it at once one succeeds. Raises: `CodeWrong`. Cost: one statement."""
    used = db.execute(
        "UPDATE identity_code_try SET is_used = true WHERE key = %s AND NOT is_used", [_key(session, code)]
    )
    if not used:
        raise errors.CodeWrong()


def _key(session: str, code: str) -> str:
    return tokens.digest(f"{session}\n{code}")
