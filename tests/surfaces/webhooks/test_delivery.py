"""From the bank over HTTP to our door and into the books."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection

from tests.builders import payments as build
from tests.builders.payments import PERFECT, PRICE
from tests.domains.payments import books
from wuyou.domains.payments import queries, tasks
from wuyou.domains.payments.providers.sandbox import post_to
from wuyou.domains.payments.types import IntentState
from wuyou.kernel.clock import utc_now

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name is the base class's)
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """Where the whole application answers, in a thread with a connection of its own."""
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=_Quiet) as server:

        def serve() -> None:
            try:
                server.serve_forever(poll_interval=0.01)
            finally:
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_notice_travels_from_the_bank_into_the_books(address: str) -> None:
    now = utc_now()
    number = build.open_intent(now)
    PERFECT.charge(intent_no=number, amount=PRICE, now=now)
    assert tasks.deliver_due_notices(now, post_to(address)) == 1
    (notice,) = queries.list_notices(number=number).items
    assert notice.delivered_at == now
    assert queries.get_intent(number).state is IntentState.CAPTURED
    assert books.published(number) == [("payment_captured", number)]


def test_a_notice_that_is_refused_or_meets_nobody_comes_again(address: str) -> None:
    now = utc_now()
    stranger = build.new_number()
    PERFECT.charge(intent_no=stranger, amount=PRICE, now=now)
    tasks.deliver_due_notices(now, post_to(address))
    tasks.deliver_due_notices(now + timedelta(seconds=15), post_to("http://127.0.0.1:9"))
    (notice,) = queries.list_notices(number=stranger).items
    assert (notice.delivered_at, notice.attempts) == (None, 2)
    assert notice.due_at == now + timedelta(seconds=30)
