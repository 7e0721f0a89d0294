"""Photographs of goods over the API: their shop's, in order, with words; nobody else finds the product."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.builders.pictures import make_photo
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import Market
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.catalog import queries

NOBODY = ApiClient()


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def test_photographs_are_added_arranged_described_and_taken_away(market: Market) -> None:
    owner, product = market.owner_client(), market.product.id
    path = f"/products/{product}/photos"
    added = owner.upload(path, "photos", make_photo(320, 240, 1), make_photo(320, 240, 2))
    assert added.status == 201
    first, second = (photo["id"] for photo in added.body["photos"])
    seen = NOBODY.get(f"/products/{product}").ok()
    assert [photo["id"] for photo in seen["photos"]] == [first, second]
    assert NOBODY.http.get(seen["photos"][0]["renditions"][0]["path"]).status_code == 200

    swapped = owner.put(path, {"photo_ids": [second, first]}).ok()
    assert [photo["id"] for photo in swapped["photos"]] == [second, first]
    words = {"alt": "一瓶蜂蜜", "alt_en": "A jar of honey", "variant_id": market.variant_id}
    described = owner.put(f"{path}/{second}", words).ok()["photos"][0]
    assert {name: described[name] for name in words} == words
    assert [photo["id"] for photo in owner.put(path, {"photo_ids": [second]}).ok()["photos"]] == [second]
    assert owner.ask("DELETE", f"{path}/{second}").status == 204
    assert NOBODY.get(f"/products/{product}").ok()["photos"] == []
    acts = [act.what for act in queries.list_acts(market.shop.id).items]
    assert acts == ["change-photo"] * 4 + ["add-product-photos"]


def test_what_is_not_ones_own_is_not_found_and_what_is_no_picture_is_refused(market: Market) -> None:
    owner, stranger = market.owner_client(), new_client()
    path, photo = f"/products/{market.product.id}/photos", make_photo(320, 240)
    (shown,) = owner.upload(path, "photos", photo).body["photos"]
    before = footprint()
    for somebody, where in ((stranger, path), (owner, "/products/999999/photos")):
        assert somebody.upload(where, "photos", photo).code == "catalog.product_not_found"
        assert somebody.put(where, {"photo_ids": []}).code == "catalog.product_not_found"
        assert somebody.put(f"{where}/{shown['id']}", {"alt": "x"}).code == "catalog.product_not_found"
        assert somebody.ask("DELETE", f"{where}/{shown['id']}").code == "catalog.product_not_found"
    assert owner.upload(path, "photos", b"no picture").code == "pictures.unreadable"
    assert owner.upload(path, "photos", *([photo] * 13)).code == "catalog.too_many_photos"
    assert owner.put(path, {"photo_ids": [shown["id"], 999_999]}).code == "catalog.photo_not_found"
    assert owner.put(f"{path}/{shown['id']}", {"variant_id": 999_999}).code == "catalog.variant_not_found"
    assert owner.ask("DELETE", f"{path}/999999").code == "catalog.photo_not_found"
    assert footprint() == before
