"""Sharing, and what it earns."""

from __future__ import annotations

from tests.builders import content
from tests.builders.goods import make_plan
from tests.builders.people import make_person
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import Market, everything
from wuyou.domains.content.types import TagDraft
from wuyou.domains.identity.types import Person
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS


def test_a_link_earns_its_publisher_a_share_of_what_its_follower_buys(committed: Market) -> None:
    make_plan(utc_now(), committed.shop, rate_bps=1_000)
    publisher, buyer = new_client(), new_client()
    link = publisher.post("/links", {"product_id": committed.product.id, "slot": "blog"}).ok()
    assert link["path"] == f"/s/{link['token']}"
    assert publisher.post("/links", {"product_id": committed.product.id, "slot": "blog"}).ok() == link
    assert publisher.post("/links", {"product_id": committed.product.id}).ok()["token"] != link["token"]
    click = buyer.post("/clicks", {"token": link["token"]})
    assert (click.status, click.body) == (
        201,
        {"product_id": committed.product.id, "path": f"/p/{committed.product.id}"},
    )
    committed.pay(buyer, committed.order_alone(buyer))
    earnings = publisher.get("/me/earnings").ok()
    # 10 % of 59.00 yuan; nobody is the partner, so the publisher gets nine tenths of it and the platform one.
    assert earnings["estimated"] == {"amount_minor": 531, "currency": "CNY"}
    assert earnings["balance"]["amount_minor"] == 0
    assert buyer.get("/me/earnings").ok()["estimated"]["amount_minor"] == 0


def test_links_and_clicks_that_cannot_be_are_refused_and_change_nothing(market: Market) -> None:
    person = new_client()
    before = everything()
    for path, body, code in (
        ("/links", {"product_id": 999_999}, "catalog.product_not_found"),
        ("/links", {"product_id": market.product.id, "slot": ""}, "surface.form_malformed"),
        ("/links", {"product_id": market.product.id, "slot": "x" * 41}, "surface.form_malformed"),
        ("/links", {"product_id": market.product.id, "slot": "\u2028"}, "alliance.slot_malformed"),
        ("/clicks", {"token": "no-such-link"}, "alliance.link_not_found"),
        ("/clicks", {"token": "no such link"}, "surface.form_malformed"),
    ):
        assert person.post(path, body).code == code, body
    assert ApiClient().post("/links", {"product_id": market.product.id}).code == "surface.sign_in_first"
    assert ApiClient().post("/clicks", {"token": "no-such-link"}).code == "surface.sign_in_first"
    assert everything() == before


def sold_post(market: Market, author: Person, **how: object) -> tuple[int, int]:
    """A post with a tag that sells; the ids of both."""
    post_id = content.make_post(utc_now(), author, tags=[TagDraft(product_id=market.product.id)], **how)
    return post_id, db.rows("SELECT id FROM content_tag WHERE post_id = %s", [post_id])[0][0]


def test_a_tag_gives_programs_its_authors_link_and_a_sale_by_it_is_theirs(committed: Market) -> None:
    make_plan(utc_now(), committed.shop, rate_bps=1_000)
    author, buyer, outlet = make_person(utc_now()), new_client(), new_client()
    post_id, tag_id = sold_post(committed, author)
    address = f"/posts/{post_id}/tags/{tag_id}/clicks"

    click = buyer.post(address, {})
    assert click.status == 201
    token = click.body["token"]
    assert click.body == {
        "product_id": committed.product.id,
        "token": token,
        "path": f"/p/{committed.product.id}?via={token}&from=%2Fposts%2F{post_id}%23tag-{tag_id}",
    }
    for visitor in ("reader 1", "reader 1", "reader 2"):
        assert outlet.post(address, {"visitor": visitor}).ok()["token"] == token
    assert db.rows("SELECT count(*), count(DISTINCT visitor), count(user_id) FROM alliance_click") == [(3, 3, 1)]

    committed.pay(buyer, committed.order_alone(buyer))
    assert db.rows(
        """
        SELECT p.user_id, s.name FROM alliance_conversion v JOIN alliance_link l ON l.id = v.link_id
        JOIN alliance_slot s ON s.id = l.slot_id JOIN alliance_publisher p ON p.id = s.publisher_id
        """
    ) == [(author.id, f"post:{post_id}")]


def test_a_tag_without_a_gain_has_no_link_and_one_that_is_not_seen_is_not_there(market: Market) -> None:
    author, person = make_person(utc_now()), new_client()
    free, free_tag = sold_post(market, author, earns=False)
    private, private_tag = sold_post(market, author, audience=FRIENDS)

    assert person.post(f"/posts/{free}/tags/{free_tag}/clicks", {}).ok() == {
        "product_id": market.product.id,
        "token": None,
        "path": f"/p/{market.product.id}?from=%2Fposts%2F{free}%23tag-{free_tag}",
    }
    before = everything()
    for path in (
        f"/posts/{private}/tags/{private_tag}/clicks",
        f"/posts/{free}/tags/{private_tag}/clicks",
        "/posts/999999/tags/1/clicks",
    ):
        assert person.post(path, {}).code == "content.post_not_found"
    assert person.post(f"/posts/{free}/tags/{free_tag}/clicks", {"visitor": ""}).code == "surface.form_malformed"
    assert ApiClient().post(f"/posts/{free}/tags/{free_tag}/clicks", {}).code == "surface.sign_in_first"
    assert everything() == before
