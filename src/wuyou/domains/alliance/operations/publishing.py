"""Joining the alliance, slots, links, clicks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from wuyou.domains.alliance import errors, policies, queries, types
from wuyou.domains.catalog import queries as catalog
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.money import BPS
from wuyou.kernel.tokens import new_token

TOKEN_BYTES = 9
"""72 random bits: short enough for a poster, too many to walk through. A link is public; its token guards nothing."""

MAX_SLOT_NAME = 40
MAX_PATH = 200
MAX_VISITOR = 64


@db.requires_transaction
def ensure_publisher(*, user_id: int, now: datetime, actor: Actor = PLATFORM) -> types.Publisher:
    """Let a person join the alliance; once joined, the same publisher is returned.

    Raises: `NotYourself` when a person acts for another.
    """
    policies.require_oneself(actor, user_id)
    joined = queries.find_publisher(user_id) or db.row(
        """
        INSERT INTO alliance_publisher (user_id, joined_at) VALUES (%s, %s)
        ON CONFLICT (user_id) DO UPDATE SET user_id = EXCLUDED.user_id
        RETURNING id, user_id, joined_at, recruits_since, is_findable
        """,
        [user_id, now],
    )
    assert joined is not None  # noqa: S101  (the upsert returns its row)
    return joined if isinstance(joined, types.Publisher) else types.Publisher(*joined)


@db.requires_transaction
def let_shops_find(*, actor: Actor, publisher_id: int, is_findable: bool) -> None:
    """A publisher says whether shops that they may fit are shown them.

    Raises: `PublisherNotFound`, `NotYourself`.
    """
    policies.require_oneself(actor, queries.get_publisher(publisher_id).user_id)
    db.execute("UPDATE alliance_publisher SET is_findable = %s WHERE id = %s", [is_findable, publisher_id])


@db.requires_transaction
def add_slot(
    *,
    publisher_id: int,
    name: str,
    now: datetime,
    third_id: int | None = None,
    third_share_bps: int = 0,
    actor: Actor = PLATFORM,
) -> types.Slot:
    """Name a place for links; the same name is the same slot.

    Args: third_id: another publisher, who gets `third_share_bps` of what the publisher earns by links of this slot, for
    good; a slot that is there already stays as it is.
    Raises: `PublisherNotFound`, `NotYourself`, `SlotMalformed`, `ShareMalformed`, `SlotShared` for a slot that is there
    with other shares.
    """
    policies.require_oneself(actor, queries.get_publisher(publisher_id).user_id)
    _check_slot(name, actor)
    if third_id is not None or third_share_bps:
        if third_id in (None, publisher_id) or not 0 < third_share_bps < BPS:
            raise errors.ShareMalformed()
        queries.get_publisher(third_id)
    made = db.row(
        """
        INSERT INTO alliance_slot (publisher_id, name, third_id, third_share_bps, opened_at) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (publisher_id, name) DO UPDATE SET name = EXCLUDED.name
        RETURNING id, publisher_id, name, opened_at, third_id, third_share_bps, keyword_ids
        """,
        [publisher_id, name, third_id, third_share_bps, now],
    )
    assert made is not None  # noqa: S101  (the upsert returns its row)
    slot = queries.slot_of(made)
    if third_id is not None and (slot.third_id, slot.third_share_bps) != (third_id, third_share_bps):
        raise errors.SlotShared()
    return slot


@db.requires_transaction
def set_slot_keywords(*, actor: Actor, slot_id: int, keyword_ids: Collection[int]) -> None:
    """A publisher says what kind of place a slot is, by the catalogue's keywords; all of it.

    Raises: `SlotNotFound` (also for another's, and for one that taps made), `KeywordNotFound`, `TooManyKeywords`.
    """
    found = db.row(
        """
        SELECT p.user_id, s.name, s.keyword_ids FROM alliance_slot s JOIN alliance_publisher p ON p.id = s.publisher_id
        WHERE s.id = %s FOR UPDATE OF s
        """,
        [slot_id],
    )
    if found is None or not policies.may_publish_as(actor, found[0]) or not types.is_own_slot(found[1]):
        raise errors.SlotNotFound()
    chosen = catalog.chosen_keywords(keyword_ids, kinds=types.SLOT_KEYWORDS, had=found[2])
    db.execute("UPDATE alliance_slot SET keyword_ids = %s WHERE id = %s", [chosen, slot_id])


@db.requires_transaction
def ensure_link(
    *,
    publisher_id: int,
    slot_name: str,
    product_id: int,
    path: str,
    now: datetime,
    partner_id: int | None = None,
    actor: Actor = PLATFORM,
) -> types.Link:
    """The publisher's link to a product, made on first use; same slot, product, path and partner, same link.

    Args: path: where on this site the link leads, such as `/teams/7`; partner_id: the publisher whose tool serves it.
    Raises: `PublisherNotFound`, `NotYourself`, `SlotMalformed`, `PathMalformed`, `PartnerMalformed`, `ProductNotFound`.
    Cost: one query when it exists.
    """
    _check_target(path, publisher_id, partner_id)
    _check_slot(slot_name, actor)
    if actor.user_id is not None:
        policies.require_oneself(actor, queries.get_publisher(publisher_id).user_id)
    wanted = [publisher_id, slot_name, product_id, path, partner_id]
    found = db.row(
        """
        SELECT l.id, l.token, s.publisher_id, l.slot_id, l.product_id, l.shop_id, l.path, l.partner_id, l.made_at
        FROM alliance_slot s JOIN alliance_link l ON l.slot_id = s.id
        WHERE s.publisher_id = %s AND s.name = %s AND l.product_id = %s AND l.path = %s
          AND l.partner_id IS NOT DISTINCT FROM %s::bigint
        """,
        wanted,
    )
    if found is not None:
        return types.Link(*found)
    product = catalog.products_by_id([product_id]).get(product_id)
    if product is None:
        raise errors.ProductNotFound()
    if partner_id is not None and not queries.publishers_by_id([partner_id]):
        raise errors.PartnerMalformed()
    slot = add_slot(publisher_id=publisher_id, name=slot_name, now=now)
    made = db.row(
        """
        INSERT INTO alliance_link (token, slot_id, product_id, shop_id, path, partner_id, made_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (slot_id, product_id, path, partner_id) DO UPDATE SET path = EXCLUDED.path
        RETURNING id, token, made_at
        """,
        [new_token(TOKEN_BYTES), slot.id, product_id, product.shop_id, path, partner_id, now],
    )
    assert made is not None  # noqa: S101  (the upsert returns its row)
    db.execute(
        """
        INSERT INTO alliance_promoting (publisher_id, shop_id, since) VALUES (%s, %s, %s)
        ON CONFLICT (publisher_id, shop_id) DO NOTHING
        """,
        [publisher_id, product.shop_id, now],
    )
    link_id, token, made_at = made
    return types.Link(link_id, token, publisher_id, slot.id, product_id, product.shop_id, path, partner_id, made_at)


def _check_slot(name: str, actor: Actor) -> None:
    # Slots of posts and selections are made by taps on them alone, so that their names can be believed.
    is_made_up = actor.user_id is not None and name.startswith(types.MADE_UP)
    if is_made_up or not 0 < len(name) <= MAX_SLOT_NAME or not name.isprintable():
        raise errors.SlotMalformed()


def _check_target(path: str, publisher_id: int, partner_id: int | None) -> None:
    # Two slashes, or a slash and a backslash, begin an address of another site.
    if not path.startswith("/") or path[1:2] in ("/", "\\") or len(path) > MAX_PATH or not path.isprintable():
        raise errors.PathMalformed()
    if partner_id == publisher_id:
        raise errors.PartnerMalformed()


@db.requires_transaction
def record_click(*, token: str, visitor: str, user_id: int | None, now: datetime) -> types.Click:
    """Note a visit by a link, and tell where it leads.

    Args: visitor: the browser's own random token, 1 to 64 characters; user_id: who it is, when known.
    Raises: `LinkNotFound`, `VisitorMalformed`. Cost: one statement.
    """
    _check_visitor(visitor)
    made = token.isprintable() and db.row(
        """
        WITH target AS (
            SELECT l.id, s.publisher_id, l.product_id, l.path
            FROM alliance_link l JOIN alliance_slot s ON s.id = l.slot_id WHERE l.token = %(token)s),
        made AS (
            INSERT INTO alliance_click (link_id, visitor, user_id, clicked_at, known_at)
            SELECT id, %(visitor)s::text, %(user)s::bigint, %(now)s::timestamptz,
                   CASE WHEN %(user)s::bigint IS NOT NULL THEN %(now)s::timestamptz END
            FROM target RETURNING id, clicked_at)
        SELECT made.id, target.id, target.publisher_id, target.product_id, target.path, made.clicked_at
        FROM made, target
        """,
        {"token": token, "visitor": visitor, "user": user_id, "now": now},
    )
    if not made:
        raise errors.LinkNotFound()
    return types.Click(*made)


@db.requires_transaction
def bind_visitor(*, visitor: str, user_id: int, now: datetime) -> int:
    """A visitor has signed in: the clicks made unknown from that browser are theirs from now on; returns how many.

    A click that already belongs to someone stays theirs. Raises: `VisitorMalformed`. Cost: one statement.
    """
    _check_visitor(visitor)
    return db.execute(
        """
        UPDATE alliance_click SET user_id = %(user)s, known_at = %(now)s
        WHERE visitor = %(visitor)s AND user_id IS NULL AND clicked_at <= %(now)s
        """,
        {"visitor": visitor, "user": user_id, "now": now},
    )


def _check_visitor(visitor: str) -> None:
    if not 0 < len(visitor) <= MAX_VISITOR or not visitor.isprintable():
        raise errors.VisitorMalformed()
