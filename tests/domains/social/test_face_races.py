"""What one person shows of themselves from several windows at once; and what happens without the lock of the person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event
from typing import Any
from unittest import mock

import pytest

from tests.builders import faces
from tests.builders.people import actor_for, make_person
from tests.concurrency.conftest import rush as rush
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.social import errors, operations, policies, queries
from wuyou.domains.social.operations import faces as writing
from wuyou.domains.social.types import AgeBand
from wuyou.infra import db
from wuyou.kernel.sight import ONLY_ME

pytestmark = pytest.mark.concurrency

Rush = Callable[[Sequence[Callable[[], Any]]], list[Any]]
MINOR = AgeBand(2010, 10)


def test_the_last_place_for_a_hobby_is_taken_once(rush: Rush, now: datetime) -> None:
    lin = make_person(now)
    for n in range(policies.MAX_HOBBIES - 1):
        faces.say_hobby(lin, f"爱好{n}")

    results = rush([lambda n=n: faces.say_hobby(lin, f"又一个{n}") for n in range(4)])  # type: ignore[misc]

    assert sum(isinstance(result, errors.TooManyTraits) for result in results) == 3
    assert len(queries.list_own_traits(lin.id)) == policies.MAX_HOBBIES


def test_the_last_place_for_a_face_is_taken_once(rush: Rush, now: datetime) -> None:
    lin = make_person(now)
    for n in range(policies.MAX_FACES - 1):
        faces.make_face(lin, f"脸{n}")

    results = rush([lambda n=n: faces.make_face(lin, f"又一张{n}") for n in range(4)])  # type: ignore[misc]

    assert sum(isinstance(result, errors.TooManyFaces) for result in results) == 3
    assert len(queries.list_own_faces(lin.id).others) == policies.MAX_FACES


def one_after_the_other(
    rush: Rush, first: Callable[[Callable[[], None]], None], second: Callable[[], object], *, with_lock: bool
) -> list[Any]:
    """`first` has written when `second` begins, and commits when that is about to wait for the lock, or is done."""
    has_written, goes_on = Event(), Event()
    real_lock = writing.lock_own

    def lock(person_id: int) -> None:
        if with_lock:
            if has_written.is_set():
                goes_on.set()
            real_lock(person_id)

    def wait() -> None:
        has_written.set()
        assert goes_on.wait(30)

    def then() -> object:
        assert has_written.wait(30)
        try:
            return second()
        finally:
            goes_on.set()

    with mock.patch.object(writing, "lock_own", lock):
        return rush([lambda: first(wait), then])


def state(now: datetime, person: Person, wait: Callable[[], None]) -> None:
    """Say an age, and wait before it is committed."""

    def entry() -> None:
        operations.say_age(actor=actor_for(person), band=MINOR, audience=ONLY_ME, now=now)
        wait()

    db.in_transaction(entry)


def prove(now: datetime, person: Person) -> None:
    """Prove to be an adult, as the page does."""
    proven = identity.check_real_name(name="林小梅", number=faces.BORN_1949, now=now)

    def entry() -> None:
        identity.keep_real_name_proof(user_id=person.id, proven=proven)
        operations.drop_refuted_age(actor=actor_for(person))

    db.in_transaction(entry)


def test_an_age_stated_while_it_is_refuted_does_not_stay(rush: Rush, now: datetime) -> None:
    person = make_person(now)

    results = one_after_the_other(
        rush, lambda wait: state(now, person, wait), lambda: prove(now, person), with_lock=True
    )

    assert results == [None, None]
    assert queries.list_own_traits(person.id) == ()


def test_control_without_the_lock_a_refuted_age_stays(rush: Rush, now: datetime) -> None:
    person = make_person(now)

    results = one_after_the_other(
        rush, lambda wait: state(now, person, wait), lambda: prove(now, person), with_lock=False
    )

    assert results == [None, None]
    assert [own.trait.band for own in queries.list_own_traits(person.id)] == [MINOR]


def test_control_without_the_lock_there_is_one_hobby_too_many(rush: Rush, now: datetime) -> None:
    lin = make_person(now)
    for n in range(policies.MAX_HOBBIES - 1):
        faces.say_hobby(lin, f"爱好{n}")

    def say_and_wait(wait: Callable[[], None]) -> None:
        def entry() -> None:
            operations.say_hobby(actor=actor_for(lin), hobby="甲", audience=ONLY_ME, now=now)
            wait()

        db.in_transaction(entry)

    results = one_after_the_other(rush, say_and_wait, lambda: faces.say_hobby(lin, "乙"), with_lock=False)

    assert [isinstance(result, Exception) for result in results] == [False, False]
    assert len(queries.list_own_traits(lin.id)) == policies.MAX_HOBBIES + 1
