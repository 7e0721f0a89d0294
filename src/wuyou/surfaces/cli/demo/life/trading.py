"""The town buys: teams are opened, joined and left to run out, things are bought alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product, Variant
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.groupbuy import queries as teams
from wuyou.domains.groupbuy.types import Campaign, TakenSeat, Team
from wuyou.domains.inventory import queries as inventory
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as bought
from wuyou.domains.orders.types import FulfilmentState, LineDraft, OrderKind, PaymentState
from wuyou.domains.payments import errors as payments_errors
from wuyou.kernel.actor import Actor
from wuyou.surfaces.checkout.paying import pay
from wuyou.surfaces.cli.demo.life.neighbours import Neighbours, who_may_meet
from wuyou.surfaces.cli.demo.life.plans import Plan
from wuyou.surfaces.cli.demo.life.rhythm import Moment, draw

MANY_TEAMS = 16
"""While so many can be joined, nobody opens another."""
_FEW_TEAMS = 7
"""While there are no more, nobody joins those that the town has among itself: a visitor finds some to join."""
_LEFT_ALONE = 3
"""Every so manieth team of the town is left to run out of time."""
_KEEN_FOR = timedelta(hours=1)
"""So long after the last that happened in a visitor's team the town is keen to join it; then it is like any other."""
_MOST_WAITING = 12
"""A shop whose keeper may be somebody real is bought from until so many orders wait to be sent."""


def join_guests_team(moment: Moment) -> Plan | None:
    """Join the team of a visitor, half a minute to a minute and a half after the last that happened in it."""
    for team in teams.list_running_teams(moment.now, limit=100):
        if moment.neighbours.is_guest(team.leader_id) and _is_awaited(team, moment.now):
            plan = _join(moment, team)
            if plan is not None:
                return plan
    return None


def join_team(moment: Moment) -> Plan | None:
    """Join a team that the town has among itself, or one that a visitor opened long ago."""
    running = teams.list_running_teams(moment.now, limit=100)
    if len(running) <= _FEW_TEAMS:
        return None
    team = moment.pick("team", [team for team in running if draw(f"{team.token}/fate", _LEFT_ALONE)])
    return _join(moment, team) if team else None


def open_team(moment: Moment) -> Plan | None:
    """Open a team for something that no team is open for yet."""
    running = teams.list_running_teams(moment.now, limit=100)
    if len(running) >= MANY_TEAMS:
        return None
    free = sorted(set(moment.neighbours.products.values()) - {team.product_id for team in running})
    campaign = moment.pick("campaign", list(teams.campaigns_by_product(free, moment.now).values()))
    if campaign is None or not _is_welcome(moment.neighbours, campaign.product_id):
        return None
    product = catalog.get_product(campaign.product_id)
    variant = _variant(moment, product, is_team=True)
    leader = moment.pick("leader", _buyers(moment.neighbours, {moment.neighbours.seller_of[product.id]}))
    if variant is None or leader is None:
        return None

    def deed() -> TakenSeat:
        return groupbuy.open_team(
            actor=Actor(leader), campaign_id=campaign.id, variant_id=variant.id, quantity=1, now=moment.now
        )

    return Plan("open_team", deed, lambda taken: _pay(leader, taken.order_no, moment.now))


def buy_alone(moment: Moment) -> Plan | None:
    """Buy something at the price alone."""
    product_id = moment.pick("product", sorted(moment.neighbours.products.values()))
    if product_id is None or not _is_welcome(moment.neighbours, product_id):
        return None
    variant = _variant(moment, catalog.get_product(product_id), is_team=False)
    buyer = moment.pick("buyer", _buyers(moment.neighbours, {moment.neighbours.seller_of[product_id]}))
    if variant is None or buyer is None:
        return None
    lines = [LineDraft(variant.id, 1)]

    def deed() -> str:
        return orders.place_order(actor=Actor(buyer), lines=lines, kind=OrderKind.ALONE, now=moment.now).order_no

    return Plan("buy_alone", deed, lambda order_no: _pay(buyer, order_no, moment.now))


def _is_awaited(team: Team, now: datetime) -> bool:
    """Whether it is time for the next to join: some pause after the last payment or order in the team."""
    seats = bought.orders_by_id([seat.order_id for seat in team.seats]).values()
    last = max((order.paid_at or order.placed_at for order in seats), default=team.opened_at)
    pause = timedelta(seconds=30 + draw(f"{team.token}/{team.taken}", 60))
    return pause <= now - last < _KEEN_FOR


def _join(moment: Moment, team: Team) -> Plan | None:
    campaign = teams.get_campaign(team.campaign_id)
    product = catalog.get_product(team.product_id)
    seller = catalog.get_shop(product.shop_id).owner_id
    taken = {seat.user_id for seat in team.seats} | {seller}
    met = set(who_may_meet(moment.neighbours, team.leader_id, taken))
    person = moment.pick("joiner", [each for each in _joiners(moment.neighbours, campaign) if each in met])
    variant = _variant(moment, product, is_team=True)
    if person is None or variant is None:
        return None

    def deed() -> TakenSeat:
        if team.link_token:
            alliance.record_click(token=team.link_token, visitor=f"demo{person}", user_id=person, now=moment.now)
        return groupbuy.join_team(
            actor=Actor(person), team_token=team.token, variant_id=variant.id, quantity=1, now=moment.now
        )

    return Plan("join_team", deed, lambda taken: _pay(person, taken.order_no, moment.now))


def _joiners(neighbours: Neighbours, campaign: Campaign) -> list[int]:
    if campaign.new_buyers_only:
        return [person for person in sorted(neighbours.newcomers) if not bought.has_paid_order(person)]
    return _buyers(neighbours, ())


def _buyers(neighbours: Neighbours, but: Collection[int]) -> list[int]:
    """Everyone who may buy anything: newcomers wait for a team of theirs, and nobody buys from themselves."""
    waiting = {person for person in neighbours.newcomers if not bought.has_paid_order(person)}
    return sorted(neighbours.ids - waiting - set(but))


def _variant(moment: Moment, product: Product, *, is_team: bool) -> Variant | None:
    sold = [each for each in product.variants if each.is_listed and (each.team_price or not is_team)]
    left = inventory.available_by_variant([each.id for each in sold])
    return moment.pick("variant", [each for each in sold if left[each.id] > 0])


def _is_welcome(neighbours: Neighbours, product_id: int) -> bool:
    """Whether another order does not bury the shop: the town's keepers send by themselves, others may not."""
    if neighbours.seller_of[product_id] in neighbours.ids:
        return True
    shop_id = catalog.get_product(product_id).shop_id
    waiting = bought.list_orders_of_shop(
        shop_id, payment=PaymentState.PAID, fulfilment=(FulfilmentState.READY,), limit=_MOST_WAITING
    )
    return len(waiting.items) < _MOST_WAITING


def _pay(person: int, order_no: str, now: datetime) -> None:
    try:
        pay(actor=Actor(person), intent_no=order_no, now=now)
    except payments_errors.ProviderUnavailable:
        return  # the bank's answer was lost: its notice or our question will tell
