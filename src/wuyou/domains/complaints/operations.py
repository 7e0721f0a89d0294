"""Every write of complaints. Whose turn it is is decided on the locked row.

Locks, in this order: the complaint, then, when money goes back, what `orders.request_refund` locks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from wuyou.domains.catalog import operations as shops
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.complaints import errors, policies, queries, rules
from wuyou.domains.complaints.types import Complaint, ComplaintState, Reason, Side, StepKind
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.infra import db, storage
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor

REFUND_REASON = "complaint"


@db.requires_transaction
def complain(
    *, actor: Actor, order_no: str, reason: Reason, text: str, now: datetime, pictures: Sequence[Picture] = ()
) -> int:
    """Say what is wrong with an order of one's own; returns the complaint's id. The seller is told, and has 48 hours.

    Raises: `OrderNotFound`, `NotComplainable`, `AlreadyRunning`, `AlreadyDecided`, `TextMalformed`, `TooManyPhotos`.
    """
    text = rules.clean_text(text)
    rules.check_photos(len(pictures))
    order = orders_queries.get_order_for(actor, order_no)
    if order.buyer_id != actor.user_id:
        raise orders_errors.OrderNotFound()
    if not rules.is_complainable(order, now):
        raise errors.NotComplainable(order_no=order_no)
    last = queries.find_of_order(order.id)
    if last is not None and last.state in (ComplaintState.REFUNDED, ComplaintState.REJECTED):
        raise errors.AlreadyDecided()
    made = db.row(
        """
        INSERT INTO complaints_complaint (order_id, buyer_id, shop_id, reason, state, made_at, answer_by)
        VALUES (%s, %s, %s, %s, 'OPEN', %s, %s)
        ON CONFLICT (order_id) WHERE ended_at IS NULL DO NOTHING RETURNING id
        """,
        [order.id, order.buyer_id, order.shop_id, reason.value, now, now + rules.ANSWER_WITHIN],
    )
    if made is None:
        running = queries.find_of_order(order.id)
        raise errors.AlreadyRunning(complaint_id=running.id if running else 0)
    complaint_id = int(made[0])
    _step(complaint_id, StepKind.MADE, Side.BUYER, now, author_id=order.buyer_id, text=text, pictures=pictures)
    _tell(_workers(order.shop_id) - {order.buyer_id}, Kind.COMPLAINT_MADE, complaint_id, now)
    return complaint_id


@db.requires_transaction
def reply(*, actor: Actor, complaint_id: int, text: str, now: datetime, pictures: Sequence[Picture] = ()) -> None:
    """Say something in a running complaint. The seller's first words are the answer, and the other side is told.

    Raises: `ComplaintNotFound`, `WrongState`, `TextMalformed`, `TooManyPhotos`. Locks: the complaint.
    """
    text = rules.clean_text(text)
    rules.check_photos(len(pictures))
    complaint, side = _lock(actor, complaint_id)
    state, kind = rules.after_words(complaint.state, side)
    if side is Side.SELLER:
        about = complaint.order_no
        shops.note_act(actor=actor, shop_id=complaint.shop_id, what="complaint-words", about=about, now=now)
    if state is not complaint.state:
        db.execute(
            "UPDATE complaints_complaint SET state = %s, closes_at = %s WHERE id = %s",
            [state.value, now + rules.OBJECT_WITHIN, complaint_id],
        )
    _step(complaint_id, kind, side, now, author_id=actor.person_id, text=text, pictures=pictures)
    _tell_others(complaint, side, now)


@db.requires_transaction
def pass_on(*, actor: Actor, complaint_id: int, text: str, now: datetime) -> None:
    """The answer solves nothing: staff shall decide. The buyer's alone to say, with why.

    Raises: `ComplaintNotFound`, `WrongState`, `TextMalformed`. Locks: the complaint.
    """
    text = rules.clean_text(text)
    complaint = _lock_as_buyer(actor, complaint_id)
    if complaint.state is not ComplaintState.ANSWERED:
        raise errors.WrongState(state=complaint.state.value)
    db.execute("UPDATE complaints_complaint SET state = 'WITH_STAFF', closes_at = NULL WHERE id = %s", [complaint_id])
    _step(complaint_id, StepKind.PASSED_ON, Side.BUYER, now, author_id=actor.person_id, text=text)
    _tell_others(complaint, Side.BUYER, now)


@db.requires_transaction
def solve(*, actor: Actor, complaint_id: int, now: datetime) -> None:
    """The buyer says that it is solved, at any time before it has ended.

    Raises: `ComplaintNotFound`, `WrongState`. Locks: the complaint.
    """
    complaint = _lock_as_buyer(actor, complaint_id)
    if complaint.ended_at is not None:
        raise errors.WrongState(state=complaint.state.value)
    _end(complaint_id, ComplaintState.SOLVED, now)
    _step(complaint_id, StepKind.SOLVED, Side.BUYER, now, author_id=actor.person_id)
    _tell_others(complaint, Side.BUYER, now)


@db.requires_transaction
def decide(*, actor: Actor, complaint_id: int, refund_minor: int, text: str, now: datetime) -> str:
    """Staff decide, with reasons: so much back, or nothing; returns the refund's number, empty for nothing.

    Args: refund_minor: above zero is promised by `orders.request_refund`, from wherever the order's money lies.
    Raises: `ComplaintNotFound`, `StaffOnly`, `WrongState`, `TextMalformed`, orders' `RefundOutOfRange`, `WrongState`.
    Locks: the complaint, then what the refund locks.
    """
    text = rules.clean_text(text)
    complaint, side = _lock(actor, complaint_id)
    policies.require_staff(side)
    if complaint.state is not ComplaintState.WITH_STAFF:
        raise errors.WrongState(state=complaint.state.value)
    refund_no = ""
    if refund_minor:
        refund_no = orders.request_refund(
            seller=None,
            order_id=complaint.order_id,
            amount_minor=refund_minor,
            reason=REFUND_REASON,
            now=now,
        )
    _end(complaint_id, ComplaintState.REFUNDED if refund_no else ComplaintState.REJECTED, now)
    kind = StepKind.REFUNDED if refund_no else StepKind.REJECTED
    _step(complaint_id, kind, Side.STAFF, now, author_id=actor.person_id, text=text, refund_no=refund_no)
    _tell_others(complaint, Side.STAFF, now)
    return refund_no


@db.requires_transaction
def pass_on_overdue(*, complaint_id: int, now: datetime) -> bool:
    """The seller has not answered in time: staff decide. False when they have. Locks: the complaint."""
    moved = db.row(
        """
        UPDATE complaints_complaint SET state = 'WITH_STAFF'
        WHERE id = %s AND state = 'OPEN' AND answer_by <= %s RETURNING buyer_id, shop_id
        """,
        [complaint_id, now],
    )
    if moved is None:
        return False
    _step(complaint_id, StepKind.OVERDUE, Side.TIME, now)
    _tell_both(complaint_id, moved[0], moved[1], now)
    return True


@db.requires_transaction
def close_unobjected(*, complaint_id: int, now: datetime) -> bool:
    """The buyer has not objected to the answer in time: it counts as solved. Locks: the complaint."""
    moved = db.row(
        """
        UPDATE complaints_complaint SET state = 'SOLVED', ended_at = %s
        WHERE id = %s AND state = 'ANSWERED' AND closes_at <= %s RETURNING buyer_id, shop_id
        """,
        [now, complaint_id, now],
    )
    if moved is None:
        return False
    _step(complaint_id, StepKind.LAPSED, Side.TIME, now)
    _tell_both(complaint_id, moved[0], moved[1], now)
    return True


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """A person's words and pictures go; that it was their turn stays, with the decision about the sale."""
    keys = db.rows(
        """
        DELETE FROM complaints_photo f USING complaints_step s WHERE s.id = f.step_id AND s.author_id = %s
        RETURNING f.key
        """,
        [person_id],
    )
    storage.discard([key for (key,) in keys])
    db.execute("UPDATE complaints_step SET text = '' WHERE author_id = %s AND side <> 'STAFF'", [person_id])


def _lock(actor: Actor, complaint_id: int) -> tuple[Complaint, Side]:
    """A complaint that somebody may see, as it is once it is locked. Raises `ComplaintNotFound`."""
    # In a statement of its own: what is read after the wait is read as it is then.
    db.rows("SELECT FROM complaints_complaint WHERE id = %s FOR UPDATE", [complaint_id])
    return queries.get_complaint_for(actor, complaint_id)


def _lock_as_buyer(actor: Actor, complaint_id: int) -> Complaint:
    complaint, side = _lock(actor, complaint_id)
    if side is not Side.BUYER:
        raise errors.ComplaintNotFound()
    return complaint


def _end(complaint_id: int, state: ComplaintState, now: datetime) -> None:
    db.execute(
        "UPDATE complaints_complaint SET state = %s, ended_at = %s WHERE id = %s", [state.value, now, complaint_id]
    )


def _step(
    complaint_id: int,
    kind: StepKind,
    side: Side,
    now: datetime,
    *,
    author_id: int | None = None,
    text: str = "",
    refund_no: str = "",
    pictures: Sequence[Picture] = (),
) -> None:
    made = db.row(
        """
        INSERT INTO complaints_step (complaint_id, kind, side, author_id, text, refund_no, at)
        VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        [complaint_id, kind.value, side.value, author_id, text, refund_no, now],
    )
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    if pictures:
        storage.keep([picture.key for picture in pictures])
    for position, picture in enumerate(pictures):
        db.execute(
            """
            INSERT INTO complaints_photo (step_id, key, position, width, height, blurhash)
            VALUES (%s, %s, %s, %s, %s, %s)
            """,
            [made[0], picture.key, position, picture.width, picture.height, picture.blurhash],
        )


def _workers(shop_id: int) -> frozenset[int]:
    """Who works on it at the shop: its owner, and the clerks who may."""
    return catalog.get_shop(shop_id).workers_with(Permission.ORDERS)


def _tell_others(complaint: Complaint, side: Side, now: datetime) -> None:
    """The other side hears of it; of what staff or time decide, both. Who buys in a shop of their own is the buyer."""
    workers, buyer = _workers(complaint.shop_id) - {complaint.buyer_id}, frozenset({complaint.buyer_id})
    told = {Side.BUYER: workers, Side.SELLER: buyer}.get(side, workers | buyer)
    _tell(told, Kind.COMPLAINT_MOVED, complaint.id, now)


def _tell_both(complaint_id: int, buyer_id: int, shop_id: int, now: datetime) -> None:
    _tell({buyer_id} | _workers(shop_id), Kind.COMPLAINT_MOVED, complaint_id, now)


def _tell(person_ids: Collection[int], kind: Kind, complaint_id: int, now: datetime) -> None:
    notifications.notify_all(
        person_ids=person_ids,
        kind=kind,
        object_id=complaint_id,
        group_key=f"complaint:{complaint_id}",
        facts={"complaint": complaint_id},
        now=now,
    )
