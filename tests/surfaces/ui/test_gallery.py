"""The gallery draws every component, so a template that cannot be drawn fails here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from wuyou.surfaces.ui import gallery, pictures

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "src/wuyou/surfaces/ui/templates/ui"
pytestmark = pytest.mark.urls("tests.surfaces.ui.urls")

ADDRESSES = ["/ui", *(f"/ui/patterns/{name}" for name in gallery.PATTERNS)]


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_of_the_gallery_is_drawn_without_inline_code(client: Client, address: str, language: str) -> None:
    answer = client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == 200
    html = answer.content.decode()
    assert f'<html lang="{language}"' in html
    assert re.search(r"<[^>]*\s(style|on[a-z]+)=", html) is None
    assert re.search(r"<script(?![^>]*\ssrc=)", html) is None
    assert len(re.findall(r"<h1[\s>]", html)) >= 1


def test_gallery_is_hidden_outside_debug(client: Client, settings: Settings) -> None:
    settings.DEBUG = False
    assert [client.get(address).status_code for address in ADDRESSES] == [404] * len(ADDRESSES)


@pytest.mark.usefixtures("debug")
def test_a_sheet_is_a_page_by_itself_and_a_fragment_over_another(client: Client) -> None:
    address = reverse("ui:pattern", args=["product"])
    page = client.get(address).content.decode()
    fragment = client.get(address, headers={"X-Sheet": "1"}).content.decode()
    assert "<html" in page
    assert 'class="topbar"' in page
    assert "<html" not in fragment
    assert fragment.lstrip().startswith('<article class="sheet-part" data-title="')
    heading = re.search(r'<h1[^>]*id="sheet-title">[^<]+</h1>', page)
    assert heading is not None
    assert heading[0] in fragment


@pytest.mark.usefixtures("debug")
def test_theme_is_remembered_and_unknown_ones_and_foreign_targets_are_not(client: Client) -> None:
    answer = client.post(reverse("ui:theme"), {"theme": "dark", "next": "/ui"})
    assert (answer.status_code, answer["Location"]) == (302, "/ui")
    assert 'data-theme="dark"' in client.get("/ui").content.decode()
    answer = client.post(reverse("ui:theme"), {"theme": "pink", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert 'data-theme="dark"' in client.get("/ui").content.decode()


def test_every_component_has_its_line_in_the_guide() -> None:
    guide = (ROOT / "docs/guides/ui.md").read_text()
    inner = [
        "document",
        "sheet_page",
        "sheet_fragment",
        "brand",
        "search",
        "messages",
        "preferences",
        "language_switch",
        "theme_switch",
        "gallery",
        "refusal",
    ]
    missing = [
        file.name for file in TEMPLATES.glob("*.html") if file.stem not in inner and f"ui/{file.name}" not in guide
    ]
    assert missing == []


def test_shipped_pictures_cover_goods_and_faces_without_doubles() -> None:
    assert len(pictures.THINGS) >= 60
    assert len(pictures.FACES) >= 24
    assert not set(pictures.THINGS) & set(pictures.FACES)
    assert pictures.picture_path("peach") == "ui/dist/pictures/peach.webp"
    with pytest.raises(KeyError):
        pictures.picture_path("unheard-of")
