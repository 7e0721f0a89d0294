"""The drawing of the demo world's keyboard: seen from above at an angle, its layers lifted off each other.

It is drawn here, stroke by stroke, and is the project's own.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1600, 1480
_FINER = 2
"""Drawn so many times larger and made smaller then: edges become smooth."""
_INK = (70, 62, 56)
_PAPER = (250, 246, 239)
_UNIT = 19.0
"""Of the keys' grid, in millimetres."""
_DEPTH, _ACROSS = 5 * _UNIT, 16 * _UNIT
_ROWS = (
    (1,) * 14 + (2,),
    (1.5,) + (1,) * 12 + (1.5, 1),
    (1.75,) + (1,) * 11 + (2.25, 1),
    (2.25,) + (1,) * 10 + (1.75, 1, 1),
    (1.25, 1.25, 1.25, 6.25, 1, 1, 1, 1, 1, 1),
)
"""Widths of the keys, row by row from the back: sixty-eight of them."""

Colour = tuple[int, int, int]
Point = tuple[float, float]


def draw_keyboard() -> bytes:
    """The drawing as PNG: from below, feet, case, board with sockets and port, foam, plate with switches, keycaps."""
    sheet = _Sheet()
    for x, y in ((18, 6), (18, _DEPTH - 14), (_ACROSS - 36, 6), (_ACROSS - 36, _DEPTH - 14)):
        sheet.box((x, y, -64), (18, 8, 5), (96, 88, 82))
    sheet.box((-6, -6, -46), (_ACROSS + 12, _DEPTH + 12, 16), (222, 214, 202))
    sheet.box((0, 0, -30), (_ACROSS, _DEPTH, 0.5), (188, 178, 166))
    sheet.box((0, 0, 8), (_ACROSS, _DEPTH, 2), (60, 122, 100))
    for x, y, width in _keys():
        sheet.box((x + width / 2 - 4, y + 6, 10), (8, 6, 1.5), (214, 186, 120))
    sheet.box((-4, 34, 10), (12, 14, 5), (190, 190, 194))
    sheet.box((2, 2, 46), (_ACROSS - 4, _DEPTH - 4, 4), (92, 86, 82))
    sheet.box((0, 0, 86), (_ACROSS, _DEPTH, 2), (206, 208, 210))
    for x, y, width in _keys():
        sheet.box((x + width / 2 - 6.5, y + 3, 88), (13, 13, 7), (238, 232, 222))
        sheet.box((x + width / 2 - 2, y + 7.5, 95), (4, 4, 4), (196, 92, 66))
    for x, y, width in _keys():
        is_accent = width == 2.25 * _UNIT
        sheet.box((x + 1, y + 1, 136), (width - 2, _UNIT - 2, 8), (200, 55, 27) if is_accent else (253, 250, 244))
    return sheet.png()


def _keys() -> Iterator[tuple[float, float, float]]:
    """Left side, back side and width of every key, in millimetres; what is nearer comes later."""
    for row, widths in enumerate(_ROWS):
        x = sum(widths)
        for width in reversed(widths):
            x -= width
            yield x * _UNIT, row * _UNIT, width * _UNIT


class _Sheet:
    """Boxes of millimetres on paper: x goes to the right, y to the front, z up."""

    def __init__(self) -> None:
        self._image = Image.new("RGB", (WIDTH * _FINER, HEIGHT * _FINER), _PAPER)
        self._pen = ImageDraw.Draw(self._image)

    def box(self, at: tuple[float, float, float], size: tuple[float, float, float], colour: Colour) -> None:
        """A box with its three sides that are seen."""
        (x, y, z), (width, depth, height) = at, size
        top = [self._place(x + dx * width, y + dy * depth, z + height) for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1))]
        foot = [self._place(x + dx * width, y + dy * depth, z) for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1))]
        self._face([top[3], top[2], foot[2], foot[3]], _shade(colour, 0.82))
        self._face([top[0], top[3], foot[3], foot[0]], _shade(colour, 0.68))
        self._face(top, colour)

    def png(self) -> bytes:
        """The sheet as a file."""
        written = io.BytesIO()
        self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(written, "PNG", optimize=True)
        return written.getvalue()

    def _place(self, x: float, y: float, z: float) -> Point:
        return 165 + x * 3.35 + y * 2.6, 900 + y * 2.6 - x * 0.62 - z * 4.6

    def _face(self, corners: Sequence[Point], colour: Colour) -> None:
        scaled = [(x * _FINER, y * _FINER) for x, y in corners]
        self._pen.polygon(scaled, colour)
        self._pen.line([*scaled, scaled[0]], _INK, _FINER)


def _shade(colour: Colour, by: float) -> Colour:
    red, green, blue = (int(part * by) for part in colour)
    return red, green, blue
