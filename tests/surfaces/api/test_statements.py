"""One's closed months come with their proof; another's are not there."""

from __future__ import annotations

import json
from datetime import timedelta

from tests.builders.ledger import REVENUE, book, draft
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import Market, everything
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries as alliance_queries
from wuyou.domains.ledger import statements, tasks
from wuyou.engines.statements import files
from wuyou.engines.statements.checking import check
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency


def earner() -> ApiClient:
    """Somebody who earned 12.34 and 0.66 more than a month ago."""
    client, past = new_client(), utc_now() - timedelta(days=40)
    publisher = db.in_transaction(lambda: alliance.ensure_publisher(user_id=client.person.id, now=past))
    account = alliance_queries.account_of(publisher.id, Currency.CNY)
    for number, minor in (("W1", 1_234), ("W2", 66)):
        book(draft(f"settle:{number}", (REVENUE, account, minor), now=past), now=past)
    tasks.close_months(utc_now())
    return client


def test_statement_as_it_comes_verifies_and_nobody_else_has_it(committed: Market) -> None:
    client = earner()
    months = client.get("/statements").ok()["items"]
    assert [month["closing"]["amount_minor"] for month in months] == [1_300] * len(months)
    number = months[-1]["number"]
    document = client.get(f"/statements/{number}").ok()
    (key, *_) = statements.list_keys()
    assert check(files.read(json.dumps(document).encode()), key.public_key) == []
    assert [line["amount_minor"] for line in document["lines"]] == [1_234, 66]
    other = new_client()
    before = everything()
    assert other.get("/statements").ok()["items"] == []
    for unseen in (number, "2020-01-publisher1-CNY"):
        refused = other.get(f"/statements/{unseen}")
        assert (refused.status, refused.body["code"]) == (404, "ledger.statement_unknown")
    assert everything() == before
