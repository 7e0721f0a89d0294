"""Films for tests, made on the spot, and what hostile ones look like."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import av
import numpy as np
from PIL import Image

from tests.builders.pictures import make_image
from wuyou.infra import films
from wuyou.infra.films import Film

RATE = 10


def make_film(
    seconds: float = 2.0,
    width: int = 160,
    height: int = 120,
    *,
    codec: str = "libx264",
    sound: str | None = None,
    kind: str = "mp4",
    movflags: str = "",
    metadata: Mapping[str, str] | None = None,
    turned: int = 0,
    seed: int = 1,
) -> bytes:
    """A film of a picture that wanders, as a telephone or a program writes it; its head stands at the end."""
    options = {"movflags": movflags} if movflags else {}
    # A head that comes first is moved there afterwards, by whoever has written a file with a name.
    with NamedTemporaryFile() as written:
        with av.open(written.name, "w", format=kind, options=options) as container:
            container.metadata.update(metadata or {})
            stream = container.add_stream(codec, rate=RATE)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.gop_size = RATE
            if codec == "libx264":
                stream.options = {"preset": "ultrafast", "crf": "30"}
            if metadata and "handler_name" in metadata:
                stream.metadata["handler_name"] = metadata["handler_name"]
            if turned:
                stream.set_display_rotation(turned)
            voice = container.add_stream(sound, rate=48_000) if sound else None
            for frame in _frames(round(seconds * RATE), width, height, seed):
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
            if voice is not None:
                _sound(container, voice, seconds)
        return Path(written.name).read_bytes()


@cache
def usual_film(seconds: float = 2.0, sound: str | None = None, seed: int = 1) -> bytes:
    """A film that is the same in all tests, made once."""
    return make_film(seconds, sound=sound, seed=seed)


def take_film(seconds: float = 2.0, seed: int = 1) -> Film:
    """A usual film, taken in."""
    content = usual_film(seconds, seed=seed)
    return films.take_in(io.BytesIO(content), len(content))


def box(name: bytes, body: bytes = b"") -> bytes:
    """A box of an MP4."""
    return struct.pack(">I4s", 8 + len(body), name) + body


def outermost(content: bytes) -> list[tuple[bytes, int, int]]:
    """The outermost boxes: name, beginning, length."""
    found, at = [], 0
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        found.append((name, at, length))
        at += length
    return found


def _frames(count: int, width: int, height: int, seed: int) -> Sequence[av.VideoFrame]:
    ground = make_image(width * 2, height, seed)
    frames = []
    for place in range(count):
        left = round(place * width / max(count, 1))
        frame = av.VideoFrame.from_image(ground.crop((left, 0, left + width, height)))
        frame.pts, frame.time_base = place, Fraction(1, RATE)
        frames.append(frame)
    return frames


def _sound(container: Any, voice: Any, seconds: float) -> None:
    for at in range(0, round(seconds * 48_000), 1024):
        wave = np.sin(np.arange(at, at + 1024) / 40).astype(np.float32)[None, :]
        frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2, axis=0), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
        container.mux(voice.encode(frame))
    container.mux(voice.encode())


def opened(content: bytes) -> Any:
    """A film as a player reads it."""
    return av.open(io.BytesIO(content), "r")


def image_at(content: bytes, place: int) -> Image.Image:
    """The picture of so many frames after the first."""
    with opened(content) as film:
        for number, frame in enumerate(film.decode(video=0)):
            if number == place:
                shown: Image.Image = frame.to_image()
                return shown
    raise IndexError(place)
