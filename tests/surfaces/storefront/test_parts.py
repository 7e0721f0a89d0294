"""Pages of parts: what everybody reads, what who sells it publishes, and what hides with the thing."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.builders import parts, things
from tests.builders.parts import Sold
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.identity.types import Person
from wuyou.domains.things import operations, queries
from wuyou.domains.things.part_types import FigureValue, Licence
from wuyou.domains.things.types import AnnotationDraft, Region
from wuyou.infra import db, pictures, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC, AudienceRule

pytestmark = pytest.mark.usefixtures("db")

REGION = Region(1_250, 2_000, 3_000, 4_000)


class Budget(Protocol):
    def __call__(self, num: int) -> AbstractContextManager[object]: ...


@pytest.fixture
def sold(now: datetime) -> Sold:
    return parts.make_sold(now)


def page(path: str, person: Person | None = None, language: str = "en") -> str:
    answer = browser(person, language).get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def photo(seed: int = 1) -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", make_photo(200, 150, seed), "image/jpeg")


def say(now: datetime, person: Person, sold: Sold, text: str = "这里容易松", **target: object) -> int:
    draft = AnnotationDraft(text, audience=PUBLIC, **target)  # type: ignore[arg-type]
    return db.in_transaction(
        lambda: operations.annotate(actor=Actor(person.id), thing_id=sold.thing.id, draft=draft, now=now)
    )


def test_everything_is_published_through_pages_by_who_sells_it(now: datetime, sold: Sold) -> None:
    client, thing_id = browser(sold.seller), sold.thing.id
    edit = f"/things/{thing_id}/parts/edit"
    assert "None yet." in client.get(edit).content.decode()

    def send(path: str, **said: object) -> None:
        answer = client.post(path, key() | said)
        assert (answer.status_code, answer.get("Location")) == (302, edit), answer.content.decode()[:4000]

    send(f"/things/{thing_id}/parts/add", number="2", name="定位板", name_en="Plate", quantity="1", parent="")
    (plate,) = queries.list_parts(sight.get_viewer(None), thing_id)
    send(
        f"/things/{thing_id}/parts/add", number="2.1", name="螺丝", name_en="Screw", quantity="4", parent=str(plate.id)
    )
    send(f"/parts/{plate.id}/change", number="3", name="定位板", name_en="Plate", quantity="2", parent="")
    send(f"/things/{thing_id}/drawings/add", title="爆炸图", title_en="Exploded", licence="CC0-1.0", picture=photo())
    (drawing,) = queries.list_drawings(sight.get_viewer(None), thing_id)
    marks = f"/drawings/{drawing.id}/marks"
    placed = client.post(marks, key() | {"part": str(plate.id), "region": "12.5, 20, 30, 40"})
    assert placed["Location"] == marks
    figure = {"kind": "MEASURE", "quantity": "厚度", "quantity_en": "Thickness", "value": "1.50", "unit": "mm"}
    rest = {"source": "卡尺", "licence": "CC-BY-4.0", "part": str(plate.id)}
    send(f"/things/{thing_id}/figures/add", **figure, **rest)
    (first,) = queries.list_figures(sight.get_viewer(None), thing_id)
    send(f"/figures/{first.id}/renew", value="1.48", unit="mm", source="千分尺", licence="CC-BY-4.0")
    send(f"/drawings/{drawing.id}/renew", picture=photo(2), licence="CC-BY-4.0")

    shown = page(f"/things/{thing_id}/parts")
    assert "Plate" in shown
    assert "×4" in shown
    assert 'x="12.5%" y="20%" width="30%" height="40%"' in shown
    assert "1 figure" in shown
    part = page(f"/parts/{plate.id}")
    assert part.index("1.48 mm") < part.index("1.50 mm")
    assert "千分尺" in part
    assert 'href="https://spdx.org/licenses/CC-BY-4.0.html"' in part
    assert "厚度" in page(f"/parts/{plate.id}", language="zh-hans")
    old = page(f"/drawings/{drawing.id}")
    assert "A newer version supersedes this one." in old
    assert "Version 2" in old

    (current,) = queries.list_drawings(sight.get_viewer(None), thing_id)
    for _ in range(2):
        client.post(f"/drawings/{current.id}/marks", key() | {"remove": str(current.marks[0].id)})
    send(f"/parts/{plate.id}/retire")
    assert queries.list_parts(sight.get_viewer(None), thing_id) == ()
    assert "It has this part no longer" in page(f"/parts/{plate.id}")


def test_who_sells_a_product_begins_to_describe_it_from_its_page(market: Market) -> None:
    path = f"/p/{market.product.id}"
    before = footprint()
    for stranger in (browser(), browser(make_person(utc_now()))):
        assert "Describe its parts" not in stranger.get(path).content.decode()
        assert stranger.post(f"{path}/describe", key()).status_code in (302, 404)
    assert {name for name, rows in footprint().items() if rows != before[name]} <= {"identity_user", "identity_person"}
    assert queries.things_by_product([market.product.id]) == {}
    client = browser(market.owner)
    assert "Describe its parts" in client.get(path).content.decode()
    for _ in range(2):
        begun = client.post(f"{path}/describe", key())
    thing = queries.things_by_product([market.product.id])[market.product.id]
    assert begun["Location"] == f"/things/{thing.id}/parts/edit"
    assert client.get(begun["Location"]).status_code == 200
    assert f'href="/things/{thing.id}"' in page(path)


def test_same_form_sent_twice_publishes_once(now: datetime, sold: Sold) -> None:
    client = browser(sold.seller)
    form = key() | {"number": "1", "name": "壳", "quantity": "1", "parent": ""}
    for _ in range(2):
        assert client.post(f"/things/{sold.thing.id}/parts/add", form).status_code == 302
    assert len(queries.list_parts(sight.get_viewer(None), sold.thing.id)) == 1


@pytest.mark.parametrize(
    ("path", "good", "wrong"),
    [
        ("parts/add", {"number": "9", "name": "壳", "quantity": "1"}, {"number": ""}),
        ("parts/add", {"number": "9", "name": "壳", "quantity": "1"}, {"number": "1"}),
        ("parts/add", {"number": "9", "name": "壳", "quantity": "1"}, {"quantity": "0"}),
        ("parts/add", {"number": "9", "name": "壳", "quantity": "1"}, {"parent": "987654"}),
        ("figures/add", {"value": "1"}, {"value": "1e3"}),
        ("figures/add", {"value": "1"}, {"value": "NaN"}),
        ("figures/add", {"value": "1"}, {"source": ""}),
        ("figures/add", {"value": "1"}, {"licence": "WTFPL"}),
        ("figures/add", {"value": "1"}, {"quantity": "质量"}),
        ("drawings/add", {"title": "图"}, {"picture": SimpleUploadedFile("a.jpg", b"<script>", "image/jpeg")}),
        ("drawings/add", {"title": "图"}, {}),
    ],
)
def test_malformed_form_is_shown_again_and_changes_nothing(
    now: datetime, sold: Sold, path: str, good: dict[str, str], wrong: dict[str, object]
) -> None:
    parts.make_part(now, sold.thing, "1")
    draft = {"kind": "MEASURE", "quantity": "厚度", "condition": "不含线", "unit": "mm", "source": "卡尺"}
    parts.make_figure(now, sold.thing, quantity="质量")
    client = browser(sold.seller)
    before = footprint()
    answer = client.post(
        f"/things/{sold.thing.id}/{path}", key() | draft | {"licence": "CC0-1.0", "parent": ""} | good | wrong
    )
    assert answer.status_code in (409, 422)
    assert "form-field__errors" in answer.content.decode() or 'role="alert"' in answer.content.decode()
    assert footprint() == before


def test_nobody_else_publishes(now: datetime, sold: Sold) -> None:
    part = parts.make_part(now, sold.thing, "1")
    drawing = parts.make_drawing(now, sold.thing)
    figure = parts.make_figure(now, sold.thing)
    client = browser(parts.make_sold(now).seller)
    before = footprint()
    for path in (
        f"/things/{sold.thing.id}/parts/edit",
        f"/things/{sold.thing.id}/parts/add",
        f"/things/{sold.thing.id}/drawings/add",
        f"/things/{sold.thing.id}/figures/add",
        f"/parts/{part.id}/change",
        f"/drawings/{drawing.id}/renew",
        f"/drawings/{drawing.id}/marks",
        f"/figures/{figure.id}/renew",
    ):
        assert client.get(path).status_code == 403, path
        if not path.endswith("edit"):
            assert client.post(path, key()).status_code == 403, path
    assert client.post(f"/parts/{part.id}/retire", key()).status_code == 403
    assert footprint() == before
    assert "Describe it" not in client.get(f"/things/{sold.thing.id}/parts").content.decode()
    assert "Describe it" in page(f"/things/{sold.thing.id}/parts", sold.seller)


def test_parts_of_a_thing_that_one_may_not_know_of_are_not_found(now: datetime) -> None:
    owner, staff = make_person(now), make_person(now, is_staff=True)
    holding = things.make_holding(now, owner, audience=PUBLIC)
    thing, actor = holding.thing, Actor(staff.id, is_staff=True)
    part = parts.make_part(now, thing, actor=actor)
    drawing = parts.make_drawing(now, thing, actor=actor)
    figure = parts.make_figure(now, thing, part=part, actor=actor)
    paths = [
        f"/things/{thing.id}/parts",
        f"/things/{thing.id}/parts.cdx.json",
        f"/parts/{part.id}",
        f"/drawings/{drawing.id}",
        f"/drawings/{drawing.id}/480.webp",
    ]
    stranger = browser()
    assert [stranger.get(path).status_code for path in paths] == [200] * 5
    assert stranger.get(f"/figures/{figure.id}")["Location"] == f"/parts/{part.id}#figure-{figure.id}"

    db.in_transaction(
        lambda: operations.set_audience(actor=Actor(owner.id), holding_ids=[holding.id], rule=AudienceRule(), now=now)
    )

    for client in (stranger, browser(staff)):
        assert [client.get(path).status_code for path in [*paths, f"/figures/{figure.id}"]] == [404] * 6
    mine = browser(owner)
    assert [mine.get(path).status_code for path in paths] == [200] * 5
    assert browser(staff).get(f"/things/{thing.id}/parts/edit").status_code == 404


def test_variant_has_the_parts_of_its_model(now: datetime, sold: Sold) -> None:
    parts.make_part(now, sold.thing, "1", "键帽")
    parts.make_drawing(now, sold.thing)
    assert browser().get(f"/things/{sold.variant.id}/parts")["Location"] == f"/things/{sold.thing.id}/parts"
    for thing in (sold.variant, sold.thing):
        assert f'href="/things/{sold.thing.id}/parts"' in page(f"/things/{thing.id}")


def test_words_are_put_up_where_they_point_and_answered_there(now: datetime, sold: Sold) -> None:
    mei, lin = make_person(now, "Mei"), make_person(now, "Lin")
    part = parts.make_part(now, sold.thing, "7", "线")
    drawing = parts.make_drawing(now, sold.thing)
    figure = parts.make_figure(now, sold.thing, "5.50", part=part)
    client = browser(mei)
    form = {"text": "Does it fit?", "purpose": "ASK", "audience": "everyone"}
    pointing = client.get(f"/things/{sold.thing.id}/point?drawing={drawing.id}").content.decode()
    assert f"/drawings/{drawing.id}/1600.webp" in pointing
    assert f'name="drawing" value="{drawing.id}"' in pointing

    said: dict[str, str] = {"drawing": str(drawing.id), "region": "12.5,20,30,40"}
    at_drawing = client.post(f"/things/{sold.thing.id}/annotate", key() | form | said)["Location"]
    at_part = client.post(f"/things/{sold.thing.id}/annotate", key() | form | {"part": str(part.id)})["Location"]
    at_figure = client.post(f"/things/{sold.thing.id}/annotate", key() | form | {"figure": str(figure.id)})["Location"]

    newest = [each.id for each in queries.list_annotations(sight.get_viewer(None), sold.thing.id).items]
    assert at_drawing == f"/drawings/{drawing.id}#annotation-{newest[2]}"
    assert at_part == f"/parts/{part.id}#annotation-{newest[1]}"
    assert at_figure == f"/things/{sold.thing.id}#annotation-{newest[0]}"
    assert 'x="12.5%" y="20%" width="30%" height="40%"' in page(f"/drawings/{drawing.id}")
    assert "Mass: 5.50 g" in page(f"/parts/{part.id}")
    assert "7 · Switch" in page(f"/things/{sold.thing.id}")
    answered = browser(lin).post(f"/annotations/{newest[1]}/reply", key() | {"text": "It does"})
    assert answered["Location"] == at_part
    assert "It does" in page(f"/parts/{part.id}")

    before = footprint()
    for wrong, status in (
        ({"part": str(part.id), "figure": str(figure.id)}, 422),
        ({"part": str(part.id), "region": "1,2,3,4"}, 422),
        ({"part": "x"}, 422),
        ({"part": "987654"}, 404),
        ({"drawing": str(drawing.id), "region": "90,0,20,10"}, 422),
        ({"drawing": str(drawing.id), "region": "nan,0,20,10"}, 422),
    ):
        answer = client.post(f"/things/{sold.thing.id}/annotate", key() | form | wrong)
        assert answer.status_code == status, wrong
    assert footprint() == before


def test_annotations_say_to_machines_what_they_point_at(now: datetime, sold: Sold) -> None:
    mei = make_person(now)
    part, drawing = parts.make_part(now, sold.thing), parts.make_drawing(now, sold.thing)
    figure = parts.make_figure(now, sold.thing)
    host = "http://testserver"

    def target(annotation_id: int) -> object:
        return browser().get(f"/annotations/{annotation_id}").json()["target"]

    assert target(say(now, mei, sold, part_id=part.id)) == f"{host}/parts/{part.id}"
    assert target(say(now, mei, sold, figure_id=figure.id)) == f"{host}/figures/{figure.id}"
    assert target(say(now, mei, sold, drawing_id=drawing.id, region=REGION)) == {
        "type": "SpecificResource",
        "source": {"id": f"{host}/drawings/{drawing.id}/1600.webp", "type": "Image", "format": "image/webp"},
        "selector": {
            "type": "FragmentSelector",
            "conformsTo": "http://www.w3.org/TR/media-frags/",
            "value": "xywh=percent:12.5,20,30,40",
        },
    }


def test_part_list_is_a_bill_of_materials(now: datetime, sold: Sold) -> None:
    plate = parts.make_part(now, sold.thing, "2", "定位板")
    screw = parts.make_part(now, sold.thing, "2.1", "螺丝", above=plate, quantity=4)
    drawing = parts.make_drawing(now, sold.thing, "爆炸图")
    parts.make_figure(now, sold.thing, "5.50", quantity="质量", part=screw)
    answer = browser().get(f"/things/{sold.thing.id}/parts.cdx.json")
    assert answer["Content-Type"] == "application/vnd.cyclonedx+json; version=1.6"
    document = answer.json()
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["externalReferences"][1]["url"].endswith(
        f"/drawings/{drawing.id}/1600.webp"
    )
    (top,) = document["components"]
    (below,) = top["components"]
    assert [top["bom-ref"], below["bom-ref"]] == [f"part:{plate.id}", f"part:{screw.id}"]
    assert {"name": "cdx:device:quantity", "value": "4"} in below["properties"]
    assert {
        "name": "wuyou:figure",
        "value": "Mass (不含线): 5.50 g; 店主的秤; version 1; CC0-1.0",
    } in below["properties"]


def test_budget(now: datetime, sold: Sold, django_assert_num_queries: Budget) -> None:
    mei = make_person(now)
    for _ in range(3):
        part = parts.make_part(now, sold.thing)
        figure = parts.make_figure(now, sold.thing, part=part)
        drawing = parts.make_drawing(now, sold.thing)
        db.in_transaction(
            lambda d=drawing, p=part: operations.place_mark(  # type: ignore[misc]
                actor=sold.actor, drawing_id=d.id, part_id=p.id, region=REGION
            )
        )
        for _ in range(2):
            say(now, mei, sold, part_id=part.id)
            say(now, mei, sold, figure_id=figure.id)
            say(now, mei, sold, drawing_id=drawing.id)
    said = FigureValue(Decimal(1), "g", "秤", Licence.CC0)
    db.in_transaction(lambda: operations.renew_figure(actor=sold.actor, figure_id=figure.id, said=said, now=now))
    picture = pictures.take_in(make_photo(64, 48))
    newer = db.in_transaction(
        lambda: operations.renew_drawing(
            actor=sold.actor, drawing_id=drawing.id, licence=Licence.CC0, picture=picture, now=now
        )
    )
    stranger = browser()
    for path, count in (
        (f"/things/{sold.thing.id}/parts", 6),
        (f"/parts/{part.id}", 13),
        (f"/drawings/{drawing.id}", 8),
        (f"/drawings/{newer}", 4),
        (f"/things/{sold.thing.id}/parts.cdx.json", 4),
    ):
        with django_assert_num_queries(count):
            stranger.get(path)
