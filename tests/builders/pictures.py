"""Photographs for tests, made on the spot."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from wuyou.surfaces import ui

GPS = 0x8825
ORIENTATION = 0x0112


def make_image(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """A soft landscape of random hills; the same for the same seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def encode(image: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    """The file of an image."""
    written = io.BytesIO()
    image.save(written, kind, **how)
    return written.getvalue()


def make_photo(width: int = 640, height: int = 480, seed: int = 1) -> bytes:
    """A JPEG as a telephone makes it."""
    return encode(make_image(width, height, seed), quality=90)


def alter(content: bytes, *, cut: float = 0.04, light: float = 1.2, quality: int = 60) -> bytes:
    """The same picture as it comes back: cut by so much of each side, in another light, compressed again, on white."""
    with Image.open(io.BytesIO(content)) as opened:
        ground = Image.new("RGBA", opened.size, "white")
        image = Image.alpha_composite(ground, opened.convert("RGBA")).convert("RGB")
    across, down = round(image.width * cut), round(image.height * cut)
    image = image.crop((across, down, image.width - across, image.height - down))
    return encode(ImageEnhance.Brightness(image).enhance(light), quality=quality)


def shipped(name: str) -> bytes:
    """A picture of the interface's set."""
    return (Path(ui.__file__).parent / "static" / "ui" / "dist" / "pictures" / f"{name}.webp").read_bytes()


def claim_png(width: int, height: int) -> bytes:
    """A small PNG whose head claims these sides."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")
