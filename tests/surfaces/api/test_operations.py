"""What holds for every operation, whichever."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import is_dataclass
from enum import Enum
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import BaseModel

from tests.surfaces.api.client import PREFIX, ApiClient, document, kept_operations, new_client, new_key
from wuyou.surfaces import api as surfaces

PUBLIC = {
    ("GET", "/channels"),
    ("GET", "/keywords"),
    ("GET", "/moderation/log"),
    ("GET", "/products"),
    ("GET", "/products/{product_id}"),
    ("GET", "/problems/{code}"),
    ("POST", "/people"),
    ("POST", "/tokens"),
}
"""Who asks does not matter here."""

OPEN_TO_ALL = {
    ("GET", "/annotations/{annotation_id}"),
    ("GET", "/awards"),
    ("GET", "/channels/{slug}/posts"),
    ("GET", "/copies/{copy_id}"),
    ("GET", "/people/{person_id}/posts"),
    ("GET", "/posts"),
    ("GET", "/posts/{post_id}"),
    ("GET", "/posts/{post_id}/comments"),
    ("GET", "/posts/{post_id}/reactions"),
    ("GET", "/posts/{post_id}/reposts"),
    ("GET", "/posts/{post_id}/revisions"),
    ("GET", "/series/{series_id}"),
    ("GET", "/things/{thing_id}/posts"),
    ("GET", "/topics"),
    ("GET", "/people/{person_id}/copies"),
    ("GET", "/people/{person_id}/shelves"),
    ("GET", "/reviews/{review_id}"),
    ("GET", "/shelves/{shelf_id}/copies"),
    ("GET", "/teams/{token}"),
    ("GET", "/things/{thing_id}"),
    ("GET", "/things/{thing_id}/annotations"),
    ("GET", "/things/{thing_id}/copies"),
    ("GET", "/things/{thing_id}/experts"),
    ("GET", "/things/{thing_id}/reviews"),
}
"""Everybody may look, and some see more."""

NOUNS = {
    "agreement", "claims", "objection", "parcel", "parcels", "withdrawal",
    "appeal", "awards", "channels", "comments", "complaints", "decision", "decisions", "draft", "drafts", "escalation",
    "film", "log", "moderation", "placements", "posts", "publication", "reaction", "reactions", "reports", "reposts",
    "revisions", "save", "saved", "series", "share", "solution", "topics", "waiting",
    "acceptance", "admins", "annotations", "answers", "audience", "block", "blocked-subjects", "blocks", "brand",
    "call-outs", "campaigns", "cart", "clicks", "closure", "common", "conversation", "conversations", "copies",
    "correction", "current", "doors", "earnings", "experts", "follow", "followed", "followers", "found",
    "friend-request", "friend-requests", "friends", "gifts", "given", "groups", "handover", "imports",
    "keywords", "labels",
    "lines", "links", "mark", "me", "members", "membership", "messages", "moves", "mute", "mutes", "name", "note",
    "notifications", "order", "orders", "payment", "payouts", "price", "people", "photos", "preference", "preview",
    "problems", "products", "promotions", "read", "receipt", "received", "refunds", "refusal", "reminders",
    "requests", "reviews",
    "seats", "seen", "sent", "shelf", "shelves", "shipment", "shops", "state", "statements", "stock",
    "tags", "teams", "thanks", "things", "tie", "ties", "tokens", "unread", "variants", "voucher", "vouchers",
    "waiver", "words",
}  # fmt: skip

ALL = [(method, path.removeprefix(PREFIX), operation) for method, path, operation in kept_operations()]
IDS = [f"{method} {path}" for method, path, _ in ALL]
each_operation = pytest.mark.parametrize(("method", "path", "operation"), ALL, ids=IDS)


@each_operation
def test_declares_who_may_ask_or_is_listed_as_public(method: str, path: str, operation: dict[str, Any]) -> None:
    schemes = [name for scheme in operation.get("security", ()) for name in scheme or ("nobody",)]
    if (method, path) in PUBLIC:
        assert schemes == []
    elif (method, path) in OPEN_TO_ALL:
        assert schemes == ["AccessToken", "PageSession", "nobody"]
    elif path == "/tokens/current":
        assert schemes == ["AccessToken"]
    else:
        assert schemes == ["AccessToken", "PageSession"]


@each_operation
def test_refuses_nobody_before_it_looks_at_anything(
    db: None, method: str, path: str, operation: dict[str, Any]
) -> None:
    if (method, path) in PUBLIC | OPEN_TO_ALL:
        return
    answer = ApiClient().ask(method, re.sub(r"\{[a-z_]+\}", "1", path), {"nonsense": True})
    assert (answer.status, answer.code) == (401, "surface.sign_in_first")


@each_operation
def test_is_a_noun_and_says_what_it_does(method: str, path: str, operation: dict[str, Any]) -> None:
    assert {step for step in path.split("/") if step and not step.startswith("{")} <= NOUNS
    assert operation["summary"]
    assert operation["operationId"]
    assert all(
        parameter.get("description") or parameter["in"] == "path" for parameter in operation.get("parameters", ())
    )


@each_operation
def test_documents_its_answer_and_its_problems(method: str, path: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    assert len([status for status in responses if status.startswith("2")]) == 1
    assert {"422", "500", "503"} <= responses.keys()
    if "requestBody" in operation:
        assert {"400", "413", "415"} <= responses.keys()


def test_every_body_refuses_what_it_does_not_know_and_bounds_what_it_does() -> None:
    for name in _request_schemas():
        schema = document()["components"]["schemas"][name]
        if "enum" in schema:
            continue
        assert schema["additionalProperties"] is False, name
        for field, part in schema["properties"].items():
            for kind in part.get("anyOf", [part]):
                if kind.get("type") == "integer":
                    assert {"minimum", "maximum"} <= kind.keys(), (name, field)
                if kind.get("type") == "array":
                    assert "maxItems" in kind, (name, field)
                if kind.get("type") == "string":
                    assert {"maxLength", "pattern", "enum", "format", "const"} & kind.keys(), (name, field)


def test_every_schema_and_field_is_described() -> None:
    for name, schema in document()["components"]["schemas"].items():
        assert schema.get("description"), name


def test_every_schema_has_a_name_of_its_own() -> None:
    """Two of one name would overwrite each other in the document."""
    named: dict[str, set[str]] = defaultdict(set)
    for module in pkgutil.iter_modules(surfaces.__path__, f"{surfaces.__name__}."):
        for name, kind in vars(importlib.import_module(module.name)).items():
            if is_dataclass(kind) or (isinstance(kind, type) and issubclass(kind, BaseModel | Enum)):
                named[name].add(kind.__module__)
    shared = {name for name, modules in named.items() if len(modules) > 1}
    assert not shared & document()["components"]["schemas"].keys()


def test_amounts_are_whole_numbers_with_their_currency() -> None:
    for name, schema in document()["components"]["schemas"].items():
        for field, part in schema.get("properties", {}).items():
            if field.endswith("_minor"):
                kinds = {kind.get("type") for kind in part.get("anyOf", [part])}
                assert kinds <= {"integer", "null"}, (name, field)
            assert "number" not in str(part.get("type")), (name, field)


def _request_schemas() -> set[str]:
    found: set[str] = set()
    bodies = [body["schema"] for _, _, operation in ALL if (body := _json_body(operation)) is not None]
    waiting = re.findall(r"#/components/schemas/(\w+)", str(bodies))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += re.findall(r"#/components/schemas/(\w+)", str(document()["components"]["schemas"][name]))
    return found


def _json_body(operation: dict[str, Any]) -> dict[str, Any] | None:
    """What an operation takes as JSON; None for nothing, and for files."""
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    return content.get("application/json")


def _fields(schema: dict[str, Any], kind: str, path: str = "") -> Iterator[tuple[str, Any]]:
    """Where values of a kind stand in a body, and a body that has one there: (pointer, function of the value)."""
    schema = _resolved(schema)
    if schema.get("type") == kind:
        yield path, lambda value: value
    for each in schema.get("anyOf", ()):
        yield from _fields(each, kind, path)
    for name, part in schema.get("properties", {}).items():
        for pointer, make in _fields(part, kind, f"{path}/{name}"):
            yield pointer, lambda value, name=name, make=make: {name: make(value)}
    if "items" in schema:
        for pointer, make in _fields(schema["items"], kind, f"{path}/0"):
            yield pointer, lambda value, make=make: [make(value)]


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    return document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


@pytest.mark.parametrize(
    ("kind", "values"),
    [("string", ["nul \x00", "x" * 21_000]), ("integer", [2**63, -(2**63) - 1, True, 1.5, "1"])],
    ids=["texts", "integers"],
)
@each_operation
def test_refuses_what_the_database_cannot_take(
    db: None, method: str, path: str, operation: dict[str, Any], kind: str, values: list[object]
) -> None:
    client = new_client()
    if (json_body := _json_body(operation)) is not None:
        schema = json_body["schema"]
        for pointer, make in _fields(schema, kind):
            for value in values:
                body = make(value)
                refused = client.ask(method, re.sub(r"\{[a-z_]+\}", "1" * 14, path), body, key=new_key())
                assert refused.code == "surface.form_malformed", body
                assert any(each["pointer"].startswith(f"body{pointer}") for each in refused.body["errors"]), body
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header" or _resolved(parameter["schema"])["type"] != kind:
            continue
        name = parameter["name"]
        for value in (quote(str(value), safe="") for value in values if value not in (True, "1")):
            asked = path.replace(f"{{{name}}}", value) if parameter["in"] == "path" else f"{path}?{name}={value}"
            asked = re.sub(r"\{[a-z_]+\}", "1" * 14, asked)
            refused = client.ask(method, asked, key=new_key())
            assert any(each["pointer"] == f"{parameter['in']}/{name}" for each in refused.body["errors"]), asked
