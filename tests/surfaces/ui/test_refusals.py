"""A refusal at the edge: the right status, a sentence in the reader's language, and where it is shown."""

from __future__ import annotations

import json

import pytest
from django.test import RequestFactory
from django.utils import translation

from wuyou.domains.groupbuy.errors import TeamFull, TooManyPieces
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.ui import errors


@pytest.mark.parametrize(
    ("language", "error", "sentence"),
    [
        ("en", TeamFull(), "This team is full. Join another one, or open your own."),
        ("en", TooManyPieces(most=3), "At most 3 in one team order."),
    ],
)
def test_sentence_carries_the_facts(language: str, error: DomainError, sentence: str) -> None:
    with translation.override(language):
        assert errors.text_of(error) == sentence


def test_sentence_is_translated() -> None:
    with translation.override("zh-hans"):
        assert errors.text_of(TeamFull()) != "This team is full. Join another one, or open your own."


def test_page_has_the_status_of_the_kind() -> None:
    response = errors.refusal(RequestFactory().get("/t/x"), TeamFull())

    assert response.status_code == 409
    assert response["Content-Type"].startswith("text/html")


def test_part_of_a_page_gets_only_a_toast() -> None:
    request = RequestFactory().post("/t/x", headers={"HX-Request": "true"})

    with translation.override("zh-hans"):
        response = errors.refusal(request, TeamFull())

    assert (response.status_code, response["HX-Reswap"], response.content) == (409, "none", b"")
    assert set(json.loads(response["HX-Trigger"])) == {"toast"}
