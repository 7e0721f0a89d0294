"""Things under real simultaneous hands, and what happens when a guard is taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from threading import Event, current_thread, main_thread
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError, connection

from tests.builders.goods import make_product
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.builders.things import make_holding, make_review, make_thing
from tests.builders.waiting import waiters
from tests.concurrency.conftest import rush  # noqa: F401  (a fixture)
from wuyou.domains.things import copies, errors, operations, queries
from wuyou.domains.things.types import Annotation, AnnotationDraft, BoughtLine, HoldingDraft, ImportReport
from wuyou.infra import db, sight
from wuyou.infra.pictures import take_in
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, Viewer

pytestmark = pytest.mark.concurrency

Rush = Callable[[Sequence[Callable[[], Any]]], list[Any]]
CSV = ("title,creator\n" + "".join(f"书 {n},甲\n" for n in range(200))).encode()


def in_transaction(call: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: db.in_transaction(call)


def test_same_line_arriving_eight_times_at_once_arrives_once(rush: Rush, now: datetime) -> None:  # noqa: F811
    buyer, product = make_person(now), make_product(now)
    line = BoughtLine(1, product.variants[0].id)

    results = rush(
        [in_transaction(lambda: operations.take_in(owner_id=buyer.id, lines=[line], now=now)) for _ in range(8)]
    )

    assert sorted(results) == [0] * 7 + [1]
    assert db.row("SELECT count(*) FROM things_holding") == (1,)
    assert db.row("SELECT count(*) FROM things_thing") == (2,)
    assert db.row("SELECT count(*) FROM event WHERE name = 'things.holding_added'") == (1,)


def test_control_reading_whether_a_line_has_arrived_lets_it_arrive_again(rush: Rush, now: datetime) -> None:  # noqa: F811
    buyer, thing = make_person(now), make_thing(now)

    def take_in_by_reading_first() -> None:
        if not db.rows("SELECT 1 FROM things_holding WHERE owner_id = %s", [buyer.id]):
            db.rows("SELECT pg_sleep(0.05)")
            operations.add_holding(actor=Actor(buyer.id), draft=HoldingDraft(thing.id), now=now)

    rush([in_transaction(take_in_by_reading_first) for _ in range(8)])

    found = db.row("SELECT count(*) FROM things_holding")
    assert found is not None
    assert found[0] > 1


def edit_against_removal(rush: Rush, now: datetime) -> list[tuple[list[Any], int]]:  # noqa: F811
    """Label ten copies while five of them are removed; what came of it, and how many labels there are."""
    outcomes = []
    for _ in range(8):
        owner = make_person(now)
        actor = Actor(owner.id)
        ids = [make_holding(now, owner).id for _ in range(10)]
        results = rush(
            [
                in_transaction(lambda a=actor, i=ids: operations.label_holdings(actor=a, holding_ids=i, add=["红"])),  # type: ignore[misc]
                in_transaction(lambda a=actor, i=ids: operations.remove_holdings(actor=a, holding_ids=i[5:], now=now)),  # type: ignore[misc]
            ]
        )
        outcomes.append((results, queries.list_labels_of(owner.id).get("红", 0)))
    return outcomes


def test_bulk_edit_against_removal_is_of_all_or_none(rush: Rush, now: datetime) -> None:  # noqa: F811
    for results, labelled in edit_against_removal(rush, now):
        edited, removed = results
        assert removed is None
        if edited is None:
            assert labelled == 5  # all ten were labelled, and five removed then
        else:
            assert isinstance(edited, errors.HoldingNotFound)
            assert labelled == 0
    assert db.row("SELECT count(*) FROM things_holding_label l WHERE NOT EXISTS "
                  "(SELECT 1 FROM things_holding h WHERE h.id = l.holding_id)") == (0,)  # fmt: skip


def test_control_without_the_lock_breaks_an_edit_in_the_middle(rush: Rush, now: datetime) -> None:  # noqa: F811
    """Copies that are counted and not locked go away under the edit: only the table's own key stands in the way."""

    def count_own(actor: Actor, holding_ids: Sequence[int]) -> list[int]:
        found = db.rows("SELECT id FROM things_holding WHERE id = ANY(%s) AND owner_id = %s",
                        [list(holding_ids), actor.person_id])  # fmt: skip
        if len(found) != len(holding_ids):
            raise errors.HoldingNotFound()
        if len(holding_ids) == 10:
            db.rows("SELECT pg_sleep(0.1)")
        return list(holding_ids)

    with mock.patch.object(copies, "lock_own", count_own):
        outcomes = edit_against_removal(rush, now)

    broken = [edited for (edited, _), _ in outcomes if edited and not isinstance(edited, errors.HoldingNotFound)]
    assert broken


def add_against_merge(rush: Rush, now: datetime) -> int:  # noqa: F811
    """Copies are added while their thing is merged; returns how many stand on a merged thing."""
    staff = Actor(make_person(now, is_staff=True).id, is_staff=True)
    owners = [make_person(now) for _ in range(6)]
    for _ in range(6):
        thing, into = make_thing(now), make_thing(now)
        results = rush(
            [
                *(
                    in_transaction(
                        lambda o=owner, t=thing: operations.add_holding(  # type: ignore[misc]
                            actor=Actor(o.id), draft=HoldingDraft(t.id), now=now
                        )
                    )
                    for owner in owners
                ),
                in_transaction(
                    lambda t=thing, i=into: operations.merge_things(actor=staff, thing_id=t.id, into_id=i.id, now=now)  # type: ignore[misc]
                ),
            ]
        )
        assert [result for result in results if isinstance(result, Exception)] == []
    found = db.row(
        "SELECT count(*) FROM things_holding h JOIN things_thing t ON t.id = h.thing_id AND merged_into_id > 0"
    )
    return int(found[0]) if found else 0


def test_copies_added_while_their_thing_is_merged_follow_it(rush: Rush, now: datetime) -> None:  # noqa: F811
    assert add_against_merge(rush, now) == 0
    assert db.row("SELECT count(*) FROM things_holding") == (36,)


def test_control_without_keeping_the_thing_copies_stay_on_what_was_merged(rush: Rush, now: datetime) -> None:  # noqa: F811
    def only_read(thing_ids: Sequence[int]) -> dict[int, int]:
        found = {asked: thing.id for asked, thing in queries.things_by_id(thing_ids).items()}
        db.rows("SELECT pg_sleep(0.05)")
        return found

    with mock.patch.object(copies, "keep_things", only_read):
        assert add_against_merge(rush, now) > 0


def answer_after_merge(now: datetime) -> tuple[int, int, int]:
    """Somebody reads an annotation to answer it, and its thing is merged before they do: what the answer is about,
    what was merged, and into what."""
    mei, lin = make_person(now), make_person(now)
    staff = Actor(make_person(now, is_staff=True).id, is_staff=True)
    thing, into = make_holding(now, mei, audience=PUBLIC).thing, make_thing(now)
    draft = AnnotationDraft("快门在这里", audience=PUBLIC)
    made = db.in_transaction(lambda: operations.annotate(actor=Actor(mei.id), thing_id=thing.id, draft=draft, now=now))
    has_read, is_merged, read = Event(), Event(), queries.get_annotation_for

    def read_and_wait(viewer: Viewer, annotation_id: int) -> Annotation:
        found = read(viewer, annotation_id)
        has_read.set()
        assert is_merged.wait(30)
        return found

    def answer() -> int:
        try:
            return db.in_transaction(
                lambda: operations.reply(actor=Actor(lin.id), annotation_id=made, text="谢谢", now=now)
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, mock.patch.object(queries, "get_annotation_for", read_and_wait):
        said = pool.submit(answer)
        assert has_read.wait(30)
        try:
            db.in_transaction(lambda: operations.merge_things(actor=staff, thing_id=thing.id, into_id=into.id, now=now))
        finally:
            is_merged.set()
        found = db.row("SELECT thing_id FROM things_reply WHERE id = %s", [said.result(30)])
    assert found is not None
    return found[0], thing.id, into.id


@pytest.mark.usefixtures("world")
def test_answer_to_what_was_merged_meanwhile_is_about_what_it_was_merged_into(now: datetime) -> None:
    about, _merged, into = answer_after_merge(now)
    assert about == into


@pytest.mark.usefixtures("world")
def test_control_answer_by_what_was_read_stays_with_what_was_merged(now: datetime) -> None:
    real = copies.keep_things

    def as_read(thing_ids: Sequence[int]) -> dict[int, int]:
        return {one: one for one in thing_ids} if current_thread() is not main_thread() else real(thing_ids)

    with mock.patch.object(copies, "keep_things", as_read):
        about, merged, _into = answer_after_merge(now)
    assert about == merged


def answer_while_its_picture_goes(now: datetime) -> object:
    """Somebody answers at a picture while its review is taken back, after the answers went; returns what came of it."""
    mei, lin = make_person(now), make_person(now)
    thing = make_holding(now, mei, audience=PUBLIC).thing
    review = make_review(now, mei, thing, pictures=[take_in(make_photo(64, 48))])
    (shown,) = queries.get_review_for(sight.get_viewer(None), review).pictures
    draft = AnnotationDraft("快门在这里", picture_id=shown.id, audience=PUBLIC)
    made = db.in_transaction(lambda: operations.annotate(actor=Actor(mei.id), thing_id=thing.id, draft=draft, now=now))
    execute = db.execute

    def answer() -> object:
        try:
            return db.in_transaction(
                lambda: operations.reply(actor=Actor(lin.id), annotation_id=made, text="谢谢", now=now)
            )
        except errors.AnnotationNotFound as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        answers: list[Future[object]] = []

        def answered_then(statement: str, params: Any = None) -> int:
            count = execute(statement, params)
            if statement.startswith("DELETE FROM things_reply") and not answers:
                answers.append(pool.submit(answer))
                while not answers[0].done() and not waiters():
                    pass
            return count

        with mock.patch.object(db, "execute", answered_then):
            db.in_transaction(lambda: operations.remove_review(actor=Actor(mei.id), review_id=review))
        return answers[0].result(30)


@pytest.mark.usefixtures("world")
def test_answer_at_a_picture_that_goes_waits_and_finds_nothing(now: datetime) -> None:
    assert isinstance(answer_while_its_picture_goes(now), errors.AnnotationNotFound)


@pytest.mark.usefixtures("world")
def test_control_without_the_lock_an_answer_hangs_on_what_is_gone(now: datetime) -> None:
    rows = db.rows

    def without_lock(statement: str, params: Any = None) -> list[tuple[Any, ...]]:
        return rows(statement.replace(" FOR UPDATE", "") if "things_annotation" in statement else statement, params)

    with mock.patch.object(db, "rows", without_lock), pytest.raises(IntegrityError, match="things_reply"):
        answer_while_its_picture_goes(now)


def test_same_file_imported_four_times_at_once_is_taken_in_once(rush: Rush, now: datetime) -> None:  # noqa: F811
    reader = make_person(now)

    reports = rush(
        [
            in_transaction(
                lambda: operations.import_holdings(actor=Actor(reader.id), content=CSV, today=now.date(), now=now)
            )
            for _ in range(4)
        ]
    )

    assert all(isinstance(report, ImportReport) for report in reports)
    assert sorted(report.added_count for report in reports) == [0, 0, 0, 200]
    assert db.row("SELECT count(*) FROM things_holding") == (200,)
    assert len(queries.list_holdings_of(sight.get_viewer(reader.id), reader.id, limit=100).items) == 100
