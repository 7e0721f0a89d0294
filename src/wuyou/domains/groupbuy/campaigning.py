"""Campaigns: opened, changed, closed. Two of one product wait for each other, so that they never overlap."""

from __future__ import annotations

from datetime import datetime, timedelta

from wuyou.domains.catalog import operations as shops
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.groupbuy import errors, policies, queries, rules, types
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def open_campaign(
    *,
    actor: Actor,
    product_id: int,
    size: int,
    now: datetime,
    team_ttl: timedelta = rules.DEFAULT_TTL,
    max_per_order: int = 1,
    max_per_person: int | None = None,
    total_limit: int | None = None,
    new_buyers_only: bool = False,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> types.Campaign:
    """Sell a product to teams. Every variant needs a team price; campaigns of one product never overlap.

    Raises: `CampaignNotFound` (not your product), `CampaignMalformed`, `CampaignOverlaps`.
    """
    product = catalog.get_product(product_id)
    if not policies.may_run_campaigns(actor, catalog.get_shop(product.shop_id)):
        raise errors.CampaignNotFound()
    rules.check_campaign(
        size=size,
        team_ttl=team_ttl,
        max_per_order=max_per_order,
        max_per_person=max_per_person,
        total_limit=total_limit,
    )
    opens_at = opens_at or now
    if closes_at is not None and closes_at <= opens_at:
        raise errors.CampaignMalformed(field="closes_at")
    if any(variant.team_price is None for variant in product.variants):
        raise errors.CampaignMalformed(field="team_price")
    _lock_campaigns(product_id)
    found = db.row(
        """
        INSERT INTO groupbuy_campaign (product_id, size, team_ttl_s, max_per_order, max_per_person, total_limit,
                                       taken, new_buyers_only, opens_at, closes_at)
        VALUES (%s, %s, %s, %s, %s, %s, 0, %s, %s, %s) RETURNING id
        """,
        [product_id, size, int(team_ttl.total_seconds()), max_per_order, max_per_person, total_limit, new_buyers_only,
         opens_at, closes_at],
    )  # fmt: skip
    assert found is not None  # noqa: S101  (an INSERT without a condition returns its row)
    _check_overlap(found[0], product_id, opens_at, closes_at)
    shops.note_act(actor=actor, shop_id=product.shop_id, what="campaigns", about=found[0], now=now)
    return queries.get_campaign(found[0])


@db.requires_transaction
def close_campaign(*, actor: Actor, campaign_id: int, now: datetime) -> None:
    """No new teams from now on; running teams go on. A campaign that has not opened yet is withdrawn.

    Raises: `CampaignNotFound`, `CampaignClosed`.
    """
    _campaign, shop_id = campaign_of(actor, campaign_id)
    withdrawn = db.execute("DELETE FROM groupbuy_campaign WHERE id = %s AND opens_at >= %s", [campaign_id, now])
    closed = withdrawn or db.execute(
        """
        UPDATE groupbuy_campaign SET closes_at = %s
        WHERE id = %s AND opens_at < %s AND (closes_at IS NULL OR closes_at > %s)
        """,
        [now, campaign_id, now, now],
    )
    if not closed:
        raise errors.CampaignClosed()
    shops.note_act(actor=actor, shop_id=shop_id, what="stop-campaign", about=campaign_id, now=now)


@db.requires_transaction
def change_campaign(
    *,
    actor: Actor,
    campaign_id: int,
    max_per_order: int,
    max_per_person: int | None,
    total_limit: int | None,
    closes_at: datetime | None,
    now: datetime,
) -> types.Campaign:
    """Change the limits and the end of a campaign that is not over.

    How many make a team, and how long it may form, never changes: who opened one counts on it. A limit that was not
    there from the beginning was not counted, so it cannot come later; one that is there may be moved, or given up.
    Raises: `CampaignNotFound`, `CampaignClosed`, `CampaignOverlaps`, `CampaignMalformed`, also for fewer pieces in all
    than are taken. Locks: campaigns of the product, then the campaign.
    """
    before, shop_id = campaign_of(actor, campaign_id)
    rules.check_campaign(
        size=before.size,
        team_ttl=before.team_ttl,
        max_per_order=max_per_order,
        max_per_person=max_per_person,
        total_limit=total_limit,
    )
    if closes_at is not None and closes_at <= max(now, before.opens_at):
        raise errors.CampaignMalformed(field="closes_at")
    _lock_campaigns(before.product_id)
    kept = db.row(
        """
        UPDATE groupbuy_campaign
        SET max_per_order = %(order)s, max_per_person = %(person)s, total_limit = %(total)s, closes_at = %(closes)s
        WHERE id = %(id)s AND (closes_at IS NULL OR closes_at > %(now)s)
          AND (%(person)s::bigint IS NULL OR max_per_person IS NOT NULL)
          AND (%(total)s::bigint IS NULL OR (total_limit IS NOT NULL AND taken <= %(total)s::bigint))
        RETURNING opens_at
        """,
        {
            "id": campaign_id,
            "order": max_per_order,
            "person": max_per_person,
            "total": total_limit,
            "closes": closes_at,
            "now": now,
        },
    )
    if kept is None:
        current = queries.get_campaign(campaign_id)
        if current.closes_at is not None and current.closes_at <= now:
            raise errors.CampaignClosed()
        is_new = max_per_person is not None and current.max_per_person is None
        raise errors.CampaignMalformed(field="max_per_person" if is_new else "total_limit")
    _check_overlap(campaign_id, before.product_id, kept[0], closes_at)
    after = queries.get_campaign(campaign_id)
    if after != before:
        shops.note_act(actor=actor, shop_id=shop_id, what="change-campaign", about=campaign_id, now=now)
    return after


def campaign_of(actor: Actor, campaign_id: int) -> tuple[types.Campaign, int]:
    """A campaign that the actor runs, and the shop's id. Raises `CampaignNotFound`."""
    campaign = queries.get_campaign(campaign_id)
    product = catalog.products_by_id([campaign.product_id])[campaign.product_id]
    if not policies.may_run_campaigns(actor, catalog.get_shop(product.shop_id)):
        raise errors.CampaignNotFound()
    return campaign, product.shop_id


def _lock_campaigns(product_id: int) -> None:
    # In a statement of its own: what the next ones read is read after the wait.
    db.rows("SELECT pg_advisory_xact_lock(hashtextextended('groupbuy_campaign', %s))", [product_id])


def _check_overlap(campaign_id: int, product_id: int, opens_at: datetime, closes_at: datetime | None) -> None:
    overlapping = db.row(
        """
        SELECT 1 FROM groupbuy_campaign
        WHERE product_id = %s AND id <> %s
          AND tstzrange(opens_at, closes_at) && tstzrange(%s::timestamptz, %s::timestamptz)
        """,
        [product_id, campaign_id, opens_at, closes_at],
    )
    if overlapping:
        raise errors.CampaignOverlaps()
