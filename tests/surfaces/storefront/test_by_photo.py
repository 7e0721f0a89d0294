"""Putting a thing here by a photo of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from tests.builders import goods
from tests.builders.people import make_person
from tests.builders.pictures import GPS, alter, encode, make_image, make_photo, shipped
from tests.builders.things import make_holding, make_thing
from tests.surfaces.storefront.conftest import browser, footprint, key
from wuyou.domains.catalog.operations import VariantDraft
from wuyou.domains.identity.types import Person
from wuyou.domains.things import operations, queries
from wuyou.domains.things.types import Holding, HoldingSource, HoldingState, Thing, ThingKind
from wuyou.infra import db, pictures, storage
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import ONLY_ME, PUBLIC, AudienceRule, make_viewer

Budget = Callable[[int], AbstractContextManager[object]]
PHOTO = "/things/add/photo"
PAGE_QUERIES = 9
"""Who asks and what they hold, their bell, what looks alike: two for things, two for goods."""

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def mei(world: None) -> Person:
    return make_person(utc_now(), "Mei", handle="mei")


def sent(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", content, "image/jpeg")


def taken(client: Client, content: bytes) -> str:
    """Where a photo that was sent leads to: what looks like it."""
    answer = client.post(PHOTO, {"photo": sent(content)})
    assert answer.status_code == 302
    return str(answer["Location"])


def token_in(page: str) -> str:
    return re.findall(r'name="picture" value="([^"]+)"', page)[0]


def offered(page: str) -> list[tuple[str, int]]:
    return [(kind, int(number)) for kind, number in re.findall(r'name="(thing|product)" value="([0-9]+)"', page)]


def pictured(person: Person, content: bytes, audience: AudienceRule) -> Thing:
    """A thing of which this person has a photo that is open to these."""
    holding = make_holding(utc_now(), person, make_thing(utc_now()), audience=audience)
    picture = pictures.take_in(content)
    db.in_transaction(
        lambda: operations.add_photos(actor=Actor(person.id), holding_id=holding.id, pictures=[picture], now=utc_now())
    )
    return holding.thing


def copies_of(person: Person) -> list[Holding]:
    return list(queries.list_holdings_of(make_viewer(person.id), person.id).items)


def test_what_looks_alike_is_offered_and_one_tap_keeps_it_with_the_photo(mei: Person) -> None:
    lin = make_person(utc_now(), "Lin")
    camera = pictured(lin, make_photo(seed=5), PUBLIC)
    pictured(lin, make_photo(seed=6), PUBLIC)
    pictured(make_person(utc_now()), make_photo(800, 600, seed=5), ONLY_ME)
    client = browser(mei)

    page = client.get(taken(client, alter(make_photo(seed=5)))).content.decode()
    assert offered(page) == [("thing", camera.id)]
    form = {"picture": token_in(page), "thing": camera.id, **key()}
    first, again = (client.post(f"{PHOTO}/keep", form) for _ in range(2))

    (holding,) = copies_of(mei)
    assert first["Location"] == again["Location"] == f"/things/copies/{holding.id}"
    assert (holding.thing, holding.state, holding.source) == (camera, HoldingState.OWN, HoldingSource.HAND)
    assert queries.rules_by_holding(mei.id, [holding.id]) == {holding.id: ONLY_ME}
    (photo,) = queries.photos_by_holding(make_viewer(mei.id), [holding.id])[holding.id]
    assert client.get(f"/things/photos/{photo.id}/480.webp").status_code == 200


def test_goods_whose_picture_looks_alike_are_offered_as_their_model_where_they_have_forms(mei: Person) -> None:
    now = utc_now()
    honey = goods.make_product(now, picture="honey")
    forms = [VariantDraft(name, name, goods.yuan(5_900), None) for name in ("红", "蓝")]
    teapot = goods.make_product(now, picture="teapot", variants=forms)
    client = browser(mei)

    for product, kind in ((honey, ThingKind.VARIANT), (teapot, ThingKind.MODEL)):
        page = client.get(taken(client, alter(shipped(product.picture)))).content.decode()
        assert ("product", product.id) in offered(page)
        assert (
            client.post(f"{PHOTO}/keep", {"picture": token_in(page), "product": product.id, **key()}).status_code == 302
        )
        assert copies_of(mei)[0].thing.kind is kind
    model, variant = (copy.thing for copy in copies_of(mei))
    assert queries.things_by_product([teapot.id]) == {teapot.id: model}
    assert queries.things_by_variant([honey.variants[0].id]) == {honey.variants[0].id: variant}

    page = client.get(taken(client, make_photo(seed=9))).content.decode()
    assert offered(page) == []


def test_none_of_these_is_named_by_hand_and_the_photo_stays(mei: Person) -> None:
    client = browser(mei)
    where = taken(client, make_photo())
    assert "/things/new?picture=" in client.get(where).content.decode()
    token = unquote(where.partition("=")[2])
    by_hand = client.get("/things/new", {"picture": token}).content.decode()
    assert f'name="picture" value="{token}"' in by_hand
    searched = client.get("/things/add", {"picture": token, "q": "nothing of the kind"}).content.decode()
    assert f"picture={quote(token, safe='')}" in searched

    named = {"name": "旧相机", "brand": "", "state": "OWN", "audience": "me", "picture": token, **key()}
    assert client.post("/things/new", named).status_code == 302

    (holding,) = copies_of(mei)
    assert holding.thing.name == "旧相机"
    assert len(queries.photos_by_holding(make_viewer(mei.id), [holding.id])[holding.id]) == 1


def test_photo_that_waits_is_clean_and_its_owners_alone(mei: Person, media: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(GPS)[1] = "N"
    client, other = browser(mei), browser(make_person(utc_now()))
    page = client.get(taken(client, encode(make_image(), exif=exif))).content.decode()
    address = re.findall(r'src="(/things/add/photo/480[.]webp[^"]+)"', page)[0].replace("&amp;", "&")

    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200,
        "image/webp",
        "private, no-cache",
    )
    assert all(b"Exif" not in path.read_bytes() for path in media.rglob("*") if path.is_file())
    before = footprint()
    assert other.get(address).status_code == 422
    assert browser(None).get(address).status_code == 302
    assert other.get(f"{PHOTO}?{address.partition('?')[2]}").status_code == 422
    assert footprint() == before


def test_what_cannot_be_is_refused_and_changes_nothing(mei: Person) -> None:
    secret = make_holding(utc_now(), make_person(utc_now())).thing
    client = browser(mei)
    token = unquote(taken(client, make_photo()).partition("=")[2])
    before = footprint()

    keep = f"{PHOTO}/keep"
    answers = [
        client.post(PHOTO).status_code,
        client.post(PHOTO, {"photo": sent(b"not a picture")}).status_code,
        client.post(keep, {"picture": token, "thing": secret.id, **key()}).status_code,
        client.post(keep, {"picture": token, "product": 999_999, **key()}).status_code,
        client.post(keep, {"picture": token, **key()}).status_code,
        client.post(keep, {"picture": token, "thing": 1, "product": 1, **key()}).status_code,
        client.post(keep, {"picture": f"{token}x", "thing": secret.id, **key()}).status_code,
        client.post(keep, {"thing": secret.id, **key()}).status_code,
        browser(None).post(PHOTO, {"photo": sent(make_photo())}).status_code,
    ]

    assert answers == [422, 422, 404, 404, 422, 422, 422, 422, 302]
    assert footprint() == before


def test_photo_that_nobody_came_back_for_is_swept_and_a_late_tap_keeps_nothing(mei: Person, media: Path) -> None:
    thing = pictured(make_person(utc_now()), make_photo(seed=5), PUBLIC)
    client = browser(mei)
    where = taken(client, make_photo(seed=5))
    token = token_in(client.get(where).content.decode())
    held = {path for path in media.rglob("*") if path.is_file()}

    later = utc_now() + storage.ORPHANED_AFTER + timedelta(hours=1)
    assert storage.discard_orphans(later) == 1
    storage.remove_discarded(later)

    assert len({path for path in media.rglob("*") if path.is_file()}) == len(held) // 2
    before = footprint()
    assert client.post(f"{PHOTO}/keep", {"picture": token, "thing": thing.id, **key()}).status_code == 409
    assert client.get(where).status_code == 422
    assert footprint() == before


def test_queries_stay_however_much_looks_alike(mei: Person, django_assert_num_queries: Budget) -> None:
    lin, client = make_person(utc_now()), browser(mei)
    goods.make_product(utc_now(), picture="honey")
    where = taken(client, alter(shipped("honey")))
    client.get(where)
    for _ in range(3):
        pictured(lin, shipped("honey"), PUBLIC)
        with django_assert_num_queries(PAGE_QUERIES):
            client.get(where)
