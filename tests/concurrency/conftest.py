"""Real threads, each with its own connection, started together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

Rush = Callable[[Sequence[Callable[[], Any]]], list[Any]]


@pytest.fixture
def rush(world: None) -> Rush:
    """Run calls at the same moment, each in a thread with a connection of its own; returns results or exceptions."""

    def run(calls: Sequence[Callable[[], Any]]) -> list[Any]:
        from django.db import connection

        barrier = Barrier(len(calls))

        def one(call: Callable[[], Any]) -> Any:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            try:
                return call()
            except Exception as error:  # noqa: BLE001  (the test looks at what came)
                return error
            finally:
                connection.close()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(one, calls))

    return run
