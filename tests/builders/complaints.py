"""Complaints for tests, made through operations only; each call is an entry point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tests.builders import teams
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.catalog.types import Product, Role
from wuyou.domains.complaints import operations
from wuyou.domains.complaints.types import Reason
from wuyou.domains.identity.types import Person
from wuyou.infra import db
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor


def buy(now: datetime, person: Person, product: Product) -> str:
    """A paid order; returns its number. Needs the fixture `world`."""
    order = teams.buy_alone(now, person, product)
    teams.pay(now, person, order.order_no)
    teams.settle_down(now)
    return order.order_no


def complain(
    now: datetime,
    person: Person,
    order_no: str,
    *,
    reason: Reason = Reason.DAMAGED,
    text: str = "瓶子碎了。",
    pictures: Sequence[Picture] = (),
) -> int:
    """A complaint; returns its id."""
    return db.in_transaction(
        lambda: operations.complain(
            actor=Actor(person.id), order_no=order_no, reason=reason, text=text, now=now, pictures=pictures
        )
    )


def reply(now: datetime, person: Person, complaint_id: int, text: str = "马上补发。") -> None:
    """Words in it."""
    db.in_transaction(lambda: operations.reply(actor=Actor(person.id), complaint_id=complaint_id, text=text, now=now))


def pass_on(now: datetime, person: Person, complaint_id: int, text: str = "还是没有收到。") -> None:
    """The buyer lets staff decide."""
    db.in_transaction(lambda: operations.pass_on(actor=Actor(person.id), complaint_id=complaint_id, text=text, now=now))


def decide(now: datetime, staff: Person, complaint_id: int, refund_minor: int, text: str = "照片清楚。") -> str:
    """Staff decide; returns the refund's number."""
    return db.in_transaction(
        lambda: operations.decide(
            actor=Actor(staff.id, is_staff=True),
            complaint_id=complaint_id,
            refund_minor=refund_minor,
            text=text,
            now=now,
        )
    )


def employ(now: datetime, owner: Person, shop_id: int, person: Person, role: Role) -> None:
    """Somebody works in a shop from now on."""

    def entry() -> None:
        catalog.invite_clerk(actor=Actor(owner.id), shop_id=shop_id, person_id=person.id, role=role, now=now)
        catalog.answer_invitation(actor=Actor(person.id), shop_id=shop_id, accepts=True, now=now)

    db.in_transaction(entry)


def dismiss(now: datetime, owner: Person, shop_id: int, person: Person) -> None:
    """Somebody works there no longer."""
    db.in_transaction(lambda: catalog.end_clerk(actor=Actor(owner.id), shop_id=shop_id, person_id=person.id, now=now))
