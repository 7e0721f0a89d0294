"""招商: recruiters call for goods, shops enrol them, and what is accepted is a plan with a service fee."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError

from wuyou.domains.alliance import errors, events, planning, policies, queries, telling, types
from wuyou.domains.alliance.queries.recruiting import HAS_GOODS
from wuyou.domains.alliance.types import EnrolmentState, FirstPieces
from wuyou.domains.catalog import operations as shops
from wuyou.domains.catalog import queries as catalog
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor

MAX_TITLE = 80
MAX_BRIEF = 2_000


@db.requires_transaction
def let_recruit(*, actor: Actor, publisher_id: int, now: datetime) -> types.Publisher:
    """The operator lets a publisher recruit merchants. Twice is once. Raises: `StaffOnly`, `PublisherNotFound`."""
    policies.require_staff(actor)
    queries.get_publisher(publisher_id)
    db.execute(
        "UPDATE alliance_publisher SET recruits_since = %s WHERE id = %s AND recruits_since IS NULL",
        [now, publisher_id],
    )
    return queries.get_publisher(publisher_id)


@db.requires_transaction
def open_activity(
    *,
    actor: Actor,
    recruiter_id: int | None,
    title: str,
    brief: str,
    keyword_ids: Collection[int] = (),
    only_id: int | None = None,
    least_rate_bps: int,
    service_bps: int,
    enrols_until: datetime,
    from_: datetime,
    until: datetime,
    now: datetime,
) -> types.Activity:
    """Call for goods at a rate of at least so much, of which the recruiter gets a service fee on top.

    Args: recruiter_id: the publisher who recruits, or None for the platform, which takes no service fee; keyword_ids:
    of the catalogue's, for the occasion, the industry and places of links; only_id: a publisher for whom alone the
    goods are, as far as the recruiter brings them: their exclusive library.
    Raises: `StaffOnly`, `PublisherNotFound`, `NotYourself`, `NoRecruiter`, `ActivityMalformed`, `KeywordNotFound`,
    `TooManyKeywords`.
    """
    if recruiter_id is None:
        policies.require_staff(actor)
    else:
        recruiter = queries.get_publisher(recruiter_id)
        policies.require_oneself(actor, recruiter.user_id)
        if recruiter.recruits_since is None:
            raise errors.NoRecruiter()
    _check_words(title, brief)
    if only_id is not None and (recruiter_id is None or queries.get_publisher(only_id).id == recruiter_id):
        raise errors.ActivityMalformed(field="only")
    if least_rate_bps <= 0 or service_bps < 0 or least_rate_bps + service_bps > types.MAX_RATE_BPS:
        raise errors.ActivityMalformed(field="least_rate_bps")
    if service_bps and recruiter_id is None:
        raise errors.ActivityMalformed(field="service_bps")
    if not now < enrols_until <= until or not from_ < until:
        raise errors.ActivityMalformed(field="until")
    keywords = catalog.chosen_keywords(keyword_ids, kinds=types.ACTIVITY_KEYWORDS)
    made = db.row(
        """
        INSERT INTO alliance_activity (recruiter_id, title, brief, keyword_ids, only_id, least_rate_bps, service_bps,
                                       enrols_until, from_at, until_at, opened_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        [recruiter_id, title.strip(), brief, keywords, only_id, least_rate_bps, service_bps, enrols_until, from_, until,
         now],
    )  # fmt: skip
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    tell_of_activity(activity_id=made[0], now=now)
    return queries.get_activity(made[0])


@db.requires_transaction
def tell_of_activity(*, activity_id: int, now: datetime) -> bool:
    """Tell the publisher for whom alone an activity is that it has begun: once, and not before.

    One that was closed before anything was taken has nothing for them, and they are not told. Returns whether they
    were told now. Cost: one statement, and two where there is somebody to tell.
    """
    told = db.row(
        f"""
        UPDATE alliance_activity v SET told_at = %(now)s FROM alliance_publisher o, alliance_publisher r
        WHERE v.id = %(id)s AND o.id = v.only_id AND r.id = v.recruiter_id AND v.told_at IS NULL
          AND v.from_at <= %(now)s AND v.until_at > %(now)s AND {HAS_GOODS}
        RETURNING o.user_id, r.user_id
        """,  # noqa: S608  (a literal of the domain)
        {"id": activity_id, "now": now},
    )
    if told is not None:
        person_id, recruiter_user_id = told
        telling.tell_activity(activity_id, person_id, recruiter_user_id, now)
    return told is not None


@db.requires_transaction
def close_activity(*, actor: Actor, activity_id: int, now: datetime) -> None:
    """Nobody enrols any more; what was accepted goes on to its end. Twice is once.

    Raises: `ActivityNotFound`, also for who may not.
    """
    if not _may_host(actor, queries.get_activity(activity_id)):
        raise errors.ActivityNotFound()
    db.execute("UPDATE alliance_activity SET closed_at = %s WHERE id = %s AND closed_at IS NULL", [now, activity_id])


@db.requires_transaction
def enrol(
    *,
    actor: Actor,
    activity_id: int,
    product_id: int,
    rate_bps: int,
    now: datetime,
    first: FirstPieces | None = None,
) -> types.Enrolment:
    """A shop brings goods to an activity.

    Raises: `ActivityNotFound`, `ActivityClosed`, `ProductNotFound` (also for who may not), `RateTooLow`,
    `PlanMalformed`, `AlreadyEnrolled`.
    """
    activity = queries.get_activity(activity_id)
    product = catalog.products_by_id([product_id]).get(product_id)
    if product is None or not policies.may_set_plan(actor, product.shop_id):
        raise errors.ProductNotFound()
    if not activity.is_open(now):
        raise errors.ActivityClosed()
    if rate_bps < activity.least_rate_bps:
        raise errors.RateTooLow(least_rate_bps=activity.least_rate_bps)
    if rate_bps + activity.service_bps > types.MAX_RATE_BPS:
        raise errors.PlanMalformed(field="rate_bps")
    if first and (not rate_bps < first.rate_bps <= types.MAX_RATE_BPS - activity.service_bps or first.count <= 0):
        raise errors.PlanMalformed(field="first")
    try:
        with db.savepoint():
            made = db.row(
                """
                INSERT INTO alliance_enrolment (activity_id, shop_id, product_id, rate_bps, first_rate_bps, first_count,
                                                state, words, enrolled_at)
                VALUES (%s, %s, %s, %s, %s, %s, 'WAITING', '', %s) RETURNING id
                """,
                [activity_id, product.shop_id, product_id, rate_bps, first and first.rate_bps,
                 first.count if first else 0, now],
            )  # fmt: skip
    except IntegrityError as error:
        raise errors.AlreadyEnrolled() from error
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    shops.note_act(actor=actor, shop_id=product.shop_id, what="enrol", about=activity_id, now=now)
    return queries.get_enrolment(made[0])


@db.requires_transaction
def withdraw_enrolment(*, actor: Actor, enrolment_id: int, now: datetime) -> types.Enrolment:
    """The shop takes goods back before they are decided on. Raises: `EnrolmentNotFound`, `EnrolmentChanged`."""
    enrolment = queries.get_enrolment(enrolment_id)
    if not policies.may_set_plan(actor, enrolment.shop_id):
        raise errors.EnrolmentNotFound()
    after = _move(enrolment, EnrolmentState.WITHDRAWN, "", now)
    shops.note_act(actor=actor, shop_id=enrolment.shop_id, what="withdraw", about=enrolment_id, now=now)
    return after


@db.requires_transaction
def decide_enrolment(
    *, actor: Actor, enrolment_id: int, accepts: bool, now: datetime, words: str = ""
) -> types.Enrolment:
    """The recruiter accepts goods, which makes them a plan for the time of the activity, or refuses them with a word.

    Raises: `EnrolmentNotFound` (also for who may not), `EnrolmentChanged`, `ActivityMalformed`, `ActivityClosed` when
    it is over.
    """
    enrolment = queries.get_enrolment(enrolment_id)
    activity = queries.get_activity(enrolment.activity_id)
    if not _may_host(actor, activity):
        raise errors.EnrolmentNotFound()
    if len(words) > MAX_BRIEF or "\0" in words:
        raise errors.ActivityMalformed(field="words")
    if not accepts:
        return _move(enrolment, EnrolmentState.REFUSED, words, now)
    if activity.until <= now:
        raise errors.ActivityClosed()
    accepted = _move(enrolment, EnrolmentState.ACCEPTED, words, now)
    planning.add_plan(
        types.Plan(
            0, enrolment.shop_id, enrolment.product_id, enrolment.rate_bps, types.USUAL_SHARES,
            max(activity.from_, now), activity.until, activity.recruiter_id, now, activity.service_bps,
            enrolment_id=enrolment.id, first=enrolment.first, only_id=activity.only_id,
        ),
        now,
    )  # fmt: skip
    return accepted


def _may_host(actor: Actor, activity: types.Activity) -> bool:
    recruiter_id = activity.recruiter_id
    return policies.may_host(actor, None if recruiter_id is None else queries.get_publisher(recruiter_id).user_id)


def _check_words(title: str, brief: str) -> None:
    if not 0 < len(title.strip()) <= MAX_TITLE or not title.isprintable():
        raise errors.ActivityMalformed(field="title")
    if len(brief) > MAX_BRIEF or "\0" in brief:
        raise errors.ActivityMalformed(field="brief")


def _move(enrolment: types.Enrolment, to: EnrolmentState, words: str, now: datetime) -> types.Enrolment:
    moved = db.execute(
        """
        UPDATE alliance_enrolment SET state = %s, words = %s, decided_at = %s WHERE id = %s AND state = 'WAITING'
        """,
        [to.value, words, now, enrolment.id],
    )
    after = queries.get_enrolment(enrolment.id)
    if not moved:
        raise errors.EnrolmentChanged(state=after.state.value)
    if to is not EnrolmentState.WITHDRAWN:  # the shop did that itself
        telling.tell_enrolment(after, now)
    publish(
        events.EnrolmentDecided(after.id, after.activity_id, after.shop_id, after.product_id, after.state.value, now)
    )
    return after
