"""The tree of a thing's parts: written down, said otherwise, retired.

Locks: the thing, against everybody else who publishes of it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from wuyou.domains.things import describing, errors, queries, rules
from wuyou.domains.things.part_types import Part, PartDraft
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor


@db.requires_transaction
def add_part(*, actor: Actor, thing_id: int, draft: PartDraft, now: datetime) -> int:
    """Write down a part of a model or family that the actor may describe; returns the part's id. Locks: the thing.

    Raises: `ThingNotFound`, `NotTheMaker`, `TreeMalformed`, `TextMalformed`, `PartsMalformed`, `PartNotFound` (the one
    above), `PartNumberTaken`, `TooMany`.
    """
    draft = rules.check_part(draft)
    thing_id = describing.lock_described(actor, thing_id)
    describing.check_room("things_part", thing_id, rules.MAX_PARTS)
    _check_tree(thing_id, 0, draft.parent_id)
    made = db.row(
        """
        INSERT INTO things_part (thing_id, parent_id, number, name, name_en, quantity, added_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (thing_id, number) WHERE retired_at IS NULL DO NOTHING
        RETURNING id
        """,
        [thing_id, draft.parent_id, draft.number, draft.name, draft.name_en, draft.quantity, now],
    )
    if made is None:
        raise errors.PartNumberTaken(number=draft.number)
    return int(made[0])


@db.requires_transaction
def change_part(*, actor: Actor, part_id: int, draft: PartDraft) -> None:
    """Say a part otherwise, or put it elsewhere in the tree with all below it. Locks: the thing.

    Raises: what `add_part` refuses.
    """
    draft = rules.check_part(draft)
    part = _lock_part(actor, part_id)
    _check_tree(part.thing_id, part_id, draft.parent_id)
    try:
        with db.savepoint():
            db.execute(
                "UPDATE things_part SET parent_id = %s, number = %s, name = %s, name_en = %s, quantity = %s "
                "WHERE id = %s",
                [draft.parent_id, draft.number, draft.name, draft.name_en, draft.quantity, part_id],
            )
    except IntegrityError as error:
        raise errors.PartNumberTaken(number=draft.number) from error


@db.requires_transaction
def retire_part(*, actor: Actor, part_id: int, now: datetime) -> None:
    """The thing has this part no longer, nor those below it; their figures and threads stay. Locks: the thing.

    Raises: `PartNotFound`, also for one that was retired already, `NotTheMaker`.
    """
    _lock_part(actor, part_id)
    db.execute(
        """
        WITH RECURSIVE tree AS (
            SELECT %s::bigint AS id UNION SELECT x.id FROM things_part x JOIN tree ON x.parent_id = tree.id)
        UPDATE things_part SET retired_at = %s WHERE id IN (SELECT id FROM tree) AND retired_at IS NULL
        """,
        [part_id, now],
    )


def _lock_part(actor: Actor, part_id: int) -> Part:
    """A part that the thing has, when the actor may describe the thing, which is locked."""
    viewer = sight.get_viewer(actor.user_id)
    part = queries.get_part_for(viewer, part_id)
    describing.lock_described(actor, part.thing_id)
    if queries.get_part_for(viewer, part_id).is_retired:
        raise errors.PartNotFound()
    return part


def _check_tree(thing_id: int, part_id: int, parent_id: int | None) -> None:
    """That a part of a locked thing, or for 0 a new one, may lie below that other part."""
    parents = dict(
        db.rows(
            """
            SELECT x.id, x.parent_id FROM things_part x JOIN things_thing m ON m.id = x.thing_id
            WHERE (m.id = %(thing)s OR m.merged_into_id = %(thing)s) AND x.retired_at IS NULL
            """,
            {"thing": thing_id},
        )
    )
    if parent_id is not None and parent_id not in parents:
        raise errors.PartNotFound()
    rules.check_parts(parents | {part_id: parent_id})
