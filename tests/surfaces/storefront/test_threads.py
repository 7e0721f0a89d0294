"""Threads on things: seen with what they point into, answered, told of, and open as W3C annotations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.builders import social, things
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import browser, footprint, key
from wuyou.domains.identity.types import Person
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import errors, operations, queries
from wuyou.domains.things.types import AnnotationDraft, Purpose, Region, Thing
from wuyou.infra import db, pictures, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FRIENDS, PUBLIC, AudienceRule

pytestmark = pytest.mark.usefixtures("db")

REGION = Region(1_250, 2_000, 3_000, 4_000)


def refuses(error: type[DomainError], act: Callable[[], object]) -> None:
    before = footprint()
    with pytest.raises(error):
        act()
    assert footprint() == before


def annotate(
    now: datetime,
    person: Person,
    thing: Thing,
    picture_id: int | None = None,
    region: Region | None = None,
    audience: AudienceRule = PUBLIC,
    *,
    photo_id: int | None = None,
) -> int:
    draft = AnnotationDraft("快门在这里", Purpose.EXPLAIN, picture_id, region, audience, photo_id=photo_id)
    return db.in_transaction(
        lambda: operations.annotate(actor=Actor(person.id), thing_id=thing.id, draft=draft, now=now)
    )


def answer(now: datetime, person: Person, annotation_id: int, text: str = "谢谢") -> int:
    return db.in_transaction(
        lambda: operations.reply(actor=Actor(person.id), annotation_id=annotation_id, text=text, now=now)
    )


def seen(person: Person | None, thing: Thing) -> list[int]:
    viewer = sight.get_viewer(person.id if person else None)
    return [each.id for each in queries.list_annotations(viewer, thing.id).items]


@pytest.fixture
def people(now: datetime) -> tuple[Person, Person, Person]:
    mei, lin, wu = make_person(now, "Mei"), make_person(now, "Lin"), make_person(now, "Wu")
    social.befriend(now, mei, lin)
    return mei, lin, wu


@pytest.fixture
def thing(now: datetime, people: tuple[Person, Person, Person]) -> Thing:
    return things.make_holding(now, people[0], audience=PUBLIC).thing


def test_annotation_is_never_open_wider_than_the_picture_it_points_into(
    now: datetime, people: tuple[Person, Person, Person], thing: Thing
) -> None:
    mei, lin, wu = people
    picture = pictures.take_in(make_photo(64, 48))
    review = things.make_review(now, mei, thing, audience=FRIENDS, pictures=[picture])
    shown = queries.get_review_for(sight.get_viewer(mei.id), review).pictures[0]
    refuses(errors.PictureNotFound, lambda: annotate(now, wu, thing, shown.id, REGION))
    refuses(errors.RegionMalformed, lambda: annotate(now, lin, thing, None, REGION))
    refuses(errors.RegionMalformed, lambda: annotate(now, lin, thing, shown.id, Region(9_000, 0, 1_001, 1)))

    made = annotate(now, lin, thing, shown.id, REGION)

    assert seen(mei, thing) == seen(lin, thing) == [made]
    assert seen(wu, thing) == seen(None, thing) == []
    document = browser(mei).get(f"/annotations/{made}")
    assert document["Content-Type"].startswith("application/ld+json")
    target = document.json()["target"]
    assert target["selector"]["value"] == "xywh=percent:12.5,20,30,40"
    assert document.json()["motivation"] == "describing"
    assert browser(wu).get(f"/annotations/{made}").status_code == 404

    db.in_transaction(lambda: operations.remove_review(actor=Actor(mei.id), review_id=review))
    assert seen(lin, thing) == []


def test_annotation_is_never_open_wider_than_the_copy_whose_photo_it_points_into(
    now: datetime, people: tuple[Person, Person, Person]
) -> None:
    mei, lin, wu = people
    things.make_holding(now, wu, thing := things.make_thing(now), audience=PUBLIC)
    holding = things.make_holding(now, mei, thing, audience=FRIENDS)
    owner = Actor(mei.id)
    picture = pictures.take_in(make_photo(64, 48))
    (photo,) = db.in_transaction(
        lambda: operations.add_photos(actor=owner, holding_id=holding.id, pictures=[picture], now=now)
    )
    refuses(errors.PhotoNotFound, lambda: annotate(now, wu, thing, region=REGION, photo_id=photo))
    refuses(errors.TargetMalformed, lambda: annotate(now, lin, thing, 1, photo_id=photo))

    made = annotate(now, lin, thing, region=REGION, photo_id=photo)
    answer(now, mei, made)

    assert seen(mei, thing) == seen(lin, thing) == [made]
    assert seen(wu, thing) == seen(None, thing) == []
    assert browser(wu).get(f"/annotations/{made}").status_code == 404
    assert (
        browser(lin)
        .get(f"/annotations/{made}")
        .json()["target"]["source"]["id"]
        .endswith(f"/things/photos/{photo}/1600.webp")
    )
    shown = browser(lin).get(f"/things/copies/{holding.id}").content.decode()
    assert f'id="annotation-{made}"' in shown
    assert f"/point?photo={photo}" in shown
    assert queries.replies_by_annotation(sight.get_viewer(wu.id), [made]) == {}
    assert queries.find_words(sight.get_viewer(wu.id), AppreciatedKind.ANNOTATION, made) is None
    rule = AudienceRule()
    db.in_transaction(lambda: operations.set_audience(actor=owner, holding_ids=[holding.id], rule=rule, now=now))
    assert seen(lin, thing) == []
    assert seen(mei, thing) == [made]

    db.in_transaction(lambda: operations.remove_photos(actor=owner, holding_id=holding.id, photo_ids=[photo]))
    assert db.rows("SELECT 1 FROM things_annotation UNION ALL SELECT 1 FROM things_reply") == []


def test_words_at_a_photo_go_with_the_copy_and_with_its_owner(
    now: datetime, people: tuple[Person, Person, Person]
) -> None:
    mei, lin, _wu = people
    kept = []
    for seed in (1, 2):
        holding = things.make_holding(now, mei, audience=PUBLIC)
        picture = pictures.take_in(make_photo(64, 48, seed))
        (photo,) = db.in_transaction(
            lambda h=holding, p=picture: operations.add_photos(  # type: ignore[misc]
                actor=Actor(mei.id), holding_id=h.id, pictures=[p], now=now
            )
        )
        answer(now, mei, annotate(now, lin, holding.thing, photo_id=photo))
        kept.append(holding)
    db.in_transaction(lambda: operations.remove_holdings(actor=Actor(mei.id), holding_ids=[kept[0].id], now=now))
    assert db.rows("SELECT count(*) FROM things_annotation") == [(1,)]
    db.in_transaction(lambda: operations.erase_person(person_id=mei.id, now=now))
    assert db.rows("SELECT 1 FROM things_annotation UNION ALL SELECT 1 FROM things_reply") == []


def test_answer_is_told_to_who_began_the_thread_and_ends_with_sight(
    now: datetime, people: tuple[Person, Person, Person], thing: Thing
) -> None:
    mei, lin, wu = people
    made = annotate(now, mei, thing)
    strength = social.strength(now, mei, lin)
    said = answer(now, lin, made)
    told = notifications.list_groups(sight.get_viewer(mei.id)).items
    assert said in [n.object_id for group in told for n in group.notifications]
    assert social.strength(now, mei, lin) > strength

    social.block(now, lin, wu)
    assert queries.replies_by_annotation(sight.get_viewer(wu.id), [made]) == {}
    assert len(queries.replies_by_annotation(sight.get_viewer(None), [made])[made]) == 1
    social.block(now, mei, lin)
    assert notifications.count_unread(sight.get_viewer(mei.id)) == 0
    refuses(errors.AnnotationNotFound, lambda: answer(now, lin, made))
    refuses(errors.TextMalformed, lambda: answer(now, wu, made, " "))


def test_thread_is_taken_back_by_its_people_alone(
    now: datetime, people: tuple[Person, Person, Person], thing: Thing
) -> None:
    mei, lin, wu = people
    made = annotate(now, mei, thing)
    said = answer(now, lin, made)

    def remove(person: Person, what: int, is_reply: bool) -> None:
        def entry() -> None:
            if is_reply:
                operations.remove_reply(actor=Actor(person.id), reply_id=what)
            else:
                operations.remove_annotation(actor=Actor(person.id), annotation_id=what)

        db.in_transaction(entry)

    refuses(errors.AnnotationNotFound, lambda: remove(wu, said, True))
    refuses(errors.AnnotationNotFound, lambda: remove(lin, made, False))
    remove(mei, said, True)
    assert queries.replies_by_annotation(sight.get_viewer(mei.id), [made]) == {}
    answer(now, lin, made)
    remove(mei, made, False)
    assert db.rows("SELECT 1 FROM things_reply") == []


def test_answers_make_experts(now: datetime, people: tuple[Person, Person, Person], thing: Thing) -> None:
    mei, lin, wu = people
    made = annotate(now, mei, thing)
    said = answer(now, lin, made)
    things.thank(now, wu, AppreciatedKind.ANSWER, said)
    things.thank(now, wu, AppreciatedKind.ANNOTATION, made)
    things.thank(now, lin, AppreciatedKind.ANNOTATION, made)

    experts = queries.list_experts(sight.get_viewer(None), thing.id)
    assert [(expert.person_id, expert.appreciator_count) for expert in experts] == [(mei.id, 2), (lin.id, 1)]


def test_page_asks_answers_and_refuses_what_is_malformed(
    now: datetime, people: tuple[Person, Person, Person], thing: Thing
) -> None:
    mei, lin, _wu = people
    client, other = browser(mei), browser(lin)
    form = {"text": "Does it fit?", "purpose": "ASK", "audience": "everyone"}
    client.post(f"/things/{thing.id}/annotate", key() | form)
    made = seen(None, thing)[0]
    other.post(f"/annotations/{made}/reply", key() | {"text": "It does"})
    page = browser().get(f"/things/{thing.id}").content.decode()
    assert "Does it fit?" in page
    assert "It does" in page

    before = footprint()
    for wrong in ({"purpose": "SELL"}, {"text": ""}, {"picture": "x"}, {"region": "1,2"}, {"audience": ""}):
        assert client.post(f"/things/{thing.id}/annotate", key() | form | wrong).status_code == 422
    assert other.post(f"/annotations/{made}/remove").status_code == 404
    assert footprint() == before
    assert client.post(f"/annotations/{made}/remove").status_code == 302


def test_answer_is_taken_out_on_the_page_by_its_writer_and_by_who_began_the_thread(
    now: datetime, people: tuple[Person, Person, Person], thing: Thing
) -> None:
    mei, lin, wu = people
    made = annotate(now, mei, thing)
    first, second = answer(now, lin, made), answer(now, lin, made)

    def page_of(person: Person | None) -> str:
        return browser(person).get(f"/things/{thing.id}").content.decode()

    assert f"/answers/{first}/remove" not in page_of(wu) + page_of(None)
    client = browser(wu)
    before = footprint()
    assert client.post(f"/answers/{first}/remove").status_code == 404
    assert footprint() == before
    assert f'id="answer-{first}"' in page_of(wu)
    assert f'value="/things/{thing.id}#answer-{first}"' in page_of(wu)  # where thanks lead back to
    for person, said in ((lin, first), (mei, second)):
        assert f"/answers/{said}/remove" in page_of(person)
        assert browser(person).post(f"/answers/{said}/remove")["Location"] == f"/things/{thing.id}"
    assert queries.replies_by_annotation(sight.get_viewer(None), [made]) == {}


def test_threads_leave_with_their_person(now: datetime, people: tuple[Person, Person, Person], thing: Thing) -> None:
    _mei, lin, wu = people
    begun, other = annotate(now, lin, thing), annotate(now, wu, thing)
    answer(now, wu, begun, "wu answers")
    answer(now, lin, other, "lin answers")
    picture = pictures.take_in(make_photo(64, 48))
    review = things.make_review(now, lin, thing, pictures=[picture])
    shown = queries.get_review_for(sight.get_viewer(lin.id), review).pictures[0]
    annotate(now, wu, thing, shown.id, REGION)

    db.in_transaction(lambda: operations.erase_person(person_id=lin.id, now=now))

    assert db.rows("SELECT owner_id FROM things_annotation") == [(wu.id,)]
    assert db.rows("SELECT 1 FROM things_reply") == []
    assert db.rows("SELECT 1 FROM things_review WHERE owner_id = %s", [lin.id]) == []
