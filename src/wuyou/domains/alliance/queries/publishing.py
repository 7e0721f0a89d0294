"""Reads of publishers, slots, links and plans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from wuyou.domains.alliance import errors, rules, types
from wuyou.domains.alliance.types import Shares
from wuyou.infra import db
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

_LINKS = """
    SELECT l.id, l.token, s.publisher_id, l.slot_id, l.product_id, l.shop_id, l.path, l.partner_id, l.made_at
    FROM alliance_link l JOIN alliance_slot s ON s.id = l.slot_id
"""
_PLANS = """
    SELECT id, shop_id, product_id, rate_bps, publisher_share_bps, partner_share_bps, platform_share_bps,
           from_at, until_at, recruiter_id
    FROM alliance_plan
"""


def find_publisher(user_id: int) -> types.Publisher | None:
    """A person's publisher, if they have joined."""
    found = db.row("SELECT id, user_id, joined_at FROM alliance_publisher WHERE user_id = %s", [user_id])
    return types.Publisher(*found) if found else None


def get_publisher(publisher_id: int) -> types.Publisher:
    """One publisher. Raises `PublisherNotFound`."""
    found = publishers_by_id([publisher_id]).get(publisher_id)
    if found is None:
        raise errors.PublisherNotFound()
    return found


def publishers_by_id(publisher_ids: Iterable[int]) -> dict[int, types.Publisher]:
    """Many publishers. Cost: one query."""
    found = db.rows(
        "SELECT id, user_id, joined_at FROM alliance_publisher WHERE id = ANY(%s)", [sorted(set(publisher_ids))]
    )
    return {columns[0]: types.Publisher(*columns) for columns in found}


def list_slots(publisher_id: int) -> tuple[types.Slot, ...]:
    """A publisher's slots, oldest first."""
    found = db.rows(
        "SELECT id, publisher_id, name, opened_at FROM alliance_slot WHERE publisher_id = %s ORDER BY id",
        [publisher_id],
    )
    return tuple(types.Slot(*columns) for columns in found)


def list_plans(shop_id: int) -> tuple[types.Plan, ...]:
    """All plans of a shop, past and coming, newest first."""
    found = db.rows(f"{_PLANS} WHERE shop_id = %s ORDER BY from_at DESC, id DESC", [shop_id])
    return tuple(plan_of(columns) for columns in found)


def find_plan(*, shop_id: int, product_id: int, at: datetime) -> types.Plan | None:
    """The plan that holds for a product at a moment: its own before the whole shop's."""
    found = db.rows(f"{_PLANS} WHERE shop_id = %s AND (product_id IS NULL OR product_id = %s)", [shop_id, product_id])
    terms = [rules.PlanTerms(plan_of(columns)) for columns in found]
    held = rules.terms_in_force(terms, shop_id=shop_id, product_id=product_id, at=at)
    return held.plan if held else None


def find_link_by_token(token: str) -> types.Link | None:
    """The link behind a token. Cost: one indexed read."""
    if not token.isprintable():
        return None
    found = db.row(f"{_LINKS} WHERE l.token = %s", [token])
    return types.Link(*found) if found else None


def get_link_by_token(token: str) -> types.Link:
    """The link behind a token. Raises `LinkNotFound`. Cost: one indexed read."""
    link = find_link_by_token(token)
    if link is None:
        raise errors.LinkNotFound()
    return link


def has_clicked(*, token: str, visitor: str, user_id: int | None, since: datetime) -> bool:
    """Whether a person, or a browser that nobody is known of, followed a link after a moment. Cost: one query."""
    if not token.isprintable():
        return False
    found = db.row(
        """
        SELECT EXISTS (
            SELECT FROM alliance_click c JOIN alliance_link l ON l.id = c.link_id
            WHERE l.token = %(token)s AND c.clicked_at > %(since)s
              AND (c.user_id = %(user)s::bigint OR (c.user_id IS NULL AND c.visitor = %(visitor)s)))
        """,
        {"token": token, "since": since, "user": user_id, "visitor": visitor},
    )
    return bool(found and found[0])


def list_links(user_id: int, *, cursor: int | None = None, limit: int = 20) -> Page[types.LinkLine]:
    """A person's links, newest first, with how often each was clicked and how many lines were bought through it.

    Cost: one query; counts read one index entry a click and a line.
    """
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        """
        SELECT l.id, l.token, s.publisher_id, l.slot_id, l.product_id, l.shop_id, l.path, l.partner_id, l.made_at,
               s.name,
               (SELECT count(*) FROM alliance_click c WHERE c.link_id = l.id),
               (SELECT count(*) FROM alliance_conversion v WHERE v.link_id = l.id AND v.state <> 'INVALID')
        FROM alliance_link l JOIN alliance_slot s ON s.id = l.slot_id JOIN alliance_publisher p ON p.id = s.publisher_id
        WHERE p.user_id = %s AND (%s::bigint IS NULL OR l.id < %s::bigint)
        ORDER BY l.id DESC LIMIT %s
        """,
        [user_id, cursor, cursor, limit + 1],
    )
    lines = [types.LinkLine(types.Link(*columns[:9]), *columns[9:]) for columns in found]
    return cut_page(lines, limit, lambda line: line.link.id)


def plan_of(columns: Sequence[Any]) -> types.Plan:
    """A plan from its columns in the order of the table."""
    plan_id, shop_id, product_id, rate_bps, publisher_bps, partner_bps, platform_bps, from_, until, recruiter_id = (
        columns
    )
    shares = Shares(publisher_bps, partner_bps, platform_bps)
    return types.Plan(plan_id, shop_id, product_id, rate_bps, shares, from_, until, recruiter_id)
