"""Copies and shelves: what their owners do with them, and what is refused with nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from importlib import import_module

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders.people import make_person
from tests.builders.things import make_holding, make_shelf, make_thing
from wuyou.domains.identity import errors as identity_errors
from wuyou.domains.social import operations as social
from wuyou.domains.things import errors, operations, queries, rules
from wuyou.domains.things.types import Cause, Condition, HoldingDraft, HoldingSource, HoldingState, ThingKind, Words
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, Audience, AudienceRule, Subject, SubjectKind

pytestmark = pytest.mark.django_db

TABLES = (
    "things_thing",
    "things_holding",
    "things_provenance",
    "things_holding_label",
    "things_shelf",
    "things_arrival",
    "event",
)


def everything() -> tuple[object, ...]:
    return tuple(
        db.row(f"SELECT count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM {table} t") for table in TABLES
    )


def test_new_copy_is_private_and_its_history_begins(now: datetime) -> None:
    owner, other, giver = make_person(now), make_person(now), make_person(now)
    holding = make_holding(now, owner, source=HoldingSource.GIFT, giver=giver, story="爷爷的相机\n用了三十年")

    assert queries.get_holding_for(sight.get_viewer(owner.id), holding.id) == holding
    for stranger in (sight.get_viewer(other.id), sight.get_viewer(None)):
        with pytest.raises(errors.HoldingNotFound):
            queries.get_holding_for(stranger, holding.id)
    (line,) = queries.list_provenance(owner.id, holding.id)
    assert (line.state, line.cause, line.other_id) == (HoldingState.OWN, Cause.ADDED, giver.id)
    with pytest.raises(errors.HoldingNotFound):
        queries.list_provenance(other.id, holding.id)
    assert db.row("SELECT count(*) FROM event WHERE name = 'things.holding_added'") == (1,)


def test_moves_are_written_down_and_told(now: datetime) -> None:
    owner, friend = make_person(now), make_person(now)
    holding = make_holding(now, owner, state=HoldingState.WANT)

    for to, other in ((HoldingState.OWN, None), (HoldingState.LENT, friend.id), (HoldingState.OWN, friend.id)):
        operations.move_holding(actor=Actor(owner.id), holding_id=holding.id, to=to, other_id=other, now=now)

    assert [(line.state.value, line.other_id) for line in queries.list_provenance(owner.id, holding.id)] == [
        ("WANT", None),
        ("OWN", None),
        ("LENT", friend.id),
        ("OWN", friend.id),
    ]
    assert db.row("SELECT count(*) FROM event WHERE name = 'things.holding_changed'") == (3,)


def test_every_state_has_its_moves_and_none_leads_to_itself() -> None:
    assert set(rules.MOVES) == set(HoldingState)
    assert [state for state, moves in rules.MOVES.items() if state in moves or not moves] == []
    assert set(rules.PARENT_OF) == set(ThingKind)


Wrong = tuple[type[Exception], Callable[["Scene"], object]]


class Scene:
    """Somebody with a copy and a shelf, and somebody else with theirs."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.me, self.other = make_person(now), make_person(now)
        self.mine, self.wish = make_holding(now, self.me), make_holding(now, self.me, state=HoldingState.WANT)
        self.theirs = make_holding(now, self.other, audience=PUBLIC)
        self.shelf, self.foreign = make_shelf(now, self.me, "书"), make_shelf(now, self.other, "书")
        self.family = make_thing(now, kind=ThingKind.FAMILY)

    @property
    def actor(self) -> Actor:
        return Actor(self.me.id)

    @property
    def draft(self) -> HoldingDraft:
        return HoldingDraft(self.mine.thing.id)

    def add(self, **changes: object) -> object:
        return operations.add_holding(actor=self.actor, draft=replace(self.draft, **changes), now=self.now)  # type: ignore[arg-type]

    def move(self, holding_id: int, to: HoldingState, other_id: int | None = None) -> None:
        operations.move_holding(actor=self.actor, holding_id=holding_id, to=to, other_id=other_id, now=self.now)

    def grow(self, kind: ThingKind, parent_id: int | None = None) -> object:
        return operations.add_thing(kind=kind, name="枝", parent_id=parent_id, now=self.now)

    def say(self, words: Words, holding_id: int | None = None) -> None:
        operations.describe_holding(actor=self.actor, holding_id=holding_id or self.mine.id, words=words, now=self.now)


REFUSED: dict[str, Wrong] = {
    "source of an order": (errors.SourceReserved, lambda s: s.add(source=HoldingSource.ORDER)),
    "source of an import": (errors.SourceReserved, lambda s: s.add(source=HoldingSource.IMPORT)),
    "no such thing": (errors.ThingNotFound, lambda s: s.add(thing_id=10**9)),
    "rating 6": (errors.RatingOutOfRange, lambda s: s.add(rating=6)),
    "rating 0": (errors.RatingOutOfRange, lambda s: s.say(Words(rating=0))),
    "story too long": (errors.TextMalformed, lambda s: s.add(story="字" * 5_001)),
    "story with a control": (errors.TextMalformed, lambda s: s.say(Words(story="a\x00b"))),
    "21 fields": (errors.FieldsMalformed, lambda s: s.add(fields=tuple((str(n), "x") for n in range(21)))),
    "a field twice": (errors.FieldsMalformed, lambda s: s.add(fields=(("a", "x"), ("a ", "y")))),
    "a long field": (errors.FieldsMalformed, lambda s: s.say(Words(fields=(("a", "x" * 201),)))),
    "nobody gave it": (identity_errors.PersonNotFound, lambda s: s.add(other_id=10**9)),
    "audience of nobody": (
        identity_errors.PersonNotFound,
        lambda s: s.add(audience=AudienceRule(Audience(persons=frozenset({10**9})))),
    ),
    "lend a wish": (errors.MoveRefused, lambda s: s.move(s.wish.id, HoldingState.LENT)),
    "move to the same": (errors.MoveRefused, lambda s: s.move(s.mine.id, HoldingState.OWN)),
    "move theirs": (errors.HoldingNotFound, lambda s: s.move(s.theirs.id, HoldingState.GIVEN)),
    "lend to nobody": (identity_errors.PersonNotFound, lambda s: s.move(s.mine.id, HoldingState.LENT, 10**9)),
    "describe theirs": (errors.HoldingNotFound, lambda s: s.say(Words(), s.theirs.id)),
    "label mine and theirs": (
        errors.HoldingNotFound,
        lambda s: operations.label_holdings(actor=s.actor, holding_ids=[s.mine.id, s.theirs.id], add=["红"]),
    ),
    "empty label": (
        errors.TextMalformed,
        lambda s: operations.label_holdings(actor=s.actor, holding_ids=[s.mine.id], add=[" "]),
    ),
    "21 labels": (
        errors.TooMany,
        lambda s: operations.label_holdings(actor=s.actor, holding_ids=[s.mine.id], add=[str(n) for n in range(21)]),
    ),
    "open mine and theirs": (
        errors.HoldingNotFound,
        lambda s: operations.set_audience(actor=s.actor, holding_ids=[s.mine.id, s.theirs.id], rule=PUBLIC, now=s.now),
    ),
    "remove mine and theirs": (
        errors.HoldingNotFound,
        lambda s: operations.remove_holdings(actor=s.actor, holding_ids=[s.mine.id, s.theirs.id], now=s.now),
    ),
    "edit nothing": (
        errors.TooMany,
        lambda s: operations.remove_holdings(actor=s.actor, holding_ids=[], now=s.now),
    ),
    "edit 1,001": (
        errors.TooMany,
        lambda s: operations.put_on_shelf(actor=s.actor, holding_ids=range(1, 1_002), shelf_id=None),
    ),
    "put mine and theirs": (
        errors.HoldingNotFound,
        lambda s: operations.put_on_shelf(actor=s.actor, holding_ids=[s.mine.id, s.theirs.id], shelf_id=s.shelf.id),
    ),
    "their shelf": (
        errors.ShelfNotFound,
        lambda s: operations.put_on_shelf(actor=s.actor, holding_ids=[s.mine.id], shelf_id=s.foreign.id),
    ),
    "order what is not on it": (
        errors.HoldingNotFound,
        lambda s: operations.order_shelf(actor=s.actor, shelf_id=s.shelf.id, holding_ids=[s.mine.id]),
    ),
    "remove their shelf": (
        errors.ShelfNotFound,
        lambda s: operations.remove_shelf(actor=s.actor, shelf_id=s.foreign.id),
    ),
    "order their shelf": (
        errors.ShelfNotFound,
        lambda s: operations.order_shelves(actor=s.actor, shelf_ids=[s.shelf.id, s.foreign.id]),
    ),
    "shelf of a name that is there": (
        errors.ShelfNameTaken,
        lambda s: operations.make_shelf(actor=s.actor, name="书", now=s.now),
    ),
    "shelf without a name": (
        errors.TextMalformed,
        lambda s: operations.make_shelf(actor=s.actor, name="", now=s.now),
    ),
    "variant of a family": (
        errors.TreeMalformed,
        lambda s: s.grow(ThingKind.VARIANT, s.family.id),
    ),
    "variant of nothing": (errors.TreeMalformed, lambda s: s.grow(ThingKind.VARIANT)),
    "family of a family": (errors.TreeMalformed, lambda s: s.grow(ThingKind.FAMILY, s.family.id)),
    "merge by anybody": (
        errors.NotYours,
        lambda s: operations.merge_things(actor=s.actor, thing_id=s.mine.thing.id, into_id=s.wish.thing.id, now=s.now),
    ),
    "merge unlike": (
        errors.TreeMalformed,
        lambda s: operations.merge_things(
            actor=Actor(s.me.id, is_staff=True), thing_id=s.mine.thing.id, into_id=s.family.id, now=s.now
        ),
    ),
    "merge into itself": (
        errors.TreeMalformed,
        lambda s: operations.merge_things(
            actor=Actor(s.me.id, is_staff=True), thing_id=s.family.id, into_id=s.family.id, now=s.now
        ),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_changes_nothing(now: datetime, name: str) -> None:
    scene = Scene(now)
    refusal, attempt = REFUSED[name]
    before = everything()

    with pytest.raises(refusal):
        db.in_transaction(lambda: attempt(scene))

    assert everything() == before


def test_audience_opens_to_whom_it_names_at_once_and_blocks_go_before(now: datetime) -> None:
    owner, friend, stranger = make_person(now), make_person(now), make_person(now)
    holdings = [make_holding(now, owner) for _ in range(3)]
    ids = [holding.id for holding in holdings]

    def seen(person_id: int | None) -> int:
        return len(queries.list_holdings_of(sight.get_viewer(person_id), owner.id).items)

    named = AudienceRule(Audience(persons=frozenset({friend.id})))
    operations.set_audience(actor=Actor(owner.id), holding_ids=ids[:2], rule=named, now=now)
    assert (seen(owner.id), seen(friend.id), seen(stranger.id), seen(None)) == (3, 2, 0, 0)
    operations.set_audience(actor=Actor(owner.id), holding_ids=ids, rule=PUBLIC, now=now)
    assert (seen(owner.id), seen(friend.id), seen(stranger.id), seen(None)) == (3, 3, 3, 3)
    assert db.row("SELECT count(*) FROM event WHERE name = 'things.holding_changed'") == (5,)
    social.block(actor=Actor(owner.id), person_id=stranger.id, now=now)
    assert (seen(owner.id), seen(friend.id), seen(stranger.id)) == (3, 3, 0)


def test_copy_is_about_its_thing_model_and_family(now: datetime) -> None:
    owner, averse = make_person(now), make_person(now)
    family = make_thing(now, kind=ThingKind.FAMILY)
    model = make_thing(now, parent=family)
    variant = make_thing(now, kind=ThingKind.VARIANT, parent=model)
    holding = make_holding(now, owner, variant, audience=PUBLIC)
    assert queries.count_holders(sight.get_viewer(averse.id), family.id) == 1

    social.block_subject(actor=Actor(averse.id), subject=Subject(SubjectKind.THING, family.id), now=now)

    assert queries.count_holders(sight.get_viewer(averse.id), family.id) == 0
    with pytest.raises(errors.HoldingNotFound):
        queries.get_holding_for(sight.get_viewer(averse.id), holding.id)


def test_who_blocks_a_brand_sees_nothing_of_it_however_it_is_written(now: datetime) -> None:
    owner, averse = make_person(now), make_person(now)
    family = make_thing(now, kind=ThingKind.FAMILY, brand="Leica")
    variant = make_thing(now, kind=ThingKind.VARIANT, brand="", parent=make_thing(now, brand="", parent=family))
    copies = [make_holding(now, owner, thing, audience=PUBLIC) for thing in (variant, make_thing(now, brand=" LEICA "))]
    other = make_holding(now, owner, make_thing(now, brand="Nikon"), audience=PUBLIC)
    brand, name = queries.brand_of(variant.id) or pytest.fail("it has a brand")

    social.block_subject(actor=Actor(averse.id), subject=brand, now=now)

    assert name == "Leica"
    assert queries.brands_by_key([brand.id]) == {brand.id: "Leica"}
    viewer = sight.get_viewer(averse.id)
    assert [each.id for each in queries.list_holdings_of(viewer, owner.id).items] == [other.id]
    for copy in copies:
        with pytest.raises(errors.HoldingNotFound):
            queries.get_holding_for(viewer, copy.id)
    social.unblock_subject(actor=Actor(averse.id), subject=brand)
    assert len(queries.list_holdings_of(sight.get_viewer(averse.id), owner.id).items) == 3


def test_a_thing_without_a_brand_has_none_to_block(now: datetime) -> None:
    assert queries.brand_of(make_thing(now, brand=" ").id) is None


def test_copies_of_before_are_told_their_brands(now: datetime) -> None:
    """What the migration writes into rows that were there is what is written into new ones."""
    brands = import_module("wuyou.domains.things.migrations.0007_brands")
    owner = make_person(now)
    model = make_thing(now, parent=make_thing(now, kind=ThingKind.FAMILY, brand="Leica"), brand="")
    for thing in (model, make_thing(now, brand=""), make_thing(now, brand="Nikon")):
        make_holding(now, owner, thing, audience=PUBLIC)
    rows = "SELECT id, sight_opens, sight_closes FROM things_holding ORDER BY id"
    written = db.rows(rows)

    db.execute(brands.UNSAY.format(table="things_holding", brand=brands.BRAND))
    before = db.rows(rows)
    db.execute(brands.SAY.format(table="things_holding", brand=brands.BRAND))

    assert db.rows(rows) == written
    assert [len(row[2]) for row in before] == [3, 2, 2]
    assert [len(row[2]) for row in written] == [4, 2, 3]


def test_rule_for_holders_opens_to_who_holds_and_not_to_who_wishes(now: datetime) -> None:
    owner, holder, wisher = make_person(now), make_person(now), make_person(now)
    model = make_thing(now)
    variant = make_thing(now, kind=ThingKind.VARIANT, parent=model)
    make_holding(now, holder, variant)
    make_holding(now, wisher, variant, state=HoldingState.WANT)
    rule = AudienceRule(Audience(holders=frozenset({model.id})))

    shown = make_holding(now, owner, audience=rule)

    assert queries.get_holding_for(sight.get_viewer(holder.id), shown.id).id == shown.id
    with pytest.raises(errors.HoldingNotFound):
        queries.get_holding_for(sight.get_viewer(wisher.id), shown.id)


def test_holders_are_counted_as_far_as_the_viewer_may_see(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    model = make_thing(now)
    variant = make_thing(now, kind=ThingKind.VARIANT, parent=model)
    people = [make_person(now) for _ in range(4)]
    for person, audience in zip(people, (PUBLIC, PUBLIC, AudienceRule(), PUBLIC), strict=True):
        make_holding(now, person, variant, audience=audience)
    make_holding(now, people[0], model, audience=PUBLIC)
    make_holding(now, people[3], model, audience=PUBLIC, state=HoldingState.HAD)
    viewer = sight.get_viewer(None)

    with django_assert_num_queries(1):
        assert queries.count_holders(viewer, model.id) == 3
    with django_assert_num_queries(1):
        page = queries.list_holders(viewer, model.id, limit=3)
    assert [holding.owner_id for holding in page.items] == [people[0].id, people[3].id, people[1].id]
    rest = queries.list_holders(viewer, model.id, limit=3, cursor=page.next_cursor)
    assert ([holding.owner_id for holding in rest.items], rest.next_cursor) == ([people[0].id], None)
    assert queries.count_holders(sight.get_viewer(people[2].id), variant.id) == 4


def test_shelf_is_read_page_by_page_in_its_order_as_far_as_the_viewer_may_see(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owner = make_person(now)
    actor, shelf = Actor(owner.id), make_shelf(now, owner)
    ids = [make_holding(now, owner, audience=PUBLIC if n % 2 else AudienceRule()).id for n in range(6)]
    operations.put_on_shelf(actor=actor, holding_ids=ids, shelf_id=shelf.id)
    turned = [ids[5], ids[0], ids[3]]
    operations.order_shelf(actor=actor, shelf_id=shelf.id, holding_ids=turned)

    def pages(viewer_id: int | None) -> list[int]:
        read: list[int] = []
        cursor: int | None = None
        while True:
            with django_assert_num_queries(1 if viewer_id is None else 2):
                page = queries.list_shelf(sight.get_viewer(viewer_id), shelf.id, cursor=cursor, limit=2)
            read += [holding.id for holding in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return read

    assert pages(owner.id) == [ids[5], ids[1], ids[2], ids[0], ids[4], ids[3]]
    assert pages(None) == [ids[5], ids[1], ids[3]]
    assert [s.count for s in queries.list_shelves(sight.get_viewer(owner.id), owner.id)] == [6]
    assert [s.count for s in queries.list_shelves(sight.get_viewer(None), owner.id)] == [3]
    operations.put_on_shelf(actor=actor, holding_ids=[ids[1], ids[5], ids[3]], shelf_id=None)
    assert queries.list_shelves(sight.get_viewer(None), owner.id) == ()
    assert queries.list_shelf(sight.get_viewer(None), 10**9).items == ()


def test_shelves_keep_their_order_and_their_copies_outlive_them(now: datetime) -> None:
    owner = make_person(now)
    actor, viewer = Actor(owner.id), sight.get_viewer(owner.id)
    first, second, third = (make_shelf(now, owner, name) for name in ("一", "二", "三"))
    holding = make_holding(now, owner)
    operations.put_on_shelf(actor=actor, holding_ids=[holding.id], shelf_id=second.id)
    operations.order_shelves(actor=actor, shelf_ids=[third.id, first.id])
    operations.rename_shelf(actor=actor, shelf_id=second.id, name="贰", now=now)
    with pytest.raises(errors.ShelfNameTaken):
        operations.rename_shelf(actor=actor, shelf_id=second.id, name="三", now=now)
    assert [shelf.name for shelf in queries.list_shelves(viewer, owner.id)] == ["三", "贰", "一"]

    operations.remove_shelf(actor=actor, shelf_id=second.id)

    assert [shelf.name for shelf in queries.list_shelves(viewer, owner.id)] == ["三", "一"]
    assert queries.get_holding_for(viewer, holding.id).shelf_id is None


def test_labels_are_put_on_and_taken_off_many_at_once(now: datetime) -> None:
    owner = make_person(now)
    actor, viewer = Actor(owner.id), sight.get_viewer(owner.id)
    ids = [make_holding(now, owner).id for _ in range(3)]
    operations.label_holdings(actor=actor, holding_ids=ids, add=["旅行", "胶片"])
    operations.label_holdings(actor=actor, holding_ids=ids[:1], add=["胶片"], remove=["旅行"])

    assert queries.list_labels_of(owner.id) == {"旅行": 2, "胶片": 3}
    assert [h.id for h in queries.list_holdings_of(viewer, owner.id, label="旅行").items] == [ids[2], ids[1]]
    assert queries.get_holding_for(viewer, ids[0]).labels == ("胶片",)
    operations.remove_holdings(actor=actor, holding_ids=ids, now=now)
    assert queries.list_labels_of(owner.id) == {}
    assert queries.list_holdings_of(viewer, owner.id).items == ()
    assert db.row("SELECT count(*) FROM event WHERE name = 'things.holding_removed'") == (3,)
    assert db.row("SELECT count(*) FROM things_provenance") == (0,)


def test_what_an_owner_says_is_kept_in_its_order(now: datetime) -> None:
    owner = make_person(now)
    holding = make_holding(now, owner)
    said = Words(Condition.WORN, now.date(), "第一台", 5, (("编号", "0217"), ("镜头", "58mm"), ("a", "b")))

    operations.describe_holding(actor=Actor(owner.id), holding_id=holding.id, words=said, now=now)

    kept = queries.get_holding_for(sight.get_viewer(owner.id), holding.id)
    assert Words(kept.condition, kept.since_on, kept.story, kept.rating, kept.fields) == said


def test_merged_thing_redirects_and_takes_its_copies_and_all_below_along(now: datetime) -> None:
    owner, averse = make_person(now), make_person(now)
    staff = Actor(make_person(now, is_staff=True).id, is_staff=True)
    family = make_thing(now, kind=ThingKind.FAMILY)
    twin, model, last = make_thing(now), make_thing(now, parent=family), make_thing(now, parent=family)
    below = make_thing(now, kind=ThingKind.VARIANT, parent=twin)
    copies = [make_holding(now, owner, thing, audience=PUBLIC) for thing in (twin, below)]

    operations.merge_things(actor=staff, thing_id=twin.id, into_id=model.id, now=now)
    operations.merge_things(actor=staff, thing_id=model.id, into_id=last.id, now=now)

    assert queries.get_thing(twin.id) == queries.get_thing(model.id) == queries.get_thing(last.id) == last
    assert queries.get_thing(below.id).parent_id == last.id
    viewer = sight.get_viewer(owner.id)
    assert [queries.get_holding_for(viewer, copy.id).thing.id for copy in copies] == [last.id, below.id]
    assert queries.count_holders(viewer, twin.id) == 1
    social.block_subject(actor=Actor(averse.id), subject=Subject(SubjectKind.THING, family.id), now=now)
    assert queries.list_holdings_of(sight.get_viewer(averse.id), owner.id).items == ()
    for copy in copies:
        about = queries.subjects_by_thing([queries.get_holding_for(viewer, copy.id).thing.id])
        (row,) = db.rows("SELECT sight_closes FROM things_holding WHERE id = %s", [copy.id])
        assert row[0] == sight.columns(owner.id, PUBLIC, next(iter(about.values())))["sight_closes"]
    with pytest.raises(errors.ThingNotFound):
        operations.merge_things(actor=staff, thing_id=twin.id, into_id=last.id, now=now)
    assert make_holding(now, owner, twin).thing == last
    assert db.row("SELECT count(*) FROM event WHERE name = 'things.thing_merged'") == (2,)
