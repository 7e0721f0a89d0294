"""Shops, their products and variants: opened, described, priced, put on the shelves and taken off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wuyou.domains.catalog import errors, models, policies, queries, types
from wuyou.domains.catalog.operations.acts import note_act
from wuyou.domains.catalog.owning import follow_screening, own_product, own_variant
from wuyou.domains.catalog.types import Permission
from wuyou.domains.moderation import operations as judging
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.moderation.types import Subject, SubjectKind
from wuyou.infra import db, fulltext
from wuyou.kernel import text as texts
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import Money

MAX_PRICE_MINOR = 10**12
MAX_VARIANTS, MAX_BRIEF = 50, 2_000
RETURN_WINDOW = timedelta(days=7)
"""Seven days to return without a reason (PRC consumer rights law, article 25)."""


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant to add."""

    name: str
    name_en: str
    price: Money
    team_price: Money | None = None


@db.requires_transaction
def open_shop(
    *, owner_id: int, name: str, name_en: str, now: datetime, return_window: timedelta = RETURN_WINDOW
) -> types.Shop:
    """Open a shop for a person; of a name that a rule of moderation holds staff look at it while it is open.

    Raises: `TextMalformed`, and what `moderation.screen` refuses.
    """
    screening = judging.screen(actor=Actor(owner_id), texts=[name, name_en], now=now)
    shop = models.Shop.objects.create(
        owner_id=owner_id,
        name=_text(name, "name"),
        name_en=_text(name_en, "name_en"),
        return_window_s=int(return_window.total_seconds()),
        opened_at=now,
    )
    judging.file_screening(
        subject=Subject(SubjectKind.SHOP, shop.id),
        owner_id=owner_id,
        screening=screening,
        now=now,
        can_be_closed=False,
    )
    return queries.get_shop(shop.id)


@db.requires_transaction
def add_product(
    *,
    actor: Actor,
    shop_id: int,
    title: str,
    title_en: str,
    brief: str,
    brief_en: str,
    picture: str,
    variants: Sequence[VariantDraft],
    now: datetime,
) -> types.Product:
    """Add a listed product with its variants; what a rule of moderation holds is not listed until staff have looked.

    Raises: `ShopNotFound` (also for someone else's shop), `TextMalformed`, `PriceOutOfRange`, and what
    `moderation.screen` refuses.
    """
    shop = queries.get_shop(shop_id)
    policies.require(actor, shop, Permission.GOODS)
    if not variants:
        raise errors.PriceOutOfRange()
    if len({draft.price.currency for draft in variants}) != 1:
        raise errors.PriceOutOfRange()
    for draft in variants:
        _check_prices(draft.price, draft.team_price)
    names = [name for draft in variants for name in (draft.name, draft.name_en)]
    screening = judging.screen(actor=Actor(shop.owner_id), texts=[title, title_en, brief, brief_en, *names], now=now)
    product = models.Product.objects.create(
        shop_id=shop_id,
        is_listed=not screening.is_held,
        is_withheld=screening.is_held,
        title=_text(title, "title"),
        title_en=_text(title_en, "title_en"),
        brief=brief,
        brief_en=brief_en,
        picture=picture,
        added_at=now,
        words=fulltext.vector((f"{title}\n{title_en}", "A")),
    )
    models.Variant.objects.bulk_create(_variant_row(product.id, draft) for draft in variants)
    judging.file_screening(
        subject=Subject(SubjectKind.PRODUCT, product.id), owner_id=shop.owner_id, screening=screening, now=now
    )
    note_act(actor=actor, shop_id=shop_id, what="new-product", about=product.id, now=now)
    return queries.products_by_id([product.id])[product.id]


@db.requires_transaction
def set_prices(
    *, actor: Actor, variant_id: int, price: Money, team_price: Money | None, now: datetime
) -> types.Variant:
    """Change what a variant costs from now on; placed orders keep their prices.

    Raises: `VariantNotFound` (also for someone else's), `PriceOutOfRange` (also for another currency).
    """
    variant = own_variant(actor, variant_id)
    if price.currency is not variant.price.currency:
        raise errors.PriceOutOfRange()
    _check_prices(price, team_price)
    if (price, team_price) == (variant.price, variant.team_price):
        return variant
    models.Variant.objects.filter(id=variant_id).update(
        price_minor=price.amount_minor, team_price_minor=team_price.amount_minor if team_price else None
    )
    note_act(actor=actor, shop_id=variant.shop_id, what="save-variants", about=variant.product_id, now=now)
    return queries.variants_by_id([variant_id])[variant_id]


@db.requires_transaction
def unlist_product(*, actor: Actor, product_id: int, now: datetime) -> None:
    """Take a product off the shelves; placed orders go on. Twice is once; what is withheld stays so.

    Raises: `ProductNotFound` (also for someone else's). Locks: the product.
    """
    product, shop = own_product(actor, product_id)
    if product.is_listed:
        models.Product.objects.filter(id=product_id).update(is_listed=False)
        note_act(actor=actor, shop_id=shop.id, what="shelve-product", about=product_id, now=now)


@db.requires_transaction
def describe_product(
    *,
    actor: Actor,
    product_id: int,
    title: str,
    title_en: str,
    brief: str,
    brief_en: str,
    picture: str,
    now: datetime,
) -> None:
    """Change what a product's page says; what a rule of moderation holds is off the shelves until staff have looked.

    Raises: `ProductNotFound` (also for someone else's), `TextMalformed`, and what `moderation.screen` refuses.
    Locks: the product.
    """
    product, shop = own_product(actor, product_id)
    screening = judging.screen(actor=Actor(shop.owner_id), texts=[title, title_en, brief, brief_en], now=now)
    said = _text(title, "title"), _text(title_en, "title_en"), _brief(brief, "brief"), _brief(brief_en, "brief_en")
    models.Product.objects.filter(id=product_id).update(
        title=said[0],
        title_en=said[1],
        brief=said[2],
        brief_en=said[3],
        picture=picture,
        words=fulltext.vector((f"{title}\n{title_en}", "A")),
    )
    follow_screening(product, shop, screening, now)
    if (*said, picture) != (product.title, product.title_en, product.brief, product.brief_en, product.picture):
        note_act(actor=actor, shop_id=shop.id, what="describe-product", about=product_id, now=now)


@db.requires_transaction
def list_product(*, actor: Actor, product_id: int, now: datetime) -> bool:
    """Put a product on the shelves again; returns whether it is there now: what moderation withholds waits for staff.

    Raises: `ProductNotFound` (also for someone else's). Locks: the product.
    """
    _product, shop = own_product(actor, product_id)
    is_withheld = moderation.is_withheld(Subject(SubjectKind.PRODUCT, product_id))
    place = {"is_listed": not is_withheld, "is_withheld": is_withheld}
    if models.Product.objects.filter(id=product_id).exclude(**place).update(**place):
        note_act(actor=actor, shop_id=shop.id, what="shelve-product", about=product_id, now=now)
    return not is_withheld


@db.requires_transaction
def add_variant(*, actor: Actor, product_id: int, draft: VariantDraft, now: datetime) -> int:
    """Sell a product in one more form; returns the variant's id. It has no stock yet.

    Raises: `ProductNotFound` (also for someone else's), `TooManyVariants`, `TextMalformed`, `PriceOutOfRange` (also for
    another currency), `moderation.WordsRefused`. Locks: the product.
    """
    product, shop = own_product(actor, product_id)
    if len(product.variants) >= MAX_VARIANTS:
        raise errors.TooManyVariants(most=MAX_VARIANTS)
    if draft.price.currency is not product.currency:
        raise errors.PriceOutOfRange()
    _check_prices(draft.price, draft.team_price)
    judging.check_name(texts=[draft.name, draft.name_en], now=now)
    row = _variant_row(product_id, draft)
    row.save(force_insert=True)
    note_act(actor=actor, shop_id=shop.id, what="add-variant", about=product_id, now=now)
    return int(row.id)


@db.requires_transaction
def rename_variant(*, actor: Actor, variant_id: int, name: str, name_en: str, now: datetime) -> None:
    """Call a variant otherwise. Raises `VariantNotFound` (also for someone else's), `TextMalformed`, `WordsRefused`."""
    variant = own_variant(actor, variant_id)
    judging.check_name(texts=[name, name_en], now=now)
    said = _text(name, "variant"), _text(name_en, "variant")
    if said != (variant.name, variant.name_en):
        models.Variant.objects.filter(id=variant_id).update(name=said[0], name_en=said[1])
        note_act(actor=actor, shop_id=variant.shop_id, what="save-variants", about=variant.product_id, now=now)


def _brief(text: str, field: str) -> str:
    try:
        return texts.clean_lines(text, MAX_BRIEF, may_be_empty=True)
    except ValueError as error:
        raise errors.TextMalformed(field=field) from error


@db.requires_transaction
def follow_judgement(*, subject: Subject) -> None:
    """Take a product off the shelves that moderation withholds, or put it back that it lets go, as it stands now.

    An event says that something was decided; what counts is the latest word, so events may come late or twice. What
    its shop had unlisted before stays so. Of other kinds it does nothing. Locks: the product.
    """
    if subject.kind is not SubjectKind.PRODUCT:
        return
    db.execute("SELECT FROM catalog_product WHERE id = %s FOR UPDATE", [subject.id])
    product = models.Product.objects.filter(id=subject.id)
    if moderation.is_withheld(subject):
        product.filter(is_listed=True).update(is_listed=False, is_withheld=True)
    else:
        product.filter(is_withheld=True).update(is_listed=True, is_withheld=False)


def _text(text: str, field: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= 120 or not text.isprintable():
        raise errors.TextMalformed(field=field)
    return text


def _variant_row(product_id: int, draft: VariantDraft) -> models.Variant:
    return models.Variant(
        product_id=product_id,
        name=_text(draft.name, "variant"),
        name_en=_text(draft.name_en, "variant"),
        price_minor=draft.price.amount_minor,
        team_price_minor=draft.team_price.amount_minor if draft.team_price else None,
        currency=draft.price.currency.code,
    )


def _check_prices(price: Money, team_price: Money | None) -> None:
    if not 0 < price.amount_minor <= MAX_PRICE_MINOR:
        raise errors.PriceOutOfRange()
    if team_price is None:
        return
    if team_price.currency is not price.currency or not 0 < team_price.amount_minor < price.amount_minor:
        raise errors.PriceOutOfRange()
