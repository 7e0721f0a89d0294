"""Two who publish the next version at once: one does, and the other learns that somebody was before them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from threading import Event
from unittest import mock

import pytest
from django.db import IntegrityError, connection

from tests.builders import parts
from tests.builders.pictures import make_photo
from tests.builders.waiting import wait_for_waiters
from wuyou.domains.things import describing, errors, operations, queries
from wuyou.domains.things.part_types import FigureValue, Licence, PartDraft
from wuyou.infra import db, pictures, sight

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]

Act = Callable[[], object]


def second_after_first(first: Act, second: Act, *, waits: bool = True) -> tuple[object, object]:
    """Two transactions: the second begins when the first has written and not committed; what came of each.

    Where the second waits for the first, the first commits as soon as the server says that it does.
    """
    has_written, may_commit = Event(), Event()

    def one() -> object:
        made = first()
        has_written.set()
        assert may_commit.wait(30)
        return made

    def in_a_thread(act: Act) -> object:
        try:
            return db.in_transaction(act)
        except Exception as error:  # noqa: BLE001  (the test looks at what came)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        early = pool.submit(in_a_thread, one)
        assert has_written.wait(30)
        late = pool.submit(in_a_thread, second)
        if waits:
            wait_for_waiters()
        else:
            late.result(30)
        may_commit.set()
        return early.result(30), late.result(30)


def test_of_two_new_versions_of_a_figure_one_is_refused(now: datetime) -> None:
    sold = parts.make_sold(now)
    figure = parts.make_figure(now, sold.thing, "5.50")

    def renew(value: str) -> Act:
        said = FigureValue(Decimal(value), "g", "秤")
        return lambda: operations.renew_figure(actor=sold.actor, figure_id=figure.id, said=said, now=now)

    made, refused = second_after_first(renew("5.4"), renew("5.3"))

    assert isinstance(refused, errors.VersionSuperseded)
    history = queries.list_history(sight.get_viewer(None), sold.thing.id, None)
    assert [(each.id, each.version, str(each.said.value)) for each in history] == [
        (made, 2, "5.4"),
        (figure.id, 1, "5.50"),
    ]


def test_of_two_new_versions_of_a_drawing_one_is_refused_and_leaves_no_file_behind(now: datetime) -> None:
    sold = parts.make_sold(now)
    drawing = parts.make_drawing(now, sold.thing)
    taken = [pictures.take_in(make_photo(64, 48, seed)) for seed in (1, 2)]

    def renew(which: int) -> Act:
        return lambda: operations.renew_drawing(
            actor=sold.actor, drawing_id=drawing.id, licence=Licence.CC0, picture=taken[which], now=now
        )

    made, refused = second_after_first(renew(0), renew(1))

    assert isinstance(refused, errors.VersionSuperseded)
    (current,) = queries.list_drawings(sight.get_viewer(None), sold.thing.id)
    assert (current.id, current.picture.key) == (made, taken[0].key)
    waiting = db.rows("SELECT key FROM stored_file WHERE kept_at IS NULL")
    assert waiting == [(taken[1].key,)]


def test_control_looking_whether_it_is_the_latest_lets_both_go_on_to_the_tables_key(now: datetime) -> None:
    sold = parts.make_sold(now)
    figure = parts.make_figure(now, sold.thing)

    def renew_by_reading_first() -> object:
        if not queries.get_figure_for(sight.get_viewer(None), figure.id).is_current:
            raise errors.VersionSuperseded()
        return db.row(
            """
            INSERT INTO things_figure (thing_id, part_id, kind, quantity, quantity_en, condition, condition_en, value,
                                       unit, source, licence, version, supersedes_id, published_at)
            SELECT thing_id, part_id, kind, quantity, quantity_en, condition, condition_en, value, unit, source,
                   licence, version + 1, id, published_at FROM things_figure WHERE id = %s RETURNING id
            """,
            [figure.id],
        )

    made, refused = second_after_first(renew_by_reading_first, renew_by_reading_first)

    assert not isinstance(made, Exception)
    assert isinstance(refused, IntegrityError)


def move_into_each_other(now: datetime, *, waits: bool) -> tuple[object, object, int]:
    """Two parts are each put into the other at once; what came of it, and how many parts the thing still shows."""
    sold = parts.make_sold(now)
    one, other = (parts.make_part(now, sold.thing) for _ in range(2))

    def put(part: int, above: int) -> Act:
        draft = PartDraft(f"n{part}", "壳", parent_id=above)
        return lambda: operations.change_part(actor=sold.actor, part_id=part, draft=draft)

    results = second_after_first(put(one.id, other.id), put(other.id, one.id), waits=waits)
    return *results, len(queries.list_parts(sight.get_viewer(None), sold.thing.id))


def test_two_parts_that_are_put_into_each_other_at_once_stay_a_tree(now: datetime) -> None:
    done, refused, shown = move_into_each_other(now, waits=True)
    assert done is None
    assert isinstance(refused, errors.PartsMalformed)
    assert shown == 2


def test_control_without_the_things_lock_both_are_lost_in_a_ring(now: datetime) -> None:
    with mock.patch.object(describing, "lock_described", describing.keep_described):
        done, also_done, shown = move_into_each_other(now, waits=False)
    assert done is None
    assert also_done is None
    assert shown == 0
