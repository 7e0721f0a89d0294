"""Shelves: made, named, put in order, and copies on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.moderation import operations as moderation
from wuyou.domains.things import copies, errors, rules, types
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def make_shelf(*, actor: Actor, name: str, now: datetime) -> types.Shelf:
    """A new shelf after the others. Raises `TextMalformed`, `moderation.WordsRefused`, `ShelfNameTaken`, `TooMany`."""
    name = rules.clean_line(name, "shelf", rules.MAX_SHELF_NAME)
    moderation.check_name(texts=[name], now=now)
    me = actor.person_id
    if db.rows("SELECT 1 FROM things_shelf WHERE owner_id = %s OFFSET %s LIMIT 1", [me, rules.MAX_SHELVES - 1]):
        raise errors.TooMany(limit=rules.MAX_SHELVES)
    made = db.row(
        """
        INSERT INTO things_shelf (owner_id, name, position, made_at) VALUES (%s, %s, nextval('things_position'), %s)
        ON CONFLICT (owner_id, name) DO NOTHING RETURNING id
        """,
        [me, name, now],
    )
    if made is None:
        raise errors.ShelfNameTaken(name=name)
    return types.Shelf(made[0], me, name, 0)


@db.requires_transaction
def rename_shelf(*, actor: Actor, shelf_id: int, name: str, now: datetime) -> None:
    """Call a shelf otherwise. Locks: the shelf.

    Raises `ShelfNotFound`, `TextMalformed`, `moderation.WordsRefused`, `ShelfNameTaken`.
    """
    name = rules.clean_line(name, "shelf", rules.MAX_SHELF_NAME)
    moderation.check_name(texts=[name], now=now)
    _lock_shelf(actor, shelf_id)
    changed = db.execute(
        """
        UPDATE things_shelf s SET name = %s WHERE id = %s
        AND NOT EXISTS (SELECT 1 FROM things_shelf o WHERE o.owner_id = s.owner_id AND o.name = %s AND o.id <> s.id)
        """,
        [name, shelf_id, name],
    )
    if not changed:
        raise errors.ShelfNameTaken(name=name)


@db.requires_transaction
def order_shelves(*, actor: Actor, shelf_ids: Sequence[int]) -> None:
    """Give these shelves the places that they have among them, in this order; all of them or none.

    Raises: `ShelfNotFound` (one is enough, or one twice). Locks: the shelves, by id.
    """
    kept = db.rows(
        "SELECT id FROM things_shelf WHERE id = ANY(%s) AND owner_id = %s ORDER BY id FOR UPDATE",
        [list(shelf_ids), actor.person_id],
    )
    if len(kept) != len(shelf_ids):
        raise errors.ShelfNotFound()
    _permute("things_shelf", shelf_ids)


@db.requires_transaction
def remove_shelf(*, actor: Actor, shelf_id: int) -> None:
    """Take a shelf down; its copies stay on record. Raises `ShelfNotFound`. Locks: the shelf, then its copies by id."""
    _lock_shelf(actor, shelf_id)
    db.execute(
        """
        WITH on_it AS (SELECT id FROM things_holding WHERE shelf_id = %s ORDER BY id FOR UPDATE)
        UPDATE things_holding h SET shelf_id = NULL FROM on_it WHERE h.id = on_it.id
        """,
        [shelf_id],
    )
    db.execute("DELETE FROM things_shelf WHERE id = %s", [shelf_id])


@db.requires_transaction
def put_on_shelf(*, actor: Actor, holding_ids: Sequence[int], shelf_id: int | None) -> None:
    """Put all of these copies at the end of a shelf in this order, or for None on none; all of them or none.

    Raises: `ShelfNotFound`, `HoldingNotFound` (one is enough), `TooMany`. Locks: the shelf, then the copies by id.
    """
    if shelf_id is not None:
        _lock_shelf(actor, shelf_id)
    copies.lock_own(actor, holding_ids)
    db.execute(
        """
        WITH placed AS (
            SELECT id, nextval('things_position') AS position FROM (
                SELECT id FROM unnest(%s::bigint[]) WITH ORDINALITY AS w (id, place) ORDER BY place) AS wanted)
        UPDATE things_holding h SET shelf_id = %s::bigint, position = placed.position FROM placed WHERE h.id = placed.id
        """,
        [list(dict.fromkeys(holding_ids)), shelf_id],
    )


@db.requires_transaction
def order_shelf(*, actor: Actor, shelf_id: int, holding_ids: Sequence[int]) -> None:
    """Give these copies the places that they have among them on their shelf, in this order; all of them or none.

    Raises: `ShelfNotFound`, `HoldingNotFound` (one is not on it, or stands twice), `TooMany`.
    Locks: the shelf, then the copies by id.
    """
    _lock_shelf(actor, shelf_id)
    ids = copies.lock_own(actor, holding_ids)
    on_it = db.row("SELECT count(*) FROM things_holding WHERE id = ANY(%s) AND shelf_id = %s", [ids, shelf_id])
    if len(ids) != len(holding_ids) or on_it != (len(ids),):
        raise errors.HoldingNotFound()
    _permute("things_holding", holding_ids)


def _permute(table: str, ids: Sequence[int]) -> None:
    db.execute(
        f"""
        WITH wanted AS (SELECT id, place FROM unnest(%s::bigint[]) WITH ORDINALITY AS w (id, place)),
             places AS (SELECT position, row_number() OVER (ORDER BY position) AS place FROM {table}
                        WHERE id IN (SELECT id FROM wanted))
        UPDATE {table} r SET position = places.position FROM wanted JOIN places USING (place) WHERE r.id = wanted.id
        """,  # noqa: S608  (a literal of this module)
        [list(ids)],
    )


def _lock_shelf(actor: Actor, shelf_id: int) -> None:
    if not db.rows(
        "SELECT 1 FROM things_shelf WHERE id = %s AND owner_id = %s FOR UPDATE", [shelf_id, actor.person_id]
    ):
        raise errors.ShelfNotFound()
