"""Whatever happens to an order, in whatever sequence: the books say what the snapshot says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders.alliance import Market
from wuyou.domains.alliance import queries, rules
from wuyou.domains.alliance.types import PartyRole, Shares, SubsidyTerms, Terms
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind
from wuyou.infra import db

P = ParamSpec("P")

MANY_ON_ROWS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class _Undo(Exception):
    """Takes an example's rows back."""


def undone(example: Callable[P, None]) -> Callable[P, None]:
    """Every example leaves the database as it found it."""

    @wraps(example)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        with suppress(_Undo), db.savepoint():
            example(*args, **kwargs)
            raise _Undo

    return wrapped


shares = st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)).map(
    lambda cuts: (min(cuts), max(cuts) - min(cuts), 10_000 - max(cuts))
)


@pytest.mark.django_db
@MANY_ON_ROWS
@given(
    prices=st.lists(st.integers(1, 99_999), min_size=1, max_size=3),
    rate_bps=st.integers(1, 8_000),
    cut=shares,
    with_tool=st.booleans(),
    third_share_bps=st.sampled_from([0, 3_333]),
    fees=st.sampled_from([(0, 0), (333, 77)]),
    budget_minor=st.sampled_from([0, 500, 100_000]),
    refunds=st.lists(st.integers(1, 60_000), max_size=5),
    settles_after=st.integers(0, 5),
    gives_all_back=st.booleans(),
)
@undone
def test_books_follow_from_the_snapshot_and_the_sum_of_refunds(
    db_now: datetime,
    prices: list[int],
    rate_bps: int,
    cut: tuple[int, int, int],
    with_tool: bool,
    third_share_bps: int,
    fees: tuple[int, int],
    budget_minor: int,
    refunds: list[int],
    settles_after: int,
    gives_all_back: bool,
) -> None:
    market = Market(db_now)
    platform_before = market.balance(None)
    publisher, tool, third, recruiter = (market.publisher() for _ in range(4))
    buyer = market.person()
    products = [market.product(price) for price in prices]
    market.plan(rate_bps, shares=cut, recruiter=recruiter, service_bps=fees[0], special_bps=fees[1])
    if budget_minor:
        market.subsidy(rate_bps=1_000, cap_minor=700, budget_minor=budget_minor)
    link = market.link(
        publisher,
        products[0],
        partner=tool if with_tool else None,
        third=third if third_share_bps else None,
        third_share_bps=third_share_bps,
    )
    market.click(link, buyer)
    order = market.buy(buyer, *products)

    total, refunded, is_settled = sum(prices), 0, False
    for number, wish in enumerate([*refunds, total] if gives_all_back else refunds):
        if number == settles_after:
            market.complete(order)
            is_settled = True
        amount = min(wish, total - refunded)
        if amount:
            market.refund(order, amount)
            refunded += amount
        if refunded == total:
            break
    if refunded < total and not is_settled:
        market.complete(order)

    effective = Shares(*cut) if with_tool else Shares(cut[0] + cut[1], 0, cut[2])
    spread = rules.spread_refund(refunded, prices)
    left, owed, by_shop = budget_minor, Counter[PartyRole](), 0
    for price, part in zip(prices, spread, strict=True):
        granted = min(rules.subsidy_minor(price, 1_000, 700), left)
        left -= granted
        subsidies = (SubsidyTerms(1, 1_000, granted),) if granted else ()
        owed.update(rules.split_sale(price - part, Terms(rate_bps, effective, third_share_bps, *fees, subsidies)))
    by_shop = sum(minor for role, minor in owed.items() if not role.is_subsidy)
    added = owed[PartyRole.SUBSIDY] + owed[PartyRole.THIRD_SUBSIDY]

    def booked() -> list[int]:
        return [
            *(market.balance(one) for one in (publisher, tool, third, recruiter)),
            market.balance(None) - platform_before,
        ]

    wanted = [
        owed[PartyRole.PUBLISHER] + owed[PartyRole.SUBSIDY],
        owed[PartyRole.PARTNER],
        owed[PartyRole.THIRD] + owed[PartyRole.THIRD_SUBSIDY],
        owed[PartyRole.RECRUITER],
        owed[PartyRole.PLATFORM] + owed[PartyRole.SPECIAL] - added,
    ]
    assert booked() == wanted
    shop = market.shop_balance() + market.shop_balance(AccountKind.MERCHANT_ESCROW)
    assert shop + by_shop == total - refunded
    if refunded == total:
        assert [*booked(), shop] == [0, 0, 0, 0, 0, 0]
    market.hear_again(db_now)
    assert booked() == wanted
    assert [check for check in (*queries.verify(), *ledger.verify()) if check.breach_count] == []


@pytest.fixture
def db_now(db: None, now: datetime) -> datetime:
    """The fixed moment, in a transaction that is rolled back."""
    return now


@pytest.mark.django_db
@MANY_ON_ROWS
@given(
    clicks=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 20 * 24), st.booleans()), max_size=8
    ),
    changes=st.lists(st.tuples(st.integers(0, 20 * 24), st.sampled_from([0, 300, 900]), st.booleans()), max_size=4),
)
@undone
def test_stored_winner_is_the_one_computed_again_from_the_log(
    db_now: datetime, clicks: list[tuple[int, int, int, bool]], changes: list[tuple[int, int, bool]]
) -> None:
    """Clicks of four publishers (one of them the buyer) on two products, over 20 days of changing plans."""
    market = Market(db_now - timedelta(days=21))
    products = [market.product(), market.product()]
    publishers = [market.publisher() for _ in range(4)]
    buyer = publishers[0].user_id
    for hours, rate_bps, is_own in sorted(changes, key=lambda change: change[0]):
        at = db_now - timedelta(days=20) + timedelta(hours=hours)
        market.plan(rate_bps, product=products[0] if is_own else None, at=at)
    links = [[market.link(publisher, product) for product in products] for publisher in publishers]
    for publisher, product, hours, is_later_than_order in clicks:
        at = db_now - timedelta(days=20) + timedelta(hours=hours)
        market.click(links[publisher][product], buyer, at + timedelta(days=21) if is_later_than_order else at)
    order = market.buy(buyer, *products, at=db_now)
    conversions = market.conversions(order)
    for conversion in conversions:
        assert conversion.parts[0].publisher_id != publishers[0].id
        assert timedelta(0) <= conversion.placed_at - conversion.clicked_at <= timedelta(days=15)
    winners = db.rows("SELECT click_id FROM alliance_conversion WHERE order_id = %s ORDER BY id", [order.id])
    for (click_id,), conversion in zip(winners, conversions, strict=True):
        plan = queries.find_plan(
            shop_id=market.shop.id,
            product_id=conversion.product_id,
            at=conversion.clicked_at,
            publisher_id=conversion.parts[0].publisher_id,
        )
        assert plan is not None
        assert (plan.rate_bps, click_id > 0) == (conversion.rate_bps, True)
    assert [check for check in queries.verify() if check.breach_count] == []
