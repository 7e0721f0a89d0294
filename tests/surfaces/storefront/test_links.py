"""Links that people spread, and what is remembered of a visit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import teams
from tests.builders.people import PASSWORD, make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint
from wuyou.domains.alliance import queries as alliance
from wuyou.domains.groupbuy.types import Team
from wuyou.infra import db
from wuyou.kernel.clock import utc_now


@pytest.fixture
def team(committed: Market) -> Team:
    return teams.open_and_pay(utc_now(), make_person(utc_now(), "Mei"), committed.campaign, committed.product)


def clicks() -> list[tuple[str, int | None]]:
    return [tuple(row) for row in db.rows("SELECT visitor, user_id FROM alliance_click ORDER BY id")]


def test_visit_is_noted_under_the_browsers_own_name_and_goes_on(team: Team) -> None:
    client = browser()
    answer = client.get(f"/s/{team.link_token}")
    assert (answer.status_code, answer["Location"]) == (302, f"/t/{team.token}?via={team.link_token}")
    cookie = answer.cookies["visitor"]
    assert clicks() == [(cookie.value, None)]
    assert len(cookie.value) >= 20
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie["max-age"] == timedelta(days=15).total_seconds()
    client.get(f"/s/{team.link_token}")
    assert clicks() == [(cookie.value, None)] * 2


def test_visit_of_somebody_signed_in_is_theirs(team: Team) -> None:
    lin = make_person(utc_now(), "Lin")
    browser(lin).get(f"/s/{team.link_token}")
    assert [user_id for _, user_id in clicks()] == [lin.id]


def test_signing_in_takes_the_browsers_visits_along(team: Team) -> None:
    lin = make_person(utc_now(), "Lin", handle="lin", has_password=True)
    client, other = browser(), browser()
    client.get(f"/s/{team.link_token}")
    other.get(f"/s/{team.link_token}")
    client.post("/sign-in", {"handle": "lin", "password": PASSWORD})
    assert [user_id for _, user_id in clicks()] == [lin.id, None]


def test_signing_up_takes_the_browsers_visits_along(team: Team) -> None:
    client = browser()
    client.get(f"/s/{team.link_token}")
    client.post("/sign-up", {"handle": "lin", "display_name": "Lin", "password": PASSWORD, "avatar": "fox"})
    assert [user_id is not None for _, user_id in clicks()] == [True]


def test_who_joins_by_the_link_earns_the_leader_a_share(team: Team, committed: Market) -> None:
    lin = make_person(utc_now(), "Lin", handle="lin", has_password=True)
    client = browser()
    client.get(f"/s/{team.link_token}")
    client.post("/sign-in", {"handle": "lin", "password": PASSWORD})
    teams.join_and_pay(utc_now(), lin, team, committed.product)
    (conversion,) = alliance.list_conversions(team.leader_id).items
    assert conversion.amount_minor == 3_900


def test_look_from_a_chat_is_not_a_visit(team: Team) -> None:
    before = footprint()
    assert browser().head(f"/s/{team.link_token}")["Location"] == f"/t/{team.token}"
    assert footprint() == before


@pytest.mark.parametrize("visitor", ["x" * 65, "é", "a b\x7f"])
def test_foreign_visitor_cookie_is_replaced(team: Team, visitor: str) -> None:
    client = browser()
    client.cookies["visitor"] = visitor
    answer = client.get(f"/s/{team.link_token}")
    assert answer.status_code == 302
    assert clicks() == [(answer.cookies["visitor"].value, None)]
    assert answer.cookies["visitor"].value != visitor


@pytest.mark.parametrize("token", ["nobody-knows-it", "a" * 500])
def test_unknown_link_notes_nothing(market: Market, token: str) -> None:
    before = footprint()
    answer = browser().get(f"/s/{token}")
    assert answer.status_code == 404
    assert "visitor" not in answer.cookies
    assert footprint() == before
