"""My home of things and the page of a copy: what owners do there, and what others see of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from tests.builders import social
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.builders.things import make_holding, make_shelf, make_thing
from tests.surfaces.storefront.conftest import browser, footprint, key
from wuyou.domains.identity.types import Person
from wuyou.domains.things import operations, queries
from wuyou.domains.things.types import Holding, HoldingState, Shelf
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC, make_viewer

Budget = Callable[[int], AbstractContextManager[object]]

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def mei(world: None) -> Person:
    return make_person(utc_now(), "Mei", handle="mei")


def upload(client: Client, holding: Holding) -> int:
    """Send a photo for a copy; its number."""
    file = SimpleUploadedFile("a.jpg", make_photo(), "image/jpeg")
    assert client.post(f"/things/copies/{holding.id}/photos", {"photos": file}).status_code == 302
    return queries.photos_by_holding(make_viewer(holding.owner_id), [holding.id])[holding.id][-1].id


def keep(person: Person, holding: Holding, shelf: Shelf, label: str) -> None:
    """Put a copy on a shelf and a label on it."""
    actor, ids = Actor(person.id), [holding.id]
    db.in_transaction(lambda: operations.put_on_shelf(actor=actor, holding_ids=ids, shelf_id=shelf.id))
    db.in_transaction(lambda: operations.label_holdings(actor=actor, holding_ids=ids, add=[label]))


def stored() -> set[str]:
    """The files of all pictures."""
    root = Path(django_settings.MEDIA_ROOT)
    return {str(path) for path in root.rglob("*") if path.is_file()}


def copies_of(person: Person) -> list[Holding]:
    return list(queries.list_holdings_of(make_viewer(person.id), person.id).items)


def test_page_and_photo_are_of_whoever_sees_the_copy_at_that_moment(mei: Person) -> None:
    now = utc_now()
    friend, blocked = make_person(now, "Lin"), make_person(now, "Wu")
    social.befriend(now, mei, friend)
    holding = make_holding(now, mei, audience=PUBLIC)
    photo = f"/things/photos/{upload(browser(mei), holding)}/480.webp"
    social.block(now, blocked, mei)

    def statuses(person: Person | None) -> list[int]:
        client = browser(person)
        return [client.get(path).status_code for path in (f"/things/copies/{holding.id}", photo)]

    answer = browser(friend).get(photo)
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Content-Type"] == "image/webp"
    assert browser(friend).get(photo, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert [statuses(None), statuses(friend), statuses(blocked)] == [[200, 200], [200, 200], [404, 404]]
    for rule, seen in ((FRIENDS, [[404, 404], [200, 200]]), (ONLY_ME, [[404, 404], [404, 404]])):
        db.in_transaction(
            lambda rule=rule: operations.set_audience(  # type: ignore[misc]
                actor=Actor(mei.id), holding_ids=[holding.id], rule=rule, now=now
            )
        )
        assert [statuses(None), statuses(friend)] == seen
    assert browser(friend).get(photo, headers={"If-None-Match": answer["ETag"]}).status_code == 404
    assert statuses(mei) == [200, 200]


@pytest.mark.parametrize("is_blocked", [False, True])
def test_what_owners_do_with_a_copy_is_not_there_for_a_stranger(mei: Person, is_blocked: bool) -> None:
    now = utc_now()
    stranger, holding = make_person(now), make_holding(now, mei, make_thing(now, "海鸥 4A"), audience=PUBLIC)
    shelf = make_shelf(now, mei)
    keep(mei, holding, shelf, "偷偷爱")
    photo = upload(browser(mei), holding)
    if is_blocked:
        social.block(now, mei, stranger)
    client = browser(stranger, "zh-hans")
    before, files = footprint(), stored()

    shown = client.get(f"/things/copies/{holding.id}/edit")
    file = SimpleUploadedFile("a.jpg", make_photo(), "image/jpeg")
    refused = [
        shown,
        client.post(f"/things/copies/{holding.id}/edit", {"labels": "x"}),
        client.post(f"/things/copies/{holding.id}/photos", {"photos": file}),
        client.post(f"/things/copies/{holding.id}/hand-on"),
        client.post(f"/things/photos/{photo}/change", {"do": "first"}),
        client.get("/things/edit", {"id": holding.id, "do": "label"}),
    ]

    assert [answer.status_code for answer in refused] == [404] * len(refused)
    assert "偷偷爱" not in shown.content.decode()
    assert "海鸥 4A" not in client.get("/things", {"shelf": shelf.id}).content.decode()
    assert client.get("/things/edit", {"shelf": shelf.id, "do": "label"}).status_code == 422
    assert footprint() == before
    assert stored() == files


def test_thing_of_closed_copies_is_not_put_here_by_its_number(mei: Person) -> None:
    now = utc_now()
    secret = make_holding(now, make_person(now), make_thing(now, "孤本")).thing
    client, before = browser(mei, "zh-hans"), footprint()
    form = {**key(), "state": "OWN", "audience": "me"}
    answers = [client.get(f"/things/new?thing={secret.id}"), client.post(f"/things/new?thing={secret.id}", form)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert "孤本" not in answers[0].content.decode()
    assert footprint() == before


def test_something_is_put_here_by_hand_once_with_its_photo_and_its_audience(mei: Person) -> None:
    client = browser(mei)
    sent = {
        **key(),
        "name": "海鸥 4A",
        "brand": "海鸥",
        "state": "OWN",
        "story": "爷爷的",
        "details": "编号：0217",
        "labels": "传家，胶片",
        "audience": "everyone",
    }
    for _ in range(2):
        file = SimpleUploadedFile("a.jpg", make_photo(), "image/jpeg")
        answer = client.post("/things/new", {**sent, "photos": file})
    (holding,) = copies_of(mei)
    assert answer["Location"] == f"/things/copies/{holding.id}"
    assert (holding.thing.name, holding.story, holding.fields) == ("海鸥 4A", "爷爷的", (("编号", "0217"),))
    assert set(holding.labels) == {"传家", "胶片"}
    assert queries.rules_by_holding(mei.id, [holding.id]) == {holding.id: PUBLIC}
    assert len(queries.photos_by_holding(make_viewer(mei.id), [holding.id])[holding.id]) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"state": "LENT"}, {"audience": "all"}, {"since_on": "2999-01-01"}, {"details": "nothing"},
     {"picture": "forged"}, {"shelf": "x"}],
)  # fmt: skip
def test_what_is_malformed_is_refused_and_changes_nothing(mei: Person, wrong: dict[str, str]) -> None:
    client = browser(mei)
    before = footprint()
    answer = client.post("/things/new", {**key(), "name": "笔", "state": "OWN", "audience": "me", **wrong})
    assert answer.status_code == 422
    assert footprint() == before


def test_many_are_changed_at_once_or_none(mei: Person) -> None:
    now = utc_now()
    mine = [make_holding(now, mei) for _ in range(3)]
    theirs = make_holding(now, make_person(now), audience=PUBLIC)
    client, ids = browser(mei), [holding.id for holding in mine]
    for what in ("shelf", "audience", "state", "label", "remove"):
        assert client.get("/things/edit", {"id": ids, "do": what}).status_code == 200
        assert client.get("/things/edit", {"id": [*ids, theirs.id], "do": what}).status_code == 404
    changes: list[dict[str, object]] = [
        {"do": "shelf", "new_shelf": "相机柜"},
        {"do": "audience", "audience": "friends"},
        {"do": "state", "to": "LENT"},
        {"do": "label", "add": "传家, 胶片"},
    ]
    before = footprint()
    for change in changes:
        assert client.post("/things/edit", {"id": [*ids, theirs.id], **change}).status_code == 404
    assert footprint() == before
    for change in changes:
        assert client.post("/things/edit", {"id": ids, **change}).status_code == 302
    (shelf,) = queries.list_shelves(make_viewer(mei.id), mei.id)
    for holding in copies_of(mei):
        assert (holding.shelf_id, holding.state) == (shelf.id, HoldingState.LENT)
        assert set(holding.labels) == {"传家", "胶片"}
    assert set(queries.rules_by_holding(mei.id, ids).values()) == {FRIENDS}
    client.post("/things/edit", {"shelf": shelf.id, "do": "remove"})
    assert copies_of(mei) == []


def test_whole_shelf_is_changed_however_much_stands_on_it_and_refused_when_that_is_too_much(mei: Person) -> None:
    now, actor, client = utc_now(), Actor(mei.id), browser(mei)
    content = ("title\n" + "".join(f"书 {number}\n" for number in range(1_001))).encode()
    db.in_transaction(lambda: operations.import_holdings(actor=actor, content=content, today=now.date(), now=now))
    ids = [holding for (holding,) in db.rows("SELECT id FROM things_holding ORDER BY id")]
    shelf, theirs = make_shelf(now, mei), make_shelf(now, make_person(now))

    def put(some: list[int]) -> None:
        db.in_transaction(lambda: operations.put_on_shelf(actor=actor, holding_ids=some, shelf_id=shelf.id))

    put(ids[:300])
    page = client.get("/things/edit", {"shelf": shelf.id, "do": "label"}).content.decode()
    assert f'name="shelf" value="{shelf.id}"' in page
    assert 'name="id"' not in page
    assert client.post("/things/edit", {"shelf": shelf.id, "do": "label", "add": "书"}).status_code == 302
    assert queries.list_labels_of(mei.id) == {"书": 300}

    put(ids[300:])
    before = footprint()
    for sent in ({"shelf": shelf.id, "do": "remove"}, {"shelf": theirs.id, "do": "remove"}):
        assert client.get("/things/edit", sent).status_code == 422
        assert client.post("/things/edit", sent).status_code == 422
    assert footprint() == before


def test_what_has_just_come_is_offered_to_be_opened_until_its_owner_says(mei: Person) -> None:
    now = utc_now()
    holding = make_holding(now, mei)
    db.execute("UPDATE things_holding SET is_new = true")
    client = browser(mei)
    assert "1 new arrival" in client.get("/things").content.decode()
    client.post("/things/arrivals", {"id": holding.id})
    assert "new arrival" not in client.get("/things").content.decode()
    assert queries.rules_by_holding(mei.id, [holding.id]) == {holding.id: ONLY_ME}


def test_copy_changes_hands_by_a_gift(mei: Person) -> None:
    now = utc_now()
    lin = make_person(now, "Lin", handle="lin")
    social.befriend(now, mei, lin)
    holding = make_holding(now, mei)
    client, address = browser(mei), f"/things/copies/{holding.id}"
    assert client.post(f"{address}/offer", {"person": "@lin", "words": "给你"}).status_code == 302
    assert "Offered to Lin" in client.get(address).content.decode()
    ((gift,),) = db.rows("SELECT id FROM social_gift")
    social.take_gift(now, lin, gift)
    assert client.post(f"{address}/hand-on").status_code == 302
    assert [each.state for each in copies_of(mei)] == [HoldingState.GIVEN]
    (theirs,) = copies_of(lin)
    assert [each.id for each in queries.list_new(lin.id)] == [theirs.id]


def test_every_page_is_drawn_in_both_languages(mei: Person) -> None:
    now = utc_now()
    holding = make_holding(now, mei)
    make_shelf(now, mei)
    upload(browser(mei), holding)
    for language in ("zh-hans", "en"):
        client = browser(mei, language)
        for path in ("/things", "/things?select=1", "/things?state=WANT", "/things/add", "/things/add?q=a",
                     "/things/new", "/things/import", "/things/shelves", f"/things/copies/{holding.id}",
                     f"/things/copies/{holding.id}/edit"):  # fmt: skip
            answer = client.get(path)
            page = answer.content.decode()
            assert (answer.status_code, page.count("<h1")) == (200, 1), path
    assert browser().get("/things").status_code == 302


def test_budgets_do_not_grow_with_things(mei: Person, django_assert_num_queries: Budget) -> None:
    now, client = utc_now(), browser(mei)
    for count in (1, 6):
        holdings = [make_holding(now, mei) for _ in range(count)]
        with django_assert_num_queries(HOME_QUERIES):
            client.get("/things")
        with django_assert_num_queries(COPY_QUERIES):
            client.get(f"/things/copies/{holdings[0].id}")


HOME_QUERIES = 11
COPY_QUERIES = 16
