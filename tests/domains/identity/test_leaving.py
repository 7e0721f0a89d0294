"""Leaving: nothing is lost within the days of grace, and nothing is left after them."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from tests.builders import goods, teams
from tests.builders.people import PASSWORD, actor_for, make_person
from tests.builders.waiting import wait_for_waiters
from wuyou.domains.identity import errors, operations, queries, tasks
from wuyou.domains.identity.types import Person
from wuyou.infra import db

pytestmark = pytest.mark.usefixtures("world")
GRACE = timedelta(days=settings.ERASURE_GRACE_DAYS)


def ask(person: Person, now: datetime) -> datetime:
    return db.in_transaction(lambda: operations.ask_to_leave(actor=actor_for(person), now=now))


def signed_in(person: Person) -> Client:
    client = Client()
    client.post("/sign-in", {"handle": person.handle, "password": PASSWORD})
    return client


def count_sessions() -> int:
    found = db.row("SELECT count(*) FROM django_session")
    return int(found[0]) if found else 0


def test_asking_ends_every_session_and_token_of_that_person_alone(now: datetime) -> None:
    mei, lin = make_person(now, has_password=True), make_person(now, has_password=True)
    signed_in(mei), signed_in(mei), signed_in(lin)
    token = db.in_transaction(lambda: operations.issue_access_token(user_id=mei.id, label="x", now=now))

    assert ask(mei, now) == now + GRACE
    assert ask(mei, now + timedelta(days=1)) == now + GRACE

    assert count_sessions() == 1
    assert queries.find_actor_by_token(token) is None
    assert not queries.get_person(mei.id).is_erased


def test_who_comes_back_stays_and_who_does_not_is_erased_when_due(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    ask(mei, now), ask(lin, now)

    assert tasks.erase_leavers(now + GRACE - timedelta(seconds=1)) == 0
    assert db.in_transaction(lambda: operations.come_back(person_id=lin.id))
    assert not db.in_transaction(lambda: operations.come_back(person_id=lin.id))
    assert tasks.erase_leavers(now + GRACE) == 1

    assert queries.get_person(mei.id).is_erased
    assert queries.get_person(mei.id).display_name == ""
    assert queries.get_person(lin.id) == lin
    with pytest.raises(errors.PersonNotFound):
        db.in_transaction(lambda: operations.come_back(person_id=mei.id))


def test_open_order_keeps_somebody_and_changes_nothing(now: datetime) -> None:
    mei, product = make_person(now, has_password=True), goods.make_product(now)
    teams.open_team(now, mei, goods.make_campaign(now, product), product)
    client = signed_in(mei)

    with pytest.raises(errors.StillOpen):
        ask(mei, now)

    assert queries.find_leaving(mei.id) is None
    assert count_sessions() == 1
    assert client.session


def test_what_opened_meanwhile_holds_the_erasure_up_until_tomorrow(now: datetime) -> None:
    mei, product = make_person(now), goods.make_product(now)
    ask(mei, now)
    teams.open_team(now, mei, goods.make_campaign(now, product), product)

    assert tasks.erase_leavers(now + GRACE) == 0

    leaving = queries.find_leaving(mei.id)
    assert leaving is not None
    assert leaving.is_held_up
    assert leaving.due_at == now + GRACE + timedelta(days=1)
    assert queries.get_person(mei.id) == mei


def test_handle_of_somebody_erased_is_nobodys_again(now: datetime) -> None:
    mei = make_person(now, handle="first_of_her_name")
    ask(mei, now)
    tasks.erase_leavers(now + GRACE)

    with pytest.raises(errors.HandleTaken):
        make_person(now, handle="first_of_her_name")

    assert db.row("SELECT count(*) FROM identity_user WHERE handle = 'first_of_her_name'") == (0,)


@pytest.mark.concurrency
@pytest.mark.parametrize("is_retired", [True, False], ids=["retired", "control: not retired"])
def test_handle_is_not_taken_while_its_person_is_being_erased(now: datetime, is_retired: bool) -> None:
    mei = make_person(now, handle="wanted_by_two")
    erased, came = Event(), Event()
    outcome: list[str] = []

    def erase() -> None:
        operations.erase_person(person_id=mei.id, now=now)
        if not is_retired:
            db.execute("DELETE FROM identity_retired_handle")
        erased.set()
        came.wait(5)
        wait_for_waiters()

    def take() -> None:
        erased.wait(5)
        came.set()
        try:
            make_person(now, handle="wanted_by_two")
            outcome.append("taken")
        except errors.HandleTaken:
            outcome.append("refused")
        connection.close()

    other = Thread(target=take)
    other.start()
    db.in_transaction(erase)
    other.join()

    assert outcome == ["refused" if is_retired else "taken"]
