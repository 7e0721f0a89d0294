"""One answer for one key, also when eight ask at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tests.surfaces.api.client import Answer, ApiClient, client_for, new_client, new_key, operations
from tests.surfaces.api.conftest import Market, everything, settle
from wuyou.domains.ledger import queries as ledger
from wuyou.infra import db, idempotency
from wuyou.kernel.clock import utc_now

CALLERS = 8
REPLAYED = "Idempotent-Replayed"


def at_once(clients: list[ApiClient], ask: Callable[[ApiClient], Answer]) -> list[Answer]:
    """Let every client ask at the same moment, each in a thread with a database connection of its own."""
    gate = threading.Barrier(len(clients))

    def run(client: ApiClient) -> Answer:
        connection.ensure_connection()
        gate.wait(timeout=30)
        try:
            return ask(client)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(run, clients))


def eight_of(client: ApiClient) -> list[ApiClient]:
    """The same person eight times."""
    return [ApiClient(client.token, client.person) for _ in range(CALLERS)]


def lines(market: Market) -> dict[str, Any]:
    return {"lines": [{"variant_id": market.variant_id, "quantity": 1}]}


def assert_one_answer(answers: list[Answer], status: int) -> None:
    assert {answer.status for answer in answers} == {status}, answers
    assert all(answer.body == answers[0].body for answer in answers)
    assert sum(REPLAYED not in answer.headers for answer in answers) == 1


# ------------------------------------------------------------------------------------------------------- one by one


def test_the_same_request_again_gets_the_first_answer_and_changes_nothing(market: Market) -> None:
    buyer, key = new_client(), new_key()
    first = buyer.post("/orders", lines(market), key=key)
    before = everything()
    second = buyer.post("/orders", lines(market), key=key)
    assert (second.status, second.body, second.headers[REPLAYED]) == (201, first.body, "true")
    assert REPLAYED not in first.headers
    assert everything() == before


def test_another_request_with_the_same_key_is_refused_and_changes_nothing(market: Market) -> None:
    buyer, key = new_client(), new_key()
    order_no = buyer.post("/orders", lines(market), key=key).ok()["order_no"]
    other = {"lines": [{"variant_id": market.variant_id, "quantity": 2}]}
    before = everything()
    for refused in (
        buyer.post("/orders", other, key=key),
        buyer.post(f"/orders/{order_no}/payment", key=key),
        buyer.post("/teams", {"campaign_id": market.campaign.id, "variant_id": market.variant_id}, key=key),
    ):
        assert (refused.status, refused.code) == (422, "idempotency.key_reused")
    assert everything() == before


def test_a_key_of_a_paid_order_pays_no_other(market: Market) -> None:
    buyer, key = new_client(), new_key()
    first, second = market.order_alone(buyer), market.order_alone(buyer)
    buyer.post(f"/orders/{first}/payment", key=key).ok()
    before = everything()
    assert buyer.post(f"/orders/{second}/payment", key=key).code == "idempotency.key_reused"
    assert everything() == before


def test_keys_of_different_people_never_meet(market: Market) -> None:
    key = new_key()
    first = new_client().post("/orders", lines(market), key=key).ok()
    assert new_client().post("/orders", lines(market), key=key).ok()["order_no"] != first["order_no"]


def test_a_refused_request_leaves_its_key_free(market: Market) -> None:
    buyer, key = new_client(), new_key()
    too_many = {"lines": [{"variant_id": market.variant_id, "quantity": 101}]}
    before = everything()
    assert buyer.post("/orders", too_many, key=key).code == "inventory.out_of_stock"
    assert everything() == before
    assert buyer.post("/orders", lines(market), key=key).status == 201


def test_a_key_is_free_again_after_a_day(market: Market) -> None:
    buyer, key = new_client(), new_key()
    first = buyer.post("/orders", lines(market), key=key).ok()
    assert db.in_transaction(lambda: idempotency.forget_expired(utc_now() + timedelta(hours=23, minutes=59))) == 0
    assert db.in_transaction(lambda: idempotency.forget_expired(utc_now() + timedelta(hours=24))) == 1
    assert buyer.post("/orders", lines(market), key=key).ok()["order_no"] != first["order_no"]


@pytest.mark.parametrize("key", ["x" * 201, "schlüssel", "a\tb", "\x7f"])
def test_a_malformed_key_is_refused_and_changes_nothing(market: Market, key: str) -> None:
    buyer = new_client()
    before = everything()
    refused = buyer.post("/orders", lines(market), key=key)
    assert (refused.status, refused.code) == (422, "idempotency.key_malformed")
    assert everything() == before


def test_every_operation_that_moves_money_needs_a_key(market: Market) -> None:
    buyer, order_no = new_client(), market.order_alone(new_client())
    before = everything()
    needing = [
        (path, operation)
        for method, path, operation in operations()
        if any(p["name"] == "Idempotency-Key" and p["required"] for p in operation.get("parameters", ()))
    ]
    names = {path.removeprefix("/api/v1") for path, _ in needing}
    assert names == {
        "/claims/{claim_id}/agreement",
        "/claims/{claim_id}/decision",
        "/claims/{claim_id}/receipt",
        "/complaints/{complaint_id}/decision",
        "/orders",
        "/orders/{order_no}/claims",
        "/orders/{order_no}/payment",
        "/orders/{order_no}/refunds",
        "/orders/{order_no}/withdrawal",
        "/payouts",
        "/products/{product_id}/variants",
        "/promotions",
        "/teams",
        "/teams/{token}/seats",
        "/teams/{token}/waiver",
        "/variants/{variant_id}/stock",
    }
    bodies: dict[str, dict[str, Any]] = {
        "/claims/{claim_id}/decision": {"text": "x"},
        "/complaints/{complaint_id}/decision": {"text": "x"},
        "/orders/{order_no}/claims": {
            "kind": "REFUND", "reason": "OTHER", "lines": [{"line_id": 1, "quantity": 1}], "text": "x",
        },
        "/orders": lines(market),
        "/orders/{order_no}/refunds": {"reason": "x"},
        "/orders/{order_no}/withdrawal": {"reason": "x"},
        "/products/{product_id}/variants": {
            "name": "x", "name_en": "x", "price": {"amount_minor": 100, "currency": "CNY"},
        },
        "/promotions": {
            "kind": "COUPON", "funder": "SHOP", "name": "x", "currency": "CNY", "until": "2199-01-01T00:00:00Z",
        },
        "/teams": {"campaign_id": market.campaign.id, "variant_id": market.variant_id},
        "/teams/{token}/seats": {"variant_id": market.variant_id},
        "/variants/{variant_id}/stock": {"quantity": 1},
        "/payouts": {
            "payee": "shop", "payee_id": 1, "amount_minor": 1, "currency": "CNY", "payout_no": "1",
        },
    }  # fmt: skip
    for name in names:
        path = name.format(
            order_no=order_no,
            token="some-team-token",
            variant_id=market.variant_id,
            product_id=market.product.id,
            complaint_id=1,
            claim_id=1,
        )
        refused = buyer.post(path, bodies[name], key="") if name in bodies else buyer.post(path, key="")
        assert (refused.status, refused.code) == (400, "api.key_missing"), (name, refused.body)
    assert everything() == before


# ------------------------------------------------------------------------------------------------------- at once


@pytest.mark.concurrency
def test_eight_equal_orders_at_once_are_one_order_and_eight_equal_answers(committed: Market) -> None:
    buyer, key = new_client(), new_key()
    answers = at_once(eight_of(buyer), lambda client: client.post("/orders", lines(committed), key=key))
    assert_one_answer(answers, 201)
    assert db.row("SELECT count(*) FROM orders_order") == (1,)
    assert db.row("SELECT sum(reserved) FROM inventory_stock_item") == (1,)


@pytest.mark.concurrency
def test_control_without_the_claim_eight_equal_orders_are_many(
    committed: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking for a kept answer first, and keeping it last, is what the claim is not."""
    gate = threading.Barrier(CALLERS)

    def look(*, owner: str, key: str, request_hash: str, now: object) -> idempotency.KeptAnswer | None:
        found = db.row("SELECT status, body FROM idempotency_key WHERE owner = %s AND key = %s", [owner, key])
        gate.wait(timeout=30)
        return idempotency.KeptAnswer(*found) if found else None

    def keep(*, owner: str, key: str, status: int, body: str) -> idempotency.KeptAnswer:
        db.execute(
            "INSERT INTO idempotency_key (owner, key, request_hash, status, body, expires_at)"
            " VALUES (%s, %s, '', %s, %s, now()) ON CONFLICT DO NOTHING",
            [owner, key, status, body],
        )
        return idempotency.KeptAnswer(status, body)

    monkeypatch.setattr(idempotency, "claim", look)
    monkeypatch.setattr(idempotency, "keep", keep)
    buyer, key = new_client(), new_key()
    answers = at_once(eight_of(buyer), lambda client: client.post("/orders", lines(committed), key=key))
    assert len({answer.body["order_no"] for answer in answers}) == CALLERS
    assert db.row("SELECT count(*) FROM orders_order") == (CALLERS,)


@pytest.mark.concurrency
def test_eight_equal_payments_at_once_take_the_money_once(committed: Market) -> None:
    buyer, key = new_client(), new_key()
    order_no = committed.order_alone(buyer)
    answers = at_once(eight_of(buyer), lambda client: client.post(f"/orders/{order_no}/payment", key=key))
    assert {answer.status for answer in answers} == {200}, answers
    assert all(answer.body == answers[0].body for answer in answers)
    assert answers[0].body["state"] == "captured"
    assert db.row("SELECT count(*) FROM ledger_journal WHERE key LIKE 'capture:%%'") == (1,)
    settle()
    assert all(check.holds for check in ledger.verify() if check.checked_count)


@pytest.mark.concurrency
def test_eight_payments_at_once_under_eight_keys_take_the_money_once(committed: Market) -> None:
    buyer = new_client()
    order_no = committed.order_alone(buyer)
    answers = at_once(eight_of(buyer), lambda client: client.post(f"/orders/{order_no}/payment"))
    assert {answer.body["state"] for answer in answers} == {"captured"}, answers
    assert db.row("SELECT count(*) FROM ledger_journal WHERE key LIKE 'capture:%%'") == (1,)


@pytest.mark.concurrency
def test_eight_equal_refunds_at_once_are_one(committed: Market) -> None:
    buyer, owner, key = new_client(), committed.owner_client(), new_key()
    order_no = committed.order_alone(buyer)
    committed.pay(buyer, order_no)
    body = {"amount_minor": 700, "reason": "a scratch"}
    answers = at_once(eight_of(owner), lambda client: client.post(f"/orders/{order_no}/refunds", body, key=key))
    assert_one_answer(answers, 201)
    assert buyer.get(f"/orders/{order_no}").ok()["refunded"]["amount_minor"] == 700


@pytest.mark.concurrency
def test_eight_equal_seats_at_once_are_one(committed: Market) -> None:
    leader, friend, key = new_client(), new_client(), new_key()
    seat = committed.order_in_team(leader)
    committed.pay(leader, seat["order_no"])
    body = {"variant_id": committed.variant_id}
    path = f"/teams/{seat['team_token']}/seats"
    assert_one_answer(at_once(eight_of(friend), lambda client: client.post(path, body, key=key)), 201)
    assert ApiClient().get(f"/teams/{seat['team_token']}").ok()["taken"] == 2


@pytest.mark.concurrency
def test_eight_people_at_once_are_never_answered_for_each_other(committed: Market) -> None:
    key = new_key()
    clients = [new_client() for _ in range(CALLERS)]
    answers = at_once(clients, lambda client: client.post("/orders", lines(committed), key=key))
    assert len({answer.body["order_no"] for answer in answers}) == CALLERS
    assert all(REPLAYED not in answer.headers for answer in answers)


@pytest.mark.concurrency
def test_of_two_requests_with_one_key_at_once_one_is_refused(committed: Market) -> None:
    buyer, key = new_client(), new_key()
    asks = iter((1, 2))
    lock = threading.Lock()

    def ask(client: ApiClient) -> Answer:
        with lock:
            quantity = next(asks)
        return client.post("/orders", {"lines": [{"variant_id": committed.variant_id, "quantity": quantity}]}, key=key)

    answers = at_once(eight_of(buyer)[:2], ask)
    assert sorted(answer.status for answer in answers) == [201, 422], answers
    assert db.row("SELECT count(*) FROM orders_order") == (1,)


# ------------------------------------------------------------------------------------------------------- interrupted


def test_a_claim_whose_process_died_is_taken_up_by_the_same_request(committed: Market) -> None:
    buyer, key = new_client(), new_key()
    order_no = committed.order_alone(buyer)
    set_aside = ApiClient(buyer.token, buyer.person)
    set_aside.post(f"/orders/{order_no}/payment", key=key).ok()
    db.execute("UPDATE idempotency_key SET status = NULL, body = NULL WHERE key = %s", [key])  # as it is before `keep`
    again = buyer.post(f"/orders/{order_no}/payment", key=key)
    assert (again.ok()["state"], REPLAYED in again.headers) == ("captured", False)
    assert buyer.post(f"/orders/{order_no}/payment", key=key).headers[REPLAYED] == "true"
    other = committed.order_alone(buyer)
    assert buyer.post(f"/orders/{other}/payment", key=key).code == "idempotency.key_reused"


def test_a_deadlock_is_tried_again_and_answered_once(committed: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database asks for the transaction again: claim and effect are undone together, so the second run finds both
    undone."""
    from wuyou.domains.payments import operations as payments

    open_intent, failures = payments.open_intent, iter([True, False])

    def deadlock_first(**facts: Any) -> None:
        open_intent(**facts)
        if next(failures):
            db.execute("DO $$ BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END $$")

    monkeypatch.setattr(payments, "open_intent", deadlock_first)
    buyer = client_for(new_client().person)
    placed = buyer.post("/orders", lines(committed))
    assert placed.status == 201
    assert db.row("SELECT count(*) FROM orders_order") == (1,)
    assert db.row("SELECT count(*) FROM idempotency_key WHERE status = 201") == (1,)
