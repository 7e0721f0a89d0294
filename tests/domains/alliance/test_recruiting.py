"""Targeted plans and recruiting: who may take part, and what it does to what is paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.builders import social
from tests.builders.alliance import Market, published
from tests.builders.keywords import make_keyword
from wuyou.domains.alliance import errors, events, operations, queries, tasks
from wuyou.domains.alliance.types import (
    Activity,
    Collaboration,
    EnrolmentState,
    FirstPieces,
    ParticipantState,
    PartyRole,
    Publisher,
)
from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog.types import KeywordKind, Product
from wuyou.domains.identity import queries as identity
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.errors import DomainError

DAY = timedelta(days=1)


def circle(market: Market, *, takes_applications: bool = True, name: str = "好友") -> Collaboration:
    return operations.open_collaboration(
        actor=Actor(market.shop.owner_id),
        shop_id=market.shop.id,
        name=name,
        terms="每月两篇",
        takes_applications=takes_applications,
        now=market.now,
    )


def rate(market: Market, publisher: Publisher, product: Product, days: int = 0) -> int:
    plan = queries.find_plan(
        shop_id=market.shop.id, product_id=product.id, at=market.now + days * DAY, publisher_id=publisher.id
    )
    return plan.rate_bps if plan else 0


def test_who_was_taken_is_paid_the_rate_of_the_collaboration_and_nobody_else(market: Market) -> None:
    product, inside, outside = market.product(10_000), market.publisher(), market.publisher()
    market.plan(1_000)
    made = circle(market)
    market.plan(2_500, collaboration_id=made.id)
    owner = Actor(market.shop.owner_id)
    asked = operations.apply_to_join(
        actor=Actor(inside.user_id), collaboration_id=made.id, publisher_id=inside.id, words="我写茶", now=market.now
    )
    assert (asked.state, rate(market, inside, product)) == (ParticipantState.APPLIED, 1_000)
    taken = operations.answer_application(actor=owner, participant_id=asked.id, takes=True, now=market.now)
    assert taken.state is ParticipantState.JOINED
    assert [rate(market, one, product) for one in (inside, outside)] == [2_500, 1_000]
    buyer = market.person()
    market.click(market.link(inside, product), buyer)
    assert market.conversion(market.buy(buyer, product)).rate_bps == 2_500
    assert [check for check in queries.verify() if check.breach_count] == []
    assert [event.state for event in published(events.ParticipationChanged)] == ["APPLIED", "JOINED"]  # type: ignore[attr-defined]


def test_lower_rate_of_a_collaboration_does_not_take_the_better_one_away(market: Market) -> None:
    product, publisher = market.product(), market.publisher()
    market.plan(1_000)
    made = circle(market)
    market.plan(500, collaboration_id=made.id)
    invited = operations.invite(
        actor=Actor(market.shop.owner_id), collaboration_id=made.id, publisher_id=publisher.id, words="", now=market.now
    )
    operations.answer_invitation(actor=Actor(publisher.user_id), participant_id=invited.id, takes=True, now=market.now)
    assert rate(market, publisher, product) == 1_000


def test_shop_that_ends_it_gives_thirty_days_and_who_leaves_goes_at_once(market: Market) -> None:
    product, sent, gone = market.product(), market.publisher(), market.publisher()
    made = circle(market)
    market.plan(2_000, collaboration_id=made.id)
    owner = Actor(market.shop.owner_id)
    both = []
    for publisher in (sent, gone):
        invited = operations.invite(
            actor=owner, collaboration_id=made.id, publisher_id=publisher.id, words="", now=market.now
        )
        both.append(
            operations.answer_invitation(
                actor=Actor(publisher.user_id), participant_id=invited.id, takes=True, now=market.now
            )
        )
    operations.end_participation(actor=owner, participant_id=both[0].id, now=market.now + DAY)
    operations.end_participation(actor=Actor(gone.user_id), participant_id=both[1].id, now=market.now + DAY)
    assert [rate(market, sent, product, days) for days in (2, 30, 31)] == [2_000, 2_000, 0]
    assert [rate(market, gone, product, days) for days in (0, 1)] == [2_000, 0]


def test_only_the_two_sides_decide_and_each_step_once(market: Market) -> None:
    publisher, other = market.publisher(), market.publisher()
    owner, stranger = Actor(market.shop.owner_id), Actor(other.user_id)
    made = circle(market, takes_applications=False)
    with pytest.raises(errors.NoApplications):
        operations.apply_to_join(
            actor=Actor(publisher.user_id),
            collaboration_id=made.id,
            publisher_id=publisher.id,
            words="",
            now=market.now,
        )
    invited = operations.invite(
        actor=owner, collaboration_id=made.id, publisher_id=publisher.id, words="", now=market.now
    )
    refusals: list[tuple[type[Exception], Callable[[], object]]] = [
        (
            errors.CollaborationNotFound,
            lambda: operations.invite(
                actor=stranger, collaboration_id=made.id, publisher_id=other.id, words="", now=market.now
            ),
        ),
        (
            errors.CollaborationNotFound,
            lambda: operations.answer_invitation(actor=stranger, participant_id=invited.id, takes=True, now=market.now),
        ),
        (
            errors.ParticipationChanged,
            lambda: operations.answer_application(actor=owner, participant_id=invited.id, takes=True, now=market.now),
        ),
        (
            errors.ParticipationChanged,
            lambda: operations.end_participation(actor=owner, participant_id=invited.id, now=market.now),
        ),
        (errors.CollaborationMalformed, lambda: circle(market)),
        (
            errors.CollaborationMalformed,
            lambda: operations.invite(
                actor=owner, collaboration_id=made.id, publisher_id=other.id, words="x" * 2_001, now=market.now
            ),
        ),
        (
            catalog_errors.ShopNotFound,
            lambda: operations.open_collaboration(
                actor=stranger, shop_id=market.shop.id, name="x", terms="", takes_applications=True, now=market.now
            ),
        ),
    ]
    for kind, attempt in refusals:
        with pytest.raises(kind):
            attempt()
    assert queries.list_participants(made.id) == (invited,)
    assert queries.list_collaborations(market.shop.id) == (made,)
    refused = operations.answer_invitation(
        actor=Actor(publisher.user_id), participant_id=invited.id, takes=False, now=market.now
    )
    assert refused.state is ParticipantState.REFUSED
    operations.close_collaboration(actor=owner, collaboration_id=made.id, now=market.now)
    with pytest.raises(errors.NoApplications):
        operations.invite(actor=owner, collaboration_id=made.id, publisher_id=publisher.id, words="", now=market.now)
    circle(market)


def call(
    market: Market,
    recruiter: Publisher | None,
    *,
    service_bps: int = 200,
    only: Publisher | None = None,
    from_: datetime | None = None,
) -> Activity:
    return operations.open_activity(
        actor=Actor(recruiter.user_id) if recruiter else PLATFORM,
        recruiter_id=recruiter.id if recruiter else None,
        title="春茶季",
        brief="新茶",
        only_id=only.id if only else None,
        least_rate_bps=1_500,
        service_bps=service_bps if recruiter else 0,
        enrols_until=market.now + 10 * DAY,
        from_=from_ or market.now + DAY,
        until=market.now + 20 * DAY,
        now=market.now,
    )


def recruiter_of(market: Market) -> Publisher:
    recruiter = market.publisher()
    return operations.let_recruit(actor=PLATFORM, publisher_id=recruiter.id, now=market.now)


def test_accepted_goods_pay_the_activitys_rate_and_the_recruiters_fee_while_it_lasts(market: Market) -> None:
    product, publisher, recruiter = market.product(10_000), market.publisher(), recruiter_of(market)
    market.plan(1_000)
    activity = call(market, recruiter)
    enrolled = operations.enrol(
        actor=Actor(market.shop.owner_id),
        activity_id=activity.id,
        product_id=product.id,
        rate_bps=1_500,
        first=FirstPieces(2_000, 1),
        now=market.now,
    )
    assert rate(market, publisher, product, 2) == 1_000
    operations.decide_enrolment(actor=Actor(recruiter.user_id), enrolment_id=enrolled.id, accepts=True, now=market.now)
    assert [rate(market, publisher, product, days) for days in (0, 1, 19, 20)] == [1_000, 1_500, 1_500, 1_000]
    link, paid = market.link(publisher, product), []
    for _ in range(2):
        buyer, at = market.person(), market.now + 2 * DAY
        market.click(link, buyer, at)
        conversion = market.conversion(market.buy(buyer, product, at=at))
        fee = next(part for part in conversion.parts if part.role is PartyRole.RECRUITER)
        paid.append((conversion.rate_bps, fee.publisher_id, fee.estimated_minor))
    assert paid == [(2_000, recruiter.id, 200), (1_500, recruiter.id, 200)]
    assert [check for check in queries.verify() if check.breach_count] == []
    assert queries.list_enrolments(activity.id)[0].state is EnrolmentState.ACCEPTED
    assert [event.state for event in published(events.EnrolmentDecided)] == ["ACCEPTED"]  # type: ignore[attr-defined]


def test_recruiting_is_let_and_what_does_not_fit_changes_nothing(market: Market) -> None:
    product, recruiter, other = market.product(), recruiter_of(market), market.publisher()
    owner = Actor(market.shop.owner_id)
    activity = call(market, recruiter)

    def enrol(actor: Actor = owner, rate_bps: int = 1_500, days: int = 0, **more: object) -> object:
        return operations.enrol(
            actor=actor,
            activity_id=activity.id,
            product_id=product.id,
            rate_bps=rate_bps,
            now=market.now + days * DAY,
            **more,  # type: ignore[arg-type]
        )

    refusals: list[tuple[type[Exception], Callable[[], object]]] = [
        (errors.NoRecruiter, lambda: call(market, other)),
        (
            errors.StaffOnly,
            lambda: operations.let_recruit(actor=Actor(other.user_id), publisher_id=other.id, now=market.now),
        ),
        (errors.RateTooLow, lambda: enrol(rate_bps=1_499)),
        (errors.PlanMalformed, lambda: enrol(rate_bps=8_900)),
        (errors.PlanMalformed, lambda: enrol(first=FirstPieces(1_500, 3))),
        (errors.ProductNotFound, lambda: enrol(actor=Actor(other.user_id))),
        (errors.ActivityClosed, lambda: enrol(days=10)),
    ]
    for kind, attempt in refusals:
        with pytest.raises(kind):
            attempt()
    assert queries.list_enrolments(activity.id) == ()
    assert queries.list_activities(other.id) == ()

    enrolled = enrol()
    for kind, attempt in (
        (errors.AlreadyEnrolled, enrol),
        (
            errors.EnrolmentNotFound,
            lambda: operations.decide_enrolment(
                actor=Actor(other.user_id),
                enrolment_id=enrolled.id,  # type: ignore[attr-defined]
                accepts=True,
                now=market.now,
            ),
        ),
        (
            errors.EnrolmentNotFound,
            lambda: operations.withdraw_enrolment(
                actor=Actor(other.user_id),
                enrolment_id=enrolled.id,  # type: ignore[attr-defined]
                now=market.now,
            ),
        ),
    ):
        with pytest.raises(kind):
            attempt()
    assert queries.list_enrolments(activity.id) == (enrolled,)
    assert queries.list_plans(market.shop.id) == ()
    operations.withdraw_enrolment(actor=owner, enrolment_id=enrolled.id, now=market.now)  # type: ignore[attr-defined]
    operations.close_activity(actor=Actor(recruiter.user_id), activity_id=activity.id, now=market.now)
    with pytest.raises(errors.ActivityClosed):
        enrol()
    assert activity not in queries.list_open_activities(market.now)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"brief": "x" * 2_001}, "brief"),
        ({"least_rate_bps": 0}, "least_rate_bps"),
        ({"least_rate_bps": 8_900}, "least_rate_bps"),
        ({"days": 0}, "until"),
        ({"recruiter_id": None}, "service_bps"),
    ],
)
def test_activity_that_does_not_add_up_is_refused(market: Market, changes: dict[str, object], field: str) -> None:
    recruiter = recruiter_of(market)
    facts: dict[str, object] = {"title": "春", "brief": "", "least_rate_bps": 500, "days": 10}
    facts |= {"recruiter_id": recruiter.id} | changes
    days = facts.pop("days")
    with pytest.raises(errors.ActivityMalformed) as refused:
        operations.open_activity(
            actor=PLATFORM,
            service_bps=200,
            enrols_until=market.now + days * DAY,  # type: ignore[operator]
            from_=market.now,
            until=market.now + 20 * DAY,
            now=market.now,
            **facts,  # type: ignore[arg-type]
        )
    assert refused.value.facts == {"field": field}
    assert queries.list_activities(recruiter.id) == queries.list_activities(None) == ()


def test_goods_that_a_recruiter_called_for_one_alone_pay_that_one_and_nobody_else(market: Market) -> None:
    product, recruiter = market.product(10_000), recruiter_of(market)
    lin, other = market.publisher(), market.publisher()
    market.plan(1_000)
    activity = call(market, recruiter, only=lin)
    assert activity.only_id == lin.id
    owner = Actor(market.shop.owner_id)
    enrolled = operations.enrol(
        actor=owner, activity_id=activity.id, product_id=product.id, rate_bps=2_000, now=market.now
    )
    operations.decide_enrolment(actor=Actor(recruiter.user_id), enrolment_id=enrolled.id, accepts=True, now=market.now)
    assert [rate(market, one, product, days=2) for one in (lin, other)] == [2_000, 1_000]
    shops, later = {product.id: market.shop.id}, market.now + 2 * DAY
    offers = [
        queries.offers_by_product(shops, publisher_id=number, at=later)[product.id].plan.rate_bps
        for number in (lin.id, other.id, None)
    ]
    assert offers == [2_000, 1_000, 1_000]
    for one, rate_bps, service in ((lin, 2_000, 200), (other, 1_000, 0)):
        buyer = market.person()
        market.click(market.link(one, product), buyer, at=later)
        conversion = market.conversion(market.buy(buyer, product, at=later))
        parts = {part.role: part.estimated_minor for part in conversion.parts}
        assert (conversion.rate_bps, parts.get(PartyRole.RECRUITER, 0)) == (rate_bps, service)
    assert [check for check in queries.verify() if check.breach_count] == []


def told(publisher: Publisher) -> list[int | None]:
    """Of which activities a publisher is told."""
    found = notifications.list_groups(get_viewer(publisher.user_id)).items
    return [group.newest.object_id for group in found if group.kind is Kind.ACTIVITY_FOR_ONE]


def test_who_alone_is_called_for_is_told_once_when_it_has_begun_and_nobody_else_is(market: Market) -> None:
    recruiter, lin, other = recruiter_of(market), market.publisher(), market.publisher()
    at_once = call(market, recruiter, only=lin, from_=market.now)
    assert told(lin) == [at_once.id]
    call(market, recruiter, from_=market.now)  # for everybody: nobody is told
    later = call(market, recruiter, only=lin, from_=market.now + DAY)
    assert told(lin) == [at_once.id]
    for hours, told_of in ((23, 0), (24, 1), (25, 0), (1_000, 0)):
        assert tasks.tell_of_activities(market.now + timedelta(hours=hours)) == told_of
    assert told(lin) == [later.id, at_once.id]
    assert told(other) == told(recruiter) == []
    # What happens to it later is told to nobody again.
    enrolled = operations.enrol(
        actor=Actor(market.shop.owner_id),
        activity_id=later.id,
        product_id=market.product().id,
        rate_bps=2_000,
        now=market.now,
    )
    operations.decide_enrolment(actor=Actor(recruiter.user_id), enrolment_id=enrolled.id, accepts=True, now=market.now)
    operations.close_activity(actor=Actor(recruiter.user_id), activity_id=later.id, now=market.now + 2 * DAY)
    assert not operations.tell_of_activity(activity_id=later.id, now=market.now + 2 * DAY)
    rows = db.rows("SELECT count(*) FROM notifications_notification WHERE kind = 'ACTIVITY_FOR_ONE'")
    assert rows == [(2,)]
    assert told(lin) == [later.id, at_once.id]


def test_nobody_is_told_of_what_has_nothing_for_them_or_is_over_or_of_whom_they_blocked(market: Market) -> None:
    recruiter, lin, shut = recruiter_of(market), market.publisher(), market.publisher()
    closed = call(market, recruiter, only=lin, from_=market.now + DAY)
    operations.close_activity(actor=Actor(recruiter.user_id), activity_id=closed.id, now=market.now)
    over = call(market, recruiter, only=lin, from_=market.now + DAY)
    assert tasks.tell_of_activities(over.until) == 0
    assert tasks.tell_of_activities(market.now + DAY) == 1
    assert told(lin) == [over.id]
    operations.close_activity(actor=Actor(recruiter.user_id), activity_id=over.id, now=market.now + DAY)
    assert told(lin) == []  # nothing was taken, and nothing will be
    social.block(market.now, identity.get_person(shut.user_id), identity.get_person(recruiter.user_id))
    call(market, recruiter, only=shut, from_=market.now)
    assert told(shut) == []


def test_library_of_a_recruiter_is_for_somebody_else_and_never_the_platforms(market: Market) -> None:
    recruiter = recruiter_of(market)
    with pytest.raises(errors.ActivityMalformed) as refused:
        call(market, recruiter, only=recruiter)
    assert refused.value.facts == {"field": "only"}
    with pytest.raises(errors.ActivityMalformed):
        call(market, None, only=recruiter)
    assert queries.list_activities(recruiter.id) == queries.list_activities(None) == ()


def test_places_and_activities_carry_keywords_of_their_kinds_alone(market: Market) -> None:
    blog, tea = (make_keyword(market.now, kind) for kind in (KeywordKind.MEDIA, KeywordKind.GOODS))
    publisher, recruiter = market.publisher(), recruiter_of(market)
    slot = operations.add_slot(publisher_id=publisher.id, name="小报", now=market.now)
    made_by_taps = operations.add_slot(publisher_id=publisher.id, name="post:1", now=market.now)
    me, stranger = Actor(publisher.user_id), Actor(recruiter.user_id)
    operations.set_slot_keywords(actor=me, slot_id=slot.id, keyword_ids=[blog.id])
    refusals: list[tuple[type[DomainError], Actor, int, list[int]]] = [
        (errors.SlotNotFound, stranger, slot.id, []),
        (errors.SlotNotFound, me, made_by_taps.id, [blog.id]),
        (errors.SlotNotFound, me, 10**12, [blog.id]),
        (catalog_errors.KeywordNotFound, me, slot.id, [tea.id]),
    ]
    for kind, actor, slot_id, keyword_ids in refusals:
        with pytest.raises(kind):
            operations.set_slot_keywords(actor=actor, slot_id=slot_id, keyword_ids=keyword_ids)
    assert [each.keyword_ids for each in queries.list_slots(publisher.id)] == [(blog.id,), ()]
    assert queries.media_by_publisher([publisher.id, recruiter.id]) == {publisher.id: {blog.id}}
    facts = {"title": "春", "brief": "", "least_rate_bps": 500, "service_bps": 0, "now": market.now}
    facts |= {"enrols_until": market.now + DAY, "from_": market.now, "until": market.now + DAY}
    facts |= {"actor": Actor(recruiter.user_id), "recruiter_id": recruiter.id}
    with pytest.raises(catalog_errors.KeywordNotFound):
        operations.open_activity(keyword_ids=[tea.id], **facts)  # type: ignore[arg-type]
    assert operations.open_activity(keyword_ids=[blog.id], **facts).keyword_ids == (blog.id,)  # type: ignore[arg-type]
