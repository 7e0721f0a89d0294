"""Who knocks at the console."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from tests.builders.people import make_person
from wuyou.domains.identity.models import User
from wuyou.domains.identity.types import Person
from wuyou.kernel.clock import utc_now

ENGLISH = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def without_built_names(plain_static_files: None) -> None:
    """No page here needs a collected manifest."""


@pytest.fixture
def present(world: None) -> datetime:
    """This very moment: pages read the clock themselves. The world is committed."""
    return utc_now()


@pytest.fixture
def staff(present: datetime) -> Person:
    """Somebody who works here."""
    return make_person(present, "值班", is_staff=True)


@pytest.fixture
def client(staff: Person) -> Client:
    """A browser that staff is signed in with, in English."""
    return signed_in(staff)


def signed_in(person: Person, *, checks_csrf: bool = False) -> Client:
    """A browser that this person is signed in with."""
    browser = Client(headers=ENGLISH, enforce_csrf_checks=checks_csrf)
    browser.force_login(User.objects.get(id=person.id))
    return browser
