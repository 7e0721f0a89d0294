"""What is written down in `world/present.toml`, as lives that the simulated clock lives through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from wuyou.domains.orders.operations import PAY_WITHIN
from wuyou.surfaces.cli.demo.town import Town
from wuyou.surfaces.cli.demo.world import Purchase, RunningTeam, World, variant_of
from wuyou.surfaces.cli.replay.script import Life, Wait
from wuyou.surfaces.cli.replay.simulated import Beginning

FIRST_NUMBER = -1
"""Scenes count down from here, records up from 0."""


def beginnings(world: World, town: Town, now: datetime) -> Iterator[Beginning]:
    """Every scene, so that it stands at `now` as it is written down."""
    hours = {product.called: product.team.hours for product in world.products if product.team}
    number = FIRST_NUMBER
    for team in world.teams:
        open_for = timedelta(hours=hours[variant_of(team.product)[0]]) - timedelta(minutes=team.minutes_left)
        yield Beginning(now - open_for, number, fill_team(team, town))
        number -= 1
    for purchase in world.purchases:
        yield Beginning(now - timedelta(hours=purchase.hours_ago), number, buy(purchase, town))
        number -= 1


def fill_team(team: RunningTeam, town: Town) -> Life:
    """Open a team; friends follow the leader's link and join, some without paying yet."""
    good = town.good_of(team.product)
    opened = town.open_team(town.number_of(team.leader), good, 0)
    town.pay(opened)
    token = opened.team_token
    seats = sorted({**team.joined, **team.unpaid}.items(), key=lambda seat: seat[1])
    passed = 0
    for handle, minutes in seats:
        yield Wait(timedelta(minutes=minutes - passed), lambda: town.link_of(token))
        passed = minutes
        person = town.number_of(handle)
        town.click(person, town.link_of(token) or "")
        if handle in team.unpaid:
            town.hold_seat(handle, team.product, token, timedelta(days=1))
        else:
            town.pay(town.join_team(person, good, token))
    return token


def buy(purchase: Purchase, town: Town) -> Life:
    """Order alone, and what follows. The refund is the shop's."""
    if purchase.via:
        town.follow_link(purchase.buyer, purchase.via, next(iter(purchase.goods)))
    pay_within = PAY_WITHIN if purchase.pay_within is None else timedelta(hours=purchase.pay_within)
    bought = town.order(purchase.buyer, purchase.goods, pay_within)
    verbs: dict[str, Callable[[], None]] = {
        "pay": lambda: town.pay(bought),
        "ship": lambda: town.ship(bought),
        "receive": lambda: town.receive(bought),
        "refund": lambda: town.refund(bought, purchase.refund_minor),
    }
    passed = 0.0
    for step, hours in sorted(purchase.steps.items(), key=lambda each: each[1]):
        yield Wait(timedelta(hours=hours - passed))
        passed = hours
        verbs[step]()
    return ""
