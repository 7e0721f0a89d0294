"""What others see of promotions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wuyou.domains.ledger.types import TransferDraft
from wuyou.kernel.money import Currency, Money


class PromotionKind(StrEnum):
    """How it is paid."""

    COUPON = "COUPON"
    """The shop sells for less."""
    PACKET = "PACKET"
    """A red packet: somebody pays a part for the buyer, out of money that was set aside for it."""


class Funder(StrEnum):
    """Who pays for it."""

    SHOP = "SHOP"
    PLATFORM = "PLATFORM"
    PUBLISHER = "PUBLISHER"


class Layer(StrEnum):
    """Where it stands when a basket is priced; layers are taken off one after the other, in this order."""

    ITEM = "ITEM"
    """A coupon for one product: at most one a product."""
    SHOP = "SHOP"
    """A coupon for everything of a shop: at most one an order."""
    PACKET = "PACKET"
    """A red packet: at most one an order."""


class VoucherState(StrEnum):
    """Where a voucher is; one whose time is over is OPEN and of no use."""

    OPEN = "OPEN"
    HELD = "HELD"
    """Kept for an order that is not paid yet."""
    USED = "USED"


class UseState(StrEnum):
    """What became of a voucher in one order."""

    HELD = "HELD"
    REDEEMED = "REDEEMED"
    """The order was paid with it."""
    RELEASED = "RELEASED"
    """The order was given up unpaid."""


@dataclass(frozen=True, slots=True)
class PromotionDraft:
    """What a promotion shall be. Rates are in basis points, amounts in the smallest unit of `currency`."""

    kind: PromotionKind
    funder: Funder
    name: str
    currency: Currency
    from_: datetime
    until: datetime
    """It is claimed during `[from_, until)`."""
    shop_id: int | None = None
    """None is every shop; for red packets of the platform only."""
    product_id: int | None = None
    """None is everything of the shop."""
    publisher_id: int | None = None
    """Only for who came by a link of this publisher, or knows its code; of a publisher's packet, who pays."""
    slot_id: int | None = None
    """Only for who came by a link of this place of the publisher's."""
    off_minor: int | None = None
    off_bps: int | None = None
    """Instead of an amount: a rate of what the goods still cost."""
    cap_minor: int | None = None
    """The most that a rate takes off; a rate needs one."""
    threshold_minor: int = 0
    """What the goods that it is for must cost at least, before anything is taken off."""
    total_count: int | None = None
    """How many there are; a red packet needs a number."""
    per_person: int = 1
    """How many one person may claim in all."""
    budget_minor: int | None = None
    """The most that all of a coupon take off together."""
    use_within: timedelta | None = None
    """How long after the claim it is of use; None is until `until`."""
    combines: frozenset[Layer] = frozenset()
    """With which layers it may be used together; both must say so."""
    for_teams: bool = False
    """Whether it is of use at the team price."""
    has_code: bool = False
    """Whether it is found by a code, which whoever knows it may claim with."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion as it stands."""

    id: int
    kind: PromotionKind
    funder: Funder
    name: str
    currency: Currency
    shop_id: int | None
    product_id: int | None
    publisher_id: int | None
    code: str
    """Empty where it is not found by one. A secret of who made it and of whom they told."""
    off_minor: int | None
    off_bps: int | None
    cap_minor: int | None
    threshold_minor: int
    total_count: int | None
    claimed_count: int
    per_person: int
    budget_minor: int | None
    spent_minor: int
    """Of a coupon with a budget: what orders that are paid or may be paid have taken, less what came back."""
    from_: datetime
    until: datetime
    use_within: timedelta | None
    combines: frozenset[Layer]
    for_teams: bool
    closed_at: datetime | None
    """When what was left of a red packet went back to who paid for it."""
    slot_id: int | None = None
    """Only for who came by a link of this place of the publisher's."""

    @property
    def layer(self) -> Layer:
        if self.kind is PromotionKind.PACKET:
            return Layer.PACKET
        return Layer.ITEM if self.product_id is not None else Layer.SHOP

    @property
    def off(self) -> Money | None:
        return None if self.off_minor is None else Money(self.off_minor, self.currency)

    @property
    def cap(self) -> Money | None:
        return None if self.cap_minor is None else Money(self.cap_minor, self.currency)

    @property
    def threshold(self) -> Money:
        return Money(self.threshold_minor, self.currency)

    @property
    def spent(self) -> Money:
        return Money(self.spent_minor, self.currency)

    @property
    def budget(self) -> Money | None:
        return None if self.budget_minor is None else Money(self.budget_minor, self.currency)

    @property
    def left_count(self) -> int | None:
        """How many may still be claimed; None is without a limit."""
        return None if self.total_count is None else self.total_count - self.claimed_count

    def is_claimable(self, now: datetime) -> bool:
        """Whether anyone may still claim one."""
        return self.from_ <= now < self.until and self.left_count != 0


@dataclass(frozen=True, slots=True)
class Voucher:
    """One of a promotion, in somebody's hands."""

    id: int
    promotion: Promotion
    person_id: int
    state: VoucherState
    claimed_at: datetime
    use_until: datetime

    def is_usable(self, now: datetime) -> bool:
        return self.state is VoucherState.OPEN and now < self.use_until


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line of what somebody wants to buy: the whole line, before anything is taken off."""

    product_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Step:
    """What one voucher takes off, line by line."""

    voucher_id: int
    promotion_id: int
    name: str
    layer: Layer
    is_shops: bool
    """The shop sells for less; else somebody pays this part."""
    amount_minor: int
    line_minor: tuple[int, ...]
    """Of each line of the basket; sums to the amount."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A basket with what is taken off, in the order in which it is."""

    lines: tuple[BasketLine, ...]
    steps: tuple[Step, ...] = ()

    @property
    def items_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    @property
    def discount_minor(self) -> int:
        """What the shop sells for less."""
        return sum(step.amount_minor for step in self.steps if step.is_shops)

    @property
    def funded_minor(self) -> int:
        """What others than the shop pay for the buyer."""
        return sum(step.amount_minor for step in self.steps if not step.is_shops)

    @property
    def total_minor(self) -> int:
        """What the buyer pays for the goods."""
        return self.items_minor - self.discount_minor - self.funded_minor

    @property
    def voucher_ids(self) -> tuple[int, ...]:
        return tuple(step.voucher_id for step in self.steps)

    def line_discounts(self) -> list[int]:
        """What the shop takes off each line."""
        return self._by_line(is_shops=True)

    def line_funded(self) -> list[int]:
        """What others pay of each line."""
        return self._by_line(is_shops=False)

    def _by_line(self, *, is_shops: bool) -> list[int]:
        taken = [step.line_minor for step in self.steps if step.is_shops is is_shops]
        return [sum(column) for column in zip(*taken, strict=True)] if taken else [0] * len(self.lines)


@dataclass(frozen=True, slots=True)
class Use:
    """What a voucher did for an order."""

    ref: str
    name: str
    layer: Layer
    funder: Funder
    state: UseState
    amount: Money
    back: Money
    """What of it went back, to the packet or to who paid for it."""
    is_voucher_back: bool
    """The voucher is the buyer's again."""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What goes back beside the buyer's money."""

    funded_minor: int = 0
    """Of what others than the shop paid, with all refunds so far."""
    transfers: tuple[TransferDraft, ...] = ()
    """What the journal of this refund books besides."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a promotion has done so far."""

    claimed_count: int
    held_count: int
    used_count: int
    back_count: int
    """Vouchers that came back with a whole refund; used again, they count again as used."""
    redeemed_minor: int
    back_minor: int
