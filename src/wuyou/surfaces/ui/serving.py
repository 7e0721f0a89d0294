"""Pictures and films of people: taken in from a form, and served to who may see what they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponseNotModified
from django.http.response import HttpResponseBase

from wuyou.infra import films, pictures
from wuyou.kernel import tokens
from wuyou.surfaces.ui.ranges import serve_parts


def take_in(files: Sequence[UploadedFile[bytes]]) -> list[pictures.Picture]:
    """The pictures that a form sent, taken in before any transaction; nothing is decoded when one has too many bytes.

    Raises: `pictures.PictureRefused` and what derives from it.
    """
    for file in files:
        pictures.check_size(file.size or 0)
    return [pictures.take_in(file.read()) for file in files]


def take_in_film(file: UploadedFile[bytes]) -> films.Film:
    """The film that a form sent, taken in before any transaction.

    Raises: `films.FilmRefused` and what derives from it.
    """
    return films.take_in(file, file.size or 0)


def serve(request: HttpRequest, key: str, width: int) -> HttpResponseBase:
    """A picture's rendition, kept by nobody but its reader's browser, which asks again each time.

    The view has asked for the viewer's sight of it before. What is wider than any rendition is not found.
    Cost: one file; none when the browser has it.
    """
    if width > pictures.WIDTHS[-1]:
        raise Http404
    widths = pictures.widths_of(key)
    chosen = next((each for each in widths if each >= width), widths[-1])
    tag = f'"{tokens.digest(f"{key}/{chosen}")[:24]}"'
    answer: HttpResponseBase
    if request.headers.get("If-None-Match") == tag:
        answer = HttpResponseNotModified()
    else:
        try:
            answer = FileResponse(pictures.open_rendition(key, chosen), content_type=pictures.MEDIA_TYPE)
        except FileNotFoundError as error:  # removed at this very moment
            raise Http404 from error
    answer["ETag"] = tag
    return _for_its_reader(answer)


def serve_film(request: HttpRequest, key: str, name: str) -> HttpResponseBase:
    """A film by parts, the list of its pieces, or a piece; as `serve`, each part is asked for again."""
    tag = f'"{tokens.digest(f"{key}/{name}")[:24]}"'
    try:
        answer = serve_parts(
            request, partial(films.open_part, key, name), tag=tag, media_type=films.media_type_of(name)
        )
    except FileNotFoundError as error:  # it is not kept in pieces, or was removed at this very moment
        raise Http404 from error
    return _for_its_reader(answer, "default-src 'none'; media-src 'self'")


def _for_its_reader(answer: HttpResponseBase, policy: str = "default-src 'none'") -> HttpResponseBase:
    answer["Cache-Control"] = "private, no-cache"
    answer["Vary"] = "Cookie"
    answer["Content-Security-Policy"] = policy
    return answer
