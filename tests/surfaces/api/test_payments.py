"""Paying."""

from __future__ import annotations

from typing import Any

import pytest

from tests.surfaces.api.client import new_client, new_key
from tests.surfaces.api.conftest import Market, everything, settle
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.payments.providers.sandbox import Faults, set_faults
from wuyou.kernel.money import Currency


def held_minor() -> int:
    return ledger.get_balance(AccountRef(AccountKind.BUYERS_HELD, "", Currency.CNY)).amount_minor


def test_paying_takes_the_money_once_whatever_the_key(committed: Market) -> None:
    buyer = new_client()
    order_no = committed.order_alone(buyer)
    assert buyer.get(f"/orders/{order_no}/payment").ok()["state"] == "created"
    paid = buyer.post(f"/orders/{order_no}/payment").ok()
    assert (paid["state"], paid["charge"]) == ("captured", "captured")
    assert paid["amount"] == {"amount_minor": 5_900, "currency": "CNY"}
    assert held_minor() == 5_900
    again = buyer.post(f"/orders/{order_no}/payment").ok()
    assert again["captured_at"] == paid["captured_at"]
    assert held_minor() == 5_900
    assert buyer.get(f"/orders/{order_no}/payment").ok()["captured_at"] == paid["captured_at"]
    settle()
    assert buyer.get(f"/orders/{order_no}").ok()["payment"] == "PAID"


def test_a_declined_payment_stays_declined_under_its_key_and_may_be_tried_under_another(committed: Market) -> None:
    buyer = new_client()
    order_no = committed.order_alone(buyer)
    set_faults(Faults(decline_bps=10_000))
    key = new_key()
    declined = buyer.post(f"/orders/{order_no}/payment", key=key)
    assert (declined.body["state"], declined.body["charge"]) == ("created", "declined")
    set_faults(Faults())
    replayed = buyer.post(f"/orders/{order_no}/payment", key=key)
    assert (replayed.body, replayed.headers["Idempotent-Replayed"]) == (declined.body, "true")
    assert buyer.post(f"/orders/{order_no}/payment").ok()["state"] == "captured"


def test_a_lost_answer_is_found_by_sending_the_same_again(committed: Market) -> None:
    buyer, key = new_client(), new_key()
    order_no = committed.order_alone(buyer)
    set_faults(Faults(answer_lost_bps=10_000))
    lost = buyer.post(f"/orders/{order_no}/payment", key=key)
    assert (lost.status, lost.code) == (503, "payments.provider_unavailable")
    assert held_minor() == 0
    set_faults(Faults())
    assert buyer.post(f"/orders/{order_no}/payment", key=key).ok()["state"] == "captured"
    assert held_minor() == 5_900


def test_a_lost_answer_is_found_by_looking(committed: Market) -> None:
    buyer = new_client()
    order_no = committed.order_alone(buyer)
    set_faults(Faults(answer_lost_bps=10_000))
    assert buyer.post(f"/orders/{order_no}/payment").status == 503
    set_faults(Faults())
    assert buyer.get(f"/orders/{order_no}/payment").ok()["state"] == "captured"
    assert held_minor() == 5_900


def test_nobody_else_pays_or_looks(market: Market) -> None:
    order_no = market.order_alone(new_client())
    others = [new_client(), market.owner_client(), new_client(is_staff=True)]
    before = everything()
    for other in others:
        assert other.post(f"/orders/{order_no}/payment").code == "orders.order_not_found"
        assert other.get(f"/orders/{order_no}/payment").code == "orders.order_not_found"
    assert everything() == before


@pytest.mark.parametrize("order_no", ["1", "x" * 14, "1" * 25, "2603010000004%00"])
def test_a_malformed_number_is_refused(market: Market, order_no: str) -> None:
    buyer = new_client()
    before = everything()
    assert buyer.post(f"/orders/{order_no}/payment").code == "surface.form_malformed"
    assert everything() == before


def test_statements_of_a_payment(committed: Market, django_assert_num_queries: Any) -> None:
    buyer = new_client()
    committed.pay(buyer, committed.order_alone(buyer))  # the first booking of all also opens the accounts
    order_no = committed.order_alone(buyer)
    # token; claim; hand-over (look, mark); the bank (its manners, the charge); capture, booking, event; answer kept:
    # ten statements, of which three are one transaction that begins and ends.
    with django_assert_num_queries(10 + 2) as captured:
        buyer.post(f"/orders/{order_no}/payment").ok()
    assert sum("ledger" in query["sql"] for query in captured.captured_queries) == 1
