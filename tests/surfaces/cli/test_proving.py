"""`wuyou … verify`: says what each proof looked at, what is broken, and where there was nothing to look at."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from click.testing import CliRunner, Result
from tests.builders import payments as build
from tests.builders import promotions
from tests.builders.alliance import Market

from wuyou.domains.payments import operations as payments
from wuyou.domains.payments.providers.base import BillLine
from wuyou.domains.payments.types import BillKind
from wuyou.infra import db
from wuyou.kernel.clock import business_date, utc_now
from wuyou.kernel.money import Currency
from wuyou.surfaces import proofs
from wuyou.surfaces.cli.main import main

pytestmark = pytest.mark.usefixtures("world")

NOTHING = "nothing to check yet, no "
PROOFS = {"ledger": 15, "alliance": 12, "awards": 1, "payments": 3, "promotions": 6}


@pytest.fixture
def now() -> datetime:
    return utc_now()


def verify(group: str, *options: str) -> Result:
    return CliRunner().invoke(main, [group, "verify", *options])


def told(group: str) -> dict[str, tuple[bool, bool]]:
    """Of each proof whether it holds, and whether it had nothing to look at."""
    lines = map(json.loads, verify(group, "--json").stdout.splitlines())
    return {line["name"]: (line["holds"], line["is_empty"]) for line in lines}


def vouchers_used(now: datetime) -> None:
    market = Market(now)
    product, buyer = market.product(10_000), market.person()
    made = promotions.coupon(market, 1_000, budget_minor=100_000), promotions.packet(market, 500, 5)
    promotions.place(market, buyer, [product], *(promotions.claim(market, each, buyer) for each in made))


def billed(now: datetime) -> None:
    number = build.open_intent(now)
    build.pay(number, now)
    line = BillLine("L1", BillKind.PAID, number, build.PRICE, 7, Currency.CNY, now)
    day = business_date(now)
    db.in_transaction(lambda: payments.take_bill(provider="sandbox", day=day, lines=[line], now=now))


def test_what_is_proven_at_night_has_a_command() -> None:
    assert set(PROOFS) == set(proofs.PROOFS)


@pytest.mark.parametrize(("group", "count"), PROOFS.items())
def test_a_fresh_installation_has_nothing_to_check_yet(group: str, count: int) -> None:
    fresh = verify(group)
    assert fresh.exit_code == 0
    assert fresh.stdout.count(NOTHING) == count == len(fresh.stdout.splitlines())
    assert f"{count} of {count} proofs had nothing to check yet" in fresh.stderr
    assert set(told(group).values()) == {(False, True)}


def test_promotions_are_proven_with_the_orders_that_use_them(now: datetime) -> None:
    db.in_transaction(lambda: vouchers_used(now))
    good = verify("promotions")
    assert (good.exit_code, good.stdout.count("ok  ")) == (0, 6)
    assert "vouchers_are_where_their_uses_say: 2 vouchers checked, 0 wrong" in good.stdout
    assert good.stderr == ""

    db.execute("UPDATE promotions_promotion SET claimed_count = 7 WHERE kind = 'COUPON'")
    bad = verify("promotions")
    assert (bad.exit_code, bad.stdout.count("BROKEN")) == (1, 1)
    assert "1 of 6 proofs failed." in bad.stderr
    assert "counts 7 claimed, 1 are there" in bad.stdout


def test_bills_are_proven_where_nothing_is_disputed_yet(now: datetime) -> None:
    billed(now)
    assert told("payments") == {
        "disputes_are_what_the_books_hold": (False, True),
        "fees_are_what_bills_say": (True, False),
        "bill_lines_are_matched_or_open": (True, False),
    }
    good = verify("payments")
    assert (good.exit_code, good.stdout.count("ok  "), good.stdout.count(NOTHING)) == (0, 2, 1)

    db.execute("UPDATE payments_bill_line SET fee_minor = 8")
    assert verify("payments").exit_code == 1
    assert told("payments")["fees_are_what_bills_say"] == (False, False)
