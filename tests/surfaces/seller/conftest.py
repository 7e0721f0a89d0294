"""The workbench's market: a shop, somebody who buys there, and the browser of who runs it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from tests.builders import goods, teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, make_market
from wuyou.domains.identity.types import Person
from wuyou.domains.orders.types import PlacedOrder
from wuyou.kernel.clock import utc_now


@pytest.fixture(autouse=True)
def without_built_names(plain_static_files: None) -> None:
    """No page here needs a collected manifest."""


@pytest.fixture
def committed(world: None) -> Market:
    """A market that is committed, for what handlers do."""
    return make_market()


@pytest.fixture
def mei(committed: Market) -> Person:
    return make_person(utc_now(), "Mei")


@dataclass(frozen=True)
class Bench:
    """The workbench of the market's shop, through its owner's browser."""

    client: Client
    home: str

    def page(self, path: str = "", **query: str) -> str:
        """What a page says; it is there."""
        answer = self.client.get(f"{self.home}{path}", query)
        assert answer.status_code == 200, path
        return answer.content.decode()


@pytest.fixture
def bench(committed: Market) -> Bench:
    return Bench(browser(committed.owner), f"/seller/{committed.shop.id}")


def paid(market: Market, person: Person, quantity: int = 1) -> PlacedOrder:
    """An order that waits to be sent."""
    placed = teams.buy_alone(utc_now(), person, market.product, quantity=quantity)
    teams.pay(utc_now(), person, placed.order_no)
    teams.settle_down(utc_now())
    return placed


@pytest.fixture
def order(committed: Market, mei: Person) -> PlacedOrder:
    return paid(committed, mei)


def another_owner() -> Person:
    """Somebody with another shop."""
    owner = make_person(utc_now())
    goods.make_shop(utc_now(), owner_id=owner.id)
    return owner
