"""What is written down is what the code says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.utils import translation
from tools import reference

from tests.surfaces.api.client import PREFIX, document, operations
from wuyou.kernel.money import Currency
from wuyou.surfaces.api.scalars import CurrencyCode
from wuyou.surfaces.ui.errors import TEXTS

ROOT = Path(__file__).resolve().parents[2]
_FACTS = re.compile(r"%\((\w+)\)s")


@pytest.mark.parametrize("name", reference.PARTS)
def test_the_reference_is_what_the_code_says(name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert written == reference.PARTS[name](), "run python tools/reference.py"


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert set(TEXTS) == set(reference.statuses_by_code())


@pytest.fixture(scope="module")
def translations() -> dict[str, str]:
    """The catalogue, read once: it is long."""
    return reference.translations()


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_every_sentence_is_there_in_both_languages(code: str, translations: dict[str, str]) -> None:
    with translation.override("en"):
        assert translations[str(TEXTS[code])], code


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_a_sentence_names_only_facts_that_its_refusal_has(code: str) -> None:
    """The documented facts of a refusal are those that its sentence may name."""
    with translation.override("en"):
        facts = set(_FACTS.findall(str(TEXTS[code])))
    if facts:
        assert facts <= set(re.findall(r"\w+", _whole_docstring(code).partition("Facts:")[2])), code


def test_the_document_is_an_openapi_document_whose_references_all_lead_somewhere() -> None:
    whole = document()
    assert whole["openapi"] == "3.1.0"
    for reference_to in set(re.findall(r'"#/([^"]+)"', json.dumps(whole))):
        place: Any = whole
        for step in reference_to.split("/"):
            place = place[step]
        assert place


def test_every_schema_is_a_valid_json_schema() -> None:
    for schema in document()["components"]["schemas"].values():
        jsonschema_rs.validator_for({**schema, "components": document()["components"]})


def test_examples_fit_their_schemas() -> None:
    components = document()["components"]
    for name, schema in components["schemas"].items():
        for example in schema.get("examples", ()):
            jsonschema_rs.validator_for({**schema, "components": components}).validate(example)
        for field, part in schema.get("properties", {}).items():
            for example in part.get("examples", ()):
                found = jsonschema_rs.validator_for({**part, "components": components}).is_valid(example)
                assert found, (name, field)
    problem = jsonschema_rs.validator_for({**components["schemas"]["Problem"], "components": components})
    for code, example in components["examples"].items():
        problem.validate(example["value"])
        assert example["value"]["code"] == code
        assert "%(" not in example["value"]["detail"]


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    assert all(path.startswith(f"{PREFIX}/") for _, path, _ in operations())


def test_every_tag_says_what_is_found_under_it() -> None:
    used = {tag for _, _, operation in operations() for tag in operation["tags"]}
    assert {tag["name"] for tag in document()["tags"] if tag["description"]} == used


def test_the_api_knows_the_currencies_of_the_house() -> None:
    assert set(CurrencyCode.__args__) == {currency.code for currency in Currency}  # type: ignore[attr-defined]


def _whole_docstring(code: str) -> str:
    from wuyou.kernel.errors import DomainError

    waiting = DomainError.__subclasses__()
    while waiting:
        kind = waiting.pop()
        if kind.code == code:
            return kind.__doc__ or ""
        waiting += kind.__subclasses__()
    return ""
