"""The worker: one thread hands out events as they come, the other runs the schedule. Any number may run."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import cast

import structlog

log = structlog.get_logger(__name__)

BUSY_PAUSE_S = 0.02
IDLE_PAUSE_S = 0.2
TROUBLE_PAUSE_S = 1.0


def main() -> None:
    """Work until SIGTERM or SIGINT; what is being handled is finished first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wuyou.config.settings")  # noqa: TID251
    import django

    django.setup()
    stopping = threading.Event()
    dispatcher = threading.Thread(target=_hand_out_events, args=[stopping], name="events")
    dispatcher.start()
    try:
        _run_schedule()
    finally:
        stopping.set()
        dispatcher.join()


def _run_schedule() -> None:
    """Run jobs until a signal comes; procrastinate installs the handlers and lets running jobs end."""
    from django.db import connections
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    connections.close_all()
    signal.siginterrupt(signal.SIGTERM, False)
    connector = cast("DjangoConnector", app.connector).get_worker_connector()
    app.with_connector(connector).run_worker(
        concurrency=2, delete_jobs="successful", shutdown_graceful_timeout=20, fetch_job_polling_interval=1
    )


def _hand_out_events(stopping: threading.Event) -> None:
    from django.db import connection

    from wuyou.infra import db, events, memory
    from wuyou.infra.clock import real_time
    from wuyou.kernel.clock import utc_now

    installed = events.subscribers()
    memory.keep_what_is_loaded()
    is_registered = False
    pause = IDLE_PAUSE_S
    while not stopping.is_set():
        try:
            if not is_registered:
                db.in_transaction(lambda: events.register(installed))
                is_registered = True
            with real_time() as is_real:
                handled = events.dispatch(installed, utc_now()) if is_real else 0
            # The pause grows while nothing happens, so an idle platform rests and a busy one answers at once.
            pause = BUSY_PAUSE_S if handled else min(pause * 1.3, IDLE_PAUSE_S)
        except Exception:
            log.exception("dispatcher_in_trouble")
            connection.close()
            pause = TROUBLE_PAUSE_S
        time.sleep(pause)
    connection.close()
