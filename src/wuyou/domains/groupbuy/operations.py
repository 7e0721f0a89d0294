"""Every write of group buying.

Every decision that can race stands in the WHERE of one statement: the seat, the piece, the state. Locks, in this order:
the team's row, the campaign's row, its seats; then whatever orders lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.catalog import operations as shops
from wuyou.domains.groupbuy import campaigning, errors, events, pieces, queries, rules, types
from wuyou.domains.groupbuy.campaigning import change_campaign as change_campaign
from wuyou.domains.groupbuy.campaigning import close_campaign as close_campaign
from wuyou.domains.groupbuy.campaigning import open_campaign as open_campaign
from wuyou.domains.groupbuy.telling import tell_team
from wuyou.domains.groupbuy.types import SeatState, TeamState
from wuyou.domains.inventory import errors as inventory_errors
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders.types import LineDraft, OrderKind, PlacedOrder
from wuyou.domains.promotions import errors as promotions_errors
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.tokens import new_token

_NO_PLACE = (
    inventory_errors.OutOfStock,
    promotions_errors.VoucherGone,
    errors.CampaignClosed,
    errors.PersonLimitReached,
    errors.CampaignSoldOut,
)
"""Why a late payer cannot be seated elsewhere."""
SHARE_SLOT = "team"
"""The alliance slot of a leader's team links."""


@db.requires_transaction
def open_team(
    *,
    actor: Actor,
    campaign_id: int,
    variant_id: int,
    quantity: int,
    now: datetime,
    accepts_reroute: bool = False,
    pay_within: timedelta = orders.PAY_WITHIN,
    voucher_ids: Sequence[int] = (),
) -> types.TakenSeat:
    """Order at the team price as the leader of a new team. Its clock starts, and others may join, when this is paid.

    Raises: `CampaignNotFound`, `CampaignClosed`, `TooManyPieces`, `WrongProduct`, `PersonLimitReached`,
    `CampaignSoldOut` and whatever placing an order raises. Cost: seven statements at most.
    """
    campaign = queries.get_campaign(campaign_id)
    rules.check_open(campaign, now)
    placed = _place(actor, campaign, LineDraft(variant_id, quantity), now, pay_within, voucher_ids)
    team_id, token = _insert_team(campaign, actor.person_id, now)
    _insert_seat(team_id, actor.person_id, placed, quantity, now, is_leader=True, accepts_reroute=accepts_reroute)
    return _taken(team_id, token, placed)


@db.requires_transaction
def join_team(
    *,
    actor: Actor,
    team_token: str,
    variant_id: int,
    quantity: int,
    now: datetime,
    accepts_reroute: bool = False,
    pay_within: timedelta = orders.PAY_WITHIN,
    voucher_ids: Sequence[int] = (),
) -> types.TakenSeat:
    """Order at the team price and hold a seat of a forming team until the order's deadline.

    Raises: `TeamNotFound`, `TeamClosed`, `TeamFull`, `AlreadyMember`, `NewBuyersOnly`, `TooManyPieces`,
    `WrongProduct`, `PersonLimitReached`, `CampaignSoldOut` and whatever placing an order raises.
    Cost: seven statements at most.
    """
    joined = db.row(
        """
        UPDATE groupbuy_team t SET taken = t.taken + 1 FROM groupbuy_campaign c
        WHERE t.token = %s AND c.id = t.campaign_id AND t.state = 'FORMING' AND t.expires_at > %s AND t.taken < t.size
        RETURNING t.id, t.expires_at, c.id, c.product_id, c.size, c.team_ttl_s, c.max_per_order, c.max_per_person,
                  c.total_limit, c.new_buyers_only, c.opens_at, c.closes_at
        """,
        [team_token, now],
    )
    if joined is None:
        raise _why_not(team_token, actor.person_id, now)
    team_id, expires_at, *columns = joined
    campaign = queries.campaign_from(columns)
    if campaign.new_buyers_only and orders_queries.has_paid_order(actor.person_id):
        raise errors.NewBuyersOnly()
    placed = _place(
        actor, campaign, LineDraft(variant_id, quantity), now, min(pay_within, expires_at - now), voucher_ids
    )
    _insert_seat(team_id, actor.person_id, placed, quantity, now, is_leader=False, accepts_reroute=accepts_reroute)
    return _taken(team_id, team_token, placed)


@db.requires_transaction
def pay_seat(*, order_id: int, now: datetime) -> None:
    """An order of a team is paid: its seat is taken for good, and the last seat forms the team.

    The leader's payment starts the clock and makes the leader a publisher with a link to share. What ends a team is
    `expire_team`, not the clock alone: money that comes between the two still finds its seat.
    Publishes: `TeamOpened`, `TeamFormed`. Twice is once; an order without a held seat is left alone.
    """
    paid = db.row(
        """
        WITH team AS (SELECT t.id, t.size, t.was_waived, t.state, c.team_ttl_s
                      FROM groupbuy_seat s JOIN groupbuy_team t ON t.id = s.team_id
                      JOIN groupbuy_campaign c ON c.id = t.campaign_id
                      WHERE s.order_id = %s AND s.state = 'HELD' FOR UPDATE OF t),
        seat AS (UPDATE groupbuy_seat s
                 SET state = CASE WHEN team.state = 'FORMED' THEN 'CONFIRMED' ELSE 'PAID' END
                 FROM team WHERE s.order_id = %s AND s.team_id = team.id AND s.state = 'HELD'
                           AND (team.state = 'FORMING' OR team.was_waived)
                 RETURNING s.is_leader)
        UPDATE groupbuy_team t
        SET paid = t.paid + 1,
            expires_at = CASE WHEN seat.is_leader THEN %s::timestamptz + make_interval(secs => team.team_ttl_s)
                              ELSE t.expires_at END,
            state = CASE WHEN t.paid + 1 = t.size THEN 'FORMED' ELSE t.state END,
            ended_at = CASE WHEN t.paid + 1 = t.size AND t.state = 'FORMING' THEN %s ELSE t.ended_at END
        FROM team, seat WHERE t.id = team.id
        RETURNING t.id, t.token, t.product_id, t.leader_id, t.size, t.paid, t.state, t.expires_at, seat.is_leader,
                  t.was_waived
        """,
        [order_id, order_id, now, now],
    )
    if paid is None:
        return
    team_id, token, product_id, leader_id, size, paid_count, state, expires_at, is_leader, was_waived = paid
    if was_waived:
        orders.release_orders(order_ids=[order_id], now=now)
        return
    if is_leader:
        _give_link(team_id, token, product_id, leader_id, now)
        publish(events.TeamOpened(team_id, product_id, leader_id, size, expires_at, now))
    if state == TeamState.FORMED.value and paid_count == size:
        _confirm(team_id, product_id, leader_id, was_waived=False, now=now)


@db.requires_transaction
def place_late_payer(*, order_id: int, now: datetime) -> None:
    """The money of a released seat came late: into another forming team or a new one if the buyer agreed, else back.

    Publishes what the seat's new place brings. Twice is once.
    """
    found = db.row(
        """
        SELECT s.team_id, s.user_id, s.quantity, s.accepts_reroute, s.order_no, t.campaign_id
        FROM groupbuy_seat s JOIN groupbuy_team t ON t.id = s.team_id
        WHERE s.order_id = %s AND s.state = 'RELEASED' FOR UPDATE OF s
        """,
        [order_id],
    )
    if found is None:
        return
    old_team_id, user_id, quantity, accepts_reroute, order_no, campaign_id = found
    if accepts_reroute:
        try:
            with db.savepoint():
                _reroute(order_id, order_no, old_team_id, user_id, quantity, campaign_id, now)
            return
        except _NO_PLACE:
            pass  # there is no place for this buyer any more: the money goes back
    db.execute("UPDATE groupbuy_seat SET state = 'REFUND_DUE' WHERE order_id = %s", [order_id])
    orders.refund_rest(order_id=order_id, reason="team_missed", now=now)


@db.requires_transaction
def release_seat(*, order_id: int) -> None:
    """The order of a held seat was closed unpaid: the seat is free again. A leader who never paid ends the team."""
    released = db.row(
        """
        WITH team AS (SELECT t.id FROM groupbuy_seat s JOIN groupbuy_team t ON t.id = s.team_id
                      WHERE s.order_id = %s AND s.state = 'HELD' FOR UPDATE OF t),
        seat AS (UPDATE groupbuy_seat s SET state = 'RELEASED' FROM team
                 WHERE s.order_id = %s AND s.team_id = team.id AND s.state = 'HELD'
                 RETURNING s.is_leader, s.user_id, s.quantity)
        UPDATE groupbuy_team t
        SET taken = t.taken - 1,
            state = CASE WHEN seat.is_leader AND t.state = 'FORMING' THEN 'CANCELLED' ELSE t.state END
        FROM team, seat WHERE t.id = team.id
        RETURNING t.campaign_id, seat.user_id, seat.quantity
        """,
        [order_id, order_id],
    )
    if released is not None:
        pieces.give_back([released])


@db.requires_transaction
def waive_rest(*, actor: Actor, team_id: int, now: datetime) -> None:
    """The seller lets the team pass though it is not full; everyone can see that. Nobody is invented.

    Who still holds an unpaid seat may pay until their deadline. Publishes: `TeamFormed`.
    Raises: `TeamNotFound` (not your shop's), `TeamClosed`.
    """
    shop_id = _shop_of(actor, team_id)
    formed = db.row(
        """
        UPDATE groupbuy_team SET state = 'FORMED', was_waived = true, ended_at = %s
        WHERE id = %s AND state = 'FORMING' AND paid >= 1 AND expires_at > %s RETURNING product_id, leader_id
        """,
        [now, team_id, now],
    )
    if formed is None:
        raise errors.TeamClosed(state=_state_of(team_id))
    _confirm(team_id, *formed, was_waived=True, now=now)
    shops.note_act(actor=actor, shop_id=shop_id, what="waive", about=team_id, now=now)


@db.requires_transaction
def cancel_team(*, actor: Actor, team_id: int, now: datetime) -> None:
    """The shop dissolves a forming team; who paid is refunded. Publishes: `TeamEnded`.

    Raises: `TeamNotFound` (not your shop's), `TeamClosed`.
    """
    shop_id = _shop_of(actor, team_id)
    if not _end(team_id, TeamState.CANCELLED, now):
        raise errors.TeamClosed(state=_state_of(team_id))
    shops.note_act(actor=actor, shop_id=shop_id, what="dissolve", about=team_id, now=now)


@db.requires_transaction
def expire_team(*, team_id: int, now: datetime) -> bool:
    """End a team whose time is over; who paid is refunded. Publishes: `TeamEnded`; returns whether it was due."""
    return _end(team_id, TeamState.EXPIRED, now)


@db.requires_transaction
def leave_seat(*, order_id: int, now: datetime) -> None:
    """A seat's order was wholly refunded.

    In a forming team the seat is free again and the longest-standing member leads on; a formed team stays as it is.
    """
    left = db.row(
        """
        WITH team AS (SELECT t.id, t.state FROM groupbuy_seat s JOIN groupbuy_team t ON t.id = s.team_id
                      WHERE s.order_id = %s AND s.state IN ('PAID', 'CONFIRMED') FOR UPDATE OF t)
        UPDATE groupbuy_seat s SET state = 'REFUND_DUE' FROM team
        WHERE s.order_id = %s AND s.team_id = team.id AND s.state IN ('PAID', 'CONFIRMED')
        RETURNING team.id, team.state, s.user_id, s.quantity, s.is_leader
        """,
        [order_id, order_id],
    )
    if left is None:
        return
    team_id, state, user_id, quantity, is_leader = left
    campaign = db.row(
        """
        UPDATE groupbuy_team SET taken = CASE WHEN state = 'FORMING' THEN taken - 1 ELSE taken END,
                                 paid = CASE WHEN state = 'FORMING' THEN paid - 1 ELSE paid END
        WHERE id = %s RETURNING campaign_id, product_id
        """,
        [team_id],
    )
    assert campaign is not None  # noqa: S101  (the row was locked above)
    pieces.give_back([(campaign[0], user_id, quantity)])
    if state == TeamState.FORMING.value and is_leader:
        _hand_over_lead(team_id, campaign[1], order_id, now)


@db.requires_transaction
def mark_refunded(*, order_id: int) -> None:
    """The money of a seat is back with its buyer."""
    db.execute("UPDATE groupbuy_seat SET state = 'REFUNDED' WHERE order_id = %s AND state = 'REFUND_DUE'", [order_id])


def _place(
    actor: Actor,
    campaign: types.Campaign,
    line: LineDraft,
    now: datetime,
    pay_within: timedelta,
    voucher_ids: Sequence[int],
) -> PlacedOrder:
    rules.check_quantity(campaign, line.quantity)
    pieces.take(campaign, actor.person_id, line.quantity)
    placed = orders.place_order(
        actor=actor, lines=[line], kind=OrderKind.TEAM, now=now, pay_within=pay_within, voucher_ids=voucher_ids
    )
    if placed.product_ids != {campaign.product_id}:
        raise errors.WrongProduct()
    return placed


def _insert_team(campaign: types.Campaign, leader_id: int, now: datetime) -> tuple[int, str]:
    token = new_token(12)
    inserted = db.row(
        """
        INSERT INTO groupbuy_team (token, campaign_id, product_id, leader_id, size, taken, state, opened_at)
        VALUES (%s, %s, %s, %s, %s, 1, 'FORMING', %s) RETURNING id
        """,
        [token, campaign.id, campaign.product_id, leader_id, campaign.size, now],
    )
    assert inserted is not None  # noqa: S101  (an INSERT without a condition returns its row)
    return inserted[0], token


def _insert_seat(
    team_id: int,
    user_id: int,
    placed: PlacedOrder,
    quantity: int,
    now: datetime,
    *,
    is_leader: bool,
    accepts_reroute: bool,
) -> None:
    seated = db.execute(
        """
        INSERT INTO groupbuy_seat (team_id, user_id, order_id, order_no, is_leader, state, held_until, quantity,
                                   accepts_reroute, taken_at)
        VALUES (%s, %s, %s, %s, %s, 'HELD', %s, %s, %s, %s)
        ON CONFLICT (team_id, user_id) WHERE state IN ('HELD', 'PAID', 'CONFIRMED') DO NOTHING
        """,
        [team_id, user_id, placed.id, placed.order_no, is_leader, placed.pay_until, quantity, accepts_reroute, now],
    )
    if not seated:
        raise errors.AlreadyMember()


def _taken(team_id: int, token: str, placed: PlacedOrder) -> types.TakenSeat:
    return types.TakenSeat(
        team_id,
        token,
        placed.id,
        placed.order_no,
        placed.total.amount_minor,
        placed.total.currency.code,
        placed.pay_until,
    )


def _why_not(team_token: str, user_id: int, now: datetime) -> DomainError:
    """Why a seat could not be taken, for the buyer to read; nothing has changed."""
    team = queries.get_team(team_token)
    if any(seat.user_id == user_id and seat.state in rules.TAKING for seat in team.seats):
        return errors.AlreadyMember()
    if team.state is not TeamState.FORMING:
        return errors.TeamClosed(state=team.state.value)
    if team.expires_at is None:
        return errors.TeamNotFound()
    if team.expires_at <= now:
        return errors.TeamClosed(state=TeamState.EXPIRED.value)
    return errors.TeamFull()


def _give_link(team_id: int, token: str, product_id: int, leader_id: int, now: datetime) -> None:
    """The leader is a publisher: who joins by this link earns the leader a share."""
    publisher = alliance.ensure_publisher(user_id=leader_id, now=now)
    link = alliance.ensure_link(
        publisher_id=publisher.id, slot_name=SHARE_SLOT, product_id=product_id, path=f"/t/{token}", now=now
    )
    db.execute("UPDATE groupbuy_team SET link_token = %s WHERE id = %s", [link.token, team_id])


def _confirm(team_id: int, product_id: int, leader_id: int, *, was_waived: bool, now: datetime) -> None:
    """A team has formed: paid seats are confirmed and their orders go to the shop. The team's row is locked."""
    confirmed = db.rows(
        """
        UPDATE groupbuy_seat SET state = 'CONFIRMED' WHERE team_id = %s AND state = 'PAID'
        RETURNING order_id, user_id, order_no
        """,
        [team_id],
    )
    orders.release_orders(order_ids=[order_id for order_id, *_ in confirmed], now=now)
    order_nos = {user_id: order_no for _, user_id, order_no in confirmed}
    members = tuple(sorted(order_nos))
    publish(events.TeamFormed(team_id, product_id, leader_id, members, was_waived, now))
    tell_team(order_nos, Kind.TEAM_FORMED, team_id, now)


def _end(team_id: int, state: TeamState, now: datetime) -> bool:
    """End a forming team, an expiry only when its time is over. Paid seats are refunded, held ones released."""
    ended = db.row(
        """
        UPDATE groupbuy_team SET state = %s, ended_at = %s
        WHERE id = %s AND state = 'FORMING' AND (%s::text = 'CANCELLED' OR expires_at <= %s)
        RETURNING campaign_id, product_id, leader_id
        """,
        [state.value, now, team_id, state.value, now],
    )
    if ended is None:
        return False
    campaign_id, product_id, leader_id = ended
    seats = db.rows(
        """
        SELECT order_id, order_no, user_id, state, quantity FROM groupbuy_seat
        WHERE team_id = %s AND state IN ('HELD', 'PAID') ORDER BY order_id FOR UPDATE
        """,
        [team_id],
    )
    # The campaign before stock, in the order in which joiners lock them.
    pieces.give_back([(campaign_id, user_id, quantity) for _, _, user_id, _, quantity in seats])
    released: list[int] = []
    refunded: list[int] = []
    for order_id, order_no, _, seat_state, _ in seats:
        if seat_state == SeatState.HELD.value:
            if orders.close_order(order_id=order_id, now=now):
                released.append(order_id)
                continue
            # The money has just come, and its event is still to be handled: it is refunded like the others'.
            orders.mark_paid(order_no=order_no, now=now)
        refunded.append(order_id)
    db.execute(
        """
        UPDATE groupbuy_seat SET state = CASE WHEN order_id = ANY(%s) THEN 'RELEASED' ELSE 'REFUND_DUE' END
        WHERE team_id = %s AND state IN ('HELD', 'PAID')
        """,
        [released, team_id],
    )
    for order_id in refunded:
        orders.refund_rest(order_id=order_id, reason=f"team_{state.value.lower()}", now=now)
    order_nos = {user_id: order_no for order_id, order_no, user_id, *_ in seats if order_id in refunded}
    publish(events.TeamEnded(team_id, product_id, leader_id, tuple(sorted(order_nos)), state.value, now))
    tell_team(order_nos, Kind.TEAM_ENDED, team_id, now)
    return True


def _reroute(
    order_id: int, order_no: str, old_team_id: int, user_id: int, quantity: int, campaign_id: int, now: datetime
) -> None:
    """Seat a late payer elsewhere: the most urgent forming team with a free seat, else a new team that they lead."""
    campaign = queries.get_campaign(campaign_id)
    pieces.take(campaign, user_id, quantity)
    orders.take_up_late_order(order_id=order_id, order_no=order_no, now=now)
    found = db.row(
        """
        UPDATE groupbuy_team t SET taken = t.taken + 1
        WHERE t.id = (SELECT c.id FROM groupbuy_team c
                      WHERE c.campaign_id = %s AND c.state = 'FORMING' AND c.expires_at > %s AND c.taken < c.size
                        AND NOT EXISTS (SELECT 1 FROM groupbuy_seat s WHERE s.team_id = c.id AND s.user_id = %s
                                        AND s.state IN ('HELD', 'PAID', 'CONFIRMED'))
                      ORDER BY c.expires_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING t.id
        """,
        [campaign_id, now, user_id],
    )
    if found is None:
        rules.check_open(campaign, now)
        team_id, _ = _insert_team(campaign, user_id, now)
    else:
        (team_id,) = found
    db.execute(
        """
        UPDATE groupbuy_seat SET team_id = %s, rerouted_from_id = %s, state = 'HELD', is_leader = %s, held_until = %s
        WHERE order_id = %s
        """,
        [team_id, old_team_id, found is None, now, order_id],
    )
    pay_seat(order_id=order_id, now=now)
    orders.announce_late_order(order_id=order_id, now=now)


def _hand_over_lead(team_id: int, product_id: int, left_order_id: int, now: datetime) -> None:
    """The longest-standing paid member leads on; a team without paid members is cancelled."""
    heir = db.row(
        """
        UPDATE groupbuy_seat SET is_leader = true
        WHERE id = (SELECT id FROM groupbuy_seat WHERE team_id = %s AND state = 'PAID' ORDER BY taken_at, id LIMIT 1)
        RETURNING user_id
        """,
        [team_id],
    )
    if heir is None:
        _end(team_id, TeamState.CANCELLED, now)
        return
    db.execute("UPDATE groupbuy_seat SET is_leader = false WHERE order_id = %s", [left_order_id])
    (token,) = db.rows("UPDATE groupbuy_team SET leader_id = %s WHERE id = %s RETURNING token", [heir[0], team_id])[0]
    _give_link(team_id, token, product_id, heir[0], now)


def _shop_of(actor: Actor, team_id: int) -> int:
    """The shop of a team that is the actor's to decide on. Raises `TeamNotFound`."""
    found = db.row("SELECT campaign_id FROM groupbuy_team WHERE id = %s", [team_id])
    if found is None:
        raise errors.TeamNotFound()
    try:
        return campaigning.campaign_of(actor, found[0])[1]
    except errors.CampaignNotFound as refused:
        raise errors.TeamNotFound() from refused


def _state_of(team_id: int) -> str:
    found = db.row("SELECT state FROM groupbuy_team WHERE id = %s", [team_id])
    return str(found[0]) if found else ""
