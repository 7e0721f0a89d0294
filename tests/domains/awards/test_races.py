"""Two who give an award at once, with a control in which the guard is taken away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial

import pytest

from tests.builders import awards, content
from tests.builders.people import make_person
from tests.domains.alliance.test_races import elsewhere, held_open, wait_until_blocked
from wuyou.domains.awards import operations, queries
from wuyou.infra import db

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]

MONTH = date(2026, 3, 1)


def test_an_award_given_by_two_at_once_is_given_once(now: datetime) -> None:
    award = awards.make_award(now)
    awards.read(date(2026, 3, 5), {content.make_post(now, make_person(now)): 10})
    give = partial(operations.give_award, award_id=award.id, month=MONTH, now=awards.due_of(MONTH))

    with ThreadPoolExecutor(1) as pool:
        with held_open(give):
            second = pool.submit(elsewhere, give)
            wait_until_blocked(second)
        assert second.result(10) is False

    assert len(queries.list_given(MONTH)) == len(db.rows("SELECT FROM awards_round")) == 1
    assert len(db.rows("SELECT FROM notifications_notification")) == 1


def test_control_without_the_key_it_would_be_given_twice(now: datetime) -> None:
    award = awards.make_award(now)
    awards.read(date(2026, 3, 5), {content.make_post(now, make_person(now)): 10})
    give = partial(operations.give_award, award_id=award.id, month=MONTH, now=awards.due_of(MONTH))

    assert db.in_transaction(give)
    db.execute("UPDATE awards_round SET month = '2026-01-01'")  # what the key held is gone

    assert db.in_transaction(give)
    assert len(db.rows("SELECT FROM awards_honour")) == 2
