"""The five words of transactions, and the retry at the entry point."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, connection

from wuyou.infra import db

pytestmark = pytest.mark.usefixtures("world")


@db.requires_transaction
def operate() -> str:
    return "done"


@db.outside_transaction
def call_a_provider() -> str:
    return "answered"


def test_transaction_refuses_to_nest() -> None:
    with db.transaction(), pytest.raises(db.TransactionError), db.transaction():
        pass


def test_operation_without_a_transaction_is_refused() -> None:
    with pytest.raises(db.TransactionError):
        operate()
    with db.transaction():
        assert operate() == "done"


def test_call_to_the_outside_is_refused_while_a_transaction_is_open() -> None:
    with db.transaction(), pytest.raises(db.TransactionError):
        call_a_provider()
    assert call_a_provider() == "answered"


def test_after_commit_runs_after_the_commit_and_never_after_a_rollback() -> None:
    heard: list[str] = []
    with db.transaction():
        db.after_commit(lambda: heard.append("committed"))
        assert heard == []
    with contextlib.suppress(KeyError), db.transaction():
        db.after_commit(lambda: heard.append("rolled back"))
        raise KeyError
    assert heard == ["committed"]
    with pytest.raises(db.TransactionError):
        db.after_commit(lambda: None)


def test_savepoint_undoes_only_its_part() -> None:
    with pytest.raises(db.TransactionError), db.savepoint():
        pass
    with db.transaction():
        db.execute("INSERT INTO identity_user (handle, display_name, avatar, password, is_staff, is_active, joined_at)"
                   " VALUES ('first', 'f', 'x', '', false, true, now())")  # fmt: skip
        with contextlib.suppress(KeyError), db.savepoint():
            db.execute("UPDATE identity_user SET display_name = 'changed'")
            raise KeyError
    assert db.rows("SELECT handle, display_name FROM identity_user") == [("first", "f")]


def test_deadlock_is_asked_again_from_the_start() -> None:
    """Two entry points lock two rows in opposite order; the one that the database ends is run again."""
    for handle in ("one", "two"):
        db.execute("INSERT INTO identity_user (handle, display_name, avatar, password, is_staff, is_active, joined_at)"
                   " VALUES (%s, '', 'x', '', false, true, now())", [handle])  # fmt: skip
    barrier = Barrier(2)
    runs = {"one": 0, "two": 0}

    def entry(first: str, second: str) -> None:
        runs[first] += 1
        db.execute("UPDATE identity_user SET display_name = display_name || %s WHERE handle = %s", [first[0], first])
        if runs[first] == 1:
            barrier.wait(timeout=10)
        db.execute("UPDATE identity_user SET display_name = display_name || %s WHERE handle = %s", [first[0], second])

    def run(first: str, second: str) -> None:
        try:
            db.in_transaction(lambda: entry(first, second))
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in (("one", "two"), ("two", "one"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(runs.values()) == [1, 2]
    assert {"".join(sorted(name)) for (name,) in db.rows("SELECT display_name FROM identity_user")} == {"ot"}


def test_error_of_the_code_is_not_asked_again() -> None:
    runs = 0

    def entry() -> None:
        nonlocal runs
        runs += 1
        raise KeyError

    with pytest.raises(KeyError):
        db.in_transaction(entry)
    assert runs == 1


def test_connection_that_the_server_ended_is_replaced() -> None:
    db.rows("SELECT 1")
    pid = connection.connection.info.backend_pid
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()

    assert db.in_transaction(lambda: db.row("SELECT 42")) == (42,)


def test_what_is_read_after_the_moment_is_held_is_of_that_moment() -> None:
    with db.reading():
        db.hold_moment()
        before = db.rows("SELECT count(*) FROM identity_user")
        register_elsewhere()
        assert db.rows("SELECT count(*) FROM identity_user") == before == [(0,)]
    assert db.rows("SELECT count(*) FROM identity_user") == [(1,)]


def test_moment_is_begun_by_who_asks_for_it_only() -> None:
    db.hold_moment()
    with db.reading():
        assert db.rows("SELECT count(*) FROM identity_user") == [(0,)]
        register_elsewhere()
        assert db.rows("SELECT count(*) FROM identity_user") == [(1,)]


def test_nothing_is_written_in_a_moment_and_a_transaction_ends_it() -> None:
    with db.reading():
        db.hold_moment()
        with pytest.raises(DatabaseError, match="read-only"):
            db.execute("DELETE FROM identity_user")
    register_elsewhere()
    with db.reading():
        db.hold_moment()
        assert db.in_transaction(lambda: db.execute("DELETE FROM identity_user")) == 1
        assert db.rows("SELECT count(*) FROM identity_user") == [(0,)]


def register_elsewhere() -> None:
    def work() -> None:
        db.execute("INSERT INTO identity_user (handle, display_name, avatar, password, is_staff, is_active, joined_at)"
                   " VALUES ('elsewhere', 'e', 'x', '', false, true, now())")  # fmt: skip
        connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()


def test_connection_is_looked_at_without_asking_the_server_and_made_anew_when_that_has_ended_it() -> None:
    connection.ensure_connection()
    mine = db.rows("SELECT pg_backend_pid()")[0][0]
    asked_before = _statements_of(mine)
    assert connection.is_usable()
    assert _statements_of(mine) == asked_before

    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [mine])
    finally:
        other.close()

    assert not connection.is_usable()
    connection.health_check_enabled = True  # type: ignore[attr-defined]
    connection.health_check_done = False  # type: ignore[attr-defined]
    assert db.rows("SELECT pg_backend_pid()")[0][0] != mine


def test_what_a_server_says_unasked_does_not_end_its_connection() -> None:
    """A notice lies there to be read, as the end of a connection does: then the server is asked."""
    connection.ensure_connection()
    mine = db.rows("SELECT pg_backend_pid()")[0][0]
    db.execute("LISTEN said")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("NOTIFY said")
    finally:
        other.close()

    assert connection.is_usable()
    assert db.rows("SELECT pg_backend_pid()")[0][0] == mine
    db.execute("UNLISTEN said")


def _statements_of(pid: int) -> object:
    """When the server last began to do something for a connection."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT query_start, state_change FROM pg_stat_activity WHERE pid = %s", [pid])
            return cursor.fetchone()
    finally:
        other.close()


def test_shared_array_is_sent_beside_the_text_once_and_a_long_one_stands_in_it() -> None:
    for params in ([7, "%"], {"id": 7, "sign": "%"}):
        first, second = ("%s", "%s") if isinstance(params, list) else ("%(id)s", "%(sign)s")
        sql = (
            f"SELECT 8 = ANY({db.shared('{7,8}')}), {first}::int = ANY({db.shared('{7,8}')}), "
            f"{second}::text LIKE '%%', 7 = ANY({db.shared('{9}')})"
        )
        told, sent = db._told(sql, params)
        assert "7,8" not in told
        assert list(sent.values()).count("{7,8}") == 1  # type: ignore[union-attr]
        assert db.rows(sql, params) == [(True, True, True, False)]
    assert db.rows(f"SELECT 7 = ANY({db.shared('{}')})") == [(False,)]
    long = f"{{{','.join(map(str, range(10_000)))}}}"
    assert db.shared(long) == f"'{long}'::bigint[]"
    assert db.rows(f"SELECT 9999 = ANY({db.shared(long)})") == [(True,)]


def test_statement_over_ids_is_planned_once_for_one_and_for_many() -> None:
    def plans(array: str) -> tuple[int, int]:
        sql = f"SELECT handle FROM identity_user WHERE id = ANY({array})"
        for count in [1] * 12 + [40] * 12:
            db.rows(sql, [list(range(100_000, 100_000 + count))])
        made = db.row(
            """
            SELECT sum(generic_plans)::int, sum(custom_plans)::int FROM pg_prepared_statements WHERE statement LIKE %s
            """,
            [f"{sql.replace('%s', '$1')}%"],
        )
        assert made is not None
        return made[0], made[1]

    generic, custom = plans(db.ids("%s"))
    assert generic > custom == 10 - 5
    assert db.rows(f"SELECT 7 = ANY({db.ids('%s')}), 8 = ANY({db.ids('%s')})", [[7], []]) == [(True, False)]


def test_lists_of_whole_numbers_are_of_one_type() -> None:
    asked = "SELECT pg_typeof(%s)::text"

    assert db.row(asked, [[1, 2]]) == db.row(asked, [[1, 2**62]]) == ("bigint[]",)
    assert db.row(asked, [[1, 2**70]]) == ("numeric[]",)
    assert db.row(asked, [[True]]) == ("boolean[]",)
    assert db.row("SELECT %s::bigint[], %s::bigint[]", [[-(2**63), 0, 2**63 - 1], []]) == (
        [-(2**63), 0, 2**63 - 1],
        [],
    )
    assert db.row("SELECT %s::bigint[], %s::text[]", [[1, None], ["1", "a,b"]]) == ([1, None], ["1", "a,b"])


REGISTER = """
    INSERT INTO identity_user (handle, display_name, avatar, password, is_staff, is_active, joined_at)
    VALUES (%s, 'd', 'x', '', false, true, now())
"""
BEGAN_BY_ITSELF = "SELECT now() = statement_timestamp()"
"""A transaction that somebody began is older than its first statement."""


@db.requires_transaction
def register(handle: str) -> int:
    return db.execute(REGISTER, [handle])


def test_one_statement_is_a_transaction_by_itself() -> None:
    assert db.in_one_statement(lambda: db.row(BEGAN_BY_ITSELF)) == (True,)
    assert db.in_transaction(lambda: db.row(BEGAN_BY_ITSELF)) == (False,)  # control

    assert db.in_one_statement(lambda: register("one")) == 1
    assert db.rows("SELECT handle FROM identity_user") == [("one",)]
    with pytest.raises(db.TransactionError):
        register("two")


def test_one_statement_changes_something_once_and_may_read_on() -> None:
    def register_and_look() -> object:
        register("one")
        return db.row("SELECT count(*) FROM identity_user")

    assert db.in_one_statement(register_and_look) == (1,)
    for further in (lambda: register("two"), lambda: db.execute("DELETE FROM identity_user")):
        with pytest.raises(db.TransactionError, match="one statement"):
            db.in_one_statement(lambda further=further: (db.row("SELECT 1"), further()))  # type: ignore[misc]
    assert db.rows("SELECT handle FROM identity_user") == [("one",)]


@pytest.mark.parametrize(
    "what", [lambda: db.savepoint().__enter__(), lambda: db.after_commit(print), lambda: db.in_transaction(operate)]
)
def test_what_needs_several_statements_is_refused_in_one(what: Callable[[], object]) -> None:
    with pytest.raises(db.TransactionError):
        db.in_one_statement(what)
    assert db.in_transaction(operate) == "done"


def test_one_statement_is_refused_in_a_transaction() -> None:
    with pytest.raises(db.TransactionError):
        db.in_transaction(lambda: db.in_one_statement(lambda: register("one")))
    assert db.rows("SELECT count(*) FROM identity_user") == [(0,)]


def test_one_statement_is_asked_again_of_a_server_that_was_lost() -> None:
    db.rows("SELECT 1")
    pid = connection.connection.info.backend_pid
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()

    assert db.in_one_statement(lambda: register("one")) == 1
