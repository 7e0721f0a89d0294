"""A payee reads closed months, takes their files home, and says where to be paid; nobody else sees any of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders.ledger import REVENUE, book, draft
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser
from tests.surfaces.storefront.test_earnings import Budget
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries as alliance_queries
from wuyou.domains.identity.types import Person
from wuyou.domains.ledger import statements, tasks
from wuyou.engines.statements import files
from wuyou.engines.statements.checking import check
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency

LIST = "/earnings/statements"


@pytest.fixture
def mei(committed: Market) -> Person:
    """A publisher who earned 12.34 two months ago."""
    mei = make_person(utc_now(), "Mei")
    publisher = db.in_transaction(lambda: alliance.ensure_publisher(actor=Actor(mei.id), user_id=mei.id, now=utc_now()))
    account = alliance_queries.account_of(publisher.id, Currency.CNY)
    past = utc_now() - timedelta(days=40)
    book(draft("settle:W1", (REVENUE, account, 1_234), now=past), now=past)
    tasks.close_months(utc_now())
    return mei


def number_of(mei: Person) -> str:
    return statements.list_statements([owner_of(mei)]).items[-1].number


def owner_of(person: Person) -> str:
    publisher = alliance_queries.find_publisher(person.id)
    assert publisher is not None
    return f"publisher:{publisher.id}"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_owner_reads_months_and_lines_in_both_languages(mei: Person, language: str) -> None:
    client, number = browser(mei, language), number_of(mei)
    listed = client.get(LIST).content.decode()
    assert number[:7] in listed
    assert "12.34" in listed
    page = client.get(f"{LIST}/{number}").content.decode()
    assert "settle 12.34" in page
    assert page.count('class="card stack stack--tight"') == 1


@pytest.mark.parametrize("name", ["json", "csv"])
def test_file_that_is_taken_home_verifies(mei: Person, name: str) -> None:
    number = number_of(mei)
    answer = browser(mei).get(f"{LIST}/{number}.{name}")
    assert answer["Content-Disposition"] == f'attachment; filename="{number}.{name}"'
    assert answer["Cache-Control"] == "private, no-store"
    (key, *_) = statements.list_keys()
    assert check(files.read(answer.content), key.public_key) == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_document_for_people_carries_the_hash_and_is_the_same_each_time(mei: Person, language: str) -> None:
    number, client = number_of(mei), browser(mei, language)
    answer = client.get(f"{LIST}/{number}.pdf")
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    document = statements.get_document(number, [owner_of(mei)])
    assert document["hash"].encode() in answer.content
    assert client.get(f"{LIST}/{number}.pdf").content == answer.content
    assert len(answer.content) < 20_000


def test_statement_of_another_answers_like_one_that_is_not_there(mei: Person) -> None:
    other, number = make_person(utc_now(), "Lin"), number_of(mei)
    for ending in ("", ".json", ".csv", ".pdf"):
        there = browser(other).get(f"{LIST}/{number}{ending}")
        absent = browser(other).get(f"{LIST}/2020-01-publisher1-CNY{ending}")
        assert there.status_code == absent.status_code == 404
    assert number[:7] not in browser(other).get(LIST).content.decode()
    assert browser(mei).get(f"{LIST}/{number}.exe").status_code == 404


def test_owner_says_where_to_be_paid_and_nobody_says_it_for_another(mei: Person) -> None:
    owner = owner_of(mei)
    client = browser(mei)
    said = {"owner": owner, "reference": "bank-1234", "idempotency_key": "k" * 22}
    assert client.post("/earnings/payee", said).status_code == 302
    assert statements.payees_by_owner([owner])[owner].reference == "bank-1234"
    refused = client.post("/earnings/payee", {**said, "reference": "a b", "idempotency_key": "m" * 22})
    assert refused.status_code == 422
    assert 'value="a b"' in refused.content.decode()
    other = browser(make_person(utc_now(), "Lin"))
    assert other.post("/earnings/payee", {**said, "reference": "bank-6666"}).status_code == 404
    assert statements.payees_by_owner([owner])[owner].reference == "bank-1234"


def test_budgets(mei: Person, django_assert_num_queries: Budget) -> None:
    client, number = browser(mei), number_of(mei)
    with django_assert_num_queries(8):
        client.get(LIST)
    with django_assert_num_queries(8):
        client.get(f"{LIST}/{number}")
