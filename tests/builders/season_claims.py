"""What buyers of a season ask back, and what becomes of it by somebody's word or by time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tests.builders import claims
from wuyou.domains.aftersales import operations as aftersales
from wuyou.domains.aftersales.types import ClaimKind, ClaimState
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders.types import PlacedOrder
from wuyou.infra import db
from wuyou.kernel.actor import Actor

if TYPE_CHECKING:
    from tests.builders.season import Season


def ask_for_money(season: Season, placed: PlacedOrder, buyer: Person, now: datetime) -> None:
    """The goods stay: the shop agrees or says no, and then staff may decide."""
    if not _may_ask(placed, buyer):
        return
    asked = season.some(placed)
    claim_id = claims.ask(now, buyer, placed.order_no, amount_minor=asked)
    season.counts["claims"] += 1
    owner = _owner_of(season, placed)

    def agree(at: datetime) -> None:
        db.in_transaction(lambda: aftersales.agree(actor=owner, claim_id=claim_id, now=at))
        season.model.refund(placed.order_no, asked)

    def refuse(at: datetime) -> None:
        db.in_transaction(lambda: aftersales.refuse(actor=owner, claim_id=claim_id, text="寄出时是好的。", now=at))
        if season.draws.random() < 0.5:
            claims.pass_on(at, buyer, claim_id)
            season.at(season.day + 2, decide)

    def decide(at: datetime) -> None:
        _decide(season, placed, claim_id, season.draws.choice((0, asked // 2, asked)), at)

    season.at(season.day + 1, season.draws.choice((agree, refuse)))


def send_back(season: Season, placed: PlacedOrder, buyer: Person, now: datetime) -> None:
    """Goods for money: the shop agrees by its word or by saying nothing, and so it takes them back, or objects."""
    if not _may_ask(placed, buyer):
        return
    asked = season.draws.choice((placed.total.amount_minor, season.some(placed)))
    claim_id = claims.ask(now, buyer, placed.order_no, kind=ClaimKind.RETURN, amount_minor=asked)
    season.counts["returns"] += 1
    owner, began = _owner_of(season, placed), season.day

    def agree(at: datetime) -> None:
        db.in_transaction(lambda: aftersales.agree(actor=owner, claim_id=claim_id, now=at))

    def send(at: datetime) -> None:
        claims.send_back(at, buyer, claim_id)
        lot = season.draws.random()
        if lot < 0.3:
            season.silent_returns[claim_id] = placed.order_no, asked
        else:
            season.at(began + 6, confirm if lot < 0.8 else object_)

    def confirm(at: datetime) -> None:
        db.in_transaction(lambda: aftersales.confirm_return(actor=owner, claim_id=claim_id, now=at))
        season.model.refund(placed.order_no, asked)

    def object_(at: datetime) -> None:
        text = "盒子是空的。"
        db.in_transaction(lambda: aftersales.object_to_return(actor=owner, claim_id=claim_id, text=text, now=at))
        season.at(began + 8, decide)

    def decide(at: datetime) -> None:
        _decide(season, placed, claim_id, season.draws.choice((0, asked)), at)

    if season.draws.random() < 0.6:
        season.at(began + 1, agree)
    if season.draws.random() < 0.85:
        season.at(began + 4, send)
    else:
        season.counts["returns_lapsed"] += 1  # nothing is ever sent


def tell_silent_returns(season: Season) -> None:
    """Goods came to a shop that said nothing, and its time is over."""
    for claim_id, (order_no, asked) in list(season.silent_returns.items()):
        if claims.state_of(claim_id) == ClaimState.REFUNDED:
            season.model.refund(order_no, asked)
            del season.silent_returns[claim_id]
            season.counts["returns_by_time"] += 1


def _may_ask(placed: PlacedOrder, buyer: Person) -> bool:
    order = orders_queries.get_order(placed.id)
    return order.buyer_id == buyer.id and not order.refunded_minor


def _owner_of(season: Season, placed: PlacedOrder) -> Actor:
    return Actor(season.shops[season.sales[placed.order_no].shop].owner_id)


def _decide(season: Season, placed: PlacedOrder, claim_id: int, given: int, now: datetime) -> None:
    text, staff = "看过照片。", season.staff[0]
    db.in_transaction(lambda: aftersales.decide(actor=staff, claim_id=claim_id, refund_minor=given, text=text, now=now))
    if given:
        season.model.refund(placed.order_no, given)
