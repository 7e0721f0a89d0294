"""A small market to use the API in."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.builders import goods
from tests.builders.people import make_person
from tests.surfaces.api.client import ApiClient, client_for
from wuyou.domains.catalog.types import Product, Shop
from wuyou.domains.groupbuy.types import Campaign
from wuyou.domains.identity.types import Person
from wuyou.domains.ledger import queries as ledger
from wuyou.infra import db, events
from wuyou.kernel.clock import utc_now


@dataclass(frozen=True)
class Market:
    """One shop with one product that is sold alone and to teams of two."""

    owner: Person
    shop: Shop
    product: Product
    campaign: Campaign

    @property
    def variant_id(self) -> int:
        return self.product.variants[0].id

    def order_alone(self, client: ApiClient, quantity: int = 1) -> str:
        """A new order of the client's, not paid yet; its number."""
        lines = [{"variant_id": self.variant_id, "quantity": quantity}]
        return str(client.post("/orders", {"lines": lines}).ok()["order_no"])

    def order_in_team(self, client: ApiClient, token: str | None = None) -> dict[str, str]:
        """A seat of the client's, in a new team unless one is given; not paid yet."""
        if token is not None:
            return dict(client.post(f"/teams/{token}/seats", {"variant_id": self.variant_id}).ok())
        return dict(client.post("/teams", {"campaign_id": self.campaign.id, "variant_id": self.variant_id}).ok())

    def pay(self, client: ApiClient, order_no: str) -> None:
        """Pay, and let every handler do its work. Needs the fixture `world`."""
        assert client.post(f"/orders/{order_no}/payment").ok()["state"] == "captured"
        settle()

    def owner_client(self) -> ApiClient:
        return client_for(self.owner)


def make_market(stock: int = 100) -> Market:
    now = utc_now()
    owner = make_person(now)
    shop = goods.make_shop(now, owner_id=owner.id)
    product = goods.make_product(now, shop=shop, stock=stock)
    return Market(owner, shop, product, goods.make_campaign(now, product, size=2))


def settle() -> None:
    """Let every handler do what is due."""
    events.drain(events.subscribers(), utc_now())


@pytest.fixture
def market(db: None) -> Market:
    """A market that is rolled back."""
    return make_market()


@pytest.fixture
def committed(world: None) -> Market:
    """A market that is committed, for what handlers and threads do."""
    return make_market()


_COUNTED = (
    "orders_order", "orders_order_line", "orders_cart_line", "orders_refund", "payments_intent", "payments_refund",
    "payments_sandbox_charge", "inventory_reservation", "groupbuy_campaign", "groupbuy_team", "groupbuy_seat",
    "alliance_publisher", "alliance_link", "alliance_click", "catalog_shop", "catalog_product", "catalog_variant",
    "identity_user", "identity_access_token", "ledger_journal", "ledger_transfer", "ledger_payout", "event",
    "idempotency_key", "things_thing", "things_holding", "things_holding_label", "things_provenance",
    "things_photo", "things_review", "things_annotation", "things_reply", "social_appreciation", "social_label",
    "social_label_member", "social_note", "social_mute", "social_block", "social_gift", "social_tie_fact",
)  # fmt: skip
_STATES = (
    "SELECT order_no, payment, fulfilment, refunded_minor FROM orders_order ORDER BY id",
    "SELECT intent_no, state, refunds_minor FROM payments_intent ORDER BY id",
    "SELECT variant_id, on_hand, reserved, shipped FROM inventory_stock_item ORDER BY variant_id",
    "SELECT id, state, taken, paid FROM groupbuy_team ORDER BY id",
    "SELECT id, state FROM groupbuy_seat ORDER BY id",
    "SELECT id, closes_at FROM groupbuy_campaign ORDER BY id",
    "SELECT buyer_id, variant_id, quantity FROM orders_cart_line ORDER BY id",
    "SELECT id, revoked_at FROM identity_access_token ORDER BY id",
    "SELECT id, state FROM social_gift ORDER BY id",
    "SELECT id, state, shelf_id, position, sight_opens, sight_closes FROM things_holding ORDER BY id",
)


def everything() -> list[object]:
    """Whatever a refused request must leave as it was: counts, states, balances."""
    counts: list[object] = [(table, db.row(f"SELECT count(*) FROM {table}")) for table in _COUNTED]
    states: list[object] = [db.rows(sql) for sql in _STATES]
    accounts = [(a.ref.code, a.debits_minor, a.credits_minor) for a in ledger.list_accounts().items]
    return [*counts, *states, accounts]
