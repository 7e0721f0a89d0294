"""Staff see every payout by state, hold accounts, pay again what failed, and forgive debts by two."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from tests.builders.alliance import Market
from tests.builders.people import make_person
from tests.domains.alliance.test_settlement import brought_order, pay_out
from tests.surfaces.staff.conftest import signed_in
from tests.surfaces.storefront.conftest import footprint, key
from wuyou.domains.alliance import queries as alliance
from wuyou.domains.ledger import statements, tasks
from wuyou.domains.ledger.statements.months import last_closable
from wuyou.domains.ledger.types import PayoutState
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency


def test_skipped_payout_is_paid_again_and_a_held_account_is_not(world: None, plain_static_files: None) -> None:
    now = utc_now()
    then = last_closable(now)

    def earned() -> int:
        market = Market(now - timedelta(days=70))
        order, publisher, _ = brought_order(market)
        market.complete(order)
        return publisher.id

    account = alliance.account_of(db.in_transaction(earned), Currency.CNY)
    tasks.close_months(now)
    db.in_transaction(lambda: statements.plan_payout(account=account, month=then, minimum_minor=1, now=now))
    (line,) = statements.list_lines(owners=[account.owner]).items
    assert line.state is PayoutState.SKIPPED  # nobody says where to pay
    client = signed_in(make_person(now, is_staff=True))
    page = client.get(reverse("staff:payouts"), {"state": "SKIPPED"}).content.decode()
    assert line.number in page
    assert line.number not in client.get(reverse("staff:payouts"), {"state": "PAID"}).content.decode()
    assert client.get(reverse("staff:payout", args=[line.number])).status_code == 200
    assert client.get(reverse("staff:payout", args=["nothing-1"])).status_code == 404

    hold, lift = reverse("staff:hold-account"), reverse("staff:lift-hold")
    before = footprint()
    for form in ({"account": account.code, "reason": " "}, {"account": "no such", "reason": "x"}):
        assert client.post(hold, key() | form).status_code in {404, 409, 422}
    assert footprint() == before
    assert client.post(hold, key() | {"account": account.code, "reason": "looked into"}).status_code == 302
    assert [each.account for each in statements.list_holds()] == [account]
    assert "looked into" in client.get(reverse("staff:debts")).content.decode()
    assert client.post(lift, key() | {"account": account.code}).status_code == 302
    assert statements.list_holds() == ()

    again = client.post(reverse("staff:retry-payout", args=[line.number]), key())
    assert again["Location"] == reverse("staff:payout", args=[f"{line.number[:-1]}2"])
    assert client.post(reverse("staff:retry-payout", args=[line.number]), key()).status_code == 409


def test_debt_is_forgiven_by_two(world: None, plain_static_files: None) -> None:
    now = utc_now()

    def owing() -> int:
        market = Market(now)
        order, publisher, _ = brought_order(market)
        market.complete(order)
        pay_out(market, publisher, 700)
        market.refund(order)
        return publisher.id

    account = alliance.account_of(db.in_transaction(owing), Currency.CNY)
    first, second = signed_in(make_person(now, is_staff=True)), signed_in(make_person(now, is_staff=True))
    ask = {"account": account.code, "reason": "gone"}
    before = footprint()
    for amount in ("7.01", "-1", "1.001", "much"):
        assert first.post(reverse("staff:ask-write-off"), key() | ask | {"amount": amount}).status_code in {409, 422}
    assert footprint() == before
    assert first.post(reverse("staff:ask-write-off"), key() | ask | {"amount": "7"}).status_code == 302
    (asked,) = statements.list_write_offs().items
    decide = reverse("staff:decide-write-off", args=[asked.number])
    before = footprint()
    assert first.post(decide, key() | {"approves": "yes"}).status_code == 403
    assert footprint() == before
    assert second.post(decide, key() | {"approves": "yes"}).status_code == 302
    assert statements.written_off(account).amount_minor == 700
    page = first.get(reverse("staff:reversals"))
    assert page.status_code == 200
    assert "¥7.00" in page.content.decode()
