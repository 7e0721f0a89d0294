"""What others see of teams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from wuyou.kernel.money import Currency


class TeamState(Enum):
    FORMING = "FORMING"
    FORMED = "FORMED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class SeatState(Enum):
    HELD = "HELD"
    """Kept until a deadline for an unpaid order."""
    PAID = "PAID"
    CONFIRMED = "CONFIRMED"
    """The team formed."""
    RELEASED = "RELEASED"
    """The order was not paid in time."""
    REFUND_DUE = "REFUND_DUE"
    REFUNDED = "REFUNDED"


@dataclass(frozen=True, slots=True)
class Campaign:
    """How a product is sold to teams."""

    id: int
    product_id: int
    size: int
    """People in a team, the leader included; at least 2."""
    team_ttl: timedelta
    """How long a team may form, from the leader's payment."""
    max_per_order: int
    max_per_person: int | None
    """Pieces that one person may hold, pay and have got in all; None is no limit."""
    total_limit: int | None
    """Pieces in all; None is no limit."""
    new_buyers_only: bool
    """Joiners must never have bought here before; leaders may be anyone (老带新)."""
    opens_at: datetime
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Seat:
    """One order's place in a team."""

    id: int
    team_id: int
    user_id: int
    order_id: int
    order_no: str
    is_leader: bool
    state: SeatState
    held_until: datetime
    quantity: int


@dataclass(frozen=True, slots=True)
class Team:
    """A team as its page shows it."""

    id: int
    token: str
    """Names the team in share links; unguessable."""
    campaign_id: int
    product_id: int
    leader_id: int
    size: int
    taken: int
    """Seats held or paid."""
    paid: int
    state: TeamState
    was_waived: bool
    """The seller let a smaller team pass."""
    opened_at: datetime
    expires_at: datetime | None
    """None until the leader has paid: before that nobody can join."""
    ended_at: datetime | None
    link_token: str | None
    """The leader's alliance link, from the leader's payment on."""
    seats: tuple[Seat, ...]

    @property
    def missing(self) -> int:
        """How many must still pay."""
        return self.size - self.paid

    @property
    def free(self) -> int:
        """How many seats can still be taken."""
        return self.size - self.taken


@dataclass(frozen=True, slots=True)
class OpenTeams:
    """The teams of one product that can be joined."""

    count: int
    leader_ids: tuple[int, ...]
    """Of up to three of them, the most urgent first."""


@dataclass(frozen=True, slots=True)
class TakenSeat:
    """What someone who opened or joined a team needs to go on and pay."""

    team_id: int
    team_token: str
    order_id: int
    order_no: str
    amount_minor: int
    currency: str
    pay_until: datetime


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """A campaign with what came of it, for who runs it."""

    campaign: Campaign
    forming: int
    formed: int
    failed: int
    """Expired and dissolved ones."""
    pieces: int
    """Of teams that formed."""
    sold: tuple[tuple[Currency, int], ...]
    """What these pieces cost their buyers, less what was promised back, in each currency's smallest unit."""
