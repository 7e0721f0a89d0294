"""Somebody of the staff, and the house's words."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.builders import moderation as judging
from tests.builders.people import make_person
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation.types import Category, Verdict


@pytest.fixture
def staff(now: datetime) -> Person:
    person = make_person(now, is_staff=True)
    judging.make_rule(now, person, "刷单")
    judging.make_rule(now, person, "加微信", Verdict.REFUSE, Category.ADVERTISING)
    return person
