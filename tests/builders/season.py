"""Months of an alliance, day by day, by the platform's own operations and tasks: made of one seed, always the same.

Two shops, publishers with links (one with a tool, one whose place is shared), a recruiter. Rates are raised and cut,
first pieces and a subsidy run out, coupons and red packets are used, some that publishers pay from what they earned;
payments are heard of late and twice; buyers get money back before and after settlement and payout, or claim it, some
for goods that they send back; sales are looked at, let go or void; months are closed and paid, some payouts come back,
debts are offset by later sales or written off.

Each night everything is proven; at the end of each month everybody's balance is what `season_model` says, to the cent,
and each statement is computed again from its file.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from tests.builders import promotions, season_claims, season_packets
from tests.builders.alliance import Market
from tests.builders.payments import PERFECT
from tests.builders.season_model import Link, Model, Rate, Shop, Subsidy
from wuyou.config import wiring
from wuyou.domains.aftersales import tasks as aftersales_tasks
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries as alliance_queries
from wuyou.domains.alliance import tasks as alliance_tasks
from wuyou.domains.alliance.hold_types import Hold, HoldState
from wuyou.domains.alliance.types import FirstPieces
from wuyou.domains.catalog.types import Product
from wuyou.domains.catalog.types import Shop as CatalogShop
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.ledger import documents, statements
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger import tasks as ledger_tasks
from wuyou.domains.ledger.types import AccountKind, AccountRef, PayoutState
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders import tasks as orders_tasks
from wuyou.domains.orders.types import FulfilmentState, LineDraft, OrderKind, PlacedOrder
from wuyou.domains.payments import operations as payments
from wuyou.domains.payments import tasks as payments_tasks
from wuyou.domains.promotions import errors as promotions_errors
from wuyou.domains.promotions import tasks as promotions_tasks
from wuyou.domains.promotions.types import Promotion
from wuyou.engines.statements.checking import check
from wuyou.infra import db, events
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.money import Currency
from wuyou.surfaces import proofs

BEGAN = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SUBSCRIBERS = [each for each in wiring.SUBSCRIBERS if each.name in ("orders", "alliance")]

R = TypeVar("R")


class SeasonBroken(AssertionError):
    """The books of a night, or of a month, are not what they ought to be."""

    def __init__(self, day: int, what: list[str]) -> None:
        super().__init__(f"day {day}: {'; '.join(what)}")
        self.day = day
        self.what = what


@dataclass(frozen=True)
class Month:
    """What one month saw."""

    name: str
    nights: int
    rows: int
    counts: Counter[str]


@dataclass
class Sale:
    """An order of the season."""

    placed: PlacedOrder
    buyer: Person
    shop: str
    is_told: bool = False
    """Whether the model was told that its return window is over."""


@dataclass
class Season:
    """One season of so many orders a month."""

    seed: int
    orders: int
    draws: random.Random = field(init=False)
    model: Model = field(default_factory=Model)
    counts: Counter[str] = field(default_factory=Counter)
    day: int = 0

    def __post_init__(self) -> None:
        self.draws = random.Random(self.seed)
        self.sales: dict[str, Sale] = {}
        self.due: dict[int, list[Callable[[datetime], None]]] = {}
        self.accounts: dict[str, AccountRef] = {}
        self.seen_lines: dict[int, PayoutState] = {}
        self.clicked: dict[tuple[int, str], tuple[datetime, Link]] = {}
        self.told_holds: dict[int, bool] = {}
        self.own_packets: dict[tuple[str, str], Promotion] = {}
        """What a publisher pays of the goods of a shop, for who comes by their link: the last one that they opened."""
        self.funds: dict[int, str] = {}
        """Who set money aside for a packet."""
        self.silent_returns: dict[int, tuple[str, int]] = {}
        """Goods on their way to a shop that will say nothing: the order, and what time gives back."""
        db.in_transaction(lambda: events.register(SUBSCRIBERS))
        db.in_transaction(self._open)

    # ---------------------------------------------------------------- who there is

    def _open(self) -> None:
        self.market = Market(BEGAN)
        self.people = [self._person(number) for number in range(12)]
        self.staff = [Actor(self._person(100 + number).id, is_staff=True) for number in range(3)]
        names = ("anna", "bert", "cleo", "dora", "tool", "third", "recruiter")
        self.publishers = {name: self.market.publisher() for name in names}
        for name, each in self.publishers.items():
            self._open_account(name, AccountKind.PROMOTER_PAYABLE, f"publisher:{each.id}")
        self.shops: dict[str, CatalogShop] = {"east": self.market.shop, "west": self.market.open_shop()}
        self.goods: dict[str, list[Product]] = {
            name: [self.market.product(price, shop=shop) for price in (9_990, 3_333, 25_901)]
            for name, shop in self.shops.items()
        }
        for name, shop in self.shops.items():
            self._open_account(name, AccountKind.MERCHANT_PAYABLE, f"shop:{shop.id}")
        self.model.shops = {
            "east": Shop((6_667, 2_222, 1_111), 133, 50, "recruiter"),
            "west": Shop((7_000, 2_000, 1_000), 0, 0, None),
        }
        self.set_rate("east", 1_500, BEGAN)
        self.set_rate("west", 900, BEGAN, first=(1_700, 6))
        self.model.subsidy = Subsidy(300, 250, 6_000, BEGAN, BEGAN + 90 * DAY)
        self.market.subsidy(rate_bps=300, cap_minor=250, budget_minor=6_000)
        self.coupons = {
            name: promotions.coupon(
                self._market_of(name), 700, threshold_minor=3_000, until=BEGAN + 300 * DAY, per_person=100
            )
            for name in self.shops
        }
        self.packet = promotions.packet(self.market, 500, 200, until=BEGAN + 300 * DAY, per_person=100)
        self.funds[self.packet.id] = "platform"
        self.links = [self._link(shop, name, BEGAN) for shop in self.shops for name in ("anna", "bert", "cleo")]

    def _person(self, number: int) -> Person:
        return identity.register(handle=f"season_{self.seed}_{number}", display_name="Season", now=BEGAN)

    def _open_account(self, name: str, kind: AccountKind, owner: str) -> None:
        self.accounts[name] = AccountRef(kind, owner, Currency.CNY)
        # One has an account that is closed, and says another one later.
        reference = "closed-1234" if name == "bert" else f"bank-{name}"
        statements.name_payee(owner=owner, provider="sandbox", reference=reference, now=BEGAN)

    def _market_of(self, shop: str) -> Market:
        market = Market.__new__(Market)
        market.now, market.shop, market.heard_seq = BEGAN, self.shops[shop], 0
        return market

    def _link(self, shop: str, name: str, now: datetime) -> tuple[str, Link]:
        tool, third = name in ("anna", "dora"), name == "cleo"
        made = self.market.link(
            self.publishers[name],
            self.goods[shop][0],
            partner=self.publishers["tool"] if tool else None,
            slot="shared" if third else "home",
            third=self.publishers["third"] if third and shop == "east" else None,
            third_share_bps=2_500 if third else 0,
            at=now,
        )
        link = Link(shop, name, now, "tool" if tool else None, "third" if third else None, 2_500 if third else 0)
        return made.token, link

    def set_rate(self, shop: str, bps: int, now: datetime, *, first: tuple[int, int] = (0, 0)) -> None:
        """What a shop pays from now on."""
        terms = self.model.shops[shop]
        self.market.plan(
            bps, shares=terms.shares, shop=self.shops[shop], at=now,
            recruiter=self.publishers[terms.recruiter] if terms.recruiter else None,
            service_bps=terms.service_bps, special_bps=terms.special_bps,
            first=FirstPieces(*first) if first[1] else None,
        )  # fmt: skip
        terms.rates.append(Rate(now, bps, *first))

    # ---------------------------------------------------------------- days

    def live(self, months: int) -> Iterator[Month]:
        """Live so many months, day by day; tells each when it is over. Raises: `SeasonBroken`."""
        rows = nights = 0
        while months:
            rows += self.pass_day()
            nights += 1
            if self._night.month != (self._night + DAY).month:
                self.compare()
                yield Month(f"{self._night:%Y-%m}", nights, rows, self.counts)
                rows, nights, self.counts, months = 0, 0, Counter(), months - 1

    def pass_day(self) -> int:
        """A day, its night, and the proofs; returns how many rows they saw. Raises: `SeasonBroken`."""
        self.day += 1
        self._live_day(BEGAN + (self.day - 1) * DAY)
        self._pass_night(self._night)
        return self.prove()

    @property
    def _night(self) -> datetime:
        """The night after the day that is lived, half an hour before the next by the calendar of the business."""
        return BEGAN + (self.day - 1) * DAY + timedelta(hours=14, minutes=30)

    def _live_day(self, now: datetime) -> None:
        for action in self.due.pop(self.day, []):
            action(now)
            self._hear(now)
        if self.day % 41 == 40:
            self._change_rate(now)
        if self.day == 33:
            self.links += db.in_transaction(lambda: [self._link(shop, "dora", now) for shop in self.shops])
        if self.day == 58:
            self._name_better_account(now)
        if self.day == 105:
            self._leave("cleo", now)
        if self.day % 30 in range(18, 26):
            season_packets.open_own(self, now)
        for number in range(self._orders_today()):
            self._order(now + 2 * HOUR + number * 7 * MINUTE)

    def _orders_today(self) -> int:
        whole, rest = divmod(self.orders, 30)
        return whole + (self.draws.random() < rest / 30)

    def _change_rate(self, now: datetime) -> None:
        shop = self.draws.choice(list(self.shops))
        held = self.model.shops[shop].rates[-1].bps
        is_cut = (self.day // 41) % 2 == 0
        bps = held - self.draws.randint(100, 400) if is_cut else held + self.draws.randint(100, 900)
        db.in_transaction(lambda: self.set_rate(shop, bps, now))
        self.counts["cuts" if is_cut else "raises"] += 1

    def _leave(self, name: str, now: datetime) -> None:
        """Somebody promotes no more, and everything that they sold comes back: what they were paid is owed."""
        self.links = [each for each in self.links if each[1].publisher != name]
        for number, order in list(self.model.orders.items()):
            if order.is_completed and order.link and order.link.publisher == name:
                self._refund(self.sales[number].placed, None, now)
                self._hear(now)

    def _name_better_account(self, now: datetime) -> None:
        owner = self.accounts["bert"].owner
        db.in_transaction(
            lambda: statements.name_payee(owner=owner, provider="sandbox", reference="bank-bert", now=now)
        )

    # ---------------------------------------------------------------- orders

    def _order(self, now: datetime) -> None:
        draws = self.draws
        shop = draws.choice(list(self.shops))
        own = self.shops[shop].owner_id
        is_own = draws.random() < 0.05
        buyer = draws.choice(self.people)
        buyer_id = own if is_own else buyer.id
        here = [each for each in self.links if each[1].shop == shop]
        giving = [each for each in here if season_packets.live(self, each[1], now)]
        token, link = draws.choice(giving if giving and draws.random() < 0.6 else here)
        is_brought = is_own or draws.random() < 0.85
        if is_brought:
            db.in_transaction(
                lambda: alliance.record_click(token=token, visitor=f"v{buyer_id}", user_id=buyer_id, now=now)
            )
            self.clicked[buyer_id, shop] = now, link
        given = season_packets.live(self, link, now) if is_brought else None
        first = [self.goods[shop][0]] if given else draws.sample(self.goods[shop], 1)
        others = [each for each in self.goods[shop] if each not in first]
        chosen = first + draws.sample(others, draws.choice((0, 0, 1)))
        lines = [(product, draws.choice((1, 1, 2))) for product in chosen]
        vouchers = self._vouchers(shop, buyer_id, lines, given, now)
        placed = db.in_transaction(
            lambda: orders.place_order(
                actor=Actor(buyer_id),
                lines=[LineDraft(product.variants[0].id, pieces) for product, pieces in lines],
                kind=OrderKind.ALONE,
                now=now + MINUTE,
                voucher_ids=[each for each, _ in vouchers],
            )
        )
        self.sales[placed.order_no] = Sale(placed, buyer, shop)
        if draws.random() < 0.06:
            self.counts["unpaid"] += 1
            orders_tasks.close_unpaid_orders(now + HOUR)
            return
        used = {name for _, name in vouchers}
        self.counts["own_packets_used"] += "own" in used
        self._pay(placed, now)
        self.model.pay(
            placed.order_no,
            shop,
            [(product.variants[0].price.amount_minor * pieces, pieces) for product, pieces in lines],
            off=700 if "coupon" in used else 0,
            packet=500 if "packet" in used else season_packets.FACE if "own" in used else 0,
            funder=link.publisher if "own" in used else "platform",
            click=self._winner(buyer_id, shop, now),
        )
        self._plan_life(placed, buyer, is_own=is_own)

    def _winner(self, buyer_id: int, shop: str, now: datetime) -> tuple[datetime, Link] | None:
        """The last link that a buyer followed to a shop, when that was within 15 days before the order."""
        last = self.clicked.get((buyer_id, shop))
        return last if last and now + MINUTE - last[0] <= 15 * DAY else None

    def _vouchers(
        self, shop: str, buyer_id: int, lines: list[tuple[Product, int]], given: Promotion | None, now: datetime
    ) -> list[tuple[int, str]]:
        total = sum(product.variants[0].price.amount_minor * pieces for product, pieces in lines)
        found = []
        if total > 3_000 and self.draws.random() < 0.25:
            found.append((self._claim(self.coupons[shop], buyer_id, now), "coupon"))
        if given and self.draws.random() < 0.8:
            found.append((self._claim(given, buyer_id, now), "own"))
        elif total > 3_000 and self.draws.random() < 0.2:
            found.append((self._claim(self.packet, buyer_id, now), "packet"))
        return [(voucher_id, name) for voucher_id, name in found if voucher_id]

    def _claim(self, promotion: Promotion, person_id: int, now: datetime) -> int:
        """A voucher of it; 0 when all are gone, or this person had all of theirs."""
        try:
            voucher = db.in_transaction(
                lambda: alliance.claim_voucher(actor=Actor(person_id), promotion_id=promotion.id, now=now)
            )
        except (promotions_errors.NoneLeft, promotions_errors.PersonLimitReached):
            return 0
        return voucher.id

    def _pay(self, placed: PlacedOrder, now: datetime) -> None:
        """On time, or when the order was closed already; and now and then told twice."""
        at = now + 3 * MINUTE
        if self.draws.random() < 0.1:
            self.counts["late"] += 1
            at = now + 40 * MINUTE
            orders_tasks.close_unpaid_orders(at - MINUTE)
            self._hear(at)
        result = PERFECT.charge(intent_no=placed.order_no, amount=placed.total, now=at)
        for _ in range(self.draws.choice((1, 1, 2, 3))):
            db.in_transaction(lambda: payments.apply_charge(result=result, now=at))
            self._hear(at)
        self.counts["orders"] += 1

    def _plan_life(self, placed: PlacedOrder, buyer: Person, *, is_own: bool) -> None:
        draws, day = self.draws, self.day
        lot = draws.random()
        if lot < 0.05:
            self.at(day + 1, lambda now: self._refund(placed, None, now))
            return
        self.at(day + 1, lambda now: self._do(partial(orders.ship_order, actor=PLATFORM), placed, now))
        if lot < 0.10 and not is_own:
            self.at(day + 3, lambda now: season_claims.ask_for_money(self, placed, buyer, now))
        elif lot < 0.15 and not is_own:
            self.at(day + 3, lambda now: season_claims.send_back(self, placed, buyer, now))
        elif lot < 0.22:
            self.at(day + 4, lambda now: self._refund(placed, self.some(placed), now))
        self.at(day + 5, lambda now: self._do(orders.receive_order, placed, now))
        if 0.22 <= lot < 0.30:
            self.at(day + 9, lambda now: self._refund(placed, self.some(placed), now))
        if 0.30 <= lot < 0.40:
            self.at(day + draws.randint(14, 60), lambda now: self._refund(placed, self.some(placed), now))
        if 0.36 <= lot < 0.45:
            self.at(day + draws.randint(14, 70), lambda now: self._refund(placed, None, now))

    def at(self, day: int, action: Callable[[datetime], None]) -> None:
        self.due.setdefault(day, []).append(action)

    def some(self, placed: PlacedOrder) -> int:
        return self.draws.randint(1, placed.total.amount_minor // 2)

    def _do(self, step: Callable[..., object], placed: PlacedOrder, now: datetime) -> None:
        order = orders_queries.get_order(placed.id)
        if order.refunded_minor < order.total_minor:
            db.in_transaction(lambda: step(order_id=placed.id, now=now))

    def _refund(self, placed: PlacedOrder, amount: int | None, now: datetime) -> None:
        order = orders_queries.get_order(placed.id)
        left = order.total_minor - order.refunded_minor
        minor = left if amount is None else min(amount, left)
        if minor <= 0 or order.fulfilment is FulfilmentState.CANCELLED or order.is_disputed:
            return
        is_settled = order.fulfilment is FulfilmentState.COMPLETED
        db.in_transaction(
            lambda: orders.request_refund(seller=None, order_id=placed.id, amount_minor=minor, reason="return", now=now)
        )
        self.model.refund(placed.order_no, minor)
        self.counts["refunds_after_settlement" if is_settled else "refunds"] += 1

    # ---------------------------------------------------------------- nights

    def _hear(self, now: datetime) -> None:
        while events.dispatch(SUBSCRIBERS, now):
            pass

    def _pass_night(self, night: datetime) -> None:
        for task in (
            orders_tasks.close_unpaid_orders,
            orders_tasks.receive_overdue_orders,
            aftersales_tasks.move_overdue_claims,
            orders_tasks.complete_received_orders,
            payments_tasks.submit_due_refunds,
            payments_tasks.submit_due_refunds,
            promotions_tasks.close_ended_packets,
        ):
            task(night)
            self._hear(night)
        season_claims.tell_silent_returns(self)
        self._tell_completed()
        alliance_tasks.flag_conversions(night)
        self._look_at_holds(night)
        alliance_tasks.end_due_holds(night)
        self._hear(night)
        self._tell_holds()
        self._write_off(night)
        for task in (
            ledger_tasks.checkpoint_summed_accounts,
            ledger_tasks.close_months,
            ledger_tasks.plan_payouts,
            ledger_tasks.send_due_payouts,
            alliance_tasks.collect_reversals,
        ):
            task(night)
            self._hear(night)
        self._tell_payouts()

    def _tell_completed(self) -> None:
        waiting = {sale.placed.id: number for number, sale in self.sales.items() if not sale.is_told}
        for order_id, order in orders_queries.orders_by_id(list(waiting)).items():
            if order.fulfilment is FulfilmentState.COMPLETED:
                self.model.complete(waiting[order_id])
                self.sales[waiting[order_id]].is_told = True

    def _look_at_holds(self, night: datetime) -> None:
        """Staff decide after a few days, or let time decide; some who are punished appeal."""
        self._tell_holds()
        for hold in self._open_holds():
            lot = self.draws.random()
            if hold.state is HoldState.HELD and lot < 0.3:
                decide = alliance.punish_hold if lot < 0.15 else alliance.release_hold
                self._decide(decide, hold, night, reason="looked at")
            elif hold.state is HoldState.PUNISHED and lot < 0.1:
                actor = Actor(hold.publisher_user_id)
                db.in_transaction(
                    lambda: alliance.appeal_hold(actor=actor, hold_id=hold.id, words="it was a sale", now=night)  # noqa: B023
                )
            elif hold.state is HoldState.APPEALED and lot < 0.4:
                self._decide(alliance.answer_hold_appeal, hold, night, is_granted=lot < 0.2, words="looked again")

    def _decide(self, decide: Callable[..., object], hold: Hold, night: datetime, **how: object) -> None:
        actor = next(each for each in self.staff if each.person_id != hold.decided_by)
        db.in_transaction(lambda: decide(actor=actor, hold_id=hold.id, now=night, **how))
        self.counts["decisions"] += 1

    def _all_holds(self) -> Iterator[Hold]:
        cursor: int | None = None
        while True:
            page = alliance_queries.list_holds(cursor=cursor)
            yield from page.items
            if (cursor := page.next_cursor) is None:
                return

    def _open_holds(self) -> list[Hold]:
        return [each for each in self._all_holds() if each.ended_at is None]

    def _tell_holds(self) -> None:
        known = self.told_holds
        for hold in sorted(self._all_holds(), key=lambda each: each.id):
            place = self._place_of(hold)
            if hold.id not in known:
                known[hold.id] = False
                self.model.hold(hold.order_no, place)
                self.counts["holds"] += 1
            if hold.ended_at is not None and not known[hold.id]:
                known[hold.id] = True
                self.model.decide(hold.order_no, place, is_void=hold.state is HoldState.VOID)

    def _place_of(self, hold: Hold) -> int:
        lines = orders_queries.get_order(self.sales[hold.order_no].placed.id).lines
        return [line.product_id for line in lines].index(hold.product_id)

    def _write_off(self, night: datetime) -> None:
        """Who owes something in the fourth month is forgiven it by two: as much as the model says that they owe."""
        if self.day != 110:
            return
        for name, minor in self.model.balances().items():
            if name in self.accounts and minor < 0:
                db.in_transaction(partial(self._forgive, name, -minor, night))

    def _forgive(self, name: str, debt: int, night: datetime) -> None:
        asked_by, approved_by = self.staff[:2]
        number = statements.ask_write_off(
            actor=asked_by, account=self.accounts[name], amount_minor=debt, reason="gone", now=night
        )
        statements.approve_write_off(actor=approved_by, number=number, now=night)
        self.model.forgiven[name] += debt
        self.counts["write_offs"] += 1

    def _tell_payouts(self) -> None:
        """What left for somebody's bank, and what came back."""
        names = {account.owner: name for name, account in self.accounts.items()}
        sums: Counter[str] = Counter()
        cursor: int | None = None
        while True:
            page = statements.list_lines(owners=list(names), cursor=cursor)
            for line in page.items:
                if line.state in (PayoutState.SENT, PayoutState.PAID):
                    sums[names[line.account.owner]] += line.amount.amount_minor
                if self.seen_lines.get(line.id) is not line.state:
                    self.counts[f"payouts_{line.state.value.lower()}"] += 1
                    self.seen_lines[line.id] = line.state
            if (cursor := page.next_cursor) is None:
                break
        self.model.paid_out = sums

    # ---------------------------------------------------------------- proofs

    def prove(self) -> int:
        """Every promise about money, from its rows; returns how many rows it was. Raises: `SeasonBroken`."""
        checks = proofs.prove_all()
        broken = [f"{each.name}: {each.examples[:1]}" for each in checks if each.breach_count]
        if broken:
            raise SeasonBroken(self.day, broken)
        return sum(each.checked_count for each in checks)

    def compare(self) -> None:
        """Everybody has what the model says, and every statement is computed again. Raises: `SeasonBroken`."""
        wanted, found = self.model.balances(), self.balances()
        wrong = [
            f"{name}: ought to have {wanted.get(name, 0)}, has {minor}"
            for name, minor in found.items()
            if wanted.get(name, 0) != minor
        ]
        keys = {key.key_id: key.public_key for key in documents.list_keys()}
        owners = [account.owner for account in self.accounts.values()]
        cursor: int | None = None
        while True:
            page = documents.list_statements(owners, cursor=cursor)
            for statement in page.items:
                document = documents.find_document(statement.number)
                assert document is not None
                wrong += [f"{statement.number}: {each}" for each in check(document, keys[document["head"]["key_id"]])]
                self.counts["statements"] += 1
            if (cursor := page.next_cursor) is None:
                break
        if wrong:
            raise SeasonBroken(self.day, wrong)

    def balances(self) -> dict[str, int]:
        """What the books say of everybody, by the names of the model; nothing may lie between."""
        found = {name: self._minor(account.kind, account.owner) for name, account in self.accounts.items()}
        for name in self.shops:
            found[name] += self._minor(AccountKind.MERCHANT_ESCROW, self.accounts[name].owner)
        found["platform"] = self._minor(AccountKind.PLATFORM_REVENUE)
        for packet_id, name in self.funds.items():
            found[name] += self._minor(AccountKind.PROMOTION_FUND, f"packet:{packet_id}")
        found["bank"] = self._minor(AccountKind.CLEARING, "sandbox")
        found["held"] = self._minor(AccountKind.BUYERS_HELD)
        found["due"] = self._minor(AccountKind.REFUNDS_DUE)
        return found

    def _minor(self, kind: AccountKind, owner: str = "") -> int:
        return ledger.get_balance(AccountRef(kind, owner, Currency.CNY)).amount_minor
