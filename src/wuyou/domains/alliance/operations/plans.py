"""What shops pay, and from when to when."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from wuyou.domains.alliance import errors, policies, queries, types
from wuyou.domains.alliance.types import Shares
from wuyou.domains.catalog import queries as catalog
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import BPS


@db.requires_transaction
def set_plan(
    *,
    actor: Actor,
    shop_id: int,
    product_id: int | None,
    rate_bps: int,
    publisher_share_bps: int,
    partner_share_bps: int,
    platform_share_bps: int,
    from_: datetime,
    until: datetime | None,
    now: datetime,
    recruiter_id: int | None = None,
) -> types.Plan:
    """Say what the shop pays for a sale brought to it during `[from_, until)`.

    The plan that runs for the same goods ends where this one begins. Clicks made before keep the rate of their moment;
    a rate of 0 takes goods out of the alliance in the same way.

    Args: product_id: None means everything in the shop that has no plan of its own; rate_bps: 0 to 9,000; the shares
    sum to 10,000; from_: now or later.
    Raises: `ShopNotFound` (also for who may not), `ProductNotFound`, `PlanMalformed`, `PlanBackdated`, `PlanOverlaps`,
    `PartnerMalformed`.
    """
    policies.require_plan_setter(actor, shop_id)
    _check_terms(rate_bps, Shares(publisher_share_bps, partner_share_bps, platform_share_bps), from_, until, now)
    if product_id is not None:
        product = catalog.products_by_id([product_id]).get(product_id)
        if product is None or product.shop_id != shop_id:
            raise errors.ProductNotFound()
    if recruiter_id is not None and not queries.publishers_by_id([recruiter_id]):
        raise errors.PartnerMalformed()
    try:
        with db.savepoint():
            db.execute(
                """
                UPDATE alliance_plan SET until_at = %(from)s
                WHERE shop_id = %(shop)s AND product_id IS NOT DISTINCT FROM %(product)s::bigint
                  AND from_at <= %(from)s AND (until_at IS NULL OR until_at > %(from)s)
                """,
                {"shop": shop_id, "product": product_id, "from": from_},
            )
            made = db.row(
                """
                INSERT INTO alliance_plan (shop_id, product_id, rate_bps, publisher_share_bps, partner_share_bps,
                                           platform_share_bps, from_at, until_at, recruiter_id, set_at)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
                """,
                [shop_id, product_id, rate_bps, publisher_share_bps, partner_share_bps, platform_share_bps,
                 from_, until, recruiter_id, now],
            )  # fmt: skip
    except IntegrityError as error:
        raise errors.PlanOverlaps() from error
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    shares = Shares(publisher_share_bps, partner_share_bps, platform_share_bps)
    return types.Plan(made[0], shop_id, product_id, rate_bps, shares, from_, until, recruiter_id)


def _check_terms(rate_bps: int, shares: Shares, from_: datetime, until: datetime | None, now: datetime) -> None:
    if not 0 <= rate_bps <= types.MAX_RATE_BPS:
        raise errors.PlanMalformed(field="rate_bps")
    parts = (shares.publisher_bps, shares.partner_bps, shares.platform_bps)
    if sum(parts) != BPS or min(parts) < 0:
        raise errors.PlanMalformed(field="shares")
    if until is not None and until <= from_:
        raise errors.PlanMalformed(field="until")
    if from_ < now:
        raise errors.PlanBackdated(from_=from_)
