"""Complaints: what a buyer says is wrong, and how it is settled; for both sides and for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import policies as catalog_policies
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.complaints import errors, operations, queries
from wuyou.domains.complaints.types import Complaint, ComplaintState, Reason, Side, StepKind
from wuyou.domains.orders import errors as orders_errors
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import TEXT, Draft, Id, OrderNo, PageQuery

router = Router(tags=["complaints"])

Words = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=TEXT)]
_MOVED = (errors.ComplaintNotFound, errors.WrongState, errors.TextMalformed)


class ComplaintDraft(Draft):
    """What is wrong with an order of yours."""

    reason: Annotated[Reason, Field(strict=False)]
    text: Words


class ComplaintWords(Draft):
    """What you say."""

    text: Words


class DecisionDraft(Draft):
    """What staff decide."""

    text: Words
    """The reasons, for both sides to read."""
    refund_minor: Annotated[int, Field(ge=0, le=10**15)] = 0
    """How much goes back to the buyer; nothing when left out."""


@dataclass(frozen=True, slots=True)
class ComplaintStep:
    """One line of the timeline; both sides read the same."""

    kind: StepKind
    side: Side
    text: str
    refund_no: str
    at: datetime
    photos: tuple[str, ...]
    """Addresses of pictures, for who may see the complaint."""


@dataclass(frozen=True, slots=True)
class ComplaintLine:
    """A complaint in a list."""

    id: int
    order_no: str
    shop_id: int
    reason: Reason
    state: ComplaintState
    made_at: datetime
    due_at: datetime | None
    """The clock that runs: until when the seller answers, or the buyer objects."""
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ComplaintPage:
    """A complaint with its timeline."""

    __pydantic_config__ = DOCUMENTED

    complaint: ComplaintLine
    side: Side
    """On which side of it you stand."""
    steps: tuple[ComplaintStep, ...]


@dataclass(frozen=True, slots=True)
class ComplaintList:
    """Complaints, newest first."""

    items: tuple[ComplaintLine, ...]
    next_cursor: int | None


@operation(
    router,
    "POST",
    "/orders/{order_no}/complaints",
    entry=Entry.WRITE,
    status=201,
    refuses=[orders_errors.OrderNotFound, errors.NotComplainable, errors.AlreadyRunning, errors.AlreadyDecided,
             errors.TextMalformed],
)  # fmt: skip
def complain(call: Call, order_no: OrderNo, body: ComplaintDraft) -> ComplaintPage:
    """Say what is wrong with an order of yours. The seller is told, and has 48 hours to answer."""
    complaint_id = operations.complain(
        actor=call.actor, order_no=order_no, reason=body.reason, text=body.text, now=call.now
    )
    return _page(call, complaint_id)


@operation(router, "GET", "/complaints", entry=Entry.READ)
def list_complaints(call: Call, query: Query[PageQuery]) -> ComplaintList:
    """List what you complained about."""
    page = queries.list_of_buyer(call.actor.person_id, cursor=query.cursor, limit=query.limit)
    return ComplaintList(tuple(_line(each) for each in page.items), page.next_cursor)


@operation(router, "GET", "/shops/{shop_id}/complaints", entry=Entry.READ, refuses=[catalog_errors.ShopNotFound])
def list_complaints_of_shop(call: Call, shop_id: Id, query: Query[PageQuery]) -> ComplaintList:
    """List complaints about what your shop sold."""
    catalog_policies.require(call.actor, catalog.get_shop(shop_id), Permission.ORDERS)
    page = queries.list_of_shop(shop_id, cursor=query.cursor, limit=query.limit)
    return ComplaintList(tuple(_line(each) for each in page.items), page.next_cursor)


@operation(router, "GET", "/complaints/{complaint_id}", entry=Entry.READ, refuses=[errors.ComplaintNotFound])
def get_complaint(call: Call, complaint_id: Id) -> ComplaintPage:
    """Read a complaint of yours, or about your shop."""
    return _page(call, complaint_id)


@operation(router, "POST", "/complaints/{complaint_id}/words", entry=Entry.WRITE, status=201, refuses=_MOVED)
def reply(call: Call, complaint_id: Id, body: ComplaintWords) -> ComplaintPage:
    """Say something in a running complaint; the seller's first words are the answer."""
    operations.reply(actor=call.actor, complaint_id=complaint_id, text=body.text, now=call.now)
    return _page(call, complaint_id)


@operation(router, "POST", "/complaints/{complaint_id}/escalation", entry=Entry.WRITE, refuses=_MOVED)
def pass_on(call: Call, complaint_id: Id, body: ComplaintWords) -> ComplaintPage:
    """The answer solves nothing: let staff decide."""
    operations.pass_on(actor=call.actor, complaint_id=complaint_id, text=body.text, now=call.now)
    return _page(call, complaint_id)


@operation(
    router, "POST", "/complaints/{complaint_id}/solution", entry=Entry.WRITE,
    refuses=[errors.ComplaintNotFound, errors.WrongState],
)  # fmt: skip
def solve(call: Call, complaint_id: Id) -> ComplaintPage:
    """Say that it is solved."""
    operations.solve(actor=call.actor, complaint_id=complaint_id, now=call.now)
    return _page(call, complaint_id)


@operation(
    router, "POST", "/complaints/{complaint_id}/decision", entry=Entry.ONCE,
    refuses=[*_MOVED, errors.StaffOnly, orders_errors.RefundOutOfRange],
)  # fmt: skip
def decide(call: Call, complaint_id: Id, body: DecisionDraft) -> ComplaintPage:
    """Decide, as staff: so much back, or nothing, with reasons."""
    operations.decide(
        actor=call.actor, complaint_id=complaint_id, refund_minor=body.refund_minor, text=body.text, now=call.now
    )
    return _page(call, complaint_id)


def _page(call: Call, complaint_id: int) -> ComplaintPage:
    complaint, side = queries.get_complaint_for(call.actor, complaint_id)
    steps = tuple(
        ComplaintStep(
            step.kind,
            step.side,
            step.text,
            step.refund_no,
            step.at,
            tuple(f"/complaints/photos/{photo.id}/1600" for photo in step.photos),
        )
        for step in queries.list_steps(complaint_id)
    )
    return ComplaintPage(_line(complaint), side, steps)


def _line(complaint: Complaint) -> ComplaintLine:
    return ComplaintLine(
        complaint.id,
        complaint.order_no,
        complaint.shop_id,
        complaint.reason,
        complaint.state,
        complaint.made_at,
        complaint.due_at,
        complaint.ended_at,
    )
