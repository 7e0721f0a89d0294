"""What publishing parts, drawings and figures shares: whose thing it is to describe, and locks on it."""

from __future__ import annotations

from wuyou.domains.things import copies, errors, queries
from wuyou.domains.things.types import ThingKind
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor


def keep_described(actor: Actor, thing_id: int) -> int:
    """The thing that the actor may describe, locked so that it is not merged away until the transaction ends.

    A variant has the parts of its model. Raises: `ThingNotFound`, `NotTheMaker`, `TreeMalformed`.
    """
    thing = queries.get_thing_for(sight.get_viewer(actor.user_id), thing_id)
    if thing.kind is ThingKind.VARIANT:
        raise errors.TreeMalformed()
    if not queries.may_describe(actor, thing):
        raise errors.NotTheMaker()
    return copies.keep_things([thing.id])[thing.id]


def lock_described(actor: Actor, thing_id: int) -> int:
    """The same, and nobody else publishes of it meanwhile: what is counted, or looked at as a tree, stays so."""
    thing_id = keep_described(actor, thing_id)
    db.execute("SELECT FROM things_thing WHERE id = %s FOR NO KEY UPDATE", [thing_id])
    return thing_id


def check_room(table: str, thing_id: int, most: int) -> None:
    """Refuse when a locked thing has so many of a kind. Raises `TooMany`."""
    if db.rows(f"SELECT FROM {table} WHERE thing_id = %s OFFSET %s LIMIT 1", [thing_id, most - 1]):
        raise errors.TooMany(limit=most)
