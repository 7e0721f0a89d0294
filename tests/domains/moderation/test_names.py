"""Names that others read, and that nobody judges by themselves: what a rule refuses or would hold is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.builders.people import actor_for, make_person
from wuyou.domains.content import operations as content
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import errors
from wuyou.domains.social import operations as social
from wuyou.domains.things import operations as things
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC

pytestmark = pytest.mark.usefixtures("world", "staff")

Say = Callable[[Actor, str, datetime], object]
SAID: dict[str, Say] = {
    "a series": lambda actor, name, now: content.make_series(actor=actor, title=name, now=now),
    "a shelf": lambda actor, name, now: things.make_shelf(actor=actor, name=name, now=now),
    "a hobby": lambda actor, name, now: social.say_hobby(actor=actor, hobby=name, audience=PUBLIC, now=now),
    "a place": lambda actor, name, now: social.say_place(actor=actor, words=["中国", name], audience=PUBLIC, now=now),
}
KEPT = """
    SELECT (SELECT count(*) FROM content_series), (SELECT count(*) FROM things_shelf),
           (SELECT count(*) FROM social_trait)
"""


@pytest.mark.parametrize("what", SAID)
@pytest.mark.parametrize("name", ["加 微-信看图", "兼职刷单"])
def test_a_name_that_a_rule_refuses_or_would_hold_is_refused_and_nothing_is_kept(
    what: str, name: str, now: datetime
) -> None:
    actor = actor_for(make_person(now))
    before = db.rows(KEPT)

    with pytest.raises(errors.WordsRefused):
        db.in_transaction(lambda: SAID[what](actor, name, now))

    assert db.rows(KEPT) == before
    db.in_transaction(lambda: SAID[what](actor, "山里", now))
    assert db.rows(KEPT) != before


def test_what_has_a_name_is_not_given_a_refused_one(now: datetime) -> None:
    person: Person = make_person(now)
    actor = actor_for(person)
    series_id = db.in_transaction(lambda: content.make_series(actor=actor, title="山里", now=now))
    shelf = db.in_transaction(lambda: things.make_shelf(actor=actor, name="山里", now=now))

    for rename in (
        lambda: content.rename_series(actor=actor, series_id=series_id, title="加微信", now=now),
        lambda: things.rename_shelf(actor=actor, shelf_id=shelf.id, name="加微信", now=now),
    ):
        with pytest.raises(errors.WordsRefused):
            db.in_transaction(rename)

    assert db.rows("SELECT title FROM content_series UNION ALL SELECT name FROM things_shelf") == [("山里",), ("山里",)]
