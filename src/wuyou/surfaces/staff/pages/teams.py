"""How do the teams stand, and what should become of one?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.groupbuy import operations, queries
from wuyou.domains.groupbuy.types import Campaign, Seat, SeatState, Team, TeamState
from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import Order
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.paging import MAX_PAGE, Page
from wuyou.surfaces.staff import words
from wuyou.surfaces.staff.access import actor_of, handle_once, new_key, staff_only
from wuyou.surfaces.staff.viewmodels import Confirmation, in_language, known_facts, person_part, show
from wuyou.surfaces.ui import context as ui_context
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage
from wuyou.surfaces.ui.templatetags.ui import countdown_to

ENDING_SOON: Final = timedelta(hours=2)
_ENDING: Final = "ending"


@staff_only
@require_safe
def teams(request: HttpRequest) -> HttpResponseBase:
    now = utc_now()
    trail = lists.trail_of(request)
    state = request.GET.get("state", "")
    if lists.wants_csv(request):
        return _export(request, state, now)
    page = _read(request, state, now, trail.cursor, lists.PAGE_SIZE)
    view = ListPage(
        title=_("Teams"),
        intro=_("People who buy together: how many have paid, and how long the others have."),
        table=team_table(request, page.items, now, by_end=state == _ENDING),
        empty=_empty(state),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=_tabs(request, state),
        actions=(lists.export_action(request),),
    )
    return show(request, "list", "teams", view=view, now=now)


def _read(request: HttpRequest, state: str, now: datetime, cursor: int | None, limit: int) -> Page[Team]:
    if state == _ENDING:
        return Page(queries.list_ending_teams(now, now + ENDING_SOON), None)
    known = state if state in {s.value for s in TeamState} else ""
    return queries.list_teams(cursor=cursor, limit=limit, state=known, oldest_first=lists.is_oldest_first(request))


def _tabs(request: HttpRequest, state: str) -> tuple[parts.Tab, ...]:
    counts = queries.count_teams_by_state()
    tabs = [parts.Tab(_("All"), lists.href(request, state=""), not state, sum(counts.values()))]
    for team_state, (label, _tone) in words.TEAM.items():
        value = team_state.value
        tabs.append(parts.Tab(str(label), lists.href(request, state=value), state == value, counts.get(value, 0)))
    tabs.insert(2, parts.Tab(_("Ending soon"), lists.href(request, state=_ENDING), state == _ENDING))
    return tuple(tabs)


def _empty(state: str) -> parts.Empty:
    if state == _ENDING:
        return parts.Empty(_("No team ends within two hours"), _("Nothing to decide here now."), "tea")
    if state:
        return parts.Empty(_("No team in this state"), _("Look at another state, or at all of them."), "tent")
    return parts.Empty(
        _("No teams yet"),
        _("A team appears here when a buyer opens one; it can be joined once its leader has paid."),
        "tent",
    )


def team_table(request: HttpRequest, teams: Sequence[Team], now: datetime, *, by_end: bool = False) -> parts.Table:
    """Teams as rows. Cost: three queries."""
    products = catalog.products_by_id(team.product_id for team in teams)
    leaders = identity.persons_by_id(team.leader_id for team in teams)
    opened = parts.Column(_("Opened")) if by_end else lists.time_column(request, _("Opened"))
    return parts.Table(
        _("Teams"),
        (
            parts.Column(_("Product")),
            parts.Column(_("Leader")),
            parts.Column(_("Paid"), numeric=True),
            parts.Column(_("State")),
            parts.Column(_("Time left")),
            opened,
        ),
        tuple(
            parts.Row(
                (
                    in_language(products[team.product_id].title, products[team.product_id].title_en),
                    person_part(leaders.get(team.leader_id)),
                    _("%(paid)d of %(size)d") % {"paid": team.paid, "size": team.size},
                    team_chip(team),
                    _time_left(team, now),
                    team.opened_at,
                ),
                reverse("staff:team", args=[team.token]),
            )
            for team in teams
        ),
    )


def team_chip(team: Team) -> parts.Chip:
    """The state of a team; one that the seller let pass says so."""
    if team.was_waived:
        return parts.Chip(_("Formed, waived"), "jade")
    return words.chip(words.TEAM[team.state])


def _time_left(team: Team, now: datetime) -> str:
    if team.state is not TeamState.FORMING:
        return ""
    return countdown_to(team.expires_at, now) if team.expires_at else _("Leader has not paid")


def _export(request: HttpRequest, state: str, now: datetime) -> HttpResponseBase:
    header = ("team", "product_id", "leader_id", "size", "taken", "paid", "state", "was_waived", "opened_at",
              "expires_at", "ended_at")  # fmt: skip
    found = lists.all_items(lambda cursor: _read(request, state, now, cursor, MAX_PAGE))
    rows = (
        (t.token, t.product_id, t.leader_id, t.size, t.taken, t.paid, t.state.value, t.was_waived, t.opened_at,
         t.expires_at, t.ended_at)
        for t in found
    )  # fmt: skip
    return lists.csv_answer("teams", header, rows)


# ---------------------------------------------------------------- one team


@staff_only
@require_safe
def team(request: HttpRequest, token: str) -> HttpResponse:
    now = utc_now()
    found = queries.get_team(token)
    product = catalog.products_by_id([found.product_id])[found.product_id]
    campaign = queries.get_campaign(found.campaign_id)
    bought = orders.orders_by_id([seat.order_id for seat in found.seats])
    people = identity.persons_by_id([found.leader_id, *(seat.user_id for seat in found.seats)])
    return show(
        request,
        "team",
        "teams",
        now=now,
        team=found,
        title=in_language(product.title, product.title_en),
        state=team_chip(found),
        actions=_actions(found, now),
        seats=_seat_table(found, bought, people),
        facts=_facts(found, campaign, people),
        forms_in_time=found.state is TeamState.FORMING and found.expires_at is not None and found.expires_at > now,
    )


def _actions(team: Team, now: datetime) -> tuple[parts.Action, ...]:
    if team.state is not TeamState.FORMING:
        return ()
    dissolve = parts.Action(_("Dissolve"), reverse("staff:dissolve", args=[team.token]), "quiet")
    if not team.paid or team.expires_at is None or team.expires_at <= now:
        return (dissolve,)
    return (dissolve, parts.Action(_("Let it pass"), reverse("staff:waive", args=[team.token])))


def _seat_table(team: Team, bought: Mapping[int, Order], people: Mapping[int, Person]) -> parts.Table:
    def row(seat: Seat) -> parts.Row:
        order = bought[seat.order_id]
        is_held = seat.state is SeatState.HELD
        return parts.Row(
            (
                person_part(people.get(seat.user_id), _("Leader") if seat.is_leader else ""),
                words.chip(words.SEAT[seat.state]),
                parts.Link(seat.order_no, reverse("staff:order", args=[seat.order_no])),
                order.total,
                seat.held_until if is_held else order.paid_at,
            )
        )

    columns = (
        parts.Column(_("Person")),
        parts.Column(_("Seat")),
        parts.Column(_("Order")),
        parts.Column(_("Amount"), numeric=True),
        parts.Column(_("Paid, or kept until")),
    )
    return parts.Table(_("Seats"), columns, tuple(row(seat) for seat in team.seats))


def _facts(team: Team, campaign: Campaign, people: Mapping[int, Person]) -> tuple[parts.Fact, ...]:
    limit = campaign.max_per_person
    return known_facts(
        parts.Fact(_("Leader"), person_part(people.get(team.leader_id))),
        parts.Fact(_("Opened"), team.opened_at),
        parts.Fact(_("Ends"), team.expires_at),
        parts.Fact(_("Ended"), team.ended_at),
        parts.Fact(_("Seats taken"), _("%(taken)d of %(size)d") % {"taken": team.taken, "size": team.size}),
        parts.Fact(_("Most in one order"), campaign.max_per_order),
        parts.Fact(_("Most for one person"), limit if limit is not None else _("No limit")),
        parts.Fact(_("New buyers only"), campaign.new_buyers_only),
        parts.Fact(_("Team link"), parts.Link(f"/t/{team.token}", f"/t/{team.token}")),
    )


# ---------------------------------------------------------------- decisions


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def waive(request: HttpRequest, token: str) -> HttpResponse:
    now = utc_now()
    found = queries.get_team(token)
    if request.method != "POST":
        return _confirm(request, _waive_view(found))
    try:
        handle_once(request, lambda: operations.waive_rest(actor=actor_of(request), team_id=found.id, now=now), now)
    except DomainError as refused:
        return _confirm(request, _waive_view(found), refused)
    messages.success(request, _("The team has formed. Its paid orders go to the shop now."))
    return HttpResponseRedirect(reverse("staff:team", args=[token]))


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def dissolve(request: HttpRequest, token: str) -> HttpResponse:
    now = utc_now()
    found = queries.get_team(token)
    if request.method != "POST":
        return _confirm(request, _dissolve_view(found))
    try:
        handle_once(request, lambda: operations.cancel_team(actor=actor_of(request), team_id=found.id, now=now), now)
    except DomainError as refused:
        return _confirm(request, _dissolve_view(found), refused)
    messages.success(request, _("The team is dissolved. Whoever paid gets the money back."))
    return HttpResponseRedirect(reverse("staff:team", args=[token]))


def _confirm(request: HttpRequest, view: Confirmation, refused: DomainError | None = None) -> HttpResponse:
    status = ui_errors.status_of(refused) if refused else 200
    refusal = ui_errors.text_of(refused) if refused else ""
    if ui_context.asks_for_sheet(request):
        told = {"view": view, "key": new_key(), "base": "ui/sheet_fragment.html"}
        return render(request, "staff/confirm.html", told)
    return show(
        request, "confirm", "teams", status, view=view, key=new_key(), refusal=refusal, base="staff/sheet_page.html"
    )


def _waive_view(team: Team) -> Confirmation:
    text = ngettext(
        "It forms with %(count)d person: the paid order goes to the shop, and the money to its escrow. "
        "Everyone can see that it was let pass. This cannot be undone.",
        "It forms with %(count)d people: their paid orders go to the shop, and the money to its escrow. "
        "Everyone can see that it was let pass. This cannot be undone.",
        team.paid,
    )
    return Confirmation(
        title=_("Let this team pass?"),
        text=text % {"count": team.paid},
        facts=_outcome(team, _("Become final"), _("May still pay until their time is over")),
        label=_("Let it pass"),
        back_href=reverse("staff:team", args=[team.token]),
        back_label=_("Back to the team"),
    )


def _dissolve_view(team: Team) -> Confirmation:
    return Confirmation(
        title=_("Dissolve this team?"),
        text=_("Everyone who paid gets all of it back, and unpaid orders are closed. This cannot be undone."),
        facts=_outcome(team, _("To be refunded"), _("To be closed")),
        label=_("Dissolve the team"),
        back_href=reverse("staff:team", args=[team.token]),
        back_label=_("Back to the team"),
    )


def _outcome(team: Team, paid_label: str, held_label: str) -> tuple[parts.Fact, ...]:
    bought = orders.orders_by_id([seat.order_id for seat in team.seats])
    paid = [seat for seat in team.seats if seat.state is SeatState.PAID]
    held = [seat for seat in team.seats if seat.state is SeatState.HELD]
    facts = [
        parts.Fact(paid_label, _orders(len(paid))),
        parts.Fact(held_label, _orders(len(held))),
    ]
    amounts = [bought[seat.order_id].total - bought[seat.order_id].refunded for seat in paid]
    if amounts:
        facts.append(parts.Fact(_("Amount"), sum(amounts[1:], amounts[0]), total=True))
    return tuple(facts)


def _orders(count: int) -> str:
    return ngettext("%(count)d order", "%(count)d orders", count) % {"count": count}
