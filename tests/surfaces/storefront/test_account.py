"""Signing in, out and up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests.builders.people import PASSWORD, make_person
from tests.surfaces.storefront.conftest import browser, footprint
from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.types import Person
from wuyou.infra import db
from wuyou.kernel.clock import utc_now

RIGHT = {"handle": "mei", "password": PASSWORD}
NEW = {"handle": "lin", "display_name": "Lin", "password": PASSWORD, "avatar": "fox"}


@pytest.fixture
def mei(db: None) -> Person:
    return make_person(utc_now(), "Mei", handle="mei", has_password=True)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_right_password_leads_on(mei: Person) -> None:
    client = browser()
    answer = client.post("/sign-in", RIGHT | {"next": "/orders?state=pay"})
    assert answer["Location"] == "/orders?state=pay"
    assert is_in(client)


def test_name_may_be_written_large_and_with_spaces(mei: Person) -> None:
    client = browser()
    client.post("/sign-in", RIGHT | {"handle": " Mei "})
    assert is_in(client)


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil.example", ""],
)
def test_nobody_is_led_to_another_site(mei: Person, target: str) -> None:
    assert browser().post("/sign-in", RIGHT | {"next": target})["Location"] == "/"
    assert browser(mei).get("/sign-in", {"next": target})["Location"] == "/"


@pytest.mark.parametrize("wrong", [{"password": "not-the-password"}, {"handle": "nobody"}])
def test_wrong_name_and_wrong_password_read_the_same(mei: Person, wrong: dict[str, str]) -> None:
    client = browser()
    answer = client.post("/sign-in", RIGHT | wrong)
    assert answer.status_code == 422
    assert "This name and password do not belong together." in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize(
    "wrong", [{"handle": ""}, {"password": ""}, {"handle": "\x00"}, {"handle": "x" * 61}, {"password": "x" * 201}]
)
def test_malformed_sign_in_is_refused_and_changes_nothing(mei: Person, wrong: dict[str, str]) -> None:
    client = browser()
    before = footprint()
    assert client.post("/sign-in", RIGHT | wrong).status_code == 422
    assert footprint() == before
    assert not is_in(client)


def test_after_ten_wrong_tries_even_the_right_password_waits(mei: Person) -> None:
    client = browser()
    for _ in range(10):
        assert client.post("/sign-in", RIGHT | {"password": "wrong"}).status_code == 422
    answer = client.post("/sign-in", RIGHT)
    assert answer.status_code == 429
    assert "Please wait 15 minutes" in answer.content.decode()
    assert not is_in(client)
    elsewhere = browser()
    elsewhere.post("/sign-in", RIGHT, REMOTE_ADDR="192.0.2.7")
    assert is_in(elsewhere)
    db.execute("UPDATE identity_sign_in_try SET first_at = first_at - %s::interval", [timedelta(minutes=15)])
    client.post("/sign-in", RIGHT)
    assert is_in(client)


def test_right_password_begins_the_count_anew(mei: Person) -> None:
    for _ in range(9):
        browser().post("/sign-in", RIGHT | {"password": "wrong"})
    browser().post("/sign-in", RIGHT)
    assert db.rows("SELECT count FROM identity_sign_in_try") == []


def test_signing_out(mei: Person) -> None:
    client = browser(mei)
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out")["Location"] == "/"
    assert not is_in(client)


def test_signing_up(db: None) -> None:
    client = browser()
    answer = client.post("/sign-up", NEW | {"next": "/me"})
    assert answer["Location"] == "/me"
    assert is_in(client)
    person = identity.find_person("lin")
    assert person is not None
    assert (person.display_name, person.avatar, person.is_staff) == ("Lin", "fox", False)


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"handle": "mei"}, 409, "Somebody already has the name “mei”."),
        ({"handle": "1x"}, 422, "begins with a letter"),
        ({"password": "short"}, 422, "too easy to guess"),
        ({"password": "password1234"}, 422, "too easy to guess"),
        ({"display_name": ""}, 422, "required"),
        ({"display_name": "x" * 41}, 422, "40"),
        ({"display_name": "\x00"}, 422, "Null"),
        ({"avatar": "../../etc/passwd"}, 422, "/sign-up"),
    ],
)
def test_refused_sign_up_says_why_and_changes_nothing(
    mei: Person, wrong: dict[str, str], status: int, said: str
) -> None:
    client = browser()
    before = footprint()
    answer = client.post("/sign-up", NEW | wrong)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert footprint() == before
    assert not is_in(client)


def test_nobody_becomes_staff_by_asking(db: None) -> None:
    browser().post("/sign-up", NEW | {"is_staff": "on"})
    person = identity.find_person("lin")
    assert person is not None
    assert not person.is_staff


def test_ones_own_corner(mei: Person) -> None:
    assert "You are not signed in" in browser().get("/me").content.decode()
    page = browser(mei).get("/me").content.decode()
    assert "@mei" in page
    assert "Sign out" in page
