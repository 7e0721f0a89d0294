"""News of an order that was a dead letter and is handled late: the books are those of news in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import combinations, permutations
from typing import Any

import pytest

from tests.builders.alliance import RETURN_WINDOW, Market, published
from wuyou.config.wiring import SUBSCRIBERS
from wuyou.domains.alliance import operations, queries
from wuyou.domains.alliance.hold_types import FlagRule, Found
from wuyou.domains.alliance.types import Publisher
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import events as orders_events
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders.types import PlacedOrder
from wuyou.infra import db, events
from wuyou.infra.events import Subscriber
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.money import Currency

pytestmark = pytest.mark.usefixtures("world")

OWN = next(each for each in SUBSCRIBERS if each.name == "alliance")
OTHERS = [each for each in SUBSCRIBERS if each.name == "orders"]


@dataclass
class Deaf:
    """The alliance's own subscriber, but for orders whose news of some kinds it cannot hear at the time."""

    deaf_to: dict[int, set[type]] = field(default_factory=dict)

    def subscriber(self) -> Subscriber:
        return replace(
            OWN,
            handlers={kind: self._hears(kind, handler) for kind, handler in OWN.handlers.items()},
            run_handlers={kind: self._hears_all(kind, handler) for kind, handler in OWN.run_handlers.items()},
        )

    def _hears(self, kind: type, handler: events.Handler) -> events.Handler:
        return lambda event, now: self._hears_all(kind, lambda run, at: handler(run[0], at))([event], now)

    def _hears_all(self, kind: type, handler: events.RunHandler) -> events.RunHandler:
        def hear(run: Sequence[Any], now: datetime) -> None:
            if any(kind in self.deaf_to.get(getattr(event, "order_id", 0), ()) for event in run):
                raise RuntimeError("cannot hear this now")
            handler(run, now)

        return hear


@dataclass
class Life:
    """One order in a shop of its own, brought by a publisher and a tool of its own."""

    market: Market
    order: PlacedOrder
    parties: list[Publisher]

    def outcome(self, *, late: Sequence[type] = ()) -> tuple[object, ...]:
        """What everyone has, and what the sale came to.

        Where the end of the return window is heard of late, refunds that followed it are counted before it: nothing
        was owed then that they take back, and what came back whole is void instead of settled with nothing.
        """
        (conversion,) = self.market.conversions(self.order)
        shop = [
            ledger.get_balance(AccountRef(kind, f"shop:{self.market.shop.id}", Currency.CNY)).amount_minor
            for kind in (AccountKind.MERCHANT_PAYABLE, AccountKind.MERCHANT_ESCROW)
        ]
        balances = [self.market.balance(each) for each in self.parties]
        settled = [(part.role, part.settled_minor) for part in conversion.parts]
        if orders_events.OrderCompleted in late:
            return balances, shop, settled
        return balances, shop, settled, conversion.state, [part.estimated_minor for part in conversion.parts]


@pytest.fixture
def deaf() -> Deaf:
    return Deaf()


@pytest.fixture
def listeners(deaf: Deaf) -> list[Subscriber]:
    """Nobody else reads the log."""
    listening = [*OTHERS, deaf.subscriber()]
    db.execute("DELETE FROM event_cursor WHERE subscriber <> ALL(%s)", [[each.name for each in listening]])
    return listening


def begin(now: datetime) -> Life:
    market = Market(now)
    market.hear = lambda now: None  # type: ignore[method-assign]
    goods = market.product(9_990)
    parties = [market.publisher(), market.publisher()]
    market.plan(1_500)
    buyer = market.person()
    market.click(market.link(parties[0], goods, partner=parties[1]), buyer)
    return Life(market, market.buy(buyer, goods), parties)


# What becomes of an order after its payment, step by step.
Step = Callable[[int, datetime], object]


def ship(order_id: int, now: datetime) -> None:
    orders.ship_order(actor=PLATFORM, order_id=order_id, now=now)


def receive(order_id: int, now: datetime) -> None:
    orders.receive_order(order_id=order_id, now=now)


def complete(order_id: int, now: datetime) -> None:
    assert orders.complete_order(order_id=order_id, now=now + RETURN_WINDOW)


def refund(amount_minor: int | None) -> Step:
    return lambda order_id, now: orders.request_refund(
        seller=None, order_id=order_id, amount_minor=amount_minor, reason="return", now=now
    )


def dispute(order_id: int, now: datetime) -> None:
    orders.dispute_order(order_id=order_id, now=now)


def agree(order_id: int, now: datetime) -> None:
    orders.settle_dispute(order_id=order_id, now=now)


LIVES: dict[str, list[Step]] = {
    "kept": [ship, receive, complete],
    "cancelled": [refund(None)],
    "refunded in part before it is complete": [ship, receive, refund(1_111), complete],
    "refunded in part after it is complete": [ship, receive, complete, refund(2_500)],
    "claimed, given back and kept": [ship, receive, dispute, refund(3_333), agree, complete],
    "given back after it is complete": [ship, receive, complete, refund(2_500), refund(None)],
}
PAID, COMPLETED, REFUNDED = orders_events.OrderPaid, orders_events.OrderCompleted, orders_events.OrderRefunded
RECEIVED = orders_events.OrderReceived


def cases() -> Iterator[tuple[str, tuple[type, ...]]]:
    """Each life with its news lost in every set of up to two kinds and all at once, retried in every order."""
    for name, steps in LIVES.items():
        kinds: list[type] = [PAID]
        kinds += [kind for kind, step in ((RECEIVED, receive), (COMPLETED, complete)) if step in steps]
        kinds += [REFUNDED] if name != "kept" else []
        for size in (0, 1, 2):
            for chosen in combinations(kinds, size):
                for order in permutations(chosen):
                    yield name, order
        yield name, tuple(reversed(kinds))


def hear_all(listeners: list[Subscriber], now: datetime) -> datetime:
    """Dispatch until everything is handled or buried; returns the moment at which it is."""
    while events.has_unread(now + timedelta(days=1)):
        events.dispatch(listeners, now)
        now += timedelta(seconds=max(events.BACKOFF_S))
    return now


def letters_of(order_id: int, kind: type) -> list[int]:
    return [
        letter_id
        for (letter_id,) in db.rows(
            """
            SELECT l.id FROM event_dead_letter l JOIN event e ON e.seq = l.event_id
            WHERE e.name = %s AND (e.payload ->> 'order_id')::bigint = %s AND l.died_at IS NOT NULL ORDER BY e.seq
            """,
            [kind.name, order_id],  # type: ignore[attr-defined]
        )
    ]


def test_news_that_comes_late_by_a_retry_gives_the_books_of_news_in_its_order(
    deaf: Deaf, listeners: list[Subscriber], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "BACKOFF_S", (1,))
    wanted: dict[str, Life] = {}
    lived: list[tuple[str, tuple[type, ...], Life]] = []
    for name, late in cases():
        life = db.in_transaction(lambda: begin(now))
        deaf.deaf_to[life.order.id] = set(late)
        lived.append((name, late, life))
        wanted.setdefault(name, life)
    at = hear_all(listeners, now)
    for name, _, life in lived:
        for step in LIVES[name]:
            db.in_transaction(lambda: step(life.order.id, at))  # noqa: B023  (runs at once)
    at = hear_all(listeners, at)
    deaf.deaf_to.clear()
    for _, late, life in lived:
        for kind in late:
            letters = letters_of(life.order.id, kind)
            assert letters
            assert [events.retry_dead_letter(listeners, letter, at) for letter in letters] == [True] * len(letters)

    for name, late, life in lived:
        assert (name, late, life.outcome(late=late)) == (name, late, wanted[name].outcome(late=late))
    assert len(lived) > 50
    assert db.row("SELECT count(*) FROM event_dead_letter WHERE resolved_at IS NULL AND died_at IS NOT NULL") == (0,)
    assert [check for check in (*queries.verify(), *ledger.verify()) if check.breach_count] == []


@pytest.mark.parametrize("is_held", [False, True])
def test_control_a_retry_of_the_payment_alone_leaves_its_sale_pending_and_the_proof_finds_it(
    deaf: Deaf, listeners: list[Subscriber], now: datetime, is_held: bool
) -> None:
    life = db.in_transaction(lambda: begin(now))
    deaf.deaf_to[life.order.id] = {PAID}
    at = hear_all(listeners, now)
    for step in LIVES["kept"]:
        db.in_transaction(lambda: step(life.order.id, at))  # noqa: B023  (runs at once)
    at = hear_all(listeners, at)
    assert broken() == {"no_sale_is_forgotten"}
    deaf.deaf_to.clear()
    (letter,) = letters_of(life.order.id, PAID)

    alone = [replace(each, first={}) for each in listeners]
    assert events.retry_dead_letter(alone, letter, at)

    assert broken() == {"nothing_settled_is_pending"}
    assert life.outcome()[0] == [0, 0]
    if is_held:
        found = Found(FlagRule.NO_MOVEMENT, 1, {}, {})
        (conversion,) = life.market.conversions(life.order)
        assert db.in_transaction(lambda: operations.hold_conversion(conversion_id=conversion.id, found=[found], now=at))
    (completed,) = published(COMPLETED)
    db.in_transaction(lambda: operations.settle_orders(completed=[completed], now=at))  # type: ignore[list-item]
    assert broken() == set()
    paid, kept = ([0, 0], 1_499) if is_held else ([1_049, 300], 0)
    assert life.outcome()[:2] == (paid, [9_990 - 1_499, kept])


def broken() -> set[str]:
    return {check.name for check in (*queries.verify(), *ledger.verify()) if check.breach_count}
