"""Teams as pages show them: rows, cards of the strip, and the page that people share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wuyou.domains.catalog.types import Product
from wuyou.domains.groupbuy.types import Campaign, Seat, SeatState, Team, TeamState
from wuyou.domains.identity.types import Person
from wuyou.kernel.money import Money
from wuyou.surfaces.storefront.viewmodels import lines, people
from wuyou.surfaces.ui import names, parts
from wuyou.surfaces.ui.templatetags.ui import money

PAID = frozenset({SeatState.PAID, SeatState.CONFIRMED})
"""Seats whose money is here and stays."""

GIVEN_BACK = frozenset({SeatState.REFUND_DUE, SeatState.REFUNDED})


@dataclass(frozen=True, slots=True)
class TeamCard:
    """A running team in the strip of the home page."""

    id: int
    product: lines.Line
    leader: parts.Person
    people: tuple[parts.Person, ...]
    missing: int
    deadline: datetime
    price_team: Money
    price_alone: Money
    href: str
    join_href: str
    """Empty for who is in already."""

    @property
    def missing_shown(self) -> int:
        """Empty seats beside the faces, as many as there is room for."""
        return min(self.missing, 5 - min(len(self.people), 3))


@dataclass(frozen=True, slots=True)
class MySeat:
    """The reader's own place in a team."""

    is_leader: bool
    state: str
    order_no: str
    order_href: str
    pay_href: str
    held_until: datetime
    is_arriving: bool
    """The money is here, and the seat is about to be taken for good."""


@dataclass(frozen=True, slots=True)
class TeamPage:
    """A team for one reader. Nobody in `people` is invented: each has a seat that is paid, or is paying for it now."""

    token: str
    href: str
    product: lines.Line
    shop: parts.Person
    headline: str
    explanation: str
    state: str
    people: tuple[parts.Person, ...]
    free: int
    size: int
    paid: int
    was_waived: bool
    deadline: datetime | None
    ended_at: datetime | None
    price_alone: Money
    price_team: Money
    my_seat: MySeat | None
    can_join: bool
    is_full_for_now: bool
    choices: tuple[parts.Choice, ...]
    variant_id: int
    max_quantity: int
    share_url: str
    share_title: str
    pass_phrase: str
    leader_earns: bool
    """A commission plan runs, so the leader gets a share of what joiners by the leader's link pay."""
    mark: str
    """Changes whenever this page would look different to this reader."""
    is_live: bool
    """Things may still change by themselves: the page looks again every few seconds."""

    @property
    def missing(self) -> int:
        return self.size - self.paid

    @property
    def saving(self) -> Money:
        return self.price_alone - self.price_team


def href_of(token: str) -> str:
    """The page of a team."""
    return reverse("storefront:team", args=[token])


def seat_of(team: Team, user_id: int | None) -> Seat | None:
    """The reader's last seat in a team, if any."""
    return next((seat for seat in reversed(team.seats) if seat.user_id == user_id), None) if user_id else None


def holds_place(seat: Seat | None) -> bool:
    """Whether a seat is held or paid, and not given up."""
    return seat is not None and (seat.state in PAID or seat.state is SeatState.HELD)


def people_of(running: Iterable[Team]) -> set[int]:
    """Everybody whose face is needed to show these teams."""
    return {seat.user_id for team in running for seat in team.seats} | {team.leader_id for team in running}


def row(team: Team, product: Product, persons: Mapping[int, Person], *, can_join: bool) -> parts.TeamRow:
    """A running team as one line."""
    assert team.expires_at is not None  # noqa: S101  (only teams whose leader has paid are running)
    return parts.TeamRow(
        id=team.id,
        leader=people.face(persons[team.leader_id]),
        people=_paid_people(team, persons),
        size=team.size,
        deadline=team.expires_at,
        href=href_of(team.token),
        join_href=join_href(team, product) if can_join else "",
    )


def card(team: Team, product: Product, persons: Mapping[int, Person], viewer_id: int | None) -> TeamCard | None:
    """A running team for the strip; None when its product is no longer sold to teams."""
    variant = product.variants[0]
    if team.expires_at is None or variant.team_price is None or not product.is_listed:
        return None
    is_mine = holds_place(seat_of(team, viewer_id))
    return TeamCard(
        id=team.id,
        product=lines.product_line(product),
        leader=people.face(persons[team.leader_id]),
        people=_paid_people(team, persons),
        missing=team.missing,
        deadline=team.expires_at,
        price_team=variant.team_price,
        price_alone=variant.price,
        href=href_of(team.token),
        join_href="" if is_mine else join_href(team, product),
    )


def join_href(team: Team, product: Product) -> str:
    """Straight to the review where there is nothing to choose; else to the team's page, which offers the choice."""
    if len(product.variants) > 1:
        return href_of(team.token)
    query = urlencode({"way": "team", "team": team.token, "variant": product.variants[0].id, "quantity": 1})
    return f"{reverse('storefront:checkout')}?{query}"


def _paid_people(team: Team, persons: Mapping[int, Person]) -> tuple[parts.Person, ...]:
    return tuple(people.face(persons[seat.user_id]) for seat in team.seats if seat.state in PAID)


def page(
    team: Team,
    *,
    product: Product,
    shop: parts.Person,
    persons: Mapping[int, Person],
    campaign: Campaign,
    choices: tuple[parts.Choice, ...],
    variant_id: int,
    viewer_id: int | None,
    has_arrived: bool,
    leader_earns: bool,
    share_url: str,
    now: datetime,
) -> TeamPage:
    """The page of a team for one reader.

    Args: has_arrived: the reader's payment is captured; share_url: where the reader's friends should come in.
    """
    variant = next(each for each in product.variants if each.id == variant_id)
    price_team = variant.team_price or variant.price
    seat = seat_of(team, viewer_id)
    is_forming = team.state is TeamState.FORMING
    runs = is_forming and team.expires_at is not None and team.expires_at > now
    is_in = holds_place(seat)
    return TeamPage(
        token=team.token,
        href=href_of(team.token),
        product=lines.product_line(product, shop.name),
        shop=shop,
        headline=_headline(team, seat, persons, runs=runs),
        explanation=_explanation(team, seat, runs=runs),
        state=team.state.value,
        people=_everyone(team, persons),
        free=team.free if is_forming else 0,
        size=team.size,
        paid=team.paid,
        was_waived=team.was_waived,
        deadline=team.expires_at if is_forming else None,
        ended_at=team.ended_at,
        price_alone=variant.price,
        price_team=price_team,
        my_seat=_my_seat(seat, has_arrived=has_arrived) if seat else None,
        can_join=runs and not is_in and team.free > 0,
        is_full_for_now=runs and not is_in and team.free == 0,
        choices=choices,
        variant_id=variant_id,
        max_quantity=campaign.max_per_order,
        share_url=share_url,
        share_title=lines.title_of(product),
        pass_phrase=_pass_phrase(team, product, price_team, variant.price, share_url),
        leader_earns=leader_earns,
        mark=_mark(team, seat, has_arrived=has_arrived, runs=runs),
        is_live=is_forming or (seat is not None and seat.state in (SeatState.HELD, SeatState.REFUND_DUE)),
    )


def _mark(team: Team, seat: Seat | None, *, has_arrived: bool, runs: bool) -> str:
    mine = seat.state.value if seat else ""
    return f"{team.state.value}-{team.taken}-{team.paid}-{mine}-{int(has_arrived)}-{int(runs)}"


def _my_seat(seat: Seat, *, has_arrived: bool) -> MySeat:
    return MySeat(
        is_leader=seat.is_leader,
        state=seat.state.value,
        order_no=seat.order_no,
        order_href=reverse("storefront:order", args=[seat.order_no]),
        pay_href=reverse("storefront:pay", args=[seat.order_no]),
        held_until=seat.held_until,
        is_arriving=has_arrived and seat.state is SeatState.HELD,
    )


def _everyone(team: Team, persons: Mapping[int, Person]) -> tuple[parts.Person, ...]:
    """Who is in, the leader first; of an ended team, who was in."""
    shown = PAID | {SeatState.HELD} if team.state in (TeamState.FORMING, TeamState.FORMED) else PAID | GIVEN_BACK
    seats = sorted((seat for seat in team.seats if seat.state in shown), key=lambda seat: (not seat.is_leader, seat.id))
    return tuple(people.face(persons[seat.user_id], _part_of(seat)) for seat in seats)


def _part_of(seat: Seat) -> str:
    if seat.state is SeatState.HELD:
        return _("Paying now")
    return _("Leader") if seat.is_leader else ""


def _headline(team: Team, seat: Seat | None, persons: Mapping[int, Person], *, runs: bool) -> str:
    if team.state is TeamState.FORMED:
        return _("The team is complete") if not team.was_waived else _("The shop let this team pass")
    if team.state is TeamState.EXPIRED or (team.state is TeamState.FORMING and team.expires_at and not runs):
        return _("Time ran out for this team")
    if team.state is TeamState.CANCELLED:
        return _("This team was dissolved")
    if team.expires_at is None:
        return _("Pay, and your team begins")
    if seat and seat.state is SeatState.PAID:
        return ngettext(
            "You are in. %(n)s more person and it is done", "You are in. %(n)s more people and it is done", team.missing
        ) % {"n": team.missing}
    return ngettext("%(name)s needs %(n)s more person", "%(name)s needs %(n)s more people", team.missing) % {
        "n": team.missing,
        "name": names.name_of(persons[team.leader_id]),
    }


def _explanation(team: Team, seat: Seat | None, *, runs: bool) -> str:
    had_paid = seat is not None and seat.state in GIVEN_BACK
    if team.state is TeamState.FORMED and team.was_waived:
        return _("Only %(paid)s of %(size)s came together, and the shop sends at the team price all the same.") % {
            "paid": team.paid,
            "size": team.size,
        }
    if team.state is TeamState.FORMED:
        return _("Everyone has paid. The shop sends to each of you.")
    if team.state in (TeamState.EXPIRED, TeamState.CANCELLED) and had_paid:
        return ""
    if team.state in (TeamState.EXPIRED, TeamState.CANCELLED):
        return _("Everyone who had paid gets all of it back.")
    if team.state is TeamState.FORMING and team.expires_at is not None and not runs:
        return _("We are closing it now; whoever has paid gets all of it back.")
    if team.expires_at is None:
        return _("The clock starts when your payment arrives. Then you can invite friends.")
    return _("If it is not complete in time, everyone gets all of their money back.")


def _pass_phrase(team: Team, product: Product, price_team: Money, price_alone: Money, url: str) -> str:
    facts = {
        "title": lines.title_of(product),
        "team": money(price_team, "short"),
        "alone": money(price_alone, "short"),
        "n": team.missing,
        "url": url,
    }
    return (
        ngettext(
            "[Wuyou] %(title)s: %(team)s together, %(alone)s alone. %(n)s more person and we are done: %(url)s",
            "[Wuyou] %(title)s: %(team)s together, %(alone)s alone. %(n)s more people and we are done: %(url)s",
            team.missing,
        )
        % facts
    )
