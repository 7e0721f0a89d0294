"""Time has one owner: a replay waits for what workers are doing, and workers stand still while it lasts."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from django.db import connection

from wuyou.infra import clock

pytestmark = pytest.mark.usefixtures("world")


def in_thread(work: object) -> Thread:
    def run() -> None:
        try:
            work()  # type: ignore[operator]
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


def test_workers_share_the_present() -> None:
    seen: list[bool] = []

    def look() -> None:
        with clock.real_time() as is_real:
            seen.append(is_real)

    with clock.real_time() as is_real:
        in_thread(look).join(timeout=10)
    assert [is_real, *seen] == [True, True]


def test_present_is_not_real_while_a_replay_owns_the_time() -> None:
    seen: list[bool] = []

    def look() -> None:
        with clock.real_time() as is_real:
            seen.append(is_real)

    with clock.simulated_clock():
        in_thread(look).join(timeout=10)
    in_thread(look).join(timeout=10)
    assert seen == [False, True]


def test_replay_waits_for_a_worker_that_is_at_work() -> None:
    working, may_end = Event(), Event()

    def work() -> None:
        with clock.real_time():
            working.set()
            may_end.wait(timeout=10)

    thread = in_thread(work)
    working.wait(timeout=10)
    may_end.set()
    with clock.simulated_clock():
        assert not thread.is_alive() or thread.join(timeout=10) is None


def test_second_replay_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "PATIENCE_S", 0.05)
    refused: list[Exception] = []

    def replay() -> None:
        try:
            with clock.simulated_clock():
                pass
        except clock.ClockTakenError as error:
            refused.append(error)

    with clock.simulated_clock():
        in_thread(replay).join(timeout=10)
    assert len(refused) == 1
