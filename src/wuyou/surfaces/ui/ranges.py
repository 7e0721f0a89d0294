"""A file by parts, as players ask for it (RFC 9110, section 14), with a block of it in memory at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase

MOST_BYTES = 1_000_000
"""A part that is asked for up to the end of the file is answered with so much of it; the player asks on when it needs
more. So a slow reader holds a thread of the server hardly longer than a fast one: this much fits on the way."""
_BLOCK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def serve_parts(
    request: HttpRequest, open_file: Callable[[], IO[bytes]], *, tag: str, media_type: str
) -> HttpResponseBase:
    """A file, or the part of it that is asked for, for who may see it. Raises `FileNotFoundError`.

    Args: tag: strong, and another one whenever the file is another.
    Several parts at once, and what is no range of bytes, are answered with the whole, as the standard allows.
    """
    answer: HttpResponseBase
    if request.headers.get("If-None-Match") == tag:
        answer = HttpResponseNotModified()
    else:
        file = open_file()
        size = file.seek(0, os.SEEK_END)
        answer = _answer(file, size, _part_of(request, tag, size), media_type)
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = tag
    return answer


def _answer(file: IO[bytes], size: int, part: tuple[int, int] | None, media_type: str) -> HttpResponseBase:
    """Args: part: first and past the last byte; None: everything; empty: there is no such part."""
    if part is None:
        file.seek(0)
        return FileResponse(file, content_type=media_type)
    first, end = part
    if first >= end:
        file.close()
        return HttpResponse(status=416, content_type=media_type, headers={"Content-Range": f"bytes */{size}"})
    answer = StreamingHttpResponse(_blocks(file, first, end), status=206, content_type=media_type)
    answer["Content-Length"] = str(end - first)
    answer["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    answer._resource_closers.append(file.close)  # type: ignore[attr-defined]  # also when nobody reads to the end
    return answer


def _part_of(request: HttpRequest, tag: str, size: int) -> tuple[int, int] | None:
    asked = _RANGE.fullmatch(request.headers.get("Range", "")) if request.method == "GET" else None
    # Another file than the one that the reader has begun: from the start.
    if asked is None or asked[0] == "bytes=-" or request.headers.get("If-Range", tag) != tag:
        return None
    if not asked[1]:
        first = max(0, size - int(asked[2]))
        return (first, size) if int(asked[2]) else (size, size)
    first, end = int(asked[1]), int(asked[2]) + 1 if asked[2] else size
    if end <= first:  # backwards: not a range
        return None if asked[2] else (size, size)
    return first, min(end, size, first + MOST_BYTES if not asked[2] else size)


def _blocks(file: IO[bytes], first: int, end: int) -> Iterator[bytes]:
    file.seek(first)
    while first < end and (block := file.read(min(_BLOCK, end - first))):
        first += len(block)
        yield block
