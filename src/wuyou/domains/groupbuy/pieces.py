"""Pieces of a campaign, counted against its limits. Locks: the campaign's row, then the person's use of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wuyou.domains.groupbuy import errors, types
from wuyou.infra import db


def take(campaign: types.Campaign, user_id: int, quantity: int) -> None:
    """Count pieces against the campaign's limits; held, paid and shipped pieces all count."""
    if campaign.total_limit is not None:
        taken = db.execute(
            "UPDATE groupbuy_campaign SET taken = taken + %s WHERE id = %s AND taken + %s <= total_limit",
            [quantity, campaign.id, quantity],
        )
        if not taken:
            raise errors.CampaignSoldOut()
    if campaign.max_per_person is None:
        return
    used = db.execute(
        """
        INSERT INTO groupbuy_campaign_use AS u (campaign_id, user_id, quantity)
        SELECT %s::bigint, %s::bigint, %s::int WHERE %s::int <= %s::int
        ON CONFLICT (campaign_id, user_id) DO UPDATE SET quantity = u.quantity + EXCLUDED.quantity
        WHERE u.quantity + EXCLUDED.quantity <= %s::int
        """,
        [campaign.id, user_id, quantity, quantity, campaign.max_per_person, campaign.max_per_person],
    )
    if not used:
        raise errors.PersonLimitReached(most=campaign.max_per_person)


def give_back(given: Sequence[Sequence[Any]]) -> None:
    """Undo `take` for (campaign, user, quantity); campaigns without limits have nothing to undo."""
    for campaign_id, user_id, quantity in given:
        db.execute(
            """
            WITH total AS (UPDATE groupbuy_campaign SET taken = taken - %s WHERE id = %s AND total_limit IS NOT NULL)
            UPDATE groupbuy_campaign_use SET quantity = quantity - %s WHERE campaign_id = %s AND user_id = %s
            """,
            [quantity, campaign_id, quantity, campaign_id, user_id],
        )
