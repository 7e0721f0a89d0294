"""Every write of claims. Whose turn it is is decided on the locked row.

Locks, in this order: the claim, then the order, then what its refund locks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from wuyou.domains.aftersales import errors, policies, queries, rules
from wuyou.domains.aftersales.types import Claim, ClaimDraft, ClaimKind, ClaimSide, ClaimState, ClaimStepKind
from wuyou.domains.catalog import operations as shops
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders.providers import carriers
from wuyou.domains.orders.types import ParcelDraft
from wuyou.infra import db, storage
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor

REFUND_REASON = "claim"


@db.requires_transaction
def ask(*, actor: Actor, order_no: str, draft: ClaimDraft, now: datetime, pictures: Sequence[Picture] = ()) -> int:
    """Ask for money back about an order of one's own; returns the claim's id. The shop is told, and has 48 hours.

    Raises: `OrderNotFound`, `NotClaimable`, `AlreadyRunning`, `LinesMalformed`, `AmountOutOfRange`, `TextMalformed`,
    `TooManyPhotos`. Locks: the claim's place, then the order.
    """
    text = rules.clean_text(draft.text)
    rules.check_photos(len(pictures))
    order = orders_queries.get_order_for(actor, order_no)
    if order.buyer_id != actor.user_id:
        raise orders_errors.OrderNotFound()
    amount = rules.amount_of(draft, order, queries.returned_pieces(order.id))
    made = db.row(
        """
        INSERT INTO aftersales_claim (order_id, buyer_id, shop_id, kind, reason, amount_minor, currency, state, carrier,
                                      parcel_no, refund_no, made_at, due_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, 'ASKED', '', '', '', %s, %s)
        ON CONFLICT (order_id) WHERE ended_at IS NULL DO NOTHING RETURNING id
        """,
        [order.id, order.buyer_id, order.shop_id, draft.kind.value, draft.reason.value, amount, order.currency.code,
         now, now + rules.WITHIN[ClaimState.ASKED]],
    )  # fmt: skip
    if made is None:
        running = queries.find_of_order(order.id)
        raise errors.AlreadyRunning(claim_id=running.id if running else 0)
    claim_id = int(made[0])
    _dispute(order.id, order_no, now)
    # Once more, now that nothing about this order can move: what was read before may have.
    order = orders_queries.get_order(order.id)
    if draft.kind not in rules.kinds_for(order):
        raise errors.NotClaimable(order_no=order_no)
    rules.amount_of(draft, order, queries.returned_pieces(order.id))
    for line in draft.lines:
        db.execute(
            "INSERT INTO aftersales_claim_line (claim_id, order_line_id, quantity) VALUES (%s, %s, %s)",
            [claim_id, line.order_line_id, line.quantity],
        )
    _step(claim_id, ClaimStepKind.ASKED, ClaimSide.BUYER, now, author_id=order.buyer_id, text=text, pictures=pictures)
    _tell(_workers(order.shop_id) - {order.buyer_id}, Kind.CLAIM_MADE, claim_id, now)
    return claim_id


@db.requires_transaction
def agree(*, actor: Actor, claim_id: int, now: datetime, text: str = "") -> None:
    """The shop agrees: the money is promised back, or the buyer sends the goods first; words may say where to.

    Raises: `ClaimNotFound`, `WrongState`, `TextMalformed`. Locks: the claim, then what the refund locks.
    """
    text = rules.clean_text(text, may_be_empty=True)
    claim = _take_at_shop(actor, claim_id, ClaimState.ASKED, ClaimStepKind.AGREED, now)
    _agree(claim, now)
    _step(claim_id, ClaimStepKind.AGREED, ClaimSide.SELLER, now, author_id=actor.person_id, text=text)
    _tell_others(claim, ClaimSide.SELLER, now)


@db.requires_transaction
def refuse(*, actor: Actor, claim_id: int, text: str, now: datetime, pictures: Sequence[Picture] = ()) -> None:
    """The shop says no, with why; the buyer has a week to let staff decide.

    Raises: `ClaimNotFound`, `WrongState`, `TextMalformed`, `TooManyPhotos`. Locks: the claim.
    """
    text = rules.clean_text(text)
    rules.check_photos(len(pictures))
    claim = _take_at_shop(actor, claim_id, ClaimState.ASKED, ClaimStepKind.REFUSED, now)
    _wait(claim_id, ClaimState.REFUSED, now)
    _step(
        claim_id, ClaimStepKind.REFUSED, ClaimSide.SELLER, now, author_id=actor.person_id, text=text, pictures=pictures
    )
    _tell_others(claim, ClaimSide.SELLER, now)


@db.requires_transaction
def send_back(*, actor: Actor, claim_id: int, parcel: ParcelDraft, now: datetime) -> None:
    """The buyer has handed the goods to a carrier; the shop has ten days to say that they came.

    Raises: `ClaimNotFound`, `WrongState`, orders' `CarrierUnknown`, `NumberMalformed`. Locks: the claim.
    """
    carrier = carriers.carrier_of(parcel.carrier)
    if carrier.makes_labels:  # its labels are made for what goes out
        raise orders_errors.CarrierUnknown(carrier=parcel.carrier[:16])
    claim = _lock_as(actor, claim_id, ClaimSide.BUYER, ClaimState.TO_SEND)
    number = carrier.number_for(order_no=claim.order_no, given=parcel.number)
    db.execute(
        "UPDATE aftersales_claim SET carrier = %s, parcel_no = %s WHERE id = %s", [parcel.carrier, number, claim_id]
    )
    _wait(claim_id, ClaimState.SENT, now)
    _step(claim_id, ClaimStepKind.SENT, ClaimSide.BUYER, now, author_id=actor.person_id)
    _tell_others(claim, ClaimSide.BUYER, now)


@db.requires_transaction
def confirm_return(*, actor: Actor, claim_id: int, now: datetime) -> None:
    """The goods are back with the shop: the money is promised back.

    Raises: `ClaimNotFound`, `WrongState`. Locks: the claim, then what the refund locks.
    """
    claim = _take_at_shop(actor, claim_id, ClaimState.SENT, ClaimStepKind.ARRIVED, now)
    _give_back(claim, claim.amount_minor, now)
    _step(claim_id, ClaimStepKind.ARRIVED, ClaimSide.SELLER, now, author_id=actor.person_id)
    _tell_others(claim, ClaimSide.SELLER, now)


@db.requires_transaction
def object_to_return(
    *, actor: Actor, claim_id: int, text: str, now: datetime, pictures: Sequence[Picture] = ()
) -> None:
    """What came back is not right, or nothing came: staff decide.

    Raises: `ClaimNotFound`, `WrongState`, `TextMalformed`, `TooManyPhotos`. Locks: the claim.
    """
    text = rules.clean_text(text)
    rules.check_photos(len(pictures))
    claim = _take_at_shop(actor, claim_id, ClaimState.SENT, ClaimStepKind.OBJECTED, now)
    _pass_on(claim_id)
    _step(
        claim_id, ClaimStepKind.OBJECTED, ClaimSide.SELLER, now, author_id=actor.person_id, text=text, pictures=pictures
    )
    _tell_others(claim, ClaimSide.SELLER, now)


@db.requires_transaction
def pass_on(*, actor: Actor, claim_id: int, text: str, now: datetime, pictures: Sequence[Picture] = ()) -> None:
    """The shop refused, and the buyer lets staff decide, with why.

    Raises: `ClaimNotFound`, `WrongState`, `TextMalformed`, `TooManyPhotos`. Locks: the claim.
    """
    text = rules.clean_text(text)
    rules.check_photos(len(pictures))
    claim = _lock_as(actor, claim_id, ClaimSide.BUYER, ClaimState.REFUSED)
    _pass_on(claim_id)
    _step(
        claim_id, ClaimStepKind.PASSED_ON, ClaimSide.BUYER, now, author_id=actor.person_id, text=text, pictures=pictures
    )
    _tell_others(claim, ClaimSide.BUYER, now)


@db.requires_transaction
def withdraw(*, actor: Actor, claim_id: int, now: datetime) -> None:
    """The buyer takes it back, at any time before it has ended, unless the goods are on their way.

    Raises: `ClaimNotFound`, `WrongState`. Locks: the claim, then the order.
    """
    claim = _lock_as(
        actor,
        claim_id,
        ClaimSide.BUYER,
        ClaimState.ASKED,
        ClaimState.TO_SEND,
        ClaimState.REFUSED,
        ClaimState.WITH_STAFF,
    )
    _end(claim, ClaimState.WITHDRAWN, now)
    _step(claim_id, ClaimStepKind.WITHDRAWN, ClaimSide.BUYER, now, author_id=actor.person_id)
    _tell_others(claim, ClaimSide.BUYER, now)


@db.requires_transaction
def decide(*, actor: Actor, claim_id: int, refund_minor: int, text: str, now: datetime) -> None:
    """Staff decide, with reasons: so much of what was asked for, or nothing.

    Raises: `ClaimNotFound`, `StaffOnly`, `WrongState`, `TextMalformed`, `AmountOutOfRange`.
    Locks: the claim, then what the refund locks.
    """
    text = rules.clean_text(text)
    claim, side = _lock(actor, claim_id)
    policies.require_staff(side)
    if claim.state is not ClaimState.WITH_STAFF:
        raise errors.WrongState(state=claim.state.value)
    if not 0 <= refund_minor <= claim.amount_minor:
        raise errors.AmountOutOfRange(most_minor=claim.amount_minor)
    if refund_minor:
        _give_back(claim, refund_minor, now)
    else:
        _end(claim, ClaimState.REJECTED, now)
    kind = ClaimStepKind.DECIDED if refund_minor else ClaimStepKind.REJECTED
    _step(claim_id, kind, ClaimSide.STAFF, now, author_id=actor.person_id, text=text)
    _tell_others(claim, ClaimSide.STAFF, now)


@db.requires_transaction
def let_time_decide(*, claim_id: int, now: datetime) -> bool:
    """Whoever let their time pass has agreed, or given up. False when somebody was quicker.

    Locks: the claim, then what the refund locks.
    """
    db.rows("SELECT FROM aftersales_claim WHERE id = %s FOR UPDATE", [claim_id])
    claim = queries.find_claim(claim_id)
    if claim is None or claim.due_at is None or claim.due_at > now:
        return False
    match claim.state:
        case ClaimState.ASKED:
            _agree(claim, now)
            kind = ClaimStepKind.AGREED_BY_TIME
        case ClaimState.SENT:
            _give_back(claim, claim.amount_minor, now)
            kind = ClaimStepKind.ARRIVED_BY_TIME
        case _:
            _end(claim, ClaimState.LAPSED, now)
            kind = ClaimStepKind.LAPSED
    _step(claim_id, kind, ClaimSide.TIME, now)
    _tell_others(claim, ClaimSide.TIME, now)
    return True


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """A person's words and pictures go; that it was their turn stays, with what became of the sale."""
    keys = db.rows(
        """
        DELETE FROM aftersales_photo f USING aftersales_step s WHERE s.id = f.step_id AND s.author_id = %s
        RETURNING f.key
        """,
        [person_id],
    )
    storage.discard([key for (key,) in keys])
    db.execute("UPDATE aftersales_step SET text = '' WHERE author_id = %s AND side <> 'STAFF'", [person_id])


# ---------------------------------------------------------------- what they are made of


def _dispute(order_id: int, order_no: str, now: datetime) -> None:
    try:
        orders.dispute_order(order_id=order_id, now=now)
    except orders_errors.WrongState as error:
        raise errors.NotClaimable(order_no=order_no) from error


def _lock(actor: Actor, claim_id: int) -> tuple[Claim, ClaimSide]:
    """A claim that somebody may see, as it is once it is locked. Raises `ClaimNotFound`."""
    # In a statement of its own: what is read after the wait is read as it is then.
    db.rows("SELECT FROM aftersales_claim WHERE id = %s FOR UPDATE", [claim_id])
    return queries.get_claim_for(actor, claim_id)


def _lock_as(actor: Actor, claim_id: int, side: ClaimSide, *states: ClaimState) -> Claim:
    """The same, for one side at its turn. Raises `ClaimNotFound`, `WrongState`."""
    claim, stands = _lock(actor, claim_id)
    if stands is not side:
        raise errors.ClaimNotFound()
    if claim.state not in states:
        raise errors.WrongState(state=claim.state.value)
    return claim


def _take_at_shop(actor: Actor, claim_id: int, state: ClaimState, does: ClaimStepKind, now: datetime) -> Claim:
    """The same at the shop's turn: who of the shop did what is in its log, whoever's page or program asked for it."""
    claim = _lock_as(actor, claim_id, ClaimSide.SELLER, state)
    what = f"claim-{does.value.lower()}"
    shops.note_act(actor=actor, shop_id=claim.shop_id, what=what, about=claim.order_no, now=now)
    return claim


def _agree(claim: Claim, now: datetime) -> None:
    if claim.kind is ClaimKind.RETURN:
        _wait(claim.id, ClaimState.TO_SEND, now)
    else:
        _give_back(claim, claim.amount_minor, now)


def _wait(claim_id: int, state: ClaimState, now: datetime) -> None:
    db.execute(
        "UPDATE aftersales_claim SET state = %s, due_at = %s WHERE id = %s",
        [state.value, now + rules.WITHIN[state], claim_id],
    )


def _pass_on(claim_id: int) -> None:
    db.execute("UPDATE aftersales_claim SET state = 'WITH_STAFF', due_at = NULL WHERE id = %s", [claim_id])


def _end(claim: Claim, state: ClaimState, now: datetime, refund_no: str = "") -> None:
    db.execute(
        "UPDATE aftersales_claim SET state = %s, due_at = NULL, ended_at = %s, refund_no = %s WHERE id = %s",
        [state.value, now, refund_no, claim.id],
    )
    orders.settle_dispute(order_id=claim.order_id, now=now)


def _give_back(claim: Claim, amount_minor: int, now: datetime) -> None:
    """Promise the money; less where less is left, since the shop may have given some back meanwhile by itself."""
    refund_no = orders.refund_up_to(order_id=claim.order_id, amount_minor=amount_minor, reason=REFUND_REASON, now=now)
    _end(claim, ClaimState.REFUNDED, now, refund_no)


def _step(
    claim_id: int,
    kind: ClaimStepKind,
    side: ClaimSide,
    now: datetime,
    *,
    author_id: int | None = None,
    text: str = "",
    pictures: Sequence[Picture] = (),
) -> None:
    made = db.row(
        """
        INSERT INTO aftersales_step (claim_id, kind, side, author_id, text, at) VALUES (%s, %s, %s, %s, %s, %s)
        RETURNING id
        """,
        [claim_id, kind.value, side.value, author_id, text, now],
    )
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    if pictures:
        storage.keep([picture.key for picture in pictures])
    for position, picture in enumerate(pictures):
        db.execute(
            """
            INSERT INTO aftersales_photo (step_id, key, position, width, height, blurhash)
            VALUES (%s, %s, %s, %s, %s, %s)
            """,
            [made[0], picture.key, position, picture.width, picture.height, picture.blurhash],
        )


def _workers(shop_id: int) -> frozenset[int]:
    """Who works on it at the shop: its owner, and the clerks who may."""
    return catalog.get_shop(shop_id).workers_with(Permission.ORDERS)


def _tell_others(claim: Claim, side: ClaimSide, now: datetime) -> None:
    """The other side hears of it; of what staff or time decide, both. Who buys in a shop of their own is the buyer."""
    workers, buyer = _workers(claim.shop_id) - {claim.buyer_id}, frozenset({claim.buyer_id})
    told = {ClaimSide.BUYER: workers, ClaimSide.SELLER: buyer}.get(side, workers | buyer)
    _tell(told, Kind.CLAIM_MOVED, claim.id, now)


def _tell(person_ids: Collection[int], kind: Kind, claim_id: int, now: datetime) -> None:
    notifications.notify_all(
        person_ids=person_ids,
        kind=kind,
        object_id=claim_id,
        group_key=f"claim:{claim_id}",
        facts={"claim": claim_id},
        now=now,
    )
