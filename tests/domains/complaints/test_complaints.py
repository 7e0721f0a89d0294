"""Complaints: said, answered in time or passed on, decided once; each refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.builders import complaints, content, goods, teams
from tests.builders.people import make_person
from tests.domains.alliance.test_races import elsewhere, held_open, wait_until_blocked
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product, Role
from wuyou.domains.complaints import errors, operations, queries, tasks
from wuyou.domains.complaints.types import ComplaintState, Reason, Side, StepKind
from wuyou.domains.identity.types import Person
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError

pytestmark = pytest.mark.usefixtures("world")

HOURS_48, WEEK = timedelta(hours=48), timedelta(days=7)


class Sale:
    """Lin bought honey of Zhou's; Gu is staff."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.zhou, self.lin, self.gu = make_person(now, "Zhou"), make_person(now, "Lin"), make_person(now, "Gu")
        self.product: Product = goods.make_product(now, shop=goods.make_shop(now, owner_id=self.zhou.id))
        self.order_no = complaints.buy(now, self.lin, self.product)

    def complain(self, **how: object) -> int:
        return complaints.complain(self.now, self.lin, self.order_no, **how)  # type: ignore[arg-type]

    def with_staff(self) -> int:
        complaint_id = self.complain()
        complaints.reply(self.now, self.zhou, complaint_id)
        complaints.pass_on(self.now, self.lin, complaint_id)
        return complaint_id

    @property
    def refunded_minor(self) -> int:
        return orders_queries.list_orders_of(self.lin.id).items[0].refunded_minor

    def state(self, complaint_id: int) -> ComplaintState:
        return queries.get_complaint_for(Actor(self.lin.id), complaint_id)[0].state


@pytest.fixture
def sale(now: datetime) -> Sale:
    return Sale(now)


def test_what_the_shop_writes_is_in_its_log_and_what_the_buyer_writes_is_not(sale: Sale) -> None:
    complaint_id = sale.complain()
    complaints.reply(sale.now, sale.lin, complaint_id, "还在吗？")
    assert catalog.list_acts(sale.product.shop_id).items == ()
    complaints.reply(sale.now, sale.zhou, complaint_id)
    (act,) = catalog.list_acts(sale.product.shop_id).items
    assert (act.what, act.about, act.person_id) == ("complaint-words", sale.order_no, sale.zhou.id)


def kinds(complaint_id: int) -> list[StepKind]:
    return [step.kind for step in queries.list_steps(complaint_id)]


def told(person: Person, kind: Kind) -> int:
    groups = notifications.list_groups(sight.get_viewer(person.id)).items
    return sum(len(group.notifications) for group in groups if group.kind is kind)


def refuses(error: type[DomainError], act: Callable[[], object]) -> None:
    before = footprint()
    with pytest.raises(error):
        db.in_transaction(act)
    assert footprint() == before


def test_seller_is_told_and_both_read_the_same_clock(sale: Sale) -> None:
    photo = content.take_photos(1)
    complaint_id = sale.complain(reason=Reason.OLD_STOCK, text="三年前的库存", pictures=photo)
    assert told(sale.zhou, Kind.COMPLAINT_MADE) == 1
    for person, side in ((sale.lin, Side.BUYER), (sale.zhou, Side.SELLER)):
        complaint, stands = queries.get_complaint_for(Actor(person.id), complaint_id)
        assert stands is side
        assert (complaint.state, complaint.due_at) == (ComplaintState.OPEN, sale.now + HOURS_48)
    (made,) = queries.list_steps(complaint_id)
    assert (made.kind, made.text, [one.key for one in made.photos]) == (StepKind.MADE, "三年前的库存", [photo[0].key])


def test_clerks_who_may_work_on_it_hear_of_it_until_they_leave(sale: Sale) -> None:
    on_orders, on_goods = make_person(sale.now), make_person(sale.now)
    for person, role in ((on_orders, Role.ORDERS), (on_goods, Role.GOODS)):
        complaints.employ(sale.now, sale.zhou, sale.product.shop_id, person, role)
    complaint_id = sale.complain()
    complaints.reply(sale.now, on_orders, complaint_id)
    complaints.pass_on(sale.now, sale.lin, complaint_id)
    for person, counts in ((sale.zhou, (1, 1)), (on_orders, (1, 1)), (on_goods, (0, 0)), (sale.lin, (0, 1))):
        assert (told(person, Kind.COMPLAINT_MADE), told(person, Kind.COMPLAINT_MOVED)) == counts
    complaints.dismiss(sale.now, sale.zhou, sale.product.shop_id, on_orders)
    assert (told(on_orders, Kind.COMPLAINT_MADE), told(on_orders, Kind.COMPLAINT_MOVED)) == (0, 0)


def test_answer_that_nobody_objects_to_solves_it_after_a_week(sale: Sale) -> None:
    complaint_id = sale.complain()
    complaints.reply(sale.now + timedelta(hours=47), sale.zhou, complaint_id)
    answered_at = sale.now + timedelta(hours=47)
    assert told(sale.lin, Kind.COMPLAINT_MOVED) == 1
    assert tasks.pass_on_overdue_complaints(sale.now + HOURS_48) == 0
    assert tasks.close_unobjected_complaints(answered_at + WEEK - timedelta(seconds=1)) == 0
    assert tasks.close_unobjected_complaints(answered_at + WEEK) == 1
    assert tasks.close_unobjected_complaints(answered_at + WEEK) == 0
    assert kinds(complaint_id) == [StepKind.MADE, StepKind.ANSWERED, StepKind.LAPSED]
    assert sale.state(complaint_id) is ComplaintState.SOLVED


def test_unanswered_goes_to_staff_after_48_hours_who_give_money_back(sale: Sale) -> None:
    complaint_id = sale.complain()
    assert tasks.pass_on_overdue_complaints(sale.now + HOURS_48 - timedelta(seconds=1)) == 0
    assert tasks.pass_on_overdue_complaints(sale.now + HOURS_48) == 1
    assert [told(person, Kind.COMPLAINT_MOVED) for person in (sale.lin, sale.zhou)] == [1, 1]
    complaints.reply(sale.now + HOURS_48, sale.zhou, complaint_id, "抱歉晚了")  # said, but no answer any more
    refund_no = complaints.decide(sale.now + HOURS_48, sale.gu, complaint_id, 2_000)
    assert kinds(complaint_id) == [StepKind.MADE, StepKind.OVERDUE, StepKind.SAID, StepKind.REFUNDED]
    assert queries.list_steps(complaint_id)[-1].refund_no == refund_no
    assert sale.refunded_minor == 2_000
    teams.send_refunds(sale.now + HOURS_48)
    (refund,) = orders_queries.list_refunds(queries.get_complaint_for(Actor(sale.lin.id), complaint_id)[0].order_id)
    assert (refund.refund_no, refund.reason, refund.returned_at is not None) == (refund_no, "complaint", True)


def test_rejected_stays_decided(sale: Sale) -> None:
    complaint_id = sale.with_staff()
    assert complaints.decide(sale.now, sale.gu, complaint_id, 0) == ""
    assert sale.state(complaint_id) is ComplaintState.REJECTED
    assert sale.refunded_minor == 0
    refuses(errors.AlreadyDecided, lambda: operations.complain(
        actor=Actor(sale.lin.id), order_no=sale.order_no, reason=Reason.OTHER, text="再说一次", now=sale.now
    ))  # fmt: skip


def test_solved_may_go_wrong_again(sale: Sale) -> None:
    first = sale.complain()
    db.in_transaction(lambda: operations.solve(actor=Actor(sale.lin.id), complaint_id=first, now=sale.now))
    assert kinds(first)[-1] is StepKind.SOLVED
    assert sale.complain() > first


def test_others_find_nothing(sale: Sale) -> None:
    (picture,) = content.take_photos(1)
    complaint_id, stranger = sale.complain(pictures=[picture]), make_person(sale.now)
    (photo,) = queries.list_steps(complaint_id)[0].photos
    said: dict[str, Any] = {"actor": Actor(stranger.id), "complaint_id": complaint_id, "text": "x", "now": sale.now}
    refuses(errors.ComplaintNotFound, partial(operations.reply, **said))
    refuses(errors.ComplaintNotFound, partial(operations.pass_on, **said))
    with pytest.raises(errors.PhotoNotFound):
        queries.get_photo_for(Actor(stranger.id), photo.id)
    assert queries.get_photo_for(Actor(sale.zhou.id), photo.id) == photo
    refuses(orders_errors.OrderNotFound, lambda: operations.complain(
        actor=Actor(sale.zhou.id), order_no=sale.order_no, reason=Reason.OTHER, text="x", now=sale.now
    ))  # fmt: skip


def test_each_side_keeps_to_its_turn(sale: Sale) -> None:
    me, seller, staff = Actor(sale.lin.id), Actor(sale.zhou.id), Actor(sale.gu.id, is_staff=True)
    complaint_id, now = sale.complain(), sale.now
    refuses(errors.WrongState, lambda: operations.pass_on(actor=me, complaint_id=complaint_id, text="x", now=now))
    refuses(errors.WrongState, lambda: operations.decide(
        actor=staff, complaint_id=complaint_id, refund_minor=1, text="x", now=now
    ))  # fmt: skip
    complaints.reply(now, sale.zhou, complaint_id)
    for act in (
        lambda: operations.pass_on(actor=seller, complaint_id=complaint_id, text="x", now=now),
        lambda: operations.solve(actor=seller, complaint_id=complaint_id, now=now),
    ):
        refuses(errors.ComplaintNotFound, act)
    complaints.pass_on(now, sale.lin, complaint_id)
    for actor in (me, seller, Actor(sale.lin.id, is_staff=True), Actor(sale.zhou.id, is_staff=True)):
        decide = partial(operations.decide, actor=actor, complaint_id=complaint_id, refund_minor=1, text="x", now=now)
        refuses(errors.StaffOnly, decide)
    refuses(orders_errors.RefundOutOfRange, lambda: operations.decide(
        actor=staff, complaint_id=complaint_id, refund_minor=5_901, text="x", now=now
    ))  # fmt: skip
    refuses(errors.TextMalformed, lambda: operations.reply(actor=me, complaint_id=complaint_id, text=" ", now=now))
    refuses(errors.TextMalformed, lambda: operations.reply(
        actor=me, complaint_id=complaint_id, text="x" * 2_001, now=now
    ))  # fmt: skip


def test_what_is_not_paid_wholly_given_back_or_too_old_is_no_matter(now: datetime) -> None:
    sale = Sale(now)
    unpaid = teams.buy_alone(now, sale.lin, sale.product).order_no

    def complain(order_no: str, at: datetime) -> Callable[[], int]:
        return lambda: operations.complain(
            actor=Actor(sale.lin.id), order_no=order_no, reason=Reason.OTHER, text="x", now=at
        )

    refuses(errors.NotComplainable, complain(unpaid, now))
    refuses(errors.NotComplainable, complain(sale.order_no, now + timedelta(days=181)))
    order = orders_queries.get_order_for(Actor(sale.lin.id), sale.order_no)
    db.in_transaction(
        lambda: orders.request_refund(seller=None, order_id=order.id, amount_minor=None, reason="shop", now=now)
    )
    refuses(errors.NotComplainable, complain(sale.order_no, now))


@pytest.mark.concurrency
def test_complaining_twice_at_once_is_one_complaint(sale: Sale) -> None:
    def complain() -> int:
        return operations.complain(
            actor=Actor(sale.lin.id), order_no=sale.order_no, reason=Reason.OTHER, text="x", now=sale.now
        )

    with ThreadPoolExecutor(1) as pool:
        with held_open(complain):
            second = pool.submit(elsewhere, complain)
            wait_until_blocked(second)
        with pytest.raises(errors.AlreadyRunning):
            second.result(10)
    assert len(queries.list_of_buyer(sale.lin.id).items) == 1


def decide_at_once(sale: Sale) -> list[BaseException | None]:
    complaint_id = sale.with_staff()

    def decide() -> str:
        return operations.decide(
            actor=Actor(sale.gu.id, is_staff=True),
            complaint_id=complaint_id,
            refund_minor=2_000,
            text="x",
            now=sale.now,
        )

    with ThreadPoolExecutor(1) as pool:
        with held_open(decide):
            second = pool.submit(elsewhere, decide)
            wait_until_blocked(second)
        return [second.exception(10)]


@pytest.mark.concurrency
def test_two_decisions_at_once_give_back_once(sale: Sale) -> None:
    (refused,) = decide_at_once(sale)
    assert isinstance(refused, errors.WrongState)
    assert sale.refunded_minor == 2_000


@pytest.mark.concurrency
def test_control_without_the_lock_two_decisions_give_back_twice(sale: Sale, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_lock", queries.get_complaint_for)
    assert decide_at_once(sale) == [None]
    assert sale.refunded_minor == 4_000


def answer_at_the_deadline(sale: Sale) -> tuple[int, bool]:
    """The time is over while the answer is written but not committed."""
    complaint_id, due = sale.complain(), sale.now + HOURS_48

    def answer() -> None:
        operations.reply(actor=Actor(sale.zhou.id), complaint_id=complaint_id, text="x", now=due)

    with ThreadPoolExecutor(1) as pool:
        with held_open(answer):
            late = pool.submit(elsewhere, lambda: operations.pass_on_overdue(complaint_id=complaint_id, now=due))
            wait_until_blocked(late)
        return complaint_id, late.result(10)


@pytest.mark.concurrency
def test_answer_and_its_deadline_exclude_each_other(sale: Sale) -> None:
    complaint_id, was_passed_on = answer_at_the_deadline(sale)
    assert not was_passed_on
    assert kinds(complaint_id) == [StepKind.MADE, StepKind.ANSWERED]
    assert sale.state(complaint_id) is ComplaintState.ANSWERED


@pytest.mark.concurrency
def test_control_without_the_guard_the_deadline_overrules_the_answer(
    sale: Sale, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unguarded(*, complaint_id: int, now: datetime) -> bool:
        db.execute("UPDATE complaints_complaint SET state = 'WITH_STAFF' WHERE id = %s", [complaint_id])
        return True

    monkeypatch.setattr(operations, "pass_on_overdue", unguarded)
    complaint_id, was_passed_on = answer_at_the_deadline(sale)
    assert was_passed_on
    assert sale.state(complaint_id) is ComplaintState.WITH_STAFF


def test_erased_buyer_leaves_turns_without_words(sale: Sale) -> None:
    complaint_id = sale.complain(pictures=content.take_photos(1))
    complaints.reply(sale.now, sale.zhou, complaint_id, "马上补发")
    db.in_transaction(lambda: operations.erase_person(person_id=sale.lin.id, now=sale.now))
    made, answered = queries.list_steps(complaint_id)
    assert (made.kind, made.text, made.photos) == (StepKind.MADE, "", ())
    assert answered.text == "马上补发"
    assert queries.pictures_of_person(sale.lin.id) == ()


def test_neither_side_leaves_while_a_complaint_runs(sale: Sale) -> None:
    complaint_id = sale.complain()

    for side in (sale.lin, sale.zhou):
        assert [(each.code, each.count, each.until) for each in queries.obstacles_of(side.id)] == [
            ("running_complaints", 1, None)
        ]
    complaints.reply(sale.now, sale.zhou, complaint_id)
    (answered,) = queries.obstacles_of(sale.lin.id)
    assert answered.until is not None  # it ends by itself when the buyer says nothing
    db.in_transaction(lambda: operations.close_unobjected(complaint_id=complaint_id, now=answered.until))
    assert queries.obstacles_of(sale.lin.id) == queries.obstacles_of(sale.zhou.id) == ()
