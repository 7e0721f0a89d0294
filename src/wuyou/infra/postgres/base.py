"""The connection that Django makes for each thread."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg.pq import ConnStatus
from psycopg.types.datetime import TimestamptzLoader


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, which asks `SELECT 1` before each request whether the server is still there."""

    def is_usable(self) -> bool:
        """Whether the server is there. One that ended has closed the connection, and that can be read from it.

        Nothing else is to be read from a connection at rest but notices of the server: then it is asked.
        Cost: a system call instead of a round trip.
        """
        if self.connection is None or self.connection.pgconn.status != ConnStatus.OK:
            return False
        waiting = select.poll()
        waiting.register(self.connection.pgconn.socket, select.POLLIN)
        return bool(super().is_usable()) if waiting.poll(0) else True

    _standing: CursorWrapper | None = None

    def standing_cursor(self) -> CursorWrapper:
        """The one cursor of statements whose rows are all fetched before the next one is asked; nobody closes it.

        Cost: none. Making one costs a page as much as a fifth of asking the server.
        """
        if self.queries_logged:
            return self.cursor()
        self.close_if_health_check_failed()
        self.ensure_connection()
        standing = self._standing
        if standing is None or standing.cursor.connection is not self.connection:
            standing = self._standing = self.cursor()
            # The server tells moments in UTC: psycopg's own loader reads them as Django's does, and quicker.
            standing.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        return standing
