"""What time does to promotions. An entry point: each packet in a transaction of its own, so a crash loses nothing."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.promotions import operations
from wuyou.infra.scans import each_due


def close_ended_packets(now: datetime) -> int:
    """Give back what is left of red packets that are over; returns how many."""
    return each_due(
        """
        SELECT p.id FROM promotions_promotion p
        WHERE p.kind = 'PACKET' AND p.closed_at IS NULL AND p.until <= %(now)s
        AND NOT EXISTS (SELECT FROM promotions_voucher v WHERE v.promotion_id = p.id AND v.state <> 'USED'
                        AND (v.state = 'HELD' OR v.use_until > %(now)s))
        AND p.id > %(after)s ORDER BY p.id LIMIT %(limit)s
        """,
        {"now": now},
        lambda promotion_id: operations.close_packet(promotion_id=promotion_id, now=now),
    )
