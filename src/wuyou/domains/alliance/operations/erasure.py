"""What a person leaves behind in the alliance: commissions under a pseudonym, and the clicks that earned them."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.alliance import queries
from wuyou.domains.ledger import statements
from wuyou.infra import db


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Forget where the person looked and was paid, what they called the places of their links, what they picked, and
    what they wrote to shops.

    A click that brought a sale stays with its buyer, nameless now, because a commission is proved from it.
    """
    db.execute(
        """
        UPDATE alliance_click c SET visitor = 'erased',
               user_id = CASE WHEN won.yes THEN c.user_id END, known_at = CASE WHEN won.yes THEN c.known_at END
        FROM alliance_click same
        CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM alliance_conversion v WHERE v.click_id = same.id) AS yes) won
        WHERE same.id = c.id AND c.user_id = %s
        """,
        [person_id],
    )
    db.execute(
        "DELETE FROM alliance_voucher_origin o USING promotions_voucher v WHERE v.id = o.voucher_id"
        " AND v.person_id = %s",
        [person_id],
    )
    if publisher := queries.find_publisher(person_id):
        statements.forget_payee(owner=f"publisher:{publisher.id}")
    db.execute(
        "DELETE FROM alliance_pick k USING alliance_selection s WHERE s.id = k.selection_id AND s.owner_id = %s",
        [person_id],
    )
    db.execute("DELETE FROM alliance_selection WHERE owner_id = %s", [person_id])
    db.execute(
        """
        UPDATE alliance_participant y SET words = ''
        FROM alliance_publisher p WHERE p.id = y.publisher_id AND p.user_id = %s
        """,
        [person_id],
    )
    db.execute(
        """
        UPDATE alliance_slot s SET name = s.id::text, keyword_ids = '{}'
        FROM alliance_publisher p WHERE p.id = s.publisher_id AND p.user_id = %s
        """,
        [person_id],
    )
