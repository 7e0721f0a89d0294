"""People for tests and the demo world, made through operations only.

Every builder is an entry point: it opens its own transaction, so it works in a rolled-back test and in a committed one.
"""

from __future__ import annotations

from datetime import datetime
from itertools import count

from wuyou.domains.identity import operations as identity
from wuyou.domains.identity.contacts import contact_of
from wuyou.domains.identity.types import Person
from wuyou.infra import db
from wuyou.kernel.actor import Actor

PASSWORD = "a-long-enough-password"
"""The password of people who have one."""

_numbers = count(1)


def make_person(
    now: datetime,
    name: str = "",
    *,
    handle: str = "",
    avatar: str = "cat",
    has_password: bool = False,
    is_staff: bool = False,
    contact: str = "",
) -> Person:
    """Somebody new. Only people with a password can sign in; hashing one takes a while, so it must be asked for."""
    handle = handle or f"friend_{next(_numbers)}"
    password_hash = identity.hash_password(PASSWORD) if has_password else None
    return db.in_transaction(
        lambda: identity.register(
            handle=handle,
            display_name=name or handle,
            password_hash=password_hash,
            contact=contact_of(contact) if contact else None,
            avatar=avatar,
            is_staff=is_staff,
            now=now,
        )
    )


def actor_for(person: Person) -> Actor:
    """This person, acting."""
    return Actor(person.id, is_staff=person.is_staff)
