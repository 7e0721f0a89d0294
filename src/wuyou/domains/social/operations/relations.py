"""Following, asking, being friends, keeping away, noting and labelling.

What stands between two people is decided under the lock of the pair, so that a block and whatever it forbids, or two
requests that meet, wait for each other. Nobody is told that they are blocked: to them there is no such person.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.social import errors, events, facts, pairs, policies, queries, types
from wuyou.domains.social.types import RequestState, TieKind
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import Subject


@db.requires_transaction
def meet(*, actor: Actor, person_id: int, is_there: bool = False) -> types.Relation:
    """Lock the pair and say what stands between the two, for a higher domain in which something begins between them.

    A block of either waits until the transaction has ended, or has come first. Locks the pair.

    Args: is_there: a row of the caller refers to the person, who need not be looked for.
    Raises: `PersonNotFound`, `NotYourself`, `UnblockFirst`.
    """
    return pairs.meet(actor.person_id, person_id, is_there=is_there)


@db.requires_transaction
def follow(*, actor: Actor, person_id: int, now: datetime) -> None:
    """Follow a person. Publishes `PersonFollowed`. Locks the pair.

    Raises: `PersonNotFound`, `NotYourself`, `UnblockFirst`.
    """
    me = actor.person_id
    pairs.meet(me, person_id)
    begun = db.execute(
        "INSERT INTO social_follow (follower_id, followed_id, since) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [me, person_id, now],
    )
    if begun:
        publish(events.PersonFollowed(me, person_id, now))
        notifications.notify(
            person_id=person_id, kind=Kind.FOLLOWED, actor_id=me, object_id=me, group_key="followed", now=now
        )


@db.requires_transaction
def unfollow(*, actor: Actor, person_id: int, now: datetime) -> None:
    """Follow a person no longer. Publishes `PersonUnfollowed`."""
    _end_follow(actor.person_id, person_id, now)


@db.requires_transaction
def request_friend(*, actor: Actor, person_id: int, reason: str, now: datetime) -> RequestState:
    """Ask a person to be friends, and say why; who is asked by them already agrees by asking back.

    Returns PENDING, or ACCEPTED when the two are friends now. Asked again while pending, the first reason stands.
    Publishes: `FriendRequested` or `FriendshipBegan`. Locks the pair.
    Raises: `PersonNotFound`, `NotYourself`, `UnblockFirst`, `ReasonMalformed`, `AskedRecently`.
    """
    me, reason = actor.person_id, reason.strip()
    if not 0 < len(reason) <= 200 or not reason.isprintable():
        raise errors.ReasonMalformed()
    relation = pairs.meet(me, person_id)
    if relation.are_friends:
        return RequestState.ACCEPTED
    if relation.is_asked:
        _befriend(sender_id=person_id, receiver_id=me, now=now)
        return RequestState.ACCEPTED
    if relation.asks:
        return RequestState.PENDING
    declined = db.row(
        """
        SELECT max(answered_at) FROM social_friend_request
        WHERE sender_id = %s AND receiver_id = %s AND state = 'DECLINED'
        """,
        [me, person_id],
    )
    policies.require_may_ask_again(declined[0] if declined else None, now)
    asked = db.row(
        """
        INSERT INTO social_friend_request (sender_id, receiver_id, reason, state, asked_at)
        VALUES (%s, %s, %s, 'PENDING', %s) ON CONFLICT DO NOTHING RETURNING id
        """,
        [me, person_id, reason, now],
    )
    if asked:
        publish(events.FriendRequested(asked[0], me, person_id, now))
        notifications.notify(
            person_id=person_id,
            kind=Kind.FRIEND_REQUESTED,
            actor_id=me,
            object_id=asked[0],
            group_key="friend_requested",
            now=now,
        )
    return RequestState.PENDING


@db.requires_transaction
def accept_request(*, actor: Actor, request_id: int, now: datetime) -> None:
    """Agree to be friends. Publishes `FriendshipBegan`. Locks the pair. Raises `RequestNotFound`, `RequestClosed`."""
    request = queries.get_request(actor.person_id, request_id)
    if request.receiver_id != actor.person_id:
        raise errors.RequestNotFound()
    pairs.lock_pair(request.sender_id, request.receiver_id)
    if _is_still_pending(request, RequestState.ACCEPTED):
        _befriend(sender_id=request.sender_id, receiver_id=request.receiver_id, now=now)


@db.requires_transaction
def decline_request(*, actor: Actor, request_id: int, now: datetime) -> None:
    """Do not agree. The sender is not told, and may not ask again for `policies.ASK_AGAIN_AFTER`. Locks the pair.

    Raises: `RequestNotFound`, `RequestClosed`.
    """
    request = queries.get_request(actor.person_id, request_id)
    if request.receiver_id != actor.person_id:
        raise errors.RequestNotFound()
    _answer(request, RequestState.DECLINED, now)


@db.requires_transaction
def withdraw_request(*, actor: Actor, request_id: int, now: datetime) -> None:
    """Take one's own request back. Locks the pair. Raises `RequestNotFound`, `RequestClosed`."""
    request = queries.get_request(actor.person_id, request_id)
    if request.sender_id != actor.person_id:
        raise errors.RequestNotFound()
    _answer(request, RequestState.WITHDRAWN, now)


@db.requires_transaction
def unfriend(*, actor: Actor, person_id: int, now: datetime) -> None:
    """End a friendship; follows stay as they are. Publishes `FriendshipEnded`."""
    _end_friendship(actor.person_id, person_id, now)


@db.requires_transaction
def block(*, actor: Actor, person_id: int, now: datetime) -> None:
    """Keep a person away: neither sees the other; follows, friendship, pending requests and open gifts of the two end.

    Publishes: `PersonBlocked`, `PersonUnfollowed`, `FriendshipEnded`. Locks the pair.
    Raises: `PersonNotFound` when there is none, `NotYourself`.
    """
    me = actor.person_id
    pairs.require_other(me, person_id)
    pairs.lock_pair(me, person_id)
    begun = db.execute(
        "INSERT INTO social_block (blocker_id, blocked_id, since) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [me, person_id, now],
    )
    if not begun:
        return
    publish(events.PersonBlocked(me, person_id, now))
    _end_follow(me, person_id, now)
    _end_follow(person_id, me, now)
    _end_friendship(me, person_id, now)
    db.execute(
        """
        UPDATE social_friend_request SET state = 'WITHDRAWN', answered_at = %(now)s
        WHERE state = 'PENDING' AND %(me)s IN (sender_id, receiver_id) AND %(other)s IN (sender_id, receiver_id)
        """,
        {"now": now, "me": me, "other": person_id},
    )
    db.execute(
        """
        UPDATE social_gift SET state = 'WITHDRAWN', answered_at = %(now)s
        WHERE state IN ('OFFERED', 'ACCEPTED')
        AND (giver_id, receiver_id) IN ((%(me)s, %(other)s), (%(other)s, %(me)s))
        """,
        {"now": now, "me": me, "other": person_id},
    )


@db.requires_transaction
def unblock(*, actor: Actor, person_id: int, now: datetime) -> None:
    """Take one's own block back; what it ended stays ended. Publishes `PersonUnblocked`."""
    ended = db.execute(
        "DELETE FROM social_block WHERE blocker_id = %s AND blocked_id = %s", [actor.person_id, person_id]
    )
    if ended:
        publish(events.PersonUnblocked(actor.person_id, person_id, now))


@db.requires_transaction
def block_subject(*, actor: Actor, subject: Subject, now: datetime) -> None:
    """See nothing about a thing or a brand any more, except in what is one's own."""
    db.execute(
        """
        INSERT INTO social_subject_block (owner_id, kind, subject_id, since) VALUES (%s, %s, %s, %s)
        ON CONFLICT DO NOTHING
        """,
        [actor.person_id, int(subject.kind), subject.id, now],
    )


@db.requires_transaction
def unblock_subject(*, actor: Actor, subject: Subject) -> None:
    """See things about it again."""
    db.execute(
        "DELETE FROM social_subject_block WHERE owner_id = %s AND kind = %s AND subject_id = %s",
        [actor.person_id, int(subject.kind), subject.id],
    )


@db.requires_transaction
def mute(*, actor: Actor, person_id: int, now: datetime) -> None:
    """Hear nothing of a person; they are not told, and sight stays as it is. Raises `PersonNotFound`, `NotYourself`."""
    pairs.require_other(actor.person_id, person_id)
    db.execute(
        "INSERT INTO social_mute (owner_id, muted_id, since) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [actor.person_id, person_id, now],
    )


@db.requires_transaction
def unmute(*, actor: Actor, person_id: int) -> None:
    """Hear of a person again."""
    db.execute("DELETE FROM social_mute WHERE owner_id = %s AND muted_id = %s", [actor.person_id, person_id])


@db.requires_transaction
def set_note(*, actor: Actor, person_id: int, text: str, now: datetime) -> None:
    """Note something about a person for oneself; an empty text takes the note away.

    Raises: `NoteMalformed`, `PersonNotFound`, `NotYourself`.
    """
    me, text = actor.person_id, text.strip()
    if len(text) > 200 or not text.isprintable():
        raise errors.NoteMalformed()
    if not text:
        db.execute("DELETE FROM social_note WHERE owner_id = %s AND about_id = %s", [me, person_id])
        return
    pairs.require_other(me, person_id)
    db.execute(
        """
        INSERT INTO social_note (owner_id, about_id, text, written_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (owner_id, about_id) DO UPDATE SET text = EXCLUDED.text, written_at = EXCLUDED.written_at
        """,
        [me, person_id, text, now],
    )


@db.requires_transaction
def make_label(*, actor: Actor, name: str, now: datetime) -> types.Label:
    """Make a class of people for oneself. Raises `LabelMalformed`, `LabelTaken`."""
    name = _label_name(name)
    made = db.row(
        """
        INSERT INTO social_label (owner_id, name, made_at) VALUES (%s, %s, %s)
        ON CONFLICT (owner_id, name) WHERE retired_at IS NULL DO NOTHING RETURNING id
        """,
        [actor.person_id, name, now],
    )
    if made is None:
        raise errors.LabelTaken(label=name)
    return types.Label(made[0], name, 0)


@db.requires_transaction
def rename_label(*, actor: Actor, label_id: int, name: str) -> None:
    """Call a label otherwise; rules that name it stay. Raises `LabelNotFound`, `LabelMalformed`, `LabelTaken`."""
    name = _label_name(name)
    _lock_label(actor.person_id, label_id)
    try:
        with db.savepoint():
            db.execute("UPDATE social_label SET name = %s WHERE id = %s", [name, label_id])
    except IntegrityError as refused:
        raise errors.LabelTaken(label=name) from refused


@db.requires_transaction
def retire_label(*, actor: Actor, label_id: int, now: datetime) -> None:
    """Give a label up. At once it opens nothing any more; whom rules exclude by it, they go on excluding.

    Raises: `LabelNotFound`.
    """
    queries.members_of_label(actor.person_id, label_id)
    db.execute("UPDATE social_label SET retired_at = %s WHERE id = %s AND retired_at IS NULL", [now, label_id])


@db.requires_transaction
def add_to_label(*, actor: Actor, label_id: int, person_id: int, now: datetime) -> None:
    """Put a label on a person, who is not told: what it opens and closes, it opens and closes for them at once.

    Raises: `LabelNotFound`, `PersonNotFound`, `NotYourself`.
    """
    pairs.require_other(actor.person_id, person_id)
    _lock_label(actor.person_id, label_id)
    db.execute(
        "INSERT INTO social_label_member (label_id, person_id, added_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [label_id, person_id, now],
    )


@db.requires_transaction
def remove_from_label(*, actor: Actor, label_id: int, person_id: int) -> None:
    """Take a label off a person, at once for everything that names it. Raises `LabelNotFound`."""
    _lock_label(actor.person_id, label_id)
    db.execute("DELETE FROM social_label_member WHERE label_id = %s AND person_id = %s", [label_id, person_id])


def _lock_label(me: int, label_id: int) -> None:
    """Keep one's own label from being given up or renamed meanwhile. Raises `LabelNotFound`."""
    locked = db.row(
        "SELECT 1 FROM social_label WHERE id = %s AND owner_id = %s AND retired_at IS NULL FOR UPDATE", [label_id, me]
    )
    if locked is None:
        raise errors.LabelNotFound()


def _answer(request: types.FriendRequest, state: RequestState, now: datetime) -> None:
    pairs.lock_pair(request.sender_id, request.receiver_id)
    if _is_still_pending(request, state):
        db.execute(
            "UPDATE social_friend_request SET state = %s, answered_at = %s WHERE id = %s", [state, now, request.id]
        )


def _is_still_pending(request: types.FriendRequest, wanted: RequestState) -> bool:
    """Whether the request waits; False when it has come to where it should. Raises `RequestClosed` when elsewhere."""
    state = queries.get_request(request.sender_id, request.id).state
    if state not in {RequestState.PENDING, wanted}:
        raise errors.RequestClosed()
    return state is RequestState.PENDING


def _befriend(*, sender_id: int, receiver_id: int, now: datetime) -> None:
    agreed = db.row(
        """
        UPDATE social_friend_request SET state = 'ACCEPTED', answered_at = %s
        WHERE sender_id = %s AND receiver_id = %s AND state = 'PENDING' RETURNING id
        """,
        [now, sender_id, receiver_id],
    )
    low, high = sorted((sender_id, receiver_id))
    db.execute(
        "INSERT INTO social_friendship (low_id, high_id, since) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [low, high, now],
    )
    publish(events.FriendshipBegan(sender_id, receiver_id, now))
    if agreed:
        facts.record([(sender_id, receiver_id)], TieKind.REQUEST, f"request:{agreed[0]}", now)
    # Who agreed knows it; who asked has waited for it.
    notifications.notify(
        person_id=sender_id,
        kind=Kind.FRIENDSHIP_BEGAN,
        actor_id=receiver_id,
        object_id=receiver_id,
        group_key="friendship_began",
        now=now,
    )


def _end_follow(follower_id: int, followed_id: int, now: datetime) -> None:
    ended = db.execute(
        "DELETE FROM social_follow WHERE follower_id = %s AND followed_id = %s", [follower_id, followed_id]
    )
    if ended:
        publish(events.PersonUnfollowed(follower_id, followed_id, now))


def _end_friendship(me: int, person_id: int, now: datetime) -> None:
    low, high = sorted((me, person_id))
    if db.execute("DELETE FROM social_friendship WHERE low_id = %s AND high_id = %s", [low, high]):
        publish(events.FriendshipEnded(me, person_id, now))


def _label_name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= 20 or not name.isprintable():
        raise errors.LabelMalformed()
    return name
