"""Claims: money back after a purchase, with or without the goods going back; for both sides and for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.aftersales import errors, operations, queries
from wuyou.domains.aftersales.types import (
    Claim,
    ClaimKind,
    ClaimReason,
    ClaimSide,
    ClaimState,
    ClaimStepKind,
    LineDraft,
)
from wuyou.domains.aftersales.types import ClaimDraft as Asked
from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import policies as catalog_policies
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders.types import ParcelDraft
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import TEXT, Draft, Id, OrderNo, PageQuery

router = Router(tags=["claims"])

Words = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=TEXT)]
_MOVED = (errors.ClaimNotFound, errors.WrongState)


class ClaimLineDraft(Draft):
    """So many pieces of a line of the order."""

    line_id: Annotated[int, Field(ge=1, le=2**63 - 1)]
    quantity: Annotated[int, Field(ge=1, le=999)]


class ClaimDraft(Draft):
    """What you ask for."""

    kind: Annotated[ClaimKind, Field(strict=False)]
    reason: Annotated[ClaimReason, Field(strict=False)]
    lines: Annotated[list[ClaimLineDraft], Field(min_length=1, max_length=50)]
    text: Words
    amount_minor: Annotated[int, Field(ge=1, le=10**15)] | None = None
    """Less than the lines cost; null is all that they cost."""


class ClaimWords(Draft):
    """What you say."""

    text: Words


class ReturnParcel(Draft):
    """By whom the goods go back, and under which number."""

    carrier: Annotated[str, StringConstraints(min_length=1, max_length=8, pattern=r"^[A-Z]+$")]
    number: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=TEXT)]


class ClaimDecision(Draft):
    """What staff decide."""

    text: Words
    """The reasons, for both sides to read."""
    refund_minor: Annotated[int, Field(ge=0, le=10**15)] = 0
    """How much of what was asked for goes back; nothing when left out."""


@dataclass(frozen=True, slots=True)
class ClaimStep:
    """One line of the timeline; both sides read the same."""

    kind: ClaimStepKind
    side: ClaimSide
    text: str
    at: datetime
    photos: tuple[str, ...]
    """Addresses of pictures, for who may see the claim."""


@dataclass(frozen=True, slots=True)
class ClaimPiece:
    """So many pieces of a line of the order."""

    line_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A claim in a list."""

    id: int
    order_no: str
    shop_id: int
    kind: ClaimKind
    reason: ClaimReason
    state: ClaimState
    amount_minor: int
    currency: str
    lines: tuple[ClaimPiece, ...]
    carrier: str
    """Of the goods on their way back; empty before."""
    parcel_no: str
    refund_no: str
    """Of the money that is promised back; empty before."""
    made_at: datetime
    due_at: datetime | None
    """When time decides: who lets it pass has agreed, or given up."""
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """A claim with its timeline."""

    __pydantic_config__ = DOCUMENTED

    claim: ClaimLine
    side: ClaimSide
    """On which side of it you stand."""
    steps: tuple[ClaimStep, ...]


@dataclass(frozen=True, slots=True)
class ClaimList:
    """Claims, newest first."""

    items: tuple[ClaimLine, ...]
    next_cursor: int | None


@operation(
    router,
    "POST",
    "/orders/{order_no}/claims",
    entry=Entry.ONCE,
    status=201,
    refuses=[orders_errors.OrderNotFound, errors.NotClaimable, errors.AlreadyRunning, errors.LinesMalformed,
             errors.AmountOutOfRange, errors.TextMalformed],
)  # fmt: skip
def ask_money_back(call: Call, order_no: OrderNo, body: ClaimDraft) -> ClaimPage:
    """Ask for money back about an order of yours. The shop has 48 hours; if it says nothing, it has agreed."""
    lines = tuple(LineDraft(line.line_id, line.quantity) for line in body.lines)
    draft = Asked(body.kind, body.reason, lines, body.text, body.amount_minor)
    return _page(call, operations.ask(actor=call.actor, order_no=order_no, draft=draft, now=call.now))


@operation(router, "GET", "/claims", entry=Entry.READ)
def list_claims(call: Call, query: Query[PageQuery]) -> ClaimList:
    """List what you asked for."""
    page = queries.list_of_buyer(call.actor.person_id, cursor=query.cursor, limit=query.limit)
    return ClaimList(tuple(_line(each) for each in page.items), page.next_cursor)


@operation(router, "GET", "/shops/{shop_id}/claims", entry=Entry.READ, refuses=[catalog_errors.ShopNotFound])
def list_claims_of_shop(call: Call, shop_id: Id, query: Query[PageQuery]) -> ClaimList:
    """List claims about what your shop sold."""
    catalog_policies.require(call.actor, catalog.get_shop(shop_id), Permission.ORDERS)
    page = queries.list_of_shop(shop_id, cursor=query.cursor, limit=query.limit)
    return ClaimList(tuple(_line(each) for each in page.items), page.next_cursor)


@operation(router, "GET", "/claims/{claim_id}", entry=Entry.READ, refuses=[errors.ClaimNotFound])
def get_claim(call: Call, claim_id: Id) -> ClaimPage:
    """Read a claim of yours, or about your shop."""
    return _page(call, claim_id)


@operation(router, "POST", "/claims/{claim_id}/agreement", entry=Entry.ONCE, refuses=_MOVED)
def agree(call: Call, claim_id: Id) -> ClaimPage:
    """Agree, as the shop: the money goes back, or the buyer sends the goods first."""
    operations.agree(actor=call.actor, claim_id=claim_id, now=call.now)
    return _page(call, claim_id)


@operation(router, "POST", "/claims/{claim_id}/refusal", entry=Entry.WRITE, refuses=[*_MOVED, errors.TextMalformed])
def refuse(call: Call, claim_id: Id, body: ClaimWords) -> ClaimPage:
    """Refuse, as the shop, with why; the buyer may let staff decide."""
    operations.refuse(actor=call.actor, claim_id=claim_id, text=body.text, now=call.now)
    return _page(call, claim_id)


@operation(
    router, "POST", "/claims/{claim_id}/parcel", entry=Entry.WRITE,
    refuses=[*_MOVED, orders_errors.CarrierUnknown, orders_errors.NumberMalformed],
)  # fmt: skip
def send_back(call: Call, claim_id: Id, body: ReturnParcel) -> ClaimPage:
    """Say, as the buyer, by whom the goods go back."""
    parcel = ParcelDraft(body.carrier, body.number)
    operations.send_back(actor=call.actor, claim_id=claim_id, parcel=parcel, now=call.now)
    return _page(call, claim_id)


@operation(router, "POST", "/claims/{claim_id}/receipt", entry=Entry.ONCE, refuses=_MOVED)
def confirm_return(call: Call, claim_id: Id) -> ClaimPage:
    """Say, as the shop, that the goods are back; the money goes back too."""
    operations.confirm_return(actor=call.actor, claim_id=claim_id, now=call.now)
    return _page(call, claim_id)


@operation(router, "POST", "/claims/{claim_id}/objection", entry=Entry.WRITE, refuses=[*_MOVED, errors.TextMalformed])
def object_to_return(call: Call, claim_id: Id, body: ClaimWords) -> ClaimPage:
    """Say, as the shop, that what came back is not right: staff decide."""
    operations.object_to_return(actor=call.actor, claim_id=claim_id, text=body.text, now=call.now)
    return _page(call, claim_id)


@operation(router, "POST", "/claims/{claim_id}/escalation", entry=Entry.WRITE, refuses=[*_MOVED, errors.TextMalformed])
def escalate_claim(call: Call, claim_id: Id, body: ClaimWords) -> ClaimPage:
    """The shop refused: let staff decide."""
    operations.pass_on(actor=call.actor, claim_id=claim_id, text=body.text, now=call.now)
    return _page(call, claim_id)


@operation(router, "POST", "/claims/{claim_id}/withdrawal", entry=Entry.WRITE, refuses=_MOVED)
def withdraw_claim(call: Call, claim_id: Id) -> ClaimPage:
    """Take it back."""
    operations.withdraw(actor=call.actor, claim_id=claim_id, now=call.now)
    return _page(call, claim_id)


@operation(
    router, "POST", "/claims/{claim_id}/decision", entry=Entry.ONCE,
    refuses=[*_MOVED, errors.TextMalformed, errors.StaffOnly, errors.AmountOutOfRange],
)  # fmt: skip
def decide_claim(call: Call, claim_id: Id, body: ClaimDecision) -> ClaimPage:
    """Decide, as staff: so much of what was asked for, or nothing, with reasons."""
    operations.decide(actor=call.actor, claim_id=claim_id, refund_minor=body.refund_minor, text=body.text, now=call.now)
    return _page(call, claim_id)


def _page(call: Call, claim_id: int) -> ClaimPage:
    claim, side = queries.get_claim_for(call.actor, claim_id)
    steps = tuple(
        ClaimStep(
            step.kind, step.side, step.text, step.at, tuple(f"/claims/photos/{photo.id}/1600" for photo in step.photos)
        )
        for step in queries.list_steps(claim_id)
    )
    return ClaimPage(_line(claim), side, steps)


def _line(claim: Claim) -> ClaimLine:
    return ClaimLine(
        claim.id, claim.order_no, claim.shop_id, claim.kind, claim.reason, claim.state, claim.amount_minor,
        claim.currency.code, tuple(ClaimPiece(line.order_line_id, line.quantity) for line in claim.lines),
        claim.carrier, claim.parcel_no, claim.refund_no, claim.made_at, claim.due_at, claim.ended_at,
    )  # fmt: skip
