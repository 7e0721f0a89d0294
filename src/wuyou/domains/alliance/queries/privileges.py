"""Who came by whose links, for what is meant for them alone."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.alliance import rules
from wuyou.infra import db


def publishers_who_brought(person_id: int | None, shop_id: int, now: datetime) -> frozenset[int]:
    """The publishers by whose links a person came to a shop, as long as a click is remembered; never themselves.

    Nobody came for who is not known. Cost: one query, by (user, clicked_at); none for who is not known.
    """
    if person_id is None:
        return frozenset()
    return frozenset(
        publisher_id
        for (publisher_id,) in db.rows(
            """
            SELECT DISTINCT s.publisher_id
            FROM alliance_click c JOIN alliance_link l ON l.id = c.link_id JOIN alliance_slot s ON s.id = l.slot_id
            JOIN alliance_publisher p ON p.id = s.publisher_id
            WHERE c.user_id = %s AND c.clicked_at BETWEEN %s AND %s AND l.shop_id = %s AND p.user_id <> c.user_id
            """,
            [person_id, now - rules.WINDOW, now, shop_id],
        )
    )
