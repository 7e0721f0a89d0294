"""Films of people: made anew without what they tell, playable from their beginning, and hostile ones refused whole."""

from __future__ import annotations

import io
import re
import struct
import time
from typing import IO

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from tests.builders import films as builder
from tests.builders.films import box, image_at, make_film, opened, outermost, usual_film
from tests.surfaces.storefront.conftest import footprint
from wuyou.infra import db, film_program, films, storage
from wuyou.infra.films import FILM, PLAYLIST, Film
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.usefixtures("world")

TELLING = {
    "location": "+31.2304+121.4737/",
    "com.apple.quicktime.location.ISO6709": "+31.2304+121.4737+004.0/",
    "artist": "Lin Mei",
    "comment": "at home",
    "handler_name": "Lin Mei's phone",
}


def take(content: bytes) -> Film:
    return films.take_in(io.BytesIO(content), len(content))


def read(film: Film, name: str = FILM) -> bytes:
    with films.open_part(film.key, name) as file:
        return file.read()


def is_refused(content: bytes, why: type[films.FilmRefused] = films.FilmRefused) -> None:
    """Refused by name, and nothing of it is anywhere."""
    before = footprint()
    with pytest.raises(films.FilmRefused) as refused:
        take(content)
    assert type(refused.value) is why
    assert footprint() == before


def test_film_is_kept_with_its_facts_and_plays_from_its_beginning() -> None:
    came = usual_film(2.0, "aac")
    assert [name for name, *_ in outermost(came)].index(b"moov") > [name for name, *_ in outermost(came)].index(b"mdat")

    film = take(came)

    kept = read(film)
    names = [name for name, *_ in outermost(kept)]
    assert names.index(b"moov") < names.index(b"mdat")
    assert (film.width, film.height, film.size_bytes, film.has_stream) == (160, 120, len(kept), False)
    assert abs(film.duration_ms - 2_000) <= 100
    with opened(kept) as again:
        assert [stream.type for stream in again.streams] == ["video", "audio"]
    with opened(came) as first, opened(kept) as again:
        assert [bytes(frame.to_ndarray()) for frame in first.decode(video=0)] == [
            bytes(frame.to_ndarray()) for frame in again.decode(video=0)
        ]


def test_nothing_that_tells_of_place_or_person_is_kept() -> None:
    came = make_film(1, kind="mov", metadata=TELLING, movflags="use_metadata_tags")
    for word in TELLING.values():
        assert word.encode() in came
    # What lies in boxes of its own, and behind the end of the film.
    hidden = box(b"uuid", bytes(16) + b"<x:xmpmeta>Lin Mei</x:xmpmeta>") + box(b"free", b"31.2304,121.4737")

    kept = read(take(came + hidden))

    for word in (*TELLING.values(), "31.2304", "Lin Mei", "xmpmeta"):
        assert word.encode() not in kept
    with opened(kept) as film:
        assert film.metadata.keys() <= {"major_brand", "minor_version", "compatible_brands"}
        assert "Lin" not in str([stream.metadata for stream in film.streams])


def test_notes_of_a_camera_between_the_pictures_are_not_kept() -> None:
    # The encoder writes its own settings as such a note (SEI, unregistered user data), where others write the place.
    came = make_film(1)
    assert b"x264 - core" in came
    assert b"x264 - core" not in read(take(came))


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_turned_film_is_told_and_shown_upright(turned: int) -> None:
    film = take(make_film(1, 160, 96, turned=turned))

    assert (film.width, film.height) == ((160, 96) if turned == 180 else (96, 160))
    with opened(read(film)) as again:  # a player turns it still
        assert abs(next(again.decode(video=0)).rotation) in (turned, 360 - turned)


@pytest.mark.parametrize("kind", ["mp4", "mov"])
@pytest.mark.parametrize("movflags", ["faststart", "frag_keyframe+empty_moov", "frag_keyframe+default_base_moof"])
def test_every_order_of_boxes_becomes_the_same(kind: str, movflags: str) -> None:
    film = take(make_film(2, kind=kind, movflags=movflags))

    names = [name for name, *_ in outermost(read(film))]
    assert (names[0], names.count(b"moov"), b"moof" in names) == (b"ftyp", 1, False)
    assert names.index(b"moov") < names.index(b"mdat")
    assert abs(film.duration_ms - 2_000) <= 100


def test_longer_film_is_kept_in_pieces_that_make_the_whole() -> None:
    film = take(usual_film(9.0))

    assert film.has_stream
    listed = read(film, PLAYLIST).decode()
    assert "#EXT-X-ENDLIST" in listed
    assert re.search(r'#EXT-X-MAP:URI="head.mp4"', listed)
    pieces = re.findall(r"^\d+\.m4s$", listed, re.MULTILINE)
    assert len(pieces) >= 2
    whole = read(film, "head.mp4") + b"".join(read(film, piece) for piece in pieces)
    with opened(whole) as streamed, opened(read(film)) as plain:
        assert [bytes(frame.to_ndarray()) for frame in streamed.decode(video=0)] == [
            bytes(frame.to_ndarray()) for frame in plain.decode(video=0)
        ]


def test_picture_of_a_moment_is_that_of_the_film() -> None:
    came = usual_film(2.0)
    film = take(came)
    for at_ms, place in ((0, 0), (950, 10), (1_500, 15), (99_000, 19)):
        shown = io.BytesIO(films.frame_of(film.key, at_ms))
        from PIL import Image, ImageChops

        difference = ImageChops.difference(Image.open(shown).convert("RGB"), image_at(came, place))
        assert max(high for _, high in difference.getextrema()) < 24, at_ms


def test_film_that_nobody_wants_goes_with_all_its_files() -> None:
    film = take(usual_film(9.0))
    db.in_transaction(lambda: storage.discard([film.key]))
    assert storage.remove_discarded(utc_now()) == 1
    for name in (FILM, PLAYLIST, "head.mp4", "0.m4s"):
        with pytest.raises(FileNotFoundError):
            films.open_part(film.key, name)


def _with_moov(change: bytes, to: bytes) -> bytes:
    came = usual_film(1.0)
    assert change in came
    return came.replace(change, to)


def _elsewhere() -> bytes:
    """Its data lie in another file: the flag that says «in this one» is gone, and an address stands there."""
    came = usual_film(1.0)
    at = came.index(b"url \0\0\0\x01")
    return came[:at] + b"url \0\0\0\0" + came[at + 8 :]


def _claims(length: int) -> bytes:
    return box(b"ftyp", b"isomiso2") + struct.pack(">I4sQ", 1, b"moov", length) + bytes(64)


def _nested(depth: int) -> bytes:
    inner = box(b"trak")
    for _ in range(depth):
        inner = box(b"trak", inner)
    return box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov", inner) + box(b"mdat", b"x")


def _bomb(count: int) -> bytes:
    """A table of samples of one size says in four bytes that there are so many."""
    came = bytearray(usual_film(1.0))
    at = came.index(b"stsz")
    came[at + 8 : at + 16] = struct.pack(">II", 1, count)
    at = came.index(b"stts")
    came[at + 8 : at + 20] = struct.pack(">III", 1, count, 1)
    return bytes(came)


HOSTILE = {
    "nothing": b"",
    "one byte": b"\0",
    "page": b"<!doctype html><script>alert(1)</script>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "list of pieces elsewhere": b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "only a beginning": box(b"ftyp", b"isom\0\0\2\0isom"),
    "no head": box(b"ftyp", b"isom\0\0\2\0isom") + box(b"mdat", bytes(100)),
    "empty head": box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov") + box(b"mdat", bytes(100)),
    "a box of 2^63 bytes": _claims(2**63),
    "a box of 2^64 - 1 bytes": _claims(2**64 - 1),
    "a box of nothing for ever": box(b"ftyp", b"isom\0\0\2\0isom") + struct.pack(">I4s", 4, b"moov") * 100,
    "boxes within boxes": _nested(50_000),
    "a hundred thousand boxes": box(b"ftyp", b"isom\0\0\2\0isom") + box(b"free") * 100_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_film_is_refused_quickly_and_leaves_nothing(content: bytes) -> None:
    began = time.monotonic()
    is_refused(content)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("count", [10_000_000, 2**31 - 1, 2**32 - 1])
def test_table_that_claims_too_many_samples_is_refused_within_bounded_memory(count: int) -> None:
    is_refused(_bomb(count))


def test_film_whose_data_lie_elsewhere_is_refused() -> None:
    is_refused(_elsewhere())


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.999])
def test_film_that_ends_too_early_is_refused(part: float) -> None:
    content = usual_film(2.0)
    is_refused(content[: int(len(content) * part)])


def test_sound_alone_and_two_pictures_are_refused() -> None:
    from fractions import Fraction

    import av

    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        streams = [container.add_stream("libx264", rate=10) for _ in range(2)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for stream in streams:
            for place in range(5):
                frame = av.VideoFrame(64, 64, "yuv420p")
                frame.pts, frame.time_base = place, Fraction(1, 10)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
    is_refused(written.getvalue())
    sound = io.BytesIO()
    with av.open(sound, "w", format="mp4") as container:
        builder._sound(container, container.add_stream("aac", rate=48_000), 1)
    is_refused(sound.getvalue())


def test_film_that_browsers_cannot_play_is_refused_by_name() -> None:
    is_refused(make_film(1, codec="mpeg4"), films.FilmUnplayable)


def test_bounds_are_those_of_the_installation(settings: Settings) -> None:
    content = usual_film(2.0)
    settings.FILM_MAX_SECONDS = 1
    is_refused(content, films.FilmTooLong)
    settings.FILM_MAX_SECONDS = 180
    settings.FILM_MAX_BYTES = len(content) - 1
    is_refused(content, films.FilmTooLarge)
    settings.FILM_MAX_BYTES = len(content)
    assert take(content).width == 160


def test_film_with_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "MAX_PIXELS", 160 * 120 - 1)
    is_refused(usual_film(1.0), films.FilmTooWide)


def test_file_that_claims_too_much_is_refused_before_it_is_read() -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("read")

    before = footprint()
    with pytest.raises(films.FilmTooLarge):
        films.take_in(Unread(), 10_000_000_000)
    assert footprint() == before


def test_program_that_runs_wild_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "_PATIENCE_S", 0.01)
    is_refused(usual_film(1.0))


def test_film_that_would_wait_too_long_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "_WAIT_S", 0.05)
    content, before = usual_film(1.0), footprint()
    with films._AT_ONCE, films._AT_ONCE, pytest.raises(films.FilmsBusy):
        take(content)
    assert footprint() == before
    assert take(content).width == 160


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (box(b"ftyp", b"isom") + box(b"moov"), [b"ftyp", b"moov"]),
        (struct.pack(">I4sQ", 1, b"mdat", 20) + bytes(4), [b"mdat"]),
        (box(b"ftyp") + struct.pack(">I4s", 0, b"mdat") + bytes(9), [b"ftyp", b"mdat"]),
    ],
)
def test_boxes_are_read_by_their_sizes(content: bytes, names: list[bytes]) -> None:
    file: IO[bytes] = io.BytesIO(content)
    assert [name for name, _ in film_program.boxes(file, len(content))] == names


@given(content=st.binary(max_size=400) | st.lists(st.tuples(st.integers(0, 70), st.binary(max_size=60))).map(
    lambda parts: b"".join(struct.pack(">I", size) + body for size, body in parts)
))  # fmt: skip
def test_walk_over_boxes_covers_a_file_exactly_or_refuses_it(content: bytes) -> None:
    try:
        found = list(film_program.boxes(io.BytesIO(content), len(content)))
    except film_program.Refused:
        return
    assert sum(length for _, length in found) == len(content)
    assert all(length >= 8 for _, length in found)


@settings_of(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12),
    is_in_head=st.booleans(),
)
def test_damaged_film_is_taken_as_a_film_or_refused(changes: list[tuple[float, int]], is_in_head: bool) -> None:
    content = bytearray(usual_film(1.0))
    first = content.index(b"moov") if is_in_head else 0
    for place, value in changes:
        content[first + int(place * (len(content) - first))] = value
    before = footprint()
    try:
        film = take(bytes(content))
    except films.FilmRefused:
        assert footprint() == before
    else:
        with opened(read(film)) as again:
            assert len(again.streams.video) == 1
        assert (film.width > 0, film.height > 0, 0 < film.duration_ms <= 180_000) == (True, True, True)
