"""Every kind of notification happens, is told to whom it concerns, and leads to a page that they may open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import translation

from tests.builders import awards, claims, complaints, content, goods, holds, promoting, social, teams, things
from tests.builders import messaging as talk
from tests.builders import moderation as judging
from tests.builders.people import PASSWORD, actor_for, make_person
from tests.surfaces.storefront.conftest import browser
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.catalog.types import Role
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity import tasks as identity_tasks
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import queries as judged
from wuyou.domains.moderation.types import SubjectKind
from wuyou.domains.notifications import queries
from wuyou.domains.notifications.types import Group, Kind
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders.types import ParcelDraft, Pieces
from wuyou.domains.social import tasks as social_tasks
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import operations as things_operations
from wuyou.domains.things.types import AnnotationDraft, Purpose, Thing
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC
from wuyou.surfaces.storefront.accounts.texts import NOTED, NOTICES
from wuyou.surfaces.storefront.viewmodels.notifications import tell

pytestmark = pytest.mark.usefixtures("world")


def owned(now: datetime, person: Person) -> Thing:
    """A thing that everybody may know of, because this person shows theirs."""
    thing = things.make_thing(now)
    things.make_holding(now, person, thing, audience=PUBLIC)
    return thing


def followed(now: datetime, me: Person, lin: Person) -> None:
    social.follow(now, lin, me)


def friend_requested(now: datetime, me: Person, lin: Person) -> None:
    social.ask(now, lin, me)


def friendship_began(now: datetime, me: Person, lin: Person) -> None:
    social.ask(now, me, lin)
    social.accept(now, lin, social.request_id(me, lin))


def gift_offered(now: datetime, me: Person, lin: Person) -> None:
    social.befriend(now, me, lin)
    social.offer(now, lin, me)


def gift_accepted(now: datetime, me: Person, lin: Person) -> None:
    social.befriend(now, me, lin)
    social.take_gift(now, lin, social.offer(now, me, lin).id)


def gift_received(now: datetime, me: Person, lin: Person) -> None:
    social.befriend(now, me, lin)
    social.give(now, lin, me)


def appreciated(now: datetime, me: Person, lin: Person) -> None:
    review = things.make_review(now, me, owned(now, me))
    things.thank(now, lin, AppreciatedKind.REVIEW, review)


def tie_fading(now: datetime, me: Person, lin: Person) -> None:
    for number in range(4):
        social.do_together(now - timedelta(days=60 + number // 2), me, lin, key=f"team:{number}")
    social_tasks.remind_of_fading_ties(now)


def message(now: datetime, me: Person, lin: Person) -> None:
    talk.say(now, lin, talk.open_with(now, lin, me))


def called_out(now: datetime, me: Person, lin: Person) -> None:
    thing = things.make_thing(now)
    for person in (me, lin):
        things.make_holding(now, person, thing, audience=PUBLIC)
    talk.call_out(now, lin, me, [thing.id])


def thread_replied(now: datetime, me: Person, lin: Person) -> None:
    draft = AnnotationDraft("快门在这里", Purpose.EXPLAIN, None, None, PUBLIC)
    thing = owned(now, me)
    annotation = db.in_transaction(
        lambda: things_operations.annotate(actor=actor_for(me), thing_id=thing.id, draft=draft, now=now)
    )
    db.in_transaction(
        lambda: things_operations.reply(actor=actor_for(lin), annotation_id=annotation, text="谢谢", now=now)
    )


def post_commented(now: datetime, me: Person, lin: Person) -> None:
    content.comment(now, lin, content.make_post(now, me))


def comment_answered(now: datetime, me: Person, lin: Person) -> None:
    post = content.make_post(now, lin)
    content.comment(now, lin, post, answers_id=content.comment(now, me, post))


def post_reacted(now: datetime, me: Person, lin: Person) -> None:
    content.react(now, lin, content.make_post(now, me))


def post_reposted(now: datetime, me: Person, lin: Person) -> None:
    content.repost(now, lin, content.make_post(now, me))


def order_shipped(now: datetime, me: Person, lin: Person) -> None:
    placed = teams.buy_alone(now, me, goods.make_product(now))
    teams.pay(now, me, placed.order_no)
    teams.settle_down(now)
    db.in_transaction(lambda: orders.ship_order(actor=PLATFORM, order_id=placed.id, now=now))


def parcel_sent(now: datetime, me: Person, lin: Person) -> None:
    placed = teams.buy_alone(now, me, goods.make_product(now), quantity=3)
    teams.pay(now, me, placed.order_no)
    teams.settle_down(now)
    (line,) = orders_queries.get_order(placed.id).lines
    parcel = ParcelDraft("SF", "SF1234567", (Pieces(line.id, 2),))
    db.in_transaction(lambda: orders.ship_order(actor=PLATFORM, order_id=placed.id, now=now, parcel=parcel))


def clerk_invited(now: datetime, me: Person, lin: Person) -> None:
    shop = goods.make_shop(now, owner_id=lin.id)
    db.in_transaction(
        lambda: catalog.invite_clerk(actor=actor_for(lin), shop_id=shop.id, person_id=me.id, role=Role.ORDERS, now=now)
    )


def goods_arrived(now: datetime, me: Person, lin: Person) -> None:
    placed = teams.buy_alone(now, me, goods.make_product(now))
    teams.pay(now, me, placed.order_no)
    teams.settle_down(now)
    db.in_transaction(lambda: orders.ship_order(actor=PLATFORM, order_id=placed.id, now=now))
    db.in_transaction(lambda: orders.receive_order(order_id=placed.id, now=now))


def refund_returned(now: datetime, me: Person, lin: Person) -> None:
    placed = teams.buy_alone(now, me, goods.make_product(now))
    teams.pay(now, me, placed.order_no)
    teams.settle_down(now)
    db.in_transaction(
        lambda: orders.request_refund(seller=None, order_id=placed.id, amount_minor=None, reason="broken", now=now)
    )
    teams.send_refunds(now)


def team_formed(now: datetime, me: Person, lin: Person) -> None:
    product = goods.make_product(now)
    teams.form_team(now, me, [lin], goods.make_campaign(now, product, size=2), product)


def experience_asked(now: datetime, me: Person, lin: Person) -> None:
    product = goods.make_product(now)
    team = teams.form_team(now, me, [lin], goods.make_campaign(now, product, size=2), product)
    teams.receive(now, next(seat.order_id for seat in team.seats if seat.user_id == me.id))


def team_ended(now: datetime, me: Person, lin: Person) -> None:
    product = goods.make_product(now)
    team = teams.open_and_pay(now, me, goods.make_campaign(now, product, size=2), product)
    db.in_transaction(lambda: groupbuy.expire_team(team_id=team.id, now=now + timedelta(days=30)))


def complaint_made(now: datetime, me: Person, lin: Person) -> None:
    product = goods.make_product(now, shop=goods.make_shop(now, owner_id=me.id))
    complaints.complain(now, lin, complaints.buy(now, lin, product))


def complaint_moved(now: datetime, me: Person, lin: Person) -> None:
    product = goods.make_product(now, shop=goods.make_shop(now, owner_id=lin.id))
    complaints.reply(now, lin, complaints.complain(now, me, complaints.buy(now, me, product)))


def claim_made(now: datetime, me: Person, lin: Person) -> None:
    product = goods.make_product(now, shop=goods.make_shop(now, owner_id=me.id))
    claims.ask(now, lin, complaints.buy(now, lin, product))


def claim_moved(now: datetime, me: Person, lin: Person) -> None:
    product = goods.make_product(now, shop=goods.make_shop(now, owner_id=lin.id))
    claims.refuse(now, lin, claims.ask(now, me, complaints.buy(now, me, product)))


def promoting_of(kind: Kind) -> Callable[[datetime, Person, Person], None]:
    return lambda now, me, lin: db.in_transaction(lambda: promoting.HAPPENINGS[kind](now, me.id))


def commission_held(now: datetime, me: Person, lin: Person) -> None:
    db.in_transaction(lambda: holds.held_of(now, me.id))


def commission_reversed(now: datetime, me: Person, lin: Person) -> None:
    db.in_transaction(lambda: holds.reversed_of(now, me.id))


def commission_decided(now: datetime, me: Person, lin: Person) -> None:
    db.in_transaction(lambda: holds.punished_of(now, me.id))


def commission_answered(now: datetime, me: Person, lin: Person) -> None:
    db.in_transaction(lambda: holds.answered_of(now, me.id))


def award_given(now: datetime, me: Person, lin: Person) -> None:
    awards.won_by(now, me)


def award_withdrawn(now: datetime, me: Person, lin: Person) -> None:
    awards.withdraw(now, awards.won_by(now, me))


def export_ready(now: datetime, me: Person, lin: Person) -> None:
    db.in_transaction(lambda: identity.ask_for_export(actor=actor_for(me), now=now))
    identity_tasks.write_due_exports(now)


def signed_in_anew(now: datetime, me: Person, lin: Person) -> None:
    db.in_transaction(lambda: identity.note_new_browser(person_id=me.id, now=now))


def ways_in_changed(now: datetime, me: Person, lin: Person) -> None:
    db.in_transaction(lambda: identity.note_ways_in(person_id=me.id, what="password_changed", now=now))


def case_of(now: datetime, owner: Person, reporter: Person) -> int:
    review = things.make_review(now, owner, owned(now, owner))
    judging.report(now, reporter, SubjectKind.REVIEW, review)
    return judged.list_cases().items[-1].id


def case_decided(now: datetime, me: Person, lin: Person) -> None:
    judging.decide(now, make_person(now, is_staff=True), case_of(now, me, lin))


def appeal_answered(now: datetime, me: Person, lin: Person) -> None:
    decision = judging.decide(now, make_person(now, is_staff=True), case_of(now, me, lin))
    appeal = judging.appeal(now, me, decision)
    judging.answer(now, make_person(now, is_staff=True), appeal, is_granted=False)


def report_answered(now: datetime, me: Person, lin: Person) -> None:
    judging.decide(now, make_person(now, is_staff=True), case_of(now, lin, me))


HAPPENINGS: Mapping[Kind, Callable[[datetime, Person, Person], None]] = {
    Kind.FOLLOWED: followed,
    Kind.FRIEND_REQUESTED: friend_requested,
    Kind.FRIENDSHIP_BEGAN: friendship_began,
    Kind.GIFT_OFFERED: gift_offered,
    Kind.GIFT_ACCEPTED: gift_accepted,
    Kind.GIFT_RECEIVED: gift_received,
    Kind.APPRECIATED: appreciated,
    Kind.TIE_FADING: tie_fading,
    Kind.MESSAGE: message,
    Kind.CALLED_OUT: called_out,
    Kind.THREAD_REPLIED: thread_replied,
    Kind.POST_COMMENTED: post_commented,
    Kind.COMMENT_ANSWERED: comment_answered,
    Kind.POST_REACTED: post_reacted,
    Kind.POST_REPOSTED: post_reposted,
    Kind.GOODS_ARRIVED: goods_arrived,
    Kind.TEAM_FORMED: team_formed,
    Kind.TEAM_ENDED: team_ended,
    Kind.EXPERIENCE_ASKED: experience_asked,
    Kind.REFUND_RETURNED: refund_returned,
    Kind.ORDER_SHIPPED: order_shipped,
    Kind.PARCEL_SENT: parcel_sent,
    Kind.CLERK_INVITED: clerk_invited,
    Kind.COMPLAINT_MADE: complaint_made,
    Kind.COMPLAINT_MOVED: complaint_moved,
    Kind.CLAIM_MADE: claim_made,
    Kind.CLAIM_MOVED: claim_moved,
    Kind.EXPORT_READY: export_ready,
    Kind.SIGNED_IN_ANEW: signed_in_anew,
    Kind.WAYS_IN_CHANGED: ways_in_changed,
    Kind.CASE_DECIDED: case_decided,
    Kind.APPEAL_ANSWERED: appeal_answered,
    Kind.REPORT_ANSWERED: report_answered,
    Kind.ACTIVITY_FOR_ONE: lambda now, me, lin: db.in_transaction(lambda: promoting.called_for(now, me.id, lin.id)),
    **{kind: promoting_of(kind) for kind in promoting.HAPPENINGS},
    Kind.COMMISSION_HELD: commission_held,
    Kind.COMMISSION_REVERSED: commission_reversed,
    Kind.COMMISSION_DECIDED: commission_decided,
    Kind.COMMISSION_ANSWERED: commission_answered,
    Kind.AWARD_GIVEN: award_given,
    Kind.AWARD_WITHDRAWN: award_withdrawn,
}
"""How each kind comes about, through operations alone."""

LEADS: Mapping[Kind, str] = {
    Kind.FOLLOWED: "/friends",
    Kind.FRIEND_REQUESTED: "/friends",
    Kind.FRIENDSHIP_BEGAN: "/friends",
    Kind.GIFT_OFFERED: "/gifts/",
    Kind.GIFT_ACCEPTED: "/gifts/",
    Kind.GIFT_RECEIVED: "/gifts/",
    Kind.APPRECIATED: "/things/",
    Kind.TIE_FADING: "/friends",
    Kind.MESSAGE: "/talk/",
    Kind.CALLED_OUT: "/talk/",
    Kind.THREAD_REPLIED: "/things/",
    Kind.POST_COMMENTED: "/posts/",
    Kind.COMMENT_ANSWERED: "/posts/",
    Kind.POST_REACTED: "/posts/",
    Kind.POST_REPOSTED: "/posts/",
    Kind.GOODS_ARRIVED: "/things/copies/",
    Kind.TEAM_FORMED: "/orders/",
    Kind.TEAM_ENDED: "/orders/",
    Kind.EXPERIENCE_ASKED: "/t/",
    Kind.REFUND_RETURNED: "/orders/",
    Kind.ORDER_SHIPPED: "/orders/",
    Kind.PARCEL_SENT: "/orders/",
    Kind.CLERK_INVITED: "/seller/invitations",
    Kind.COMPLAINT_MADE: "/complaints/",
    Kind.COMPLAINT_MOVED: "/complaints/",
    Kind.CLAIM_MADE: "/returns/",
    Kind.CLAIM_MOVED: "/returns/",
    Kind.EXPORT_READY: "/privacy",
    Kind.SIGNED_IN_ANEW: "/account",
    Kind.WAYS_IN_CHANGED: "/account",
    Kind.CASE_DECIDED: "/decisions/",
    Kind.APPEAL_ANSWERED: "/decisions/",
    Kind.REPORT_ANSWERED: "/reports",
    Kind.PLAN_INVITED: "/studio/collaborations",
    Kind.PLAN_APPLIED: "/seller/",
    Kind.PLAN_ANSWERED: "/studio/collaborations",
    Kind.PLAN_ENDED: "/studio/collaborations",
    Kind.ENROLMENT_DECIDED: "/seller/",
    Kind.ACTIVITY_FOR_ONE: "/studio/library?origin=MINE",
    Kind.RATE_CUT: "/studio/library",
    Kind.PAYOUT_PAID: "/earnings/statements",
    Kind.PAYOUT_FAILED: "/earnings/statements",
    Kind.COMMISSION_HELD: "/studio/held/",
    Kind.COMMISSION_REVERSED: "/studio/taken-back",
    Kind.COMMISSION_DECIDED: "/studio/held/",
    Kind.COMMISSION_ANSWERED: "/studio/held/",
    Kind.AWARD_GIVEN: "/studio/awards",
    Kind.AWARD_WITHDRAWN: "/studio/awards",
}


def told(person: Person, kind: Kind) -> list[Group]:
    return [group for group in queries.list_groups(get_viewer(person.id)).items if group.kind is kind]


def test_no_kind_is_left_out() -> None:
    assert set(HAPPENINGS) == set(LEADS) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_kind_is_told_and_leads_to_a_page_that_its_reader_may_open(kind: Kind) -> None:
    now = utc_now()
    me, lin = make_person(now, "梅"), make_person(now, "林小溪")
    assert queries.list_groups(get_viewer(me.id)).items == ()

    HAPPENINGS[kind](now, me, lin)
    teams.settle_down(utc_now())

    (group,) = told(me, kind)
    with translation.override("zh-hans"):
        said = tell(group, {lin.id: lin})
    assert said.href.startswith(LEADS[kind])
    client = browser(me, "zh-hans")
    page = client.get("/notifications").content.decode()
    assert said.text in page
    assert f'href="{said.href}"' in page
    place = urlsplit(said.href)
    answer = client.get(f"{place.path}?{place.query}")
    assert answer.status_code == 200
    if place.fragment:
        assert f'id="{place.fragment}"' in answer.content.decode()


@pytest.mark.parametrize(
    ("what", "take_back"),
    [
        (Kind.GIFT_OFFERED, lambda now, me, lin, i: social.take_gift(now, me, i)),
        (Kind.GIFT_ACCEPTED, lambda now, me, lin, i: social.hand_over(now, me, i)),
    ],
)
def test_gift_is_told_while_it_waits_for_its_reader(
    what: Kind, take_back: Callable[[datetime, Person, Person, int], object]
) -> None:
    now = utc_now()
    me, lin = make_person(now, "梅"), make_person(now, "林小溪")
    HAPPENINGS[what](now, me, lin)
    (group,) = told(me, what)
    assert group.newest.object_id

    take_back(now, me, lin, group.newest.object_id)

    assert told(me, what) == []


@pytest.mark.parametrize("gone", ["thanks", "words"])
def test_thanks_are_told_while_they_and_what_they_are_for_are_there(gone: str) -> None:
    now = utc_now()
    me, lin = make_person(now, "梅"), make_person(now, "林小溪")
    review = things.make_review(now, me, owned(now, me))
    things.thank(now, lin, AppreciatedKind.REVIEW, review)
    assert queries.count_unread(get_viewer(me.id)) == 1

    if gone == "thanks":
        db.in_transaction(
            lambda: things_operations.take_thanks_back(
                actor=actor_for(lin), kind=AppreciatedKind.REVIEW, source_id=review
            )
        )
    else:
        db.in_transaction(lambda: things_operations.remove_review(actor=actor_for(me), review_id=review))

    assert queries.list_groups(get_viewer(me.id)).items == ()
    assert queries.count_unread(get_viewer(me.id)) == 0


def test_thanks_for_a_gift_lead_to_the_gift() -> None:
    now = utc_now()
    me, lin = make_person(now, "梅"), make_person(now, "林小溪")
    social.befriend(now, me, lin)
    gift = social.give(now, me, lin)
    browser(lin).post(f"/gifts/{gift.id}", {"do": "thank", "words": "谢谢你"})

    (group,) = told(me, Kind.APPRECIATED)

    assert tell(group, {}).href == f"/gifts/{gift.id}"
    assert browser(make_person(now)).get(f"/gifts/{gift.id}").status_code == 404


def test_signing_in_anew_and_a_new_password_are_told_by_the_pages_themselves() -> None:
    me = make_person(utc_now(), "梅", has_password=True)
    known = browser()
    for _ in range(2):  # the second time the browser is known
        known.post("/sign-in", {"handle": me.handle, "password": PASSWORD})
        known.post("/sign-out")
    teams.settle_down(utc_now())
    assert len(told(me, Kind.SIGNED_IN_ANEW)) == 1

    known.post("/sign-in", {"handle": me.handle, "password": PASSWORD})
    other = "another-long-password"
    known.post("/account/password", {"oldpassword": PASSWORD, "password1": other})
    teams.settle_down(utc_now())

    (group,) = told(me, Kind.WAYS_IN_CHANGED)
    with translation.override("en"):
        assert tell(group, {}).text == "Your password was changed."


def test_every_notice_of_an_account_has_a_sentence() -> None:
    assert len(NOTED) == len(NOTICES)
