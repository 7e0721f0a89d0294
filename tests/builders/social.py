"""Relations for tests, made through operations only; each call is an entry point."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.builders.people import actor_for
from wuyou.domains.identity.types import Person
from wuyou.domains.social import operations, queries
from wuyou.domains.social.types import (
    AppreciatedKind,
    Correction,
    Gift,
    GiftDraft,
    GiftKind,
    Label,
    RequestState,
    TieKind,
)
from wuyou.infra import db
from wuyou.kernel.sight import Subject


def follow(now: datetime, person: Person, other: Person) -> None:
    """`person` follows `other`."""
    db.in_transaction(lambda: operations.follow(actor=actor_for(person), person_id=other.id, now=now))


def unfollow(now: datetime, person: Person, other: Person) -> None:
    """`person` follows `other` no longer."""
    db.in_transaction(lambda: operations.unfollow(actor=actor_for(person), person_id=other.id, now=now))


def ask(now: datetime, person: Person, other: Person, reason: str = "我们一起拼过团") -> RequestState:
    """`person` asks `other` to be friends."""
    return db.in_transaction(
        lambda: operations.request_friend(actor=actor_for(person), person_id=other.id, reason=reason, now=now)
    )


def befriend(now: datetime, person: Person, other: Person) -> None:
    """Both ask, so they are friends."""
    ask(now, person, other)
    ask(now, other, person)


def request_id(sender: Person, receiver: Person) -> int:
    """The number of a request that waits."""
    return next(r.id for r in queries.list_requests_to(receiver.id) if r.sender_id == sender.id)


def accept(now: datetime, person: Person, request: int) -> None:
    """`person` agrees."""
    db.in_transaction(lambda: operations.accept_request(actor=actor_for(person), request_id=request, now=now))


def decline(now: datetime, person: Person, request: int) -> None:
    """`person` does not agree."""
    db.in_transaction(lambda: operations.decline_request(actor=actor_for(person), request_id=request, now=now))


def withdraw(now: datetime, person: Person, request: int) -> None:
    """`person` takes it back."""
    db.in_transaction(lambda: operations.withdraw_request(actor=actor_for(person), request_id=request, now=now))


def unfriend(now: datetime, person: Person, other: Person) -> None:
    """`person` ends a friendship."""
    db.in_transaction(lambda: operations.unfriend(actor=actor_for(person), person_id=other.id, now=now))


def block(now: datetime, person: Person, other: Person) -> None:
    """`person` blocks `other`."""
    db.in_transaction(lambda: operations.block(actor=actor_for(person), person_id=other.id, now=now))


def unblock(now: datetime, person: Person, other: Person) -> None:
    """`person` takes a block back."""
    db.in_transaction(lambda: operations.unblock(actor=actor_for(person), person_id=other.id, now=now))


def block_subject(now: datetime, person: Person, subject: Subject) -> None:
    """`person` wants to see nothing about it."""
    db.in_transaction(lambda: operations.block_subject(actor=actor_for(person), subject=subject, now=now))


def unblock_subject(person: Person, subject: Subject) -> None:
    """`person` sees things about it again."""
    db.in_transaction(lambda: operations.unblock_subject(actor=actor_for(person), subject=subject))


def make_label(now: datetime, owner: Person, name: str, *members: Person) -> Label:
    """A label of `owner` on some people."""
    label = db.in_transaction(lambda: operations.make_label(actor=actor_for(owner), name=name, now=now))
    for member in members:
        put_label(now, owner, label.id, member)
    return label


def put_label(now: datetime, owner: Person, label_id: int, member: Person) -> None:
    """Put a label on somebody."""
    db.in_transaction(
        lambda: operations.add_to_label(actor=actor_for(owner), label_id=label_id, person_id=member.id, now=now)
    )


def take_label(owner: Person, label_id: int, member: Person) -> None:
    """Take a label off somebody."""
    db.in_transaction(
        lambda: operations.remove_from_label(actor=actor_for(owner), label_id=label_id, person_id=member.id)
    )


def retire_label(now: datetime, owner: Person, label_id: int) -> None:
    """Give a label up."""
    db.in_transaction(lambda: operations.retire_label(actor=actor_for(owner), label_id=label_id, now=now))


def write(now: datetime, person: Person, *others: Person, key: str) -> None:
    """`person` writes to somebody, or to several in a group."""
    to_ids = [other.id for other in others]
    db.in_transaction(lambda: operations.record_exchange(from_id=person.id, to_ids=to_ids, key=key, now=now))


def do_together(now: datetime, *people: Person, key: str, kind: TieKind = TieKind.TEAM) -> None:
    """These people did something together."""
    ids = [person.id for person in people]
    db.in_transaction(lambda: operations.record_experience(person_ids=ids, key=key, kind=kind, now=now))


def thank(
    now: datetime, person: Person, other: Person, source_id: int, *, words: str = "", about: Subject | None = None
) -> None:
    """`person` thanks `other` for a review."""
    db.in_transaction(
        lambda: operations.appreciate(
            actor=actor_for(person),
            person_id=other.id,
            about=about,
            kind=AppreciatedKind.REVIEW,
            source_id=source_id,
            words=words,
            now=now,
        )
    )


def offer(
    now: datetime,
    person: Person,
    other: Person,
    *,
    kind: GiftKind = GiftKind.FAVOUR,
    what: str = "帮你搬家",
    words: str = "",
    about: Subject | None = None,
    in_return_for: int | None = None,
) -> Gift:
    """`person` offers `other` something that is not a copy."""
    draft = GiftDraft(other.id, kind, what, words, about, in_return_for)
    return db.in_transaction(lambda: operations.offer_gift(actor=actor_for(person), draft=draft, now=now))


def take_gift(now: datetime, person: Person, gift_id: int) -> None:
    """`person` accepts it."""
    db.in_transaction(lambda: operations.accept_gift(actor=actor_for(person), gift_id=gift_id, now=now))


def hand_over(now: datetime, person: Person, gift_id: int) -> bool:
    """`person` gives what is not a copy."""
    return db.in_transaction(lambda: operations.give_gift(actor=actor_for(person), gift_id=gift_id, now=now))


def give(now: datetime, person: Person, other: Person, **draft: Any) -> Gift:
    """A gift of something that is not a copy, all the way."""
    gift = offer(now, person, other, **draft)
    take_gift(now, other, gift.id)
    hand_over(now, person, gift.id)
    return queries.get_gift(person.id, gift.id)


def correct(now: datetime, person: Person, other: Person, said: Correction | None) -> None:
    """`person` says how close `other` really is."""
    db.in_transaction(lambda: operations.correct_tie(actor=actor_for(person), person_id=other.id, said=said, now=now))


def strength(now: datetime, person: Person, other: Person) -> int:
    """How close `other` is, as `person` sees it."""
    return queries.get_tie_story(person.id, other.id, now=now).tie.strength
