"""What an order brought is on the statements of all who moved it, with what it is computed from."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders.alliance import Market
from tests.domains.alliance.test_settlement import brought_order
from wuyou.domains.ledger import statements, tasks
from wuyou.domains.ledger.statements.months import begin_of, month_after, month_of

pytestmark = pytest.mark.django_db


def lines_of(owner: str) -> list[dict[str, Any]]:
    """All lines of an owner, through all months, the first first."""
    found = reversed(statements.list_statements([owner]).items)
    documents = [statements.find_document(statement.number) for statement in found]
    return [line for document in documents if document for line in document["lines"]]


def close(market: Market) -> None:
    tasks.close_months(begin_of(month_after(month_after(month_of(market.now)))))


def test_each_party_sees_the_snapshot_and_the_shop_what_it_gave_to_whom(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    conversion = market.conversion(order)
    market.complete(order)
    market.refund(order, 2_500)
    close(market)

    source = f"conversion:{conversion.id}:PUBLISHER"
    earned, taken = lines_of(f"publisher:{publisher.id}")
    assert (earned["source"], earned["formula"], earned["amount_minor"]) == (source, "commission.1", 700)
    assert earned["inputs"] == {
        "rule_version": 2, "lines_minor": [10_000], "line": 0, "refunded_minor": 0, "rate_bps": 1_000,
        "parties": ["PUBLISHER", "PARTNER", "PLATFORM"], "shares_bps": [7_000, 2_000, 1_000],
        "parts_minor": [700, 200, 100], "party": "PUBLISHER", "before_minor": 0,
    }  # fmt: skip
    assert (taken["kind"], taken["amount_minor"], taken["balance_minor"]) == ("unsettle", -175, 525)
    assert taken["inputs"]["before_minor"] == 700
    assert [line["amount_minor"] for line in lines_of(f"publisher:{tool.id}")] == [200, -50]

    settled, refunded, returned = lines_of(f"shop:{market.shop.id}")
    parts = [f"conversion:{conversion.id}:{role}" for role in ("PUBLISHER", "PARTNER", "PLATFORM")]
    assert settled["inputs"] == {
        "plus": {"paid_less_refunds": 10_000}, "minus": dict(zip(parts, (700, 200, 100), strict=True)),
    }  # fmt: skip
    assert refunded["inputs"] == {"plus": {}, "minus": {"refund": 2_500}}
    assert returned["inputs"] == {"plus": dict(zip(parts, (175, 50, 25), strict=True)), "minus": {}}
    assert returned["balance_minor"] == 6_750


def test_order_that_no_link_brought_is_one_line_of_its_shop(market: Market) -> None:
    market.complete(market.buy(market.person(), market.product(1_234)))
    close(market)
    (line,) = lines_of(f"shop:{market.shop.id}")
    assert (line["formula"], line["inputs"]) == ("sum.1", {"plus": {"paid_less_refunds": 1_234}, "minus": {}})
