"""Gifts: offered, answered, given. What they are worth nobody says.

Locks, in this order: the pair, the gift's row, the tie.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.social import errors, events, facts, pairs, policies, queries, types
from wuyou.domains.social.types import GiftKind, GiftState, TieKind
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor


@db.requires_transaction
def offer_gift(*, actor: Actor, draft: types.GiftDraft, now: datetime, copy_id: int | None = None) -> types.Gift:
    """Offer something to a person.

    Args: copy_id: the giver's copy of a thing; the domain that keeps copies offers it and answers for it.
    Publishes: `GiftOffered`. Locks the pair.
    Raises: `PersonNotFound`, `NotYourself`, `UnblockFirst`, `GiftMalformed`, `GiftNotWanted`, `GiftNeedsCopy`,
    `CopyOffered`, `TooManyGifts`, `GiftNotFound` (the earlier gift that this one is to answer).
    """
    me = actor.person_id
    what, words = policies.clean_gift(draft.what, draft.words)
    if (draft.kind is GiftKind.THING) != (copy_id is not None):
        raise errors.GiftNeedsCopy()
    relation = pairs.meet(me, draft.receiver_id)
    policies.require_takes_gifts(relation, queries.get_preference(draft.receiver_id))
    if draft.in_return_for is not None:
        earlier = queries.get_gift(me, draft.in_return_for)
        if (earlier.giver_id, earlier.receiver_id) != (draft.receiver_id, me) or earlier.state is not GiftState.GIVEN:
            raise errors.GiftNotFound()
    try:
        with db.savepoint():
            offered = db.row(
                """
                INSERT INTO social_gift (giver_id, receiver_id, kind, state, what, words, subject_kind, subject_id,
                                         copy_id, in_return_for_id, offered_at)
                SELECT %(me)s, %(receiver)s, %(kind)s, 'OFFERED', %(what)s, %(words)s, %(subject_kind)s::int,
                       %(subject)s::bigint, %(copy)s::bigint, %(earlier)s::bigint, %(now)s
                WHERE (SELECT count(*) FROM social_gift WHERE giver_id = %(me)s AND state = 'OFFERED') < %(most)s
                RETURNING id
                """,
                {
                    "me": me,
                    "receiver": draft.receiver_id,
                    "kind": draft.kind.value,
                    "what": what,
                    "words": words,
                    "subject_kind": int(draft.about.kind) if draft.about else None,
                    "subject": draft.about.id if draft.about else None,
                    "copy": copy_id,
                    "earlier": draft.in_return_for,
                    "now": now,
                    "most": policies.MAX_OPEN_GIFTS,
                },
            )
    except IntegrityError as refused:
        raise errors.CopyOffered() from refused
    if offered is None:
        raise errors.TooManyGifts(most=policies.MAX_OPEN_GIFTS)
    publish(events.GiftOffered(offered[0], me, draft.receiver_id, draft.kind.value, now))
    _tell(draft.receiver_id, Kind.GIFT_OFFERED, me, offered[0], now)
    return queries.get_gift(me, offered[0])


@db.requires_transaction
def accept_gift(*, actor: Actor, gift_id: int, now: datetime) -> None:
    """Take a gift that one was offered; the giver gives it then. Publishes `GiftAnswered`. Locks the pair.

    Raises: `GiftNotFound`, `GiftClosed`.
    """
    gift = _met(actor, gift_id)
    _require(gift.receiver_id == actor.person_id)
    _answer(gift, GiftState.ACCEPTED, {GiftState.OFFERED}, now)


@db.requires_transaction
def decline_gift(*, actor: Actor, gift_id: int, now: datetime) -> None:
    """Do not take a gift, before it is given. Publishes `GiftAnswered`. Locks the pair.

    Raises: `GiftNotFound`, `GiftClosed`.
    """
    gift = _met(actor, gift_id)
    _require(gift.receiver_id == actor.person_id)
    _answer(gift, GiftState.DECLINED, {GiftState.OFFERED, GiftState.ACCEPTED}, now)


@db.requires_transaction
def withdraw_gift(*, actor: Actor, gift_id: int, now: datetime) -> None:
    """Take one's offer back, before it is given. Publishes `GiftAnswered`. Locks the pair.

    Raises: `GiftNotFound`, `GiftClosed`.
    """
    gift = _met(actor, gift_id)
    _require(gift.giver_id == actor.person_id)
    _answer(gift, GiftState.WITHDRAWN, {GiftState.OFFERED, GiftState.ACCEPTED}, now)


@db.requires_transaction
def give_gift(*, actor: Actor, gift_id: int, now: datetime, copy_id: int | None = None) -> bool:
    """The giver has given what was accepted; False when it was given before.

    Args: copy_id: the copy that changes hands with it; the domain that keeps copies gives it and moves it.
    Publishes: `GiftGiven`. Locks the pair, and their tie. Raises: `GiftNotFound`, `GiftClosed`, `GiftNeedsCopy`.
    """
    gift = _met(actor, gift_id)
    _require(gift.giver_id == actor.person_id)
    if gift.copy_id != copy_id:
        raise errors.GiftNeedsCopy()
    given = db.execute(
        "UPDATE social_gift SET state = 'GIVEN', given_at = %s WHERE id = %s AND state = 'ACCEPTED'", [now, gift_id]
    )
    if not given:
        _require_state(gift, GiftState.GIVEN)
        return False
    facts.record([(gift.giver_id, gift.receiver_id)], TieKind.GIFT, f"gift:{gift_id}", now)
    publish(events.GiftGiven(gift_id, gift.giver_id, gift.receiver_id, gift.kind.value, now))
    _tell(gift.receiver_id, Kind.GIFT_RECEIVED, gift.giver_id, gift_id, now)
    return True


def _met(actor: Actor, gift_id: int) -> types.Gift:
    """A gift of two people who can reach each other, read under the lock of the pair. Raises `GiftNotFound`."""
    gift = queries.get_gift(actor.person_id, gift_id)
    pairs.lock_pair(gift.giver_id, gift.receiver_id)
    return queries.get_gift(actor.person_id, gift_id)


def _answer(gift: types.Gift, to: GiftState, open_in: set[GiftState], now: datetime) -> None:
    answered = db.execute(
        "UPDATE social_gift SET state = %s, answered_at = %s WHERE id = %s AND state = ANY(%s)",
        [to.value, now, gift.id, [state.value for state in open_in]],
    )
    if not answered:
        _require_state(gift, to)
        return
    publish(events.GiftAnswered(gift.id, gift.giver_id, gift.receiver_id, to.value, now))
    if to is GiftState.ACCEPTED:
        _tell(gift.giver_id, Kind.GIFT_ACCEPTED, gift.receiver_id, gift.id, now)


def _tell(person_id: int, kind: Kind, actor_id: int, gift_id: int, now: datetime) -> None:
    notifications.notify(person_id=person_id, kind=kind, actor_id=actor_id, object_id=gift_id, now=now)


def _require_state(gift: types.Gift, wanted: GiftState) -> None:
    if gift.state is not wanted:
        raise errors.GiftClosed(state=gift.state.value)


def _require(is_theirs: bool) -> None:
    if not is_theirs:
        raise errors.GiftNotFound()
