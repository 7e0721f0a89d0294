"""What holds for every page of the storefront."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.builders import teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront import urls

ALL = sorted((Path(urls.__file__).parent / "templates").rglob("*.html"))
TEMPLATES = [path for path in ALL if path.parent.name != "mail"]
"""Mail is no page: no content policy holds there, and mail programs know no style sheets."""


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_template_has_nothing_that_the_content_policy_forbids(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<script|<style|<[a-z][^<>{]*\s(style|on[a-z]+)=|javascript:", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_every_form_that_changes_something_is_protected(template: Path) -> None:
    text = template.read_text()
    for form in re.findall(r'<form[^>]*method="post"[^>]*>(.{0,60})', text, re.DOTALL):
        assert "{% csrf_token %}" in form or "storefront/key.html" in form or "{% form_key %}" in form


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_is_drawn_in_both_languages(committed: Market, language: str) -> None:
    now = utc_now()
    mei, lin = make_person(now, "Mei"), make_person(now, "Lin")
    team = teams.open_and_pay(now, mei, committed.campaign, committed.product)
    seat = teams.join_team(now, lin, team.token, committed.product)
    client, owner = browser(lin, language), browser(committed.owner, language)
    paths = [
        "/",
        f"/p/{committed.product.id}",
        f"/t/{team.token}",
        "/cart",
        f"/checkout?way=team&variant={committed.variant_id}&quantity=1",
        f"/pay/{seat.order_no}",
        "/orders",
        f"/orders/{seat.order_no}",
        "/earnings",
        "/earnings/links",
        "/me",
        "/faces",
        "/faces/new",
        "/faces/say/hobby",
        "/faces/say/place",
        "/faces/say/age",
        "/people",
        "/privacy",
        "/privacy/leave",
        "/reports",
        "/decisions",
        "/moderation",
        f"/report/product/{committed.product.id}",
    ]
    sold = [f"/seller/{committed.shop.id}{page}" for page in ("", "/orders", "/orders?state=all", "/teams")]
    for answer in [*map(client.get, paths), *map(owner.get, sold)]:
        page = answer.content.decode()
        assert answer.status_code == 200, answer.request["PATH_INFO"]
        assert f'lang="{language}"' in page
        assert page.count("<h1") == 1, answer.request["PATH_INFO"]
        assert "unsafe-inline" not in answer["Content-Security-Policy"]
    for path in ("/sign-in", "/sign-up"):
        assert f'lang="{language}"' in browser(language=language).get(path).content.decode()


def test_no_address_takes_what_it_does_not_offer(committed: Market) -> None:
    client = browser(committed.owner)
    for pattern in urls.pages:
        path = "/" + re.sub(r"<[^>]+>", "1", str(pattern.pattern))
        assert client.delete(path).status_code == 405, path
