"""Transactions by five words, the retry that belongs to the entry point, and the one moment of what is read.

`transaction` opens the one transaction of an entry point and refuses to nest; `requires_transaction` marks operations;
`savepoint` undoes a part; `after_commit` waits for the commit; `outside_transaction` marks what talks to a network.
`in_transaction` runs a whole entry point again when the database asks for it (deadlock, serialization, lost server);
`in_one_statement` does so for one whose only statement is a transaction by itself.
`reading` marks a request that reads: who looks and what they see is then of one moment (`hold_moment`).
"""

from __future__ import annotations

import functools
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ParamSpec, TypeVar

import structlog
from django.db import DatabaseError, OperationalError, connection
from django.db import transaction as _django
from django.db.backends.utils import CursorWrapper
from psycopg import Cursor

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger(__name__)

Params = Sequence[Any] | Mapping[str, Any]
"""Values for a statement's placeholders, by place or by name."""

ATTEMPTS = 4
"""How often an entry point is tried in all."""

_SHARED_MOST = 5_000
"""Signs: some 250 tokens. The server compares what is no constant one by one."""
_SHARED = "'::bigint[] /* shared */"
_PLACE = re.compile(r"%(%|s)")

_DEADLOCK, _SERIALIZATION, _LOCK_TIMEOUT = "40P01", "40001", "55P03"
_SERVER_LOST = ("57P01", "57P02", "57P03", "08003", "08006", "08001")


class TransactionError(RuntimeError):
    """The code, not the user, is wrong: a transaction is missing where one is required, or open where none may be."""


@contextmanager
def transaction() -> Iterator[None]:
    """Open the transaction of an entry point. Commits at the end, rolls back on any exception.

    Raises: `TransactionError` when one is already open.
    """
    _refuse_to_nest()
    _let_moment_go()
    with _django.atomic():
        yield


class _OneStatement(threading.local):
    is_open = False
    is_said = False


_one = _OneStatement()


@contextmanager
def _one_statement() -> Iterator[None]:
    _refuse_to_nest()
    _let_moment_go()
    _one.is_open, _one.is_said = True, False
    try:
        yield
    finally:
        _one.is_open = False


def _refuse_to_nest() -> None:
    if _one.is_open or (connection.in_atomic_block and not _is_test_case()):
        raise TransactionError("a transaction is already open: only the entry point opens one")


class _Reading(threading.local):
    is_marked = False
    holds_moment = False


_reading = _Reading()


@contextmanager
def reading() -> Iterator[None]:
    """Mark what only reads, such as a request for a page: once `hold_moment` is called, the rest is of that moment.

    Nothing is begun for who never calls it. A transaction opened inside ends the moment, and sees the present.
    """
    _reading.is_marked = True
    try:
        yield
    finally:
        _reading.is_marked = False
        _let_moment_go()


def hold_moment() -> None:
    """From here on, whatever is read inside `reading` is of one moment, and nothing can be written.

    Who looks and what there is to see must be read together: between the two, somebody may have been shut out and
    something written that they were not to see. Does nothing outside of `reading`, in a transaction, or when held.
    """
    if _reading.is_marked and not _reading.holds_moment and not connection.in_atomic_block:
        execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        _reading.holds_moment = True


def _let_moment_go() -> None:
    if not _reading.holds_moment:
        return
    _reading.holds_moment = False
    try:
        execute("COMMIT")
    except DatabaseError:
        connection.close()


@contextmanager
def savepoint() -> Iterator[None]:
    """Undo only this part on an exception. Raises `TransactionError` without a transaction of several statements."""
    _require_several()
    with _django.atomic():
        yield


def requires_transaction(operation: Callable[P, R]) -> Callable[P, R]:
    """Mark an operation: it works inside the caller's transaction and never opens its own."""

    @functools.wraps(operation)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        _require()
        return operation(*args, **kwargs)

    return wrapped


def outside_transaction(function: Callable[P, R]) -> Callable[P, R]:
    """Mark what may take long or talk to a network: it refuses to run while a transaction is open."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block and not _is_test_case():
            raise TransactionError(f"{function.__qualname__} talks to the outside: no transaction may be open")
        return function(*args, **kwargs)

    return wrapped


def after_commit(callback: Callable[[], None]) -> None:
    """Call back once the open transaction has committed; never when it rolls back."""
    _require_several()
    _django.on_commit(callback)


def in_transaction(entry: Callable[[], R]) -> R:
    """Run an entry point in one transaction; again, from the start, when the database asks for it.

    A deadlock, a serialization failure, a lock that did not come in time and a lost server are asked again up to
    `ATTEMPTS` times with a short random pause. Everything else rises at once. `entry` must change nothing but the
    database, because it may run several times.
    """
    return _run(entry, transaction)


def in_one_statement(entry: Callable[[], R]) -> R:
    """Run an entry point that changes something with its first statement alone, again when the database asks for it.

    The server makes a transaction of such a statement by itself: no BEGIN and no COMMIT go to and fro. What is read
    after it is of a later moment.

    Raises: `TransactionError` for a further statement that is no SELECT, and when a transaction is open.
    """
    return _run(entry, _one_statement)


def _run(entry: Callable[[], R], opened: Callable[[], AbstractContextManager[None]]) -> R:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with opened():
                return entry()
        except OperationalError as error:
            if attempt == ATTEMPTS or connection.in_atomic_block or not _is_worth_retrying(error):
                raise
            log.info("transaction_retried", attempt=attempt, reason=str(error).strip().split("\n")[0])
            time.sleep(random.uniform(0.005, 0.05) * attempt**2)  # noqa: S311  (spreads retries, guards no secret)
    raise AssertionError("unreachable")


def rows(sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
    """Run one statement and return all its rows."""
    return _ask(sql, params).fetchall()


def records(sql: str, params: Params = ()) -> list[dict[str, Any]]:
    """Run one statement and return its rows by the names of their columns."""
    cur = _ask(sql, params)
    names = [column.name for column in cur.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cur.fetchall()]


def row(sql: str, params: Params = ()) -> tuple[Any, ...] | None:
    """Run one statement and return its first row, or None."""
    return _ask(sql, params).fetchone()


def execute(sql: str, params: Params = ()) -> int:
    """Run one statement and return how many rows it touched."""
    return _ask(sql, params).rowcount


def shared(array: str) -> str:
    """An array of whole numbers, `{1,2}`, inside a statement's text, for `rows` and its siblings to send beside it.

    Such a statement has one text for everybody: it is parsed and planned once for a connection, not for each who asks.
    A long array stays in the text, where the server hashes it; through any other way the text says the same.
    """
    return f"'{array}{_SHARED}" if len(array) <= _SHARED_MOST else f"'{array}'::bigint[]"


def ids(place: str) -> str:
    """An array of ids as a parameter, `p.id = ANY({db.ids("%s")})`, in a statement that is planned once for any number.

    The server looks into a bare parameter: a plan for the one id of a page looks cheaper to it than one for the ten
    that it supposes else, so that it plans anew each time, and that costs more than either.
    """
    return f"(SELECT {place}::bigint[])::bigint[]"


def _told(sql: str, params: Params) -> tuple[str, Params]:
    """A statement with its shared arrays as parameters: each of them once, however often the text has it."""
    *before, last = sql.split(_SHARED)
    if not before:
        return sql, params
    arrays: dict[str, str] = {}
    told = []
    for part in before:
        text, _, array = part.rpartition("'")
        told += [text, f"%({arrays.setdefault(array, f'shared_{len(arrays)}')})s::bigint[]"]
    sql = "".join((*told, last))
    if isinstance(params, Mapping):
        values = dict(params)
    else:
        values = {f"place_{number}": value for number, value in enumerate(params)}
        places = iter(values)
        sql = _PLACE.sub(lambda found: f"%({next(places)})s" if found[1] == "s" else "%%", sql)
    return sql, {**values, **{key: array for array, key in arrays.items()}}


def cursor() -> CursorWrapper:
    """A plain cursor on the process's connection."""
    return connection.cursor()


def _ask(sql: str, params: Params) -> Cursor[tuple[Any, ...]]:
    """Run one statement. The cursor is psycopg's, which has all rows already: Django's wraps each call anew."""
    if _one.is_open:
        if _one.is_said and not sql.lstrip().startswith("SELECT"):
            raise TransactionError("one statement was promised, and this is another that changes something")
        _one.is_said = True
    standing: CursorWrapper = connection.standing_cursor()  # type: ignore[attr-defined]
    standing.execute(*_told(sql, params))
    asked: Cursor[tuple[Any, ...]] = standing.cursor
    return asked


def _require() -> None:
    if not _one.is_open:
        _require_several()


def _require_several() -> None:
    if _one.is_open or not connection.in_atomic_block:
        raise TransactionError("a transaction is required: the entry point opens it")


def _is_test_case() -> bool:
    """Whether the only open block is the one that a rolled-back test put around everything."""
    return all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def _is_worth_retrying(error: OperationalError) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    if state in (_DEADLOCK, _SERIALIZATION, _LOCK_TIMEOUT):
        return True
    if state in _SERVER_LOST or (state is None and connection.connection is None) or _is_closed():
        connection.close()
        return True
    return False


def _is_closed() -> bool:
    return connection.connection is not None and bool(connection.connection.closed)
