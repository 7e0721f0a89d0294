"""What several operations share: locks on things and on one's own copies, a move and its line, sight of many copies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from wuyou.domains.things import errors, queries, rules, threads
from wuyou.domains.things.types import Cause, HoldingState
from wuyou.infra import db, sight, storage
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import AudienceRule


def keep_things(thing_ids: Iterable[int]) -> dict[int, int]:
    """What each id stands for now, locked so that none of them is merged away until the transaction ends.

    Raises: `ThingNotFound`. Cost: two queries, and two more when one was merged at this very moment.
    """
    wanted = sorted(set(thing_ids))
    while True:
        stands_for = dict(
            db.rows("SELECT id, coalesce(merged_into_id, id) FROM things_thing WHERE id = ANY(%s)", [wanted])
        )
        if len(stands_for) != len(wanted):
            raise errors.ThingNotFound()
        targets = sorted(set(stands_for.values()))
        kept = db.rows(
            "SELECT id FROM things_thing WHERE id = ANY(%s) AND merged_into_id IS NULL ORDER BY id FOR KEY SHARE",
            [targets],
        )
        if len(kept) == len(targets):
            return stands_for


def lock_own(actor: Actor, holding_ids: Sequence[int]) -> list[int]:
    """The actor's own copies, locked by id until the transaction ends. Raises `HoldingNotFound`, `TooMany`."""
    wanted = sorted(set(holding_ids))
    if not 0 < len(wanted) <= rules.MAX_EDIT:
        raise errors.TooMany(limit=rules.MAX_EDIT)
    kept = db.rows(
        "SELECT id FROM things_holding WHERE id = ANY(%s) AND owner_id = %s ORDER BY id FOR UPDATE",
        [wanted, actor.person_id],
    )
    if len(kept) != len(wanted):
        raise errors.HoldingNotFound()
    return wanted


def write_move(holding_id: int, to: HoldingState, cause: Cause, other_id: int | None, now: datetime) -> None:
    """Move a locked copy, and write the line of its history."""
    db.execute(
        """
        WITH moved AS (UPDATE things_holding SET state = %s WHERE id = %s)
        INSERT INTO things_provenance (holding_id, state, cause, other_id, happened_at) VALUES (%s, %s, %s, %s, %s)
        """,
        [to.value, holding_id, holding_id, to.value, cause.value, other_id, now],
    )


def compiled(owner_id: int, rule: AudienceRule, thing_ids: Sequence[int]) -> tuple[list[int], dict[int, str]]:
    """The columns of sight for copies of many things: what opens them all, and by thing what closes them.

    The latter as texts of arrays, since arrays of different lengths do not go into one.
    """
    about = queries.subjects_by_thing(thing_ids)
    opens = sight.columns(owner_id, rule)["sight_opens"]
    closes = {thing_id: sight.columns(owner_id, rule, about[thing_id])["sight_closes"] for thing_id in set(thing_ids)}
    return opens, {thing_id: f"{{{','.join(map(str, numbers))}}}" for thing_id, numbers in closes.items()}


def drop_photos(holding_ids: Sequence[int], photo_ids: Sequence[int] | None = None) -> None:
    """Take photos of locked copies off the record, all or these, with what points into them.

    A task deletes their files. Locks: the photos, then the annotations, each by id.
    """
    of_these = "holding_id = ANY(%s) AND (%s::bigint[] IS NULL OR id = ANY(%s))"
    which = [list(holding_ids), photo_ids, photo_ids]
    found = db.rows(f"SELECT id FROM things_photo WHERE {of_these}", which)  # noqa: S608  (a literal of this function)
    threads.drop_threads_of_photos([photo_id for (photo_id,) in found])
    gone = db.rows(f"DELETE FROM things_photo WHERE {of_these} RETURNING key", which)  # noqa: S608
    storage.discard([key for (key,) in gone])
