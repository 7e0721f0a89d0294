"""What several operations share: the film of a post, and the picture that stands for it."""

from __future__ import annotations

from wuyou.domains.content import errors, rules
from wuyou.domains.content.types import Filmed
from wuyou.infra import db, storage


def length_of(post_id: int) -> int | None:
    """So many milliseconds the film of a post takes; None where there is none."""
    found = db.row("SELECT duration_ms FROM content_video WHERE post_id = %s", [post_id])
    return int(found[0]) if found else None


def put_film(post_id: int, filmed: Filmed) -> None:
    """A post that is locked, or new, shows this from now on; what it showed before goes with its files.

    Raises: `FilmNotFound` for another picture of a film that is not there, `storage.FileGone`. Locks: the files by key.
    """
    film, poster = filmed.film, filmed.poster
    storage.keep([poster.key, *([film.key] if film else [])])
    there = db.row(
        """
        SELECT v.key, f.id, f.key FROM content_video v JOIN content_photo f ON f.id = v.poster_id WHERE v.post_id = %s
        """,
        [post_id],
    )
    if there is None and film is None:
        raise errors.FilmNotFound()
    made = db.row(
        """
        INSERT INTO content_photo (post_id, key, position, width, height, blurhash, phash)
        VALUES (%s, %s, 0, %s, %s, %s, %s) RETURNING id
        """,
        [post_id, poster.key, poster.width, poster.height, poster.blurhash, poster.phash],
    )
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    if film is None:
        db.execute("UPDATE content_video SET poster_id = %s WHERE post_id = %s", [made[0], post_id])
    else:
        db.execute(
            """
            INSERT INTO content_video (post_id, poster_id, key, duration_ms, width, height, size_bytes, has_stream)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (post_id) DO UPDATE SET poster_id = excluded.poster_id, key = excluded.key,
                duration_ms = excluded.duration_ms, width = excluded.width, height = excluded.height,
                size_bytes = excluded.size_bytes, has_stream = excluded.has_stream
            """,
            [post_id, made[0], film.key, film.duration_ms, film.width, film.height, film.size_bytes, film.has_stream],
        )
    if there is not None:
        film_key, poster_id, poster_key = there
        db.execute("DELETE FROM content_photo WHERE id = %s", [poster_id])
        storage.discard([poster_key, *([film_key] if film else [])])


def check_moments(post_id: int, film_ms: int) -> None:
    """That everything that comes into view in a film does so before it is over. Raises `TagMalformed`."""
    for (from_ms,) in db.rows("SELECT from_ms FROM content_tag WHERE post_id = %s", [post_id]):
        rules.check_moment_in_film(film_ms, from_ms)
