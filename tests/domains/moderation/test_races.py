"""Who comes at the same moment: each race with a control that takes the guard away."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection

from tests.builders import moderation as judging
from tests.builders.people import make_person
from tests.builders.things import make_holding, make_review, make_thing
from tests.builders.waiting import waiters
from tests.concurrency.conftest import Rush
from tests.concurrency.conftest import rush as rush
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import errors, operations, queries
from wuyou.domains.moderation.types import Category, Outcome, Subject, SubjectKind
from wuyou.domains.things import operations as things_operations
from wuyou.domains.things import queries as things
from wuyou.domains.things.operations import judged
from wuyou.domains.things.types import ReviewDraft, Thing
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import PUBLIC

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.concurrency]


class Scene:
    def __init__(self, now: datetime) -> None:
        self.now = now
        self.writer = make_person(now)
        self.staff = [make_person(now, is_staff=True) for _ in range(2)]
        self.thing: Thing = make_thing(now)
        make_holding(now, self.writer, self.thing, audience=PUBLIC)
        self.review = make_review(now, self.writer, self.thing, "很好")
        self.subject = Subject(SubjectKind.REVIEW, self.review)

    def reporters(self, count: int) -> list[Person]:
        return [make_person(self.now) for _ in range(count)]

    def case(self) -> int:
        return queries.list_cases().items[0].id

    def decide(self, staff: Person, case_id: int, outcome: Outcome = Outcome.WITHHOLD) -> int:
        return judging.decide(self.now, staff, case_id, outcome)

    def edit(self, text: str) -> None:
        draft = ReviewDraft(text, None, False, PUBLIC)
        db.in_transaction(
            lambda: things_operations.edit_review(
                actor=Actor(self.writer.id), review_id=self.review, draft=draft, now=self.now
            )
        )

    def is_seen(self) -> bool:
        viewer = get_viewer(self.staff[0].id)
        return self.review in {each.id for each in things.list_reviews(viewer, self.thing.id).items}


@pytest.fixture
def scene(now: datetime) -> Scene:
    return Scene(now)


def overtake(first: Callable[[], object], second: Callable[[], object]) -> Any:
    """Let the first do its part, begin the second elsewhere, and commit the first once the second waits for it.

    Returns what the second came to.
    """

    def elsewhere() -> object:
        connection.ensure_connection()
        try:
            return second()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:

        def entry() -> Future[object]:
            first()
            begun = pool.submit(elsewhere)
            while not waiters():
                assert not begun.done(), "it did not wait"
            return begun

        return db.in_transaction(entry).result(30)


def test_of_two_who_decide_at_once_one_does(scene: Scene, rush: Rush) -> None:
    judging.report(scene.now, scene.reporters(1)[0], SubjectKind.REVIEW, scene.review)
    case = scene.case()

    results = rush([lambda staff=staff: scene.decide(staff, case) for staff in scene.staff])

    assert sorted(type(each) for each in results if not isinstance(each, int)) == [errors.AlreadyDecided]
    assert len(queries.list_decisions(case)) == 1
    assert len(queries.strikes_of(scene.writer.id)) == 1


def test_control_without_the_guard_both_would_decide_and_the_key_refuses_it(scene: Scene) -> None:
    judging.report(scene.now, scene.reporters(1)[0], SubjectKind.REVIEW, scene.review)
    case = scene.case()
    scene.decide(scene.staff[0], case)

    db.execute("UPDATE moderation_case SET state = 'OPEN' WHERE id = %s", [case])

    with pytest.raises(IntegrityError):
        scene.decide(scene.staff[1], case)


def test_reports_that_come_at_once_are_one_case(scene: Scene, rush: Rush) -> None:
    reporters = scene.reporters(5)

    results = rush(
        [lambda who=who: judging.report(scene.now, who, SubjectKind.REVIEW, scene.review) for who in reporters]
    )

    assert all(isinstance(each, int) for each in results)
    (case,) = queries.list_cases().items
    assert case.report_count == 5


def test_the_same_report_twice_at_once_is_one(scene: Scene, rush: Rush) -> None:
    (reporter,) = scene.reporters(1)

    results = rush([lambda: judging.report(scene.now, reporter, SubjectKind.REVIEW, scene.review)] * 2)

    assert results[0] == results[1]
    assert db.rows("SELECT count FROM moderation_daily_reports") == [(1,)]


def test_a_report_that_comes_while_it_is_decided_opens_the_next_case(scene: Scene) -> None:
    first, second = scene.reporters(2)
    judging.report(scene.now, first, SubjectKind.REVIEW, scene.review)
    case = scene.case()

    def decide() -> None:
        operations.decide(
            actor=Actor(scene.staff[0].id, is_staff=True), case_id=case, outcome=Outcome.KEEP,
            category=Category.OTHER, note="", now=scene.now,
        )  # fmt: skip

    overtake(decide, lambda: judging.report(scene.now, second, SubjectKind.REVIEW, scene.review))

    assert len(queries.list_reports(case)) == 1
    assert scene.case() != case
    assert len(queries.list_reports(scene.case())) == 1


def test_a_decision_that_waits_for_a_report_answers_it_too(scene: Scene) -> None:
    first, second = scene.reporters(2)
    judging.report(scene.now, first, SubjectKind.REVIEW, scene.review)
    case = scene.case()

    def report() -> None:
        operations.report(
            actor=Actor(second.id), subject=scene.subject, category=Category.FRAUD, words="", now=scene.now
        )

    overtake(report, lambda: scene.decide(scene.staff[0], case))

    answered = db.rows("SELECT person_id FROM notifications_notification WHERE kind = 'REPORT_ANSWERED'")
    assert sorted(each for (each,) in answered) == sorted([first.id, second.id])


def test_a_release_waits_for_an_edit_that_is_held_and_opens_nothing(scene: Scene) -> None:
    judging.make_rule(scene.now, scene.staff[0], "刷单")
    scene.edit("刷单")
    scene.decide(scene.staff[0], scene.case(), Outcome.KEEP)

    def edit() -> None:
        things_operations.edit_review(
            actor=Actor(scene.writer.id), review_id=scene.review, now=scene.now,
            draft=ReviewDraft("还是刷单", None, False, PUBLIC),
        )  # fmt: skip

    def release() -> None:
        db.in_transaction(lambda: things_operations.follow_judgement(subject=scene.subject, now=scene.now))

    overtake(edit, release)

    assert queries.is_withheld(scene.subject)
    assert not scene.is_seen()


def test_control_a_release_that_does_not_wait_for_the_row_opens_what_is_held(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging.make_rule(scene.now, scene.staff[0], "刷单")
    scene.edit("刷单")
    scene.decide(scene.staff[0], scene.case(), Outcome.KEEP)
    monkeypatch.setattr(judged, "_lock", lambda table, row_id: True)

    def edit() -> None:
        things_operations.edit_review(
            actor=Actor(scene.writer.id), review_id=scene.review, now=scene.now,
            draft=ReviewDraft("还是刷单", None, False, PUBLIC),
        )  # fmt: skip

    def release() -> None:
        db.in_transaction(lambda: things_operations.follow_judgement(subject=scene.subject, now=scene.now))

    overtake(edit, release)

    assert queries.is_withheld(scene.subject)
    assert scene.is_seen()


def test_one_appeal_of_two_at_once(scene: Scene, rush: Rush) -> None:
    judging.report(scene.now, scene.reporters(1)[0], SubjectKind.REVIEW, scene.review)
    decision = scene.decide(scene.staff[0], scene.case())

    results = rush([lambda: judging.appeal(scene.now, scene.writer, decision)] * 2)

    assert [type(each) for each in results if not isinstance(each, int)] == [errors.AppealedAlready]
    assert len(queries.list_appeals().items) == 1
