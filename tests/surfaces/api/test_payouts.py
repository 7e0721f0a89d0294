"""Paying out what is owed."""

from __future__ import annotations

from datetime import timedelta

from tests.surfaces.api.client import new_client, new_key
from tests.surfaces.api.conftest import Market, everything, settle
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.orders import tasks
from wuyou.kernel.clock import utc_now


def sold_and_completed(market: Market) -> None:
    """One order for 59 yuan whose return window is over, so that the shop is owed the money."""
    buyer = new_client()
    order_no = market.order_alone(buyer)
    market.pay(buyer, order_no)
    market.owner_client().post(f"/orders/{order_no}/shipment").ok()
    buyer.post(f"/orders/{order_no}/receipt").ok()
    settle()
    assert tasks.complete_received_orders(utc_now() + timedelta(days=8)) == 1
    settle()


def test_staff_pays_a_shop_once_and_never_more_than_it_is_owed(committed: Market) -> None:
    sold_and_completed(committed)
    staff, key = new_client(is_staff=True), new_key()
    body = {
        "payee": "shop", "payee_id": committed.shop.id, "amount_minor": 5_000, "currency": "CNY", "payout_no": "2026-1",
    }  # fmt: skip
    paid = staff.post("/payouts", body, key=key)
    assert (paid.status, paid.body["amount"]["amount_minor"]) == (201, 5_000)
    replayed = staff.post("/payouts", body, key=key)
    assert (replayed.body, replayed.headers["Idempotent-Replayed"]) == (paid.body, "true")
    assert staff.post("/payouts", body).ok() == paid.body  # the number alone makes it one payout, too
    before = everything()
    for change, code in (
        ({"amount_minor": 900}, "ledger.payout_no_reused"),
        ({"payout_no": "2026-2"}, "ledger.payout_exceeds_balance"),
        ({"payout_no": "2026-2", "payee_id": 999_999}, "ledger.account_unknown"),
        ({"payout_no": "2026-2", "amount_minor": 0}, "surface.form_malformed"),
        ({"payout_no": "no spaces"}, "surface.form_malformed"),
        ({"payee": "platform"}, "surface.form_malformed"),
    ):
        assert staff.post("/payouts", {**body, **change}).code == code, change
    assert everything() == before
    assert all(check.holds for check in ledger.verify() if check.checked_count)


def test_nobody_else_pays_out(committed: Market) -> None:
    sold_and_completed(committed)
    clients = [new_client(), committed.owner_client()]
    before = everything()
    for client in clients:
        body = {"payee": "shop", "payee_id": committed.shop.id, "amount_minor": 1, "currency": "CNY", "payout_no": "1"}
        refused = client.post("/payouts", body)
        assert (refused.status, refused.code) == (403, "surface.not_allowed")
    assert everything() == before
