"""Teams: lists, one team, and what staff may decide about it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.builders import erasure, teams
from tests.builders.people import make_person
from tests.surfaces.staff import scenes
from wuyou.domains.groupbuy import queries
from wuyou.domains.groupbuy.types import SeatState, TeamState
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import FulfilmentState

TEAMS = reverse("staff:teams")


def test_the_list_costs_nine_queries_however_many_teams(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    market = scenes.make_market(present)
    for _ in range(3):
        scenes.forming_team(present, market)

    with django_assert_num_queries(9):
        answer = client.get(TEAMS)

    text = answer.content.decode()
    assert text.count("Mountain honey") == 3
    assert text.count("2 of 3") == 3


def test_a_team_costs_twelve_queries(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    team = scenes.forming_team(present, scenes.make_market(present), with_unpaid=True)

    with django_assert_num_queries(12):
        answer = client.get(reverse("staff:team", args=[team.token]))

    text = answer.content.decode()
    assert "2 of 3 have paid" in text
    assert text.count("To be paid") == 1
    assert all(seat.order_no in text for seat in team.seats)


def test_who_is_erased_is_called_so(present: datetime, client: Client) -> None:
    team = scenes.forming_team(present, scenes.make_market(present))
    for seat in team.seats:
        erasure.erase(present, seat.user_id)

    for page in (TEAMS, reverse("staff:team", args=[team.token])):
        assert "Erased person" in client.get(page).content.decode()


def test_the_list_shows_the_state_asked_for(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    forming = scenes.forming_team(present, market)
    formed = teams.form_team(
        present, make_person(present), [make_person(present), make_person(present)], market.campaign, market.product
    )

    text = client.get(TEAMS, {"state": TeamState.FORMED.value}).content.decode()

    assert formed.token in text
    assert forming.token not in text


def test_soon_ending_teams_are_those_of_the_next_two_hours(present: datetime, client: Client) -> None:
    market = scenes.make_market(present, team_ttl=timedelta(hours=10))
    soon = scenes.forming_team(present - timedelta(hours=9), market)
    later = scenes.forming_team(present, market)

    text = client.get(TEAMS, {"state": "ending"}).content.decode()

    assert soon.token in text
    assert later.token not in text


def test_pages_of_the_list_lead_on_and_back(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    made = [teams.open_team(present, make_person(present), market.campaign, market.product) for _ in range(52)]

    first = client.get(TEAMS).content.decode()
    assert made[-1].team_token in first
    assert made[0].team_token not in first

    second = client.get(TEAMS, {"after": str(made[2].team_id)}).content.decode()
    assert made[0].team_token in second
    assert made[2].team_token not in second
    assert f'href="{TEAMS}"' in second

    oldest = client.get(TEAMS, {"order": "oldest"}).content.decode()
    assert made[0].team_token in oldest
    assert made[-1].team_token not in oldest


def test_without_teams_the_list_says_how_one_comes(client: Client) -> None:
    assert "No teams yet" in client.get(TEAMS).content.decode()
    assert "No team in this state" in client.get(TEAMS, {"state": "FORMED"}).content.decode()


def test_an_unknown_team_is_not_found(client: Client) -> None:
    for page in ("team", "waive", "dissolve"):
        answer = client.get(reverse(f"staff:{page}", args=["no-such-team"]))
        assert answer.status_code == 404


def test_waive_forms_the_team_with_who_paid(present: datetime, client: Client) -> None:
    team = scenes.forming_team(present, scenes.make_market(present))
    page = reverse("staff:waive", args=[team.token])

    told = client.get(page)
    answer = client.post(page, {"idempotency_key": "once"})

    assert "It forms with 2 people" in told.content.decode()
    assert answer["Location"] == reverse("staff:team", args=[team.token])
    formed = queries.get_team(team.token)
    assert (formed.state, formed.was_waived) == (TeamState.FORMED, True)
    assert {seat.state for seat in formed.seats} == {SeatState.CONFIRMED}


def test_dissolve_refunds_who_paid_and_closes_the_rest(present: datetime, client: Client) -> None:
    team = scenes.forming_team(present, scenes.make_market(present), with_unpaid=True)
    page = reverse("staff:dissolve", args=[team.token])

    told = client.get(page).content.decode()
    client.post(page, {"idempotency_key": "once"})

    assert "2 orders" in told
    assert "1 order" in told
    assert "¥78.00" in told
    ended = queries.get_team(team.token)
    assert ended.state is TeamState.CANCELLED
    assert sorted(seat.state.value for seat in ended.seats) == ["REFUND_DUE", "REFUND_DUE", "RELEASED"]
    assert {orders.get_order(seat.order_id).fulfilment for seat in ended.seats} == {FulfilmentState.CANCELLED}


@pytest.mark.parametrize("page", ["waive", "dissolve"])
def test_a_form_sent_twice_is_obeyed_once(present: datetime, client: Client, page: str) -> None:
    team = scenes.forming_team(present, scenes.make_market(present))
    address = reverse(f"staff:{page}", args=[team.token])

    first = client.post(address, {"idempotency_key": "once"})
    after_first = queries.get_team(team.token)
    second = client.post(address, {"idempotency_key": "once"})

    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert queries.get_team(team.token) == after_first


@pytest.mark.parametrize("page", ["waive", "dissolve"])
def test_a_decision_that_comes_too_late_is_refused_in_place(present: datetime, client: Client, page: str) -> None:
    team = scenes.forming_team(present, scenes.make_market(present))
    client.post(reverse("staff:waive", args=[team.token]), {"idempotency_key": "first"})
    formed = queries.get_team(team.token)

    answer = client.post(reverse(f"staff:{page}", args=[team.token]), {"idempotency_key": "second"})

    assert answer.status_code == 409
    assert "This team has already ended." in answer.content.decode()
    assert queries.get_team(team.token) == formed


@pytest.mark.parametrize("key", ["", "schlüssel", "k" * 201])
def test_a_form_without_a_good_key_is_refused(present: datetime, client: Client, key: str) -> None:
    team = scenes.forming_team(present, scenes.make_market(present))

    answer = client.post(reverse("staff:dissolve", args=[team.token]), {"idempotency_key": key})

    assert answer.status_code == 422
    assert queries.get_team(team.token) == team


def test_decisions_open_as_a_sheet(present: datetime, client: Client) -> None:
    team = scenes.forming_team(present, scenes.make_market(present))

    sheet = client.get(reverse("staff:waive", args=[team.token]), headers={"x-sheet": "1"}).content.decode()

    assert "<html" not in sheet
    assert 'name="csrfmiddlewaretoken"' in sheet
    assert 'name="idempotency_key"' in sheet


def test_only_a_forming_team_offers_decisions(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    forming = scenes.forming_team(present, market)
    unpaid = teams.open_team(present, make_person(present), market.campaign, market.product)

    assert _offers(client, forming.token) == {"waive", "dissolve"}
    assert _offers(client, unpaid.team_token) == {"dissolve"}
    client.post(reverse("staff:waive", args=[forming.token]), {"idempotency_key": "once"})
    assert _offers(client, forming.token) == set()


def _offers(client: Client, token: str) -> set[str]:
    text = client.get(reverse("staff:team", args=[token])).content.decode()
    return {page for page in ("waive", "dissolve") if reverse(f"staff:{page}", args=[token]) in text}
