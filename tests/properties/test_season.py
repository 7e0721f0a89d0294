"""A short season: its books hold every night, and everybody has what a model of its own says. Controls break them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.builders.season import Season, SeasonBroken
from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger.types import JournalDraft, TransferDraft
from wuyou.infra import db

pytestmark = pytest.mark.usefixtures("world")


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

    def give_a_cent_to_another() -> None:
        anna, bert = season.accounts["anna"], season.accounts["bert"]
        now = season.market.now
        journal = JournalDraft("unsettle:W1", "unsettle", "order:W1", now, (TransferDraft(anna, bert, 1, "gift"),))
        ledger.post(journals=[journal], now=now)

    told = found_after(season, give_a_cent_to_another, season.compare)
    assert "anna: ought to have" in told
    assert "bert: ought to have" in told
    assert "cleo" not in told
    season.prove()
    season.compare()
