"""Every read of group buying."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from wuyou.domains.groupbuy import errors, types
from wuyou.infra import db
from wuyou.infra.person_data import Records
from wuyou.kernel.money import Currency
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

_CAMPAIGNS = """
    SELECT id, product_id, size, team_ttl_s, max_per_order, max_per_person, total_limit, new_buyers_only, opens_at,
           closes_at
    FROM groupbuy_campaign
"""
_TEAMS = """
    SELECT t.id, t.token, t.campaign_id, t.product_id, t.leader_id, t.size, t.taken, t.paid, t.state, t.was_waived,
           t.opened_at, t.expires_at, t.ended_at, t.link_token
    FROM groupbuy_team t
"""
_SEATS = """
    SELECT s.id, s.team_id, s.user_id, s.order_id, s.order_no, s.is_leader, s.state, s.held_until, s.quantity
    FROM groupbuy_seat s
"""


def get_campaign(campaign_id: int) -> types.Campaign:
    """One campaign. Raises `CampaignNotFound`."""
    found = db.row(f"{_CAMPAIGNS} WHERE id = %s", [campaign_id])
    if found is None:
        raise errors.CampaignNotFound()
    return campaign_from(found)


def campaigns_by_product(product_ids: Iterable[int], now: datetime) -> dict[int, types.Campaign]:
    """The open campaign of each product that has one. Cost: one query."""
    found = db.rows(
        f"""{_CAMPAIGNS} WHERE product_id = ANY({db.ids("%s")})
             AND opens_at <= %s AND (closes_at IS NULL OR closes_at > %s)""",
        [sorted(set(product_ids)), now, now],
    )
    return {columns[1]: campaign_from(columns) for columns in found}


def list_campaigns_of(product_ids: Iterable[int], *, limit: int = 100) -> tuple[types.CampaignFigures, ...]:
    """Campaigns of these products with what came of them, newest first, for who runs them. Cost: three queries."""
    found = [
        campaign_from(columns)
        for columns in db.rows(
            f"{_CAMPAIGNS} WHERE product_id = ANY(%s) ORDER BY id DESC LIMIT %s", [sorted(set(product_ids)), limit]
        )
    ]
    ids = [campaign.id for campaign in found]
    teams = {
        campaign_id: (forming, formed, failed)
        for campaign_id, forming, formed, failed in db.rows(
            """
            SELECT campaign_id, count(*) FILTER (WHERE state = 'FORMING'), count(*) FILTER (WHERE state = 'FORMED'),
                   count(*) FILTER (WHERE state IN ('EXPIRED', 'CANCELLED'))
            FROM groupbuy_team WHERE campaign_id = ANY(%s) GROUP BY 1
            """,
            [ids],
        )
    }
    pieces: dict[int, int] = defaultdict(int)
    sold: dict[int, list[tuple[Currency, int]]] = defaultdict(list)
    for campaign_id, code, count, minor in db.rows(
        """
        SELECT t.campaign_id, o.currency, sum(s.quantity)::bigint, sum(o.total_minor - o.refunded_minor)::bigint
        FROM groupbuy_team t JOIN groupbuy_seat s ON s.team_id = t.id JOIN orders_order o ON o.id = s.order_id
        WHERE t.campaign_id = ANY(%s) AND t.state = 'FORMED' AND s.state = 'CONFIRMED' GROUP BY 1, 2 ORDER BY 1, 2
        """,
        [ids],
    ):
        pieces[campaign_id] += count
        sold[campaign_id].append((Currency(code), minor))
    figures = []
    for each in found:
        forming, formed, failed = teams.get(each.id, (0, 0, 0))
        figures.append(types.CampaignFigures(each, forming, formed, failed, pieces[each.id], tuple(sold[each.id])))
    return tuple(figures)


def get_team(token: str) -> types.Team:
    """A team with its seats. Raises `TeamNotFound`. Cost: two queries."""
    return _found(_teams(db.rows(f"{_TEAMS} WHERE t.token = %s", [token])))


def find_team_of_order(order_id: int) -> types.Team | None:
    """The team in which an order has its seat, or None for an order alone. Cost: two queries."""
    return teams_by_order([order_id]).get(order_id)


def find_product_of_team(team_id: int) -> int | None:
    """What a team buys; None where there is no such team. Cost: one query."""
    found = db.row("SELECT product_id FROM groupbuy_team WHERE id = %s", [team_id])
    return int(found[0]) if found else None


def teams_by_order(order_ids: Sequence[int]) -> dict[int, types.Team]:
    """The teams of many orders. Cost: two queries."""
    seated = f"SELECT team_id FROM groupbuy_seat WHERE order_id = ANY({db.ids('%s')})"  # noqa: S608  (our own text)
    found = _teams(db.rows(f"{_TEAMS} WHERE t.id IN ({seated})", [list(order_ids)]))
    return {seat.order_id: team for team in found for seat in team.seats}


def joined_teams(order_ids: Sequence[int]) -> dict[int, int]:
    """By order, the team in which it has a paid seat. Cost: one query; none without orders."""
    if not order_ids:
        return {}
    return dict(
        db.rows(
            f"""
            SELECT order_id, team_id FROM groupbuy_seat
            WHERE order_id = ANY({db.ids("%s")}) AND state IN ('PAID', 'CONFIRMED')
            """,  # noqa: S608  (our own text)
            [list(order_ids)],
        )
    )


def list_open_teams(product_id: int, now: datetime, *, limit: int = 10) -> tuple[types.Team, ...]:
    """Teams of a product that can be joined, the most urgent first. Cost: two queries."""
    return tuple(
        _teams(
            db.rows(
                f"""{_TEAMS} WHERE t.product_id = %s AND t.state = 'FORMING' AND t.expires_at > %s AND t.taken < t.size
                    ORDER BY t.expires_at LIMIT %s""",
                [product_id, now, min(limit, MAX_PAGE)],
            )
        )
    )


def count_open_teams(product_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """How many teams of each product can be joined. Cost: one query."""
    return dict(
        db.rows(
            """
            SELECT product_id, count(*) FROM groupbuy_team
            WHERE product_id = ANY(%s) AND state = 'FORMING' AND expires_at > %s AND taken < size GROUP BY product_id
            """,
            [sorted(set(product_ids)), now],
        )
    )


def open_teams_by_product(product_ids: Iterable[int], now: datetime) -> dict[int, types.OpenTeams]:
    """How many teams of each product can be joined, and who leads the most urgent ones. Cost: one query."""
    found = db.rows(
        """
        SELECT product_id, count(*), (array_agg(leader_id ORDER BY expires_at))[1:3] FROM groupbuy_team
        WHERE product_id = ANY(%s) AND state = 'FORMING' AND expires_at > %s AND taken < size GROUP BY product_id
        """,
        [sorted(set(product_ids)), now],
    )
    return {product_id: types.OpenTeams(count, tuple(leader_ids)) for product_id, count, leader_ids in found}


def list_running_teams(now: datetime, *, limit: int = 12) -> tuple[types.Team, ...]:
    """Teams that can be joined, over all products, the most urgent first. Cost: two queries."""
    return tuple(
        _teams(
            db.rows(
                f"""{_TEAMS} WHERE t.state = 'FORMING' AND t.expires_at > %s AND t.taken < t.size
                    ORDER BY t.expires_at LIMIT %s""",
                [now, min(limit, MAX_PAGE)],
            )
        )
    )


def list_teams(
    *, cursor: int | None = None, limit: int = 50, state: str = "", oldest_first: bool = False
) -> Page[types.Team]:
    """All teams, for staff, newest first. Cost: two queries."""
    limit = max(1, min(limit, MAX_PAGE))
    beyond, order = ("t.id > %s", "t.id") if oldest_first else ("t.id < %s", "t.id DESC")
    found = db.rows(
        f"""{_TEAMS} WHERE (%s::bigint IS NULL OR {beyond}::bigint) AND (%s::text = '' OR t.state = %s::text)
            ORDER BY {order} LIMIT %s""",
        [cursor, cursor, state, state, limit + 1],
    )
    return cut_page(_teams(found), limit, lambda team: team.id)


def list_ending_teams(now: datetime, until: datetime, *, limit: int = 50) -> tuple[types.Team, ...]:
    """Forming teams whose time ends in `(now, until]`, the most urgent first; full ones that wait for a payment too.

    Cost: two queries.
    """
    return tuple(
        _teams(
            db.rows(
                f"""{_TEAMS} WHERE t.state = 'FORMING' AND t.expires_at > %s AND t.expires_at <= %s
                    ORDER BY t.expires_at LIMIT %s""",
                [now, until, min(limit, MAX_PAGE)],
            )
        )
    )


def states_by_token(tokens: Sequence[str]) -> dict[str, types.TeamState]:
    """The state of many teams; unknown tokens are left out. Cost: one query."""
    found = db.rows("SELECT token, state FROM groupbuy_team WHERE token = ANY(%s)", [list(tokens)])
    return {token: types.TeamState(state) for token, state in found}


def list_forming_teams(product_ids: Iterable[int], now: datetime, *, limit: int = 50) -> tuple[types.Team, ...]:
    """Forming teams of these products, full ones included, the most urgent first. Cost: two queries."""
    return tuple(
        _teams(
            db.rows(
                f"""{_TEAMS} WHERE t.product_id = ANY(%s) AND t.state = 'FORMING' AND t.expires_at > %s
                    ORDER BY t.expires_at LIMIT %s""",
                [sorted(set(product_ids)), now, min(limit, MAX_PAGE)],
            )
        )
    )


def count_teams_by_state() -> dict[str, int]:
    """How many teams stand in each state."""
    return dict(db.rows("SELECT state, count(*) FROM groupbuy_team GROUP BY state"))


def _found(teams: Sequence[types.Team]) -> types.Team:
    if not teams:
        raise errors.TeamNotFound()
    return teams[0]


def _teams(team_rows: Sequence[Sequence[Any]]) -> list[types.Team]:
    seats: dict[int, list[types.Seat]] = {columns[0]: [] for columns in team_rows}
    if seats:
        for columns in db.rows(f"{_SEATS} WHERE s.team_id = ANY({db.ids('%s')}) ORDER BY s.id", [list(seats)]):
            seats[columns[1]].append(_seat(columns))
    return [_team(columns, seats[columns[0]]) for columns in team_rows]


def _team(columns: Sequence[Any], seats: Sequence[types.Seat]) -> types.Team:
    fields = [*columns[:8], types.TeamState(columns[8]), *columns[9:], tuple(seats)]
    return types.Team(*fields)


def _seat(columns: Sequence[Any]) -> types.Seat:
    fields = [*columns[:6], types.SeatState(columns[6]), *columns[7:]]
    return types.Seat(*fields)


def campaign_from(columns: Sequence[Any]) -> types.Campaign:
    """A campaign from its columns, in the order of its fields."""
    fields = [*columns[:3], timedelta(seconds=columns[3]), *columns[4:]]
    return types.Campaign(*fields)


def export_person(person_id: int) -> Iterator[Records]:
    """The teams that a person led or had a seat in, without who else had one."""
    yield (
        "teams",
        db.records(
            """
            SELECT t.token, t.product_id, t.state, s.order_no, s.is_leader, s.state AS seat, s.quantity, s.taken_at,
                   t.expires_at, t.ended_at
            FROM groupbuy_seat s JOIN groupbuy_team t ON t.id = s.team_id WHERE s.user_id = %s ORDER BY s.id
            """,
            [person_id],
        ),
    )
