"""Notices of the sandbox bank: signed, sent, sent again, and believed or not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.builders.payments import PERFECT, PRICE, new_number, yuan
from wuyou.domains.payments import errors, queries, tasks
from wuyou.domains.payments.providers.base import ChargeResult, Notice, RefundResult
from wuyou.domains.payments.providers.sandbox import Faults, SandboxBank, notices
from wuyou.domains.payments.types import ChargeState, RefundState, SentNotice
from wuyou.infra import db

pytestmark = pytest.mark.django_db


class Receiver:
    """Keeps what is sent and answers as told."""

    def __init__(self, answer: str = "success") -> None:
        self.answer = answer
        self.received: list[tuple[bytes, Mapping[str, str]]] = []

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> str:
        self.received.append((body, headers))
        return self.answer

    @property
    def numbers(self) -> list[str]:
        return [json.loads(body).get("refund_no") or json.loads(body)["intent_no"] for body, _ in self.received]


def _deliver(receiver: Receiver, now: datetime) -> int:
    return tasks.deliver_due_notices(now, receiver)


def _charge(now: datetime, faults: Faults | None = None) -> str:
    number = new_number()
    SandboxBank(faults or Faults()).charge(intent_no=number, amount=PRICE, now=now)
    return number


def _only_notice(number: str) -> SentNotice:
    (notice,) = queries.list_notices(number=number).items
    return notice


def test_a_notice_says_what_the_bank_did(now: datetime) -> None:
    number = _charge(now)
    PERFECT.refund(refund_no="B1", intent_no=number, amount=yuan(900), now=now)
    receiver = Receiver()
    assert _deliver(receiver, now) == 2
    read = [PERFECT.read_notice(body=body, headers=headers, now=now) for body, headers in receiver.received]
    assert [notice.result for notice in read] == [
        PERFECT.query_charge(intent_no=number, now=now),
        PERFECT.query_refund(refund_no="B1", now=now),
    ]
    assert read[0].notice_id == _only_notice(number).notice_id


def test_a_notice_comes_again_by_the_ladder_until_it_is_acknowledged(now: datetime) -> None:
    number = _charge(now)
    deaf = Receiver("thank you")
    moment = now
    for pause_s in notices.LADDER_S:
        assert _deliver(deaf, moment) == 1
        assert _deliver(deaf, moment) == 0, "not before its time"
        moment += timedelta(seconds=pause_s)
        assert _only_notice(number).due_at == moment
    assert moment - now == timedelta(hours=24, minutes=4)
    assert _deliver(deaf, moment) == 1
    given_up = _only_notice(number)
    assert (given_up.due_at, given_up.delivered_at, given_up.attempts) == (None, None, 16)
    assert _deliver(deaf, moment + timedelta(days=9)) == 0
    assert len({body for body, _ in deaf.received}) == 1, "the same id and body every time"


@pytest.mark.parametrize("answer", ["", "SUCCESS", "success ", "success!", "fail"])
def test_only_exactly_success_is_an_acknowledgement(now: datetime, answer: str) -> None:
    number = _charge(now)
    _deliver(Receiver(answer), now)
    assert _only_notice(number).delivered_at is None
    _deliver(Receiver(), now + timedelta(seconds=15))
    assert _only_notice(number).delivered_at == now + timedelta(seconds=15)
    assert _deliver(Receiver(), now + timedelta(days=2)) == 0


def test_a_lost_notice_never_leaves(now: datetime) -> None:
    number = _charge(now, Faults(lost_bps=10_000))
    assert _deliver(Receiver(), now + timedelta(days=2)) == 0
    assert _only_notice(number).is_lost


def test_a_duplicated_notice_comes_again_although_it_was_acknowledged(now: datetime) -> None:
    number = _charge(now, Faults(duplicates=9))
    receiver = Receiver()
    assert _deliver(receiver, now) == 10
    assert receiver.numbers == [number] * 10
    assert _deliver(receiver, now + timedelta(days=2)) == 0


def test_a_late_notice_leaves_within_its_delay(now: datetime) -> None:
    faults = Faults(late_s=600)
    numbers = {_charge(now, faults) for _ in range(40)}
    due = {notice.due_at for notice in queries.list_notices().items if notice.number in numbers}
    assert all(at and now <= at <= now + timedelta(seconds=600) for at in due)
    assert len(due) > 30
    receiver = Receiver()
    _deliver(receiver, now + timedelta(seconds=600))
    assert set(receiver.numbers) == numbers


def test_shuffled_notices_leave_in_another_order_and_all_of_them(now: datetime) -> None:
    ordered = [_charge(now, Faults()) for _ in range(20)]
    receiver = Receiver()
    _deliver(receiver, now)
    assert receiver.numbers == ordered
    mixed = [_charge(now, Faults(shuffled=True)) for _ in range(20)]
    receiver = Receiver()
    _deliver(receiver, now)
    assert receiver.numbers != mixed
    assert sorted(receiver.numbers) == sorted(mixed)


def test_more_notices_than_one_batch_all_leave(now: datetime) -> None:
    numbers = [_charge(now) for _ in range(205)]
    receiver = Receiver()
    assert _deliver(receiver, now) == 205
    assert sorted(receiver.numbers) == sorted(numbers)


def test_a_delivery_that_dies_half_way_is_made_again(now: datetime) -> None:
    number = _charge(now)

    def die(body: bytes, headers: Mapping[str, str]) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tasks.deliver_due_notices(now, die)
    receiver = Receiver()
    assert _deliver(receiver, now + timedelta(seconds=15)) == 1
    assert receiver.numbers == [number]


# ------------------------------------------------------------------------------------------------------ reading


def _signed(now: datetime, **changes: Any) -> tuple[bytes, dict[str, str]]:
    facts = {
        "notice_id": "n1",
        "type": "charge",
        "intent_no": "W1",
        "provider_ref": "sb_1",
        "state": "captured",
        "amount_minor": 100,
        "currency": "CNY",
        "at": now.isoformat(),
    }
    body = json.dumps({name: value for name, value in (facts | changes).items() if value is not None}).encode()
    return body, notices.sign_notice(body, now)


def _read(body: bytes, headers: Mapping[str, str], now: datetime) -> Notice:
    return SandboxBank().read_notice(body=body, headers=headers, now=now)


def test_a_rightly_signed_notice_is_believed(now: datetime) -> None:
    body, headers = _signed(now)
    expected = ChargeResult("sandbox", "W1", "sb_1", ChargeState.CAPTURED, yuan(100), now)
    assert _read(body, headers, now) == Notice("n1", expected)
    shouting = {name.upper(): value for name, value in headers.items()}
    assert _read(body, shouting, now).result == expected


def test_a_rightly_signed_refund_is_believed(now: datetime) -> None:
    body, headers = _signed(now, type="refund", refund_no="R1", state="failed", reason="no_funds")
    expected = RefundResult("sandbox", "R1", "W1", "sb_1", RefundState.FAILED, "no_funds", yuan(100), now)
    assert _read(body, headers, now).result == expected


def test_one_changed_byte_is_a_forgery(now: datetime) -> None:
    body, headers = _signed(now)
    for position in range(len(body)):
        forged = bytearray(body)
        forged[position] ^= 1
        with pytest.raises(errors.NoticeForged):
            _read(bytes(forged), headers, now)


@pytest.mark.parametrize(
    "changes",
    [
        {notices.SIGNATURE: ""},
        {notices.SIGNATURE: "0" * 64},
        {notices.SIGNATURE: "é€"},
        {notices.TIMESTAMP: ""},
        {notices.TIMESTAMP: "0"},
        {notices.TIMESTAMP: "now"},
        {notices.TIMESTAMP: "9" * 5000},
        {notices.TIMESTAMP: "١٢٣"},
    ],
)
def test_a_wrong_signature_or_timestamp_is_a_forgery(now: datetime, changes: dict[str, str]) -> None:
    body, headers = _signed(now)
    with pytest.raises(errors.NoticeForged):
        _read(body, headers | changes, now)
    with pytest.raises(errors.NoticeForged):
        _read(body, {}, now)


def test_a_notice_is_stale_five_minutes_after_it_was_signed_and_before(now: datetime) -> None:
    body, headers = _signed(now)
    for offset_s in (-300, 300):
        assert _read(body, headers, now + timedelta(seconds=offset_s))
    for offset_s in (-301, 301, 86_400):
        with pytest.raises(errors.NoticeStale):
            _read(body, headers, now + timedelta(seconds=offset_s))


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "payout"},
        {"type": "refund"},
        {"state": "paid"},
        {"state": "succeeded"},
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"amount_minor": 1.5},
        {"amount_minor": "100"},
        {"amount_minor": True},
        {"amount_minor": 10**16},
        {"amount_minor": None},
        {"currency": "XXX"},
        {"intent_no": ""},
        {"intent_no": "W\x00"},
        {"intent_no": "W1\n"},
        {"intent_no": "W" * 65},
        {"provider_ref": "\x00"},
        {"provider_ref": "x" * 65},
        {"notice_id": ""},
        {"at": "yesterday"},
        {"at": "2026-03-01T04:00:00"},
        {"surprise": 1},
        {"refund_no": "R1"},
    ],
)
def test_a_signed_notice_that_makes_no_sense_is_malformed(now: datetime, changes: dict[str, Any]) -> None:
    with pytest.raises(errors.NoticeMalformed):
        _read(*_signed(now, **changes), now)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 16_000, b'{"type":' * 2_000, b"1e999", b'"success"']
)
def test_signed_garbage_is_malformed(now: datetime, body: bytes) -> None:
    with pytest.raises(errors.NoticeMalformed):
        _read(body, notices.sign_notice(body, now), now)


def test_staff_page_through_notices(now: datetime) -> None:
    numbers = [_charge(now) for _ in range(5)]
    first = queries.list_notices(limit=3)
    rest = queries.list_notices(limit=3, cursor=first.next_cursor)
    assert [notice.number for notice in (*first.items, *rest.items)] == numbers[::-1]
    assert db.rows("SELECT count(*) FROM payments_sandbox_notice") == [(5,)]
