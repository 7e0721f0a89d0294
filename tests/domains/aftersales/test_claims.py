"""Claims: asked, answered in time or by time, sent back, decided; money goes back once; refusals change nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.builders import claims, complaints, content, goods, teams
from tests.builders.people import make_person
from tests.domains.alliance.test_races import elsewhere, held_open, wait_until_blocked
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.aftersales import errors, operations, queries, tasks
from wuyou.domains.aftersales.types import (
    ClaimDraft,
    ClaimKind,
    ClaimReason,
    ClaimSide,
    ClaimState,
    ClaimStepKind,
    LineDraft,
)
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Role
from wuyou.domains.identity.types import Person
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders import tasks as orders_tasks
from wuyou.domains.orders.types import FulfilmentState, Order, ParcelDraft, Pieces
from wuyou.infra import db, sight
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Currency
from wuyou.surfaces.seller.pages.clerks import DONE

pytestmark = pytest.mark.usefixtures("world")

HOURS_48, WEEK, TEN_DAYS, SOON = timedelta(hours=48), timedelta(days=7), timedelta(days=10), timedelta(seconds=1)


class Sale:
    """Lin bought three jars at 5,900 of Zhou's, and has them; Gu is staff."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.zhou, self.lin, self.gu = make_person(now, "Zhou"), make_person(now, "Lin"), make_person(now, "Gu")
        self.product = goods.make_product(now, shop=goods.make_shop(now, owner_id=self.zhou.id))
        placed = teams.buy_alone(now, self.lin, self.product, quantity=3)
        teams.pay(now, self.lin, placed.order_no)
        teams.settle_down(now)
        self.order_no, self.order_id = placed.order_no, placed.id

    def arrived(self) -> Sale:
        teams.receive(self.now, self.order_id)
        return self

    def ask(self, **how: object) -> int:
        return claims.ask(self.now, self.lin, self.order_no, **how)  # type: ignore[arg-type]

    def with_staff(self) -> int:
        claim_id = self.ask()
        claims.refuse(self.now, self.zhou, claim_id)
        claims.pass_on(self.now, self.lin, claim_id)
        return claim_id

    @property
    def order(self) -> Order:
        return orders_queries.get_order(self.order_id)


@pytest.fixture
def sale(now: datetime) -> Sale:
    return Sale(now)


def kinds(claim_id: int) -> list[ClaimStepKind]:
    return [step.kind for step in queries.list_steps(claim_id)]


def told(person: Person, kind: Kind) -> int:
    groups = notifications.list_groups(sight.get_viewer(person.id)).items
    return sum(len(group.notifications) for group in groups if group.kind is kind)


def refunds_due() -> int:
    return ledger.get_balance(AccountRef(AccountKind.REFUNDS_DUE, "", Currency.CNY)).amount_minor


def refuses(error: type[DomainError], act: Callable[[], object]) -> None:
    before = footprint()
    with pytest.raises(error):
        db.in_transaction(act)
    assert footprint() == before


# ---------------------------------------------------------------- money back alone


def test_clerks_who_may_work_on_it_hear_of_it_until_they_leave(sale: Sale) -> None:
    clerk = make_person(sale.now)
    complaints.employ(sale.now, sale.zhou, sale.product.shop_id, clerk, Role.ORDERS)
    claim_id = sale.arrived().ask(pieces=1)
    claims.refuse(sale.now, clerk, claim_id)
    claims.pass_on(sale.now, sale.lin, claim_id)
    for person, counts in ((sale.zhou, (1, 1)), (clerk, (1, 1)), (sale.lin, (0, 1))):
        assert (told(person, Kind.CLAIM_MADE), told(person, Kind.CLAIM_MOVED)) == counts
    complaints.dismiss(sale.now, sale.zhou, sale.product.shop_id, clerk)
    assert (told(clerk, Kind.CLAIM_MADE), told(clerk, Kind.CLAIM_MOVED)) == (0, 0)


def test_what_the_shop_does_is_in_its_log_once_and_what_is_refused_or_others_do_is_not(sale: Sale) -> None:
    shop_id, zhou = sale.product.shop_id, Actor(sale.zhou.id)

    def log() -> list[tuple[str, str, int]]:
        return [(act.what, act.about, act.person_id) for act in catalog.list_acts(shop_id).items]

    def done(*names: str) -> list[tuple[str, str, int]]:
        return [(f"claim-{name}", sale.order_no, sale.zhou.id) for name in names]

    sale.arrived()
    first = sale.ask()
    refuses(errors.WrongState, partial(operations.confirm_return, actor=zhou, claim_id=first, now=sale.now))
    refuses(errors.ClaimNotFound, partial(operations.agree, actor=Actor(sale.lin.id), claim_id=first, now=sale.now))
    claims.refuse(sale.now, sale.zhou, first)
    assert log() == done("refused")
    claims.pass_on(sale.now, sale.lin, first)
    claims.decide(sale.now, sale.gu, first, 0)
    assert log() == done("refused")
    second = sale.ask(kind=ClaimKind.RETURN)
    claims.agree(sale.now, sale.zhou, second)
    claims.send_back(sale.now, sale.lin, second)
    db.in_transaction(lambda: operations.object_to_return(actor=zhou, claim_id=second, text="少一瓶。", now=sale.now))
    assert log() == done("objected", "agreed", "refused")
    claims.decide(sale.now, sale.gu, second, 0)
    third = sale.ask(kind=ClaimKind.RETURN)
    claims.agree(sale.now, sale.zhou, third)
    claims.send_back(sale.now, sale.lin, third)
    db.in_transaction(lambda: operations.confirm_return(actor=zhou, claim_id=third, now=sale.now))
    assert log() == done("arrived", "agreed", "objected", "agreed", "refused")
    for name in ("agreed", "refused", "arrived", "objected"):
        assert f"claim-{name}" in DONE


def test_what_was_never_sent_is_not_claimed(sale: Sale) -> None:
    (line,) = sale.order.lines
    db.in_transaction(
        lambda: orders.refund_unsent(
            seller=None, order_id=sale.order_id, taken=(Pieces(line.id, 1),), reason="shop", now=sale.now
        )
    )
    sale.arrived()
    refuses(errors.LinesMalformed, lambda: operations.ask(
        actor=Actor(sale.lin.id), order_no=sale.order_no, now=sale.now,
        draft=claims.draft_for(sale.order_no, sale.lin, pieces=3),
    ))  # fmt: skip
    sale.ask(pieces=2)


def test_shop_agrees_and_the_money_is_promised_once(sale: Sale) -> None:
    sale.arrived()
    claim_id = sale.ask(pieces=2, pictures=content.take_photos(1))
    assert told(sale.zhou, Kind.CLAIM_MADE) == 1
    claim, side = queries.get_claim_for(Actor(sale.zhou.id), claim_id)
    assert (side, claim.amount_minor, claim.due_at) == (ClaimSide.SELLER, 11_800, sale.now + HOURS_48)
    assert sale.order.is_disputed

    claims.agree(sale.now, sale.zhou, claim_id)

    claim, _side = queries.get_claim_for(Actor(sale.lin.id), claim_id)
    assert (claim.state, claim.refund_no, claim.due_at) == (ClaimState.REFUNDED, f"{sale.order_no}R1", None)
    assert (sale.order.refunded_minor, sale.order.is_disputed, refunds_due()) == (11_800, False, 11_800)
    assert kinds(claim_id) == [ClaimStepKind.ASKED, ClaimStepKind.AGREED]
    assert told(sale.lin, Kind.CLAIM_MOVED) == 1
    refuses(errors.WrongState, lambda: operations.agree(actor=Actor(sale.zhou.id), claim_id=claim_id, now=sale.now))
    teams.send_refunds(sale.now)
    assert refunds_due() == 0
    (refund,) = orders_queries.list_refunds(sale.order_id)
    assert (refund.reason, refund.returned_at is not None) == ("claim", True)


def test_who_says_nothing_for_48_hours_has_agreed(sale: Sale) -> None:
    claim_id = sale.arrived().ask()
    assert tasks.move_overdue_claims(sale.now + HOURS_48 - SOON) == 0
    assert tasks.move_overdue_claims(sale.now + HOURS_48) == 1
    assert tasks.move_overdue_claims(sale.now + HOURS_48) == 0
    assert claims.state_of(claim_id) == "REFUNDED"
    assert kinds(claim_id) == [ClaimStepKind.ASKED, ClaimStepKind.AGREED_BY_TIME]
    assert sale.order.refunded_minor == 17_700
    assert [told(person, Kind.CLAIM_MOVED) for person in (sale.lin, sale.zhou)] == [1, 1]


def test_unsent_order_is_cancelled_by_a_claim_for_all_of_it(sale: Sale) -> None:
    claims.agree(sale.now, sale.zhou, sale.ask())
    assert sale.order.fulfilment is FulfilmentState.CANCELLED


def test_less_is_given_back_where_the_shop_gave_some_meanwhile(sale: Sale) -> None:
    claim_id = sale.arrived().ask()
    db.in_transaction(
        lambda: orders.request_refund(
            seller=None, order_id=sale.order_id, amount_minor=17_000, reason="shop", now=sale.now
        )
    )
    claims.agree(sale.now, sale.zhou, claim_id)
    assert (claims.state_of(claim_id), sale.order.refunded_minor) == ("REFUNDED", 17_700)


def test_nothing_is_given_back_twice_where_the_shop_gave_all_meanwhile(sale: Sale) -> None:
    claim_id = sale.ask()
    db.in_transaction(
        lambda: orders.request_refund(
            seller=None, order_id=sale.order_id, amount_minor=None, reason="shop", now=sale.now
        )
    )
    assert tasks.move_overdue_claims(sale.now + HOURS_48) == 1
    claim = queries.find_claim(claim_id)
    assert claim is not None
    assert (claim.state, claim.refund_no, sale.order.refunded_minor) == (ClaimState.REFUNDED, "", 17_700)
    assert refunds_due() == 17_700


# ---------------------------------------------------------------- goods back, then money back


def test_goods_go_back_and_the_money_follows(sale: Sale) -> None:
    claim_id = sale.arrived().ask(kind=ClaimKind.RETURN)
    claims.agree(sale.now, sale.zhou, claim_id)
    assert (claims.state_of(claim_id), sale.order.refunded_minor) == ("TO_SEND", 0)
    claims.send_back(sale.now, sale.lin, claim_id, " sf-1234 567890 ")
    claim = queries.find_claim(claim_id)
    assert claim is not None
    assert (claim.carrier, claim.parcel_no, claim.due_at) == ("SF", "SF1234567890", sale.now + TEN_DAYS)
    db.in_transaction(lambda: operations.confirm_return(actor=Actor(sale.zhou.id), claim_id=claim_id, now=sale.now))
    assert (claims.state_of(claim_id), sale.order.refunded_minor) == ("REFUNDED", 17_700)
    assert kinds(claim_id) == [ClaimStepKind.ASKED, ClaimStepKind.AGREED, ClaimStepKind.SENT, ClaimStepKind.ARRIVED]


def test_goods_count_as_arrived_after_ten_days(sale: Sale) -> None:
    claim_id = sale.arrived().ask(kind=ClaimKind.RETURN)
    assert tasks.move_overdue_claims(sale.now + HOURS_48) == 1  # agreed by time
    claims.send_back(sale.now + HOURS_48, sale.lin, claim_id)
    assert tasks.move_overdue_claims(sale.now + HOURS_48 + TEN_DAYS - SOON) == 0
    assert tasks.move_overdue_claims(sale.now + HOURS_48 + TEN_DAYS) == 1
    assert kinds(claim_id)[-1] is ClaimStepKind.ARRIVED_BY_TIME
    assert sale.order.refunded_minor == 17_700


def test_goods_that_are_not_sent_in_a_week_lapse_it_and_the_order_completes(sale: Sale) -> None:
    claim_id = sale.arrived().ask(kind=ClaimKind.RETURN)
    claims.agree(sale.now, sale.zhou, claim_id)
    assert orders_tasks.complete_received_orders(sale.now + WEEK) == 0  # time stands still
    assert tasks.move_overdue_claims(sale.now + WEEK) == 1
    assert claims.state_of(claim_id) == "LAPSED"
    assert orders_tasks.complete_received_orders(sale.now + WEEK) == 1


def test_objection_to_what_came_back_goes_to_staff(sale: Sale) -> None:
    claim_id = sale.arrived().ask(kind=ClaimKind.RETURN)
    claims.agree(sale.now, sale.zhou, claim_id)
    claims.send_back(sale.now, sale.lin, claim_id)
    db.in_transaction(lambda: operations.object_to_return(
        actor=Actor(sale.zhou.id), claim_id=claim_id, text="空盒子", now=sale.now
    ))  # fmt: skip
    assert claims.state_of(claim_id) == "WITH_STAFF"
    assert tasks.move_overdue_claims(sale.now + timedelta(days=99)) == 0
    claims.decide(sale.now, sale.gu, claim_id, 0)
    assert (claims.state_of(claim_id), sale.order.refunded_minor) == ("REJECTED", 0)


# ---------------------------------------------------------------- refused, decided, withdrawn


def test_refused_goes_to_staff_who_give_a_part(sale: Sale) -> None:
    sale.arrived()
    claim_id = sale.with_staff()
    claims.decide(sale.now, sale.gu, claim_id, 5_000)
    assert (claims.state_of(claim_id), sale.order.refunded_minor) == ("REFUNDED", 5_000)
    assert kinds(claim_id) == [
        ClaimStepKind.ASKED,
        ClaimStepKind.REFUSED,
        ClaimStepKind.PASSED_ON,
        ClaimStepKind.DECIDED,
    ]


def test_refused_lapses_when_staff_are_not_asked_in_a_week(sale: Sale) -> None:
    claim_id = sale.arrived().ask()
    claims.refuse(sale.now, sale.zhou, claim_id)
    assert tasks.move_overdue_claims(sale.now + WEEK) == 1
    assert (claims.state_of(claim_id), sale.order.refunded_minor) == ("LAPSED", 0)
    assert sale.ask() > claim_id  # one may ask again


def test_withdrawn_at_any_time_but_while_the_goods_travel(sale: Sale) -> None:
    sale.arrived()
    me = Actor(sale.lin.id)
    first = sale.ask()
    db.in_transaction(lambda: operations.withdraw(actor=me, claim_id=first, now=sale.now))
    assert (claims.state_of(first), sale.order.is_disputed) == ("WITHDRAWN", False)
    second = sale.ask(kind=ClaimKind.RETURN)
    claims.agree(sale.now, sale.zhou, second)
    claims.send_back(sale.now, sale.lin, second)
    refuses(errors.WrongState, lambda: operations.withdraw(actor=me, claim_id=second, now=sale.now))


def test_pieces_are_given_back_once_each(sale: Sale) -> None:
    sale.arrived()
    claims.agree(sale.now, sale.zhou, sale.ask(pieces=2))
    draft = claims.draft_for(sale.order_no, sale.lin, pieces=2)
    refuses(errors.LinesMalformed, lambda: operations.ask(
        actor=Actor(sale.lin.id), order_no=sale.order_no, draft=draft, now=sale.now
    ))  # fmt: skip
    claims.agree(sale.now, sale.zhou, sale.ask(pieces=1))
    assert sale.order.refunded_minor == 17_700


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("pieces", "amount", "error"),
    [
        (0, None, errors.LinesMalformed),
        (4, None, errors.LinesMalformed),
        (-1, None, errors.LinesMalformed),
        (1, 0, errors.AmountOutOfRange),
        (1, -5, errors.AmountOutOfRange),
        (1, 5_901, errors.AmountOutOfRange),
    ],
)
def test_wrong_pieces_and_amounts_change_nothing(
    sale: Sale, pieces: int, amount: int | None, error: type[DomainError]
) -> None:
    draft = claims.draft_for(sale.order_no, sale.lin, pieces=pieces, amount_minor=amount)
    refuses(error, lambda: operations.ask(
        actor=Actor(sale.lin.id), order_no=sale.order_no, draft=draft, now=sale.now
    ))  # fmt: skip


def test_what_can_be_asked_for_and_when(sale: Sale) -> None:
    me, now = Actor(sale.lin.id), sale.now

    def ask(**how: object) -> Callable[[], int]:
        draft = claims.draft_for(sale.order_no, sale.lin, **how)  # type: ignore[arg-type]
        return lambda: operations.ask(actor=me, order_no=sale.order_no, draft=draft, now=now)

    refuses(errors.NotClaimable, ask(kind=ClaimKind.RETURN))  # not sent yet
    refuses(errors.TextMalformed, ask(text=" "))
    other = make_person(now)
    line = sale.order.lines[0].id
    foreign = ClaimDraft(ClaimKind.REFUND, ClaimReason.OTHER, (LineDraft(line + 999, 1),), "x")
    twice = ClaimDraft(ClaimKind.REFUND, ClaimReason.OTHER, (LineDraft(line, 1), LineDraft(line, 1)), "x")
    for draft in (foreign, twice, ClaimDraft(ClaimKind.REFUND, ClaimReason.OTHER, (), "x")):
        act = partial(operations.ask, actor=me, order_no=sale.order_no, draft=draft, now=now)
        refuses(errors.LinesMalformed, act)
    for stranger in (other, sale.zhou):
        act = partial(
            operations.ask,
            actor=Actor(stranger.id),
            order_no=sale.order_no,
            draft=claims.draft_for(sale.order_no, sale.lin),
            now=now,
        )
        refuses(orders_errors.OrderNotFound, act)
    sale.ask()
    refuses(errors.AlreadyRunning, ask())


def test_completed_unpaid_and_given_back_is_no_matter(sale: Sale) -> None:
    sale.arrived()
    assert orders_tasks.complete_received_orders(sale.now + WEEK) == 1
    teams.settle_down(sale.now + WEEK)
    unpaid = teams.buy_alone(sale.now, sale.lin, sale.product).order_no
    gone = complaints.buy(sale.now, sale.lin, sale.product)
    order = orders_queries.get_order_for(Actor(sale.lin.id), gone)
    db.in_transaction(
        lambda: orders.request_refund(seller=None, order_id=order.id, amount_minor=1, reason="shop", now=sale.now)
    )
    db.in_transaction(lambda: orders.ship_order(actor=PLATFORM, order_id=order.id, now=sale.now))
    for order_no in (sale.order_no, unpaid):
        draft = claims.draft_for(order_no, sale.lin)
        act = partial(operations.ask, actor=Actor(sale.lin.id), order_no=order_no, draft=draft, now=sale.now)
        refuses(errors.NotClaimable, act)
    db.in_transaction(
        lambda: orders.request_refund(seller=None, order_id=order.id, amount_minor=None, reason="shop", now=sale.now)
    )
    draft = claims.draft_for(gone, sale.lin)
    refuses(errors.AmountOutOfRange, lambda: operations.ask(
        actor=Actor(sale.lin.id), order_no=gone, draft=draft, now=sale.now
    ))  # fmt: skip


def test_each_side_keeps_to_its_turn(sale: Sale) -> None:
    me, seller, staff = Actor(sale.lin.id), Actor(sale.zhou.id), Actor(sale.gu.id, is_staff=True)
    claim_id, now = sale.arrived().ask(kind=ClaimKind.RETURN), sale.now
    said: dict[str, Any] = {"claim_id": claim_id, "now": now}
    sf = ParcelDraft("SF", "SF1234567")
    for actor in (me, staff, Actor(make_person(now).id)):
        refuses(errors.ClaimNotFound, partial(operations.agree, actor=actor, **said))
        refuses(errors.ClaimNotFound, partial(operations.refuse, actor=actor, text="x", **said))
    for actor in (seller, staff):
        refuses(errors.ClaimNotFound, partial(operations.withdraw, actor=actor, **said))
    refuses(errors.WrongState, partial(operations.send_back, actor=me, parcel=sf, **said))
    refuses(errors.WrongState, partial(operations.confirm_return, actor=seller, **said))
    refuses(errors.WrongState, partial(operations.object_to_return, actor=seller, text="x", **said))
    refuses(errors.WrongState, partial(operations.pass_on, actor=me, text="x", **said))
    refuses(errors.WrongState, partial(operations.decide, actor=staff, refund_minor=1, text="x", **said))
    refuses(errors.TextMalformed, partial(operations.refuse, actor=seller, text="", **said))
    claims.agree(now, sale.zhou, claim_id)
    refuses(orders_errors.NumberMalformed, partial(
        operations.send_back, actor=me, parcel=ParcelDraft("SF", "?"), **said
    ))  # fmt: skip
    for carrier in ("LOCAL", "PIGEON"):
        refuses(orders_errors.CarrierUnknown, partial(
            operations.send_back, actor=me, parcel=ParcelDraft(carrier, "SF1234567"), **said
        ))  # fmt: skip
    refuses(errors.ClaimNotFound, partial(operations.send_back, actor=seller, parcel=sf, **said))


def test_only_staff_decide_and_never_about_their_own(sale: Sale) -> None:
    claim_id = sale.arrived().with_staff()
    said: dict[str, Any] = {"claim_id": claim_id, "text": "x", "now": sale.now}
    for actor in (Actor(sale.lin.id, is_staff=True), Actor(sale.zhou.id, is_staff=True), Actor(sale.zhou.id)):
        refuses(errors.StaffOnly, partial(operations.decide, actor=actor, refund_minor=1, **said))
    staff = Actor(sale.gu.id, is_staff=True)
    for amount in (-1, 17_701):
        refuses(errors.AmountOutOfRange, partial(operations.decide, actor=staff, refund_minor=amount, **said))


def test_others_find_nothing(sale: Sale) -> None:
    (picture,) = content.take_photos(1)
    claim_id, stranger = sale.ask(pictures=[picture]), Actor(make_person(sale.now).id)
    (photo,) = queries.list_steps(claim_id)[0].photos
    with pytest.raises(errors.ClaimNotFound):
        queries.get_claim_for(stranger, claim_id)
    with pytest.raises(errors.PhotoNotFound):
        queries.get_photo_for(stranger, photo.id)
    assert queries.get_photo_for(Actor(sale.zhou.id), photo.id) == photo
    assert [each.id for each in queries.list_of_shop(sale.product.shop_id).items] == [claim_id]
    assert queries.list_of_buyer(sale.zhou.id).items == ()


def test_erased_buyer_leaves_turns_without_words(sale: Sale) -> None:
    claim_id = sale.ask(pictures=content.take_photos(1))
    claims.refuse(sale.now, sale.zhou, claim_id, "没有坏")
    db.in_transaction(lambda: operations.erase_person(person_id=sale.lin.id, now=sale.now))
    asked, refused = queries.list_steps(claim_id)
    assert (asked.text, asked.photos, refused.text) == ("", (), "没有坏")
    assert queries.pictures_of_person(sale.lin.id) == ()


def test_neither_side_leaves_while_a_claim_runs(sale: Sale) -> None:
    claim_id = sale.ask()
    for side in (sale.lin, sale.zhou):
        assert [(each.code, each.count) for each in queries.obstacles_of(side.id)] == [("running_claims", 1)]
    db.in_transaction(lambda: operations.withdraw(actor=Actor(sale.lin.id), claim_id=claim_id, now=sale.now))
    assert queries.obstacles_of(sale.lin.id) == queries.obstacles_of(sale.zhou.id) == ()


# ---------------------------------------------------------------- races


def at_once(first: Callable[[], object], second: Callable[[], object]) -> BaseException | None:
    """The second begins while the first is not committed; what it is refused with, None when it is not."""
    with ThreadPoolExecutor(1) as pool:
        with held_open(first):
            late = pool.submit(elsewhere, second)
            wait_until_blocked(late)
        return late.exception(10)


@pytest.mark.concurrency
def test_asking_twice_at_once_is_one_claim(sale: Sale) -> None:
    draft = claims.draft_for(sale.order_no, sale.lin)

    def ask() -> int:
        return operations.ask(actor=Actor(sale.lin.id), order_no=sale.order_no, draft=draft, now=sale.now)

    assert isinstance(at_once(ask, ask), errors.AlreadyRunning)
    assert len(queries.list_of_buyer(sale.lin.id).items) == 1


def withdraw_while_agreeing(sale: Sale) -> tuple[int, BaseException | None]:
    claim_id = sale.arrived().ask()
    return claim_id, at_once(
        lambda: operations.agree(actor=Actor(sale.zhou.id), claim_id=claim_id, now=sale.now),
        lambda: operations.withdraw(actor=Actor(sale.lin.id), claim_id=claim_id, now=sale.now),
    )


@pytest.mark.concurrency
def test_withdrawing_while_the_shop_agrees_comes_too_late(sale: Sale) -> None:
    claim_id, refused = withdraw_while_agreeing(sale)
    assert isinstance(refused, errors.WrongState)
    assert (claims.state_of(claim_id), sale.order.refunded_minor) == ("REFUNDED", 17_700)


@pytest.mark.concurrency
def test_control_without_the_lock_a_refunded_claim_is_withdrawn(sale: Sale, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_lock", queries.get_claim_for)
    claim_id, refused = withdraw_while_agreeing(sale)
    assert refused is None
    assert (claims.state_of(claim_id), sale.order.refunded_minor) == ("WITHDRAWN", 17_700)


def agree_twice(sale: Sale) -> BaseException | None:
    claim_id = sale.arrived().ask(pieces=1)

    def agree() -> None:
        operations.agree(actor=Actor(sale.zhou.id), claim_id=claim_id, now=sale.now)

    return at_once(agree, agree)


@pytest.mark.concurrency
def test_two_clerks_at_once_give_back_once(sale: Sale) -> None:
    assert isinstance(agree_twice(sale), errors.WrongState)
    assert sale.order.refunded_minor == 5_900


@pytest.mark.concurrency
def test_control_without_the_lock_two_clerks_give_back_twice(sale: Sale, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_lock", queries.get_claim_for)
    assert agree_twice(sale) is None
    assert sale.order.refunded_minor == 11_800


@pytest.mark.concurrency
def test_refusal_and_its_deadline_exclude_each_other(sale: Sale) -> None:
    claim_id, due = sale.arrived().ask(), sale.now + HOURS_48
    with ThreadPoolExecutor(1) as pool:
        with held_open(lambda: operations.refuse(
            actor=Actor(sale.zhou.id), claim_id=claim_id, text="x", now=due
        )):  # fmt: skip
            late = pool.submit(elsewhere, lambda: operations.let_time_decide(claim_id=claim_id, now=due))
            wait_until_blocked(late)
        assert late.result(10) is False
    assert (claims.state_of(claim_id), sale.order.refunded_minor) == ("REFUSED", 0)
