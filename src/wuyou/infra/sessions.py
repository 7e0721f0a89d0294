"""Sessions in the database, read in plain SQL: every page of who is signed in begins with one."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from wuyou.infra import db


class SessionStore(DatabaseStore):
    """Django's, which asks its models for the row; an eighth of the cost of a page was the asking for two rows."""

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing, and a new key when it is written, where there is none that lasts."""
        found = db.row(
            "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s",
            [self.session_key, timezone.now()],
        )
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found[0])
