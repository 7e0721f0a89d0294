"""Conversations for tests, made through operations only; each call is an entry point."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from tests.builders import social
from tests.builders.people import actor_for, make_person
from wuyou.domains.identity.types import Person
from wuyou.domains.messaging import operations, queries
from wuyou.domains.messaging.types import Draft, Message, Photo
from wuyou.infra import db, sight, storage
from wuyou.kernel.sight import Viewer

_numbers = count(1)


def viewer(person: Person) -> Viewer:
    """This person, looking now."""
    return sight.get_viewer(person.id)


def make_friends(now: datetime, *names: str) -> list[Person]:
    """People of whom each is a friend of each."""
    people = [make_person(now, name) for name in names]
    for at, one in enumerate(people):
        for other in people[at + 1 :]:
            social.befriend(now, one, other)
    return people


def open_with(now: datetime, person: Person, other: Person) -> int:
    """The conversation of the two."""
    return db.in_transaction(lambda: operations.open_conversation(actor=actor_for(person), person_id=other.id, now=now))


def new_client_id() -> str:
    """One that nobody used."""
    return f"client-{next(_numbers):06d}"


def make_photo() -> Photo:
    """A photo that waits for its message: a file that nobody will look at."""
    return Photo(storage.put({"1.webp": b"photo"}, suffix="-1"), 800, 600, "LKO2")


def say(
    now: datetime,
    person: Person,
    conversation_id: int,
    text: str = "在吗",
    *,
    client_id: str = "",
    draft: Draft | None = None,
) -> int:
    """`person` says something; returns its number."""
    return db.in_transaction(
        lambda: operations.send_message(
            actor=actor_for(person),
            conversation_id=conversation_id,
            client_id=client_id or new_client_id(),
            draft=draft or Draft(text),
            now=now,
        )
    )


def call_out(
    now: datetime, person: Person, other: Person, thing_ids: list[int], text: str = "我也在用这台", client_id: str = ""
) -> tuple[int, int]:
    """`person` calls out to `other` about things."""
    return db.in_transaction(
        lambda: operations.call_out(
            actor=actor_for(person),
            person_id=other.id,
            text=text,
            thing_ids=thing_ids,
            client_id=client_id or new_client_id(),
            now=now,
        )
    )


def make_group(now: datetime, person: Person, *others: Person, name: str = "周末拍照") -> int:
    """A group of `person`'s."""
    return db.in_transaction(
        lambda: operations.make_group(
            actor=actor_for(person), name=name, person_ids=[other.id for other in others], now=now
        )
    )


def add(now: datetime, person: Person, group: int, other: Person) -> None:
    """`person` brings `other` into a group."""
    db.in_transaction(
        lambda: operations.add_member(actor=actor_for(person), conversation_id=group, person_id=other.id, now=now)
    )


def remove(now: datetime, person: Person, group: int, other: Person) -> None:
    """`person` takes `other` out of a group."""
    db.in_transaction(
        lambda: operations.remove_member(actor=actor_for(person), conversation_id=group, person_id=other.id, now=now)
    )


def leave(now: datetime, person: Person, group: int) -> None:
    """`person` goes."""
    db.in_transaction(lambda: operations.leave_group(actor=actor_for(person), conversation_id=group, now=now))


def see(now: datetime, person: Person, conversation_id: int, seq: int) -> bool:
    """`person` has seen up to a number."""
    return db.in_transaction(
        lambda: operations.mark_seen(actor=actor_for(person), conversation_id=conversation_id, seq=seq, now=now)
    )


def accept(now: datetime, person: Person, conversation_id: int) -> None:
    """`person` lets the other in."""
    db.in_transaction(lambda: operations.accept(actor=actor_for(person), conversation_id=conversation_id, now=now))


def decline(now: datetime, person: Person, conversation_id: int) -> None:
    """`person` does not want to."""
    db.in_transaction(lambda: operations.decline(actor=actor_for(person), conversation_id=conversation_id, now=now))


def edit(now: datetime, person: Person, conversation_id: int, seq: int, text: str) -> None:
    """`person` says it otherwise."""
    db.in_transaction(
        lambda: operations.edit_message(
            actor=actor_for(person), conversation_id=conversation_id, seq=seq, text=text, now=now
        )
    )


def withdraw(now: datetime, person: Person, conversation_id: int, seq: int) -> tuple[str, ...]:
    """`person` takes it back."""
    return db.in_transaction(
        lambda: operations.withdraw_message(actor=actor_for(person), conversation_id=conversation_id, seq=seq, now=now)
    )


def read(person: Person, conversation_id: int) -> tuple[Message, ...]:
    """What `person` reads there."""
    return queries.list_messages(viewer(person), conversation_id, limit=100)


def texts(person: Person, conversation_id: int) -> list[str]:
    """The texts that `person` reads there."""
    return [message.text for message in read(person, conversation_id)]
