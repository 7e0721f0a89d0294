"""Many who wait for one commit: while two transactions are under way, what comes meanwhile gathers for the next.

So a commit, which waits for the disk, is shared by all that wait for it; nobody is answered before it. There are two,
so that the database has something to do while the answers of one go out and their senders send again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from wuyou.infra.metrics import BEHAVIOUR_EVENTS, BEHAVIOUR_GROUP

log = structlog.get_logger(__name__)

MOST_TOGETHER = 256
"""Batches in one transaction: one that fails because of a single batch is done again batch by batch."""
LANES = 2
MOST_WAITING_BYTES = 64 * 1024 * 1024


class NotWrittenError(Exception):
    """Nothing of it was written, or more waits than can be written soon: send it again."""


class Writer:
    """Writes for a whole process, in `LANES` threads with a connection each.

    Args: append: writes lines in a transaction, and raises when it did not.
    """

    def __init__(self, append: Callable[[bytes], None]) -> None:
        self._append = append
        self._thread = ThreadPoolExecutor(LANES, thread_name_prefix="append")
        self._waiting: deque[tuple[bytes, asyncio.Future[None]]] = deque()
        self._waiting_bytes = 0
        self._lanes: set[asyncio.Task[None]] = set()

    async def write(self, lines: bytes) -> None:
        """Returns once these lines are committed. Raises: `NotWrittenError`."""
        if self._waiting_bytes > MOST_WAITING_BYTES:
            raise NotWrittenError
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((lines, done))
        self._waiting_bytes += len(lines)
        if len(self._lanes) < LANES:
            self._lanes.add(asyncio.create_task(self._write_all()))
        await done

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                together = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]
                self._waiting_bytes -= sum(len(lines) for lines, _ in together)
                BEHAVIOUR_GROUP.observe(len(together))
                is_written = await self._write(b"".join(lines for lines, _ in together))
                for lines, done in together:
                    this_is = is_written or (len(together) > 1 and await self._write(lines))
                    if this_is:
                        BEHAVIOUR_EVENTS.inc(lines.count(b"\n"))
                    if done.done():  # whoever waited has gone
                        continue
                    if this_is:
                        done.set_result(None)
                    else:
                        done.set_exception(NotWrittenError())
        finally:
            # At once, and not when the task is over: who comes in between would wait for nobody.
            self._lanes -= {asyncio.current_task()}

    async def _write(self, lines: bytes) -> bool:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._append, lines)
        except Exception:
            log.exception("behaviour_not_written")
            return False
        return True
