"""The page of a thing: it shows what its reader may see, sells what is sold, and keeps what one says of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.builders import social, things
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.identity.types import Person
from wuyou.domains.things import operations, queries
from wuyou.domains.things.types import HoldingState, Thing
from wuyou.infra import db, sight
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS, PUBLIC

Budget = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def mei(db: None, now: datetime) -> Person:
    return make_person(now, "Mei")


@pytest.fixture
def camera(now: datetime, mei: Person) -> Thing:
    """A camera that Mei shows to everyone."""
    return things.make_holding(now, mei, audience=PUBLIC).thing


def read(person: Person | None, thing: Thing, language: str = "en") -> str:
    return browser(person, language).get(f"/things/{thing.id}").content.decode()


def test_owners_reviews_and_their_counts_are_those_that_the_reader_sees(
    now: datetime, mei: Person, camera: Thing
) -> None:
    lin, wu = make_person(now, "Lin"), make_person(now, "Wu")
    things.make_holding(now, lin, camera, audience=FRIENDS)
    things.make_review(now, lin, camera, "only for friends", rating=1, audience=FRIENDS)
    things.make_review(now, mei, camera, "for all", rating=5)
    social.befriend(now, lin, wu)

    page = read(None, camera)
    assert "1 person has it" in page
    assert "for all" in page
    assert "Owner" in page
    assert "only for friends" not in page
    assert "Lin" not in page
    assert "<strong>5.0</strong>" in page
    page = read(wu, camera)
    assert "2 people have it" in page
    assert "only for friends" in page
    assert "<strong>3.0</strong>" in page
    social.block(now, mei, wu)
    assert "Mei" not in read(wu, camera)


def test_thing_of_which_one_sees_nothing_is_not_found(now: datetime, mei: Person) -> None:
    private = things.make_holding(now, mei).thing

    assert browser(mei).get(f"/things/{private.id}").status_code == 200
    for stranger in (None, make_person(now)):
        for path in ("", "/review", "/mark"):
            client = browser(stranger)
            answer = (
                client.post(f"/things/{private.id}{path}", key() | {"state": "OWN"})
                if path
                else client.get(f"/things/{private.id}")
            )
            assert answer.status_code == (302 if stranger is None and path else 404)


def test_what_is_sold_here_is_bought_from_the_page_of_its_thing(market: Market) -> None:
    variant = market.product.variants[0]
    made = db.in_transaction(lambda: operations.ensure_variants(variant_ids=[variant.id], now=utc_now()))
    form = made[variant.id]
    model = queries.things_by_product([market.product.id])[market.product.id]

    page = read(None, model)
    assert f'href="/p/{market.product.id}" data-sheet' in page
    assert "¥</span>39" in page
    assert f'href="/things/{form.id}"' in page
    assert f'href="/p/{market.product.id}?variant={variant.id}" data-sheet' in read(None, form)


def test_one_tap_keeps_it_for_oneself(now: datetime, camera: Thing) -> None:
    lin = make_person(now, "Lin")
    client = browser(lin)
    tap = key() | {"state": "WANT"}
    for _ in range(2):
        answer = client.post(f"/things/{camera.id}/mark", tap)
        assert answer["Location"] == f"/things/{camera.id}"
    assert [copy.state for copy in queries.list_own_copies(lin.id, camera.id)] == [HoldingState.WANT]
    assert 'value="WANT" aria-pressed="true"' in read(lin, camera)
    assert "wants it" not in read(None, camera)

    before = footprint()
    assert client.post(f"/things/{camera.id}/mark", key() | {"state": "STOLEN"}).status_code == 422
    assert client.post(f"/things/{camera.id}/mark", key() | {"state": "LENT"}).status_code == 409
    assert footprint() == before


def test_review_with_a_picture_is_written_thanked_for_changed_and_taken_back(
    now: datetime, mei: Person, camera: Thing
) -> None:
    lin = make_person(now, "Lin")
    client, other = browser(mei), browser(lin)
    assert "Say that I have or had it" in client.get(f"/things/{camera.id}/review").content.decode()
    said = {"text": "It has grown on me", "rating": "4", "shows_proof": "on", "audience": "everyone"}
    photo = SimpleUploadedFile("a.jpg", make_photo(200, 150), "image/jpeg")
    answer = client.post(f"/things/{camera.id}/review", key() | said | {"pictures": photo})
    review = queries.list_reviews(sight.get_viewer(None), camera.id).items[0]
    assert answer["Location"] == f"/things/{camera.id}#review-{review.id}"
    picture = f"/reviews/pictures/{review.pictures[0].id}/160"
    assert browser().get(picture)["Content-Type"] == "image/webp"
    assert browser().get(f"{picture}1").status_code == 404

    thanks = {"kind": "review", "id": str(review.id), "next": f"/things/{camera.id}"}
    assert browser(lin).post("/thanks", key() | thanks)["Location"] == f"/things/{camera.id}"
    page = read(lin, camera)
    assert "Thanked" in page
    assert "thanked by 1 person" in page
    browser(lin).post("/thanks", key() | thanks | {"back": "1"})
    assert "Thanked" not in read(lin, camera)
    before = footprint()
    assert other.post("/thanks", key() | thanks | {"next": "https://elsewhere.example"}).status_code == 422
    assert client.post("/thanks", key() | thanks).status_code == 422
    assert other.post(f"/reviews/{review.id}", key() | said).status_code == 404
    assert other.post(f"/reviews/{review.id}/remove").status_code == 404
    assert footprint() == before

    changed = said | {"text": "Less than I thought", "audience": "me", "drop": str(review.pictures[0].id)}
    client.post(f"/reviews/{review.id}", key() | changed)
    assert "Less than I thought" in read(mei, camera)
    assert "Less than I thought" not in read(lin, camera)
    assert browser(mei).get(picture).status_code == 404
    client.post(f"/reviews/{review.id}/remove")
    assert queries.list_reviews(sight.get_viewer(mei.id), camera.id).items == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "字" * 5_001},
        {"rating": "6"},
        {"rating": "\x00"},
        {"audience": "nobody"},
        {"audience": "chosen"},
        {"pictures": SimpleUploadedFile("a.jpg", b"<script>", "image/jpeg")},
    ],
)
def test_malformed_review_is_shown_again_and_changes_nothing(
    mei: Person, camera: Thing, wrong: dict[str, object]
) -> None:
    client = browser(mei)
    said = {"text": "Good", "rating": "4", "audience": "everyone"}
    before = footprint()
    answer = client.post(f"/things/{camera.id}/review", key() | said | wrong)
    assert answer.status_code == 422
    assert 'name="text"' in answer.content.decode()
    assert footprint() == before


def test_budget(now: datetime, mei: Person, camera: Thing, django_assert_num_queries: Budget) -> None:
    lin = make_person(now, "Lin")
    for person in (mei, lin):
        for _ in range(3):
            things.make_review(now, person, camera, rating=4)
    stranger, known = browser(), browser(lin)
    with django_assert_num_queries(15):
        stranger.get(f"/things/{camera.id}")
    with django_assert_num_queries(25):
        known.get(f"/things/{camera.id}")
