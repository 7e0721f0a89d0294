"""Pictures of people: what comes in is decoded under bounds, cleaned, and kept as new pictures of a few widths.

Nothing of the file that was sent is kept: no metadata (place, camera, owner, preview), nothing hidden behind its end.
The colours alone of its profile are carried over, into sRGB. A picture's key ends with the width of its largest
rendition, so that whoever has the key knows which there are (docs/adr/0015).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

import blurhash
import pillow_heif
from django.conf import settings
from PIL import Image, ImageCms, ImageOps

from wuyou.infra import db, storage
from wuyou.kernel.errors import DomainError

pillow_heif.register_heif_opener(thumbnails=False)

WIDTHS = (160, 480, 960, 1600)
"""Of the renditions, in pixels; a picture is never enlarged."""
MEDIA_TYPE = "image/webp"
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
_MAX_SIDE = 20_000
_MAX_TALLNESS = 4
"""A rendition is at most so many times as high as its width says; what is taller becomes narrower."""
_QUALITY = 82
ALIKE = 11
"""Pictures look alike whose hashes differ in at most so many of 64 bits. Another size, quality or light of the same
picture stays below ten; two pictures that have nothing to do with each other differ in about 32."""
_BLURRED = 32
"""So wide is a picture of which a blurred preview is made: of four waves across, more is not seen."""
_FRAMES = (-0.1, -0.05, 0.05, 0.1)
"""A picture that is looked for is also framed so much closer or wider, of its sides: a hash changes with the frame."""
_SRGB = ImageCms.createProfile("sRGB")


class PictureRefused(DomainError):
    """The file is not a still picture in JPEG, PNG, WebP or HEIC that can be read to its end."""

    code = "pictures.unreadable"


class PictureTooLarge(PictureRefused):
    """The file has more bytes than this installation takes. Facts: megabytes."""

    code = "pictures.too_large"


class PictureTooWide(PictureRefused):
    """The picture has more pixels than this installation takes, or a side above 20,000. Facts: megapixels."""

    code = "pictures.too_wide"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was taken in. A row that refers to its key keeps it (`storage.keep`)."""

    key: str
    width: int
    height: int
    """Of the largest rendition."""
    size_bytes: int
    """Of all renditions."""
    blurhash: str
    """Some thirty characters from which a blurred preview is drawn (blurha.sh)."""
    phash: int
    """64 bits, signed; pictures that look alike differ in few of them."""


@db.outside_transaction
def take_in(content: bytes) -> Picture:
    """Read, clean and store a picture. Nothing is stored when it is refused.

    Raises: `PictureRefused`, `PictureTooLarge`, `PictureTooWide`.
    Cost: some 100 to 300 ms of one core for a photo of a telephone; up to 4 bytes of memory a pixel.
    """
    check_size(len(content))
    image = _decode(content)
    renditions = {f"{width}.webp": _webp(image, width) for width in _widths(image.width)}
    small = _on_white(_fit(image, _BLURRED))
    width, height = _box(image, WIDTHS[-1])
    picture_hash = _phash(_on_white(_fit(image, 480)))
    across, down = (4, 3) if small.width >= small.height else (3, 4)
    blurred = blurhash.encode(_rows(small), across, down)  # type: ignore[no-untyped-call]
    largest = _widths(image.width)[-1]
    key = storage.put(renditions, suffix=f"-{largest}")
    return Picture(key, width, height, sum(map(len, renditions.values())), blurred, picture_hash)


def check_size(size_bytes: int) -> None:
    """Refuse a file by its size, before it is read. Raises `PictureTooLarge`."""
    if size_bytes > settings.PICTURE_MAX_BYTES:
        raise PictureTooLarge(megabytes=settings.PICTURE_MAX_BYTES // 1_000_000)


def widths_of(key: str) -> tuple[int, ...]:
    """The widths of a picture's renditions, smallest first."""
    return _widths(int(key.rpartition("-")[2]))


def open_rendition(key: str, width: int) -> IO[bytes]:
    """The smallest rendition that is at least so wide, else the largest; WebP. Raises `FileNotFoundError`."""
    widths = widths_of(key)
    chosen = next((each for each in widths if each >= width), widths[-1])
    return storage.open_file(key, f"{chosen}.webp")


def looks_of(key: str) -> tuple[int, ...]:
    """Perceptual hashes of a picture that was taken in: as it is, and framed closer and wider. Cost: some 20 ms.

    A hash hardly minds light and compression, and changes with the frame: what that gains stands in
    docs/domains/things.md. Raises: `FileNotFoundError`.
    """
    with open_rendition(key, WIDTHS[0]) as file:
        image = _on_white(Image.open(file, formats=("WEBP",)))
        image.load()
    return (_phash(image), *(_phash(_framed(image, part)) for part in _FRAMES))


def look_of(content: bytes) -> int:
    """The perceptual hash of a picture of our own, as `take_in` makes it. Raises `PictureRefused`."""
    return _phash(_on_white(_decode(content)))


def distance(looks: Iterable[int], other: int) -> int:
    """In how many of 64 bits two pictures differ, in the frame in which they look most alike."""
    return min(((one ^ other) & (1 << 64) - 1).bit_count() for one in looks)


def _widths(width: int) -> tuple[int, ...]:
    return (*(each for each in WIDTHS if each < width), min(width, WIDTHS[-1]))


def _decode(content: bytes) -> Image.Image:
    """The picture, upright, in sRGB, without anything else. Raises `PictureRefused`, `PictureTooWide`."""
    try:
        # What a header claims is known before a pixel is decoded. Only these four readers are asked: formats that are
        # programs (SVG, PostScript), that animate, or that few have looked at, are not pictures here.
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            most: int = settings.PICTURE_MAX_PIXELS
            if image.width * image.height > most or max(image.size) > _MAX_SIDE:
                raise PictureTooWide(megapixels=most // 1_000_000)
            # A telephone's JPEG may hold further pictures (MPO: the same, for another screen); the first one counts.
            if image.format in {"PNG", "WEBP"} and getattr(image, "is_animated", False):
                raise PictureRefused()
            image.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))  # a JPEG is decoded no finer than is needed
            image.load()
            upright = ImageOps.exif_transpose(image)
            profile = image.info.get("icc_profile")
            box = _box(upright, WIDTHS[-1])
            plain = _plain(upright, profile)
            return plain if plain.size == box else plain.resize(box, Image.Resampling.LANCZOS, reducing_gap=3)
    except PictureRefused:
        raise
    except Image.DecompressionBombError as error:
        raise PictureTooWide(megapixels=settings.PICTURE_MAX_PIXELS // 1_000_000) from error
    except Exception as error:  # a hostile file makes decoders raise anything
        raise PictureRefused() from error


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Pixels in sRGB in a new picture, to which no metadata comes along."""
    if image.mode.startswith("I"):  # sixteen bits of grey
        image = image.point(lambda value: value / 256).convert("L")
    has_alpha = image.has_transparency_data
    if profile and image.mode in {"RGB", "RGBA", "CMYK", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode=mode)
            image = converted or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that cannot be read: its colours are taken for sRGB
    image = image.convert("RGBA" if has_alpha else "RGB")
    plain = Image.new(image.mode, image.size)
    plain.paste(image)
    return plain


def _box(image: Image.Image, width: int) -> tuple[int, int]:
    factor = min(1.0, width / image.width, width * _MAX_TALLNESS / image.height)
    return max(1, round(image.width * factor)), max(1, round(image.height * factor))


def _fit(image: Image.Image, width: int) -> Image.Image:
    box = _box(image, width)
    return image if box == image.size else image.resize(box, Image.Resampling.LANCZOS, reducing_gap=3)


def _webp(image: Image.Image, width: int) -> bytes:
    written = io.BytesIO()
    _fit(image, width).save(written, "WEBP", quality=_QUALITY, method=4)
    return written.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _rows(image: Image.Image) -> list[list[list[int]]]:
    pixels = image.tobytes()
    row = image.width * 3
    return [[list(pixels[at : at + 3]) for at in range(begin, begin + row, 3)] for begin in range(0, len(pixels), row)]


def _framed(image: Image.Image, part: float) -> Image.Image:
    """Closer, without so much of each side, or wider, with its edges drawn on."""
    import numpy as np  # of what `_phash` brings along

    across, down = round(image.width * abs(part)), round(image.height * abs(part))
    if part < 0:
        return image.crop((across, down, image.width - across, image.height - down))
    return Image.fromarray(np.pad(np.asarray(image), ((down, down), (across, across), (0, 0)), mode="edge"))


def _phash(image: Image.Image) -> int:
    import imagehash  # brings SciPy along: half a second that only uploads should pay

    number = int(str(imagehash.phash(image)), 16)
    return number - (1 << 64) if number >> 63 else number
