"""The sandbox bank by itself: a provider that keeps its word, and its faults when told to."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders.payments import PERFECT, PRICE, new_number, yuan
from wuyou.domains.payments import errors, queries
from wuyou.domains.payments.providers import get_provider, sandbox
from wuyou.domains.payments.providers.sandbox import Faults, SandboxBank
from wuyou.domains.payments.types import ChargeState, RefundState
from wuyou.infra import db

pytestmark = pytest.mark.django_db


def _charges() -> list[tuple[str, str]]:
    return db.rows("SELECT intent_no, state FROM payments_sandbox_charge ORDER BY id")


def test_a_charge_sent_again_is_the_same_charge_and_tells_of_itself_once(now: datetime) -> None:
    number = new_number()
    results = {PERFECT.charge(intent_no=number, amount=PRICE, now=now + timedelta(seconds=n)) for n in range(3)}
    assert len(results) == 1
    assert _charges() == [(number, "captured")]
    assert len(queries.list_notices(number=number).items) == 1


def test_a_number_belongs_to_one_sum(now: datetime) -> None:
    number = new_number()
    PERFECT.charge(intent_no=number, amount=PRICE, now=now)
    for verb in (PERFECT.charge, PERFECT.authorise, PERFECT.void, PERFECT.capture):
        with pytest.raises(errors.ProviderRefused):
            verb(intent_no=number, amount=yuan(1), now=now)
    assert PERFECT.query_charge(intent_no=number, now=now) == PERFECT.charge(intent_no=number, amount=PRICE, now=now)


def test_a_card_is_held_then_taken(now: datetime) -> None:
    number = new_number()
    held = PERFECT.authorise(intent_no=number, amount=PRICE, now=now)
    taken = PERFECT.capture(intent_no=number, amount=PRICE, now=now)
    assert (held.state, taken.state) == (ChargeState.AUTHORISED, ChargeState.CAPTURED)
    assert held.provider_ref == taken.provider_ref
    assert PERFECT.capture(intent_no=number, amount=PRICE, now=now + timedelta(days=1)) == taken
    assert PERFECT.void(intent_no=number, amount=PRICE, now=now) == taken, "what is captured stays captured"


def test_a_void_sets_the_money_free_and_shuts_the_number(now: datetime) -> None:
    number = new_number()
    PERFECT.authorise(intent_no=number, amount=PRICE, now=now)
    assert PERFECT.void(intent_no=number, amount=PRICE, now=now).state is ChargeState.VOIDED
    assert PERFECT.charge(intent_no=number, amount=PRICE, now=now).state is ChargeState.VOIDED
    with pytest.raises(errors.ProviderRefused):
        PERFECT.capture(intent_no=number, amount=PRICE, now=now)
    with pytest.raises(errors.ProviderRefused):
        PERFECT.refund(refund_no=new_number(), intent_no=number, amount=PRICE, now=now)


def test_a_number_never_heard_of_can_be_shut_and_not_captured(now: datetime) -> None:
    number = new_number()
    with pytest.raises(errors.ProviderRefused):
        PERFECT.capture(intent_no=number, amount=PRICE, now=now)
    assert PERFECT.query_charge(intent_no=number, now=now) is None
    PERFECT.void(intent_no=number, amount=PRICE, now=now)
    assert PERFECT.charge(intent_no=number, amount=PRICE, now=now).state is ChargeState.VOIDED


def test_a_declined_payer_may_try_again(now: datetime) -> None:
    number = new_number()
    declined = PERFECT.charge(intent_no=number, amount=PRICE, now=now, faults=Faults(decline_bps=10_000))
    assert declined.state is ChargeState.DECLINED
    assert PERFECT.charge(intent_no=number, amount=PRICE, now=now).state is ChargeState.CAPTURED
    again = PERFECT.charge(intent_no=number, amount=PRICE, now=now, faults=Faults(decline_bps=10_000))
    assert again.state is ChargeState.CAPTURED, "a charge that was made is never declined afterwards"


def test_a_lost_answer_is_a_charge_all_the_same(now: datetime) -> None:
    number = new_number()
    with pytest.raises(errors.ProviderUnavailable):
        PERFECT.charge(intent_no=number, amount=PRICE, now=now, faults=Faults(answer_lost_bps=10_000))
    found = PERFECT.query_charge(intent_no=number, now=now)
    assert found is not None
    assert found.state is ChargeState.CAPTURED


def test_the_bank_returns_no_more_than_it_took(now: datetime) -> None:
    number = new_number()
    PERFECT.charge(intent_no=number, amount=PRICE, now=now)
    assert PERFECT.refund(refund_no="B1", intent_no=number, amount=yuan(12_000), now=now).state is RefundState.SUCCEEDED
    with pytest.raises(errors.ProviderRefused):
        PERFECT.refund(refund_no="B2", intent_no=number, amount=yuan(901), now=now)
    assert PERFECT.query_refund(refund_no="B2", now=now) is None
    assert PERFECT.refund(refund_no="B2", intent_no=number, amount=yuan(900), now=now).state is RefundState.SUCCEEDED
    assert db.rows("SELECT refunded_minor FROM payments_sandbox_charge") == [(12_900,)]


def test_a_refund_sent_again_is_the_same_refund(now: datetime) -> None:
    number = new_number()
    PERFECT.charge(intent_no=number, amount=PRICE, now=now)
    first = PERFECT.refund(refund_no="B1", intent_no=number, amount=yuan(500), now=now)
    assert PERFECT.refund(refund_no="B1", intent_no=number, amount=yuan(500), now=now + timedelta(days=1)) == first
    with pytest.raises(errors.ProviderRefused):
        PERFECT.refund(refund_no="B1", intent_no=number, amount=yuan(501), now=now)
    assert db.rows("SELECT refunded_minor FROM payments_sandbox_charge") == [(500,)]


def test_faults_repeat_exactly_for_one_seed_and_differ_between_seeds() -> None:
    numbers = [f"W{n}" for n in range(2_000)]

    def declined(seed: int) -> list[str]:
        return [number for number in numbers if Faults(seed=seed, decline_bps=2_500).declines(number)]

    assert declined(1) == declined(1)
    assert declined(1) != declined(2)
    # 2,000 draws at 25 %: mean 500, five standard deviations are 97.
    assert 403 <= len(declined(1)) <= 597


def test_a_well_behaved_bank_never_misbehaves() -> None:
    faults = Faults()
    for number in (f"W{n}" for n in range(500)):
        assert not faults.declines(number)
        assert not faults.loses_answer(number)
        assert not faults.loses_notice(number)
        assert (faults.delay_s(number), faults.sort_key(number)) == (0, 0)


def test_faults_set_once_hold_for_every_instance_that_has_none_of_its_own(now: datetime) -> None:
    sandbox.set_faults(Faults(decline_bps=10_000))
    assert SandboxBank().charge(intent_no=new_number(), amount=PRICE, now=now).state is ChargeState.DECLINED
    assert PERFECT.charge(intent_no=new_number(), amount=PRICE, now=now).state is ChargeState.CAPTURED
    sandbox.set_faults(Faults())
    assert SandboxBank().charge(intent_no=new_number(), amount=PRICE, now=now).state is ChargeState.CAPTURED


def test_providers_are_found_by_name() -> None:
    assert get_provider("sandbox").name == "sandbox"
    with pytest.raises(errors.ProviderUnknown):
        get_provider("moon")
