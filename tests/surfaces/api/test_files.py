"""Files over the API: photos of a copy, and lists of other places; what is no picture or too large changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.builders import things
from tests.builders.pictures import make_photo
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import everything
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC

NOBODY = ApiClient()
CSV = "标题,作者,状态\n明朝那些事儿,当年明月,读过\n,无名,读过\n".encode()


@pytest.fixture
def mei(db: None, settings: Settings, tmp_path: Path) -> ApiClient:
    settings.MEDIA_ROOT = str(tmp_path)
    return new_client()


def _kept(home: Path) -> int:
    return sum(1 for file in home.rglob("*") if file.is_file())


def test_photos_are_put_in_order_and_taken_off_by_their_owner(mei: ApiClient) -> None:
    lin = new_client()
    copy = things.make_holding(utc_now(), mei.person, audience=PUBLIC).id
    path = f"/copies/{copy}/photos"
    shown = mei.upload(path, "photos", make_photo(320, 240, 1), make_photo(320, 240, 2))
    assert shown.status == 201
    first, second = (photo["id"] for photo in shown.body["items"])
    seen = NOBODY.get(f"/copies/{copy}").ok()
    assert ([photo["id"] for photo in seen["photos"]], seen["copy"]["cover"]["id"]) == ([first, second], first)
    assert NOBODY.http.get(seen["photos"][0]["renditions"][0]["path"]).status_code == 200

    swapped = mei.put(f"{path}/order", {"photo_ids": [second, first]}).ok()
    assert [photo["id"] for photo in swapped["items"]] == [second, first]
    before = everything()
    assert lin.upload(path, "photos", make_photo(320, 240, 3)).code == "things.holding_not_found"
    assert lin.put(f"{path}/order", {"photo_ids": [first, second]}).code == "things.holding_not_found"
    assert lin.ask("DELETE", f"{path}/{first}").code == "things.holding_not_found"
    assert mei.put(f"{path}/order", {"photo_ids": [first, first]}).code == "things.photo_not_found"
    assert everything() == before
    assert mei.ask("DELETE", f"{path}/{second}").status == 204
    assert [photo["id"] for photo in NOBODY.get(f"/copies/{copy}").ok()["photos"]] == [first]


def test_what_is_no_picture_or_too_large_is_refused_and_kept_nowhere(
    mei: ApiClient, settings: Settings, tmp_path: Path
) -> None:
    path = f"/copies/{things.make_holding(utc_now(), mei.person).id}/photos"
    photo = make_photo(320, 240)
    before = everything()
    assert mei.upload(path, "photos", b"no picture").code == "pictures.unreadable"
    assert mei.upload(path, "files", photo).code == "surface.form_malformed"
    assert mei.ask("POST", path, {"photos": []}).code == "surface.form_malformed"
    assert mei.upload(path, "photos", *([photo] * 13)).code == "things.too_many_photos"
    assert mei.upload(path, "photos", *([photo] * 21)).code == "api.body_too_large"
    assert mei.send("POST", path, b"--x\r\n", content_type="multipart/form-data").code == "api.media_type_unsupported"
    settings.PICTURE_MAX_BYTES = len(photo) - 1
    assert mei.upload(path, "photos", photo).code == "pictures.too_large"
    settings.UPLOAD_MAX_BYTES = len(photo) - 1
    refused = mei.upload(path, "photos", photo)
    assert (refused.status, refused.code) == (413, "api.body_too_large")
    assert (everything(), _kept(tmp_path)) == (before, 0)


def test_a_list_of_another_place_is_looked_at_and_then_taken_in_once(mei: ApiClient) -> None:
    before = everything()
    report = mei.upload("/imports/preview", "file", CSV).ok()
    assert (report["row_count"], report["added_count"], report["bad_count"]) == (2, 1, 1)
    assert report["bad"] == [{"line": 3, "title": "", "fault": "TITLE"}]
    assert everything() == before

    assert mei.upload("/imports", "file", CSV).ok() == report
    again = mei.upload("/imports", "file", CSV).ok()
    assert (again["added_count"], again["there_count"]) == (0, 1)
    (copy,) = mei.get("/copies").ok()["items"]
    assert (copy["thing"]["name"], copy["state"], copy["own"]["audience"]["to"]["everyone"]) == (
        "明朝那些事儿", "HAD", False,
    )  # fmt: skip


def test_a_file_that_is_no_list_or_too_large_is_refused(mei: ApiClient, settings: Settings) -> None:
    before = everything()
    for path in ("/imports/preview", "/imports"):
        assert mei.upload(path, "file", b"a,b\n1,2\n").code == "things.import_malformed"
        assert mei.upload(path, "file", b"title\n" + b"x" * 20_000_001).code == "things.import_malformed"
    settings.UPLOAD_MAX_BYTES = 10
    assert mei.upload("/imports", "file", CSV).code == "api.body_too_large"
    assert everything() == before
