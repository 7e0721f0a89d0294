"""A product card in a conversation sells too: openly, and back to the very message."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.builders import messaging as talk
from tests.builders import social, teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint
from tests.surfaces.storefront.test_trail import SHEET, address_in, clicks, order_from
from wuyou.domains.alliance import queries as alliance
from wuyou.domains.identity.types import Person
from wuyou.domains.messaging import errors, operations
from wuyou.domains.messaging.types import Draft
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]


class Shown:
    """Mei shows Lin the market's product in their conversation."""

    def __init__(self, market: Market) -> None:
        now = utc_now()
        self.market = market
        self.mei = make_person(now, "Mei")
        self.lin = make_person(now, "Lin", handle="lin", has_password=True)
        social.befriend(now, self.mei, self.lin)
        self.id = talk.open_with(now, self.mei, self.lin)
        self.seq = talk.say(now, self.mei, self.id, draft=Draft(product_id=market.product.id))
        self.href = f"/talk/{self.id}/{self.seq}/product"
        self.line = f"/talk/{self.id}#m{self.seq}"

    def take_share(self, person: Person, seq: int, *, earns: bool = True) -> None:
        db.in_transaction(
            lambda: operations.take_share(
                actor=Actor(person.id), conversation_id=self.id, seq=seq, earns=earns, now=utc_now()
            )
        )


@pytest.fixture
def shown(committed: Market) -> Shown:
    return Shown(committed)


def test_card_of_who_takes_nothing_sells_without_a_click(shown: Shown) -> None:
    client = browser(shown.lin)
    page = client.get(f"/talk/{shown.id}").content.decode()
    assert f'href="{shown.href}" data-sheet' in page
    assert "Earns commission" not in page
    before = footprint()
    sheet = client.get(shown.href, headers=SHEET).content.decode()
    assert "led you here" not in sheet
    assert footprint() == before
    order_no = order_from(client, address_in(sheet), shown.market)
    paid = client.post(f"/pay/{order_no}")
    page = client.get(paid["Location"]).content.decode()
    assert f'href="{shown.line}"' in page
    assert "Back to the conversation" in page


def test_card_that_earns_says_so_and_leads_back(shown: Shown) -> None:
    sender, client = browser(shown.mei), browser(shown.lin)
    answer = sender.post(f"/talk/{shown.id}/{shown.seq}/share", {"earns": "1"})
    assert answer["Location"] == shown.line
    assert "Take no commission" in sender.get(f"/talk/{shown.id}").content.decode()
    assert "Earns commission" in client.get(f"/talk/{shown.id}").content.decode()
    sheet = client.get(shown.href, headers=SHEET).content.decode()
    assert "Mei led you here" in sheet
    order_no = order_from(client, address_in(sheet), shown.market)
    paid = client.post(f"/pay/{order_no}")
    teams.settle_down(utc_now())
    assert f'href="{shown.line}"' in client.get(paid["Location"]).content.decode()
    (conversion,) = alliance.list_conversions(shown.mei.id).items
    assert (conversion.order_no, conversion.slot_name) == (order_no, "talk")
    assert "In conversations" in sender.get("/earnings").content.decode()
    sender.post(f"/talk/{shown.id}/{shown.seq}/share")
    assert "Earns commission" not in client.get(f"/talk/{shown.id}").content.decode()
    client.get(shown.href, headers=SHEET)
    assert len(clicks()) == 1


def test_others_say_nothing_of_a_card_and_see_no_product(shown: Shown) -> None:
    stranger = make_person(utc_now(), "Zhao")
    client, outsider = browser(shown.lin), browser(stranger)
    text = talk.say(utc_now(), shown.mei, shown.id, "在吗")
    before = footprint()
    assert client.post(f"/talk/{shown.id}/{shown.seq}/share", {"earns": "1"}).status_code == 404
    for seq, person in ((shown.seq, shown.lin), (text, shown.mei), (99, shown.mei)):
        with pytest.raises(errors.MessageNotFound):
            shown.take_share(person, seq)
    with pytest.raises(errors.ConversationNotFound):
        shown.take_share(stranger, shown.seq)
    assert outsider.get(shown.href).status_code == 404
    assert client.get(f"/talk/{shown.id}/{text}/product").status_code == 404
    assert browser().get(shown.href)["Location"].startswith("/sign-in")
    assert footprint() == before


def test_card_taken_back_earns_no_more(shown: Shown) -> None:
    shown.take_share(shown.mei, shown.seq)
    talk.withdraw(utc_now(), shown.mei, shown.id, shown.seq)
    assert browser(shown.lin).get(shown.href).status_code == 404
    (message,) = talk.read(shown.lin, shown.id)
    assert (message.product, message.earns) == (None, False)


def test_queries_of_a_card(shown: Shown, django_assert_num_queries: Budget) -> None:
    shown.take_share(shown.mei, shown.seq)
    client = browser(shown.lin)
    client.get(shown.href, headers=SHEET)
    with django_assert_num_queries(27):
        client.get(shown.href, headers=SHEET)
