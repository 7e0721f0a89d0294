"""Keywords: defined by staff, put on goods by who sells them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError

from wuyou.domains.catalog import errors, models, policies, queries, types
from wuyou.domains.catalog.operations.acts import note_act
from wuyou.domains.catalog.owning import own_product
from wuyou.domains.catalog.types import KeywordKind
from wuyou.infra import db
from wuyou.kernel import text as texts
from wuyou.kernel.actor import Actor


@db.requires_transaction
def add_keyword(*, actor: Actor, kind: KeywordKind, name: str, name_en: str, now: datetime) -> types.Keyword:
    """Staff define one more keyword. Raises: `StaffOnly`, `KeywordMalformed`, `KeywordTaken`, `TooManyKeywords`."""
    policies.require_staff(actor)
    if len(queries.list_keywords([kind], also_retired=True)) >= types.MOST_KEYWORDS_OF_A_KIND:
        raise errors.TooManyKeywords(most=types.MOST_KEYWORDS_OF_A_KIND)
    row = models.Keyword(kind=kind.value, name=_name(name, "name"), name_en=_name(name_en, "name_en"), added_at=now)
    try:
        with db.savepoint():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise errors.KeywordTaken() from error
    return types.Keyword(row.id, kind, row.name, row.name_en)


@db.requires_transaction
def rename_keyword(*, actor: Actor, keyword_id: int, name: str, name_en: str) -> types.Keyword:
    """Staff call a keyword otherwise, wherever it is.

    Raises: `StaffOnly`, `KeywordNotFound`, `KeywordMalformed`, `KeywordTaken`.
    """
    policies.require_staff(actor)
    named = {"name": _name(name, "name"), "name_en": _name(name_en, "name_en")}
    try:
        with db.savepoint():
            is_there = models.Keyword.objects.filter(id=keyword_id).update(**named)
    except IntegrityError as error:
        raise errors.KeywordTaken() from error
    if not is_there:
        raise errors.KeywordNotFound()
    return queries.keywords_by_id([keyword_id], also_retired=True)[keyword_id]


@db.requires_transaction
def retire_keyword(*, actor: Actor, keyword_id: int, now: datetime) -> None:
    """Nobody is offered a keyword any more, and nothing shows it. Twice is once.

    Raises: `StaffOnly`, `KeywordNotFound`.
    """
    policies.require_staff(actor)
    if not models.Keyword.objects.filter(id=keyword_id).exists():
        raise errors.KeywordNotFound()
    models.Keyword.objects.filter(id=keyword_id, retired_at__isnull=True).update(retired_at=now)


@db.requires_transaction
def restore_keyword(*, actor: Actor, keyword_id: int) -> None:
    """A retired keyword is there again, also where it was. Twice is once. Raises: `StaffOnly`, `KeywordNotFound`."""
    policies.require_staff(actor)
    if not models.Keyword.objects.filter(id=keyword_id).update(retired_at=None):
        raise errors.KeywordNotFound()


@db.requires_transaction
def set_product_keywords(*, actor: Actor, product_id: int, keyword_ids: Collection[int], now: datetime) -> None:
    """A product carries these keywords, and no others: what it is, whom it is for, of which industry.

    Raises: `ProductNotFound` (also for someone else's), `KeywordNotFound`, `TooManyKeywords`. Locks: the product.
    """
    product, shop = own_product(actor, product_id)
    chosen = queries.chosen_keywords(keyword_ids, kinds=types.KEYWORDS_OF_GOODS, had=product.keyword_ids)
    if set(chosen) != set(product.keyword_ids):
        models.Product.objects.filter(id=product_id).update(keyword_ids=chosen)
        note_act(actor=actor, shop_id=shop.id, what="set-product-keywords", about=product_id, now=now)


def _name(text: str, field: str) -> str:
    try:
        name = texts.clean_line(text, types.MAX_KEYWORD)
    except ValueError as error:
        raise errors.KeywordMalformed(field=field) from error
    if types.KEYWORD_SEPARATOR in name:
        raise errors.KeywordMalformed(field=field)
    return name
