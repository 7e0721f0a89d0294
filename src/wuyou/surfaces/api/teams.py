"""Teams: opened, joined, looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Router
from pydantic import Field

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.groupbuy import errors, operations, queries
from wuyou.domains.groupbuy.types import SeatState, TakenSeat, Team, TeamState
from wuyou.domains.identity import queries as identity
from wuyou.domains.inventory import errors as inventory_errors
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.promotions import errors as promotions_errors
from wuyou.kernel.actor import Actor
from wuyou.surfaces.api.amounts import Amount
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import Draft, Id, Pieces, ShareToken
from wuyou.surfaces.ui.names import name_of

router = Router(tags=["teams"])

_PLACING = [
    errors.CampaignClosed,
    errors.TooManyPieces,
    errors.WrongProduct,
    errors.PersonLimitReached,
    errors.CampaignSoldOut,
    orders_errors.NotSoldInTeams,
    orders_errors.AmountOutOfRange,
    catalog_errors.VariantNotFound,
    inventory_errors.OutOfStock,
    promotions_errors.VoucherUnusable,
    promotions_errors.NotCombinable,
    promotions_errors.NoneLeft,
]
_SHOWN = (SeatState.PAID, SeatState.CONFIRMED)


class SeatDraft(Draft):
    """What to order in a team."""

    variant_id: Id
    quantity: Pieces = 1
    accepts_reroute: bool = False
    """When your money comes too late for this team, take a seat in another one instead of a refund."""
    voucher_ids: Annotated[list[Id], Field(max_length=50)] = []
    """Vouchers of yours that are good for teams, all of which are to be used, each once."""


class TeamDraft(SeatDraft):
    """What to order as the leader of a new team."""

    campaign_id: Id
    """From `GET /products/{product_id}`."""


@dataclass(frozen=True, slots=True)
class SeatHeld:
    """A seat that is kept for you until you pay."""

    __pydantic_config__ = DOCUMENTED

    team_token: str
    """Names the team in links to share."""
    order_no: str
    """Pay it with `POST /orders/{order_no}/payment`."""
    total: Amount
    pay_until: datetime
    """Until then the goods and the seat are kept."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who has paid."""

    __pydantic_config__ = DOCUMENTED

    display_name: str
    avatar: str
    """Name of a picture in the interface's set."""
    is_leader: bool


@dataclass(frozen=True, slots=True)
class TeamPage:
    """A team as everybody sees it."""

    __pydantic_config__ = DOCUMENTED

    token: str
    campaign_id: int
    product_id: int
    state: TeamState
    size: int
    """People in the team, the leader included."""
    taken: int
    """Seats held or paid."""
    paid: int
    missing: int
    """People who must still pay."""
    was_waived: bool
    """The seller let a smaller team pass."""
    opened_at: datetime
    expires_at: datetime | None
    """Null until the leader has paid; nobody can join before that."""
    ended_at: datetime | None
    link_token: str | None
    """The leader's link (`/s/{token}`, or `POST /clicks`): who joins by it earns the leader a share."""
    members: tuple[Member, ...]
    """Who has paid, the leader first."""


@operation(
    router,
    "POST",
    "/teams",
    entry=Entry.ONCE,
    status=201,
    refuses=[errors.CampaignNotFound, *_PLACING],
)
def open_team(call: Call, body: TeamDraft) -> SeatHeld:
    """Order at the team price as the leader of a new team.

    The team's clock starts, and others may join, when this order is paid.
    """
    return _held(
        operations.open_team(
            actor=call.actor,
            campaign_id=body.campaign_id,
            variant_id=body.variant_id,
            quantity=body.quantity,
            accepts_reroute=body.accepts_reroute,
            voucher_ids=body.voucher_ids,
            now=call.now,
        )
    )


@operation(
    router,
    "POST",
    "/teams/{token}/seats",
    entry=Entry.ONCE,
    status=201,
    refuses=[
        errors.TeamNotFound,
        errors.TeamFull,
        errors.TeamClosed,
        errors.AlreadyMember,
        errors.NewBuyersOnly,
        *_PLACING,
    ],
)
def join_team(call: Call, token: ShareToken, body: SeatDraft) -> SeatHeld:
    """Order at the team price and hold a seat of a forming team until you pay."""
    return _held(
        operations.join_team(
            actor=call.actor,
            team_token=token,
            variant_id=body.variant_id,
            quantity=body.quantity,
            accepts_reroute=body.accepts_reroute,
            voucher_ids=body.voucher_ids,
            now=call.now,
        )
    )


@operation(
    router,
    "GET",
    "/teams/{token}",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.TeamNotFound],
)
def show_team(call: Call, token: ShareToken) -> TeamPage:
    """Show a team. Before its leader has paid, only the leader sees it."""
    team = queries.get_team(token)
    if not _may_see(call.actor, team):
        raise errors.TeamNotFound
    return team_of(team)


@operation(
    router,
    "POST",
    "/teams/{token}/waiver",
    entry=Entry.ONCE,
    refuses=[errors.TeamNotFound, errors.TeamClosed],
)
def waive_rest(call: Call, token: ShareToken) -> TeamPage:
    """Let a team pass though it is not full, as its seller. Everyone can see that; nobody is invented."""
    team = queries.get_team(token)
    operations.waive_rest(actor=call.actor, team_id=team.id, now=call.now)
    return team_of(queries.get_team(token))


def team_of(team: Team) -> TeamPage:
    """A team as the API says it. Cost: one query."""
    shown = sorted(
        (seat for seat in team.seats if seat.state in _SHOWN), key=lambda seat: (not seat.is_leader, seat.id)
    )
    people = identity.persons_by_id(seat.user_id for seat in shown) if shown else {}
    return TeamPage(
        team.token,
        team.campaign_id,
        team.product_id,
        team.state,
        team.size,
        team.taken,
        team.paid,
        team.missing,
        team.was_waived,
        team.opened_at,
        team.expires_at,
        team.ended_at,
        team.link_token,
        tuple(Member(name_of(people[seat.user_id]), people[seat.user_id].avatar, seat.is_leader) for seat in shown),
    )


def _may_see(actor: Actor, team: Team) -> bool:
    has_begun = team.expires_at is not None
    return has_begun or actor.is_staff or actor.user_id == team.leader_id


def _held(seat: TakenSeat) -> SeatHeld:
    return SeatHeld(seat.team_token, seat.order_no, Amount(seat.amount_minor, seat.currency), seat.pay_until)  # type: ignore[arg-type]
