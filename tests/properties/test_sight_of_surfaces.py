"""Copies and words among people, labels and blocks: every surface shows to each viewer what the oracle allows, and all
of it.

`python tools/sight_table.py` writes what was compared into docs/reference/sight.md.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from django.test import Client
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.builders.things import make_holding, make_shelf, make_thing
from tests.conftest import NOW, empty_tables
from tests.properties import sight_surfaces
from tests.properties.sight_surfaces import (
    ANSWERS,
    SURFACES,
    Answer,
    Asked,
    Kept,
    without_blocks,
    without_relations,
)
from tests.properties.sight_world import PEOPLE, Relations, World, live, people, rules
from tests.surfaces.storefront.conftest import browser
from wuyou.domains.things import operations, queries
from wuyou.domains.things.types import AnnotationDraft, Purpose, ReviewDraft, Words
from wuyou.infra import db, pictures
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, AudienceRule, Subject, SubjectKind
from wuyou.surfaces.api import copies as api_copies
from wuyou.surfaces.api import reviews as api_reviews

TABLE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "sight.md"
AT_FIRST, COPIES = 4, 6
"""So many copies stand at the beginning of a world, and so many at most in the end."""

compared: Counter[str] = Counter()


class CopiesMachine(Relations):
    """Copies and words with rules among people and their relations, asked for on every surface when all is done."""

    surfaces: Collection[str] = (*SURFACES, *ANSWERS)

    @initialize(first=st.tuples(*[rules] * AT_FIRST))
    def begin(self, first: tuple[AudienceRule, ...]) -> None:
        empty_tables()
        self.meet(World())
        self.outsider = make_person(NOW)
        self.browsers = {person.id: browser(person, "zh-hans") for person in self.people}
        self.copies: list[Kept] = []
        for owner, opened in enumerate(first):
            self.put(owner, opened)

    @precondition(lambda self: len(self.copies) < COPIES)
    @rule(owner=people, rule=rules)
    def put(self, owner: int, rule: AudienceRule) -> None:
        named, actor = self.for_owner(owner, rule), Actor(self.ids[owner])
        thing, talked = (make_thing(NOW, f"{name}{len(self.copies)}zz") for name in ("Ding", "Wort"))
        holding = make_holding(NOW, self.people[owner], thing, audience=named)
        picture = pictures.take_in(_photo(len(self.copies)))
        shelf = make_shelf(NOW, self.people[owner])
        make_holding(NOW, self.outsider, talked, audience=PUBLIC)
        for other, person in enumerate(self.people):
            make_holding(NOW, person, talked)
            if other != owner:
                make_holding(NOW, person, thing)
        kept = Kept(
            holding, 0, shelf.id, owner, named, named,
            frozenset(queries.subjects_by_thing([thing.id])[thing.id]),
            talked.id,
            frozenset(queries.subjects_by_thing([talked.id])[talked.id]),
            0, 0, 0, (),
        )  # fmt: skip

        def say() -> Kept:
            (photo_id,) = operations.add_photos(actor=actor, holding_id=holding.id, pictures=[picture], now=NOW)
            operations.put_on_shelf(actor=actor, holding_ids=[holding.id], shelf_id=shelf.id)
            operations.describe_holding(actor=actor, holding_id=holding.id, words=Words(story=kept.mark), now=NOW)
            review_id = operations.write_review(actor=actor, thing_id=talked.id, draft=_review_of(kept, named), now=NOW)
            annotation_id, question_id = (
                operations.annotate(
                    actor=actor, thing_id=talked.id, now=NOW,
                    draft=AnnotationDraft(f"{what} {kept.said}", Purpose.ASK, audience=audience),
                )
                for what, audience in (("annotation at", named), ("question at", PUBLIC))
            )  # fmt: skip
            return replace(
                kept, photo_id=photo_id, review_id=review_id, annotation_id=annotation_id, question_id=question_id
            )

        kept = db.in_transaction(say)
        answers = (self.answer(kept, other) for other in range(PEOPLE) if other != owner)
        self.copies.append(replace(kept, answers=tuple(answer for answer in answers if answer is not None)))

    def answer(self, kept: Kept, by: int) -> Answer | None:
        """Somebody answers what is open to everyone, unless it is not to them."""
        if not sight_surfaces.the_answer(self, kept, Answer(0, by), self.ids[by]):
            return None
        return Answer(
            db.in_transaction(
                lambda: operations.reply(
                    actor=Actor(self.ids[by]),
                    annotation_id=kept.question_id,
                    text=f"answer {by} to {kept.said}",
                    now=NOW,
                )
            ),
            by,
        )

    @rule(which=st.integers(0, 99), rule=rules)
    def edit(self, which: int, rule: AudienceRule) -> None:
        at = which % len(self.copies)
        kept = replace(self.copies[at], rule=self.for_owner(self.copies[at].owner, rule))
        actor = Actor(self.ids[kept.owner])

        def change() -> None:
            operations.set_audience(actor=actor, holding_ids=[kept.holding.id], rule=kept.rule, now=NOW)
            operations.edit_review(actor=actor, review_id=kept.review_id, draft=_review_of(kept, kept.rule), now=NOW)

        db.in_transaction(change)
        self.copies[at] = kept

    @rule(one=people, which=st.integers(0, 99), of_talk=st.booleans(), averse=st.booleans())
    def block_subject(self, one: int, which: int, of_talk: bool, averse: bool) -> None:
        """Want to see nothing about the thing of one of the copies, instead of about numbers that nothing has."""
        kept = self.copies[which % len(self.copies)]
        thing_id = kept.talked_id if of_talk else kept.holding.thing.id
        self.turn(one, Subject(SubjectKind.THING, thing_id), averse)

    def teardown(self) -> None:
        """At the end of what was lived, everyone asks for everything everywhere."""
        everybody = [Asked(Client(), None), *(Asked(client, key) for key, client in self.browsers.items())]
        for kept in self.copies:
            for asked in everybody:
                for name, (surface, allowed) in SURFACES.items():
                    if name in self.surfaces:
                        self.compare(name, asked, surface(self, asked, kept), allowed(self, kept, asked.id), kept)
                for name, of_answer in ANSWERS.items():
                    for answer in kept.answers if name in self.surfaces else ():
                        expected = sight_surfaces.the_answer(self, kept, answer, asked.id)
                        self.compare(name, asked, of_answer(self, asked, kept, answer), expected, kept)

    def compare(self, name: str, asked: Asked, answer: bool | None, expected: bool, kept: Kept) -> None:
        if answer is not None:
            compared[name] += 1
            assert answer == expected, (name, asked.id, kept)


def _review_of(kept: Kept, rule: AudienceRule) -> ReviewDraft:
    return ReviewDraft(f"review of {kept.said}", 4, audience=rule)


@cache
def _photo(seed: int) -> bytes:
    return make_photo(320, 240, seed)


@pytest.mark.usefixtures("home")
def test_every_surface_shows_what_the_oracle_allows() -> None:
    compared.clear()
    live(CopiesMachine, int(os.environ.get("WUYOU_SIGHT_WORLDS", "3")), int(os.environ.get("WUYOU_SIGHT_SEED", "0")))

    assert set(compared) == {*SURFACES, *ANSWERS}
    if target := os.environ.get("WUYOU_SIGHT_TABLE"):
        Path(target).write_text(json.dumps({name: compared[name] for name in (*SURFACES, *ANSWERS)}))
    assert [name for name in (*SURFACES, *ANSWERS) if f"| {name} |" not in TABLE.read_text()] == []


class _ApiAlone(CopiesMachine):
    """Asks where the controls read around the rule, and nowhere else."""

    surfaces = ("API: copies of a thing", "API: the copy", "API: the review")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("module", "around"),
    [(api_copies, without_blocks), (api_reviews, without_relations)],
    ids=["copies, blocks forgotten", "reviews, friends forgotten"],
)
def test_a_surface_that_reads_around_the_rule_is_found(
    monkeypatch: pytest.MonkeyPatch, module: object, around: object
) -> None:
    monkeypatch.setattr(module, "get_viewer", around)

    with pytest.raises(AssertionError, match="API: the"):
        live(_ApiAlone, 12)
