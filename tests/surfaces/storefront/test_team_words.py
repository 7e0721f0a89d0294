"""After receipt the members of a team are asked once what it is like, and read each other as far as they may."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.builders import complaints, content, social, teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.content.types import TagDraft
from wuyou.domains.groupbuy.types import Team
from wuyou.domains.identity.types import Person
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders import queries as orders
from wuyou.domains.things import operations
from wuyou.domains.things import queries as thing_queries
from wuyou.domains.things.types import ReviewDraft
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import ONLY_ME, PUBLIC, AudienceRule

Budget = Callable[[int], AbstractContextManager[object]]


class Bought:
    """Mei and Lin bought the market's product in a team."""

    def __init__(self, market: Market) -> None:
        now = utc_now()
        self.mei, self.lin = make_person(now, "Mei"), make_person(now, "Lin")
        self.team: Team = teams.form_team(now, self.mei, [self.lin], market.campaign, market.product)
        self.href = f"/t/{self.team.token}/words"
        self.product_id = market.product.id

    def receive(self, person: Person) -> None:
        teams.receive(utc_now(), next(seat.order_id for seat in self.team.seats if seat.user_id == person.id))

    def review(self, person: Person, text: str, audience: AudienceRule = PUBLIC) -> int:
        thing = thing_queries.things_by_product([self.product_id])[self.product_id]
        return db.in_transaction(
            lambda: operations.write_review(
                actor=Actor(person.id),
                thing_id=thing.id,
                draft=ReviewDraft(text, None, False, audience),
                now=utc_now(),
                pictures=[],
            )
        )


@pytest.fixture
def bought(committed: Market) -> Bought:
    return Bought(committed)


def asked(person: Person) -> list[object]:
    groups = notifications.list_groups(sight.get_viewer(person.id)).items
    mine = [group for group in groups if group.kind is Kind.EXPERIENCE_ASKED]
    return [told.facts["team"] for group in mine for told in group.notifications]


def test_each_member_is_asked_once_when_they_have_it(bought: Bought) -> None:
    assert asked(bought.mei) == asked(bought.lin) == []
    bought.receive(bought.mei)
    assert (asked(bought.mei), asked(bought.lin)) == ([bought.team.token], [])
    bought.receive(bought.lin)
    teams.settle_down(utc_now())
    assert asked(bought.mei) == asked(bought.lin) == [bought.team.token]


def test_nobody_is_asked_who_bought_alone(committed: Market) -> None:
    lin = make_person(utc_now(), "Lin")
    complaints.buy(utc_now(), lin, committed.product)
    teams.receive(utc_now(), orders.list_orders_of(lin.id).items[0].id)
    assert asked(lin) == []


def test_members_read_each_other_as_far_as_they_may_and_thank(bought: Bought) -> None:
    for person in (bought.mei, bought.lin):
        bought.receive(person)
    review_id = bought.review(bought.mei, "The best honey so far")
    bought.review(bought.mei, "My private note", ONLY_ME)
    bought.review(make_person(utc_now(), "Zhao"), "Words of a stranger")
    post_id = content.make_post(
        utc_now(), bought.mei, title="Honey for breakfast", tags=[TagDraft(product_id=bought.product_id)]
    )
    client = browser(bought.lin)
    page = client.get(bought.href).content.decode()
    assert "The best honey so far" in page
    assert f"/posts/{post_id}" in page
    assert "My private note" not in page
    assert "Words of a stranger" not in page
    assert "Say something of it" in page
    assert f"/posts/new?product={bought.product_id}" in page
    anchor = f"{bought.href}#review-{review_id}"
    thanked = client.post("/thanks", {"kind": "review", "id": review_id, "next": anchor, **key()})
    assert thanked["Location"] == anchor
    assert "Thanked" in client.get(bought.href).content.decode()
    assert bought.href in client.get(f"/t/{bought.team.token}").content.decode()


def test_blocked_mates_do_not_read_each_other(bought: Bought) -> None:
    bought.receive(bought.mei)
    bought.review(bought.mei, "The best honey so far")
    social.block(utc_now(), bought.lin, bought.mei)
    page = browser(bought.lin).get(bought.href).content.decode()
    assert "The best honey so far" not in page
    assert "Mei" not in page


def test_others_find_no_such_page(bought: Bought, committed: Market) -> None:
    forming = teams.open_and_pay(utc_now(), bought.mei, committed.campaign, committed.product)
    stranger, member = browser(make_person(utc_now(), "Zhao")), browser(bought.mei)
    before = footprint()
    assert stranger.get(bought.href).status_code == 404
    assert member.get(f"/t/{forming.token}/words").status_code == 404
    assert browser().get(bought.href)["Location"].startswith("/sign-in")
    assert footprint() == before


def test_budget(bought: Bought, django_assert_num_queries: Budget) -> None:
    bought.receive(bought.mei)
    bought.review(bought.mei, "The best honey so far")
    client = browser(bought.lin)
    client.get(bought.href)
    with django_assert_num_queries(15):
        client.get(bought.href)
