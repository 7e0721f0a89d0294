"""Photos of one's copies: added, put in order, taken off.

Locks, in this order: the copy, then its files by key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.things import copies, errors, judging, rules
from wuyou.infra import db, storage
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor


@db.requires_transaction
def add_photos(*, actor: Actor, holding_id: int, pictures: Sequence[Picture], now: datetime) -> tuple[int, ...]:
    """Put pictures that were taken in after the other photos of one's copy; the first of all stands for it.

    Whoever sees the copy sees them. A picture that is there already is not added again.
    What a rule of moderation holds closes the copy to others until staff have looked.
    Raises: `HoldingNotFound`, `TooManyPhotos`, `storage.FileGone`, and, of what others may see, what
    `moderation.screen` refuses. Locks: the copy, then the files by key, then the copy's open case.
    """
    copies.lock_own(actor, [holding_id])
    storage.keep([picture.key for picture in pictures])
    made = db.rows(
        """
        INSERT INTO things_photo (holding_id, key, position, width, height, blurhash, phash, bands, added_at)
        SELECT %s, p.key, nextval('things_position'), p.width, p.height, p.blurhash, p.phash, p.bands::int[], %s
        FROM unnest(%s::text[], %s::int[], %s::int[], %s::text[], %s::bigint[], %s::text[]) WITH ORDINALITY
             AS p (key, width, height, blurhash, phash, bands, place)
        ORDER BY place ON CONFLICT (key) DO NOTHING RETURNING id
        """,
        [holding_id, now, *_columns(pictures)],
    )
    if db.rows("SELECT 1 FROM things_photo WHERE holding_id = %s OFFSET %s LIMIT 1", [holding_id, rules.MAX_PHOTOS]):
        raise errors.TooManyPhotos(most=rules.MAX_PHOTOS)
    if made:
        judging.screen_copies(actor, [holding_id], now)
    return tuple(photo_id for (photo_id,) in made)


@db.requires_transaction
def remove_photos(*, actor: Actor, holding_id: int, photo_ids: Sequence[int]) -> None:
    """Take photos off one's copy, all of these or none; their files go with them. Locks: the copy.

    Raises: `HoldingNotFound`, `PhotoNotFound` (one is enough).
    """
    _lock_photos(actor, holding_id, photo_ids)
    copies.drop_photos([holding_id], list(photo_ids))


@db.requires_transaction
def order_photos(*, actor: Actor, holding_id: int, photo_ids: Sequence[int]) -> None:
    """Give these photos the places that they have among them, in this order; all of them or none. Locks: the copy.

    Raises: `HoldingNotFound`, `PhotoNotFound` (one is enough, or one twice).
    """
    _lock_photos(actor, holding_id, photo_ids)
    db.execute(
        """
        WITH wanted AS (SELECT id, place FROM unnest(%s::bigint[]) WITH ORDINALITY AS w (id, place)),
             places AS (SELECT position, row_number() OVER (ORDER BY position) AS place FROM things_photo
                        WHERE id IN (SELECT id FROM wanted))
        UPDATE things_photo p SET position = places.position
        FROM wanted JOIN places USING (place) WHERE p.id = wanted.id
        """,
        [list(photo_ids)],
    )


def _lock_photos(actor: Actor, holding_id: int, photo_ids: Sequence[int]) -> None:
    copies.lock_own(actor, [holding_id])
    found = db.row(
        "SELECT count(*) FROM things_photo WHERE holding_id = %s AND id = ANY(%s)", [holding_id, list(photo_ids)]
    )
    if not photo_ids or found != (len(photo_ids),):
        raise errors.PhotoNotFound()


def _columns(pictures: Sequence[Picture]) -> list[list[object]]:
    return [
        [picture.key for picture in pictures],
        [picture.width for picture in pictures],
        [picture.height for picture in pictures],
        [picture.blurhash for picture in pictures],
        [picture.phash for picture in pictures],
        [f"{{{','.join(map(str, rules.bands_of(picture.phash)))}}}" for picture in pictures],
    ]
