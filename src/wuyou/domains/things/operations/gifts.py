"""A copy that is given away: offered, and handed on to who accepted it.

Locks, in this order: the thing, the giver's copy, then the pair and the gift, which are of the domain below.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from wuyou.domains.social import operations as social
from wuyou.domains.social import queries as gifts
from wuyou.domains.social.errors import GiftNeedsCopy
from wuyou.domains.social.types import Gift, GiftDraft, GiftKind
from wuyou.domains.things import copies, errors, events, queries, rules
from wuyou.domains.things.operations.holdings import add_holding
from wuyou.domains.things.types import Cause, Condition, HoldingDraft, HoldingSource, HoldingState
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import Subject, SubjectKind, make_viewer


@db.requires_transaction
def offer_copy(*, actor: Actor, holding_id: int, draft: GiftDraft, now: datetime) -> Gift:
    """Offer a copy of one's own to a person, who learns what thing it is and nothing else of the copy.

    Without a line that says what it is, the thing's name stands there. Locks: the copy, then the pair.
    Publishes: `social.GiftOffered`.
    Raises: `HoldingNotFound`, `MoveRefused` when it is not the actor's to give, and what `social.offer_gift` refuses.
    """
    _require_giveable(_lock(actor, holding_id))
    thing = queries.get_holding_for(make_viewer(actor.person_id), holding_id).thing
    return social.offer_gift(
        actor=actor,
        draft=replace(
            draft, kind=GiftKind.THING, what=draft.what or thing.name[:120], about=Subject(SubjectKind.THING, thing.id)
        ),
        copy_id=holding_id,
        now=now,
    )


@db.requires_transaction
def give_copy(*, actor: Actor, gift_id: int, now: datetime) -> None:
    """Hand a copy on: the giver's is given away from now on, and the receiver has a private one that came from them.

    What the copy is goes with it (its thing and condition); what its owner said of it does not. Told once: again, it
    changes nothing. Locks: the thing, the copy, then the pair and the gift.
    Publishes: `HoldingChanged`, `HoldingAdded`, `social.GiftGiven`.
    Raises: `social.GiftNotFound`, `social.GiftClosed`, `social.GiftNeedsCopy` for a gift of something else,
    `HoldingNotFound` and `MoveRefused` when the copy is no longer the giver's to give.
    """
    gift = gifts.get_gift(actor.person_id, gift_id)
    if gift.copy_id is None:
        raise GiftNeedsCopy()
    found = _lock(actor, gift.copy_id)
    if not social.give_gift(actor=actor, gift_id=gift_id, copy_id=gift.copy_id, now=now):
        return
    thing_id, was, condition = _require_giveable(found)
    copies.write_move(gift.copy_id, HoldingState.GIVEN, Cause.MOVED, gift.receiver_id, now)
    publish(events.HoldingChanged(gift.copy_id, gift.giver_id, thing_id, was, HoldingState.GIVEN.value, now))
    given = add_holding(
        actor=Actor(gift.receiver_id),
        draft=HoldingDraft(thing_id, source=HoldingSource.GIFT, condition=Condition(condition), other_id=gift.giver_id),
        now=now,
    )
    db.execute("UPDATE things_holding SET is_new = true WHERE id = %s", [given.id])


def _lock(actor: Actor, holding_id: int) -> tuple[int, str, str] | None:
    """Keep the copy, and before it its thing from being merged meanwhile."""
    known = db.row("SELECT thing_id FROM things_holding WHERE id = %s AND owner_id = %s", [holding_id, actor.person_id])
    if known is None:
        return None
    copies.keep_things([known[0]])
    return db.row(
        "SELECT thing_id, state, condition FROM things_holding WHERE id = %s AND owner_id = %s FOR UPDATE",
        [holding_id, actor.person_id],
    )


def _require_giveable(found: tuple[int, str, str] | None) -> tuple[int, str, str]:
    if found is None:
        raise errors.HoldingNotFound()
    if not rules.may_move(HoldingState(found[1]), HoldingState.GIVEN):
        raise errors.MoveRefused(state=found[1], to=HoldingState.GIVEN.value)
    return found
