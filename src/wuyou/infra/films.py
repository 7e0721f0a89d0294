"""Films of people: what comes in is read under bounds by a program of its own, and kept as a new file.

Nothing but picture and sound of the file that was sent is kept: no place, no camera, no owner, no other tracks. The new
file begins with its head, so that it plays while it arrives, and one that is long enough is kept in pieces (HLS) beside
itself (docs/adr/0029). The picture that stands for a film is one of `infra.pictures`.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from django.conf import settings

from wuyou.infra import db, film_program, storage
from wuyou.infra.film_program import FILM, PLAYLIST
from wuyou.kernel.errors import DomainError, ErrorKind

__all__ = ["FILM", "PLAYLIST"]

MAX_PIXELS = 3840 * 2160
_PATIENCE_S, _WAIT_S = 120, 10
_AT_ONCE = threading.BoundedSemaphore(2)
"""So many films are read at a time by one process: each may take a core, and 1.5 GB at worst."""
_PART = re.compile(r"film\.mp4|stream\.m3u8|head\.mp4|[0-9]{1,4}\.m4s")
_MEDIA_TYPES = {".mp4": "video/mp4", ".m4s": "video/mp4", ".m3u8": "application/vnd.apple.mpegurl"}


class FilmRefused(DomainError):
    """The file is not a film as MP4 or MOV that can be read to its end, with one picture."""

    code = "films.unreadable"


class FilmUnplayable(FilmRefused):
    """Its picture is neither H.264, HEVC nor AV1, or its sound neither AAC, MP3 nor Opus."""

    code = "films.unplayable"


class FilmTooLarge(FilmRefused):
    """The file has more bytes than this installation takes. Facts: megabytes."""

    code = "films.too_large"


class FilmTooLong(FilmRefused):
    """It takes longer than this installation takes. Facts: seconds."""

    code = "films.too_long"


class FilmTooWide(FilmRefused):
    """It has more pixels than 3840 × 2160."""

    code = "films.too_wide"


class FilmsBusy(DomainError):
    """So many films are being read that this one would wait too long."""

    code = "films.busy"
    kind = ErrorKind.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Film:
    """A film that was taken in. A row that refers to its key keeps it (`storage.keep`)."""

    key: str
    width: int
    height: int
    """As it is looked at: upright, with square points."""
    duration_ms: int
    size_bytes: int
    """Of the film as one file."""
    has_stream: bool
    """Whether it can be played in pieces (HLS)."""


@db.outside_transaction
def take_in(file: IO[bytes], size_bytes: int) -> Film:
    """Read, clean and store a film. Nothing is stored when it is refused.

    Raises: `FilmRefused`, `FilmUnplayable`, `FilmTooLarge`, `FilmTooLong`, `FilmTooWide`, `FilmsBusy`.
    Cost: half a second, and as long as copying the file takes; no more memory than a block of it.
    """
    check_size(size_bytes)
    with TemporaryDirectory(prefix="wuyou-film-") as folder:
        come, made = Path(folder, "come"), Path(folder, "made")
        made.mkdir()
        file.seek(0)
        with come.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        bounds = {"seconds": settings.FILM_MAX_SECONDS, "pixels": MAX_PIXELS}
        told = _run("take", come, made, json.dumps(bounds))
        size = (made / FILM).stat().st_size
        with ExitStack() as opened:
            key = storage.put({name: opened.enter_context((made / name).open("rb")) for name in told["names"]})
    return Film(key, told["width"], told["height"], told["duration_ms"], size, PLAYLIST in told["names"])


def check_size(size_bytes: int) -> None:
    """Refuse a file by its size, before it is read. Raises `FilmTooLarge`."""
    if size_bytes > settings.FILM_MAX_BYTES:
        raise FilmTooLarge(megabytes=settings.FILM_MAX_BYTES // 1_000_000)


def frame_of(key: str, at_ms: int) -> bytes:
    """The picture of a film that was taken in at this moment, as a JPEG for `pictures.take_in`; past its end the last.

    Raises: `FilmRefused`, `FilmsBusy`, `FileNotFoundError`.
    Cost: half a second, and decoding up to the moment from the picture by itself before it.
    """
    with TemporaryDirectory(prefix="wuyou-film-") as folder, open_part(key, FILM) as film:
        come = Path(folder, "come")
        with come.open("wb") as copy:
            shutil.copyfileobj(film, copy)
        _run("frame", come, Path(folder), str(max(0, at_ms)))
        return Path(folder, film_program.FRAME).read_bytes()


def open_part(key: str, name: str) -> IO[bytes]:
    """One of a film's files: itself, the list of its pieces, their head, or a piece. Raises `FileNotFoundError`."""
    if not _PART.fullmatch(name):
        raise FileNotFoundError(name)
    return storage.open_file(key, name)


def media_type_of(name: str) -> str:
    """What a part of a film is said to be."""
    return _MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream")


def _run(what: str, file: Path, folder: Path, more: str) -> Mapping[str, Any]:
    """Ask the program, which knows nothing of this one: no environment, no open files. Raises as `take_in`."""
    command = [sys.executable, "-I", film_program.__file__, what, str(file), str(folder), more]
    if not _AT_ONCE.acquire(timeout=_WAIT_S):
        raise FilmsBusy()
    try:
        done = subprocess.run(
            command, cwd=folder, env={}, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE_S, check=False
        )
        told = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:  # it ran wild, and was ended
        raise FilmRefused() from error
    finally:
        _AT_ONCE.release()
    refused = told.get("refused")
    if refused == film_program.TOO_LONG:
        raise FilmTooLong(seconds=settings.FILM_MAX_SECONDS)
    if refused:
        raise {film_program.TOO_WIDE: FilmTooWide, film_program.UNPLAYABLE: FilmUnplayable}.get(refused, FilmRefused)()
    made: Mapping[str, Any] = told
    return made
