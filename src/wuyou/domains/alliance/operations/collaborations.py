"""Targeted plans: who takes part in a shop's collaboration, by application or by invitation.

Every change is one statement on the state that it starts from, so of two at once one finds that it has changed.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from wuyou.domains.alliance import errors, events, policies, queries, rules, telling, types
from wuyou.domains.alliance.types import ParticipantState
from wuyou.domains.catalog import operations as shops
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor

MAX_NAME = 80
MAX_WORDS = 2_000


@db.requires_transaction
def open_collaboration(
    *,
    actor: Actor,
    shop_id: int,
    name: str,
    terms: str,
    takes_applications: bool,
    now: datetime,
    only_id: int | None = None,
) -> types.Collaboration:
    """Open a circle of publishers whom the shop will pay by plans of their own.

    Args: only_id: the publisher for whom alone it is; nobody else is invited then, and it takes no applications.
    Raises: `ShopNotFound` (also for who may not), `CollaborationMalformed`.
    """
    policies.require_plan_setter(actor, shop_id)
    if not 0 < len(name.strip()) <= MAX_NAME or not name.isprintable():
        raise errors.CollaborationMalformed(field="name")
    _check_words(terms)
    try:
        with db.savepoint():
            made = db.row(
                """
                INSERT INTO alliance_collaboration (shop_id, name, terms, takes_applications, only_id, opened_at)
                VALUES (%s, %s, %s, %s, %s, %s) RETURNING id
                """,
                [shop_id, name.strip(), terms, takes_applications, only_id, now],
            )
    except IntegrityError as error:
        raise errors.CollaborationMalformed(field="name") from error
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    shops.note_act(actor=actor, shop_id=shop_id, what="open-collaboration", about=made[0], now=now)
    return types.Collaboration(made[0], shop_id, name.strip(), terms, takes_applications, now, None, only_id)


@db.requires_transaction
def close_collaboration(*, actor: Actor, collaboration_id: int, now: datetime) -> None:
    """Nobody applies or is invited any more; who takes part goes on until their part is ended. Twice is once.

    Raises: `CollaborationNotFound`, also for who may not.
    """
    collaboration = _require_owner(actor, collaboration_id)
    closed = db.execute(
        "UPDATE alliance_collaboration SET closed_at = %s WHERE id = %s AND closed_at IS NULL", [now, collaboration_id]
    )
    if closed:
        _note(actor, collaboration, "close-collaboration", collaboration_id, now)


@db.requires_transaction
def apply_to_join(
    *, actor: Actor, collaboration_id: int, publisher_id: int, words: str, now: datetime
) -> types.Participant:
    """A publisher asks to take part; asking again, or after being invited, changes nothing.

    Raises: `CollaborationNotFound`, `NotYourself`, `NoApplications`, `CollaborationMalformed`.
    """
    collaboration = queries.get_collaboration(collaboration_id)
    policies.require_oneself(actor, queries.get_publisher(publisher_id).user_id)
    _check_words(words)
    if not collaboration.takes_applications or collaboration.closed_at is not None:
        raise errors.NoApplications()
    return _ask(actor, collaboration, publisher_id, ParticipantState.APPLIED, words, now)[0]


@db.requires_transaction
def invite(*, actor: Actor, collaboration_id: int, publisher_id: int, words: str, now: datetime) -> types.Participant:
    """The shop asks a publisher to take part; asking again, or after they applied, changes nothing.

    Raises: `CollaborationNotFound` (also for who may not), `PublisherNotFound`, `NoApplications` when it is closed,
    `LibraryExclusive` for whom it is not for.
    """
    collaboration = _require_owner(actor, collaboration_id)
    queries.get_publisher(publisher_id)
    _check_words(words)
    if collaboration.closed_at is not None:
        raise errors.NoApplications()
    if collaboration.only_id not in (None, publisher_id):
        raise errors.LibraryExclusive()
    participant, is_new = _ask(actor, collaboration, publisher_id, ParticipantState.INVITED, words, now)
    if is_new:
        _note(actor, collaboration, "invite", collaboration_id, now)
    return participant


@db.requires_transaction
def answer_application(*, actor: Actor, participant_id: int, takes: bool, now: datetime) -> types.Participant:
    """The shop takes who applied, or refuses. Raises: `CollaborationNotFound`, `ParticipationChanged`."""
    participant = queries.get_participant(participant_id)
    collaboration = _require_owner(actor, participant.collaboration_id)
    after = _decide(actor, participant, ParticipantState.APPLIED, takes=takes, now=now)
    _note(actor, collaboration, "answer-application", participant_id, now)
    return after


@db.requires_transaction
def answer_invitation(*, actor: Actor, participant_id: int, takes: bool, now: datetime) -> types.Participant:
    """Who was invited takes part, or refuses. Raises: `CollaborationNotFound`, `ParticipationChanged`."""
    participant = queries.get_participant(participant_id)
    if not policies.may_publish_as(actor, participant.user_id):
        raise errors.CollaborationNotFound()
    return _decide(actor, participant, ParticipantState.INVITED, takes=takes, now=now)


@db.requires_transaction
def end_participation(*, actor: Actor, participant_id: int, now: datetime) -> types.Participant:
    """Either side ends it. Clicks made before keep their rate.

    A publisher who leaves does so at once. A shop that ends it gives the notice of a lower rate: 30 days from now.
    Raises: `CollaborationNotFound`, also for anybody else; `ParticipationChanged`.
    """
    participant = queries.get_participant(participant_id)
    is_theirs = policies.may_publish_as(actor, participant.user_id) and actor.user_id is not None
    collaboration = None if is_theirs else _require_owner(actor, participant.collaboration_id)
    ends_at = now if is_theirs else now + rules.NOTICE
    after = _move(actor, participant, ParticipantState.JOINED, ParticipantState.ENDED, None, ends_at, now)
    if collaboration is not None:
        _note(actor, collaboration, "end-participation", participant_id, now)
    return after


def _require_owner(actor: Actor, collaboration_id: int) -> types.Collaboration:
    collaboration = queries.get_collaboration(collaboration_id)
    if not policies.may_set_plan(actor, collaboration.shop_id):
        raise errors.CollaborationNotFound()
    return collaboration


def _note(actor: Actor, collaboration: types.Collaboration, what: str, about: int, now: datetime) -> None:
    shops.note_act(actor=actor, shop_id=collaboration.shop_id, what=what, about=about, now=now)


def _check_words(words: str) -> None:
    if len(words) > MAX_WORDS or "\0" in words:
        raise errors.CollaborationMalformed(field="words")


def _ask(
    actor: Actor,
    collaboration: types.Collaboration,
    publisher_id: int,
    state: ParticipantState,
    words: str,
    now: datetime,
) -> tuple[types.Participant, bool]:
    """Who takes part or is asked to, and whether that is new."""
    made = db.row(
        """
        INSERT INTO alliance_participant (collaboration_id, publisher_id, state, words, asked_at)
        VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (collaboration_id, publisher_id) WHERE state IN ('APPLIED', 'INVITED', 'JOINED') DO NOTHING
        RETURNING id
        """,
        [collaboration.id, publisher_id, state.value, words, now],
    )
    participant = queries.find_participant(collaboration.id, publisher_id)
    assert participant is not None  # noqa: S101  (it was made now, or stood there)
    if made:
        _tell(actor, participant, None, now)
    return participant, made is not None


def _decide(
    actor: Actor, participant: types.Participant, from_: ParticipantState, *, takes: bool, now: datetime
) -> types.Participant:
    if takes:
        return _move(actor, participant, from_, ParticipantState.JOINED, now, None, now)
    return _move(actor, participant, from_, ParticipantState.REFUSED, None, now, now)


def _move(
    actor: Actor,
    participant: types.Participant,
    from_: ParticipantState,
    to: ParticipantState,
    joined_at: datetime | None,
    ended_at: datetime | None,
    now: datetime,
) -> types.Participant:
    moved = db.execute(
        """
        UPDATE alliance_participant SET state = %s, joined_at = coalesce(joined_at, %s), ended_at = %s
        WHERE id = %s AND state = %s
        """,
        [to.value, joined_at, ended_at, participant.id, from_.value],
    )
    after = queries.get_participant(participant.id)
    if not moved:
        raise errors.ParticipationChanged(state=after.state.value)
    _tell(actor, after, from_, now)
    return after


def _tell(actor: Actor, participant: types.Participant, before: ParticipantState | None, now: datetime) -> None:
    telling.tell_participation(participant, before, actor.user_id, now)
    publish(
        events.ParticipationChanged(
            participant.id, participant.collaboration_id, participant.publisher_id, participant.state.value, now
        )
    )
