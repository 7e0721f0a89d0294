"""The connection that Django makes for each thread."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg import Connection
from psycopg.abc import DumperKey
from psycopg.adapt import PyFormat
from psycopg.pq import ConnStatus
from psycopg.types.array import BaseListDumper, ListDumper
from psycopg.types.datetime import TimestamptzLoader

_BIGINTS = 1016
"""The server's number of `bigint[]`."""
_LIMIT = 2**63


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

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        """Django's, to which lists are written by `_Lists`."""
        connection: Connection[Any] = super().get_new_connection(conn_params)
        connection.adapters.register_dumper(list, _Lists)
        return connection

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


class _Lists(ListDumper):
    """psycopg's, which looks at every element; ids, that pages send by the hundred, are written at once.

    They are `bigint[]` however large they are, so that a statement is prepared and planned for one type of them.
    """

    def get_key(self, obj: list[Any], format: PyFormat) -> DumperKey:  # noqa: A002  (psycopg's name)
        return _Numbers if _are_numbers(obj) else super().get_key(obj, format)

    def upgrade(self, obj: list[Any], format: PyFormat) -> BaseListDumper:  # noqa: A002
        return _Numbers(self.cls, self._tx) if _are_numbers(obj) else super().upgrade(obj, format)


class _Numbers(ListDumper):
    oid = _BIGINTS

    def dump(self, obj: list[Any]) -> bytes:
        return f"{{{','.join(map(str, obj))}}}".encode()


def _are_numbers(found: list[Any]) -> bool:
    return set(map(type, found)) == {int} and min(found) >= -_LIMIT and max(found) < _LIMIT
