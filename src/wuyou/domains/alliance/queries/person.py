"""What the alliance holds of one person."""

from __future__ import annotations

from collections.abc import Iterator

from wuyou.domains.alliance.queries.publishing import find_publisher
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.infra import db
from wuyou.infra.person_data import Obstacle, Records
from wuyou.kernel.money import Currency


def export_person(person_id: int) -> Iterator[Records]:
    """A person's links, commissions and selections, without who bought; and where they clicked themselves."""
    me = [person_id]
    yield (
        "links",
        db.records(
            """
            SELECT l.token, s.name AS slot, l.product_id, l.path, l.made_at FROM alliance_link l
            JOIN alliance_slot s ON s.id = l.slot_id JOIN alliance_publisher p ON p.id = s.publisher_id
            WHERE p.user_id = %s ORDER BY l.id
            """,
            me,
        ),
    )
    yield (
        "commissions",
        db.records(
            """
            SELECT c.role, v.order_no, v.state, c.estimated_minor, c.settled_minor, v.currency, v.recorded_at,
                   v.settled_at
            FROM alliance_commission c JOIN alliance_conversion v ON v.id = c.conversion_id
            JOIN alliance_publisher p ON p.id = c.publisher_id WHERE p.user_id = %s ORDER BY c.id
            """,
            me,
        ),
    )
    yield (
        "places_of_links",
        db.records(
            """
            SELECT s.name, s.opened_at, s.third_share_bps,
                   ARRAY(SELECT t.name FROM catalog_keyword t WHERE t.id = ANY(s.keyword_ids) ORDER BY t.id) AS keywords
            FROM alliance_slot s JOIN alliance_publisher p ON p.id = s.publisher_id
            WHERE p.user_id = %s ORDER BY s.id
            """,
            me,
        ),
    )
    owners = [f"shop:{shop.id}" for shop in catalog.list_shops_of(person_id)]
    if publisher := find_publisher(person_id):
        owners.append(f"publisher:{publisher.id}")
    yield "payouts", statements.payout_records(owners)
    yield (
        "held_commissions",
        db.records(
            """
            SELECT v.order_no, h.state, h.held_at, h.reason, h.appeal, h.appealed_at, h.answer, h.ended_at
            FROM alliance_hold h JOIN alliance_conversion v ON v.id = h.conversion_id
            JOIN alliance_commission m ON m.conversion_id = v.id AND m.role = 'PUBLISHER'
            JOIN alliance_publisher p ON p.id = m.publisher_id WHERE p.user_id = %s ORDER BY h.id
            """,
            me,
        ),
    )
    yield (
        "collaborations",
        db.records(
            """
            SELECT c.shop_id, c.name, y.state, y.words, y.asked_at, y.joined_at, y.ended_at
            FROM alliance_participant y JOIN alliance_collaboration c ON c.id = y.collaboration_id
            JOIN alliance_publisher p ON p.id = y.publisher_id WHERE p.user_id = %s ORDER BY y.id
            """,
            me,
        ),
    )
    yield (
        "selections",
        db.records(
            """
            SELECT s.name, s.token, s.made_at, k.product_id, k.words, k.picked_at FROM alliance_selection s
            LEFT JOIN alliance_pick k ON k.selection_id = s.id WHERE s.owner_id = %s ORDER BY s.id, k.id
            """,
            me,
        ),
    )
    yield (
        "clicks",
        db.records(
            """
            SELECT l.product_id, c.clicked_at FROM alliance_click c JOIN alliance_link l ON l.id = c.link_id
            WHERE c.user_id = %s ORDER BY c.id
            """,
            me,
        ),
    )


def obstacles_of(person_id: int) -> tuple[Obstacle, ...]:
    """Commissions that are not settled, and money that is not paid out. Cost: up to three queries."""
    publisher = find_publisher(person_id)
    if publisher is None:
        return ()
    waiting = db.row(
        """
        SELECT count(*) FROM alliance_commission c JOIN alliance_conversion v ON v.id = c.conversion_id
        WHERE c.publisher_id = %s AND v.state IN ('ESTIMATED', 'CONFIRMED')
        """,
        [publisher.id],
    )
    refs = [AccountRef(AccountKind.PROMOTER_PAYABLE, f"publisher:{publisher.id}", currency) for currency in Currency]
    owed = sum(balance.amount_minor != 0 for balance in ledger.balances(refs).values())
    named = (Obstacle("open_commissions", waiting[0] if waiting else 0), Obstacle("unpaid_earnings", owed))
    return tuple(obstacle for obstacle in named if obstacle.count)
