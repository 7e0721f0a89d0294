"""Claims for tests, made through operations only; each call is an entry point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.aftersales import operations, queries
from wuyou.domains.aftersales.types import ClaimDraft, ClaimKind, ClaimReason, LineDraft
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import ParcelDraft
from wuyou.infra import db
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor


def draft_for(
    order_no: str,
    person: Person,
    *,
    kind: ClaimKind = ClaimKind.REFUND,
    reason: ClaimReason = ClaimReason.DAMAGED,
    text: str = "瓶子碎了。",
    pieces: int | None = None,
    amount_minor: int | None = None,
) -> ClaimDraft:
    """What a buyer asks for: so many pieces of the first line, or all of every line."""
    lines = orders.get_order_for(Actor(person.id), order_no).lines
    chosen = (
        tuple(LineDraft(line.id, line.quantity) for line in lines)
        if pieces is None
        else (LineDraft(lines[0].id, pieces),)
    )
    return ClaimDraft(kind, reason, chosen, text, amount_minor)


def ask(now: datetime, person: Person, order_no: str, *, pictures: Sequence[Picture] = (), **how: object) -> int:
    """A claim; returns its id."""
    draft = draft_for(order_no, person, **how)  # type: ignore[arg-type]
    return db.in_transaction(
        lambda: operations.ask(actor=Actor(person.id), order_no=order_no, draft=draft, now=now, pictures=pictures)
    )


def agree(now: datetime, person: Person, claim_id: int) -> None:
    """The shop's owner agrees."""
    db.in_transaction(lambda: operations.agree(actor=Actor(person.id), claim_id=claim_id, now=now))


def refuse(now: datetime, person: Person, claim_id: int, text: str = "寄出时是好的。") -> None:
    """The shop's owner says no."""
    db.in_transaction(lambda: operations.refuse(actor=Actor(person.id), claim_id=claim_id, text=text, now=now))


def send_back(now: datetime, person: Person, claim_id: int, number: str = "SF1234567890") -> None:
    """The buyer sends the goods back."""
    parcel = ParcelDraft("SF", number)
    db.in_transaction(lambda: operations.send_back(actor=Actor(person.id), claim_id=claim_id, parcel=parcel, now=now))


def pass_on(now: datetime, person: Person, claim_id: int, text: str = "有照片为证。") -> None:
    """The buyer lets staff decide."""
    db.in_transaction(lambda: operations.pass_on(actor=Actor(person.id), claim_id=claim_id, text=text, now=now))


def decide(now: datetime, staff: Person, claim_id: int, refund_minor: int) -> None:
    """Staff decide."""
    actor = Actor(staff.id, is_staff=True)
    db.in_transaction(
        lambda: operations.decide(actor=actor, claim_id=claim_id, refund_minor=refund_minor, text="看过照片。", now=now)
    )


def state_of(claim_id: int) -> str:
    """Where a claim stands."""
    claim = queries.find_claim(claim_id)
    assert claim is not None
    return claim.state.value
