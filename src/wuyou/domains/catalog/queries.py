"""Every read of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from wuyou.domains.catalog import errors, types
from wuyou.domains.catalog.types import KeywordKind
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.moderation.types import Outcome, Shown, Source, Subject, SubjectKind
from wuyou.infra import db, fulltext
from wuyou.infra.person_data import Obstacle, Records
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import Viewer

_VARIANT = """
    v.id, p.id, p.shop_id, v.name, v.name_en, v.price_minor, v.team_price_minor, v.currency, p.is_listed,
    CASE WHEN NOT p.is_withheld THEN
        (SELECT f.id FROM catalog_photo f WHERE f.variant_id = v.id ORDER BY f.position, f.id LIMIT 1) END
"""
_PRODUCT = """
    p.id, p.shop_id, p.title, p.title_en, p.brief, p.brief_en, p.picture, p.is_listed,
    CASE WHEN NOT p.is_withheld THEN
        (SELECT f.id FROM catalog_photo f WHERE f.product_id = p.id ORDER BY f.position, f.id LIMIT 1) END,
    p.keyword_ids
"""
_PRODUCT_WIDTH = 10
_SHOPS = """
    SELECT s.id, s.owner_id, s.name, s.name_en, s.return_window_s, c.people, c.roles
    FROM catalog_shop s CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(person_id ORDER BY id), '{}') AS people,
               coalesce(array_agg(role ORDER BY id), '{}') AS roles
        FROM catalog_clerk WHERE shop_id = s.id AND joined_at IS NOT NULL AND ended_at IS NULL) c
"""
_KEYWORDS = "SELECT t.id, t.kind, t.name, t.name_en, t.retired_at IS NOT NULL FROM catalog_keyword t"
_PHOTO = "f.id, f.shop_id, f.product_id, f.variant_id, f.key, f.width, f.height, f.blurhash, f.name, f.alt, f.alt_en"


def get_product(product_id: int) -> types.Product:
    """One listed product with its variants. Raises `ProductNotFound`. Cost: one query."""
    product = products_by_id([product_id]).get(product_id)
    if product is None or not product.is_listed or not product.variants:
        raise errors.ProductNotFound()
    return product


def products_by_id(product_ids: Iterable[int]) -> dict[int, types.Product]:
    """Many products with their variants; unknown ids are left out. Cost: one query at most."""
    ids = sorted(set(product_ids))
    return {product.id: product for product in _products(f"id = ANY({db.ids('%s')})", [ids])} if ids else {}


def variants_by_id(variant_ids: Iterable[int]) -> dict[int, types.Variant]:
    """Many variants, listed or not; unknown ids are left out. Cost: one query."""
    found = db.rows(
        f"""
        SELECT {_VARIANT} FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
        WHERE v.id = ANY({db.ids("%s")})
        """,  # noqa: S608  (a literal of this module)
        [sorted(set(variant_ids))],
    )
    return {columns[0]: _variant(columns) for columns in found}


def list_products(
    *, cursor: int | None = None, limit: int = 24, words: str = "", shop_id: int | None = None
) -> Page[types.Product]:
    """Listed products, newest first; with `words`, those in whose titles all of them stand. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    asked = fulltext.query(words)
    if words.strip() and asked is None:
        return Page((), None)
    found = _products(
        """is_listed AND (%s::bigint IS NULL OR id < %s::bigint) AND (%s::bigint IS NULL OR shop_id = %s::bigint)
           AND (%s::text IS NULL OR words @@ %s::text::tsquery) ORDER BY id DESC LIMIT %s""",
        [cursor, cursor, shop_id, shop_id, asked, asked, limit + 1],
    )
    return cut_page(found, limit, lambda product: product.id)


def list_products_of_shop(
    shop_id: int, *, is_listed: bool | None = None, words: str = "", cursor: int | None = None, limit: int = 50
) -> Page[types.Product]:
    """A shop's products, on the shelves or not, newest first, for who runs it. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    asked = fulltext.query(words)
    if words.strip() and asked is None:
        return Page((), None)
    found = _products(
        """shop_id = %s AND (%s::bool IS NULL OR is_listed = %s::bool) AND (%s::bigint IS NULL OR id < %s::bigint)
           AND (%s::text IS NULL OR words @@ %s::text::tsquery) ORDER BY id DESC LIMIT %s""",
        [shop_id, is_listed, is_listed, cursor, cursor, asked, asked, limit + 1],
    )
    return cut_page(found, limit, lambda product: product.id)


def get_product_of(shop_id: int, product_id: int) -> types.Product:
    """A product of a shop, on the shelves or not, for who runs it. Raises `ProductNotFound`. Cost: one query."""
    product = products_by_id([product_id]).get(product_id)
    if product is None or product.shop_id != shop_id:
        raise errors.ProductNotFound()
    return product


def list_pictured(pictures: Collection[str], *, limit: int = 12) -> tuple[types.Product, ...]:
    """Listed products that show one of these pictures of the interface's set, newest first. Cost: one query."""
    return tuple(_products("is_listed AND picture = ANY(%s) ORDER BY id DESC LIMIT %s", [sorted(pictures), limit]))


def photos_of(product_id: int) -> tuple[types.Photo, ...]:
    """A shop's photographs of a product in their order, for who may see it. Cost: one query."""
    return _photos("f.product_id = %s ORDER BY f.position, f.id", [product_id])


def photos_by_product(product_ids: Collection[int]) -> dict[int, tuple[types.Photo, ...]]:
    """The same of many products; those without any are left out. Cost: one query."""
    found: dict[int, tuple[types.Photo, ...]] = {}
    for photo in _photos("f.product_id = ANY(%s) ORDER BY f.position, f.id", [sorted(product_ids)]):
        found[photo.product_id or 0] = (*found.get(photo.product_id or 0, ()), photo)
    return found


def list_photos_aside(shop_id: int) -> tuple[types.Photo, ...]:
    """A shop's photographs that belong to no product, the latest first, for who runs it. Cost: one query."""
    return _photos("f.shop_id = %s AND f.product_id IS NULL ORDER BY f.id DESC", [shop_id])


def photos_by_name(shop_id: int, names: Collection[str]) -> dict[str, types.Photo]:
    """A shop's photographs by what their files were called, for who runs it. Cost: one query."""
    return {photo.name: photo for photo in _photos("f.shop_id = %s AND f.name = ANY(%s)", [shop_id, sorted(names)])}


def get_photo_of(shop_id: int, photo_id: int) -> types.Photo:
    """A photograph of a shop, for who runs it. Raises `PhotoNotFound`. Cost: one query."""
    return _one_photo("f.id = %s AND f.shop_id = %s", [photo_id, shop_id])


def get_shown_photo(photo_id: int, *, also_unlisted: Collection[int] = ()) -> types.Photo:
    """A photograph of a product on the shelves, which everybody sees; or of one of these, which the reader bought.

    Raises: `PhotoNotFound` for what is put aside, unlisted or withheld. Cost: one query.
    """
    return _one_photo(
        """
        f.id = %s AND EXISTS (SELECT FROM catalog_product p WHERE p.id = f.product_id AND NOT p.is_withheld
                              AND (p.is_listed OR p.id = ANY(%s)))
        """,
        [photo_id, sorted(also_unlisted)],
    )


def find_product_of_photo(photo_id: int) -> int | None:
    """The product that a photograph shows, whoever may see it. Cost: one query."""
    found = db.row("SELECT product_id FROM catalog_photo WHERE id = %s", [photo_id])
    return found[0] if found else None


def list_product_ids(shop_id: int) -> tuple[int, ...]:
    """Every product that a shop ever listed. Cost: one query."""
    return tuple(row[0] for row in db.rows("SELECT id FROM catalog_product WHERE shop_id = %s ORDER BY id", [shop_id]))


def list_listed() -> list[tuple[int, int, float]]:
    """Every listed product: its id, its shop's, and since when in seconds since 1970. Cost: one query over all."""
    found = db.rows(
        """
        SELECT id, shop_id, extract(epoch FROM added_at)::float8 FROM catalog_product WHERE is_listed ORDER BY id
        """
    )
    return [(product, shop, at) for product, shop, at in found]


def listed_among(product_ids: Collection[int]) -> set[int]:
    """Those of these products that are listed. Cost: one query, none without products."""
    if not product_ids:
        return set()
    ids = sorted(set(product_ids))
    return {product for (product,) in db.rows("SELECT id FROM catalog_product WHERE is_listed AND id = ANY(%s)", [ids])}


def get_shop(shop_id: int) -> types.Shop:
    """One shop. Raises `ShopNotFound`."""
    shop = shops_by_id([shop_id]).get(shop_id)
    if shop is None:
        raise errors.ShopNotFound()
    return shop


def shops_by_id(shop_ids: Iterable[int]) -> dict[int, types.Shop]:
    """Many shops. Cost: one query."""
    found = db.rows(f"{_SHOPS} WHERE s.id = ANY(%s)", [sorted(set(shop_ids))])
    return {columns[0]: _shop(columns) for columns in found}


def list_shops_of(user_id: int) -> tuple[types.Shop, ...]:
    """The shops that a person owns."""
    return tuple(map(_shop, db.rows(f"{_SHOPS} WHERE s.owner_id = %s ORDER BY s.id", [user_id])))


def list_desks_of(user_id: int) -> tuple[types.Shop, ...]:
    """The shops that a person owns or works in, their own first. Cost: one query."""
    found = db.rows(
        f"""
        {_SHOPS} WHERE s.owner_id = %(me)s OR s.id IN (SELECT c.shop_id FROM catalog_clerk c
            WHERE c.person_id = %(me)s AND c.joined_at IS NOT NULL AND c.ended_at IS NULL)
        ORDER BY s.owner_id <> %(me)s, s.id
        """,  # noqa: S608  (a literal of this module)
        {"me": user_id},
    )
    return tuple(map(_shop, found))


def count_desks(user_id: int) -> tuple[bool, int]:
    """Whether a person owns a shop or works in one, and how many ask them to. Cost: one query."""
    found = db.rows(
        """
        SELECT EXISTS (SELECT FROM catalog_shop WHERE owner_id = %(me)s)
               OR EXISTS (SELECT FROM catalog_clerk
                          WHERE person_id = %(me)s AND joined_at IS NOT NULL AND ended_at IS NULL),
               (SELECT count(*) FROM catalog_clerk
                WHERE person_id = %(me)s AND joined_at IS NULL AND ended_at IS NULL)
        """,
        {"me": user_id},
    )
    return found[0][0], found[0][1]


def list_invitations(user_id: int) -> tuple[types.Clerk, ...]:
    """Where a person is asked to work, and has not answered. Cost: one query."""
    return _clerks("c.person_id = %s AND c.joined_at IS NULL", [user_id])


def open_invitations_among(viewer: Viewer, ids: Collection[int]) -> Collection[int]:
    """Those of these invitations to work in a shop that the viewer has not answered. Cost: one query."""
    found = db.rows(
        """
        SELECT id FROM catalog_clerk
        WHERE id = ANY(%s) AND person_id = %s AND joined_at IS NULL AND ended_at IS NULL
        """,
        [list(ids), viewer.person_id],
    )
    return {invitation_id for (invitation_id,) in found}


def list_clerks(shop_id: int) -> tuple[types.Clerk, ...]:
    """Who works in a shop or is asked to, for who runs it. Cost: one query."""
    return _clerks("c.shop_id = %s", [shop_id])


def list_acts(shop_id: int, *, cursor: int | None = None, limit: int = 50) -> Page[types.Act]:
    """What was done in a shop by who works there, the latest first, for who runs it. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        """
        SELECT id, person_id, what, about, at FROM catalog_act
        WHERE shop_id = %s AND (%s::bigint IS NULL OR id < %s::bigint) ORDER BY id DESC LIMIT %s
        """,
        [shop_id, cursor, cursor, limit + 1],
    )
    return cut_page([types.Act(*columns) for columns in found], limit, lambda act: act.id)


def list_keywords(
    kinds: Collection[KeywordKind] = tuple(KeywordKind), *, also_retired: bool = False
) -> tuple[types.Keyword, ...]:
    """Keywords of these kinds, for everybody, kind by kind in the order in which they came. Cost: one query."""
    found = db.rows(
        f"""
        {_KEYWORDS} WHERE t.kind = ANY(%s) AND (%s OR t.retired_at IS NULL)
        ORDER BY array_position(%s::text[], t.kind::text), t.id
        """,
        [[kind.value for kind in kinds], also_retired, [kind.value for kind in KeywordKind]],
    )
    return tuple(types.Keyword(number, KeywordKind(kind), *rest) for number, kind, *rest in found)


def keywords_by_id(keyword_ids: Collection[int], *, also_retired: bool = False) -> dict[int, types.Keyword]:
    """Keywords by number; what is retired is left out. Cost: one query, none for none."""
    if not keyword_ids:
        return {}
    found = db.rows(
        f"{_KEYWORDS} WHERE t.id = ANY(%s) AND (%s OR t.retired_at IS NULL) ORDER BY t.id",
        [sorted(set(keyword_ids)), also_retired],
    )
    return {number: types.Keyword(number, KeywordKind(kind), *rest) for number, kind, *rest in found}


def chosen_keywords(
    keyword_ids: Collection[int], *, kinds: Collection[KeywordKind], had: Collection[int] = ()
) -> list[int]:
    """What something carries from now on: these keywords, each once, and of what it had what is retired.

    Raises: `KeywordNotFound` for what is retired, of other kinds or not there, `TooManyKeywords`.
    Cost: one query at most.
    """
    wanted = set(keyword_ids)
    if len(wanted) > types.MOST_KEYWORDS:
        raise errors.TooManyKeywords(most=types.MOST_KEYWORDS)
    known = keywords_by_id(wanted | set(had), also_retired=True)
    chosen = {number for number in wanted if number in known and known[number].kind in kinds}
    if chosen != wanted or any(known[number].is_retired and number not in had for number in wanted):
        raise errors.KeywordNotFound()
    return sorted(chosen | {number for number in had if number in known and known[number].is_retired})


def _photos(where: str, params: Sequence[object]) -> tuple[types.Photo, ...]:
    found = db.rows(f"SELECT {_PHOTO} FROM catalog_photo f WHERE {where}", params)  # noqa: S608  (literals of this module)
    return tuple(types.Photo(*columns) for columns in found)


def _one_photo(where: str, params: Sequence[object]) -> types.Photo:
    found = _photos(where, params)
    if not found:
        raise errors.PhotoNotFound()
    return found[0]


def _shop(columns: Sequence[Any]) -> types.Shop:
    shop_id, owner_id, name, name_en, window_s, people, roles = columns
    clerks = tuple(zip(people, map(types.Role, roles), strict=True))
    return types.Shop(shop_id, owner_id, name, name_en, timedelta(seconds=window_s), clerks)


def _clerks(where: str, params: Sequence[object]) -> tuple[types.Clerk, ...]:
    found = db.rows(
        f"""
        SELECT c.shop_id, c.person_id, c.role, c.invited_at, c.joined_at FROM catalog_clerk c
        WHERE {where} AND c.ended_at IS NULL ORDER BY c.id
        """,  # noqa: S608  (literals of this module)
        params,
    )
    return tuple(types.Clerk(shop, person, types.Role(role), *at) for shop, person, role, *at in found)


def _products(chosen: str, params: Sequence[Any]) -> list[types.Product]:
    """The products that a condition on their table chooses, the latest first, with their variants. Cost: one query."""
    products: dict[int, Sequence[Any]] = {}
    variants: dict[int, list[types.Variant]] = {}
    for columns in db.rows(
        f"""
        SELECT {_PRODUCT}, {_VARIANT} FROM (SELECT * FROM catalog_product WHERE {chosen}) p
        LEFT JOIN catalog_variant v ON v.product_id = p.id ORDER BY p.id DESC, v.id
        """,  # noqa: S608  (conditions of this module)
        params,
    ):
        product, variant = columns[:_PRODUCT_WIDTH], columns[_PRODUCT_WIDTH:]
        products[product[0]] = product
        its = variants.setdefault(product[0], [])
        if variant[0] is not None:
            its.append(_variant(variant))
    return [
        types.Product(*[*columns[:-1], tuple(columns[-1]), tuple(variants[key])]) for key, columns in products.items()
    ]


def _variant(columns: Sequence[Any]) -> types.Variant:
    variant_id, product_id, shop_id, name, name_en, price_minor, team_price_minor, code, is_listed, photo = columns
    currency = Currency(code)
    team_price = Money(team_price_minor, currency) if team_price_minor is not None else None
    return types.Variant(
        variant_id, product_id, shop_id, name, name_en, Money(price_minor, currency), team_price, is_listed, photo
    )


def _find_judged(viewer: Viewer, product_id: int) -> Shown | None:
    """Everybody sees what is listed, and may report it."""
    return _judged([product_id], "AND p.is_listed").get(product_id)


def _judged(product_ids: Collection[int], condition: str = "") -> dict[int, Shown]:
    """Products as moderation has them judged: what they say, and whose shop sells them. Cost: one query."""
    found = db.rows(
        f"""
        SELECT p.id, s.owner_id,
               ARRAY(SELECT f.key FROM catalog_photo f WHERE f.product_id = p.id ORDER BY f.position, f.id),
               p.title, p.title_en, p.brief, p.brief_en
        FROM catalog_product p JOIN catalog_shop s ON s.id = p.shop_id WHERE p.id = ANY(%s) {condition}
        """,  # noqa: S608  (a condition of ours)
        [sorted(product_ids)],
    )
    return {
        key: Shown(
            Subject(SubjectKind.PRODUCT, key), owner_id, tuple(filter(None, dict.fromkeys(texts))), tuple(pictures)
        )
        for key, owner_id, pictures, *texts in found
    }


PRODUCTS = Source(_find_judged, _judged, frozenset({Outcome.KEEP, Outcome.WARN, Outcome.WITHHOLD}))
"""What is withheld is taken off the shelves; placed orders go on."""


def _find_shop(viewer: Viewer, shop_id: int) -> Shown | None:
    """Everybody sees a shop; one whose owner is gone has no name, and is none."""
    return _shops([shop_id]).get(shop_id)


def _shops(shop_ids: Collection[int]) -> dict[int, Shown]:
    found = db.rows(
        "SELECT id, owner_id, name, name_en FROM catalog_shop WHERE id = ANY(%s) AND name <> ''", [sorted(shop_ids)]
    )
    return {
        key: Shown(Subject(SubjectKind.SHOP, key), owner_id, tuple(dict.fromkeys(names)))
        for key, owner_id, *names in found
    }


SHOPS = Source(_find_shop, _shops, frozenset({Outcome.KEEP, Outcome.WARN}))
"""A shop is not withheld: its goods are, and with enough strikes it lists nothing for a while."""


def export_person(person_id: int) -> Iterator[Records]:
    """The shops that a person opened and what they sell there; where they work for others."""
    yield from _export_work(person_id)
    yield (
        "shops",
        db.records(
            "SELECT id, name, name_en, return_window_s, opened_at FROM catalog_shop WHERE owner_id = %s ORDER BY id",
            [person_id],
        ),
    )
    yield (
        "product_photos",
        db.records(
            """
            SELECT f.id, f.shop_id, f.product_id, f.variant_id, f.name, f.alt, f.alt_en, f.key AS file, f.added_at
            FROM catalog_photo f JOIN catalog_shop s ON s.id = f.shop_id WHERE s.owner_id = %s ORDER BY f.id
            """,
            [person_id],
        ),
    )
    yield (
        "products",
        db.records(
            """
            SELECT p.id, p.shop_id, p.title, p.title_en, p.brief, p.brief_en, p.is_listed, p.added_at,
                   ARRAY(SELECT t.name FROM catalog_keyword t WHERE t.id = ANY(p.keyword_ids) ORDER BY t.id) AS keywords
            FROM catalog_product p JOIN catalog_shop s ON s.id = p.shop_id WHERE s.owner_id = %s ORDER BY p.id
            """,
            [person_id],
        ),
    )


def _export_work(person_id: int) -> Iterator[Records]:
    """Where a person works for others, and what they did in shops."""
    yield (
        "clerk_of",
        db.records(
            """
            SELECT shop_id, role, invited_at, joined_at, ended_at FROM catalog_clerk WHERE person_id = %s ORDER BY id
            """,
            [person_id],
        ),
    )
    yield (
        "done_in_shops",
        db.records("SELECT shop_id, what, about, at FROM catalog_act WHERE person_id = %s ORDER BY id", [person_id]),
    )


def pictures_of_person(person_id: int) -> tuple[str, ...]:
    """The keys of the photographs of a person's shops. Cost: one query."""
    found = db.rows(
        """
        SELECT f.key FROM catalog_photo f JOIN catalog_shop s ON s.id = f.shop_id WHERE s.owner_id = %s ORDER BY f.id
        """,
        [person_id],
    )
    return tuple(key for (key,) in found)


def obstacles_of(person_id: int) -> tuple[Obstacle, ...]:
    """Money that is held for a person's shops and not paid out. Cost: two queries when there are shops, else one."""
    shops = list_shops_of(person_id)
    kinds = (AccountKind.MERCHANT_ESCROW, AccountKind.MERCHANT_PAYABLE)
    refs = [AccountRef(kind, f"shop:{shop.id}", currency) for shop in shops for kind in kinds for currency in Currency]
    owed = sum(balance.amount_minor != 0 for balance in ledger.balances(refs).values()) if refs else 0
    return (Obstacle("unpaid_takings", owed),) if owed else ()
