"""Setting a plan over those that it takes the place of, for who sets one and for what an activity accepts.

Lock: the plans of a shop, advisory, so that each new one is compared with the one before it.
"""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.alliance import errors, queries, rules, telling, types
from wuyou.infra import db
from wuyou.kernel.money import BPS


def add_plan(draft: types.Plan, now: datetime) -> types.Plan:
    """Write a plan down after those that it takes the place of.

    Raises: `PlanMalformed`, `PlanBackdated`, `PlanLocked`.
    """
    _check_terms(draft, now)
    _wait_for_turn(draft.shop_id)
    others = queries.plans_of_scope(draft.shop_id, draft.product_id)
    rival = rules.held_before(draft, others, at=draft.from_)
    if rival and rival.locked_until and draft.from_ < rival.locked_until and draft.worth < rival.worth:
        raise errors.PlanLocked(locked_until=rival.locked_until)
    notice_before, notice_until = rules.notice_of(draft, others, now) or (None, None)
    first = draft.first
    made = db.row(
        f"""
        WITH n AS (
            INSERT INTO alliance_plan (
                shop_id, product_id, collaboration_id, enrolment_id, rate_bps, publisher_share_bps, partner_share_bps,
                platform_share_bps, service_bps, special_bps, first_rate_bps, first_count, first_sold, from_at,
                until_at, notice_before, notice_until, locked_until, recruiter_id, only_id, set_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING *)
        SELECT {queries.PLAN} FROM n
        """,  # noqa: S608  (the columns are a literal)
        [draft.shop_id, draft.product_id, draft.collaboration_id, draft.enrolment_id, draft.rate_bps,
         draft.shares.publisher_bps, draft.shares.partner_bps, draft.shares.platform_bps, draft.service_bps,
         draft.special_bps, first and first.rate_bps, first.count if first else 0, draft.from_, draft.until,
         notice_before, notice_until, draft.locked_until, draft.recruiter_id, draft.only_id, now],
    )  # fmt: skip
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    plan = queries.plan_of(made)
    if plan.until is None:
        _supersede(plan)
    telling.tell_cut(plan, now)
    return plan


def _wait_for_turn(shop_id: int) -> None:
    db.rows("SELECT pg_advisory_xact_lock(hashtextextended('alliance_plan', %s))", [shop_id])


def _supersede(plan: types.Plan) -> None:
    """From when a plan without an end holds for everybody, no earlier one of its scope is read again."""
    db.execute(
        """
        UPDATE alliance_plan SET superseded_at = least(superseded_at, %(at)s)
        WHERE shop_id = %(shop)s AND id < %(id)s AND product_id IS NOT DISTINCT FROM %(product)s::bigint
          AND collaboration_id IS NOT DISTINCT FROM %(collaboration)s::bigint
          AND enrolment_id IS NOT DISTINCT FROM %(enrolment)s::bigint
        """,
        {
            "at": max(plan.from_, plan.notice_until or plan.from_),
            "shop": plan.shop_id,
            "id": plan.id,
            "product": plan.product_id,
            "collaboration": plan.collaboration_id,
            "enrolment": plan.enrolment_id,
        },
    )


def _check_terms(plan: types.Plan, now: datetime) -> None:
    fees = plan.service_bps + plan.special_bps
    if min(plan.rate_bps, plan.service_bps, plan.special_bps) < 0 or plan.rate_bps + fees > types.MAX_RATE_BPS:
        raise errors.PlanMalformed(field="rate_bps")
    shares = (plan.shares.publisher_bps, plan.shares.partner_bps, plan.shares.platform_bps)
    if sum(shares) != BPS or min(shares) < 0:
        raise errors.PlanMalformed(field="shares")
    if plan.service_bps and plan.recruiter_id is None:
        raise errors.PlanMalformed(field="service_bps")
    first = plan.first
    if first and (not plan.rate_bps < first.rate_bps <= types.MAX_RATE_BPS - fees or not 0 < first.count <= 10**9):
        raise errors.PlanMalformed(field="first")
    if plan.until is not None and plan.until <= plan.from_:
        raise errors.PlanMalformed(field="until")
    if plan.from_ < now:
        raise errors.PlanBackdated(from_=plan.from_)
