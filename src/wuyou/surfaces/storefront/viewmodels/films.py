"""Films as pages show them: where they play from, the picture that stands for them, and moments as people read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from wuyou.domains.content.types import Post, Video
from wuyou.infra.films import FILM, PLAYLIST
from wuyou.surfaces.storefront.taken import TakenFilm
from wuyou.surfaces.storefront.viewmodels import covers
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.ui.hrefs import href

_TYPED = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,4})(?:[.,]([0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class FilmShown:
    """A film on a page."""

    href: str
    """As one file."""
    stream_href: str
    """In pieces; empty where it is not kept so."""
    cover: Cover | None
    """The picture that stands for it."""
    width: int
    height: int
    duration_ms: int
    length: str
    """As people read it."""


def href_of(post_id: int) -> str:
    """The film of a post as one file."""
    return href("storefront:post-film", post_id, FILM)


def of_post(post: Post) -> FilmShown | None:
    """The film of a post that the viewer sees. Cost: none."""
    film = post.video
    if film is None:
        return None
    stream = href("storefront:post-film", post.id, PLAYLIST) if film.has_stream else ""
    return FilmShown(
        href_of(post.id),
        stream,
        covers.of_post_photo(film.poster, post.title),
        film.width,
        film.height,
        film.duration_ms,
        clock(film.duration_ms),
    )


def of_composer(film: Video | TakenFilm, post_id: int | None, cover: Cover | None) -> FilmShown:
    """A film that is being written about: one that waits, or that of the post. Cost: none."""
    if isinstance(film, TakenFilm):
        waiting, of = f"{href('storefront:waiting-film')}?{urlencode({'film': film.token})}", film.film
        return FilmShown(waiting, "", cover, of.width, of.height, of.duration_ms, clock(of.duration_ms))
    return FilmShown(
        href_of(post_id or 0), "", cover, film.width, film.height, film.duration_ms, clock(film.duration_ms)
    )


def clock(ms: int) -> str:
    """A length or a moment of a film as people read it: 65,400 is `1:05`."""
    minutes, seconds = divmod(ms // 1000, 60)
    return f"{minutes}:{seconds:02d}"


def typed(ms: int | None) -> str:
    """A moment as a field for seconds has it: 65,400 is `65.4`."""
    return "" if ms is None else f"{ms / 1000:g}"


def read(text: str) -> int | None:
    """The milliseconds that were typed as `65.4` or `1:05.4`; None for nothing. Raises `ValueError`."""
    if not text.strip():
        return None
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    minutes, seconds, part = found.groups()
    return (int(minutes or 0) * 60 + int(seconds)) * 1000 + int((part or "0").ljust(3, "0"))
