"""Opening, joining and looking at teams."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.builders import erasure, goods
from tests.builders.teams import open_and_pay
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import Market, everything
from wuyou.domains.catalog import queries as catalog
from wuyou.kernel.clock import utc_now

NO_TEAM = "no-such-team-at-all"


def test_two_people_pay_and_the_team_has_formed(committed: Market) -> None:
    leader, friend = new_client(), new_client()
    seat = committed.order_in_team(leader)
    assert seat["total"] == {"amount_minor": 3_900, "currency": "CNY"}
    committed.pay(leader, seat["order_no"])
    token = seat["team_token"]
    forming = ApiClient().get(f"/teams/{token}").ok()
    assert (forming["state"], forming["paid"], forming["missing"]) == ("FORMING", 1, 1)
    (open_team,) = ApiClient().get(f"/products/{committed.product.id}").ok()["open_teams"]
    assert (open_team["token"], open_team["missing"]) == (token, 1)
    joined = committed.order_in_team(friend, token)
    assert joined["team_token"] == token
    committed.pay(friend, joined["order_no"])
    formed = ApiClient().get(f"/teams/{token}").ok()
    assert (formed["state"], formed["paid"], formed["was_waived"]) == ("FORMED", 2, False)
    assert [member["is_leader"] for member in formed["members"]] == [True, False]
    assert {member["display_name"] for member in formed["members"]} == {
        leader.person.display_name,
        friend.person.display_name,
    }
    order = friend.get(f"/orders/{joined['order_no']}").ok()
    assert (order["fulfilment"], order["team_token"]) == ("READY", token)


def test_a_team_shows_who_paid_and_nothing_that_is_theirs(committed: Market) -> None:
    leader = new_client()
    seat = committed.order_in_team(leader)
    committed.pay(leader, seat["order_no"])
    held = committed.order_in_team(new_client(), seat["team_token"])
    team = ApiClient().get(f"/teams/{seat['team_token']}").ok()
    assert (team["taken"], team["paid"], len(team["members"])) == (2, 1, 1)
    assert seat["order_no"] not in str(team)
    assert held["order_no"] not in str(team)
    assert set(team["members"][0]) == {"display_name", "avatar", "is_leader"}


def test_who_is_erased_is_called_so_in_the_readers_language(committed: Market) -> None:
    leader = new_client()
    seat = committed.order_in_team(leader)
    committed.pay(leader, seat["order_no"])
    erasure.erase(utc_now(), leader.person.id)
    for language, name in (("en", "Erased person"), ("zh-hans", "已注销")):
        (member,) = ApiClient(language=language).get(f"/teams/{seat['team_token']}").ok()["members"]
        assert member["display_name"] == name


def test_before_its_leader_has_paid_only_the_leader_sees_a_team(market: Market) -> None:
    leader = new_client()
    token = market.order_in_team(leader)["team_token"]
    assert leader.get(f"/teams/{token}").ok()["expires_at"] is None
    friend = new_client()
    before = everything()
    for client in (ApiClient(), friend):
        assert client.get(f"/teams/{token}").code == "groupbuy.team_not_found"
    assert friend.post(f"/teams/{token}/seats", {"variant_id": market.variant_id}).code == "groupbuy.team_not_found"
    assert everything() == before


def test_seats_that_cannot_be_are_refused_and_change_nothing(committed: Market) -> None:
    leader, friend, late = new_client(), new_client(), new_client()
    seat = committed.order_in_team(leader)
    committed.pay(leader, seat["order_no"])
    token, mine = seat["team_token"], {"variant_id": committed.variant_id}
    other = goods.make_product(utc_now(), shop=committed.shop).variants[0].id
    alone = goods.make_product(utc_now(), shop=committed.shop, team_price=None).variants[0].id
    before = everything()
    for path, body, code in (
        (f"/teams/{token}/seats", {"variant_id": other}, "groupbuy.wrong_product"),
        (f"/teams/{token}/seats", {"variant_id": alone}, "orders.not_sold_in_teams"),
        (f"/teams/{token}/seats", {"variant_id": 999_999}, "catalog.variant_not_found"),
        (f"/teams/{token}/seats", {**mine, "quantity": 6}, "groupbuy.too_many_pieces"),
        (f"/teams/{token}/seats", {**mine, "quantity": 0}, "surface.form_malformed"),
        (f"/teams/{token}/seats", {**mine, "accepts_reroute": "yes"}, "surface.form_malformed"),
        (f"/teams/{NO_TEAM}/seats", mine, "groupbuy.team_not_found"),
        ("/teams", {**mine, "campaign_id": 999_999}, "groupbuy.campaign_not_found"),
        ("/teams", mine, "surface.form_malformed"),
    ):
        assert friend.post(path, body).code == code, (path, body)
    assert leader.post(f"/teams/{token}/seats", mine).code == "groupbuy.already_member"
    assert everything() == before
    friend.post(f"/teams/{token}/seats", mine).ok()
    before = everything()
    assert late.post(f"/teams/{token}/seats", mine).code == "groupbuy.team_full"
    assert everything() == before


def test_a_team_whose_time_is_over_is_closed(committed: Market) -> None:
    long_ago = utc_now() - timedelta(days=2)
    product = goods.make_product(long_ago, shop=committed.shop)
    campaign = goods.make_campaign(long_ago, product, size=2)
    leader = new_client().person
    team = open_and_pay(long_ago, leader, campaign, product)
    friend = new_client()
    before = everything()
    late = friend.post(f"/teams/{team.token}/seats", {"variant_id": product.variants[0].id})
    assert late.code == "groupbuy.team_closed"
    assert everything() == before


def test_limits_of_a_campaign_are_told(committed: Market) -> None:
    product = goods.make_product(utc_now(), shop=committed.shop)
    campaign = goods.make_campaign(utc_now(), product, max_per_person=1, total_limit=3)
    buyer, body = new_client(), {"campaign_id": campaign.id, "variant_id": product.variants[0].id}
    buyer.post("/teams", body).ok()
    before = everything()
    refused = buyer.post("/teams", body)
    assert (refused.status, refused.code) == (409, "groupbuy.person_limit_reached")
    assert "1" in refused.body["detail"]
    assert everything() == before
    new_client().post("/teams", body).ok()
    new_client().post("/teams", body).ok()
    assert new_client().post("/teams", body).code == "groupbuy.campaign_sold_out"


def test_the_seller_lets_a_smaller_team_pass_and_everybody_sees_it(committed: Market) -> None:
    leader = new_client()
    seat = committed.order_in_team(leader)
    committed.pay(leader, seat["order_no"])
    token = seat["team_token"]
    stranger = new_client()
    before = everything()
    for client in (leader, stranger):
        assert client.post(f"/teams/{token}/waiver").code == "groupbuy.team_not_found"
    assert everything() == before
    waived = committed.owner_client().post(f"/teams/{token}/waiver").ok()
    assert (waived["state"], waived["was_waived"], waived["paid"]) == ("FORMED", True, 1)
    assert [act.what for act in catalog.list_acts(committed.shop.id).items] == ["waive"]
    staff = new_client(is_staff=True)
    before = everything()
    assert staff.post(f"/teams/{token}/waiver").code == "groupbuy.team_closed"
    assert everything() == before


def test_statements_of_teams(market: Market, django_assert_num_queries: Any) -> None:
    leader = new_client()
    with django_assert_num_queries(1 + 2 + 2 + 7):  # token; begin, end; claim, keep; campaign, order (4), team, seat
        token = market.order_in_team(leader)["team_token"]
    with django_assert_num_queries(1 + 2):  # token; team, seats; nobody has paid, so nobody is shown
        leader.get(f"/teams/{token}").ok()
