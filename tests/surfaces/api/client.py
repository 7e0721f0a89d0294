"""A program that uses the API and holds it to its document: every answer must be one that the document names."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.builders.people import make_person
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity.types import Person
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.api.app import api
from wuyou.surfaces.api.document import openapi_json

PREFIX = "/api/v1"
REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "openapi.json"
_NOTHING = object()
_numbers = iter(range(1, 10**9))
_lock = threading.Lock()


def new_key() -> str:
    """An idempotency key that nobody used."""
    with _lock:
        return f"key-{next(_numbers)}"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The code of a problem document."""
        return str(self.body["code"])

    def ok(self) -> Any:
        """The body of an answer that is no refusal."""
        assert self.status < 300, self
        return self.body


class ApiClient:
    """Asks as one person, or as nobody."""

    def __init__(self, token: str | None = None, person: Person | None = None, language: str = "en") -> None:
        self.token = token
        self._person = person
        self.language = language
        self.http = Client(raise_request_exception=False)

    @property
    def person(self) -> Person:
        assert self._person is not None
        return self._person

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def put(self, path: str, body: object = _NOTHING) -> Answer:
        return self.ask("PUT", path, body)

    def post(self, path: str, body: object = _NOTHING, key: str | None = None) -> Answer:
        """Send it with a fresh key unless one is given; an empty one is left out."""
        return self.ask("POST", path, body, key=new_key() if key is None else key)

    def upload(self, path: str, field: str, *files: bytes) -> Answer:
        """Send files under a field's name."""
        named = [SimpleUploadedFile(f"{n}.bin", content) for n, content in enumerate(files)]
        sent = encode_multipart(BOUNDARY, {field: named})
        return self.send("POST", path, sent, content_type=MULTIPART_CONTENT)

    def send_form(self, path: str, fields: dict[str, object]) -> Answer:
        """Send a form with files."""
        return self.send("POST", path, encode_multipart(BOUNDARY, fields), content_type=MULTIPART_CONTENT)

    def ask(self, method: str, path: str, body: object = _NOTHING, *, key: str = "", **headers: str) -> Answer:
        data = b"" if body is _NOTHING else json.dumps(body).encode()
        return self.send(method, path, data, key=key, **headers)

    def send(
        self,
        method: str,
        path: str,
        data: bytes,
        *,
        key: str = "",
        content_type: str = "application/json",
        **headers: str,
    ) -> Answer:
        sent = {"Accept-Language": self.language, **headers}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if key:
            sent["Idempotency-Key"] = key
        response = self.http.generic(
            method, f"{PREFIX}{path}", data, content_type=content_type if data else "", headers=sent
        )
        body = json.loads(response.content) if response.content else None
        answer = Answer(response.status_code, body, dict(response.items()))
        hold_to_document(method, path, answer)
        return answer


def client_for(person: Person, language: str = "en") -> ApiClient:
    """A client with a token of this person's."""
    now = utc_now()
    token = db.in_transaction(lambda: identity.issue_access_token(user_id=person.id, label="test", now=now))
    return ApiClient(token, person, language)


def new_client(*, is_staff: bool = False) -> ApiClient:
    """A client of somebody new."""
    return client_for(make_person(utc_now(), is_staff=is_staff))


def hold_to_document(method: str, path: str, answer: Answer) -> None:
    """The document names this status for this operation, this body, and this code when it is refused."""
    operation = _find_operation(method, urlsplit(path).path)
    if operation is None:
        assert answer.code in ("api.no_such_place", "api.method_not_allowed"), answer
        return
    response = operation["responses"].get(str(answer.status))
    assert response, f"{method} {path} does not document {answer}"
    if "$ref" in response:
        response = document()["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    if "content" not in response:
        assert answer.body is None
        return
    ((media_type, content),) = response["content"].items()
    assert answer.headers["Content-Type"] == media_type
    _validator(json.dumps(content["schema"])).validate(answer.body)
    if answer.status >= 400:
        assert answer.code in content["examples"], f"{method} {path} does not document {answer}"
        assert answer.body["status"] == answer.status


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Every documented operation: method, path, description."""
    return _operations_in(document())


def kept_operations() -> list[tuple[str, str, dict[str, Any]]]:
    """The same of the document as it is kept, and held to the code by another test: for the names of tests.

    Every worker needs those, and making the document takes seconds.
    """
    return _operations_in(json.loads(REFERENCE.read_text()))


def _operations_in(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


@cache
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(openapi_json(api))
    return read


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    return [
        (method, re.compile(re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(path))), operation)
        for method, path, operation in operations()
    ]


def _find_operation(method: str, path: str) -> dict[str, Any] | None:
    found = [
        (pattern.pattern, op) for m, pattern, op in _patterns() if m == method and pattern.fullmatch(PREFIX + path)
    ]
    # An address without a variable part is meant before one with.
    return min(found, key=lambda each: each[0].count("[^/]"))[1] if found else None


@cache
def _validator(schema: str) -> Any:
    return jsonschema_rs.validator_for({**json.loads(schema), "components": document()["components"]})
