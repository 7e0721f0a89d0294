"""One tap on a thing: I have it, I want it, I had it."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.things import copies, errors, events, queries, rules
from wuyou.domains.things.operations.holdings import add_holding
from wuyou.domains.things.types import Cause, HoldingDraft, HoldingState
from wuyou.infra import db, sight
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor

_ONE_TAP = frozenset({HoldingState.OWN, HoldingState.WANT, HoldingState.HAD})


@db.requires_transaction
def mark_thing(*, actor: Actor, thing_id: int, state: HoldingState, now: datetime) -> int:
    """Say that one has, wants or had a thing; returns the copy's id. Said again, nothing changes.

    The latest copy of this very thing moves there when it can in one step; otherwise there is a new one, private until
    its owner opens it. Publishes: `HoldingChanged` or `HoldingAdded`. Locks: the thing, shared, then the copy.
    Raises: `ThingNotFound`, `MoveRefused` for what takes more than a tap.
    """
    if state not in _ONE_TAP:
        raise errors.MoveRefused(state="", to=state.value)
    me = actor.person_id
    thing_id = queries.get_thing_for(sight.get_viewer(me), thing_id).id
    thing_id = copies.keep_things([thing_id])[thing_id]
    found = db.rows(
        "SELECT id, state FROM things_holding WHERE owner_id = %s AND thing_id = %s ORDER BY id FOR UPDATE",
        [me, thing_id],
    )
    for holding_id, was in found:
        if was == state.value:
            return int(holding_id)
    if found and rules.may_move(HoldingState(found[-1][1]), state):
        holding_id, was = found[-1]
        copies.write_move(holding_id, state, Cause.MOVED, None, now)
        publish(events.HoldingChanged(holding_id, me, thing_id, was, state.value, now))
        return int(holding_id)
    return add_holding(actor=actor, draft=HoldingDraft(thing_id, state), now=now).id
