"""Reads of publishers, slots, links and plans."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from wuyou.domains.alliance import errors, rules, types
from wuyou.infra import db
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

_LINKS = """
    SELECT l.id, l.token, s.publisher_id, l.slot_id, l.product_id, l.shop_id, l.path, l.partner_id, l.made_at
    FROM alliance_link l JOIN alliance_slot s ON s.id = l.slot_id
"""
_PUBLISHERS = "SELECT id, user_id, joined_at, recruits_since, is_findable FROM alliance_publisher"
PLAN = """
    n.id, n.shop_id, n.product_id, n.rate_bps, n.publisher_share_bps, n.partner_share_bps, n.platform_share_bps,
    n.from_at, n.until_at, n.recruiter_id, n.set_at, n.service_bps, n.special_bps, n.collaboration_id, n.enrolment_id,
    n.notice_before, n.notice_until, n.locked_until, n.first_rate_bps, n.first_count, n.first_sold, n.only_id
"""
"""The columns of `plan_of`."""
PLAN_WIDTH = PLAN.count(",") + 1
_PLANS = f"SELECT {PLAN} FROM alliance_plan n"  # noqa: S608  (a literal)
STAY = "y.publisher_id, y.joined_at, y.ended_at"
"""The columns of a `Stay`."""


def find_publisher(user_id: int) -> types.Publisher | None:
    """A person's publisher, if they have joined."""
    found = db.row(f"{_PUBLISHERS} WHERE user_id = %s", [user_id])
    return types.Publisher(*found) if found else None


def get_publisher(publisher_id: int) -> types.Publisher:
    """One publisher. Raises `PublisherNotFound`."""
    found = publishers_by_id([publisher_id]).get(publisher_id)
    if found is None:
        raise errors.PublisherNotFound()
    return found


def publishers_by_id(publisher_ids: Iterable[int]) -> dict[int, types.Publisher]:
    """Many publishers. Cost: one query."""
    found = db.rows(f"{_PUBLISHERS} WHERE id = ANY({db.ids('%s')})", [sorted(set(publisher_ids))])
    return {columns[0]: types.Publisher(*columns) for columns in found}


def list_recruiters() -> tuple[types.Publisher, ...]:
    """Who may recruit merchants, the latest first."""
    found = db.rows(f"{_PUBLISHERS} WHERE recruits_since IS NOT NULL ORDER BY recruits_since DESC, id DESC")
    return tuple(types.Publisher(*columns) for columns in found)


def list_slots(publisher_id: int) -> tuple[types.Slot, ...]:
    """A publisher's slots, oldest first."""
    found = db.rows(
        """
        SELECT id, publisher_id, name, opened_at, third_id, third_share_bps, keyword_ids FROM alliance_slot
        WHERE publisher_id = %s ORDER BY id
        """,
        [publisher_id],
    )
    return tuple(slot_of(columns) for columns in found)


def slot_of(columns: Sequence[Any]) -> types.Slot:
    """A slot from its columns, its keywords last."""
    return types.Slot(*[*columns[:-1], tuple(columns[-1])])


def media_by_publisher(publisher_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """The keywords of the places where publishers put links; who has none is left out. Cost: one query at most."""
    if not publisher_ids:
        return {}
    found = db.rows(
        """
        SELECT s.publisher_id, array_agg(DISTINCT k.id)
        FROM alliance_slot s CROSS JOIN LATERAL unnest(s.keyword_ids) k (id)
        WHERE s.publisher_id = ANY(%s) GROUP BY s.publisher_id
        """,
        [sorted(publisher_ids)],
    )
    return {publisher_id: frozenset(keyword_ids) for publisher_id, keyword_ids in found}


def list_plans(shop_id: int) -> tuple[types.Plan, ...]:
    """All plans of a shop, past and coming, newest first."""
    found = db.rows(f"{_PLANS} WHERE n.shop_id = %s ORDER BY n.from_at DESC, n.id DESC", [shop_id])
    return tuple(plan_of(columns) for columns in found)


def plans_by_collaboration(collaboration_ids: Collection[int], at: datetime) -> dict[int, tuple[types.Plan, ...]]:
    """The plans of many collaborations whose time a moment is in. Cost: one query, none for none."""
    if not collaboration_ids:
        return {}
    found = db.rows(
        f"{_PLANS} WHERE n.collaboration_id = ANY(%s) AND n.from_at <= %s AND (n.until_at IS NULL OR n.until_at > %s)"
        " AND (n.superseded_at IS NULL OR n.superseded_at > %s) ORDER BY n.id",
        [sorted(collaboration_ids), at, at, at],
    )
    plans: dict[int, list[types.Plan]] = {}
    for plan in map(plan_of, found):
        plans.setdefault(plan.collaboration_id or 0, []).append(plan)
    return {collaboration_id: tuple(each) for collaboration_id, each in plans.items()}


def plans_of_scope(shop_id: int, product_id: int | None) -> tuple[types.Plan, ...]:
    """The plans of a shop as a whole and those of one product, in the order in which they were set."""
    found = db.rows(
        f"{_PLANS} WHERE n.shop_id = %s AND (n.product_id IS NULL OR n.product_id = %s::bigint) ORDER BY n.id",
        [shop_id, product_id],
    )
    return tuple(plan_of(columns) for columns in found)


def find_plan(*, shop_id: int, product_id: int, at: datetime, publisher_id: int | None = None) -> types.Plan | None:
    """The plan by which a publisher is paid for a product at a moment; by default, who promotes nothing yet.

    Cost: one query.
    """
    found = db.rows(
        f"""
        SELECT {PLAN}, {STAY}, pr.since FROM alliance_plan n
        LEFT JOIN alliance_participant y ON y.collaboration_id = n.collaboration_id AND y.joined_at IS NOT NULL
                  AND y.publisher_id = %(publisher)s::bigint
        LEFT JOIN alliance_promoting pr ON pr.shop_id = n.shop_id AND pr.publisher_id = %(publisher)s::bigint
        WHERE n.shop_id = %(shop)s AND (n.product_id IS NULL OR n.product_id = %(product)s) AND n.from_at <= %(at)s
        """,  # noqa: S608  (the columns are literals of this module)
        {"publisher": publisher_id, "shop": shop_id, "product": product_id, "at": at},
    )
    held = rules.terms_in_force(
        terms_of((columns[:PLAN_WIDTH], None, columns[PLAN_WIDTH:-1]) for columns in found),
        shop_id=shop_id,
        product_id=product_id,
        at=at,
        publisher_id=publisher_id,
        promoting_since=found[0][-1] if found else None,
    )
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


def tokens_by_product(publisher_id: int, product_ids: Collection[int]) -> dict[int, str]:
    """The tokens of a publisher's newest links to these products in places that they named; others are left out.

    Cost: one query, none for none.
    """
    if not product_ids:
        return {}
    found = db.rows(
        """
        SELECT l.product_id, l.token, s.name FROM alliance_link l JOIN alliance_slot s ON s.id = l.slot_id
        WHERE s.publisher_id = %s AND l.product_id = ANY(%s) ORDER BY l.id
        """,
        [publisher_id, sorted(product_ids)],
    )
    return {product_id: token for product_id, token, slot_name in found if types.is_own_slot(slot_name)}


def plan_of(columns: Sequence[Any]) -> types.Plan:
    """A plan from its columns in the order of `PLAN`."""
    (plan_id, shop_id, product_id, rate_bps, publisher_bps, partner_bps, platform_bps, from_, until, recruiter_id,
     set_at, service_bps, special_bps, collaboration_id, enrolment_id, notice_before, notice_until, locked_until,
     first_rate_bps, first_count, first_sold, only_id) = columns  # fmt: skip
    return types.Plan(
        plan_id, shop_id, product_id, rate_bps, types.Shares(publisher_bps, partner_bps, platform_bps), from_, until,
        recruiter_id, set_at, service_bps, special_bps, collaboration_id, enrolment_id, notice_before, notice_until,
        locked_until,
        None if first_rate_bps is None else types.FirstPieces(first_rate_bps, first_count, first_sold),
        only_id,
    )  # fmt: skip


def terms_of(found: Iterable[tuple[Sequence[Any], int | None, Sequence[Any]]]) -> list[rules.PlanTerms]:
    """Plans with their recruiter's person and who takes part in them, from rows `(plan, recruiter's user, stay)`."""
    plans: dict[int, tuple[types.Plan, int | None, set[rules.Stay]]] = {}
    for columns, recruiter_user_id, stay in found:
        plan_id = columns[0]
        if plan_id not in plans:
            plans[plan_id] = plan_of(columns), recruiter_user_id, set()
        if stay[0] is not None:
            plans[plan_id][2].add(rules.Stay(*stay))
    return [rules.PlanTerms(plan, user_id, tuple(stays)) for plan, user_id, stays in plans.values()]
