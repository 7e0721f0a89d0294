"""The page of a team in each of its states, for each reader."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from tests.builders import goods, teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.groupbuy import queries as groupbuy_queries
from wuyou.domains.groupbuy import tasks as groupbuy_tasks
from wuyou.domains.groupbuy.types import TeamState
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]


def test_before_the_leader_has_paid_only_the_leader_sees_it(market: Market) -> None:
    mei = make_person(utc_now(), "Mei")
    seat = teams.open_team(utc_now(), mei, market.campaign, market.product)
    path = f"/t/{seat.team_token}"
    page = browser(mei).get(path).content.decode()
    assert "Pay, and your team begins" in page
    assert f'href="/pay/{seat.order_no}"' in page
    for reader in (browser(), browser(make_person(utc_now()))):
        assert reader.get(path).status_code == 404
        assert reader.get(f"{path}/qr.svg").status_code == 404


def test_stranger_sees_who_is_in_who_is_missing_both_prices_and_one_button(committed: Market) -> None:
    team = teams.open_and_pay(utc_now(), make_person(utc_now(), "Mei"), committed.campaign, committed.product)
    page = browser().get(f"/t/{team.token}").content.decode()
    assert "Mei needs 1 more person" in page
    assert "¥20 less" in page
    assert "Join for ¥39" in page
    assert "When somebody joins by the leader’s link, the shop gives the leader a share" in page


def test_leader_shares_the_link_that_earns_and_others_the_page_itself(committed: Market) -> None:
    mei = make_person(utc_now(), "Mei")
    team = teams.open_and_pay(utc_now(), mei, committed.campaign, committed.product)
    own = browser(mei).get(f"/t/{team.token}").content.decode()
    assert f"http://testserver/s/{team.link_token}" in own
    assert "People who join by your link earn you a share." in own
    foreign = browser().get(f"/t/{team.token}").content.decode()
    assert str(team.link_token) not in foreign
    assert f"http://testserver/t/{team.token}" in foreign


def test_nothing_is_said_of_a_share_where_the_shop_pays_none(world: None) -> None:
    product = goods.make_product(utc_now())
    campaign = goods.make_campaign(utc_now(), product, size=2)
    mei = make_person(utc_now(), "Mei")
    team = teams.open_and_pay(utc_now(), mei, campaign, product)
    assert "earn" not in browser(mei).get(f"/t/{team.token}").content.decode().split("<main")[1]


def test_qr_code_is_an_svg_of_the_readers_link(committed: Market) -> None:
    mei = make_person(utc_now(), "Mei")
    team = teams.open_and_pay(utc_now(), mei, committed.campaign, committed.product)
    own, foreign = (reader.get(f"/t/{team.token}/qr.svg") for reader in (browser(mei), browser()))
    assert own["Content-Type"] == "image/svg+xml"
    assert own["Cache-Control"].startswith("private")
    assert b"<svg" in own.content
    assert own.content != foreign.content


def test_who_joins_and_has_not_paid_is_asked_to_pay_and_is_not_counted_as_in(committed: Market) -> None:
    team = teams.open_and_pay(utc_now(), make_person(utc_now(), "Mei"), committed.campaign, committed.product)
    lin = make_person(utc_now(), "Lin")
    seat = teams.join_team(utc_now(), lin, team.token, committed.product)
    own = browser(lin).get(f"/t/{team.token}").content.decode()
    assert "Your place is kept until you pay" in own
    assert f'href="/pay/{seat.order_no}"' in own
    foreign = browser().get(f"/t/{team.token}").content.decode()
    assert "Mei needs 1 more person" in foreign
    assert "Paying now" in foreign
    assert "Every place is taken" in foreign
    assert "Join for" not in foreign


def test_money_that_has_come_is_said_before_the_seat_is_paid(committed: Market) -> None:
    mei = make_person(utc_now(), "Mei")
    seat = teams.open_team(utc_now(), mei, committed.campaign, committed.product)
    teams.pay(utc_now(), mei, seat.order_no)
    page = browser(mei).get(f"/t/{seat.team_token}").content.decode()
    assert "Payment received, one moment" in page
    assert 'http-equiv="refresh"' in page
    assert f'href="/pay/{seat.order_no}"' not in page
    teams.settle_down(utc_now())
    page = browser(mei).get(f"/t/{seat.team_token}").content.decode()
    assert "You are in. 1 more person and it is done" in page
    assert 'http-equiv="refresh"' not in page


def test_page_answers_nothing_until_something_changes(committed: Market) -> None:
    mei, lin = make_person(utc_now(), "Mei"), make_person(utc_now(), "Lin")
    team = teams.open_and_pay(utc_now(), mei, committed.campaign, committed.product)
    client = browser(mei)
    seen = client.get(f"/t/{team.token}").context["team"].mark
    assert client.get(f"/t/{team.token}", {"seen": seen}).status_code == 204
    teams.join_and_pay(utc_now(), lin, team, committed.product)
    answer = client.get(f"/t/{team.token}", {"seen": seen})
    assert answer.status_code == 200
    assert "The team is complete" in answer.content.decode()


def test_formed_team_shows_everyone_and_asks_for_nobody(committed: Market) -> None:
    mei, lin = make_person(utc_now(), "Mei"), make_person(utc_now(), "Lin")
    team = teams.form_team(utc_now(), mei, [lin], committed.campaign, committed.product)
    own = browser(lin).get(f"/t/{team.token}").content.decode()
    assert "Everyone has paid." in own
    assert "Go to my order" in own
    foreign = browser().get(f"/t/{team.token}").content.decode()
    assert "Open a team of my own" in foreign
    assert "Join for" not in foreign
    assert "share-card" not in foreign


def test_waived_team_says_so_and_invents_nobody(committed: Market) -> None:
    team = teams.open_and_pay(utc_now(), make_person(utc_now(), "Mei"), committed.campaign, committed.product)
    actor = Actor(committed.owner.id)
    db.in_transaction(lambda: groupbuy.waive_rest(actor=actor, team_id=team.id, now=utc_now()))
    page = browser().get(f"/t/{team.token}")
    assert "The shop let this team pass" in page.content.decode()
    assert "Only 1 of 2 came together" in page.content.decode()
    assert [person.name for person in page.context["team"].people] == ["Mei"]


def test_expired_team_says_that_the_money_goes_back_and_then_that_it_is_back(committed: Market) -> None:
    mei, past = make_person(utc_now(), "Mei"), utc_now()
    team = teams.open_and_pay(past, mei, committed.campaign, committed.product)
    later = past + timedelta(hours=25)
    assert groupbuy_tasks.expire_due_teams(later) == 1
    teams.settle_down(later)
    page = browser(mei).get(f"/t/{team.token}").content.decode()
    assert "Time ran out for this team" in page
    assert "Your money is on its way back" in page
    assert "Everyone who had paid gets all of it back." in browser().get(f"/t/{team.token}").content.decode()
    teams.send_refunds(later)
    assert "All of your money is back with you" in browser(mei).get(f"/t/{team.token}").content.decode()


def test_team_whose_time_is_over_cannot_be_joined_before_it_is_closed(committed: Market) -> None:
    product = goods.make_product(utc_now(), shop=committed.shop)
    campaign = goods.make_campaign(utc_now(), product, team_ttl=timedelta(seconds=1))
    team = teams.open_and_pay(utc_now(), make_person(utc_now(), "Mei"), campaign, product)
    assert team.expires_at is not None
    while utc_now() < team.expires_at:
        time.sleep(0.05)
    assert groupbuy_queries.get_team(team.token).state is TeamState.FORMING
    page = browser().get(f"/t/{team.token}").content.decode()
    assert "Time ran out for this team" in page
    assert "Join for" not in page


def test_dissolved_team(committed: Market) -> None:
    team = teams.open_and_pay(utc_now(), make_person(utc_now(), "Mei"), committed.campaign, committed.product)
    actor = Actor(committed.owner.id)
    db.in_transaction(lambda: groupbuy.cancel_team(actor=actor, team_id=team.id, now=utc_now()))
    assert "This team was dissolved" in browser().get(f"/t/{team.token}").content.decode()


@pytest.mark.parametrize("token", ["nobody-knows-it", "x", "a" * 5000])
def test_no_such_team(market: Market, token: str) -> None:
    assert browser().get(f"/t/{token}").status_code == 404


def test_chinese(committed: Market) -> None:
    team = teams.open_and_pay(utc_now(), make_person(utc_now(), "小梅"), committed.campaign, committed.product)
    page = browser(language="zh-hans").get(f"/t/{team.token}").content.decode()
    assert "山里的蜂蜜" in page
    assert 'lang="zh-hans"' in page


def test_budget(committed: Market, django_assert_num_queries: Budget) -> None:
    mei = make_person(utc_now(), "Mei")
    team = teams.open_and_pay(utc_now(), mei, committed.campaign, committed.product)
    stranger, leader = browser(), browser(mei)
    with django_assert_num_queries(8):
        stranger.get(f"/t/{team.token}")
    with django_assert_num_queries(12):
        leader.get(f"/t/{team.token}")
