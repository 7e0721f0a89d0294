"""What no endpoint takes, and how it is refused."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.db import OperationalError

from tests.surfaces.api.client import PREFIX, ApiClient, new_client, new_key
from tests.surfaces.api.conftest import Market, everything
from wuyou.domains.catalog import queries as catalog
from wuyou.surfaces.ui.errors import TEXTS

NOBODY = ApiClient()


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b"", "application/json", 422, "surface.form_malformed"),
        (b"{", "application/json", 400, "api.json_malformed"),
        (b'{"quantity": NaN}', "application/json", 400, "api.json_malformed"),
        (b"[" * 100_000 + b"]" * 100_000, "application/json", 413, "api.body_too_large"),
        (b"[" * 1_000 + b"]" * 1_000, "application/json", 400, "api.json_malformed"),
        (b'{"quantity": ' + b"1" * 10_000 + b"}", "application/json", 400, "api.json_malformed"),
        (b'{"quantity": "\xff"}', "application/json", 400, "api.json_malformed"),
        (b'{"quantity": "\\ud800"}', "application/json", 400, "api.json_malformed"),
        (b" " * 65_537, "application/json", 413, "api.body_too_large"),
        (b" " * 1_100_000, "application/json", 413, "api.body_too_large"),
        (b"quantity=1", "application/x-www-form-urlencoded", 415, "api.media_type_unsupported"),
        (b'{"quantity": 1}', "text/plain", 415, "api.media_type_unsupported"),
        (b"<quantity>1</quantity>", "application/xml", 415, "api.media_type_unsupported"),
    ],
)
def test_a_body_that_is_not_ours_is_refused_and_changes_nothing(
    market: Market, data: bytes, content_type: str, status: int, code: str
) -> None:
    buyer = new_client()
    before = everything()
    answer = buyer.send("PUT", f"/cart/lines/{market.variant_id}", data, content_type=content_type)
    assert (answer.status, answer.code) == (status, code)
    large = buyer.send("POST", "/orders", data, key=new_key(), content_type=content_type)
    assert (large.status, large.code) == (status, code)
    assert everything() == before


def test_a_body_with_its_charset_is_read(market: Market) -> None:
    path, buyer = f"/cart/lines/{market.variant_id}", new_client()
    assert buyer.send("PUT", path, b'{"quantity": 1}', content_type="application/json; charset=utf-8").status == 200


def test_what_does_not_fit_is_named_place_by_place_without_repeating_it(market: Market) -> None:
    lines = [{"variant_id": 0, "quantity": "secret words"}, {"variant_id": 1, "quantity": 1, "note": "x"}]
    answer = new_client().post("/orders", {"lines": lines})
    assert answer.status == 422
    assert [(each["pointer"], each["rule"]) for each in answer.body["errors"]] == [
        ("body/lines/0/variant_id", "greater_than_equal"),
        ("body/lines/0/quantity", "int_type"),
        ("body/lines/1/note", "extra_forbidden"),
    ]
    assert "secret words" not in json.dumps(answer.body)


@pytest.mark.parametrize(
    ("language", "title", "detail"),
    [
        ("en", "Not found", "We could not find this product. It may have been taken off the shelf."),
        ("fr, en;q=0.5", "Not found", "We could not find this product. It may have been taken off the shelf."),
        ("zh-CN,zh;q=0.9", "没有找到", "没有找到这件商品，它可能已经下架。"),
        ("", "没有找到", "没有找到这件商品，它可能已经下架。"),
        ("en-GB", "Not found", "We could not find this product. It may have been taken off the shelf."),
    ],
)
def test_refusals_speak_the_readers_language(market: Market, language: str, title: str, detail: str) -> None:
    answer = ApiClient(language=language).get("/products/999999")
    assert (answer.body["title"], answer.body["detail"]) == (title, detail)
    assert answer.body["type"] == f"{PREFIX}/problems/catalog.product_not_found"


@pytest.mark.parametrize("path", ["/", "/nowhere", "/orders/", "/orders/1/2/3", "/products/1/", "/../admin", "/%00"])
def test_an_address_that_leads_nowhere_is_a_problem_document(db: None, path: str) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        answer = NOBODY.ask(method, path)
        assert (answer.status, answer.code) == (404, "api.no_such_place"), method
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_method_that_is_not_offered_is_named(db: None) -> None:
    answer = NOBODY.ask("PATCH", "/orders")
    assert (answer.status, answer.code) == (405, "api.method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}


def test_what_nobody_expected_is_logged_and_says_nothing(
    market: Market, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(product_id: int) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(catalog, "get_product", fail)
    answer = NOBODY.get(f"/products/{market.product.id}")
    assert (answer.status, answer.code) == (500, "api.failed")
    assert "secret" not in json.dumps(answer.body)
    assert "the secret of the house" in caplog.text


def test_a_lost_database_is_told_and_may_be_asked_again(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(product_id: int) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(catalog, "get_product", fail)
    answer = NOBODY.get(f"/products/{market.product.id}")
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "api.unavailable", "1")


def test_refusals_are_not_logged_one_by_one(market: Market, caplog: pytest.LogCaptureFixture) -> None:
    NOBODY.get("/products/999999")
    NOBODY.get("/me")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("code", ["groupbuy.team_full", "api.key_missing", "surface.form_malformed"])
def test_every_code_is_explained_at_its_type(db: None, code: str) -> None:
    explained = NOBODY.get(f"/problems/{code}").ok()
    assert explained["code"] == code
    assert explained["text"]
    assert NOBODY.get("/problems/no.such_code").code == "api.no_such_place"


def test_all_codes_have_a_sentence_and_a_status(db: None) -> None:
    for code in TEXTS:
        assert 400 <= NOBODY.get(f"/problems/{code}").ok()["status"] < 600


def test_answers_say_nothing_about_the_language_or_the_clock_of_the_server(market: Market) -> None:
    """What is kept for a key is the same whoever asks again in whichever language."""
    buyer, key = new_client(), new_key()
    body: dict[str, Any] = {"lines": [{"variant_id": market.variant_id, "quantity": 1}]}
    first = buyer.post("/orders", body, key=key)
    second = ApiClient(buyer.token, buyer.person, language="zh-Hans").post("/orders", body, key=key)
    assert second.body == first.body
    assert first.body["pay_until"].endswith("Z")


def test_the_document_is_served(db: None) -> None:
    served = NOBODY.http.get(f"{PREFIX}/openapi.json")
    assert (served.status_code, served.json()["openapi"]) == (200, "3.1.0")


def test_only_what_is_the_same_for_everybody_may_be_kept_on_the_way(market: Market) -> None:
    buyer = new_client()
    assert "Cache-Control" not in NOBODY.get("/products").headers
    for answer in (buyer.get("/cart"), buyer.get("/products/999999"), buyer.post("/orders", {}), NOBODY.get("/me")):
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_host_that_is_not_ours_is_refused_like_everything_else(db: None, method: str) -> None:
    answer = getattr(NOBODY.http, method)(f"{PREFIX}/orders", HTTP_HOST="V|+`<0=~e[]~5Cjf:")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "api.not_understood"
