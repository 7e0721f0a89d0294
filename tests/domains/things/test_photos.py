"""Photos of copies: seen by whoever sees the copy, gone with it, and found by how they look."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.builders import erasure, social
from tests.builders.people import make_person
from tests.builders.pictures import alter, make_photo
from tests.builders.things import make_holding, make_thing
from wuyou.domains.identity.types import Person
from wuyou.domains.things import errors, operations, queries, rules
from wuyou.domains.things.types import Holding, Lookalike, ThingKind
from wuyou.infra import db, pictures, sight, storage
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def add(now: datetime, holding: Holding, *taken: Picture) -> tuple[int, ...]:
    return db.in_transaction(
        lambda: operations.add_photos(actor=Actor(holding.owner_id), holding_id=holding.id, pictures=taken, now=now)
    )


def test_photos_follow_the_sight_of_their_copy(now: datetime) -> None:
    owner, friend, blocked = make_person(now), make_person(now), make_person(now)
    holding = make_holding(now, owner, audience=PUBLIC)
    (photo,) = add(now, holding, pictures.take_in(make_photo()))
    social.block(now, owner, blocked)

    for viewer in (sight.get_viewer(owner.id), sight.get_viewer(friend.id), sight.get_viewer(None)):
        assert queries.get_photo_for(viewer, photo).holding_id == holding.id
        assert queries.covers_by_holding(viewer, [holding.id])[holding.id].id == photo
    hidden = sight.get_viewer(blocked.id)
    assert queries.photos_by_holding(hidden, [holding.id]) == {}
    assert queries.covers_by_holding(hidden, [holding.id]) == {}
    with pytest.raises(errors.PhotoNotFound):
        queries.get_photo_for(hidden, photo)

    db.in_transaction(
        lambda: operations.set_audience(actor=Actor(owner.id), holding_ids=[holding.id], rule=ONLY_ME, now=now)
    )
    with pytest.raises(errors.PhotoNotFound):
        queries.get_photo_for(sight.get_viewer(friend.id), photo)


def test_owner_orders_and_removes_photos_and_nobody_else_does(now: datetime) -> None:
    owner, other = make_person(now), make_person(now)
    holding = make_holding(now, owner, audience=PUBLIC)
    ids = add(now, holding, *(pictures.take_in(make_photo(seed=seed)) for seed in range(3)))
    viewer = sight.get_viewer(owner.id)

    def order() -> list[int]:
        return [photo.id for photo in queries.photos_by_holding(viewer, [holding.id])[holding.id]]

    back = [ids[2], ids[0], ids[1]]
    db.in_transaction(lambda: operations.order_photos(actor=Actor(owner.id), holding_id=holding.id, photo_ids=back))
    assert order() == back
    for refused in (
        lambda: operations.remove_photos(actor=Actor(other.id), holding_id=holding.id, photo_ids=[ids[0]]),
        lambda: operations.remove_photos(actor=Actor(owner.id), holding_id=holding.id, photo_ids=[ids[0], 999]),
        lambda: operations.order_photos(actor=Actor(owner.id), holding_id=holding.id, photo_ids=[ids[0], ids[0]]),
    ):
        with pytest.raises((errors.HoldingNotFound, errors.PhotoNotFound)):
            db.in_transaction(refused)
    assert order() == back

    db.in_transaction(
        lambda: operations.remove_photos(actor=Actor(owner.id), holding_id=holding.id, photo_ids=[ids[0]])
    )
    assert order() == [ids[2], ids[1]]
    assert db.row("SELECT count(*) FROM discarded_file") == (1,)


def test_copy_has_no_more_photos_than_it_may(now: datetime) -> None:
    holding = make_holding(now, make_person(now))
    taken = [pictures.take_in(make_photo(64, 64, seed)) for seed in range(rules.MAX_PHOTOS + 1)]
    with pytest.raises(errors.TooManyPhotos):
        add(now, holding, *taken)
    assert db.row("SELECT count(*) FROM things_photo") == (0,)


def test_files_go_with_the_copy_and_with_the_person(now: datetime, media: Path) -> None:
    owner = make_person(now, "Mei")
    first, second = make_holding(now, owner), make_holding(now, owner)
    add(now, first, pictures.take_in(make_photo(seed=1)))
    add(now, second, pictures.take_in(make_photo(seed=2)))

    db.in_transaction(lambda: operations.remove_holdings(actor=Actor(owner.id), holding_ids=[first.id], now=now))
    erasure.erase(now, owner.id, owner.handle, owner.display_name)

    (later,) = db.row("SELECT now() + interval '1 second'") or (now,)
    assert storage.remove_discarded(later) == 2
    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert db.row("SELECT count(*) FROM things_photo") == (0,)


def test_photo_stands_for_a_thing_as_far_as_its_copy_is_seen_and_forms_count_for_their_model(now: datetime) -> None:
    owner, friend = make_person(now), make_person(now)
    social.befriend(now, owner, friend)
    model, other = make_thing(now), make_thing(now)
    red = make_thing(now, kind=ThingKind.VARIANT, parent=model)
    (open_to_all,) = add(now, make_holding(now, owner, model, audience=PUBLIC), pictures.take_in(make_photo(seed=1)))
    make_holding(now, friend, model, audience=PUBLIC)
    (for_friends,) = add(now, make_holding(now, owner, red, audience=FRIENDS), pictures.take_in(make_photo(seed=2)))
    add(now, make_holding(now, owner, other), pictures.take_in(make_photo(seed=3)))

    def covers(person: Person | None) -> dict[int, int]:
        viewer = sight.get_viewer(person.id if person else None)
        found = queries.covers_by_thing(viewer, [model.id, red.id, other.id])
        return {thing: photo.id for thing, photo in found.items()}

    assert covers(None) == {model.id: open_to_all}
    assert covers(friend) == {model.id: for_friends, red.id: for_friends}
    assert covers(owner).keys() == {model.id, red.id, other.id}
    social.block(now, owner, friend)
    assert covers(friend) == {}


def test_same_picture_cut_and_in_another_light_is_found_and_another_is_not(now: datetime) -> None:
    owner, viewer, stranger = make_person(now), make_person(now), make_person(now)
    camera, secret = make_thing(now, "海鸥"), make_thing(now, "秘密")
    shown, hidden = make_holding(now, owner, camera, audience=PUBLIC), make_holding(now, stranger, secret)
    (photo,) = add(now, shown, pictures.take_in(make_photo(seed=5)))
    add(now, hidden, pictures.take_in(make_photo(800, 600, seed=5)))
    eyes = sight.get_viewer(viewer.id)

    def found(content: bytes) -> tuple[Lookalike, ...]:
        return queries.list_lookalikes(eyes, pictures.looks_of(pictures.take_in(content).key))

    for cut, light in ((0.0, 0.8), (0.06, 1.2), (0.1, 1.0)):
        (alike,) = found(alter(make_photo(seed=5), cut=cut, light=light, quality=50))
        assert (alike.thing, alike.photo.id) == (camera, photo)
        assert alike.distance <= pictures.ALIKE
    assert found(make_photo(seed=6)) == ()


@pytest.mark.parametrize("seed", range(20))
def test_nothing_within_the_distance_is_missed(seed: int) -> None:
    drawn = random.Random(seed)
    phash = far = drawn.getrandbits(64) - (1 << 63)
    for bit in drawn.sample(range(64), pictures.ALIKE):
        far ^= 1 << bit if bit < 63 else -(1 << 63)
    assert set(rules.probes_of(phash)) & set(rules.bands_of(far))
