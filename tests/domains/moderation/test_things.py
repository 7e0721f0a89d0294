"""Reviews, annotations and answers under review: their writers alone see them, until staff have looked."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.builders import moderation as judging
from tests.builders.people import actor_for, make_person
from tests.builders.things import make_holding, make_review, make_thing
from wuyou.config.wiring import SUBSCRIBERS
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import errors, queries, tasks
from wuyou.domains.moderation.rules import APPEAL_FOR
from wuyou.domains.moderation.types import Category, Outcome, Subject, SubjectKind, Verdict
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.things import errors as things_errors
from wuyou.domains.things import operations
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import AnnotationDraft, Purpose, ReviewDraft, Thing
from wuyou.infra import db, events
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import PUBLIC

pytestmark = pytest.mark.usefixtures("world")


class Scene:
    """A writer with a thing that everybody knows, a reader, and two of the staff."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.writer, self.reader = make_person(now, "林"), make_person(now, "江")
        self.staff, self.other_staff = make_person(now, is_staff=True), make_person(now, is_staff=True)
        self.thing: Thing = make_thing(now)
        make_holding(now, self.writer, self.thing, audience=PUBLIC)

    def review(self, text: str) -> int:
        return make_review(self.now, self.writer, self.thing, text)

    def edit(self, review_id: int, text: str) -> None:
        draft = ReviewDraft(text, None, False, PUBLIC)
        db.in_transaction(
            lambda: operations.edit_review(actor=actor_for(self.writer), review_id=review_id, draft=draft, now=self.now)
        )

    def annotate(self, text: str) -> int:
        draft = AnnotationDraft(text, Purpose.COMMENT, None, None, PUBLIC)
        return db.in_transaction(
            lambda: operations.annotate(actor=actor_for(self.writer), thing_id=self.thing.id, draft=draft, now=self.now)
        )

    def answer(self, person: Person, annotation_id: int, text: str) -> int:
        return db.in_transaction(
            lambda: operations.reply(actor=actor_for(person), annotation_id=annotation_id, text=text, now=self.now)
        )

    def sees_review(self, person: Person, review_id: int) -> bool:
        return review_id in {each.id for each in things.list_reviews(get_viewer(person.id), self.thing.id).items}

    def open_case(self) -> int:
        (case,) = queries.list_cases().items
        return case.id

    def settle(self) -> None:
        events.drain(SUBSCRIBERS, self.now)


@pytest.fixture
def scene(now: datetime) -> Scene:
    return Scene(now)


def test_words_that_a_rule_refuses_are_named_and_nothing_is_written(scene: Scene) -> None:
    judging.make_rule(scene.now, scene.staff, "加微信", Verdict.REFUSE, Category.ADVERTISING)

    with pytest.raises(errors.WordsRefused) as refused:
        scene.review("好用，請加 微-信 聊")

    assert refused.value.facts == {"words": "加 微-信", "category": Category.ADVERTISING}
    assert db.rows("SELECT 1 FROM things_review") == [] == db.rows("SELECT 1 FROM moderation_case")


def test_what_a_rule_holds_is_its_writers_alone_until_it_is_kept(scene: Scene) -> None:
    judging.make_rule(scene.now, scene.staff, "刷单")

    review = scene.review("可以刷单哦")

    assert scene.sees_review(scene.writer, review)
    assert not scene.sees_review(scene.reader, review)
    (case,) = queries.list_cases().items
    assert (case.subject, case.owner_id, case.is_held) == (
        Subject(SubjectKind.REVIEW, review), scene.writer.id, True,
    )  # fmt: skip

    judging.decide(scene.now, scene.staff, case.id, Outcome.KEEP)
    scene.settle()

    assert scene.sees_review(scene.reader, review)
    assert queries.list_cases().items == ()


def test_a_mark_is_kept_and_closes_nothing(scene: Scene) -> None:
    judging.make_rule(scene.now, scene.staff, "高仿", Verdict.MARK, Category.COUNTERFEIT)

    review = scene.review("不是高仿")

    assert scene.sees_review(scene.reader, review)
    assert queries.list_cases().items == ()
    ((subject, hit),) = queries.list_marks()
    assert subject == Subject(SubjectKind.REVIEW, review)
    assert hit.term is not None
    assert hit.term.text == "高仿"


def test_an_edit_is_screened_and_what_is_withheld_stays_so_through_it(scene: Scene) -> None:
    judging.make_rule(scene.now, scene.staff, "刷单")
    review = scene.review("很好")

    scene.edit(review, "刷 单")
    assert not scene.sees_review(scene.reader, review)
    scene.edit(review, "很好")
    assert not scene.sees_review(scene.reader, review), "staff look before it opens"
    assert len(queries.list_cases().items) == 1

    judging.decide(scene.now, scene.staff, scene.open_case(), Outcome.WITHHOLD)
    scene.settle()
    scene.edit(review, "真的很好")

    assert not scene.sees_review(scene.reader, review)
    judging.decide(scene.now, scene.staff, scene.open_case(), Outcome.KEEP)
    scene.settle()
    assert scene.sees_review(scene.reader, review)
    assert things.get_review_rule(scene.writer.id, review) == PUBLIC


def test_a_release_that_comes_late_opens_nothing_that_was_held_meanwhile(scene: Scene) -> None:
    judging.make_rule(scene.now, scene.staff, "刷单")
    review = scene.review("刷单")
    judging.decide(scene.now, scene.staff, scene.open_case(), Outcome.KEEP)

    scene.edit(review, "刷单刷单")
    scene.settle()

    assert not scene.sees_review(scene.reader, review)


def test_a_report_closes_nothing_and_a_removal_waits_for_the_appeal(scene: Scene) -> None:
    review = scene.review("假的")
    judging.report(scene.now, scene.reader, SubjectKind.REVIEW, review)
    assert scene.sees_review(scene.reader, review)

    judging.decide(scene.now, scene.staff, scene.open_case(), Outcome.REMOVE)
    scene.settle()
    assert not scene.sees_review(scene.reader, review)
    assert scene.sees_review(scene.writer, review)

    assert tasks.finish_due_removals(scene.now + APPEAL_FOR) == 1
    scene.settle()
    assert not scene.sees_review(scene.writer, review)
    assert tasks.finish_due_removals(scene.now + APPEAL_FOR) == 0


def test_a_removal_that_is_appealed_waits_for_the_answer_and_a_granted_one_undoes_it(scene: Scene) -> None:
    review = scene.review("假的")
    judging.report(scene.now, scene.reader, SubjectKind.REVIEW, review)
    decision = judging.decide(scene.now, scene.staff, scene.open_case(), Outcome.REMOVE)
    appeal = judging.appeal(scene.now, scene.writer, decision)
    scene.settle()

    assert tasks.finish_due_removals(scene.now + APPEAL_FOR) == 0
    judging.answer(scene.now + APPEAL_FOR, scene.other_staff, appeal, is_granted=True)
    assert tasks.finish_due_removals(scene.now + APPEAL_FOR) == 0
    scene.settle()

    assert scene.sees_review(scene.reader, review)
    assert queries.paused_until(scene.writer.id, scene.now) is None


def test_an_answer_that_is_held_is_told_to_nobody_and_brings_nobody_closer_until_it_opens(scene: Scene) -> None:
    judging.make_rule(scene.now, scene.staff, "刷单")
    thread = scene.annotate("快门在这里")

    answer = scene.answer(scene.reader, thread, "来刷单")

    def answers(person: Person) -> list[int]:
        found = things.replies_by_annotation(get_viewer(person.id), [thread])
        return [each.id for each in found.get(thread, ())]

    def told() -> list[Kind]:
        return [group.kind for group in notifications.list_groups(get_viewer(scene.writer.id)).items]

    assert (answers(scene.reader), answers(scene.writer)) == ([answer], [])
    assert told() == []
    assert db.rows("SELECT 1 FROM social_tie") == []

    judging.decide(scene.now, scene.staff, scene.open_case(), Outcome.KEEP)
    scene.settle()
    scene.settle()

    assert answers(scene.writer) == [answer]
    assert told() == [Kind.THREAD_REPLIED]
    assert len(db.rows("SELECT 1 FROM social_tie")) == 1


def test_an_annotation_that_is_held_hides_its_thread(scene: Scene) -> None:
    judging.make_rule(scene.now, scene.staff, "刷单")

    thread = scene.annotate("来刷单")

    things.get_annotation_for(get_viewer(scene.writer.id), thread)
    with pytest.raises(things_errors.AnnotationNotFound):
        things.get_annotation_for(get_viewer(scene.reader.id), thread)
    with pytest.raises(things_errors.AnnotationNotFound):
        scene.answer(scene.reader, thread, "好")


def test_who_has_too_many_strikes_publishes_nothing_for_a_while(scene: Scene) -> None:
    for text in ("一", "二"):
        review = scene.review(text)
        judging.report(scene.now, scene.reader, SubjectKind.REVIEW, review)
        judging.decide(scene.now, scene.staff, scene.open_case(), Outcome.REMOVE)

    until = queries.paused_until(scene.writer.id, scene.now)
    assert until is not None
    with pytest.raises(errors.Paused) as refused:
        scene.review("三")
    assert refused.value.facts == {"until": until}
    assert len(db.rows("SELECT 1 FROM things_review")) == 2
    assert queries.may_publish(scene.writer.id, until)
