"""Joining, tokens, and what one knows of oneself."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth import get_user_model
from django.test import Client

from tests.builders.people import PASSWORD, actor_for, make_person
from tests.surfaces.api.client import PREFIX, Answer, ApiClient, client_for, hold_to_document, new_client
from tests.surfaces.api.conftest import Market, everything
from wuyou.domains.identity import operations, queries
from wuyou.infra import db
from wuyou.kernel.clock import utc_now

NOBODY = ApiClient()
pytestmark = pytest.mark.django_db

XIAOLIN = {"handle": "XiaoLin", "display_name": "小林", "password": "correct horse battery", "avatar": "panda"}


def test_who_joins_gets_a_token_and_may_end_it() -> None:
    joined = NOBODY.post("/people", XIAOLIN)
    assert (joined.status, joined.body["handle"], joined.body["display_name"]) == (201, "xiaolin", "小林")
    issued = NOBODY.post("/tokens", {"handle": "xiaolin", "password": XIAOLIN["password"], "label": "my script"})
    assert issued.status == 201
    me = ApiClient(issued.body["token"])
    assert me.get("/me").ok()["person"] == joined.body
    other = ApiClient(NOBODY.post("/tokens", {"handle": "xiaolin", "password": XIAOLIN["password"]}).ok()["token"])
    assert me.ask("DELETE", "/tokens/current").status == 204
    assert me.get("/me").code == "surface.sign_in_first"
    assert me.ask("DELETE", "/tokens/current").code == "surface.sign_in_first"
    assert other.get("/me").status == 200


def test_who_cannot_join_is_told_why_and_nothing_changes() -> None:
    make_person(utc_now(), handle="taken")
    before = everything()
    for change, code in (
        ({"handle": "taken"}, "identity.handle_taken"),
        ({"handle": "1st"}, "identity.handle_malformed"),
        ({"handle": "小林"}, "identity.handle_malformed"),
        ({"display_name": " "}, "identity.name_malformed"),
        ({"display_name": "x" * 41}, "identity.name_malformed"),
        ({"password": "password123"}, "identity.password_too_weak"),
        ({"password": "short"}, "identity.password_too_weak"),
        ({"password": "x" * 201}, "surface.form_malformed"),
        ({"password": "long enough \x00 and more"}, "surface.form_malformed"),
        ({"avatar": "no-such-picture"}, "surface.form_malformed"),
        ({"is_staff": True}, "surface.form_malformed"),
        ({"display_name": "a\nb"}, "surface.form_malformed"),
    ):
        assert NOBODY.post("/people", {**XIAOLIN, **change}).code == code, change
    assert everything() == before


def test_a_wrong_password_and_a_wrong_handle_look_the_same() -> None:
    make_person(utc_now(), handle="xiaolin", has_password=True)
    make_person(utc_now(), handle="by_token_only")
    before = everything()
    wrong = NOBODY.post("/tokens", {"handle": "xiaolin", "password": "not this one"})
    assert (wrong.status, wrong.code) == (401, "surface.sign_in_failed")
    assert NOBODY.post("/tokens", {"handle": "nobody", "password": "not this one"}).body == wrong.body
    assert NOBODY.post("/tokens", {"handle": "by_token_only", "password": "!"}).body == wrong.body
    assert everything() == before


def test_after_ten_wrong_tries_nobody_gets_a_token_for_a_while() -> None:
    make_person(utc_now(), handle="xiaolin", has_password=True)
    right = {"handle": "xiaolin", "password": PASSWORD}
    wrong = {"handle": "xiaolin", "password": "not this one"}
    for _ in range(9):
        assert NOBODY.post("/tokens", wrong).status == 401
    assert NOBODY.post("/tokens", right).status == 201  # the right one begins anew
    for _ in range(10):
        assert NOBODY.post("/tokens", wrong).status == 401
    before = everything()
    for body in (wrong, right, {**right, "handle": " XIAOLIN "}):
        refused = NOBODY.post("/tokens", body)
        assert (refused.status, refused.code) == (429, "identity.too_many_sign_ins")
    assert everything() == before


def test_a_token_asks_for_the_second_factor_of_who_has_one() -> None:
    person = make_person(utc_now(), handle="xiaolin", has_password=True)
    user = get_user_model().objects.get(pk=person.id)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    recovery = RecoveryCodes.activate(user).get_unused_codes()
    right = {"handle": "xiaolin", "password": PASSWORD}
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    before = len(queries.list_access_tokens(person.id))

    assert (NOBODY.post("/tokens", right).status, NOBODY.post("/tokens", right).code) == (
        403,
        "identity.second_factor_needed",
    )
    assert NOBODY.post("/tokens", {**right, "password": "not this one", "code": code}).code == "surface.sign_in_failed"
    assert NOBODY.post("/tokens", {**right, "code": "12345678"}).code == "identity.code_wrong"
    assert len(queries.list_access_tokens(person.id)) == before
    assert NOBODY.post("/tokens", {**right, "code": code}).status == 201
    assert NOBODY.post("/tokens", {**right, "code": code}).code == "identity.code_wrong"  # it works once
    assert NOBODY.post("/tokens", {**right, "code": recovery[0]}).status == 201
    for _ in range(5):
        assert NOBODY.post("/tokens", {**right, "code": recovery[0]}).code == "identity.code_wrong"
    assert NOBODY.post("/tokens", {**right, "code": recovery[0]}).code == "identity.too_many_code_tries"
    assert NOBODY.post("/tokens", {**right, "code": recovery[1]}).code == "identity.too_many_code_tries"


def test_who_makes_a_token_after_asking_to_leave_stays() -> None:
    now = utc_now()
    mei, lin = (make_person(now, handle=handle, has_password=True) for handle in ("mei", "lin"))
    for person in (mei, lin):
        db.in_transaction(lambda person=person: operations.ask_to_leave(actor=actor_for(person), now=now))  # type: ignore[misc]

    assert NOBODY.post("/tokens", {"handle": "mei", "password": "not this one"}).status == 401
    assert queries.find_leaving(mei.id) is not None
    assert NOBODY.post("/tokens", {"handle": "mei", "password": PASSWORD}).status == 201

    assert queries.find_leaving(mei.id) is None
    assert queries.find_leaving(lin.id) is not None


@pytest.mark.parametrize("token", ["", "wy_unknown", "x" * 10_000, "wy_\u00e9"])
def test_a_wrong_token_is_nobody(token: str) -> None:
    answer = ApiClient().get("/me", Authorization=f"Bearer {token}")
    assert (answer.status, answer.code) == (401, "surface.sign_in_first")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic eHg6eHg=", "Bearer", "wy_something"])
def test_another_scheme_is_nobody(header: str) -> None:
    assert ApiClient().get("/me", Authorization=header).code == "surface.sign_in_first"


def page_session(enforce: bool = True) -> tuple[Client, str]:
    """A page of somebody signed in, and the CSRF token that it carries."""
    person = make_person(utc_now(), has_password=True)
    page = Client(enforce_csrf_checks=enforce)
    assert page.login(username=person.handle, password=PASSWORD)
    page.cookies["csrftoken"] = "a" * 32
    return page, "a" * 32


def ask(page: Client, method: str, path: str, **headers: str) -> Answer:
    response = page.generic(method, f"{PREFIX}{path}", b'{"quantity": 1}', "application/json", headers=headers)
    answer = Answer(response.status_code, response.json(), dict(response.items()))
    hold_to_document(method, path, answer)
    return answer


def test_a_page_reads_with_its_session_and_writes_with_its_csrf_token(market: Market) -> None:
    page, csrf = page_session()
    assert ask(page, "GET", "/me").status == 200
    path = f"/cart/lines/{market.variant_id}"
    before = everything()
    for headers in ({}, {"X-CSRFToken": "b" * 32}, {"X-CSRFToken": csrf, "Origin": "https://elsewhere.example"}):
        refused = ask(page, "PUT", path, **headers)
        assert (refused.status, refused.code) == (403, "api.csrf_failed")
    assert everything() == before
    assert ask(page, "PUT", path, **{"X-CSRFToken": csrf}).status == 200


def test_a_wrong_token_never_falls_back_on_the_session(market: Market) -> None:
    page, _ = page_session()
    for header in ("Bearer wy_wrong", "Bearer ", "Basic eHg6eHg="):
        assert ask(page, "GET", "/me", Authorization=header).code == "surface.sign_in_first"


def test_a_session_cannot_end_a_token() -> None:
    page, csrf = page_session()
    assert ask(page, "DELETE", "/tokens/current", **{"X-CSRFToken": csrf}).code == "surface.sign_in_first"


def test_who_is_known_or_not_sees_a_team_but_a_wrong_token_does_not(market: Market) -> None:
    answer = ApiClient("wy_wrong").get("/teams/some-team-token")
    assert answer.code == "surface.sign_in_first"
    assert ApiClient().get("/teams/some-team-token").code == "groupbuy.team_not_found"


def test_you_see_yourself_and_your_shops(market: Market) -> None:
    me = market.owner_client().get("/me").ok()
    assert me["person"]["id"] == market.owner.id
    assert me["shops"] == [{"id": market.shop.id, "name": market.shop.name, "name_en": market.shop.name_en}]
    assert me["is_staff"] is False
    assert new_client(is_staff=True).get("/me").ok()["is_staff"] is True


def test_who_never_shared_earned_nothing(market: Market) -> None:
    earnings = new_client().get("/me/earnings?currency=USD").ok()
    assert all(amount == {"amount_minor": 0, "currency": "USD"} for amount in earnings.values())
    assert new_client().get("/me/earnings?currency=XXX").code == "surface.form_malformed"


def test_being_recognised_costs_one_statement(market: Market, django_assert_num_queries: Any) -> None:
    me = client_for(market.owner)
    with django_assert_num_queries(1 + 2):  # token; person, shops
        me.get("/me").ok()
    with django_assert_num_queries(1):
        ApiClient("wy_wrong").get("/me")
    with django_assert_num_queries(0):
        ApiClient().get("/me")
