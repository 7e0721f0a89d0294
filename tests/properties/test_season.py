"""A short season: its books hold every night, and everybody has what a model of its own says. Controls break them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.builders import claims
from tests.builders.season import DAY, Season, SeasonBroken
from wuyou.domains.aftersales import operations as aftersales
from wuyou.domains.aftersales.types import ClaimKind
from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, TransferDraft
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import FulfilmentState, ParcelDraft
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import Currency

pytestmark = pytest.mark.usefixtures("world")

CNY = Currency.CNY


class _Undo(Exception):
    pass


def found_after(season: Season, sabotage: Callable[[], object], look: Callable[[], object]) -> str:
    """What is found after something went wrong, which is taken back then."""
    found = ""
    with suppress(_Undo), db.transaction():
        sabotage()
        with pytest.raises(SeasonBroken) as broken:
            look()
        found = str(broken.value)
        raise _Undo
    return found


def bend_a_journal() -> None:
    """As somebody with the owner's rights could, with the triggers out of the way."""
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    db.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER USER")
    assert db.execute(
        """
        UPDATE ledger_transfer SET amount_minor = amount_minor + 1
        WHERE id = (SELECT min(id) FROM ledger_transfer WHERE kind = 'commission_publisher')
        """
    )


def lose_a_conversion() -> None:
    """A settled sale is forgotten."""
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    (lost,) = db.rows("SELECT min(id) FROM alliance_conversion WHERE state = 'SETTLED'")
    db.execute("DELETE FROM alliance_commission WHERE conversion_id = %s", lost)
    assert db.execute("DELETE FROM alliance_conversion WHERE id = %s", lost)


def pay_a_packet_from_another(season: Season) -> None:
    """What a publisher promised is paid by the platform."""
    own = next(packet for packet, name in season.funds.items() if name != "platform")
    theirs, ours = (AccountRef(AccountKind.PROMOTION_FUND, f"packet:{each}", CNY) for each in (own, season.packet.id))
    post(season, TransferDraft(ours, theirs, 1, "gift"))


def pay_for_goods_that_are_objected_to(season: Season) -> None:
    """The shop says that the box is empty, and the buyer has their money all the same."""
    now = season.market.now + season.day * DAY
    sold = orders.orders_by_id([sale.placed.id for sale in season.sales.values()])
    sale = next(
        sale
        for sale in season.sales.values()
        if (order := sold[sale.placed.id]).fulfilment in (FulfilmentState.SHIPPED, FulfilmentState.RECEIVED)
        and order.buyer_id == sale.buyer.id
        and not (order.refunded_minor or order.is_disputed)
    )
    owner, buyer, order_no = Actor(season.shops[sale.shop].owner_id), Actor(sale.buyer.id), sale.placed.order_no
    draft = claims.draft_for(order_no, sale.buyer, kind=ClaimKind.RETURN, amount_minor=100)
    claim = aftersales.ask(actor=buyer, order_no=order_no, draft=draft, now=now)
    aftersales.agree(actor=owner, claim_id=claim, now=now)
    aftersales.send_back(actor=buyer, claim_id=claim, parcel=ParcelDraft("SF", "SF1234567890"), now=now)
    aftersales.object_to_return(actor=owner, claim_id=claim, text="盒子是空的。", now=now)
    aftersales.decide(actor=season.staff[0], claim_id=claim, refund_minor=100, text="看过照片。", now=now)


def post(season: Season, transfer: TransferDraft) -> None:
    """Book what nothing is behind."""
    now = season.market.now
    ledger.post(journals=[JournalDraft("unsettle:W1", "unsettle", "order:W1", now, (transfer,))], now=now)


def test_books_of_a_season_hold_every_night_and_a_broken_one_is_found_the_same_night() -> None:
    season = Season(seed=1, orders=24)
    january, february = season.live(2)

    assert (january.nights, february.nights) == (31, 28)
    seen = january.counts + february.counts
    for kind in (
        "orders", "late", "claims", "returns", "refunds", "refunds_after_settlement", "cuts", "own_packets_used",
        "payouts_paid",
    ):  # fmt: skip
        assert seen[kind], kind
    assert seen["statements"] > 5

    season.prove()  # the control of the controls
    season.compare()
    assert "a journal is as it was booked" in found_after(season, bend_a_journal, season.prove)
    assert "no_sale_is_forgotten" in found_after(season, lose_a_conversion, season.prove)

    anna, bert = season.accounts["anna"], season.accounts["bert"]
    told = found_after(season, lambda: post(season, TransferDraft(anna, bert, 1, "gift")), season.compare)
    assert "anna: ought to have" in told
    assert "bert: ought to have" in told
    assert "cleo" not in told

    assert "packets_are_what_the_books_hold" in found_after(
        season, lambda: pay_a_packet_from_another(season), season.prove
    )
    assert "platform: ought to have" in found_after(season, lambda: pay_a_packet_from_another(season), season.compare)
    assert "due: ought to have 0, has 100" in found_after(
        season, lambda: pay_for_goods_that_are_objected_to(season), season.compare
    )
    season.prove()
    season.compare()
