"""Thanks: a loose return for a gift or for something written, never owed."""

from __future__ import annotations

from datetime import datetime, timedelta

from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.social import errors, events, facts, pairs, policies, queries
from wuyou.domains.social.types import AppreciatedKind, GiftState, TieKind
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import Subject


@db.requires_transaction
def appreciate(
    *,
    actor: Actor,
    person_id: int,
    about: Subject | None,
    kind: AppreciatedKind,
    source_id: int,
    now: datetime,
    words: str = "",
) -> None:
    """Thank a person, once for each thing; said again, the first thanks stand.

    The caller answers for the source: that it is there, this person's, and seen by the actor.

    Args: source_id: of the gift, or of what was written; its domain is named by `kind`.
    Publishes: `PersonAppreciated`. Locks the pair, and their tie.
    Raises: `PersonNotFound`, `NotYourself`, `UnblockFirst`, `WordsMalformed`, `TooManyThanks`.
    """
    me, words = actor.person_id, policies.clean_words(words)
    pairs.meet(me, person_id)
    if db.row(
        "SELECT 1 FROM social_appreciation WHERE giver_id = %s AND kind = %s AND source_id = %s",
        [me, kind.value, source_id],
    ):
        return
    given = db.row(
        """
        INSERT INTO social_appreciation
            (giver_id, receiver_id, kind, source_id, subject_kind, subject_id, words, given_at)
        SELECT %(me)s, %(person)s, %(kind)s, %(source)s, %(subject_kind)s::int, %(subject)s::bigint, %(words)s, %(now)s
        WHERE (SELECT count(*) FROM social_appreciation WHERE giver_id = %(me)s AND given_at > %(since)s) < %(most)s
        ON CONFLICT DO NOTHING RETURNING id
        """,
        {
            "me": me,
            "person": person_id,
            "kind": kind.value,
            "source": source_id,
            "subject_kind": int(about.kind) if about else None,
            "subject": about.id if about else None,
            "words": words,
            "now": now,
            "since": now - timedelta(days=1),
            "most": policies.MAX_THANKS_A_DAY,
        },
    )
    if given is None:
        raise errors.TooManyThanks(most=policies.MAX_THANKS_A_DAY)
    facts.record([(me, person_id)], _tie_kind(words), f"thanks:{given[0]}", now)
    publish(events.PersonAppreciated(given[0], me, person_id, kind.value, source_id, now))
    notifications.notify(
        person_id=person_id,
        kind=Kind.APPRECIATED,
        actor_id=me,
        object_id=given[0],
        group_key=f"{kind.value}:{source_id}",
        facts={"what": kind.value, "source": source_id, "thing": about.id if about else 0},
        now=now,
    )


@db.requires_transaction
def withdraw_appreciation(*, actor: Actor, kind: AppreciatedKind, source_id: int) -> None:
    """Take one's thanks back, and what they counted for. Locks the tie."""
    gone = db.row(
        """
        DELETE FROM social_appreciation WHERE giver_id = %s AND kind = %s AND source_id = %s
        RETURNING id, receiver_id, words
        """,
        [actor.person_id, kind.value, source_id],
    )
    if gone:
        facts.take_back((actor.person_id, gone[1]), _tie_kind(gone[2]), f"thanks:{gone[0]}")


@db.requires_transaction
def thank_for_gift(*, actor: Actor, gift_id: int, words: str, now: datetime) -> None:
    """Thank for a gift that one was given. Publishes `PersonAppreciated`. Locks the pair, and their tie.

    Raises: `GiftNotFound`, `GiftClosed` when it was not given, and what `appreciate` refuses.
    """
    gift = queries.get_gift(actor.person_id, gift_id)
    if gift.receiver_id != actor.person_id:
        raise errors.GiftNotFound()
    if gift.state is not GiftState.GIVEN:
        raise errors.GiftClosed(state=gift.state.value)
    appreciate(
        actor=actor,
        person_id=gift.giver_id,
        about=gift.about,
        kind=AppreciatedKind.GIFT,
        source_id=gift_id,
        words=words,
        now=now,
    )


def _tie_kind(words: str) -> TieKind:
    return TieKind.THANKS if words else TieKind.CLICK
