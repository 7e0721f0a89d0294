"""Pure decisions about teams, and the two tables of moves that the database mirrors."""

from __future__ import annotations

from datetime import datetime, timedelta

from wuyou.domains.groupbuy import errors
from wuyou.domains.groupbuy.types import Campaign, SeatState, TeamState

MAX_SIZE = 200
MAX_TTL = timedelta(days=30)
DEFAULT_TTL = timedelta(hours=24)
"""The term of the group buys that people know."""

TEAM_MOVES: dict[TeamState, frozenset[TeamState]] = {
    TeamState.FORMING: frozenset({TeamState.FORMED, TeamState.EXPIRED, TeamState.CANCELLED}),
    TeamState.FORMED: frozenset(),
    TeamState.EXPIRED: frozenset(),
    TeamState.CANCELLED: frozenset(),
}
SEAT_MOVES: dict[SeatState, frozenset[SeatState]] = {
    SeatState.HELD: frozenset({SeatState.PAID, SeatState.CONFIRMED, SeatState.RELEASED, SeatState.REFUND_DUE}),
    SeatState.PAID: frozenset({SeatState.CONFIRMED, SeatState.REFUND_DUE}),
    SeatState.CONFIRMED: frozenset({SeatState.REFUND_DUE}),
    # The money came after the seat was released: another team, or back to the buyer.
    SeatState.RELEASED: frozenset({SeatState.PAID, SeatState.REFUND_DUE}),
    SeatState.REFUND_DUE: frozenset({SeatState.REFUNDED}),
    SeatState.REFUNDED: frozenset(),
}
TAKING = (SeatState.HELD, SeatState.PAID, SeatState.CONFIRMED)
"""Seats that count: one person has at most one of these in a team."""


def check_campaign(
    *, size: int, team_ttl: timedelta, max_per_order: int, max_per_person: int | None, total_limit: int | None
) -> None:
    """Raises `CampaignMalformed` naming the field."""
    bounds = {
        "size": 2 <= size <= MAX_SIZE,
        "team_ttl": timedelta(seconds=1) <= team_ttl <= MAX_TTL,
        "max_per_order": 1 <= max_per_order <= 999,
        "max_per_person": max_per_person is None or max_per_person >= 1,
        "total_limit": total_limit is None or total_limit >= size,
    }
    for field, is_within in bounds.items():
        if not is_within:
            raise errors.CampaignMalformed(field=field)


def check_open(campaign: Campaign, now: datetime) -> None:
    """A campaign is open in [opens_at, closes_at). Raises `CampaignClosed`."""
    if now < campaign.opens_at or (campaign.closes_at is not None and now >= campaign.closes_at):
        raise errors.CampaignClosed()


def check_quantity(campaign: Campaign, quantity: int) -> None:
    """Raises `TooManyPieces`."""
    if not 1 <= quantity <= campaign.max_per_order:
        raise errors.TooManyPieces(most=campaign.max_per_order)
