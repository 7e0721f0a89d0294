"""Drawings of a thing by who sells it, and where its parts are on them.

A published version never changes: a new one supersedes it. Locks: the thing, then the file by key.
"""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.things import describing, errors, queries, rules
from wuyou.domains.things.part_types import Drawing, DrawingDraft, Licence
from wuyou.domains.things.types import Region
from wuyou.infra import db, sight, storage
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor


@db.requires_transaction
def add_drawing(*, actor: Actor, thing_id: int, draft: DrawingDraft, picture: Picture, now: datetime) -> int:
    """Publish the first version of a drawing of a thing that the actor may describe; returns its id.

    Raises: `ThingNotFound`, `NotTheMaker`, `TreeMalformed`, `TextMalformed`, `DrawingTitleTaken`, `TooMany`,
    `storage.FileGone`. Locks: the thing, then the file.
    """
    title = rules.clean_line(draft.title, "title", rules.MAX_NAME)
    title_en = rules.clean_line(draft.title_en, "title_en", rules.MAX_NAME, may_be_empty=True)
    thing_id = describing.lock_described(actor, thing_id)
    describing.check_room("things_drawing", thing_id, rules.MAX_DRAWINGS)
    storage.keep([picture.key])
    made = db.row(
        """
        INSERT INTO things_drawing (thing_id, key, width, height, blurhash, title, title_en, licence, version,
                                    published_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 1, %s)
        ON CONFLICT (thing_id, title) WHERE supersedes_id IS NULL DO NOTHING RETURNING id
        """,
        [thing_id, picture.key, picture.width, picture.height, picture.blurhash, title, title_en, draft.licence.value,
         now],
    )  # fmt: skip
    if made is None:
        raise errors.DrawingTitleTaken(title=title)
    return int(made[0])


@db.requires_transaction
def renew_drawing(*, actor: Actor, drawing_id: int, licence: Licence, picture: Picture, now: datetime) -> int:
    """Publish a new version of a drawing, which supersedes this one; returns its id.

    Marks of parts that the thing still has come along. Of two who renew the same version at once, one is refused.
    Raises: `DrawingNotFound`, `NotTheMaker`, `VersionSuperseded`, `TooMany`, `storage.FileGone`.
    Locks: the thing, shared, then the file.
    """
    drawing = queries.get_drawing_for(sight.get_viewer(actor.user_id), drawing_id)
    describing.check_room("things_drawing", describing.keep_described(actor, drawing.thing_id), rules.MAX_DRAWINGS)
    storage.keep([picture.key])
    made = db.row(
        """
        INSERT INTO things_drawing (thing_id, key, width, height, blurhash, title, title_en, licence, version,
                                    supersedes_id, published_at)
        SELECT thing_id, %s, %s, %s, %s, title, title_en, %s, version + 1, id, %s FROM things_drawing WHERE id = %s
        ON CONFLICT (supersedes_id) DO NOTHING RETURNING id
        """,
        [picture.key, picture.width, picture.height, picture.blurhash, licence.value, now, drawing_id],
    )
    if made is None:
        raise errors.VersionSuperseded()
    db.execute(
        """
        INSERT INTO things_part_mark (drawing_id, part_id, "left", top, width, height)
        SELECT %s, k.part_id, k."left", k.top, k.width, k.height
        FROM things_part_mark k JOIN things_part x ON x.id = k.part_id
        WHERE k.drawing_id = %s AND x.retired_at IS NULL ORDER BY k.id
        """,
        [made[0], drawing_id],
    )
    return int(made[0])


@db.requires_transaction
def place_mark(*, actor: Actor, drawing_id: int, part_id: int, region: Region) -> None:
    """Say where a part is on the latest version of a drawing. The same twice is once. Locks: the thing.

    Raises: `DrawingNotFound`, `NotTheMaker`, `VersionSuperseded`, `PartNotFound`, `RegionMalformed`, `TooMany`.
    """
    rules.check_region(region, drawing_id)
    drawing = _lock_latest(actor, drawing_id)
    part = queries.get_part_for(sight.get_viewer(actor.user_id), part_id)
    if part.is_retired or part.thing_id != drawing.thing_id:
        raise errors.PartNotFound()
    if len(drawing.marks) >= rules.MAX_MARKS:
        raise errors.TooMany(limit=rules.MAX_MARKS)
    db.execute(
        """
        INSERT INTO things_part_mark (drawing_id, part_id, "left", top, width, height) VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT DO NOTHING
        """,
        [drawing_id, part_id, *region],
    )


@db.requires_transaction
def remove_mark(*, actor: Actor, drawing_id: int, mark_id: int) -> None:
    """Take a mark off the latest version of a drawing. One that is gone is gone. Locks: the thing.

    Raises: `DrawingNotFound`, `NotTheMaker`, `VersionSuperseded`.
    """
    _lock_latest(actor, drawing_id)
    db.execute("DELETE FROM things_part_mark WHERE id = %s AND drawing_id = %s", [mark_id, drawing_id])


def _lock_latest(actor: Actor, drawing_id: int) -> Drawing:
    viewer = sight.get_viewer(actor.user_id)
    describing.lock_described(actor, queries.get_drawing_for(viewer, drawing_id).thing_id)
    drawing = queries.get_drawing_for(viewer, drawing_id)
    if not drawing.is_current:
        raise errors.VersionSuperseded()
    return drawing
