"""Reviews: open to whom their writer chose, averaged over what one sees, and an owner's only when a copy proves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from tests.builders import social, things
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.identity.types import Person
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import errors, operations, queries
from wuyou.domains.things.types import (
    BoughtLine,
    HoldingState,
    Proof,
    Ratings,
    Review,
    ReviewDraft,
    ThingKind,
)
from wuyou.infra import db, pictures, sight, storage
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC, Subject, SubjectKind

pytestmark = pytest.mark.usefixtures("db")


def refuses(error: type[DomainError], act: Callable[[], object]) -> None:
    before = footprint()
    with pytest.raises(error):
        act()
    assert footprint() == before


def seen(viewer: Person | None, thing_id: int) -> tuple[Review, ...]:
    return queries.list_reviews(sight.get_viewer(viewer.id if viewer else None), thing_id).items


def ratings(viewer: Person | None, thing_id: int) -> Ratings:
    return queries.ratings_of(sight.get_viewer(viewer.id if viewer else None), thing_id)


def test_list_and_average_are_of_what_the_viewer_sees(now: datetime) -> None:
    mei, lin, wu = (make_person(now) for _ in range(3))
    camera = things.make_thing(now)
    black = things.make_thing(now, kind=ThingKind.VARIANT, parent=camera)
    things.make_holding(now, wu, black, audience=PUBLIC)
    social.befriend(now, mei, lin)
    public = things.make_review(now, wu, black, rating=2)
    friends = things.make_review(now, mei, camera, rating=5, audience=FRIENDS)
    private = things.make_review(now, mei, camera, rating=1, audience=ONLY_ME)

    assert [review.id for review in seen(None, camera.id)] == [public]
    assert [review.id for review in seen(lin, camera.id)] == [friends, public]
    assert [review.id for review in seen(mei, camera.id)] == [private, friends, public]
    assert ratings(None, camera.id).mean == Decimal("2.0")
    assert ratings(lin, camera.id).by_stars == (0, 1, 0, 0, 1)
    # Of one person, the latest stars that the viewer sees count.
    assert ratings(mei, camera.id).by_stars == (1, 1, 0, 0, 0)

    social.block(now, lin, wu)
    assert [review.id for review in seen(lin, camera.id)] == [friends]
    assert ratings(lin, camera.id).count == 1
    social.block_subject(now, lin, Subject(SubjectKind.THING, camera.id))
    assert seen(lin, camera.id) == ()


def test_owner_is_said_only_when_a_copy_proves_it_now_and_the_writer_wants_it(now: datetime) -> None:
    mei = make_person(now)
    camera = things.make_thing(now)
    black = things.make_thing(now, kind=ThingKind.VARIANT, parent=camera)

    def proof(viewer: Person | None = None) -> Proof:
        return seen(viewer, camera.id)[0].proof

    wish = things.make_holding(now, mei, black, state=HoldingState.WANT)
    things.make_review(now, mei, camera)
    assert proof() is Proof.NONE  # a wish proves nothing

    db.in_transaction(
        lambda: operations.move_holding(actor=Actor(mei.id), holding_id=wish.id, to=HoldingState.OWN, now=now)
    )
    assert proof() is Proof.OWNER  # a private copy of a form of it is enough
    db.in_transaction(
        lambda: operations.move_holding(actor=Actor(mei.id), holding_id=wish.id, to=HoldingState.HAD, now=now)
    )
    assert proof() is Proof.OWNER
    db.in_transaction(lambda: operations.remove_holdings(actor=Actor(mei.id), holding_ids=[wish.id], now=now))
    assert proof() is Proof.NONE

    things.make_holding(now, mei, camera)
    assert proof() is Proof.OWNER
    things.make_review(now, mei, camera, shows_proof=False)
    assert proof() is Proof.NONE


def test_bought_here_is_said_of_who_bought_it_and_kept_it(now: datetime) -> None:
    from tests.builders import goods

    mei = make_person(now)
    shop = goods.make_shop(now)
    variant = goods.make_product(now, shop=shop).variants[0]

    def order(take: bool) -> None:
        if take:
            operations.take_in(owner_id=mei.id, lines=[BoughtLine(7, variant.id)], now=now)
        else:
            operations.take_back(line_ids=[7], now=now)

    db.in_transaction(lambda: order(True))
    model = queries.things_by_product([variant.product_id])[variant.product_id]
    things.make_review(now, mei, model)
    assert seen(None, model.id)[0].proof is Proof.BOUGHT

    db.in_transaction(lambda: order(False))
    assert seen(None, model.id)[0].proof is Proof.OWNER


def test_review_is_changed_opened_otherwise_and_taken_back_by_its_writer_alone(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    thing = things.make_thing(now)
    things.make_holding(now, mei, thing, audience=PUBLIC)
    review = things.make_review(now, mei, thing, "很好", rating=5)
    said = ReviewDraft("一般", 3, True, ONLY_ME)

    def change(person: Person) -> None:
        db.in_transaction(lambda: operations.edit_review(actor=Actor(person.id), review_id=review, draft=said, now=now))

    def remove(person: Person) -> None:
        db.in_transaction(lambda: operations.remove_review(actor=Actor(person.id), review_id=review))

    refuses(errors.ReviewNotFound, lambda: change(lin))
    refuses(errors.ReviewNotFound, lambda: remove(lin))
    change(mei)
    assert seen(None, thing.id) == ()
    mine = seen(mei, thing.id)[0]
    assert (mine.text, mine.rating, mine.edited_at) == ("一般", 3, now)
    assert queries.get_review_rule(mei.id, review) == ONLY_ME
    with pytest.raises(errors.ReviewNotFound):
        queries.get_review_rule(lin.id, review)
    remove(mei)
    assert seen(mei, thing.id) == ()


def test_malformed_words_change_nothing(now: datetime) -> None:
    mei = make_person(now)
    thing = things.make_thing(now)
    hidden = things.make_holding(now, make_person(now)).thing
    things.make_holding(now, mei, thing)

    refuses(errors.TextMalformed, lambda: things.make_review(now, mei, thing, " \n "))
    refuses(errors.TextMalformed, lambda: things.make_review(now, mei, thing, "字" * 5_001))
    refuses(errors.TextMalformed, lambda: things.make_review(now, mei, thing, "\x00"))
    refuses(errors.RatingOutOfRange, lambda: things.make_review(now, mei, thing, rating=6))
    refuses(errors.ThingNotFound, lambda: things.make_review(now, mei, hidden))


def test_thing_is_known_by_what_one_sees_of_it(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    family = things.make_thing(now, kind=ThingKind.FAMILY)
    model = things.make_thing(now, parent=family)
    other = things.make_thing(now, parent=family)
    holding = things.make_holding(now, mei, model)

    def known(person: Person | None) -> list[bool]:
        viewer = sight.get_viewer(person.id if person else None)
        found = []
        for thing in (family, model, other):
            try:
                found.append(queries.get_thing_for(viewer, thing.id).id == thing.id)
            except errors.ThingNotFound:
                found.append(False)
        assert [thing.id for thing in queries.list_below(viewer, family.id)] == ([model.id] if found[1] else [])
        return found

    assert known(mei) == [True, True, False]
    assert known(lin) == [False, False, False]
    db.in_transaction(
        lambda: operations.set_audience(actor=Actor(mei.id), holding_ids=[holding.id], rule=PUBLIC, now=now)
    )
    assert known(None) == [True, True, False]
    things.make_review(now, lin, model)
    db.in_transaction(lambda: operations.remove_holdings(actor=Actor(mei.id), holding_ids=[holding.id], now=now))
    assert known(None) == [True, True, False]


def test_reviews_go_with_a_thing_that_is_merged_and_close_with_the_other(now: datetime) -> None:
    mei, lin, staff = make_person(now), make_person(now), make_person(now, is_staff=True)
    one, two = things.make_thing(now), things.make_thing(now)
    things.make_holding(now, mei, one, audience=PUBLIC)
    review = things.make_review(now, mei, one)
    social.block_subject(now, lin, Subject(SubjectKind.THING, two.id))
    assert [each.id for each in seen(lin, one.id)] == [review]

    db.in_transaction(
        lambda: operations.merge_things(actor=Actor(staff.id, is_staff=True), thing_id=one.id, into_id=two.id, now=now)
    )

    assert [each.thing.id for each in seen(None, one.id)] == [two.id]
    assert seen(lin, two.id) == ()


def test_mark_moves_the_copy_that_is_there_and_makes_a_private_one_otherwise(now: datetime) -> None:
    mei = make_person(now)
    thing = things.make_holding(now, make_person(now), audience=PUBLIC).thing

    def mark(state: HoldingState) -> int:
        return db.in_transaction(
            lambda: operations.mark_thing(actor=Actor(mei.id), thing_id=thing.id, state=state, now=now)
        )

    wish = mark(HoldingState.WANT)
    assert mark(HoldingState.WANT) == wish
    assert mark(HoldingState.OWN) == wish
    another = mark(HoldingState.WANT)  # one may want a second one
    assert another != wish
    assert [copy.state for copy in queries.list_own_copies(mei.id, thing.id)] == [HoldingState.WANT, HoldingState.OWN]
    assert queries.count_holders(sight.get_viewer(None), thing.id) == 1  # hers is private
    refuses(errors.MoveRefused, lambda: mark(HoldingState.LENT))


def test_experts_are_thanked_by_different_people_for_what_the_viewer_sees(now: datetime) -> None:
    mei, lin, wu, *fans = (make_person(now) for _ in range(6))
    thing = things.make_holding(now, mei, audience=PUBLIC).thing
    for fan in fans:
        social.befriend(now, mei, fan)
    public = things.make_review(now, lin, thing)
    friends = things.make_review(now, mei, thing, audience=FRIENDS)
    things.make_review(now, wu, thing)
    things.thank(now, fans[0], AppreciatedKind.REVIEW, public)
    things.thank(now, fans[0], AppreciatedKind.REVIEW, public)
    for fan in fans:
        things.thank(now, fan, AppreciatedKind.REVIEW, friends)

    def experts(viewer: Person | None) -> list[tuple[int, int]]:
        found = queries.list_experts(sight.get_viewer(viewer.id if viewer else None), thing.id)
        return [(expert.person_id, expert.appreciator_count) for expert in found]

    assert experts(fans[1]) == [(mei.id, 3), (lin.id, 1)]
    assert experts(wu) == [(lin.id, 1)]
    refuses(errors.WordsNotFound, lambda: things.thank(now, wu, AppreciatedKind.REVIEW, friends))
    refuses(errors.WordsNotFound, lambda: things.thank(now, wu, AppreciatedKind.STORY, public))
    social.block(now, lin, wu)
    assert experts(wu) == []


@pytest.fixture
def picture(db: None) -> pictures.Picture:
    return pictures.take_in(make_photo(64, 48))


def test_picture_is_seen_with_its_review_and_goes_with_it(now: datetime, picture: pictures.Picture) -> None:
    mei, lin = make_person(now), make_person(now)
    thing = things.make_holding(now, mei, audience=PUBLIC).thing
    review = things.make_review(now, mei, thing, audience=FRIENDS, pictures=[picture])
    shown = seen(mei, thing.id)[0].pictures[0]
    with pytest.raises(errors.PictureNotFound):
        queries.get_review_picture(sight.get_viewer(lin.id), shown.id)
    assert queries.pictures_of_person(mei.id) == (picture.key,)

    db.in_transaction(lambda: operations.remove_review(actor=Actor(mei.id), review_id=review))

    with pytest.raises(errors.PictureNotFound):
        queries.get_review_picture(sight.get_viewer(mei.id), shown.id)
    assert db.rows("SELECT key FROM discarded_file") == [(picture.key,)]


def test_review_has_nine_pictures_at_most(now: datetime, picture: pictures.Picture) -> None:
    mei = make_person(now)
    thing = things.make_holding(now, mei, audience=PUBLIC).thing
    keys = [storage.put({"64.webp": b""}, suffix="-64") for _ in range(9)]
    many = [pictures.Picture(key, 64, 48, 0, picture.blurhash, 0) for key in keys]
    before = db.rows("SELECT count(*) FROM things_review_picture")

    with pytest.raises(errors.TooManyPictures):
        things.make_review(now, mei, thing, pictures=[*many, picture])

    assert db.rows("SELECT count(*) FROM things_review_picture") == before
