"""Short films for the demo world: a camera wanders over still lifes, one after the other.

They stand for what people film with their telephones, and are made when the world is loaded; nothing is shipped.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
from PIL import Image

from wuyou.domains.content.types import Filmed
from wuyou.infra import films, pictures
from wuyou.surfaces.cli.demo.still_life import draw_still_life

SHOT_S = 4
"""So long each still life is looked at."""
_RATE, _WIDTH, _HEIGHT = 24, 540, 720
_FADE = 12
"""Frames in which one still life becomes the next."""
_CLOSER = 0.16
"""By so much of its sides the camera comes closer to each."""


def take_film(shots: Sequence[Sequence[str]], seed: str) -> Filmed:
    """A film of these still lifes, taken in, with the picture that stands for it."""
    content = make_film(shots, seed)
    film = films.take_in(io.BytesIO(content), len(content))
    return Filmed(pictures.take_in(films.frame_of(film.key, SHOT_S * 500)), film)


def make_film(shots: Sequence[Sequence[str]], seed: str) -> bytes:
    """An MP4 of so many times four seconds. Cost: some two seconds of a core a shot."""
    scenes = [
        Image.open(io.BytesIO(draw_still_life(shown, f"{seed} {place}"))).convert("RGB")
        for place, shown in enumerate(shots)
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder, "film.mp4")
        with av.open(str(path), "w", options={"movflags": "+faststart"}) as written:
            stream = written.add_stream("libx264", rate=_RATE, options={"preset": "veryfast", "crf": "27"})
            stream.width, stream.height, stream.pix_fmt, stream.gop_size = _WIDTH, _HEIGHT, "yuv420p", 2 * _RATE
            for number in range(len(scenes) * SHOT_S * _RATE):
                frame = av.VideoFrame.from_image(_look(scenes, number))  # type: ignore[no-untyped-call]
                frame.pts, frame.time_base = number, Fraction(1, _RATE)
                written.mux(stream.encode(frame))
            written.mux(stream.encode())
        return path.read_bytes()


def _look(scenes: Sequence[Image.Image], number: int) -> Image.Image:
    place, at = divmod(number, SHOT_S * _RATE)
    shown = _framed(scenes[place], at, is_leaving=bool(place % 2))
    before = SHOT_S * _RATE - at
    if place + 1 < len(scenes) and before <= _FADE:
        following = _framed(scenes[place + 1], 0, is_leaving=not place % 2)
        return Image.blend(shown, following, 1 - before / (_FADE + 1))
    return shown


def _framed(scene: Image.Image, at: int, *, is_leaving: bool) -> Image.Image:
    """What the camera sees of a scene: it comes closer, or leaves, at the same pace."""
    part = at / (SHOT_S * _RATE)
    closer = _CLOSER * ((1 - part) if is_leaving else part)
    across, down = scene.width * closer / 2, scene.height * closer / 2
    height = (scene.width - 2 * across) * _HEIGHT / _WIDTH
    top = (scene.height - height) * 0.75 - down * 0.2
    box = (across, max(0, top), scene.width - across, min(scene.height, max(0, top) + height))
    return scene.resize((_WIDTH, _HEIGHT), Image.Resampling.BICUBIC, box=box)
