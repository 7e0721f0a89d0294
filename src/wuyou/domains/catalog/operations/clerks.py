"""Who works in a shop: asked by its owner, answered by them, ended at once.

Locks: the shop's row by who asks.
"""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.catalog import errors, policies, queries, types
from wuyou.domains.catalog.operations.acts import note_act
from wuyou.domains.catalog.types import Permission
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db
from wuyou.kernel.actor import Actor

MAX_CLERKS = 50


@db.requires_transaction
def invite_clerk(*, actor: Actor, shop_id: int, person_id: int, role: types.Role, now: datetime) -> None:
    """Ask somebody to work in a shop, and tell them; they may nothing there until they have said yes.

    Raises: `ShopNotFound` (also for all but its owner), `ClerkThere`, `TooManyClerks`. Locks: the shop.
    """
    shop = queries.get_shop(shop_id)
    policies.require(actor, shop, Permission.CLERKS)
    db.execute("SELECT FROM catalog_shop WHERE id = %s FOR NO KEY UPDATE", [shop_id])
    if len(queries.list_clerks(shop_id)) >= MAX_CLERKS:
        raise errors.TooManyClerks(most=MAX_CLERKS)
    made = None
    if person_id != shop.owner_id:
        made = db.row(
            """
            INSERT INTO catalog_clerk (shop_id, person_id, role, invited_at) VALUES (%s, %s, %s, %s)
            ON CONFLICT (shop_id, person_id) WHERE ended_at IS NULL DO NOTHING RETURNING id
            """,
            [shop_id, person_id, role.value, now],
        )
    if made is None:
        raise errors.ClerkThere()
    notifications.notify(
        person_id=person_id, kind=Kind.CLERK_INVITED, actor_id=actor.person_id, object_id=made[0], now=now
    )
    note_act(actor=actor, shop_id=shop_id, what="clerks", about=person_id, now=now)


@db.requires_transaction
def answer_invitation(*, actor: Actor, shop_id: int, accepts: bool, now: datetime) -> None:
    """Begin to work where one was asked to, or decline. Raises `InvitationNotFound`; of two answers one counts."""
    column = "joined_at" if accepts else "ended_at"
    changed = db.execute(
        f"""
        UPDATE catalog_clerk SET {column} = %s
        WHERE shop_id = %s AND person_id = %s AND joined_at IS NULL AND ended_at IS NULL
        """,  # noqa: S608  (one of two literals)
        [now, shop_id, actor.person_id],
    )
    if not changed:
        raise errors.InvitationNotFound()
    # Whoever answers, staff too, does so as who is to work there.
    about = "yes" if accepts else "no"
    note_act(actor=Actor(actor.person_id), shop_id=shop_id, what="invitations", about=about, now=now)


@db.requires_transaction
def end_clerk(*, actor: Actor, shop_id: int, person_id: int, now: datetime) -> None:
    """Somebody works in a shop no longer, at once: sent away by its owner, or of their own accord.

    Raises: `ShopNotFound` (also for everyone else), `ClerkNotFound`.
    """
    shop = queries.get_shop(shop_id)
    is_own = actor.user_id == person_id and bool(shop.permissions_of(person_id))
    if not is_own:
        policies.require(actor, shop, Permission.CLERKS)
    if not db.execute(
        "UPDATE catalog_clerk SET ended_at = %s WHERE shop_id = %s AND person_id = %s AND ended_at IS NULL",
        [now, shop_id, person_id],
    ):
        raise errors.ClerkNotFound()
    if is_own:
        note_act(actor=Actor(person_id), shop_id=shop_id, what="leave", about="", now=now)
    else:
        note_act(actor=actor, shop_id=shop_id, what="end-clerk", about=person_id, now=now)
