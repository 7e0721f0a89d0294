"""What is withheld shows on no surface of words to anybody but its writer; let go, it shows on all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.builders import moderation as judging
from tests.builders.people import make_person
from tests.builders.things import make_holding, make_shelf, make_thing
from tests.properties import sight_surfaces as table
from tests.properties.sight_surfaces import ANSWERS, SURFACES, Answer, Asked, Kept, Lived
from tests.surfaces.storefront.conftest import browser
from wuyou.config.wiring import SUBSCRIBERS
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.moderation.types import Outcome, Subject, SubjectKind
from wuyou.domains.things import operations, queries
from wuyou.domains.things.types import AnnotationDraft, Purpose, ReviewDraft
from wuyou.infra import db, events
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC

pytestmark = pytest.mark.usefixtures("world", "plain_static_files")

OF = {
    SubjectKind.REVIEW: [name for name, (_, allowed) in SURFACES.items() if allowed is table.the_review],
    SubjectKind.ANNOTATION: [name for name, (_, allowed) in SURFACES.items() if allowed is table.the_annotation],
    SubjectKind.ANSWER: list(ANSWERS),
}
"""The surfaces that show each kind of words."""


@dataclass
class Said:
    """Words of a writer and an answerer, and who reads."""

    lived: Lived
    kept: Kept
    answer: Answer
    writer: Person
    reader: Person
    staff: Person
    browsers: dict[int, Any] = field(default_factory=dict)

    def subject(self, kind: SubjectKind) -> Subject:
        ids = {
            SubjectKind.REVIEW: self.kept.review_id,
            SubjectKind.ANNOTATION: self.kept.annotation_id,
            SubjectKind.ANSWER: self.answer.id,
        }
        return Subject(kind, ids[kind])

    def shown(self, kind: SubjectKind, who: Person | None) -> dict[str, bool | None]:
        """On which of its surfaces the words show to somebody, asked anew."""
        asked = Asked(browser(who, "zh-hans"), who.id if who else None)
        if kind is SubjectKind.ANSWER:
            return {name: ANSWERS[name](self.lived, asked, self.kept, self.answer) for name in OF[kind]}
        return {name: SURFACES[name][0](self.lived, asked, self.kept) for name in OF[kind]}


@pytest.fixture
def said(now: datetime) -> Said:
    writer, answerer, reader = make_person(now), make_person(now), make_person(now)
    staff = make_person(now, is_staff=True)
    thing, talked = make_thing(now, "Dingzz"), make_thing(now, "Wortzz")
    holding = make_holding(now, writer, thing, audience=PUBLIC)
    shelf = make_shelf(now, writer)
    make_holding(now, reader, talked, audience=PUBLIC)
    about = frozenset(queries.subjects_by_thing([talked.id])[talked.id])
    kept = Kept(holding, 0, shelf.id, 0, PUBLIC, PUBLIC, frozenset(), talked.id, about, 0, 0, 0, ())

    def say() -> tuple[int, int, int, int]:
        me = Actor(writer.id)
        review = operations.write_review(
            actor=me, thing_id=talked.id, draft=ReviewDraft(f"review of {kept.said}", 4, audience=PUBLIC), now=now
        )
        annotation, question = (
            operations.annotate(
                actor=me, thing_id=talked.id, now=now,
                draft=AnnotationDraft(f"{what} {kept.said}", Purpose.ASK, audience=PUBLIC),
            )
            for what in ("annotation at", "question at")
        )  # fmt: skip
        answer = operations.reply(
            actor=Actor(answerer.id), annotation_id=question, text=f"answer 1 to {kept.said}", now=now
        )
        return review, annotation, question, answer

    review, annotation, question, answer = db.in_transaction(say)
    people = [writer, answerer]
    kept = Kept(
        holding, 0, shelf.id, 0, PUBLIC, PUBLIC, frozenset(), talked.id, about, review, annotation, question, ()
    )
    lived = SimpleNamespace(
        people=people, ids=[each.id for each in people], browsers={each.id: browser(each, "zh-hans") for each in people}
    )
    return Said(cast(Lived, lived), kept, Answer(answer, 1), writer, reader, staff)


@pytest.mark.parametrize("kind", OF)
def test_what_is_withheld_shows_nowhere_until_it_is_let_go(said: Said, now: datetime, kind: SubjectKind) -> None:
    subject = said.subject(kind)
    owner = said.lived.people[1] if kind is SubjectKind.ANSWER else said.writer
    others: list[Person | None] = [None, said.reader, *([said.writer] if kind is SubjectKind.ANSWER else [])]

    def everywhere(of: Callable[[bool], bool]) -> None:
        for who in others:
            answers = {name: shown for name, shown in said.shown(kind, who).items() if shown is not None}
            assert {name: of(shown) for name, shown in answers.items()} == dict.fromkeys(answers, True), who

    everywhere(lambda shown: shown)

    judging.report(now, said.reader, kind, subject.id)
    (case,) = moderation.list_cases().items
    decision = judging.decide(now, said.staff, case.id, Outcome.WITHHOLD)
    events.drain(SUBSCRIBERS, now)

    everywhere(lambda shown: not shown)
    own = {name: shown for name, shown in said.shown(kind, owner).items() if shown is not None}
    assert set(own.values()) == {True}

    appeal = judging.appeal(now, owner, decision)
    judging.answer(now, make_person(now, is_staff=True), appeal, is_granted=True)
    events.drain(SUBSCRIBERS, now)

    everywhere(lambda shown: shown)


def test_every_surface_of_words_is_asked() -> None:
    assert {kind: len(names) for kind, names in OF.items()} == {
        SubjectKind.REVIEW: 4,
        SubjectKind.ANNOTATION: 4,
        SubjectKind.ANSWER: 4,
    }
