"""What others see of the alliance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from wuyou.kernel.money import Currency, Money

MAX_RATE_BPS = 9_000
"""No plan gives more than nine tenths of a sale away."""

SETTLE_KIND = "settle"
"""Journals that divide a completed order; the ledger's `CLAWBACK_KIND` takes parts of them back."""


POST_SLOT = "post:"
TALK_SLOT = "talk"
"""Where the links of product cards in conversations stand."""


def slot_of_post(post_id: int) -> str:
    """The slot of the links that a post's tags make. Nobody names one so: it says which post brought a sale."""
    return f"{POST_SLOT}{post_id}"


def post_of_slot(slot_name: str) -> int | None:
    """The post whose tags make the links of a slot, if it is such a slot."""
    number = slot_name.removeprefix(POST_SLOT)
    return int(number) if number != slot_name and number.isascii() and number.isdigit() else None


class CommissionState(Enum):
    """Where the commission of one conversion is."""

    ESTIMATED = "ESTIMATED"
    """Paid by the buyer; nothing is owed yet."""
    CONFIRMED = "CONFIRMED"
    """Received by the buyer; the return window runs."""
    SETTLED = "SETTLED"
    """The return window is over and the parts are booked; a later refund takes its share back."""
    INVALID = "INVALID"
    """All goods of the order were given back before settlement."""


class PartyRole(Enum):
    """For what somebody gets a part of a commission."""

    PUBLISHER = "PUBLISHER"
    """Whose link was clicked last."""
    PARTNER = "PARTNER"
    """The tool provider that served the link, else the recruiter who brought the merchant."""
    PLATFORM = "PLATFORM"


@dataclass(frozen=True, slots=True)
class Publisher:
    """A person who spreads links for a share of what they sell."""

    id: int
    user_id: int
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where a publisher puts links, named by the publisher."""

    id: int
    publisher_id: int
    name: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Shares:
    """How a commission is divided, in basis points that sum to 10,000."""

    publisher_bps: int
    partner_bps: int
    platform_bps: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a shop pays for a sale brought to it during `[from_, until)`."""

    id: int
    shop_id: int
    product_id: int | None
    """None means everything in the shop that has no plan of its own."""
    rate_bps: int
    shares: Shares
    from_: datetime
    until: datetime | None
    recruiter_id: int | None
    """The publisher who brought the merchant."""


@dataclass(frozen=True, slots=True)
class Link:
    """A publisher's link to a product."""

    id: int
    token: str
    publisher_id: int
    slot_id: int
    product_id: int
    shop_id: int
    path: str
    partner_id: int | None
    """The publisher whose tool served the link."""
    made_at: datetime


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link in its publisher's list."""

    link: Link
    slot_name: str
    click_count: int
    order_count: int


@dataclass(frozen=True, slots=True)
class Click:
    """One visit by a link, and where it leads."""

    id: int
    link_id: int
    publisher_id: int
    product_id: int
    path: str
    clicked_at: datetime


@dataclass(frozen=True, slots=True)
class Followed:
    """Where an offer leads that somebody has tapped."""

    product_id: int
    token: str
    """Of the link by which they came; empty when nobody gains by it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One party's part of a commission. `publisher_id` is None for the platform."""

    role: PartyRole
    publisher_id: int | None
    share_bps: int
    estimated_minor: int
    """What is expected; after settlement, what was booked then."""
    settled_minor: int
    """What is booked now; less than estimated when a refund came after settlement."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One sold line and everything needed to check its commission by hand.

    `base_minor = amount_minor - refunded_minor`; the commission is `rate_bps` of it, rounded once; the parts divide the
    commission by their shares with the largest remainder.
    """

    id: int
    order_no: str
    shop_id: int
    product_id: int
    currency: Currency
    state: CommissionState
    is_direct: bool
    """The product bought is the product linked to; otherwise another one of the same shop."""
    slot_name: str
    clicked_at: datetime
    placed_at: datetime
    amount_minor: int
    """The line without shipping, as paid."""
    refunded_minor: int
    """This line's part of what was refunded."""
    rate_bps: int
    """In force for this product at the click."""
    settled_at: datetime | None
    parts: tuple[Part, ...]

    @property
    def base_minor(self) -> int:
        return self.amount_minor - self.refunded_minor

    @property
    def commission_minor(self) -> int:
        """The whole commission as it stands now."""
        if self.state is CommissionState.SETTLED:
            return sum(part.settled_minor for part in self.parts)
        return sum(part.estimated_minor for part in self.parts)


@dataclass(frozen=True, slots=True)
class Earnings:
    """What a person has coming and has had, over all roles."""

    estimated: Money
    confirmed: Money
    settled: Money
    """Booked at settlement, in all."""
    reversed: Money
    """Taken back by refunds after settlement, in all."""
    balance: Money
    """In the books now; negative when more was taken back than was left after payouts."""

    @property
    def paid_out(self) -> Money:
        return self.settled - self.reversed - self.balance


@dataclass(frozen=True, slots=True)
class PostSales:
    """What the tags of a post brought its author on a day of the business calendar."""

    day: date
    order_count: int
    """Placed that day, without those that were given back as a whole."""
    commission: Money
    """The author's, expected or in the books now."""


@dataclass(frozen=True, slots=True)
class MerchantSummary:
    """One shop of the pool: what was sold there through links and what it pays for it."""

    shop_id: int
    recruiter_id: int | None
    plan_count: int
    order_count: int
    sales: Money
    """Lines sold through links, less refunds."""
    pending: Money
    """Commission estimated or confirmed, all parties."""
    settled: Money
    """Commission booked, all parties, less what refunds took back."""
