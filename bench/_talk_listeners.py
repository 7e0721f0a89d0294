"""The listeners of `bench.talk`: plain asyncio, in a process of their own, so that their work is not the program's.

Reads `port`, then a cookie and a cursor for each stream, from standard input; writes one line when all stand, and, when
it is told to stop, what was heard: for each listener the message numbers, how long each took, and when it was opened.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field

OPEN_AT_ONCE = 50


@dataclass
class Listener:
    """One stream that comes again by itself, with the number of what it heard last."""

    cookie: str
    place: str
    heard: list[tuple[int, int, int, int]] = field(default_factory=list)
    """(conversation, number, sent at, heard at), both in nanoseconds of the machine's clock"""
    opened: list[int] = field(default_factory=list)
    """When, in nanoseconds of the same clock."""

    async def listen(self, port: int, gate: asyncio.Semaphore, stands: asyncio.Event) -> None:
        """Hold the stream until cancelled."""
        while True:
            try:
                async with gate:
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.write(
                        f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: sessionid={self.cookie}\r\n"
                        f"Last-Event-ID: {self.place}\r\n\r\n".encode()
                    )
                    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
                if not head.startswith(b"HTTP/1.1 200"):
                    raise ConnectionError(head[:40])
                self.opened.append(time.monotonic_ns())
                stands.set()
                await self._hear(reader)
            except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
                await asyncio.sleep(0.2)

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        place = name = data = ""
        while line := await reader.readline():
            text = line.decode().rstrip("\r\n")
            key, _, value = text.partition(": ")
            if key == "id":
                place = value
            elif key == "event":
                name = value
            elif key == "data":
                data = value
            elif not text:  # also between the chunks of the transfer, where nothing is kept yet
                if name == "message":
                    said = json.loads(data)
                    message = said["message"]
                    sent = int(message["text"].partition(" ")[0])
                    self.heard.append((said["conversation"], message["seq"], sent, time.monotonic_ns()))
                if place:
                    self.place = place
                name = data = place = ""


async def main() -> None:
    lines = asyncio.StreamReader(limit=1 << 26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    asked = json.loads(await lines.readline())
    listeners = [Listener(cookie, str(place)) for cookie, place in asked["streams"]]
    gate, stands = asyncio.Semaphore(OPEN_AT_ONCE), [asyncio.Event() for _ in listeners]
    started = time.monotonic()
    listening = [
        asyncio.create_task(listener.listen(asked["port"], gate, stand))
        for listener, stand in zip(listeners, stands, strict=True)
    ]
    await asyncio.gather(*(stand.wait() for stand in stands))
    print(json.dumps({"opened_in_s": time.monotonic() - started}), flush=True)
    await lines.readline()
    for task in listening:
        task.cancel()
    print(json.dumps({"heard": [one.heard for one in listeners], "opened": [one.opened for one in listeners]}))


if __name__ == "__main__":
    asyncio.run(main())
