"""A program of its own that reads films of people with FFmpeg's libraries: nothing that they do reaches the platform.

`infra.films` starts it without an environment, in an empty folder, and reads one line of JSON: what it made, or why it
refuses. It bounds itself before it looks at the file, so a file that makes a decoder run wild ends this program alone.
Nothing of Django, and nothing of ours, is imported here (docs/adr/0029).
"""

from __future__ import annotations

import io
import json
import os
import resource
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from PIL.Image import Image

FILM, PLAYLIST, HEAD, PIECE, FRAME = "film.mp4", "stream.m3u8", "head.mp4", "%d.m4s", "frame.jpg"
UNREADABLE, UNPLAYABLE, TOO_LONG, TOO_WIDE = "unreadable", "unplayable", "too_long", "too_wide"

PIECE_S = 4
"""So long is a piece of a stream, up to the next picture that stands by itself; shorter films are none."""
_MEMORY_BYTES = 1_500_000_000
_SECONDS = 60
_MAX_BOXES = 20_000
_MAX_HEAD_BYTES = 16_000_000
"""Of `moov`: an hour of film has about three million."""
_PICTURES = {"h264", "hevc", "av1"}
_SOUNDS = {"aac", "mp3", "opus"}
_NOTES = {"h264": "filter_units=remove_types=6", "hevc": "filter_units=remove_types=39|40",
          "av1": "filter_units=remove_types=5"}  # fmt: skip
"""What cameras write between the pictures (SEI, metadata OBU): also where the car or the drone was."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is taken."""

    seconds: int
    pixels: int


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a film."""

    width: int
    height: int
    duration_ms: int
    names: tuple[str, ...]


class Refused(Exception):
    """Why a film is not taken: one of the four words."""


def main(arguments: list[str]) -> int:
    """`take FILE FOLDER BOUNDS`, or `frame FILE FOLDER MILLISECONDS`; bounds as JSON."""
    what, file, folder, more = arguments
    _bound_ourselves(Path(file).stat().st_size)
    try:
        made = _take(Path(file), Path(folder), Bounds(**json.loads(more))) if what == "take" else None
        if made is None:
            _frame(Path(file), Path(folder), int(more))
    except Refused as refused:
        print(json.dumps({"refused": str(refused)}))
    except Exception:  # noqa: BLE001  (a hostile file makes decoders raise anything)
        print(json.dumps({"refused": UNREADABLE}))
    else:
        print(json.dumps(asdict(made) if made else {}))
    return 0


def boxes(file: IO[bytes], size: int) -> Iterator[tuple[bytes, int]]:
    """The outermost boxes of an MP4, by name and size: each begins where the one before ends, and the last at the end.

    Raises: `Refused` for what is none. Cost: 16 bytes a box.
    """
    at = 0
    for _ in range(_MAX_BOXES):
        if at == size:
            return
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            break
        length, name = struct.unpack_from(">I4s", head)
        if length == 1 and len(head) == 16:
            (length,) = struct.unpack_from(">Q", head, 8)
        elif length == 0:
            length = size - at
        if not 8 <= length <= size - at:
            break
        yield name, length
        at += length
    raise Refused(UNREADABLE)


def _bound_ourselves(size: int) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, 2 * size + 20_000_000),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(kind, (most, most))
    os.nice(5)  # pages come first


def _take(path: Path, folder: Path, bounds: Bounds) -> Made:
    _check_boxes(path)
    with _opened(path) as film:
        picture, sound = _streams(film)
        if picture.codec_context.width * picture.codec_context.height > bounds.pixels:
            raise Refused(TOO_WIDE)
        if _seconds(film) > bounds.seconds:
            raise Refused(TOO_LONG)
        _copy(film, [picture, *sound], folder / FILM, "mp4", {"movflags": "+faststart", "fflags": "+bitexact"})
    # What is kept is looked at, not what came.
    with _opened(folder / FILM) as film:
        duration_ms = round(_seconds(film) * 1000)
        if not 0 < duration_ms <= bounds.seconds * 1000:
            raise Refused(TOO_LONG if duration_ms else UNREADABLE)
        width, height = _upright(next(film.decode(film.streams.video[0])), film.streams.video[0]).size
    names = [FILM]
    if duration_ms > 2 * PIECE_S * 1000:
        names += _cut(folder)
    return Made(width, height, duration_ms, tuple(names))


def _frame(path: Path, folder: Path, at_ms: int) -> None:
    """The picture that stands at this moment; of a film that ends before, its last."""
    with _opened(path) as film:
        stream = film.streams.video[0]
        film.seek(at_ms * 1000)  # to the picture by itself that comes before
        found = None
        for found in film.decode(stream):
            if found.time is not None and found.time * 1000 >= at_ms - 1:
                break
        if found is None:
            raise Refused(UNREADABLE)
        _upright(found, stream).save(folder / FRAME, "JPEG", quality=92)


def _check_boxes(path: Path) -> None:
    """Refuse what is no whole MP4 before any reader of films sees it."""
    with path.open("rb") as file:
        found, head, at = [], b"", 0
        for name, length in boxes(file, path.stat().st_size):
            found.append(name)
            if name == b"moov" and length <= _MAX_HEAD_BYTES:
                file.seek(at)
                head = file.read(length)
            at += length
    if not found or found[0] != b"ftyp" or found.count(b"moov") != 1 or not head:
        raise Refused(UNREADABLE)
    for references in _within([head], b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        # Eight bytes of version and count, then boxes of a kind, a version and flags: the last one says «in this file».
        for entry in _parts(references[8:]):
            if len(entry) < 12 or not entry[11] & 1:
                raise Refused(UNREADABLE)


def _within(bodies: Iterable[bytes], *names: bytes) -> list[bytes]:
    """What lies in these boxes in these, one in another, without the heads of the innermost."""
    if not names:
        return list(bodies)
    return _within([part[8:] for body in bodies for part in _parts(body) if part[4:8] == names[0]], *names[1:])


def _parts(body: bytes) -> list[bytes]:
    """The boxes of which something consists, each with its head. Raises: `Refused`."""
    parts, at = [], 0
    for _, length in boxes(io.BytesIO(body), len(body)):
        parts.append(body[at : at + length])
        at += length
    return parts


def _opened(path: Path) -> InputContainer:
    import av

    av.logging.set_level(None)
    # Files that a film names are never opened: no other protocol, and no references to data elsewhere.
    options = {"protocol_whitelist": "file", "enable_drefs": "0", "use_absolute_path": "0"}
    film = av.open(str(path), "r", format="mov", options=options)
    for stream in film.streams.video:
        stream.thread_count = 1
    return film


def _streams(film: InputContainer) -> tuple[VideoStream, list[Stream]]:
    """The one picture, and the first sound if there is one; texts, places and pictures within are left behind."""
    from av.stream import Disposition

    still = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
    pictures = [stream for stream in film.streams.video if not stream.disposition & still]
    if len(pictures) != 1:
        raise Refused(UNREADABLE)
    sounds = [stream for stream in film.streams.audio if stream.codec_context.name in _SOUNDS]
    if pictures[0].codec_context.name not in {*_PICTURES, "libdav1d"} or (film.streams.audio and not sounds):
        raise Refused(UNPLAYABLE)
    return pictures[0], list(sounds[:1])


def _seconds(film: InputContainer) -> float:
    return (film.duration or 0) / 1_000_000


def _copy(film: InputContainer, chosen: list[Any], to: Path, kind: str, options: Mapping[str, str]) -> None:
    """Write pictures and sound anew, as they are; nothing else that the file says comes along."""
    import av
    from av.bitstream import BitStreamFilterContext

    filters = {}
    with av.open(str(to), "w", format=kind, options=dict(options)) as written:
        goes = {}
        for stream in chosen:
            goes[stream.index] = copy = written.add_stream_from_template(stream)
            copy.metadata.clear()
            notes = _NOTES.get(stream.codec_context.codec.canonical_name) if kind == "mp4" else None
            if notes:
                filters[stream.index] = BitStreamFilterContext(notes, stream, copy)
        count = 0
        for packet in film.demux(*chosen):
            if packet.dts is None:
                continue
            index = packet.stream.index
            for part in filters[index].filter(packet) if index in filters else [packet]:
                part.stream = goes[index]
                written.mux(part)
                count += 1
        if not count:
            raise Refused(UNREADABLE)


def _cut(folder: Path) -> list[str]:
    """The film in pieces, with the list by which a player asks for them (HLS, RFC 8216); returns their names."""
    options = {
        "hls_time": str(PIECE_S),
        "hls_playlist_type": "vod",
        "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": HEAD,
        "hls_segment_filename": str(folder / PIECE),
    }
    with _opened(folder / FILM) as film:
        _copy(film, [*film.streams.video, *film.streams.audio], folder / PLAYLIST, "hls", options)
    return sorted(path.name for path in folder.iterdir() if path.name != FILM)


def _upright(frame: VideoFrame, stream: VideoStream) -> Image:
    """A frame as it is looked at: turned, and with square points."""
    image: Image = frame.to_image()  # type: ignore[no-untyped-call]
    aspect = stream.sample_aspect_ratio
    if aspect and aspect != 1:
        image = image.resize((max(1, round(image.width * aspect)), image.height))
    turned: Image = image.rotate(frame.rotation, expand=True) if frame.rotation else image
    return turned


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
