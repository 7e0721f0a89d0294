"""Keywords: staff define them, each kind is put on what it fits, and what is retired is seen by nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.builders import goods
from tests.builders.keywords import make_keyword
from tests.builders.people import make_person
from wuyou.domains.catalog import errors, operations, queries
from wuyou.domains.catalog.types import MOST_KEYWORDS, KeywordKind, Product
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError

pytestmark = pytest.mark.usefixtures("world")


def put(product: Product, keyword_ids: list[int], actor: Actor | None = None) -> tuple[int, ...]:
    """Put keywords on a product as its owner; returns what it carries then."""
    actor = actor or Actor(queries.get_shop(product.shop_id).owner_id)
    db.in_transaction(
        lambda: operations.set_product_keywords(
            actor=actor, product_id=product.id, keyword_ids=keyword_ids, now=utc_now()
        )
    )
    return queries.get_product(product.id).keyword_ids


def test_product_carries_what_its_shop_says_and_nothing_else(now: datetime) -> None:
    product = goods.make_product(now)
    assert product.keyword_ids == ()
    camping = make_keyword(now, KeywordKind.GOODS, "露营", "Camping")
    parents = make_keyword(now, KeywordKind.USERS, "新手父母", "New parents")
    assert put(product, [parents.id, camping.id, camping.id]) == (camping.id, parents.id)
    assert put(product, [parents.id]) == (parents.id,)
    assert put(product, []) == ()


def test_what_is_not_for_goods_not_there_or_too_much_is_refused_and_changes_nothing(now: datetime) -> None:
    product, camping = goods.make_product(now), make_keyword(now)
    place = make_keyword(now, KeywordKind.MEDIA)
    many = [make_keyword(now).id for _ in range(MOST_KEYWORDS + 1)]
    put(product, [camping.id])
    stranger = Actor(make_person(now).id)
    refusals: list[tuple[type[DomainError], list[int], Actor | None]] = [
        (errors.KeywordNotFound, [place.id], None),
        (errors.KeywordNotFound, [camping.id, 10**12], None),
        (errors.TooManyKeywords, many, None),
        (errors.ProductNotFound, [], stranger),
    ]
    for kind, keyword_ids, actor in refusals:
        with pytest.raises(kind):
            put(product, keyword_ids, actor)
    assert queries.get_product(product.id).keyword_ids == (camping.id,)


def test_retired_keyword_is_seen_by_nobody_and_is_where_it_was_when_it_comes_back(now: datetime) -> None:
    product, old, kept = goods.make_product(now), make_keyword(now), make_keyword(now)
    put(product, [old.id, kept.id])
    for _ in range(2):  # twice is once
        db.in_transaction(lambda: operations.retire_keyword(actor=PLATFORM, keyword_id=old.id, now=now))
    assert [each.id for each in queries.list_keywords()] == [kept.id]
    assert [each.is_retired for each in queries.list_keywords(also_retired=True)] == [True, False]
    assert list(queries.keywords_by_id([old.id, kept.id])) == [kept.id]
    assert put(product, []) == (old.id,)  # the shop was not asked of what it did not see
    with pytest.raises(errors.KeywordNotFound):
        put(goods.make_product(now), [old.id])
    db.in_transaction(lambda: operations.restore_keyword(actor=PLATFORM, keyword_id=old.id))
    assert [each.id for each in queries.list_keywords()] == [old.id, kept.id]
    assert put(product, [kept.id]) == (kept.id,)


def test_staff_alone_define_keywords_and_each_name_once_a_kind(now: datetime) -> None:
    tea = make_keyword(now, KeywordKind.GOODS, "茶", "Tea")
    make_keyword(now, KeywordKind.INDUSTRY, "茶", "Tea")  # of another kind it is another
    wine = make_keyword(now, KeywordKind.GOODS, "酒", "Wine")
    member, staff = Actor(make_person(now).id), Actor(make_person(now, is_staff=True).id, is_staff=True)

    def add(actor: Actor, name: str, name_en: str) -> object:
        return operations.add_keyword(actor=actor, kind=KeywordKind.GOODS, name=name, name_en=name_en, now=now)

    def rename(actor: Actor, number: int, name: str) -> object:
        return operations.rename_keyword(actor=actor, keyword_id=number, name=name, name_en=name)

    attempts: list[tuple[type[DomainError], Callable[[], object]]] = [
        (errors.StaffOnly, lambda: add(member, "花", "Flowers")),
        (errors.StaffOnly, lambda: rename(member, tea.id, "花")),
        (errors.StaffOnly, lambda: operations.retire_keyword(actor=member, keyword_id=tea.id, now=now)),
        (errors.StaffOnly, lambda: operations.restore_keyword(actor=member, keyword_id=tea.id)),
        (errors.KeywordTaken, lambda: add(staff, "茶", "Teas")),
        (errors.KeywordTaken, lambda: add(staff, "茶叶", "Tea")),
        (errors.KeywordTaken, lambda: rename(staff, wine.id, "茶")),
        (errors.KeywordMalformed, lambda: add(staff, "", "Flowers")),
        (errors.KeywordMalformed, lambda: add(staff, "花", "x" * 21)),
        (errors.KeywordMalformed, lambda: add(staff, "花|草", "Flowers")),
        (errors.KeywordNotFound, lambda: rename(staff, 10**12, "花")),
        (errors.KeywordNotFound, lambda: operations.retire_keyword(actor=staff, keyword_id=10**12, now=now)),
        (errors.KeywordNotFound, lambda: operations.restore_keyword(actor=staff, keyword_id=10**12)),
    ]
    before = queries.list_keywords(also_retired=True)
    for kind, attempt in attempts:
        with pytest.raises(kind):
            db.in_transaction(attempt)
    assert queries.list_keywords(also_retired=True) == before
    renamed = db.in_transaction(lambda: rename(staff, wine.id, "米酒"))
    assert renamed == queries.keywords_by_id([wine.id])[wine.id]
