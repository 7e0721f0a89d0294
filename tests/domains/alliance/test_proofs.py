"""The proofs of commissions: they pass on rows that are right, and each fires on rows that are broken in its way."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tests.builders.alliance import Market
from wuyou.config.schedule import prove_books
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import FirstPieces
from wuyou.domains.awards import queries as awards
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.orders import queries as orders
from wuyou.domains.payments import queries as payments
from wuyou.domains.promotions import queries as promotions
from wuyou.infra import db
from wuyou.surfaces.cli.proofs import alliance

WINNER = "winner_follows_from_clicks"
PARTS = "parts_follow_from_snapshot"
BOOKED = "settled_parts_are_booked"
ORDERS = "each_order_pays_its_parts"
PENDING = "nothing_settled_is_pending"
FORGOTTEN = "no_sale_is_forgotten"
ONCE = "one_part_a_line_and_role"
FUNNEL = "funnel_is_conserved"
FIRST = "first_pieces_are_paid_once"
BUDGETS = "subsidies_are_within_budget"
HOLDS = "nothing_held_is_settled"
REVERSALS = "reversals_are_what_was_taken_back"
EVERY = {WINNER, PARTS, BOOKED, ORDERS, PENDING, FORGOTTEN, ONCE, FUNNEL, FIRST, BUDGETS, HOLDS, REVERSALS}

# Each way to break the rows, and exactly the proofs that must notice.
BREAKAGES: dict[str, tuple[list[str], set[str]]] = {
    "a rate is another": (["UPDATE alliance_conversion SET rate_bps = rate_bps + 1"], {WINNER, PARTS, FUNNEL}),
    "a plan is lowered after the click": (
        ["UPDATE alliance_plan SET rate_bps = rate_bps - 1"],
        {WINNER},
    ),
    "an indirect sale says that it is direct": (
        ["UPDATE alliance_conversion SET is_direct = NOT is_direct"],
        {WINNER},
    ),
    "a click is older than the window": (
        ["UPDATE alliance_click SET clicked_at = clicked_at - interval '16 days'"],
        {WINNER},
    ),
    "a click comes after the order": (
        ["""UPDATE alliance_click SET clicked_at = clicked_at + interval '1 hour',
            known_at = known_at + interval '1 hour'"""],
        {WINNER},
    ),
    "a refund is forgotten": (
        ["UPDATE alliance_conversion SET refunded_minor = 0"],
        {PARTS, FUNNEL},
    ),
    "a part is more than was booked": (
        ["UPDATE alliance_commission SET settled_minor = settled_minor + 1 WHERE role = 'PUBLISHER'"],
        {PARTS, BOOKED, ORDERS, FUNNEL, REVERSALS},
    ),
    "two orders change what they paid": (
        ["""UPDATE alliance_commission m SET settled_minor = settled_minor + CASE WHEN v.line_id =
            (SELECT min(line_id) FROM alliance_conversion WHERE state = 'SETTLED') THEN 1 ELSE -1 END
            FROM alliance_conversion v
            WHERE v.id = m.conversion_id AND m.role = 'PUBLISHER' AND v.state = 'SETTLED'"""],
        {PARTS, ORDERS, REVERSALS},
    ),
    "a line pays one role twice": (
        ["ALTER TABLE alliance_commission DROP CONSTRAINT one_part_a_conversion_and_role",
         """INSERT INTO alliance_commission (conversion_id, role, publisher_id, estimated_minor, settled_minor)
            SELECT conversion_id, role, publisher_id, 0, 0 FROM alliance_commission WHERE role = 'PLATFORM'"""],
        {ONCE, PARTS},
    ),
    "a line loses its parts": (
        ["DELETE FROM alliance_commission WHERE conversion_id = (SELECT max(id) FROM alliance_conversion)"],
        {WINNER, ONCE, FUNNEL},
    ),
    "what is settled is called void": (
        ["UPDATE alliance_conversion SET state = 'INVALID', settled_at = NULL WHERE state = 'SETTLED'"],
        {PARTS, BOOKED, ORDERS, FUNNEL, REVERSALS},
    ),
    "what is settled is called pending": (
        ["""UPDATE alliance_commission m SET settled_minor = 0 FROM alliance_conversion v
            WHERE v.id = m.conversion_id AND v.state = 'SETTLED'""",
         "UPDATE alliance_conversion SET state = 'CONFIRMED', settled_at = NULL WHERE state = 'SETTLED'"],
        {PARTS, BOOKED, ORDERS, PENDING, FUNNEL, REVERSALS},
    ),
    "a settled sale loses its conversion": (
        ["""DELETE FROM alliance_commission WHERE conversion_id IN (
            SELECT id FROM alliance_conversion WHERE state = 'SETTLED' AND refunded_minor = 0)""",
         "DELETE FROM alliance_conversion WHERE state = 'SETTLED' AND refunded_minor = 0"],
        {BOOKED, FORGOTTEN, FIRST, BUDGETS},
    ),
    "a sale is held without a case": (["UPDATE alliance_conversion SET is_held = true"], {HOLDS}),
    "one of the first pieces is counted less": (
        ["UPDATE alliance_plan SET first_sold = first_sold - 1 WHERE first_sold > 0"],
        {FIRST},
    ),
    "a budget is spent less than was granted": (
        ["UPDATE alliance_subsidy SET spent_minor = spent_minor - 1"],
        {BUDGETS},
    ),
    "a subsidy grants more than its cap": (["UPDATE alliance_subsidy SET cap_minor = 1"], {BUDGETS}),
}  # fmt: skip


def broken() -> set[str]:
    return {check.name for check in queries.verify() if not check.holds}


@pytest.fixture
def lively(market: Market) -> Market:
    """Two settled orders of one publisher, one of them refunded in part, and one that waits."""
    products, publisher, tool = [market.product(9_990) for _ in range(3)], market.publisher(), market.publisher()
    market.plan(1_000, first=FirstPieces(1_200, 2), recruiter=market.publisher(), service_bps=100)
    market.subsidy(rate_bps=100, cap_minor=50, budget_minor=1_000)
    link = market.link(publisher, products[0], partner=tool)
    orders = []
    for product in products:
        buyer = market.person()
        market.click(link, buyer)
        orders.append(market.buy(buyer, product))
    for order in orders[:2]:
        market.complete(order)
    market.refund(orders[0], 3_333)
    return market


@pytest.mark.parametrize("breakage", list(BREAKAGES))
def test_broken_rows_are_noticed(lively: Market, breakage: str) -> None:
    assert broken() == set()
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    changes, expected = BREAKAGES[breakage]
    for change in changes:
        touched = db.execute(change)
        assert touched > 0 or change.startswith("ALTER")
    checks = queries.verify()
    assert {check.name for check in checks if not check.holds} == expected
    assert all(check.examples for check in checks if not check.holds)


def test_every_proof_has_a_breakage_that_fires_it(lively: Market) -> None:
    assert set().union(*(fired for _, fired in BREAKAGES.values())) == EVERY
    assert {check.name for check in queries.verify()} == EVERY


def test_proof_of_nothing_proves_nothing(market: Market) -> None:
    checks = queries.verify()
    assert not any(check.holds for check in checks)
    assert {check.checked_count for check in checks} == {0}


def test_every_proof_says_how_many_rows_it_saw(lively: Market) -> None:
    counted = {check.name: check.checked_count for check in queries.verify()}
    assert counted == {
        WINNER: 3, PARTS: 3, BOOKED: 4, ORDERS: 3, PENDING: 3, FORGOTTEN: 2, ONCE: 3 * 5, FUNNEL: 1, FIRST: 1,
        BUDGETS: 3 + 1, HOLDS: 3, REVERSALS: 3,
    }  # fmt: skip


@pytest.mark.django_db
def test_night_tells_each_proof_with_the_rows_it_saw(lively: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    from wuyou.config import schedule

    told: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(schedule, "log", _Log(told))
    rows = prove_books(lively.now)
    proven = (ledger, payments, queries, promotions, orders, awards)
    checks = [check for each in proven for check in each.verify()]
    assert rows == sum(check.checked_count for check in checks)
    assert [(level, facts["name"], facts["checked"]) for level, facts in told] == [
        ("info", check.name, check.checked_count) for check in checks
    ]

    db.execute("UPDATE alliance_subsidy SET spent_minor = spent_minor - 1")
    told.clear()
    prove_books(lively.now)
    assert [facts["name"] for level, facts in told if level == "error"] == [BUDGETS]


class _Log:
    """Keeps what is logged."""

    def __init__(self, told: list[tuple[str, dict[str, object]]]) -> None:
        self.told = told

    def info(self, _: str, **facts: object) -> None:
        self.told.append(("info", facts))

    def error(self, _: str, **facts: object) -> None:
        self.told.append(("error", facts))


@pytest.mark.usefixtures("world")
def test_command_says_which_proofs_saw_nothing(now: object) -> None:
    empty = CliRunner().invoke(alliance, ["verify"])
    assert (empty.exit_code, empty.output.count("nothing to check yet, no ")) == (0, len(EVERY))
    told = CliRunner().invoke(alliance, ["verify", "--json"])
    assert {json.loads(line)["name"] for line in told.stdout.splitlines()} == EVERY
