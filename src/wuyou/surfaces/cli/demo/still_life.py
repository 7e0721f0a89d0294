"""Still lifes for the photos of the demo world: pictures that the interface ships, on a table by a window.

They are composed here, stroke by stroke, and stand for photographs that a town of made-up people cannot take.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 720, 900
_COARSER = 4
"""What is out of focus is drawn so many times smaller."""
_TABLE_AT = 0.56
"""Where the table begins, from above."""
_ROOMS = (
    ((232, 214, 190), (196, 158, 120)),
    ((214, 222, 214), (176, 146, 116)),
    ((236, 205, 186), (160, 118, 92)),
    ((206, 216, 226), (188, 168, 146)),
    ((226, 208, 214), (172, 132, 110)),
    ((222, 218, 196), (146, 120, 94)),
)
"""Colours of walls and tables."""
_PLACES = ((0.50, 0.76, 0.52), (0.17, 0.68, 0.30), (0.83, 0.66, 0.28))
"""Middle, foot and width, in parts of the picture, of what stands in front and of what stands behind at its sides."""

Colour = tuple[int, int, int]


def draw_still_life(things: Sequence[str], seed: str) -> bytes:
    """A JPEG of one to three shipped pictures, the first in front; the seed chooses room, light and side."""
    drawn = hashlib.sha256(seed.encode()).digest()
    wall, table = _ROOMS[drawn[0] % len(_ROOMS)]
    image = _room(wall, table, light_at=0.1 + drawn[1] / 400, is_mirrored=bool(drawn[2] % 2))
    for name, (middle, foot, width) in reversed(list(zip(things, _PLACES, strict=False))):
        lean = (drawn[3] % 9 - 4) / 100
        _stand(image, name, (middle + lean, foot + lean / 2, width * (0.94 + drawn[4] / 2000)))
    written = io.BytesIO()
    _toned(image).save(written, "JPEG", quality=88)
    return written.getvalue()


def _room(wall: Colour, table: Colour, *, light_at: float, is_mirrored: bool) -> Image.Image:
    edge = round(HEIGHT * _TABLE_AT)
    image = Image.new("RGB", (WIDTH, HEIGHT), wall)
    image.paste(_shaded(table, (WIDTH, HEIGHT - edge), 0.78, 1.06), (0, edge))
    image.paste(_shaded(wall, (WIDTH, edge), 1.04, 0.90), (0, 0))
    # The wall meets the table out of focus.
    strip = image.crop((0, edge - 20, WIDTH, edge + 20)).filter(ImageFilter.GaussianBlur(6))
    image.paste(strip, (0, edge - 20))
    window = Image.new("L", (WIDTH // _COARSER, HEIGHT // _COARSER))
    pen, left = ImageDraw.Draw(window), light_at * WIDTH
    for pane in range(2):
        for row in range(2):
            x, y = left + pane * 152 + row * 56, 72 + row * 240
            corners = ((x, y), (x + 132, y + 19), (x + 184, y + 232), (x + 52, y + 210))
            pen.polygon([(across / _COARSER, down / _COARSER) for across, down in corners], 62)
    window = window.filter(ImageFilter.GaussianBlur(13 / _COARSER)).resize(image.size, Image.Resampling.BICUBIC)
    if is_mirrored:
        window = window.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return Image.composite(Image.new("RGB", image.size, (255, 246, 226)), image, window)


def _stand(image: Image.Image, name: str, place: tuple[float, float, float]) -> None:
    """Put a shipped picture on the table, with the shadow that it throws."""
    middle, foot, width = place
    thing = _shipped(name)
    side = round(width * WIDTH)
    thing = thing.resize((side, round(thing.height * side / thing.width)), Image.Resampling.LANCZOS)
    left, top = round(middle * WIDTH - side / 2), round(foot * HEIGHT - thing.height)
    shadow = Image.new("L", (WIDTH // _COARSER, HEIGHT // _COARSER))
    pen = ImageDraw.Draw(shadow)
    base = top + thing.height
    for first, above, last, below, dark in ((0.06, 0.10, 1.08, 0.07, 74), (0.12, 0.05, 0.88, 0.03, 118)):
        box = (left + side * first, base - side * above, left + side * last, base + side * below)
        pen.ellipse([edge / _COARSER for edge in box], dark)
    shadow = shadow.filter(ImageFilter.GaussianBlur(side * 0.035 / _COARSER)).resize(image.size)
    image.paste(Image.composite(Image.new("RGB", image.size, (58, 40, 30)), image, shadow))
    image.paste(thing, (left, top), thing)


def _shipped(name: str) -> Image.Image:
    """A picture of the interface's set without its margin."""
    path = files("wuyou.surfaces.ui") / "static" / "ui" / "dist" / "pictures" / f"{name}.webp"
    with path.open("rb") as file:
        thing = Image.open(file).convert("RGBA")
    return thing.crop(thing.getchannel("A").getbbox())


def _shaded(colour: Colour, size: tuple[int, int], above: float, below: float) -> Image.Image:
    """A plain that is lighter or darker towards its foot."""
    first, last = (Image.new("RGB", size, _scaled(colour, part)) for part in (above, below))
    return Image.composite(last, first, Image.linear_gradient("L").resize(size))


def _toned(image: Image.Image) -> Image.Image:
    """Darker towards the corners, with the grain of film."""
    corners = Image.radial_gradient("L").resize(image.size).point(lambda value: max(0, value - 110) * 0.55)
    dark = Image.composite(Image.new("RGB", image.size, (40, 28, 22)), image, corners)
    return ImageChops.overlay(dark, _grain())


@cache
def _grain() -> Image.Image:
    return Image.effect_noise((WIDTH, HEIGHT), 4.5).convert("RGB")


def _scaled(colour: Colour, by: float) -> Colour:
    red, green, blue = (min(255, int(part * by)) for part in colour)
    return red, green, blue
