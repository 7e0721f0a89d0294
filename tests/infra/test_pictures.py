"""A picture is taken in clean, small and upright, or not at all."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin
from pytest_django.fixtures import Settings

from tests.builders.pictures import GPS, ORIENTATION, claim_png, encode, make_image, make_photo
from wuyou.infra import db, pictures

pytestmark = pytest.mark.django_db

PLACE = "Hangzhou-30.2741N"


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def stored(media: Path) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def rendition(picture: pictures.Picture, width: int = 1600) -> Image.Image:
    with pictures.open_rendition(picture.key, width) as file:
        image = Image.open(io.BytesIO(file.read()))
        image.load()
        return image


def bits(one: pictures.Picture, other: pictures.Picture) -> int:
    return ((one.phash ^ other.phash) & (1 << 64) - 1).bit_count()


def test_picture_is_kept_at_a_few_widths_as_webp(media: Path) -> None:
    picture = pictures.take_in(make_photo(2000, 1500))

    assert stored(media) == ["160.webp", "1600.webp", "480.webp", "960.webp"]
    assert (picture.width, picture.height) == (1600, 1200)
    assert picture.size_bytes == sum(path.stat().st_size for path in media.rglob("*.webp"))
    assert 20 < len(picture.blurhash) < 40
    assert -(1 << 63) <= picture.phash < 1 << 63
    image = rendition(picture, 400)
    assert (image.format, image.size) == ("WEBP", (480, 360))


def test_picture_is_never_enlarged(media: Path) -> None:
    picture = pictures.take_in(make_photo(300, 200))

    assert stored(media) == ["160.webp", "300.webp"]
    assert rendition(picture, 1600).size == (300, 200)
    assert pictures.widths_of(picture.key) == (160, 300)


def test_very_tall_picture_becomes_narrower_instead_of_endless() -> None:
    picture = pictures.take_in(encode(make_image(100, 19_000), "PNG"))
    assert (picture.width, picture.height) == (34, 6400)
    assert rendition(picture, 160).height <= 640


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_formats_of_telephones_are_read(kind: str) -> None:
    one = pictures.take_in(make_photo())
    other = pictures.take_in(encode(make_image(), kind))
    assert bits(one, other) <= 4


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_of_pixels_is_read(mode: str) -> None:
    image = make_image(200, 200)
    image = Image.new("I;16", (200, 200), 40_000) if mode == "I;16" else image.convert(mode)
    picture = pictures.take_in(encode(image, "JPEG" if mode == "CMYK" else "PNG"))
    assert rendition(picture).size == (200, 200)


def test_sixteen_bits_of_grey_keep_their_brightness() -> None:
    picture = pictures.take_in(encode(Image.new("I;16", (64, 64), 128 * 256), "PNG"))
    assert abs(rendition(picture).convert("L").getpixel((30, 30)) - 128) <= 4


def test_picture_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    lying = pictures.take_in(encode(make_image(600, 300), exif=exif))
    upright = pictures.take_in(encode(make_image(600, 300).transpose(Image.Transpose.ROTATE_270)))

    assert (lying.width, lying.height) == (300, 600)
    assert bits(lying, upright) <= 4


def test_nothing_that_came_with_a_photo_is_kept(media: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x013B] = "Seagull", "A. Jiu"
    exif.get_ifd(GPS).update({1: "N", 2: (30.0, 16.0, 26.8), 3: "E", 4: (120.0, 9.0, 18.4)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = f"<x:xmpmeta><rdf exif:GPSLatitude='{PLACE}'/></x:xmpmeta>".encode()
    sent = encode(make_image(), exif=exif, xmp=xmp, comment=PLACE, icc_profile=profile + PLACE.encode(), dpi=(300, 300))
    sent += b"PK\x03\x04<script>alert(1)</script>" + PLACE.encode()
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(GPS)
    assert sent.count(PLACE.encode()) == 4

    picture = pictures.take_in(sent)

    for path in media.rglob("*.webp"):
        content = path.read_bytes()
        assert not any(
            mark in content for mark in (b"EXIF", b"XMP ", b"ICCP", b"Seagull", b"Jiu", b"<script", b"PK\x03")
        )
        assert PLACE.encode() not in content
    image = rendition(picture)
    assert not image.getexif()
    assert set(image.info) <= {"loop", "background", "timestamp", "duration"}


def test_texts_of_a_png_are_not_kept(media: Path) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", PLACE)
    texts.add_text("Location", PLACE, zip=True)
    pictures.take_in(encode(make_image(), "PNG", pnginfo=texts))
    assert not any(PLACE.encode() in path.read_bytes() for path in media.rglob("*.webp"))


def test_look_is_known_again_after_a_change_of_size_and_quality_only() -> None:
    one = pictures.take_in(make_photo(1200, 900, seed=1))
    again = pictures.take_in(encode(make_image(1200, 900, seed=1).resize((500, 375)), quality=40))
    other = pictures.take_in(make_photo(1200, 900, seed=2))

    assert bits(one, again) <= 6
    assert bits(one, other) > 16


HOSTILE = {
    "nothing": b"",
    "text": b"not a picture at all",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>',
    "svg with a declaration": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "a">]><svg>&a;</svg>',
    "page": b"<!doctype html><script>alert(1)</script>",
    "gif": encode(make_image(40, 40).convert("P"), "GIF"),
    "gif bomb": b"GIF89a\xff\xff\xff\xff\x80\x00\x00"
    + bytes(6)
    + b","
    + bytes(4)
    + b"\xff\xff\xff\xff\x00\x02\x01\x00;",
    "gif that is also a script": b"GIF89a=1;alert(1)//" + bytes(400),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
    "tiff": encode(make_image(40, 40), "TIFF"),
    "bmp": encode(make_image(40, 40), "BMP"),
    "pdf": encode(make_image(40, 40), "PDF"),
    "zip": b"PK\x03\x04" + bytes(200),
    "head of a jpeg": make_photo()[:400],
    "half a jpeg": make_photo()[:8_000],
    "half a png": encode(make_image(), "PNG")[:9_000],
    "half a webp": encode(make_image(), "WEBP")[:1_000],
    "half a heic": encode(make_image(), "HEIF")[:1_500],
    "moving webp": encode(make_image(40, 40), "WEBP", save_all=True, append_images=[make_image(40, 40, 2)]),
    "moving png": encode(make_image(40, 40), "PNG", save_all=True, append_images=[make_image(40, 40, 2)]),
    "png without pixels": claim_png(300, 300),
    "claims no width": claim_png(0, 10),
    "claims 10 GB": claim_png(60_000, 60_000),
    "claims a long line": claim_png(20_001, 1),
    "claims the largest sides": claim_png(2**31 - 1, 2**31 - 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_and_leaves_nothing(name: str, media: Path) -> None:
    with pytest.raises(pictures.PictureRefused):
        pictures.take_in(HOSTILE[name])
    assert stored(media) == []
    assert db.row("SELECT count(*) FROM stored_file") == (0,)


@pytest.mark.parametrize("sides", [(60_000, 60_000), (20_001, 1), (9_000, 9_000)])
def test_claim_is_refused_before_a_pixel_is_decoded(sides: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    def load(self: Image.Image) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", load)
    with pytest.raises(pictures.PictureTooWide):
        pictures.take_in(claim_png(*sides))


def test_limits_are_those_of_the_installation(settings: Settings, media: Path) -> None:
    content = make_photo(200, 100)
    settings.PICTURE_MAX_PIXELS = 200 * 100 - 1
    with pytest.raises(pictures.PictureTooWide):
        pictures.take_in(content)
    settings.PICTURE_MAX_PIXELS = 200 * 100
    settings.PICTURE_MAX_BYTES = len(content) - 1
    with pytest.raises(pictures.PictureTooLarge):
        pictures.take_in(content)
    assert stored(media) == []
    settings.PICTURE_MAX_BYTES = len(content)
    assert pictures.take_in(content).width == 200


_FILES = [make_photo(64, 48), *(encode(make_image(64, 48), kind) for kind in ("PNG", "WEBP", "HEIF"))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file=st.sampled_from(_FILES),
    changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=12),
    cut=st.integers(0, 200),
)
def test_damaged_file_is_taken_in_whole_or_refused(file: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    damaged = bytearray(file[: len(file) - cut] if cut < 20 else file)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    before = db.row("SELECT count(*) FROM stored_file")
    try:
        picture = pictures.take_in(bytes(damaged))
    except pictures.PictureRefused:
        assert db.row("SELECT count(*) FROM stored_file") == before
    else:
        assert rendition(picture).size == (picture.width, picture.height)
