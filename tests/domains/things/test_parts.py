"""Parts, drawings and figures: published by who sells the thing, exact, never changed but superseded, seen with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from tests.builders import parts, things
from tests.builders.parts import Sold
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.identity.types import Person
from wuyou.domains.things import errors, operations, queries
from wuyou.domains.things.part_types import (
    DrawingDraft,
    FigureDraft,
    FigureKind,
    FigureValue,
    Licence,
    PartDraft,
)
from wuyou.domains.things.types import AnnotationDraft, Region, Thing, ThingKind
from wuyou.infra import db, pictures, sight
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FRIENDS, PUBLIC, AudienceRule, Viewer

pytestmark = pytest.mark.usefixtures("db")

REGION = Region(1_000, 2_000, 3_000, 4_000)


def refuses(error: type[DomainError], act: Callable[[], object]) -> None:
    """An operation in a transaction of its own."""
    refused(error, lambda: db.in_transaction(act))


def refused(error: type[DomainError], entry: Callable[[], object]) -> None:
    before = footprint()
    with pytest.raises(error):
        entry()
    assert footprint() == before


def of(person: Person | None) -> Viewer:
    return sight.get_viewer(person.id if person else None)


def numbers(viewer: Viewer, thing: Thing) -> list[tuple[str, int]]:
    return [(part.number, part.depth) for part in queries.list_parts(viewer, thing.id)]


def say(now: datetime, person: Person, thing: Thing, audience: AudienceRule = PUBLIC, **target: object) -> int:
    draft = AnnotationDraft("这里容易松", audience=audience, **target)  # type: ignore[arg-type]
    return db.in_transaction(
        lambda: operations.annotate(actor=Actor(person.id), thing_id=thing.id, draft=draft, now=now)
    )


@pytest.fixture
def sold(now: datetime) -> Sold:
    return parts.make_sold(now)


@pytest.fixture
def private(now: datetime) -> tuple[Person, Thing]:
    """Somebody with a private copy of a thing that nobody sells."""
    owner = make_person(now)
    return owner, things.make_holding(now, owner).thing


def test_parts_are_a_tree_by_number(now: datetime, sold: Sold) -> None:
    case = parts.make_part(now, sold.thing, "10", actor=sold.actor)
    plate = parts.make_part(now, sold.thing, "2", actor=sold.actor)
    parts.make_part(now, sold.thing, "2.10", above=plate, quantity=4, actor=sold.actor)
    screw = parts.make_part(now, sold.thing, "2.9", above=plate, actor=sold.actor)
    assert numbers(of(None), sold.thing) == [("2", 0), ("2.9", 1), ("2.10", 1), ("10", 0)]

    def move(part_id: int, parent_id: int | None, number: str) -> None:
        operations.change_part(actor=sold.actor, part_id=part_id, draft=PartDraft(number, "壳", parent_id=parent_id))

    refuses(errors.PartsMalformed, lambda: move(plate.id, screw.id, "2"))
    refuses(errors.PartNumberTaken, lambda: move(plate.id, None, "10"))
    db.in_transaction(lambda: move(plate.id, case.id, "10.1"))
    assert numbers(of(None), sold.thing) == [("10", 0), ("10.1", 1), ("2.9", 2), ("2.10", 2)]

    db.in_transaction(lambda: operations.retire_part(actor=sold.actor, part_id=plate.id, now=now))
    assert numbers(of(None), sold.thing) == [("10", 0)]
    assert queries.get_part_for(of(None), screw.id).is_retired
    refuses(errors.PartNotFound, lambda: operations.retire_part(actor=sold.actor, part_id=plate.id, now=now))
    parts.make_part(now, sold.thing, "2.9", actor=sold.actor)  # its number is free again


@pytest.mark.parametrize(
    ("draft", "error"),
    [
        (PartDraft("", "壳"), errors.TextMalformed),
        (PartDraft("1" * 21, "壳"), errors.TextMalformed),
        (PartDraft("1", " "), errors.TextMalformed),
        (PartDraft("1", "壳\x00"), errors.TextMalformed),
        (PartDraft("1", "壳", quantity=0), errors.PartsMalformed),
        (PartDraft("1", "壳", quantity=10_000), errors.PartsMalformed),
        (PartDraft("1", "壳", parent_id=987_654), errors.PartNotFound),
    ],
)
def test_malformed_part_is_refused(now: datetime, sold: Sold, draft: PartDraft, error: type[DomainError]) -> None:
    refuses(error, lambda: operations.add_part(actor=sold.actor, thing_id=sold.thing.id, draft=draft, now=now))


def test_tree_is_at_most_six_deep_and_of_one_thing(now: datetime, sold: Sold) -> None:
    above = None
    for _ in range(6):
        above = parts.make_part(now, sold.thing, above=above)
    assert above is not None
    deep = PartDraft("x", "壳", parent_id=above.id)
    refuses(
        errors.PartsMalformed,
        lambda: operations.add_part(actor=sold.actor, thing_id=sold.thing.id, draft=deep, now=now),
    )
    other = parts.make_sold(now)
    refuses(
        errors.PartNotFound,
        lambda: operations.add_part(actor=other.actor, thing_id=other.thing.id, draft=deep, now=now),
    )
    refuses(
        errors.TreeMalformed,
        lambda: operations.add_part(actor=sold.actor, thing_id=sold.variant.id, draft=PartDraft("1", "壳"), now=now),
    )


def test_who_sells_it_describes_it_and_staff_and_nobody_else(
    now: datetime, sold: Sold, private: tuple[Person, Thing]
) -> None:
    owner, thing = private
    other = parts.make_sold(now)
    part = parts.make_part(now, sold.thing, actor=sold.actor)
    drawing = parts.make_drawing(now, sold.thing, actor=sold.actor)
    figure = parts.make_figure(now, sold.thing, actor=sold.actor)
    picture = pictures.take_in(make_photo(64, 48))
    said = FigureValue(Decimal(1), "g", "秤")
    for stranger in (make_person(now), other.seller):
        actor = Actor(stranger.id)
        acts: list[Callable[[], object]] = [
            lambda a=actor: operations.add_part(actor=a, thing_id=sold.thing.id, draft=PartDraft("9", "x"), now=now),  # type: ignore[misc]
            lambda a=actor: operations.change_part(actor=a, part_id=part.id, draft=PartDraft("9", "x")),  # type: ignore[misc]
            lambda a=actor: operations.retire_part(actor=a, part_id=part.id, now=now),  # type: ignore[misc]
            lambda a=actor: operations.add_drawing(  # type: ignore[misc]
                actor=a, thing_id=sold.thing.id, draft=DrawingDraft("x"), picture=picture, now=now
            ),
            lambda a=actor: operations.renew_drawing(  # type: ignore[misc]
                actor=a, drawing_id=drawing.id, licence=Licence.CC0, picture=picture, now=now
            ),
            lambda a=actor: operations.place_mark(actor=a, drawing_id=drawing.id, part_id=part.id, region=REGION),  # type: ignore[misc]
            lambda a=actor: operations.remove_mark(actor=a, drawing_id=drawing.id, mark_id=1),  # type: ignore[misc]
            lambda a=actor: operations.add_figure(  # type: ignore[misc]
                actor=a, thing_id=sold.thing.id, draft=FigureDraft(FigureKind.MEASURE, "x", said), now=now
            ),
            lambda a=actor: operations.renew_figure(actor=a, figure_id=figure.id, said=said, now=now),  # type: ignore[misc]
        ]
        for act in acts:
            refuses(errors.NotTheMaker, act)

    assert queries.may_describe(sold.actor, sold.thing)
    assert not queries.may_describe(other.actor, sold.thing)
    # Of a thing that nobody sells not even its owner publishes parts; nobody learns of it by asking.
    draft = PartDraft("1", "壳")
    refuses(
        errors.NotTheMaker,
        lambda: operations.add_part(actor=Actor(owner.id), thing_id=thing.id, draft=draft, now=now),
    )
    for actor in (sold.actor, PLATFORM):
        refuses(
            errors.ThingNotFound, lambda a=actor: operations.add_part(actor=a, thing_id=thing.id, draft=draft, now=now)
        )  # type: ignore[misc]


def test_staff_describes_what_is_not_sold_here_as_far_as_they_see_it(now: datetime) -> None:
    staff = make_person(now, is_staff=True)
    family = things.make_thing(now, kind=ThingKind.FAMILY)
    camera = things.make_thing(now, parent=family)
    owner = make_person(now)
    things.make_holding(now, owner, camera, audience=FRIENDS)
    actor = Actor(staff.id, is_staff=True)
    refuses(
        errors.ThingNotFound,
        lambda: operations.add_part(actor=actor, thing_id=family.id, draft=PartDraft("1", "快门"), now=now),
    )
    things.make_holding(now, owner, camera, audience=PUBLIC)
    part = parts.make_part(now, family, actor=actor)
    assert [each.id for each in queries.list_parts(of(None), family.id)] == [part.id]


def test_parts_never_show_a_thing_that_one_may_not_know_of(now: datetime) -> None:
    staff, owner = make_person(now, is_staff=True), make_person(now)
    holding = things.make_holding(now, owner, audience=PUBLIC)
    thing, actor = holding.thing, Actor(staff.id, is_staff=True)
    part = parts.make_part(now, thing, actor=actor)
    drawing = parts.make_drawing(now, thing, actor=actor)
    figure = parts.make_figure(now, thing, part=part, actor=actor)
    say(now, owner, thing, part_id=part.id)

    def shown(viewer: Viewer) -> list[object]:
        return [
            len(queries.list_parts(viewer, thing.id)),
            len(queries.list_drawings(viewer, thing.id)),
            len(queries.list_figures(viewer, thing.id)),
            len(queries.list_history(viewer, thing.id, part.id)),
            len(queries.list_versions(viewer, drawing)),
        ]

    assert shown(of(None)) == [1, 1, 1, 1, 1]
    db.in_transaction(
        lambda: operations.set_audience(actor=Actor(owner.id), holding_ids=[holding.id], rule=AudienceRule(), now=now)
    )

    assert shown(of(owner)) == [1, 1, 1, 1, 1]
    for viewer in (of(None), of(staff)):
        assert shown(viewer) == [0, 0, 0, 0, 0]
        for error, read in (
            (errors.PartNotFound, lambda v=viewer: queries.get_part_for(v, part.id)),
            (errors.DrawingNotFound, lambda v=viewer: queries.get_drawing_for(v, drawing.id)),
            (errors.FigureNotFound, lambda v=viewer: queries.get_figure_for(v, figure.id)),
        ):
            with pytest.raises(error):
                read()
    for target in ({"part_id": part.id}, {"drawing_id": drawing.id}, {"figure_id": figure.id}):
        refused(errors.ThingNotFound, lambda t=target: say(now, staff, thing, **t))  # type: ignore[misc]


def test_new_version_supersedes_and_the_old_one_stays(now: datetime, sold: Sold) -> None:
    figure = parts.make_figure(now, sold.thing, "5.50", actor=sold.actor)
    said = FigureValue(Decimal("5.4"), "g", "送检报告 2026-03", Licence.CC_BY)
    newer = db.in_transaction(
        lambda: operations.renew_figure(actor=sold.actor, figure_id=figure.id, said=said, now=now)
    )

    (current,) = queries.list_figures(of(None), sold.thing.id)
    assert (current.id, current.version, current.said, current.quantity) == (newer, 2, said, figure.quantity)
    history = queries.list_history(of(None), sold.thing.id, None)
    assert [(each.version, str(each.said.value), each.is_current) for each in history] == [
        (2, "5.4", True),
        (1, "5.50", False),
    ]
    refuses(
        errors.VersionSuperseded,
        lambda: operations.renew_figure(actor=sold.actor, figure_id=figure.id, said=said, now=now),
    )


def test_new_drawing_takes_the_marks_along_and_the_old_one_stays_to_be_talked_about(now: datetime, sold: Sold) -> None:
    kept, retired = (parts.make_part(now, sold.thing, actor=sold.actor) for _ in range(2))
    drawing = parts.make_drawing(now, sold.thing, actor=sold.actor)

    def place(drawing_id: int, part_id: int, region: Region = REGION) -> None:
        operations.place_mark(actor=sold.actor, drawing_id=drawing_id, part_id=part_id, region=region)

    for part in (kept, retired, kept):
        db.in_transaction(lambda p=part: place(drawing.id, p.id))  # type: ignore[misc]
    refuses(errors.RegionMalformed, lambda: place(drawing.id, kept.id, Region(9_000, 0, 1_001, 1)))
    of_another = parts.make_part(now, parts.make_sold(now).thing)
    refuses(errors.PartNotFound, lambda: place(drawing.id, of_another.id))
    db.in_transaction(lambda: operations.retire_part(actor=sold.actor, part_id=retired.id, now=now))
    refuses(errors.PartNotFound, lambda: place(drawing.id, retired.id, Region(0, 0, 1, 1)))

    picture = pictures.take_in(make_photo(64, 48, 9))
    newer = db.in_transaction(
        lambda: operations.renew_drawing(
            actor=sold.actor, drawing_id=drawing.id, licence=Licence.CC_BY, picture=picture, now=now
        )
    )

    old = queries.get_drawing_for(of(None), drawing.id)
    assert not old.is_current
    assert [mark.part_id for mark in old.marks] == [kept.id, retired.id]
    (current,) = queries.list_drawings(of(None), sold.thing.id)
    assert (current.id, current.version, current.title, current.licence) == (newer, 2, old.title, Licence.CC_BY)
    assert [(mark.part_id, mark.region) for mark in current.marks] == [(kept.id, REGION)]
    assert [each.id for each in queries.list_versions(of(None), old)] == [newer, drawing.id]
    refuses(errors.VersionSuperseded, lambda: place(drawing.id, kept.id, Region(0, 0, 1, 1)))
    second = pictures.take_in(make_photo(64, 48, 10))
    refuses(
        errors.VersionSuperseded,
        lambda: operations.renew_drawing(
            actor=sold.actor, drawing_id=drawing.id, licence=Licence.CC0, picture=second, now=now
        ),
    )
    assert say(now, make_person(now), sold.thing, drawing_id=drawing.id, region=REGION)

    def unmark() -> None:
        operations.remove_mark(actor=sold.actor, drawing_id=newer, mark_id=current.marks[0].id)

    for _ in range(2):
        db.in_transaction(unmark)
    assert queries.get_drawing_for(of(None), newer).marks == ()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (FigureValue(Decimal("NaN"), "g", "秤"), errors.FigureMalformed),
        (FigureValue(Decimal("Infinity"), "g", "秤"), errors.FigureMalformed),
        (FigureValue(Decimal("1e20"), "g", "秤"), errors.FigureMalformed),
        (FigureValue(Decimal("1e999999"), "g", "秤"), errors.FigureMalformed),
        (FigureValue(Decimal("0.00000000001"), "g", "秤"), errors.FigureMalformed),
        (FigureValue(Decimal(1), "g" * 21, "秤"), errors.TextMalformed),
        (FigureValue(Decimal(1), "g", ""), errors.TextMalformed),
    ],
)
def test_malformed_figure_is_refused(now: datetime, sold: Sold, said: FigureValue, error: type[DomainError]) -> None:
    figure = parts.make_figure(now, sold.thing, actor=sold.actor)
    draft = FigureDraft(FigureKind.PERFORMANCE, "续航", said)
    refuses(error, lambda: operations.add_figure(actor=sold.actor, thing_id=sold.thing.id, draft=draft, now=now))
    refuses(error, lambda: operations.renew_figure(actor=sold.actor, figure_id=figure.id, said=said, now=now))


@pytest.mark.parametrize(
    ("written", "kept"),
    [("5.50", "5.50"), ("-0", "0"), ("1e3", "1000"), ("0.1", "0.1"), ("12345678901234567890", "12345678901234567890")],
)
def test_value_keeps_the_digits_it_was_published_with(now: datetime, sold: Sold, written: str, kept: str) -> None:
    assert str(parts.make_figure(now, sold.thing, written).said.value) == kept


def test_same_quantity_title_or_number_is_there_once(now: datetime, sold: Sold) -> None:
    part = parts.make_part(now, sold.thing, "1")
    parts.make_figure(now, sold.thing, quantity="质量")
    parts.make_figure(now, sold.thing, quantity="质量", part=part)
    parts.make_drawing(now, sold.thing, "爆炸图")
    refused(errors.FigureTaken, lambda: parts.make_figure(now, sold.thing, quantity="质量"))
    refused(errors.FigureTaken, lambda: parts.make_figure(now, sold.thing, quantity="质量", part=part))
    refused(errors.PartNumberTaken, lambda: parts.make_part(now, sold.thing, "1"))
    picture = pictures.take_in(make_photo(64, 48))
    draft = DrawingDraft("爆炸图")
    refuses(
        errors.DrawingTitleTaken,
        lambda: operations.add_drawing(actor=sold.actor, thing_id=sold.thing.id, draft=draft, picture=picture, now=now),
    )


def test_parts_follow_their_thing_into_what_it_was_merged_into(now: datetime, sold: Sold) -> None:
    staff = Actor(make_person(now, is_staff=True).id, is_staff=True)
    into = things.make_thing(now)
    part = parts.make_part(now, sold.thing, "1", actor=sold.actor)
    parts.make_drawing(now, sold.thing, actor=sold.actor)
    parts.make_figure(now, sold.thing, part=part, actor=sold.actor)
    db.in_transaction(lambda: operations.merge_things(actor=staff, thing_id=sold.thing.id, into_id=into.id, now=now))

    for asked in (sold.thing, into):
        assert [(each.id, each.thing_id) for each in queries.list_parts(of(None), asked.id)] == [(part.id, into.id)]
        assert len(queries.list_drawings(of(None), asked.id)) == 1
        assert len(queries.list_figures(of(None), asked.id)) == 1
    below = parts.make_part(now, into, "1.1", above=part, actor=sold.actor)
    assert below.thing_id == into.id


def test_words_point_at_a_part_a_drawing_or_a_figure_and_at_one_alone(now: datetime, sold: Sold) -> None:
    mei = make_person(now)
    part, other = (parts.make_part(now, sold.thing, actor=sold.actor) for _ in range(2))
    drawing = parts.make_drawing(now, sold.thing, actor=sold.actor)
    figure = parts.make_figure(now, sold.thing, part=part, actor=sold.actor)
    at_part = say(now, mei, sold.thing, part_id=part.id)
    at_figure = say(now, mei, sold.thing, figure_id=figure.id)
    at_drawing = say(now, mei, sold.thing, drawing_id=drawing.id, region=REGION)
    at_whole_drawing = say(now, mei, sold.thing, drawing_id=drawing.id)

    def seen(**at: int) -> list[int]:
        return [each.id for each in queries.list_annotations(of(None), sold.thing.id, **at).items]

    assert seen() == [at_whole_drawing, at_drawing, at_figure, at_part]
    assert seen(part_id=part.id) == [at_figure, at_part]
    assert seen(part_id=other.id) == []
    assert seen(drawing_id=drawing.id) == [at_whole_drawing, at_drawing]
    assert queries.get_annotation_for(of(None), at_drawing).region == REGION

    refused(errors.TargetMalformed, lambda: say(now, mei, sold.thing, part_id=part.id, figure_id=figure.id))
    refused(errors.RegionMalformed, lambda: say(now, mei, sold.thing, part_id=part.id, region=REGION))
    for error, wrong in (
        (errors.PartNotFound, {"part_id": 987_654}),
        (errors.DrawingNotFound, {"drawing_id": 987_654}),
        (errors.FigureNotFound, {"figure_id": 987_654}),
    ):
        refused(error, lambda w=wrong: say(now, mei, sold.thing, **w))  # type: ignore[misc]
    db.in_transaction(lambda: operations.retire_part(actor=sold.actor, part_id=part.id, now=now))
    refused(errors.PartNotFound, lambda: say(now, mei, sold.thing, part_id=part.id))
    assert seen(part_id=part.id) == [at_figure, at_part]


def test_owners_who_spoke_of_a_part_are_counted_as_far_as_one_sees_both(now: datetime, sold: Sold) -> None:
    part = parts.make_part(now, sold.thing, actor=sold.actor)
    figure = parts.make_figure(now, sold.thing, part=part, actor=sold.actor)
    owner, hidden, stranger = (make_person(now) for _ in range(3))
    things.make_holding(now, owner, sold.variant, audience=PUBLIC)
    things.make_holding(now, hidden, sold.variant)
    say(now, owner, sold.thing, part_id=part.id)
    say(now, owner, sold.thing, figure_id=figure.id)
    say(now, hidden, sold.thing, part_id=part.id)
    say(now, stranger, sold.thing, part_id=part.id)

    assert queries.owners_by_part(of(None), sold.thing.id) == {part.id: 1}
    assert queries.owners_by_part(of(hidden), sold.thing.id) == {part.id: 2}


def test_who_is_erased_takes_their_words_and_leaves_the_facts(now: datetime, sold: Sold) -> None:
    mei = make_person(now)
    part = parts.make_part(now, sold.thing, actor=sold.actor)
    say(now, mei, sold.thing, part_id=part.id)
    records = dict(queries.export_person(sold.seller.id))
    assert [each["number"] for each in records["parts"]] == [part.number]
    assert dict(queries.export_person(mei.id))["annotations"][0]["part"] == part.id
    assert dict(queries.export_person(mei.id))["parts"] == []

    for person in (mei, sold.seller):
        db.in_transaction(lambda p=person: operations.erase_person(person_id=p.id, now=now))  # type: ignore[misc]

    assert db.rows("SELECT 1 FROM things_annotation") == []
    assert [each.id for each in queries.list_parts(of(None), sold.thing.id)] == [part.id]
