"""What others see of the alliance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from wuyou.domains.catalog.types import KeywordKind
from wuyou.kernel.money import Currency, Money, apply_bps
from wuyou.kernel.sight import AudienceRule

MAX_RATE_BPS = 9_000
"""No plan gives more than nine tenths of a sale away."""

SETTLE_KIND = "settle"
"""Journals that divide a completed order; the ledger's `CLAWBACK_KIND` takes parts of them back."""


POST_SLOT = "post:"
SELECTION_SLOT = "list:"
TALK_SLOT = "talk"
"""Where the links of product cards in conversations stand."""
MADE_UP = (POST_SLOT, SELECTION_SLOT)
"""How names of slots begin that nobody gives: who reads one can believe it."""


def slot_of_post(post_id: int) -> str:
    """The slot of the links that a post's tags make. Nobody names one so: it says which post brought a sale."""
    return f"{POST_SLOT}{post_id}"


def post_of_slot(slot_name: str) -> int | None:
    """The post whose tags make the links of a slot, if it is such a slot."""
    number = slot_name.removeprefix(POST_SLOT)
    return int(number) if number != slot_name and number.isascii() and number.isdigit() else None


def slot_of_selection(selection_id: int) -> str:
    """The slot of the links that a selection makes when somebody opens its goods from it."""
    return f"{SELECTION_SLOT}{selection_id}"


def is_own_slot(slot_name: str) -> bool:
    """Whether a publisher named a slot; the others are made by what they offer."""
    return not slot_name.startswith(MADE_UP) and slot_name != TALK_SLOT


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
    """For what somebody gets a part of what a sale pays."""

    PUBLISHER = "PUBLISHER"
    """Commission: whose link was clicked last (二方)."""
    THIRD = "THIRD"
    """Commission: with whom the publisher shares the slot (三方)."""
    PARTNER = "PARTNER"
    """Commission: the tool provider that served the link."""
    PLATFORM = "PLATFORM"
    """Commission: the platform's technical fee."""
    RECRUITER = "RECRUITER"
    """The service fee of who recruited the goods, on top."""
    SPECIAL = "SPECIAL"
    """The platform's fee for a special service, on top."""
    SUBSIDY = "SUBSIDY"
    """What the platform adds, for the publisher."""
    THIRD_SUBSIDY = "THIRD_SUBSIDY"
    """What the platform adds, for the third party."""

    @property
    def is_platforms(self) -> bool:
        """The platform's own income."""
        return self in (PartyRole.PLATFORM, PartyRole.SPECIAL)

    @property
    def is_subsidy(self) -> bool:
        """Paid by the platform; everything else is paid by the shop."""
        return self in (PartyRole.SUBSIDY, PartyRole.THIRD_SUBSIDY)

    @property
    def is_commission(self) -> bool:
        """A part of rate × base."""
        return self in (PartyRole.PUBLISHER, PartyRole.THIRD, PartyRole.PARTNER, PartyRole.PLATFORM)


class ParticipantState(Enum):
    """Where a publisher stands in a collaboration."""

    APPLIED = "APPLIED"
    INVITED = "INVITED"
    JOINED = "JOINED"
    REFUSED = "REFUSED"
    """By either side."""
    ENDED = "ENDED"
    """By either side, after it was joined."""


class EnrolmentState(Enum):
    """What became of goods that a shop brought to an activity."""

    WAITING = "WAITING"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    """By the shop, before it was decided."""


class Origin(Enum):
    """How goods came into the library."""

    SHOP = "SHOP"
    """The shop's own plan (自主报名)."""
    RECRUITER = "RECRUITER"
    """A recruiter's activity (自主招商)."""
    ALLIANCE = "ALLIANCE"
    """An activity of the platform (联盟招商)."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """A person who spreads links for a share of what they sell."""

    id: int
    user_id: int
    joined_at: datetime
    recruits_since: datetime | None = None
    """Since when the operator lets them recruit merchants."""
    is_findable: bool = False
    """Shops for which they may fit are shown them, because they want it."""


SLOT_KEYWORDS = frozenset({KeywordKind.MEDIA})
ACTIVITY_KEYWORDS = frozenset({KeywordKind.ACTIVITY, KeywordKind.INDUSTRY, KeywordKind.MEDIA})
"""Which of the catalogue's keywords places of links, and calls for goods, may carry."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where a publisher puts links, named by the publisher."""

    id: int
    publisher_id: int
    name: str
    opened_at: datetime
    third_id: int | None = None
    """The publisher who gets a share of what is earned here."""
    third_share_bps: int = 0
    keyword_ids: tuple[int, ...] = ()
    """What kind of place it is: keywords of `SLOT_KEYWORDS`."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How a commission is divided, in basis points that sum to 10,000."""

    publisher_bps: int
    partner_bps: int
    platform_bps: int


USUAL_SHARES = Shares(8_000, 1_000, 1_000)
"""How the commission of goods enrolled in an activity divides."""


@dataclass(frozen=True, slots=True)
class SubsidyTerms:
    """What is added to a line's commission: `min(base × rate_bps, cap_minor)`."""

    id: int
    rate_bps: int
    cap_minor: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a line pays to whom, frozen when it is paid."""

    rate_bps: int
    """Of the base: the commission."""
    shares: Shares
    """Of the commission."""
    third_share_bps: int = 0
    """Of the publisher's part, and of the subsidies."""
    service_bps: int = 0
    """Of the base, to the recruiter."""
    special_bps: int = 0
    """Of the base, to the platform."""
    subsidies: tuple[SubsidyTerms, ...] = ()

    def share_bps(self, role: PartyRole) -> int:
        """What of the commission a role gets; 0 for what is not a part of it. A shared slot's is rounded."""
        match role:
            case PartyRole.PUBLISHER:
                return self.shares.publisher_bps - apply_bps(self.shares.publisher_bps, self.third_share_bps)
            case PartyRole.THIRD:
                return apply_bps(self.shares.publisher_bps, self.third_share_bps)
            case PartyRole.PARTNER:
                return self.shares.partner_bps
            case PartyRole.PLATFORM:
                return self.shares.platform_bps
            case _:
                return 0


@dataclass(frozen=True, slots=True)
class FirstPieces:
    """A higher rate for the first pieces of a plan."""

    rate_bps: int
    count: int
    sold: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a shop pays for a sale brought to it during `[from_, until)`.

    Of plans with one scope (shop, product, collaboration, enrolment) the last that was set and has begun holds.
    """

    id: int
    shop_id: int
    product_id: int | None
    """None means everything in the shop that has no plan of its own."""
    rate_bps: int
    shares: Shares
    from_: datetime
    until: datetime | None
    recruiter_id: int | None
    """The publisher who brought the merchant, and gets `service_bps` of the sale."""
    set_at: datetime
    service_bps: int = 0
    special_bps: int = 0
    collaboration_id: int | None = None
    """Only for who takes part in it."""
    enrolment_id: int | None = None
    notice_before: datetime | None = None
    """For who promoted the shop before this moment the plan begins at `notice_until`."""
    notice_until: datetime | None = None
    locked_until: datetime | None = None
    """The shop pays no less before."""
    first: FirstPieces | None = None
    only_id: int | None = None
    """For this publisher alone; only of what was enrolled for them."""

    @property
    def scope(self) -> tuple[int | None, int | None, int | None]:
        """Plans of a shop with the same scope replace each other."""
        return self.product_id, self.collaboration_id, self.enrolment_id

    @property
    def worth(self) -> int:
        """What it is to a publisher, in bps of bps of a sale."""
        return self.rate_bps * self.shares.publisher_bps


@dataclass(frozen=True, slots=True)
class Subsidy:
    """What the platform adds to commissions, and what is left of it."""

    id: int
    name: str
    shop_id: int | None
    product_id: int | None
    rate_bps: int
    cap: Money
    """At most, for one line."""
    budget: Money
    spent: Money
    from_: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Collaboration:
    """A circle of publishers whom a shop pays by plans of their own."""

    id: int
    shop_id: int
    name: str
    terms: str
    takes_applications: bool
    """Otherwise by invitation only."""
    opened_at: datetime
    closed_at: datetime | None
    only_id: int | None = None
    """The publisher for whom alone it is: an exclusive library."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A publisher in a collaboration, or on the way there."""

    id: int
    collaboration_id: int
    publisher_id: int
    user_id: int
    state: ParticipantState
    words: str
    asked_at: datetime
    joined_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Activity:
    """A call to merchants to bring goods at a rate."""

    id: int
    recruiter_id: int | None
    """None: the platform recruits."""
    title: str
    brief: str
    keyword_ids: tuple[int, ...]
    """The occasion, the industry, for which places: keywords of `ACTIVITY_KEYWORDS`."""
    least_rate_bps: int
    service_bps: int
    enrols_until: datetime
    from_: datetime
    until: datetime
    opened_at: datetime
    closed_at: datetime | None
    only_id: int | None = None
    """The publisher for whom alone the goods are: a recruiter's exclusive library."""

    def is_open(self, now: datetime) -> bool:
        """Whether shops may enrol."""
        return self.closed_at is None and now < self.enrols_until


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Goods that a shop brought to an activity."""

    id: int
    activity_id: int
    shop_id: int
    product_id: int
    rate_bps: int
    first: FirstPieces | None
    state: EnrolmentState
    words: str
    enrolled_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Offer:
    """By which plan a publisher would be paid for a product now, and how it came into the library."""

    product_id: int
    plan: Plan
    origin: Origin
    activity_id: int | None = None

    @property
    def earns_bps(self) -> int:
        """Of the price, to the publisher whose link no tool served, rounded."""
        shares = self.plan.shares
        return apply_bps(self.plan.rate_bps, shares.publisher_bps + shares.partner_bps)


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
class Selection:
    """Goods that somebody put together, under a name."""

    id: int
    owner_id: int
    name: str
    token: str
    """Of the address at which whoever may see it finds it."""
    audience: AudienceRule
    made_at: datetime
    count: int
    """Of all its goods, also those that are not for sale now."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A product in a selection."""

    product_id: int
    words: str
    """What its owner says of it."""
    picked_at: datetime


@dataclass(frozen=True, slots=True)
class Ways:
    """By links of which places a person came to a shop, the last one first; as long as a click is remembered."""

    slots: tuple[tuple[int, int], ...] = ()
    """Each with its publisher."""

    @property
    def publisher_ids(self) -> frozenset[int]:
        return frozenset(publisher_id for _slot, publisher_id in self.slots)

    @property
    def slot_ids(self) -> frozenset[int]:
        return frozenset(slot_id for slot_id, _publisher in self.slots)

    def slot_of(self, publisher_id: int | None, slot_id: int | None) -> int | None:
        """The place by which they came to what is for a publisher's links, or for those of one place, alone."""
        own = (slot for slot, publisher in self.slots if publisher == publisher_id and slot_id in (None, slot))
        return next(own, None)


@dataclass(frozen=True, slots=True)
class SlotClaims:
    """What came of vouchers that were claimed by links of one place, in one currency."""

    slot_id: int
    slot_name: str
    currency: Currency
    claim_count: int
    order_count: int
    """Paid with one of them, and not given back as a whole."""
    cost: Money
    """What the publisher's own red packets paid of these orders, less what went back."""
    earned: Money
    """The publisher's commission of these orders: booked, else expected."""


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
    """Of the commission; 0 for what is not a part of it."""
    estimated_minor: int
    """What is expected; after settlement, what was booked then."""
    settled_minor: int
    """What is booked now; less than estimated when a refund came after settlement."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One sold line and everything needed to check what it pays by hand.

    `base_minor = amount_minor - refunded_minor`; the commission is `rate_bps` of it, rounded once; its parts divide it
    by their shares with the largest remainder; fees and subsidies are each a rate of the base, rounded once.
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
    settled_at: datetime | None
    terms: Terms
    is_first: bool
    """The rate is the higher one of a plan's first pieces."""
    parts: tuple[Part, ...]

    @property
    def rate_bps(self) -> int:
        """Of the base: the commission."""
        return self.terms.rate_bps

    @property
    def base_minor(self) -> int:
        return self.amount_minor - self.refunded_minor

    @property
    def commission_minor(self) -> int:
        """The whole commission as it stands now, without fees on top and subsidies."""
        commission = [part for part in self.parts if part.role.is_commission]
        if self.state is CommissionState.SETTLED:
            return sum(part.settled_minor for part in commission)
        return sum(part.estimated_minor for part in commission)


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
    written_off: Money
    """Of debts, forgiven in all."""

    @property
    def paid_out(self) -> Money:
        return self.settled - self.reversed - self.balance + self.written_off


@dataclass(frozen=True, slots=True)
class PostSales:
    """What the tags of a post brought its author on a day of the business calendar."""

    day: date
    order_count: int
    """Placed that day, without those that were given back as a whole."""
    commission: Money
    """The author's, expected or in the books now."""


@dataclass(frozen=True, slots=True)
class PostResult:
    """What the tags of a post brought its author within a time, by how far it has come."""

    order_count: int
    """Without those that were given back as a whole."""
    by_state: dict[CommissionState, Money]
    """The author's commission; of what is settled, what is in the books now."""


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
