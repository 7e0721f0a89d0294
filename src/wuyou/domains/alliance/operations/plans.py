"""What shops pay, and from when to when; what the platform adds."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.alliance import errors, planning, policies, queries, types
from wuyou.domains.alliance.types import Shares
from wuyou.domains.catalog import operations as shops
from wuyou.domains.catalog import queries as catalog
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import BPS, MAX_MINOR, Money

MAX_NAME = 80


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
    service_bps: int = 0,
    special_bps: int = 0,
    first: types.FirstPieces | None = None,
    locked_until: datetime | None = None,
    collaboration_id: int | None = None,
) -> types.Plan:
    """Say what the shop pays for a sale brought to it during `[from_, until)`.

    It takes the place of what was set before for the same goods and the same publishers, and when it ends that holds
    again. A raise begins at `from_` for everybody. A cut begins 30 days from now for who promotes the shop already.
    Clicks made before keep the rate of their moment; a rate of 0 takes goods out of the alliance in the same way.

    Args: product_id: None means everything in the shop that has no plan of its own; rate_bps: 0 to 9,000, with the fees
    on top; the shares sum to 10,000; from_: now or later; service_bps: of the sale, to the recruiter; special_bps: of
    the sale, to the platform, set by staff only; first: a higher rate for the first pieces; locked_until: until when
    the shop promises to pay no less; collaboration_id: only for who takes part in it.
    Raises: `ShopNotFound` (also for who may not), `ProductNotFound`, `CollaborationNotFound`, `PlanMalformed`,
    `PlanBackdated`, `PlanLocked`, `PartnerMalformed`, `StaffOnly`. Locks: the shop's plans.
    """
    policies.require_plan_setter(actor, shop_id)
    draft = types.Plan(
        0, shop_id, product_id, rate_bps, Shares(publisher_share_bps, partner_share_bps, platform_share_bps), from_,
        until, recruiter_id, now, service_bps, special_bps, collaboration_id, locked_until=locked_until, first=first,
    )  # fmt: skip
    if special_bps:
        policies.require_staff(actor)
    if product_id is not None:
        product = catalog.products_by_id([product_id]).get(product_id)
        if product is None or product.shop_id != shop_id:
            raise errors.ProductNotFound()
    if recruiter_id is not None and not queries.publishers_by_id([recruiter_id]):
        raise errors.PartnerMalformed()
    if collaboration_id is not None and queries.get_collaboration(collaboration_id).shop_id != shop_id:
        raise errors.CollaborationNotFound()
    plan = planning.add_plan(draft, now)
    about: int | str = "" if product_id is None else product_id
    shops.note_act(actor=actor, shop_id=shop_id, what="set-plan", about=about, now=now)
    return plan


@db.requires_transaction
def set_subsidy(
    *,
    actor: Actor,
    name: str,
    shop_id: int | None,
    product_id: int | None,
    rate_bps: int,
    cap: Money,
    budget: Money,
    from_: datetime,
    until: datetime,
    now: datetime,
) -> types.Subsidy:
    """Let the platform add to the commission of sales whose click falls in `[from_, until)`.

    Args: shop_id, product_id: None for all; rate_bps: of the sale; cap: at most, for one line; budget: at most, in all.
    Raises: `StaffOnly`, `SubsidyMalformed`, `ShopNotFound`, `ProductNotFound`.
    """
    policies.require_staff(actor)
    _check_subsidy(name, rate_bps, cap, budget, from_, until, now)
    if shop_id is not None:
        catalog.get_shop(shop_id)
    if product_id is not None:
        product = catalog.products_by_id([product_id]).get(product_id)
        if product is None or product.shop_id != shop_id:
            raise errors.ProductNotFound()
    made = db.row(
        """
        INSERT INTO alliance_subsidy (name, shop_id, product_id, rate_bps, cap_minor, currency, budget_minor,
                                      spent_minor, from_at, until_at, set_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, 0, %s, %s, %s) RETURNING id
        """,
        [name, shop_id, product_id, rate_bps, cap.amount_minor, cap.currency.code, budget.amount_minor, from_, until,
         now],
    )  # fmt: skip
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    nothing = Money(0, budget.currency)
    return types.Subsidy(made[0], name, shop_id, product_id, rate_bps, cap, budget, nothing, from_, until)


def _check_subsidy(
    name: str, rate_bps: int, cap: Money, budget: Money, from_: datetime, until: datetime, now: datetime
) -> None:
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise errors.SubsidyMalformed(field="name")
    if not 0 < rate_bps <= BPS:
        raise errors.SubsidyMalformed(field="rate_bps")
    if not 0 < cap.amount_minor <= MAX_MINOR:
        raise errors.SubsidyMalformed(field="cap")
    if not 0 < budget.amount_minor <= MAX_MINOR or budget.currency is not cap.currency:
        raise errors.SubsidyMalformed(field="budget")
    if until <= from_ or from_ < now:
        raise errors.SubsidyMalformed(field="until")
